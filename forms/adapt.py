"""A list that stands on another one: what a mine may change of its bureau's list, and how an upgrade of that comes in.

The base's items stay as they are, or become stricter; everything that this module does not know how to compare must
be equal, so that a field added later is protected from the day it exists. The mine adds items and sections.
Both functions work on published JSON; the words are in changes.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.definition import Definition
from forms.diff import DEFAULTS, Words, field_words, sentence, shown
from forms.values import as_number

Json = Any
OFTEN = ("every", "shift", "day", "week", "month", "quarter", "year")
GRADES: Mapping[str, tuple[str, ...]] = {
    "severity": ("general", "major"),
    "risk": ("blue", "yellow", "orange", "red"),
    "evidence.photo": ("never", "on_fail", "always"),
    "evidence.note": ("never", "on_fail", "always"),
}
UPPER, LOWER = ("max", "below"), ("min", "above")


@dataclass(frozen=True, slots=True)
class Weakening:
    """Something of the base that the adapted list takes away or weakens. item: None for the head or a section."""

    code: str
    item: str | None = None
    params: Mapping[str, Words] = field(default_factory=dict)

    def say(self, language: str = "zh") -> str:
        return sentence(self.code, self.params, language)


def weakened(base: Definition, adapted: Definition) -> tuple[Weakening, ...]:
    """Every way in which `adapted` asks for less than `base`. Empty: it may be submitted."""
    old, new = base.to_json(), adapted.to_json()
    return (*_head(old, new), *_sections(old, new), *_items(old, new))


def _head(old: Json, new: Json) -> Iterator[Weakening]:
    for name in ("kind", "score"):
        if old.get(name) != new.get(name):
            yield Weakening("keep_head", params={"field": field_words(name)})
    for name, entry in old.get("parameters", {}).items():
        if new.get("parameters", {}).get(name) != entry:
            yield Weakening("keep_head", params={"field": entry["title"]})
    posts = set(old.get("applies_to", {}).get("posts", []))
    if posts - set(new.get("applies_to", {}).get("posts", [])):
        yield Weakening("keep_head", params={"field": field_words("applies_to.posts")})
    asked = {one["role"]: one.get("count", 1) for one in new.get("signatures", [])}
    for one in old.get("signatures", []):
        if asked.get(one["role"], 0) < one.get("count", 1):
            yield Weakening("keep_signature", params={"old": shown(one)})


def _sections(old: Json, new: Json) -> Iterator[Weakening]:
    present = {section["id"]: section for section in new["sections"]}
    for section in old["sections"]:
        label = {"section": section["title"]}
        mine = present.get(section["id"])
        if mine is None:
            yield Weakening("keep_section", params=label)
        elif any(mine.get(name) != section.get(name) for name in ("relevant", "repeat")):
            yield Weakening("keep_section_rules", params=label)


def _items(old: Json, new: Json) -> Iterator[Weakening]:
    present = {item["id"]: (section["id"], item) for section in new["sections"] for item in section["items"]}
    for section in old["sections"]:
        for item in section["items"]:
            label = {"item": item["text"]}
            where, mine = present.get(item["id"], (None, None))
            if mine is None:
                yield Weakening("keep_item", item["id"], label)
            elif where != section["id"]:
                yield Weakening("keep_item_in_section", item["id"], label | {"section": section["title"]})
            else:
                for name, was, now in _softer(item, mine):
                    words = label | {"field": field_words(name), "old": shown(was), "new": shown(now)}
                    yield Weakening("not_weaker", item["id"], words)


def _softer(old: Json, new: Json) -> Iterator[tuple[str, Json, Json]]:
    """(field, before, after) of what became weaker."""
    flat_old, flat_new = flat(old), flat(new)
    for name in dict.fromkeys((*flat_old, *flat_new)):
        was, now = flat_old.get(name, DEFAULTS.get(name)), flat_new.get(name, DEFAULTS.get(name))
        if was != now and not RULES.get(name, _equal)(was, now):
            yield name, was, now


def flat(item: Json) -> dict[str, Json]:
    """An item's fields, the parts of its groups one by one: `answer.limits`, `evidence.photo`."""
    parts: dict[str, Json] = {}
    for name, value in item.items():
        if name in ("answer", "evidence", "on_fail"):
            parts |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            parts[name] = value
    return parts


