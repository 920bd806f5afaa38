"""What a phone hands in, in one transaction: its own mutations, sealed segments of any device, its clocks."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from sync import clock, envelope, keys, parse, sealing, strays, tables, vault
from sync.apply import settle
from sync.clock import Meeting
from sync.engine import Engine, epoch
from sync.engine import insert as upsert
from sync.envelope import Json
from sync.intake import FORKED, UNKNOWN, UNPROVEN, Device, Run, Taken, set_aside, take
from sync.outcome import results
from sync.parse import Exchange, Sealed
from sync.problems import DeviceForked, Malformed, StraysFull, SyncProblem


@dataclass
class Pushed:
    """The parts of an answer that a push decides."""

    results: list[Json] = field(default_factory=list)
    receipts: list[Json] = field(default_factory=list)


@dataclass
class _Carried:
    """A segment, and what became of it: its run, under which device it was taken, or the problem with it."""

    segment: Sealed
    run: Run | None = None
    author: Json | None = None
    device: Device | None = None
    taken: Taken | None = None
    problem: Json | None = None


def push(engine: Engine, session: Session, request: Exchange, received_ms: int) -> Pushed:
    """Takes and applies all of an authentic request. Raises DeviceForked, and then nothing may be kept of it."""
    opened = _open(engine, session, request.sealed, request.device)
    devices = locked(session, {request.device, *(part.segment.device for part in opened)})
    own = devices[request.device]
    clocks = _Clocks(own.phone, request, received_ms)
    pushed = Pushed()
    taken: list[tuple[Device, Taken]] = []
    if request.mutations:
        run = Run(request.mutations, request.head_sig, None, received_ms, 0, {})
        clocks.tell(session, own.phone, run)
        taken.append((own, take(session, own, run)))
    for part in opened:
        _take_carried(_Intake(engine, session, clocks, devices, own), part)
        if part.device and part.taken:
            taken.append((part.device, part.taken))
    _settle_all(engine, session, devices, own, taken)
    for device in devices.values():
        _store(session, device, request if device is own else None, received_ms)
    clocks.remember(session, own.phone)
    _expect_blobs(engine, session, own, taken)
    own_taken = [found for device, found in taken if device is own]
    pushed.results = results(session, own_taken)
    pushed.receipts = _receipts(engine, session, opened, received_ms)
    return pushed


def hand_in(engine: Engine, session: Session, segments: Iterable[Sealed]) -> list[Json]:
    """Takes sealed segments that come without an exchange (a bundle). Returns their receipts."""
    received_ms = engine.now_ms()
    opened = _open(engine, session, segments, None)
    devices = locked(session, {part.segment.device for part in opened})
    clocks = _Clocks(None, None, received_ms)
    for part in opened:
        _take_carried(_Intake(engine, session, clocks, devices, None), part)
    taken = [(part.device, part.taken) for part in opened if part.device and part.taken]
    _settle_all(engine, session, devices, None, taken)
    for device in devices.values():
        _store(session, device, None, received_ms)
        _expect_blobs(engine, session, device, [pair for pair in taken if pair[0] is device])
    return _receipts(engine, session, opened, received_ms)


def _open(
    engine: Engine, session: Session, segments: Iterable[Sealed], carrier: str | None
) -> list[_Carried]:
    ring: dict[str, vault.ServerKey | None] = {}

    def key(id: str) -> keys.PrivateKey:
        if id not in ring:
            ring[id] = vault.sealing_key(engine, session, id)
        found = ring[id]
        if found is None:
            raise ValueError("sealed to another server")
        return found.private

    return [_opened(key, segment, carrier) for segment in segments]


def _opened(key: Callable[[str], keys.PrivateKey], segment: Sealed, carrier: str | None) -> _Carried:
    try:
        aad = sealing.associated(segment.device, segment.first, segment.last)
        plaintext = sealing.open_box(key(sealing.addressed_to(segment.box)), segment.box, aad)
    except ValueError:
        return _Carried(segment, problem={"code": "sealed.unopenable", "params": {}})
    try:
        contents = parse.segment(plaintext, segment.first, segment.last)
        entries = parse.frozen(contents["mutations"])
    except SyncProblem as error:
        params = error.params if isinstance(error, Malformed) else {"at": error.code, "why": ""}
        return _Carried(segment, problem={"code": "sealed.malformed", "params": params})
    by = None if carrier == segment.device else carrier
    return _Carried(segment, Run(entries, contents["head_sig"], by, 0, 0, {}), contents["author"])


@dataclass
class _Intake:
    """What the segments of one transaction are taken with. carrier: of an exchange, whose; of a bundle, nobody."""

    engine: Engine
    session: Session
    clocks: "_Clocks"
    devices: dict[str, Device]
    carrier: Device | None


def _take_carried(at: _Intake, part: _Carried) -> None:
    """Takes a segment under its enrolment; where that cannot be, sets it aside."""
    if part.run is None:
        return
    part.device = at.devices.get(part.segment.device)
    if part.device is None:
        part.problem = {"code": "sync.device_unknown", "params": {"device": part.segment.device}}
    else:
        at.clocks.tell(at.session, part.device.phone, part.run)
        try:
            part.taken = take(at.session, part.device, part.run)
        except DeviceForked as error:
            part.problem = {"code": error.code, "params": error.params}
    if part.problem and part.author is not None:
        _set_aside(at, part, part.run, part.author)


def _set_aside(at: _Intake, part: _Carried, run: Run, author: Json) -> None:
    """For people to look at: what its author himself brought; of an unknown enrolment, what anybody brings."""
    origin, now_ms = part.segment.device, at.clocks.received_ms
    device = at.carrier and strays.stand_in(at.session, origin, at.carrier, author, at.devices, now_ms)
    code = FORKED if origin in at.devices else UNKNOWN
    if device is None and code == UNKNOWN:
        code = UNPROVEN
        try:
            device = strays.unproven(at.engine, at.session, origin, author, run, at.devices, now_ms)
        except StraysFull as error:
            part.problem = {"code": error.code, "params": error.params}
    if device is None:
        return
    at.clocks.tell(at.session, device.phone, run)
    with suppress(DeviceForked):
        after = bytes.fromhex(author["after"])
        part.taken = set_aside(at.session, device, run, after=after, code=code)
        part.device = at.devices[device.device] = device
        part.problem = None


def locked(session: Session, ids: set[str], *, skip_locked: bool = False) -> dict[str, Device]:
    """The devices with these ids, theirs alone until the transaction ends."""
    # In order, so that two exchanges never wait for each other.
    query = select(tables.device).where(tables.device.c.device.in_(ids)).order_by(tables.device.c.device)
    return {
        row.device: Device(
            device=row.device,
            phone=row.phone,
            user=row.user,
            signing_key=row.signing_key,
            revoked=row.revoked_ms is not None,
            last_seq=row.last_seq,
            top_seq=row.top_seq,
            link=row.link,
        )
        for row in session.execute(query.with_for_update(skip_locked=skip_locked))
    }


def _settle_all(
    engine: Engine,
    session: Session,
    devices: dict[str, Device],
    own: Device | None,
    taken: list[tuple[Device, Taken]],
) -> None:
    now = epoch(session)
    moved = {device.device: [i for d, t in taken if d is device for i in t.moved] for device, _ in taken}
    if own is not None:
        moved.setdefault(own.device, [])  # what it had held back gets another look
    took_effect: set[str] = set()
    for id, items in moved.items():
        took_effect |= settle(engine, session, devices[id], now, items)
    release(engine, session, devices, now, took_effect)


def release(
    engine: Engine, session: Session, devices: dict[str, Device], epoch: int, took_effect: set[str]
) -> None:
    """Applies what waited for these ids, of any device; one that is busy looks for itself when it next comes.

    devices: those locked already.
    """
    table = tables.wait
    while took_effect:
        waiting = set(session.scalars(select(table.c.device).where(table.c.dep.in_(took_effect)).distinct()))
        others = waiting - devices.keys()
        devices = devices | (locked(session, others, skip_locked=True) if others else {})
        took_effect = set()
        for id in sorted(waiting & devices.keys()):
            took_effect |= settle(engine, session, devices[id], epoch, [])


class _Clocks:
    """What is known of the clocks of phones: from this exchange for the phone it comes from, else from earlier ones."""

    def __init__(self, phone: str | None, request: Exchange | None, received_ms: int) -> None:
        self.phone, self.request, self.received_ms = phone, request, received_ms

    def tell(self, session: Session, phone: str, run: Run) -> None:
        """Fills in a run's receipt time, offset and meetings."""
        table = tables.meeting
        boots = {boot for each in run.entries if isinstance(boot := each.entry.get("boot"), str)}
        met = session.execute(select(table).where(table.c.phone == phone, table.c.boot.in_(boots))).all()
        run.received_ms = self.received_ms
        run.meetings = {row.boot: [Meeting(row.mono_ms, row.server_ms)] for row in met}
        if self.request and phone == self.phone:
            run.offset_ms = self.received_ms - self.request.sent_ms
            present = Meeting(self.request.mono_ms, self.received_ms)
            run.meetings.setdefault(self.request.boot, []).append(present)
        else:
            last = select(table.c.offset_ms).where(table.c.phone == phone).order_by(table.c.server_ms.desc())
            run.offset_ms = session.scalar(last.limit(1)) or 0

    def remember(self, session: Session, phone: str) -> None:
        """Keeps this exchange's meeting for what is sent later."""
        if self.request is None:
            return
        values = {
            "mono_ms": self.request.mono_ms,
            "server_ms": self.received_ms,
            "offset_ms": self.received_ms - self.request.sent_ms,
        }
        statement = upsert(session, tables.meeting).values(phone=phone, boot=self.request.boot, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["phone", "boot"], set_=values))


