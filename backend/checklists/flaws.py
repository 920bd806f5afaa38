"""What is wrong with a draft: everything that `forms` finds, and what its base does not allow, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.checklists.models import FormDraft, FormVersion
from backend.checklists.versions import definition
from forms.adapt import weakened
from forms.definition import Definition
from forms.load import load
from forms.reader import DefinitionError

Flaw = dict[str, Any]


@dataclass(frozen=True)
class Examined:
    """definition: None while the document is none.  flaws: {path, code, zh, en, item, sheet, row, column}."""

    definition: Definition | None
    flaws: list[Flaw]


def examine(session: Session, draft: FormDraft, document: Mapping[str, Any] | None = None) -> Examined:
    """Look at a draft's document, or at another one in its place (what is on the screen and not saved yet)."""
    data = dict(draft.document if document is None else document)
    data |= {"schema": "form/1", "key": draft.key, "kind": draft.kind}
    try:
        found = load(data)
    except DefinitionError as error:
        return Examined(
            None,
            [_at(draft, data, flaw.path, flaw.code, flaw.say("zh"), flaw.say("en")) for flaw in error.flaws],
        )
    base = session.get(FormVersion, draft.base_id) if draft.base_id else None
    if base is None:
        return Examined(found, [])
    paths = {
        item.id: f"/sections/{s}/items/{i}"
        for s, section in enumerate(found.sections)
        for i, item in enumerate(section.items)
    }
    flaws = [
        _at(draft, data, paths.get(one.item or "", ""), one.code, one.say("zh"), one.say("en"))
        | {"item": one.item}
        for one in weakened(definition(session, base.id), found)
    ]
    return Examined(found, flaws)


def _at(draft: FormDraft, data: Mapping[str, Any], path: str, code: str, zh: str, en: str) -> Flaw:
    """With the item it belongs to, and the row of the sheet that item was imported from."""
    item = _item(data, path)
    spot = draft.source.get("places", {}).get(item, {}) if item else {}
    place = {name: spot.get(name) for name in ("sheet", "row", "column")}
    return {"path": path, "code": code, "zh": zh, "en": en, "item": item} | place


def _item(data: Any, path: str) -> str | None:
    parts = path.split("/")[1:5]
    if len(parts) < 4 or parts[0] != "sections" or parts[2] != "items":
        return None
    try:
        found = data["sections"][int(parts[1])]["items"][int(parts[3])]["id"]
    except (LookupError, TypeError, ValueError):
        return None
    return found if isinstance(found, str) else None
