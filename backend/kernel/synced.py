"""Rows that phones hold: each has one home scope, a version, and a stamp of who last changed every field.

Noting a change for the sync log is not left to the operations: whatever is added or changed in a session is noted
when it is flushed, so a forgotten note cannot leave a phone behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

import sync.engine
import sync.log
from backend.kernel.db import Versioned, now
from sync.hlc import Hlc
from sync.merge import Stamp


class Source(NamedTuple):
    """Whose change is being written: the epoch of the server, the phone's enrolment, its seq and clock reading."""

    epoch: int
    device: str
    seq: int
    hlc: str


COLLECTIONS: dict[str, type[Synced]] = {}


class Synced(Versioned):
    """collection: its name on the wire.  shape: raised when `row` changes its form; rows are then sent again."""

    collection: ClassVar[str]
    shape: ClassVar[int] = 1
    id: Any

    stamps: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "collection" in cls.__dict__:
            COLLECTIONS[cls.collection] = cls

    def home(self) -> str:
        """The one scope in which this row is seen, whole or not at all."""
        raise NotImplementedError

    def row(self) -> dict[str, Any]:
        """What a phone gets: JSON made of this row's own columns, so that `ver` tells when it changes."""
        raise NotImplementedError

    def stamp(self, path: str) -> Stamp | None:
        """Who last changed this field (`answers/UG01-03` for an entry of a JSON object); None if nobody has."""
        found = self.stamps.get(path)
        return Stamp(*found) if found else None

    def parts(self, name: str, before: Any, after: Any) -> list[str]:
        """What of a changed field changed, as paths: the entries of a JSON object count one by one."""
        if isinstance(after, dict) or isinstance(before, dict):
            old, new = before or {}, after or {}
            return [f"{name}/{key}" for key in {*old, *new} if old.get(key) != new.get(key)]
        return [name]


def wire(at: datetime | None) -> str | None:
    """A moment as phones get it: in UTC, so that a row reads the same before and after it was stored."""
    return at.astimezone(UTC).isoformat() if at else None


def _at_desk(session: Session) -> Source:
    """A change that no phone made; phones that did not see it must not be taken to have known it."""
    with session.no_autoflush:
        return Source(sync.engine.epoch(session), "", 0, str(Hlc(int(now(session).timestamp() * 1000), 0, 0)))


_CHANGED = "synced.changed"


@event.listens_for(Session, "before_flush")
def _count_fields(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    changed = [row for row in session.dirty if isinstance(row, Synced) and session.is_modified(row)]
    for row in changed:
        edit = session.info.get("edit") or _at_desk(session)
        row.stamps = row.stamps | {path: [edit.epoch, row.ver + 1, *edit[1:]] for path in _paths(row)}
    session.info[_CHANGED] = changed


def _paths(row: Synced) -> Iterator[str]:
    state = inspect(row)
    for name in state.committed_state.keys() - {"ver", "stamps"}:  # what was set since it was read
        history = state.attrs[name].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            yield from row.parts(name, before, after)


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: UOWTransaction) -> None:
    for row in (*session.new, *session.info.pop(_CHANGED, ()), *session.deleted):
        if isinstance(row, Synced):
            sync.log.note(session, row.collection, str(row.id), row.home())