def _store(session: Session, device: Device, request: Exchange | None, received_ms: int) -> None:
    values: dict[str, Any] = {name: getattr(device, name) for name in ("last_seq", "top_seq", "link")}
    if request is not None:
        values |= {"seen_ms": received_ms, "client": request.client}
    session.execute(update(tables.device).where(tables.device.c.device == device.device).values(values))


def _expect_blobs(engine: Engine, session: Session, own: Device, taken: list[tuple[Device, Taken]]) -> None:
    table = tables.blob_due
    due = [
        {"device": device.device, "blob": blob}
        for device, found in taken
        for item in found.moved + found.fresh
        for blob in item.blobs
    ]
    if due:
        session.execute(upsert(session, table).on_conflict_do_nothing(), due)
    expected = blobs_due(session, own.phone, own.user)
    arrived = engine.present(session, own.user, expected) if expected else set()
    if arrived:
        his = select(tables.device.c.device).where(_on_phone(own.phone, own.user))
        session.execute(delete(table).where(table.c.device.in_(his), table.c.blob.in_(arrived)))


def blobs_due(session: Session, phone: str, user: str) -> set[str]:
    """The bytes that a person's work on a phone refers to, by whichever enrolment it came, and that had not come."""
    table, device = tables.blob_due, tables.device
    joined = select(table.c.blob).join(device, device.c.device == table.c.device)
    return set(session.scalars(joined.where(_on_phone(phone, user))))


def _on_phone(phone: str, user: str) -> Any:
    return and_(tables.device.c.phone == phone, tables.device.c.user == user)


def _receipts(engine: Engine, session: Session, opened: list[_Carried], received_ms: int) -> list[Json]:
    key = vault.current(engine, session, vault.RECEIPT).private if opened else None
    return [_receipt(session, part, received_ms, key) for part in opened if key]


def _receipt(session: Session, part: _Carried, received_ms: int, key: keys.PrivateKey) -> Json:
    told = results(session, [part.taken]) if part.taken else []
    receipt: Json = {
        "device": part.segment.device,
        "first": part.segment.first,
        "last": part.segment.last,
        "at": clock.utc_text(received_ms),
        "problem": part.problem,
        # Of what was here before, what became of it then: the first receipt may never have got back.
        "results": [{"seq": result["seq"], "status": result["was"] or result["status"]} for result in told],
    }
    return receipt | {"sig": keys.sign(key, envelope.receipt_message(receipt))}
