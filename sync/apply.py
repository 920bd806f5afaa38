"""Giving mutations to their operations, in order, each once; a bad one is set aside and blocks nobody.

One savepoint carries a run of them: where one fails, the run is taken back and what came before it applied again,
the bad one is quarantined, and the rest goes on.
"""

import json
import logging
from collections import deque
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from sync import clock, hlc, tables
from sync.engine import Engine, insert
from sync.intake import HELD, IN_EFFECT, QUARANTINED, Device, Item, loaded
from sync.registry import Context, Mutation, Outcome, Refused

_RUN = 64
_ATTEMPTS = 3
_OTHERS_IN_THE_WAY = ("40001", "40P01")  # PostgreSQL: serialization_failure, deadlock_detected
_logger = logging.getLogger("sync")


class _Stumbled(Exception):
    """The item of a run at which an operation failed."""

    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(index)
        self.index, self.error = index, error


def settle(engine: Engine, session: Session, device: Device, epoch: int, moved: list[Item]) -> set[str]:
    """Applies what is ready of a device, with what it had held back, and stores how each ended.

    moved: as taken in; those with a status have ended already. Returns the ids that took effect.
    """
    held = _held(session, device, {item.pk for item in moved})
    ready = sorted([item for item in moved if item.status is None] + held, key=lambda item: item.seq)
    gate = _Gate(in_effect(session, {dep for item in ready for dep in item.readable["deps"]}))
    queue = deque(ready)
    tried = 0
    while queue:
        run = gate.next_run(queue)
        if not run:
            break
        done, tried = _attempt(engine, session, device, epoch, run, tried)
        queue.extendleft(reversed(run[done:]))
        gate.settled(run[:done])
    _store(session, device, moved, held, gate.held)
    return {item.readable["id"] for item in ready if item.status in IN_EFFECT}


class _Gate:
    """Lets a mutation through when all it depends on took effect and nothing before it on its record waits."""

    def __init__(self, in_effect: set[str]) -> None:
        self.in_effect = in_effect
        self.waiting: dict[str, int] = {}  # entity → seq of the first that waits on it
        self.held: list[Item] = []

    def next_run(self, queue: deque[Item]) -> list[Item]:
        run: list[Item] = []
        hoped = set(self.in_effect)  # with those of this run, which may yet fail
        while queue and len(run) < _RUN:
            item = queue.popleft()
            mutation = item.readable
            first = self.waiting.get(mutation["entity"], item.seq)
            if first < item.seq or not hoped.issuperset(mutation["deps"]):
                item.status = HELD
                self.waiting[mutation["entity"]] = min(first, item.seq)
                self.held.append(item)
            else:
                run.append(item)
                hoped.add(mutation["id"])
        return run

    def settled(self, items: Iterable[Item]) -> None:
        self.in_effect |= {item.readable["id"] for item in items if item.status in IN_EFFECT}


def _attempt(
    engine: Engine, session: Session, device: Device, epoch: int, run: list[Item], tried: int
) -> tuple[int, int]:
    """How many of a run, from its beginning, came to an end; and how often the next one was tried in vain."""
    outcomes: list[Outcome] = []
    try:
        with session.begin_nested():
            for index, item in enumerate(run):
                try:
                    outcomes.append(_perform(engine, session, device, epoch, item))
                    session.flush()
                except Exception as error:
                    raise _Stumbled(index, error) from error
    except _Stumbled as stumbled:
        if stumbled.index > 0:
            return _attempt(engine, session, device, epoch, run[: stumbled.index], 0)
        if _is_others_fault(stumbled.error) and tried + 1 < _ATTEMPTS:
            return 0, tried + 1
        _set_aside(engine, run[0], stumbled.error)
        return 1, 0
    for item, outcome in zip(run, outcomes, strict=True):
        _conclude(engine, session, item, outcome)
    return len(run), 0


