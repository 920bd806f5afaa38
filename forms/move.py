"""A draft goes from the version it was begun with to another one: what comes along, what is kept aside, what is new.

Moving is an explicit act of the person who fills it, and loses nothing: an answer that the other version has no place
for is kept beside the answers, with the reason. Twin of pwa/src/forms/move.ts; same vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Json = Any
Why = Literal["removed", "type", "unit", "option", "repeat", "unreadable"]
UNANSWERED = ("note", "calculated")
# What a person answered to: if one of these reads otherwise now, he looks at his answer again.
ASKED = ("text", "standard", "method", "answer", "danger", "constraint", "required", "evidence")


@dataclass(frozen=True, slots=True)
class Kept:
    answer: Json
    why: Why


@dataclass(frozen=True, slots=True)
class Plan:
    """carried: answers by key, as they were.  kept: those without a place, by key.

    again: items whose answer is carried though the item reads otherwise now.  added: items that were not there before.
    Both in the order of the new list.
    """

    carried: dict[str, Json]
    kept: dict[str, Kept]
    again: tuple[str, ...]
    added: tuple[str, ...]


def plan(old: Json, new: Json, answers: object) -> Plan:
    """What moving these answers from one version to the other would do. Pure and total.

    old, new: published JSON of the definitions.  answers: item id, or `<item>@<row>` in a repeated section → answer; an
    answer that was taken back (null) is nothing to carry.
    """
    before, after = _items(old), _items(new)
    carried: dict[str, Json] = {}
    kept: dict[str, Kept] = {}
    moved: set[str] = set()
    for key, answer in answers.items() if isinstance(answers, dict) else ():
        name, _, row = str(key).partition("@")
        if answer is None:
            continue
        why = _hindrance(before.get(name), after.get(name), bool(row), answer)
        if why is None:
            carried[key] = answer
            moved.add(name)
        else:
            kept[key] = Kept(answer, why)
    again = tuple(key for key in after if key in moved and _reads(before[key][0]) != _reads(after[key][0]))
    added = tuple(
        key for key, (item, _) in after.items() if key not in before and item["answer"]["type"] != "note"
    )
    return Plan(carried, kept, again, added)


def _hindrance(
    old: tuple[Json, bool] | None, new: tuple[Json, bool] | None, in_row: bool, answer: Json
) -> Why | None:
    """Why this answer has no place in the new version; None where it has."""
    if old is None or new is None:
        return "removed"
    if not isinstance(answer, dict):
        return "unreadable"
    was, now = old[0]["answer"], new[0]["answer"]
    if was["type"] != now["type"] or now["type"] in UNANSWERED:
        return "type"
    if new[1] != in_row:
        return "repeat"
    if was.get("unit") != now.get("unit"):
        return "unit"
    if now["type"] in ("choice", "choices") and not _offered(answer.get("value"), now["options"]):
        return "option"
    return None


def _offered(value: Json, options: list[Json]) -> bool:
    known = [option["id"] for option in options]
    return all(
        one in known for one in (value if isinstance(value, list) else [] if value is None else [value])
    )


def _items(form: Json) -> dict[str, tuple[Json, bool]]:
    """Every item by id, and whether it stands in a repeated section."""
    return {
        item["id"]: (item, "repeat" in section) for section in form["sections"] for item in section["items"]
    }


def _reads(item: Json) -> Json:
    return {name: _chinese(item[name]) for name in ASKED if name in item}


def _chinese(value: Json) -> Json:
    """Without translations: a mended word of English is nothing to answer anew."""
    if isinstance(value, dict):
        if isinstance(value.get("zh"), str):
            return value["zh"]
        return {key: _chinese(inner) for key, inner in value.items()}
    return [_chinese(inner) for inner in value] if isinstance(value, list) else value
