"""The base of an adapted list has a new version: the base's changes go in under what the mine made of the old one.

A three-way merge, item by item and field by field. What only one side changed is taken; what both changed otherwise is
the new base's, and is listed for a person to decide. Nothing that the mine added is lost.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms.diff import Words, field_words, sentence, shown

Json = Any
GONE = object()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both changed this. base, own: what each says; the document has the base's. item: None for the head.

    field: its path in the item, `answer.limits`.
    """

    code: str
    item: str | None
    field: str | None
    base: Json
    own: Json
    label: Words

    def to_json(self) -> dict[str, Json]:
        params = {"item": self.label, "base": shown(self.base), "own": shown(self.own)}
        if self.field:
            params["field"] = field_words(self.field)
        spoken = {language: sentence(self.code, params, language) for language in ("zh", "en")}
        return {"item": self.item, "field": self.field, "base": self.base, "own": self.own} | spoken


def upgrade(old: Json, new: Json, own: Json) -> tuple[Json, tuple[Conflict, ...]]:
    """(document, conflicts): the published JSON of the new base with the mine's own changes and additions on it.

    old, new: the base as it was adapted and as it is now.  own: the mine's list on the old one, whose key stays.
    """
    conflicts: list[Conflict] = []
    document = _fields(old, new, own, ("sections", "key"), None, own["title"], conflicts)
    document["key"] = own["key"]
    document["sections"] = list(_sections(old, new, own, conflicts))
    return document, tuple(conflicts)


def _sections(old: Json, new: Json, own: Json, conflicts: list[Conflict]) -> Iterator[Json]:
    before = {section["id"]: section for section in old["sections"]}
    mine = {section["id"]: section for section in own["sections"]}
    items_old, items_new, items_own = (_by_id(form) for form in (old, new, own))
    placed = set(items_new)
    for section in new["sections"]:
        key = section["id"]
        adapted = mine.get(key, section)
        made = _fields(
            before.get(key, section), section, adapted, ("items",), None, section["title"], conflicts
        )
        made["items"] = [
            _item(items_old.get(item["id"]), item, items_own.get(item["id"]), conflicts)
            for item in section["items"]
        ]
        for item in adapted["items"]:
            if item["id"] not in items_old and item["id"] not in placed:
                made["items"].insert(_place(made["items"], adapted["items"], item), copy.deepcopy(item))
        yield made
    for section in own["sections"]:
        if section["id"] not in {one["id"] for one in new["sections"]}:
            rest = [
                item for item in section["items"] if item["id"] not in items_old and item["id"] not in placed
            ]
            if rest:
                yield copy.deepcopy({**section, "items": rest})
    for key, item in items_old.items():
        kept = items_own.get(key)
        if key not in items_new and kept is not None and kept != item:
            conflicts.append(Conflict("upgrade_removed", key, None, None, kept, item["text"]))


def _item(old: Json | None, new: Json, own: Json | None, conflicts: list[Conflict]) -> Json:
    if own is None:
        return copy.deepcopy(new)
    if old is None:
        if own != new:  # the base now has an item of the id that the mine gave to one of its own
            conflicts.append(Conflict("upgrade_same_id", new["id"], None, new, own, new["text"]))
        return copy.deepcopy(new)
    return _fields(old, new, own, (), new["id"], new["text"], conflicts)


def _fields(
    old: Json,
    new: Json,
    own: Json,
    leave: tuple[str, ...],
    item: str | None,
    label: Words,
    conflicts: list[Conflict],
    within: str = "",
) -> Json:
    """The object that both sides' changes make of the old one; `answer` and `evidence` part by part.

    within: what a part's name follows, so that a conflict says where in the item it is: `answer.limits`.
    """
    made = {}
    for name in dict.fromkeys((*new, *own)):
        was, base, mine = (part.get(name, GONE) for part in (old, new, own))
        if name in leave:
            continue
        if name in ("answer", "evidence", "on_fail") and GONE not in (was, base, mine):
            value = _fields(was, base, mine, (), item, label, conflicts, f"{name}.")
        elif mine in (was, base):
            value = base
        elif base == was:
            value = mine
        else:
            value = base
            said = [None if side is GONE else side for side in (base, mine)]
            conflicts.append(Conflict("upgrade_both", item, within + name, said[0], said[1], label))
        if value is not GONE:
            made[name] = copy.deepcopy(value)
    return made


def _place(made: list[Json], adapted: list[Json], item: Json) -> int:
    """Behind the item that it stood behind in the mine's list, as far as that is still there."""
    ids = [one["id"] for one in adapted]
    here = {one["id"]: place for place, one in enumerate(made)}
    for before in reversed(ids[: ids.index(item["id"])]):
        if before in here:
            return here[before] + 1
    return 0


def _by_id(form: Json) -> dict[str, Json]:
    return {item["id"]: item for section in form["sections"] for item in section["items"]}