def _perform(engine: Engine, session: Session, device: Device, epoch: int, item: Item) -> Outcome:
    entry = item.readable
    found = engine.registry.resolve(entry["op"], entry["args"])
    if found is None:
        raise Refused("mutation.op_unknown", {"op": entry["op"]})
    op, operation, args = found
    base = tuple(entry["base"]) if entry["base"] else None
    reading, suspect = hlc.clamp(hlc.parse(entry["hlc"]), item.received_ms)
    mutation = Mutation(
        entry["id"], item.seq, op, entry["entity"], base, args, entry["hlc"], tuple(entry["blobs"])
    )
    context = Context(
        user=device.user,
        device=device.device,
        phone=device.phone,
        epoch=epoch,
        at_device=clock.parse_wall(entry["wall"]),
        at_corrected=clock.from_ms(item.corrected_ms),
        at_received=clock.from_ms(item.received_ms),
        clock_suspect=item.suspect or suspect,
        hlc=str(reading),
    )
    return operation(session, context, mutation)


def _is_others_fault(error: Exception) -> bool:
    """Whether another transaction came between, and a second look may go well."""
    if isinstance(error, StaleDataError):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _OTHERS_IN_THE_WAY


def _set_aside(engine: Engine, item: Item, error: Exception) -> None:
    """Quarantines it. What is no fault of the mutation (no disk, no database, no memory) goes up instead."""
    if isinstance(error, Refused):
        item.quarantine(error.code, **error.params)
        return
    machine = isinstance(error, OperationalError | InterfaceError | MemoryError) and not _is_others_fault(
        error
    )
    if machine or (isinstance(error, DBAPIError) and error.connection_invalidated):
        raise error
    incident = engine.new_id()
    _logger.error("mutation %s failed, incident %s", item.readable["id"], incident, exc_info=error)
    item.quarantine("mutation.failed", incident=incident)


def _conclude(engine: Engine, session: Session, item: Item, outcome: Outcome) -> None:
    item.status, item.ver = outcome.status, outcome.ver
    if not outcome.clashes:
        return
    id = engine.new_id()
    item.conflict = {"id": id, "fields": [clash.field for clash in outcome.clashes]}
    session.execute(
        tables.conflict.insert().values(
            id=id,
            mutation=item.pk,
            entity=item.readable["entity"],
            clashes=json.dumps([clash._asdict() for clash in outcome.clashes], ensure_ascii=False),
            opened_ms=engine.now_ms(),
        )
    )


def _held(session: Session, device: Device, moved: Collection[int]) -> list[Item]:
    """What waits for a dependency, its place in the chain being reached."""
    table = tables.mutation
    query = select(table).where(table.c.device == device.device, table.c.status == HELD)
    rows = session.execute(query.where(table.c.seq <= device.last_seq))
    return [loaded(row) for row in rows if row.pk not in moved]


def in_effect(session: Session, ids: set[str]) -> set[str]:
    """Those of these ids whose mutations took effect."""
    if not ids:
        return set()
    table = tables.mutation
    query = select(table.c.id).where(table.c.id.in_(ids), table.c.status.in_(IN_EFFECT))
    return {id for id in session.scalars(query) if id is not None}


def _store(
    session: Session, device: Device, moved: list[Item], held: list[Item], waiting: list[Item]
) -> None:
    write(session, moved + held)
    released = [item.pk for item in held if item.status != HELD]
    if released:
        session.execute(delete(tables.wait).where(tables.wait.c.mutation.in_(released)))
    waits = [
        {"dep": dep, "mutation": item.pk, "device": device.device}
        for item in waiting
        for dep in item.readable["deps"]
    ]
    if waits:
        session.execute(insert(session, tables.wait).on_conflict_do_nothing(), waits)


_WRITE = (
    update(tables.mutation)
    .where(tables.mutation.c.pk == bindparam("_pk"))
    .values({name: bindparam(f"_{name}") for name in ("status", "ver", "conflict", "problem")})
)


def write(session: Session, items: list[Item]) -> None:
    """Stores how items ended, or that they wait."""
    if items:
        session.connection().execute(_WRITE, [_ended(item) for item in items])


def _ended(item: Item) -> dict[str, Any]:
    problem = item.problem if item.status == QUARANTINED else None
    return {
        "_pk": item.pk,
        "_status": item.status,
        "_ver": item.ver,
        "_conflict": json.dumps(item.conflict) if item.conflict else None,
        "_problem": json.dumps(problem, ensure_ascii=False) if problem else None,
    }
