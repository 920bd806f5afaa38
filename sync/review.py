"""What waits for people: quarantined mutations, to be read, mended and replayed, or discarded with a reason; and
conflicts, resolved with a reason. The host asks its policy, changes its rows and writes its audit around these.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import apply, tables
from sync.engine import Engine, epoch
from sync.envelope import Json
from sync.intake import IN_EFFECT, QUARANTINED, Device, Item, loaded
from sync.outcome import MENDED, asked
from sync.push import locked, release


class NotWaiting(Exception):
    """There is no such thing, or somebody has decided it already."""


class Waiting(NamedTuple):
    """A quarantined mutation. pk: its handle. body: as frozen, None for a void. Times in ms since 1970 UTC."""

    pk: int
    device: str
    user: str
    seq: int
    body: Json | None
    problem: Json
    corrected_ms: int
    received_ms: int


class Told(NamedTuple):
    """A mutation that took effect on a record, as its author froze it. Times in ms since 1970 UTC."""

    user: str
    body: Json
    corrected_ms: int
    received_ms: int


class Conflict(NamedTuple):
    """Fields that two people changed. clashes: as the operation told them, the value shown and the other.

    device, user, body and the times: of the mutation that met another's; body["base"] is what its author knew.
    """

    id: str
    entity: str
    device: str
    user: str
    body: Json
    clashes: list[Json]
    corrected_ms: int
    received_ms: int
    opened_ms: int


def quarantine(session: Session, *, after: int = 0, limit: int = 100) -> list[Waiting]:
    """What nobody has decided yet, oldest first, in pages: after is the pk of the last one seen."""
    table = tables.mutation
    query = _quarantined().where(table.c.pk > after).order_by(table.c.pk).limit(limit)
    return [_waiting(row) for row in session.execute(query)]


def quarantined(session: Session, pk: int) -> Waiting:
    """One of them. Raises NotWaiting."""
    return _waiting(_one(session, pk))


def replay(engine: Engine, session: Session, pk: int) -> Json:
    """Gives a quarantined mutation to its operation again, unchanged; what waited for it goes on too.

    Returns its result, as an exchange would. Raises NotWaiting; and for a mutation that nobody can apply (a void,
    a malformed or unsigned one) the result is what it was.
    """
    row, device = _taken(session, pk)
    item = loaded(row)
    if item.entry is not None and row.op is not None and _signed(item):
        item.status, item.problem = None, None
        now = epoch(session)
        took_effect = apply.settle(engine, session, device, now, [item])
        release(engine, session, {row.device: device}, now, took_effect)
    return asked(session, row.device, [row.seq])[0]


def mend(engine: Engine, session: Session, pk: int, args: Json, *, by: str, reason: str, told: Json) -> Json:
    """Gives a quarantined mutation to its operation with other arguments, in the name and at the time of who made it.

    told: what its phone is told of it. What he signed stays stored as it is, with its hash; what was put in its place
    is the host's to keep. Returns its result. Where it takes no effect, nothing is changed at all. Raises NotWaiting.
    """
    row, device = _taken(session, pk)
    item = loaded(row)
    if item.entry is None or row.op is None or not _signed(item):
        return asked(session, row.device, [row.seq])[0]
    item.entry = item.entry | {"args": args}
    item.status, item.problem = None, None
    trial = session.begin_nested()
    took_effect = apply.settle(engine, session, device, epoch(session), [item])
    result = asked(session, row.device, [row.seq])[0]
    if result["status"] not in IN_EFFECT:
        trial.rollback()
        return result
    trial.commit()
    _decide(engine, session, pk, by, reason, problem=_problem(MENDED, told))
    release(engine, session, {row.device: device}, epoch(session), took_effect)
    return result


def discard(
    engine: Engine, session: Session, pk: int, *, by: str, reason: str, told: Json | None = None
) -> None:
    """Closes a quarantined mutation for good. It stays on record, with who and why. Raises NotWaiting.

    told: what more its phone is told than that it was discarded.
    """
    row, _ = _taken(session, pk)
    params = {"was": json.loads(row.problem)["code"]} | (told or {})
    _decide(engine, session, pk, by, reason, problem=_problem("mutation.discarded", params))


def open_conflicts(
    session: Session,
    *,
    entities: Iterable[str] | None = None,
    after: tuple[int, str] = (0, ""),
    limit: int = 100,
) -> list[Conflict]:
    """Those not resolved, oldest first; of these records only, when given. after: (opened_ms, id) of the last seen."""
    table = tables.conflict
    beyond = tuple_(table.c.opened_ms, table.c.id) > after
    query = _conflicts().where(table.c.resolved_ms.is_(None), beyond)
    if entities is not None:
        query = query.where(table.c.entity.in_(list(entities)))
    query = query.order_by(table.c.opened_ms, table.c.id).limit(limit)
    return [_conflict(row) for row in session.execute(query)]


def open_conflict(session: Session, id: str) -> Conflict:
    """One of them. Raises NotWaiting."""
    table = tables.conflict
    found = session.execute(_conflicts().where(table.c.id == id, table.c.resolved_ms.is_(None))).first()
    if found is None:
        raise NotWaiting(id)
    return _conflict(found)


def on_record(session: Session, entity: str, users: Iterable[str]) -> list[Told]:
    """What these people did to a record, the latest first: when and where from each of its values came."""
    table, device = tables.mutation, tables.device
    query = select(table, device.c.user).join_from(device, table, device.c.device == table.c.device)
    here = query.where(
        device.c.user.in_(list(users)),
        table.c.entity == entity,
        table.c.status.in_(IN_EFFECT),
        table.c.body.is_not(None),
    )
    rows = session.execute(here.order_by(table.c.received_ms.desc(), table.c.pk.desc()))
    return [Told(row.user, json.loads(row.body), row.corrected_ms, row.received_ms) for row in rows]


def resolve(engine: Engine, session: Session, id: str, *, by: str, reason: str) -> Conflict:
    """Closes a conflict; the host has written, or now writes, the value chosen. Raises NotWaiting.

    The mutation counts as merged from now on: its phone asks for it again and is told so.
    """
    table = tables.conflict
    closed = {"resolved_ms": engine.now_ms(), "resolved_by": by, "reason": reason}
    here = update(table).where(table.c.id == id, table.c.resolved_ms.is_(None)).values(closed)
    mutation = session.execute(here.returning(table.c.mutation)).scalar()
    if mutation is None:
        raise NotWaiting(id)
    met = update(tables.mutation).where(tables.mutation.c.pk == mutation)
    session.execute(met.values(status="merged", conflict=None))
    return _conflict(session.execute(_conflicts().where(table.c.id == id)).one())


def _quarantined() -> Any:
    table, device = tables.mutation, tables.device
    joined = select(table, device.c.user).join_from(table, device, device.c.device == table.c.device)
    return joined.where(table.c.status == QUARANTINED, table.c.decided_ms.is_(None))


def _one(session: Session, pk: int) -> Row[Any]:
    found: Row[Any] | None = session.execute(_quarantined().where(tables.mutation.c.pk == pk)).first()
    if found is None:
        raise NotWaiting(pk)
    return found


def _taken(session: Session, pk: int) -> tuple[Row[Any], Device]:
    """One of them, looked at again once its device is ours alone: somebody may have decided it meanwhile."""
    name = _one(session, pk).device
    device = locked(session, {name})[name]
    return _one(session, pk), device


def _decide(engine: Engine, session: Session, pk: int, by: str, reason: str, **more: str) -> None:
    decided = {"decided_ms": engine.now_ms(), "decided_by": by, "reason": reason}
    session.execute(update(tables.mutation).where(tables.mutation.c.pk == pk).values(decided | more))


def _problem(code: str, params: Json) -> str:
    return json.dumps({"code": code, "params": params}, ensure_ascii=False)


def _signed(item: Item) -> bool:
    return item.problem is None or item.problem["code"] not in (
        "mutation.signature_invalid",
        "mutation.malformed",
        "mutation.id_reused",
        "mutation.gap",
    )


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        row.pk,
        row.device,
        row.user,
        row.seq,
        json.loads(row.body) if row.body else None,
        json.loads(row.problem),
        row.corrected_ms,
        row.received_ms,
    )


def _conflicts() -> Any:
    table, mutation, device = tables.conflict, tables.mutation, tables.device
    joined = table.join(mutation, mutation.c.pk == table.c.mutation).join(
        device, device.c.device == mutation.c.device
    )
    told = (
        *(mutation.c.body, mutation.c.device, mutation.c.corrected_ms, mutation.c.received_ms),
        device.c.user,
    )
    return select(table, *told).select_from(joined)


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        row.id,
        row.entity,
        row.device,
        row.user,
        json.loads(row.body),
        json.loads(row.clashes),
        row.corrected_ms,
        row.received_ms,
        row.opened_ms,
    )
