"""What changed between two versions of a checklist, as plain sentences that a person can read before he signs.

Works on the published JSON, so that a field which this module has no words for is still told as changed: nothing of a
definition can change silently. Items are matched by their id. The words are in changes.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from forms.definition import Definition
from forms.expression import written
from forms.values import as_number, show

Json = Any
Words = Mapping[str, str]
Labels = dict[str, Words]
_Items = dict[str, tuple[str, Json]]  # id -> its section and itself
LANGUAGES = ("zh", "en")
COMMA = {"zh": "、", "en": ", "}

# What a field says when it is left out; the published form leaves defaults out.
DEFAULTS: Mapping[str, Json] = {
    "required": True,
    "severity": "general",
    "frequency": "every",
    "weight": 1,
    "score.full": 100,
    "evidence.photo": "never",
    "evidence.note": "never",
    "evidence.max_photos": 4,
    "evidence.waivable": True,
    "on_fail.hazard": False,
    "fails": False,
    "correct": False,
}
SIGNS = {"min": "≥", "above": "＞", "max": "≤", "below": "＜", "equals": "=", "max_age_days": "≤"}
# Groups whose parts are told one by one.
GROUPS = ("evidence", "on_fail", "danger", "constraint", "applies_to", "score")
LISTS = (
    "applies_to.mine_types",
    "applies_to.posts",
    "applies_to.roles",
    "header",
    "score.veto",
    "evidence.not_in",
)
LOWERED = ("limit_lowered", "limit_raised")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different. item, section: the id it belongs to, None for the head.

    code: a sentence of changes.json.  params: what stands in its {names}, in every language.
    """

    code: str
    item: str | None = None
    section: str | None = None
    params: Mapping[str, Words] = field(default_factory=dict)

    def say(self, language: str = "zh") -> str:
        return sentence(self.code, self.params, language)

    def to_json(self) -> dict[str, Json]:
        """{code, item, section, zh, en}: what an API answers and what a screen shows."""
        spoken = {language: self.say(language) for language in LANGUAGES}
        return {"code": self.code, "item": self.item, "section": self.section} | spoken


def sentence(code: str, params: Mapping[str, Words], language: str) -> str:
    """A sentence of changes.json with its {names} filled; a limit without a unit leaves no gap."""
    words = _words()["sentences"][code]
    said: str = words.get(language, words["zh"])
    for name, value in params.items():
        said = said.replace("{" + name + "}", value.get(language, value["zh"]))
    return said.replace("  ", " ").rstrip()


