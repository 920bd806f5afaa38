"""What changed, in the order of commit: a counter row and a log of references (docs/adr/0005-cursor.md).

    log.note(session, "hazard", hazard_id, "site:3")     whenever a row is made, changed, moved or deleted
    log.flush(engine, session)                           once, at the very end of the transaction

The log holds references only; rows are read when a phone asks. At the flush each noted row is read once, its digest
kept up, and what did not change is not logged.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from sync import digest, tables
from sync.engine import Engine, insert, is_postgresql
from sync.registry import Registry, Row

_NOTES = "sync.notes"
Key = tuple[str, str]  # collection, id


class Known(NamedTuple):
    """A row as phones were last told of it."""

    scope: str
    digest: int
    deleted: bool


def note(session: Session, collection: str, id: str, scope: str) -> None:
    """Remembers until the flush that a row changed. scope: its home now (of a deleted row: its last)."""
    session.info.setdefault(_NOTES, {})[collection, id] = scope


def flush(engine: Engine, session: Session) -> None:
    """Writes log, digests and counter for what was noted. Nothing may be written after it in the transaction.

    Raises ValueError when a row is not at home where the note said.
    """
    session.flush()  # may note more
    noted: dict[Key, str] = session.info.pop(_NOTES, {})
    if not noted:
        return
    known = _known(session, noted)
    rows = read(engine.registry, session, noted)
    now_ms = engine.now_ms()
    upserts: list[dict[str, Any]] = []
    sums: dict[str, list[int]] = {}
    entries: list[tuple[str, str, str]] = []
    for key in sorted(noted):
        before, row = known.get(key), rows.get(key)
        if row is not None and row.scope != noted[key]:
            raise ValueError(f"{key} was noted in {noted[key]} and is at home in {row.scope}")
        after = _after(key, row, before)
        if after is None or after == before:
            continue
        if before is not None and not before.deleted:
            _add(sums, before.scope, before.digest, -1)
        if not after.deleted:
            _add(sums, after.scope, after.digest, +1)
        entries += [(s, *key) for s in sorted({after.scope, before.scope if before else after.scope})]
        upserts.append(
            {
                "collection": key[0],
                "id": key[1],
                "scope": after.scope,
                "digest": after.digest.to_bytes(16, "big"),
                "deleted_ms": now_ms if after.deleted else None,
            }
        )
    if entries:
        _write_rows(session, upserts)
        _write_sums(session, sums)
        _write_log(session, entries, now_ms)


def head(session: Session) -> int:
    """The counter: every log row up to it is visible to this transaction."""
    return session.scalar(select(tables.clock.c.lsn)) or 0


def _known(session: Session, keys: Iterable[Key]) -> dict[Key, Known]:
    # Locked before the rows are read: of two that change one row, the second reads what the first committed.
    table = tables.row
    found: dict[Key, Known] = {}
    for chunk in chunks(sorted(keys)):
        query = select(table).where(tuple_(table.c.collection, table.c.id).in_(chunk))
        query = query.order_by(table.c.collection, table.c.id).with_for_update()
        for row in session.execute(query):
            value = int.from_bytes(row.digest, "big")
            found[row.collection, row.id] = Known(row.scope, value, row.deleted_ms is not None)
    return found


def read(registry: Registry, session: Session, keys: Iterable[Key]) -> dict[Key, Row]:
    """The rows that there are, of any collections."""
    by_collection: dict[str, list[str]] = {}
    for collection, id in sorted(keys):
        by_collection.setdefault(collection, []).append(id)
    return {
        (name, id): row
        for name, ids in by_collection.items()
        for chunk in chunks(ids)
        for id, row in registry.collections[name].read(session, chunk).items()
    }


def _after(key: Key, row: Row | None, before: Known | None) -> Known | None:
    if row is not None:
        return Known(row.scope, digest.row_digest(*key, row.ver, row.data), deleted=False)
    return before and before._replace(deleted=True)


def _add(sums: dict[str, list[int]], scope: str, value: int, sign: int) -> None:
    limbs = sums.setdefault(scope, [0, 0, 0, 0])
    for place, limb in enumerate(digest.limbs(value)):
        limbs[place] += sign * limb


def _write_rows(session: Session, values: list[dict[str, Any]]) -> None:
    statement = insert(session, tables.row)
    changed = {name: statement.excluded[name] for name in ("scope", "digest", "deleted_ms")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["collection", "id"], set_=changed), values
    )


def _write_sums(session: Session, sums: dict[str, list[int]]) -> None:
    # In order of their names, so that two transactions never wait for each other.
    statement = insert(session, tables.scope)
    names = ["limb0", "limb1", "limb2", "limb3"]
    added = {name: tables.scope.c[name] + statement.excluded[name] for name in names}
    values = [
        {"scope": scope} | dict(zip(names, limbs, strict=True)) for scope, limbs in sorted(sums.items())
    ]
    session.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=added), values)


_BUMP = """INSERT INTO sync_clock (id, lsn) VALUES (1, :count)
    ON CONFLICT (id) DO UPDATE SET lsn = sync_clock.lsn + :count RETURNING lsn"""
_APPEND = text(
    f"""WITH c AS ({_BUMP})
    INSERT INTO sync_log (lsn, scope, collection, id, at_ms)
    SELECT c.lsn - :count + o.n, o.scope, o.collection, o.id, :at_ms
    FROM c, unnest(CAST(:scopes AS text[]), CAST(:collections AS text[]), CAST(:ids AS text[]))
    WITH ORDINALITY AS o(scope, collection, id, n)"""  # noqa: S608 - both parts are constants
)
_BUMP_FIRST = text(_BUMP)


def _write_log(session: Session, entries: list[tuple[str, str, str]], now_ms: int) -> None:
    count = len(entries)
    if is_postgresql(session):
        scopes, collections, ids = map(list, zip(*entries, strict=True))
        values = {"scopes": scopes, "collections": collections, "ids": ids}
        session.execute(_APPEND, values | {"count": count, "at_ms": now_ms})
        return
    first = session.execute(_BUMP_FIRST, {"count": count}).scalar_one() - count + 1
    session.execute(
        tables.log.insert(),
        [
            {"lsn": first + place, "scope": scope, "collection": collection, "id": id, "at_ms": now_ms}
            for place, (scope, collection, id) in enumerate(entries)
        ],
    )


def chunks(keys: list[Any], size: int = 500) -> Iterable[list[Any]]:
    """A list in parts that a statement can take as parameters."""
    return (keys[start : start + size] for start in range(0, len(keys), size))
