"""Work of the engine that nobody asks for: the host runs it as jobs, each call in one transaction."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sync import apply, log, tables
from sync.engine import Engine, epoch, insert
from sync.intake import HELD, Device, loaded
from sync.push import locked, release
from sync.registry import Collection

WAIT_MS = 7 * 24 * 3600 * 1000
_BATCH = 500


def look_again(engine: Engine, session: Session) -> int:
    """Lets go what is held though what it waits for has come, and quarantines what waited 7 days. How many devices.

    An exchange does the first at once, save when the two came at the same moment. Run it every few minutes.
    """
    table = tables.mutation
    waiting = set(session.scalars(select(table.c.device).where(table.c.status == HELD).distinct()))
    now = epoch(session)
    for device in sorted(waiting):
        found = locked(session, {device}, skip_locked=True)
        for state in found.values():
            release(engine, session, found, now, apply.settle(engine, session, state, now, []))
            if _expire(engine, session, state):  # what stood behind these on the same record may go on
                release(engine, session, found, now, apply.settle(engine, session, state, now, []))
    return len(waiting)


def _expire(engine: Engine, session: Session, device: Device) -> bool:
    table = tables.mutation
    query = select(table).where(table.c.device == device.device, table.c.status == HELD)
    late = [
        loaded(row) for row in session.execute(query.where(table.c.received_ms < engine.now_ms() - WAIT_MS))
    ]
    there = apply.in_effect(session, {dep for item in late if item.entry for dep in item.entry["deps"]})
    for item in late:
        if item.seq > device.last_seq:
            item.quarantine("mutation.gap", last_seq=device.last_seq)
        else:
            item.quarantine("mutation.dependency_absent", deps=sorted(set(item.readable["deps"]) - there))
    apply.write(session, late)
    if late:
        session.execute(delete(tables.wait).where(tables.wait.c.mutation.in_([item.pk for item in late])))
    return bool(late)


def reshape(engine: Engine, session: Session) -> bool:
    """Sends rows again whose collection has a new shape, some at a time; whether there may be more.

    Run at the start of a new version until it says no. What is written here is flushed by the host's `writing()`.
    """
    for collection in engine.registry.collections.values():
        known = session.execute(
            select(tables.shape).where(tables.shape.c.collection == collection.name)
        ).first()
        if known is None:
            _write_shape(session, collection, None)
        elif known.shape != collection.shape or known.after is not None:
            after = known.after if known.shape == collection.shape and known.after is not None else ""
            _write_shape(session, collection, _put_again(session, collection, after))
            return True
    return False


def _put_again(session: Session, collection: Collection, after: str) -> str | None:
    row = tables.row
    query = select(row.c.id, row.c.scope).where(row.c.collection == collection.name, row.c.id > after)
    rows = session.execute(query.where(row.c.deleted_ms.is_(None)).order_by(row.c.id).limit(_BATCH)).all()
    for id, scope in rows:
        log.note(session, collection.name, id, scope)
    return rows[-1].id if len(rows) == _BATCH else None


def _write_shape(session: Session, collection: Collection, after: str | None) -> None:
    values: dict[str, Any] = {"shape": collection.shape, "after": after}
    statement = insert(session, tables.shape).values(collection=collection.name, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["collection"], set_=values))