def diff(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Every change from one definition to another, head first, then the items in the order of the new list.

    Empty for equal definitions only: a change that has no words of its own is told as "something else was changed".
    """
    return compare(old.to_json(), new.to_json())


def compare(old: Json, new: Json) -> tuple[Change, ...]:
    """As `diff`, of two published forms."""
    if old == new:
        return ()
    found = (*_head(old, new), *_sections(old, new), *_items(old, new))
    return found or (Change("head_other"),)


def _head(old: Json, new: Json) -> Iterator[Change]:
    for name, before, after in _fields(old, new, leave=("title", "sections")):
        label = {"field": field_words(name)}
        parts = list(_parts(before or [], after or [], label)) if name in LISTS else []
        if name == "parameters":
            parts = list(_parameters(before or {}, after or {}))
        yield from parts or [Change("head", params=label | {"old": shown(before), "new": shown(after)})]
    if old["title"] != new["title"]:
        if old["title"]["zh"] == new["title"]["zh"]:
            yield Change("translation", params={"item": new["title"]})
        else:
            yield Change("title", params={"old": old["title"], "new": new["title"]})


def _parts(old: list[Json], new: list[Json], label: Labels) -> Iterator[Change]:
    for entry in old:
        if entry not in new:
            yield Change("head_removed", params=label | {"old": shown(entry)})
    for entry in new:
        if entry not in old:
            yield Change("head_added", params=label | {"new": shown(entry)})


def _parameters(old: Json, new: Json) -> Iterator[Change]:
    label = {"field": field_words("parameters")}
    for key, entry in old.items():
        if key not in new:
            yield Change("head_removed", params=label | {"old": entry["title"]})
    for key, entry in new.items():
        if key not in old:
            yield Change("head_added", params=label | {"new": entry["title"]})
        elif entry != old[key]:
            yield Change("parameter", params={"old": _parameter(old[key]), "new": _parameter(entry)})


def _parameter(entry: Json) -> Words:
    unit = f" ({entry['unit']})" if entry.get("unit") else ""
    return {language: word + unit for language, word in shown(entry["title"]).items()}


def _sections(old: Json, new: Json) -> Iterator[Change]:
    before = {section["id"]: section for section in old["sections"]}
    after = {section["id"]: section for section in new["sections"]}
    for key in before.keys() - after.keys():
        yield Change("section_removed", section=key, params={"section": before[key]["title"]})
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])
    for key, section in after.items():
        label = {"section": section["title"]}
        if key not in before:
            yield Change("section_added", section=key, params=label)
            continue
        if key in moved:
            yield Change("section_moved", section=key, params=label)
        for name, was, now in _fields(before[key], section, leave=("id", "items")):
            yield _changed(
                "section_field", "section_set", "section_unset", name, was, now, label, section=key
            )


def _items(old: Json, new: Json) -> Iterator[Change]:
    before, after = _by_id(old), _by_id(new)
    titles = {section["id"]: section["title"] for section in (*old["sections"], *new["sections"])}
    for key, (section, item) in before.items():
        if key not in after:
            yield Change("item_removed", key, section, {"item": _name(item)})
    moved = _moved_inside(before, after)
    for key, (section, item) in after.items():
        label = {"item": _name(item)}
        if key not in before:
            yield Change("item_added", key, section, label)
            continue
        place, was = before[key]
        if place != section:
            names = {"old": titles[place], "new": titles[section]}
            yield Change("item_moved_to", key, section, label | names)
        elif key in moved:
            yield Change("item_moved", key, section, label)
        if was != item:
            changes = list(_item(was, item, label))
            for change in changes or [Change("item_other", params=label)]:
                yield Change(change.code, key, section, change.params)


def _item(old: Json, new: Json, label: Labels) -> Iterator[Change]:
    for name, before, after in _fields(old, new, leave=("id", "answer", "basis")):
        if name == "text" and before["zh"] != after["zh"]:
            yield Change("item_text", params={"old": before, "new": after})
        else:
            yield _changed("field", "field_set", "field_unset", name, before, after, label)
    yield from _basis(old.get("basis", []), new.get("basis", []), label)
    was, now = old["answer"], new["answer"]
    for name, before, after in _fields(was, now, leave=("limits", "options")):
        yield _changed("field", "field_set", "field_unset", f"answer.{name}", before, after, label)
    yield from _limits(was.get("limits", []), now.get("limits", []), label, now.get("unit", ""))
    yield from _options(was.get("options", []), now.get("options", []), label)


def _basis(old: list[Json], new: list[Json], label: Labels) -> Iterator[Change]:
    before, after = _verified(old), _verified(new)
    for name in before:
        if name not in after:
            yield Change("basis_removed", params=label | {"old": _same(name)})
    for name, verified in after.items():
        if name not in before:
            yield Change("basis_added", params=label | {"new": _same(name)})
        elif verified != before[name]:
            code = "basis_verified" if verified else "basis_unverified"
            yield Change(code, params=label | {"new": _same(name)})


def _verified(basis: list[Json]) -> dict[str, bool]:
    return {f"{one['code']} {one.get('clause', '')}".strip(): one["verified"] for one in basis}


def _limits(old: list[Json], new: list[Json], label: Labels, unit: str) -> Iterator[Change]:
    """Bounds that hold always, then those by case. The one bound that only moved is told as lowered or raised."""
    yield from _bounds([b for b in old if "by" not in b], [b for b in new if "by" not in b], label, unit)
    before, after = _cases(old), _cases(new)
    for key, case in before.items():
        if key not in after:
            yield Change("case_removed", params=label | {"case": case["text"]})
    for key, case in after.items():
        if key not in before:
            yield Change("case_added", params=label | {"case": case["text"]})
            continue
        name, of_case = shown(label["item"]), shown(case["text"])
        told = {"zh": f"{name['zh']}（{of_case['zh']}）", "en": f"{name['en']} ({of_case['en']})"}
        yield from _bounds(before[key]["limits"], case["limits"], {"item": told}, unit)


def _cases(limits: list[Json]) -> dict[tuple[str, str], Json]:
    return {(b["by"]["param"], case["id"]): case for b in limits if "by" in b for case in b["by"]["cases"]}


def _bounds(old: list[Json], new: list[Json], label: Labels, unit: str) -> Iterator[Change]:
    gone, come = [b for b in old if b not in new], [b for b in new if b not in old]
    for one in gone:
        [(bound, was)] = one.items()
        words: dict[str, Words] = {
            **label,
            "bound": _words()["bounds"][bound],
            "unit": _same(unit),
            "old": shown(was),
        }
        twin = next((other for other in come if bound in other), None)
        if twin is None:
            yield Change("limit_removed", params=words)
            continue
        come.remove(twin)
        now, left, right = twin[bound], as_number(was), as_number(twin[bound])
        code = "limit_changed" if left is None or right is None else LOWERED[right > left]
        yield Change(code, params=words | {"new": shown(now)})
    for one in come:
        [(bound, now)] = one.items()
        words = {**label, "bound": _words()["bounds"][bound], "unit": _same(unit), "new": shown(now)}
        yield Change("limit_added", params=words)


def _options(old: list[Json], new: list[Json], label: Labels) -> Iterator[Change]:
    before, after = {one["id"]: one for one in old}, {one["id"]: one for one in new}
    for key, option in before.items():
        if key not in after:
            yield Change("option_removed", params=label | {"option": option["text"]})
    for key, option in after.items():
        names = label | {"option": option["text"]}
        if key not in before:
            yield Change("option_added", params=names)
            continue
        for name, was, now in _fields(before[key], option, leave=("id",)):
            words = {"field": field_words(name), "old": shown(was), "new": shown(now)}
            yield Change("option_field", params=names | words)


def _fields(
    old: Json, new: Json, leave: tuple[str, ...] = (), prefix: str = ""
) -> Iterator[tuple[str, Json, Json]]:
    """(name, before, after) of every field that differs, groups part by part; what is left out has its default."""
    for name in dict.fromkeys((*old, *new)):
        if name in leave:
            continue
        path = prefix + name
        before, after = old.get(name, DEFAULTS.get(path)), new.get(name, DEFAULTS.get(path))
        if before == after:
            continue
        if name in GROUPS and not prefix and before and after:
            yield from _fields(before, after, prefix=f"{name}.")
        elif name in GROUPS and not prefix and name not in ("danger", "constraint", "score"):
            yield from _fields(before or {}, after or {}, prefix=f"{name}.")
        else:
            yield path, before, after


def _changed(
    both: str, come: str, gone: str, name: str, old: Json, new: Json, label: Labels, **at: str
) -> Change:
    """The sentence for a field that changed, came or went; for a text whose Chinese stayed, that a translation did."""
    if _is_text(old) and _is_text(new) and old["zh"] == new["zh"]:
        return Change("translation", params={"item": new}, **at)
    code = come if old is None else gone if new is None else both
    params = {**label, "field": field_words(name)}
    if old is not None:
        params["old"] = shown(old)
    if new is not None:
        params["new"] = shown(new)
    return Change(code, params=params, **at)


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Those that stand elsewhere among what both have."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept = {key for block in matcher.get_matching_blocks() for key in before[block.a : block.a + block.size]}
    return set(before) - kept


def _moved_inside(before: _Items, after: _Items) -> set[str]:
    """Items that stand elsewhere in the section that they had."""
    stayed = [key for key in before if key in after and before[key][0] == after[key][0]]
    moved: set[str] = set()
    for section in {before[key][0] for key in stayed}:
        here = [key for key in stayed if before[key][0] == section]
        moved |= _moved(here, [key for key in after if key in here])
    return moved


def _by_id(form: Json) -> _Items:
    return {item["id"]: (section["id"], item) for section in form["sections"] for item in section["items"]}


def _name(item: Json) -> Words:
    """What an item is called in a sentence: its reading where it has one, else its text."""
    named: Words = item["answer"].get("reading") or item["text"]
    return named


def field_words(name: str) -> Words:
    return _words()["fields"].get(name) or _same(name)


def shown(value: Json) -> Words:
    """A value as people read it: words for what is known, the author's text, a number, a condition, else its JSON."""
    if _is_text(value):
        return {language: value.get(language, value["zh"]) for language in LANGUAGES}
    if value is None or isinstance(value, (str, bool)):
        key = value if isinstance(value, str) else "none" if value is None else str(value).lower()
        return _words()["values"].get(key) or _same(key)
    if isinstance(value, (int, float)):
        return _same(show(value))
    if isinstance(value, list):
        parts = [shown(part) for part in value]
        return {
            language: COMMA[language].join(part[language] for part in parts) or "—" for language in LANGUAGES
        }
    return _object(value)


def _object(value: Mapping[str, Json]) -> Words:
    values = _words()["values"]
    for source in ("site", "jurisdiction"):
        key = value.get(f"{source}_ref")
        if key:
            times = f" × {show(value['times'])}" if "times" in value else ""
            return {language: f"{values[source][language]} ({key}{times})" for language in LANGUAGES}
    if "role" in value:
        count = f" × {value['count']}" if "count" in value else ""
        return {language: word + count for language, word in shown(value["role"]).items()}
    if "when" in value and "act" in value:
        return {
            language: f"{_tree(value['when'])} → {word}" for language, word in shown(value["act"]).items()
        }
    if "by" in value:
        return shown(value["by"]["cases"])
    if "limits" in value and "text" in value:
        name, limits = shown(value["text"]), shown(value["limits"])
        return {language: f"{name[language]}: {limits[language]}" for language in LANGUAGES}
    if len(value) == 1 and (bound := next(iter(value))) in SIGNS:
        return {language: f"{SIGNS[bound]} {word}" for language, word in shown(value[bound]).items()}
    if "fails" in value or "text" in value or "title" in value:
        failing = {"zh": "（不合格）", "en": " (fails)"} if value.get("fails") else {"zh": "", "en": ""}
        name = shown(value.get("text") or value.get("title"))
        return {language: name[language] + failing[language] for language in LANGUAGES}
    return _same(_tree(value))


def _tree(tree: Json) -> str:
    """A condition as its author wrote it; what is no condition, as JSON."""
    if isinstance(tree, dict) and "op" in tree:
        return written(tree)
    return json.dumps(tree, ensure_ascii=False, sort_keys=True)


def _is_text(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("zh"), str)


def _same(word: str) -> Words:
    return dict.fromkeys(LANGUAGES, word)


@cache
def _words() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("changes.json").read_text("utf-8"))
    return data