# May the field become this? By default it may not change at all.

Rule = Callable[[Json, Json], bool]


def _equal(old: Json, new: Json) -> bool:
    """Of a text the Chinese counts (中文为准)."""
    if isinstance(old, dict) and isinstance(new, dict) and "zh" in old and "zh" in new:
        return bool(old["zh"] == new["zh"])
    return bool(old == new)


def _grade(name: str) -> Rule:
    def not_lower(old: Json, new: Json) -> bool:
        grades = GRADES[name]
        return old is None or (new in grades and grades.index(new) >= grades.index(old))

    return not_lower


def _as_often(old: Json, new: Json) -> bool:
    """After an event is after that event, or every time."""
    if old in OFTEN and new in OFTEN:
        return OFTEN.index(new) <= OFTEN.index(old)
    return bool(new == "every")


def _at_least_all(old: Json, new: Json) -> bool:
    return all(entry in (new or []) for entry in old or [])


def _at_most_all(old: Json, new: Json) -> bool:
    return all(entry in (old or []) for entry in new or [])


def _danger(old: Json, new: Json) -> bool:
    """None of the base's may go; a threshold may come nearer: `. > 50` → `. > 40`."""
    if old is None:
        return True
    if new is None or {**old, "when": 0} != {**new, "when": 0}:
        return False
    was, now = _threshold(old["when"]), _threshold(new["when"])
    if was is None or now is None or was[0] != now[0]:
        return False
    return now[1] <= was[1] if was[0] in (">", ">=") else now[1] >= was[1] if was[0] in ("<", "<=") else False


def _threshold(tree: Json) -> tuple[str, float] | None:
    match tree:
        case {"op": str(op), "args": [{"self": True}, bound]} if as_number(bound) is not None:
            return op, float(bound)
    return None


def _limits(old: Json, new: Json) -> bool:
    """Whatever the new limits let pass, the old ones did; cases stay, each as strict."""
    fresh = new or []
    plain = [limit for limit in fresh if "by" not in limit]
    cases = {
        (limit["by"]["param"], case["id"]): case["limits"]
        for limit in fresh
        if "by" in limit
        for case in limit["by"]["cases"]
    }
    for limit in old or []:
        if "by" not in limit:
            if not _implied(limit, plain):
                return False
            continue
        for case in limit["by"]["cases"]:
            mine = cases.get((limit["by"]["param"], case["id"]))
            if mine is None or not all(_implied(one, [*plain, *mine]) for one in case["limits"]):
                return False
    return True


def _implied(limit: Json, by: list[Json]) -> bool:
    """Does one of these bounds, or the same design value, make sure of this one?"""
    return any(one == limit or _stricter(one, limit) for one in by)


def _stricter(one: Json, than: Json) -> bool:
    [(bound, written)], [(old, was)] = one.items(), than.items()
    value, limit = as_number(written), as_number(was)
    alike = bound in (old, "equals") or any(bound in side and old in side for side in (UPPER, LOWER))
    if value is None or limit is None or not alike:
        return False
    if value == limit:  # of the same number, `below` keeps `max`, and `max` does not keep `below`
        return old in ("max", "min")
    if old in LOWER:
        return value > limit
    return old in (*UPPER, "max_age_days") and value < limit


RULES: Mapping[str, Rule] = {
    **{name: _grade(name) for name in GRADES},
    "frequency": _as_often,
    "season": lambda _old, new: new is None,
    "required": lambda _old, new: new is True,
    "evidence.waivable": lambda _old, new: new is False,
    "evidence.max_photos": lambda old, new: new >= old,
    "evidence.not_in": _at_most_all,
    "on_fail.hazard": lambda _old, new: new is True,
    "on_fail.document": lambda old, _new: old is None,
    "major_ref": lambda old, _new: old is None,
    "basis": _at_least_all,
    "method": lambda old, _new: old is None,
    "explain": lambda _old, _new: True,
    "constraint": lambda old, _new: old is None,
    "danger": _danger,
    "answer.limits": _limits,
}
