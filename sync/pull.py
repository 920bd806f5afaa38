"""What a phone is told: the rows of its scopes that changed, and nothing of any other."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.orm import Session

from sync import cursor, digest, log, tables
from sync.cursor import Paging, Position
from sync.engine import Engine, epoch
from sync.envelope import Json
from sync.log import Key
from sync.registry import Row

MAX_ROWS = 500
MAX_BYTES = 1024 * 1024


class Reference(NamedTuple):
    """That something happened to a row in a scope. home: its scope now. lsn None: of a page, not of the log."""

    scope: str
    collection: str
    id: str
    home: str
    deleted: bool
    lsn: int | None = None


class Batch(NamedTuple):
    """References, and whether they are all there are."""

    references: list[Reference]
    complete: bool


def pull(engine: Engine, session: Session, device: str, user: str, text: str | None) -> Json:
    """The pull's part of an answer. The session must read one snapshot (SQLite does; PostgreSQL: REPEATABLE READ)."""
    position = cursor.unseal(engine, device, text)
    scopes = engine.registry.scopes(session, user)
    dropped = sorted(position.told.keys() - scopes)
    if position.epoch != (now := epoch(session)):
        position = Position(now)
    added = sorted(scopes - position.told.keys())
    head = log.head(session)
    for scope in dropped:
        position.told.pop(scope, None)
        position.paging.pop(scope, None)
    for scope in added:
        position.told[scope] = head
        position.paging[scope] = Paging("", "")
    told = _Told(engine, session)
    ready: list[str] = []
    complete = _replay(told, position, position.told.keys() - position.paging.keys(), head)
    if complete:
        ready = _page(told, position)
        complete = _replay(told, position, set(ready), head) and not position.paging
    return {
        "changes": told.changes(),
        "cursor": cursor.seal(engine, device, position),
        "more": not complete,
        "add_scopes": added,
        "drop_scopes": dropped,
        "ready_scopes": ready,
        "digest": _digests(session, position.told) if complete else {},
    }


class _Told:
    """What has been gathered, and what room there is left."""

    def __init__(self, engine: Engine, session: Session) -> None:
        self.engine, self.session = engine, session
        self.bytes = 0
        self.gathered: dict[tuple[str, Key], Json] = {}

    @property
    def room(self) -> int:
        return max(0, MAX_ROWS - len(self.gathered)) if self.bytes < MAX_BYTES else 0

    def tell(self, references: list[Reference]) -> int:
        """Gathers references, with the rows themselves; returns how many found room."""
        wanted = {(r.collection, r.id) for r in references if r.home == r.scope and not r.deleted}
        rows = log.read(self.engine.registry, self.session, wanted)
        for count, reference in enumerate(references):
            if self.bytes >= MAX_BYTES:
                return count
            self._tell_one(reference, rows.get((reference.collection, reference.id)))
        return len(references)

    def _tell_one(self, reference: Reference, row: Row | None) -> None:
        key = (reference.scope, (reference.collection, reference.id))
        change: Json = {
            "scope": reference.scope,
            "op": "delete" if reference.deleted and reference.home == reference.scope else "leave",
            "collection": reference.collection,
            "id": reference.id,
            "ver": None,
            "row": None,
        }
        # Its home is asked of the row itself once more: what is not at home here is not told.
        if row is not None and row.scope == reference.scope == reference.home:
            change |= {"op": "put", "ver": row.ver, "row": row.data}
            if key not in self.gathered:
                self.bytes += len(json.dumps(row.data, ensure_ascii=False))
        self.gathered[key] = change

    def changes(self) -> list[Json]:
        return list(self.gathered.values())


def _replay(told: _Told, position: Position, scopes: set[str], head: int) -> bool:
    """Tells what the log has for these scopes; whether that was all of it."""
    batch = _logged(told.session, {scope: position.told[scope] for scope in scopes}, head, told.room)
    count = told.tell(batch.references)
    if count == len(batch.references) and batch.complete:
        position.told |= dict.fromkeys(scopes, head)
        return True
    if count:
        reached = batch.references[count - 1].lsn or 0
        position.told |= {scope: max(reached, position.told[scope]) for scope in scopes}
    return False


def _logged(session: Session, since: dict[str, int], head: int, most: int) -> Batch:
    entry, row = tables.log, tables.row
    by_lsn: dict[int, list[str]] = {}
    for scope, lsn in since.items():
        if lsn < head:
            by_lsn.setdefault(lsn, []).append(scope)
    if not by_lsn:
        return Batch([], complete=True)
    newer = [and_(entry.c.lsn > lsn, entry.c.scope.in_(scopes)) for lsn, scopes in by_lsn.items()]
    same = and_(row.c.collection == entry.c.collection, row.c.id == entry.c.id)
    query = (
        select(entry.c.scope, entry.c.collection, entry.c.id, row.c.scope, row.c.deleted_ms, entry.c.lsn)
        .join_from(entry, row, same)
        .where(or_(*newer))
        .order_by(entry.c.lsn)
        .limit(most + 1)
    )
    found = [
        Reference(s, c, i, home, gone is not None, lsn) for s, c, i, home, gone, lsn in session.execute(query)
    ]
    return Batch(found[:most], complete=len(found) <= most)


def _page(told: _Told, position: Position) -> list[str]:
    """Tells the rows of scopes that are sent anew, as far as there is room; those now complete."""
    ready: list[str] = []
    for scope in sorted(position.paging):
        batch = _rows_after(told.session, scope, position.paging[scope], told.room)
        count = told.tell(batch.references)
        if count == len(batch.references) and batch.complete:
            del position.paging[scope]
            ready.append(scope)
            continue
        if count:
            last = batch.references[count - 1]
            position.paging[scope] = Paging(last.collection, last.id)
        break
    return ready


def _rows_after(session: Session, scope: str, after: Paging, most: int) -> Batch:
    row = tables.row
    query = (
        select(row.c.collection, row.c.id)
        .where(row.c.scope == scope, row.c.deleted_ms.is_(None))
        .where(tuple_(row.c.collection, row.c.id) > tuple_(after.collection, after.id))
        .order_by(row.c.collection, row.c.id)
        .limit(most + 1)
    )
    found = [
        Reference(scope, collection, id, scope, deleted=False) for collection, id in session.execute(query)
    ]
    return Batch(found[:most], complete=len(found) <= most)


def _digests(session: Session, scopes: Iterable[str]) -> dict[str, str]:
    table = tables.scope
    names = sorted(scopes)
    rows: Any = session.execute(select(table).where(table.c.scope.in_(names))) if names else ()
    known = {row.scope: digest.from_limbs((row.limb0, row.limb1, row.limb2, row.limb3)) for row in rows}
    return {scope: known.get(scope, digest.total(())) for scope in names}
