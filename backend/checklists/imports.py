"""Lists from a file that a safety officer has: looked at first, then kept as drafts, each item with its row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from backend.checklists import drafts
from backend.checklists.models import FormDraft
from backend.kernel.policy import Actor
from backend.kernel.problems import FieldError, Problem
from forms.importing import ImportedList, Reading

REFUSED = Problem(
    422,
    "form.import_refused",
    "文件中有 {count} 处须先修改，尚未保存任何内容。",
    "{count} things in the file must be mended first; nothing was kept.",
)
NO_SUCH_LIST = Problem(
    422,
    "form.import_no_list",
    "文件中没有所选的清单，请重新预览。",
    "The file has no such list; look at it again.",
)


def keep(
    session: Session, actor: Actor, owner: str, read: Reading, name: str, chosen: Collection[int] | None
) -> list[FormDraft]:
    """A draft of each list of a file that was chosen (None: of all). All of them, or none.

    Raises DENIED (403), REFUSED or NO_SUCH_LIST (422).
    """
    if read.refusals:
        errors = [
            FieldError(str(one.spot), *(f"{one.what(to)}{one.mend(to)}" for to in ("zh", "en")))
            for one in read.refusals
        ]
        raise REFUSED(count=len(read.refusals), errors=errors[:100])
    numbers = range(len(read.lists)) if chosen is None else sorted(set(chosen))
    if not numbers or max(numbers) >= len(read.lists):
        raise NO_SUCH_LIST()
    return [_draft(session, actor, owner, read.lists[number], name) for number in numbers]


def _draft(session: Session, actor: Actor, owner: str, one: ImportedList, name: str) -> FormDraft:
    said = one.data.get("title")
    title = said["zh"] if isinstance(said, dict) else str(said or name)
    source = {"file": name, "places": _places(one)}
    return drafts.begin(session, actor, owner, one.data["kind"], title, one.data, source)


def _places(one: ImportedList) -> dict[str, Any]:
    """Item id → the cell that it was read from."""
    found = {}
    for s, section in enumerate(one.data.get("sections", [])):
        for i, item in enumerate(section.get("items", [])):
            spot = one.origin.get(f"/sections/{s}/items/{i}") or one.origin.get(
                f"/sections/{s}/items/{i}/text"
            )
            if spot is not None:
                found[item["id"]] = {"sheet": spot.sheet, "row": spot.row, "column": spot.column}
    return found
