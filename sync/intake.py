"""Taking what a device sends: once, in the order of its chain, under the person's signature. Nothing is applied here.

Everything with a readable seq is stored. What can go on to its operation is handed back; what cannot is given
its end here: held beyond a gap, a duplicate, or quarantined with its problem.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import clock, envelope, keys, parse, tables
from sync.clock import Meeting
from sync.engine import insert
from sync.envelope import Frozen, Json
from sync.ids import is_uuid, is_uuid7
from sync.problems import DeviceForked

HELD, QUARANTINED, DUPLICATE = "held", "quarantined", "duplicate"
IN_EFFECT = ("applied", "merged", "conflict")
UNKNOWN, FORKED, UNPROVEN = "mutation.device_unknown", "mutation.device_forked", "mutation.author_unproven"
STRAY = (UNKNOWN, FORKED, UNPROVEN)


@dataclass
class Device:
    """A locked row of sync_device, and how far its chain has come."""

    device: str
    phone: str
    user: str
    signing_key: bytes
    revoked: bool
    last_seq: int
    top_seq: int
    link: bytes


@dataclass
class Run:
    """Consecutive entries as they arrived, and what is known of the clocks of the phone they come from."""

    entries: list[Frozen]
    head_sig: str | None
    carrier: str | None
    received_ms: int
    offset_ms: int
    meetings: dict[str, list[Meeting]]


@dataclass
class Item:
    """A stored mutation on its way to its end. entry: with seq, None for a void. status None: to be applied."""

    pk: int
    seq: int
    hash: bytes
    entry: Json | None
    corrected_ms: int
    received_ms: int
    suspect: bool
    status: str | None = HELD
    ver: int | None = None
    conflict: Json | None = None
    problem: Json | None = None
    same_as: int | None = None
    head_sig: str | None = None

    def quarantine(self, code: str, **params: Any) -> None:
        """Ends it: stored, and for people to look at."""
        self.status, self.problem = QUARANTINED, {"code": code, "params": params}

    @property
    def blobs(self) -> list[str]:
        """The names of the bytes it refers to, when it can be read."""
        unreadable = self.entry is None or (self.problem and self.problem["code"] == "mutation.malformed")
        return [] if unreadable else self.readable["blobs"]

    @property
    def readable(self) -> Json:
        """The mutation, of which it is known that it is one."""
        if self.entry is None:
            raise ValueError("a void has no mutation")
        return self.entry


@dataclass
class Taken:
    """known: seq → pk of what was here before. fresh: stored now. moved: of these and of older ones, those whose
    place in the chain is reached; where status is None, to be applied in order.
    """

    known: dict[int, int] = field(default_factory=dict)
    fresh: list[Item] = field(default_factory=list)
    moved: list[Item] = field(default_factory=list)


def take(session: Session, device: Device, run: Run) -> Taken:
    """Stores a run and carries the chain on. Raises DeviceForked when a seq is here with another hash."""
    taken = Taken()
    stored = _stored(session, device, run)
    _require_same(device, stored, run)
    for each in run.entries:
        if each.seq in stored:
            taken.known[each.seq] = stored[each.seq].pk
            if stored[each.seq].body is None and each.body is not None:
                taken.moved += _fill(session, device, stored[each.seq], each, run)
    fresh = [each for each in run.entries if each.seq not in stored]
    had_gap = device.top_seq > device.last_seq
    if fresh:
        taken.fresh = _store(session, device, run, fresh)
        device.top_seq = max(device.top_seq, taken.fresh[-1].seq)
    if run.entries[0].seq <= device.last_seq + 1:
        behind = _beyond(session, device, taken.fresh) if had_gap else []
        signatures = {run.entries[-1].seq: run.head_sig} if run.head_sig else {}
        taken.moved += _advance(device, sorted(taken.fresh + behind, key=lambda item: item.seq), signatures)
    return taken


def set_aside(session: Session, device: Device, run: Run, *, after: bytes, code: str) -> Taken:
    """Stores a run to which no chain here leads, for people to look at: nothing of it is applied by itself.

    after: the link before its first entry, as its author has it. code: of the problem with all of it.
    Raises DeviceForked as `take`.
    """
    stored = _stored(session, device, run)
    _require_same(device, stored, run)
    taken = Taken(known={seq: row.pk for seq, row in stored.items()})
    fresh = [each for each in run.entries if each.seq not in stored]
    if fresh:
        taken.fresh = taken.moved = _store(session, device, run, fresh)
    device.last_seq = device.top_seq = max(device.top_seq, run.entries[-1].seq)
    link = after
    for each in run.entries:
        link = envelope.link(link, each.seq, each.hash)
    _judge(device, taken.fresh, keys.verify(device.signing_key, envelope.head_message(link), run.head_sig))
    for item in taken.fresh:
        if item.status is None:
            item.quarantine(code)
    return taken


def _require_same(device: Device, stored: dict[int, Any], run: Run) -> None:
    for each in run.entries:
        if each.seq in stored and stored[each.seq].hash != each.hash:
            raise DeviceForked(device=device.device, seq=each.seq, last_seq=device.last_seq)


def _stored(session: Session, device: Device, run: Run) -> dict[int, Any]:
    first, last = run.entries[0].seq, run.entries[-1].seq
    if first > device.top_seq:
        return {}
    table = tables.mutation
    query = select(table.c.pk, table.c.seq, table.c.hash, table.c.body, table.c.status, table.c.problem)
    query = query.where(table.c.device == device.device, table.c.seq.between(first, last))
    return {row.seq: row for row in session.execute(query).all()}


def _store(session: Session, device: Device, run: Run, fresh: list[Frozen]) -> list[Item]:
    rows = [_row(device, run, each) for each in fresh]
    if fresh[-1] is run.entries[-1]:
        rows[-1]["head_sig"] = run.head_sig
    pks = _insert(session, rows)
    again = [row for row in rows if row["seq"] not in pks]
    if again:
        pks |= _store_again(session, again)
    return [_item(pks[each.seq], row, each.entry) for row, each in zip(rows, fresh, strict=True)]


def _store_again(session: Session, rows: list[dict[str, Any]]) -> dict[int, int]:
    """Stores rows whose id is here already: as a repeat, or in place of one that would never have come to anything."""
    first_seen = {row.id: row for row in _first_seen(session, [row["id"] for row in rows])}
    displaced: dict[int, int] = {}
    for row in rows:
        first = first_seen[row["id"]]
        if first.hash != row["hash"] and not _is_unproven(session, first):
            row |= {"id": None, "problem": _problem("mutation.id_reused")}
        elif first.hash != row["hash"]:
            # Both stay: a word that nobody stands for must not keep out one that a person signed.
            session.execute(update(tables.mutation).where(tables.mutation.c.pk == first.pk).values(id=None))
        elif _gives_way(session, first):
            displaced[row["seq"]] = first.pk
        else:
            row |= {"id": None, "same_as": first.pk}
    pks = _insert(session, rows)
    for seq, pk in displaced.items():
        session.execute(update(tables.mutation).where(tables.mutation.c.pk == pk).values(same_as=pks[seq]))
    return pks


def _is_unproven(session: Session, first: Row[Any]) -> bool:
    """Whether it waits under an author's name for which nobody stands (sync/strays.py)."""
    table = tables.device
    origin = select(table.c.device).where(table.c.device == first.device, table.c.phone == first.device)
    return first.status == QUARANTINED and session.scalar(origin) is not None


def _gives_way(session: Session, first: Row[Any]) -> bool:
    """Gives up the id of a row that is stuck: beyond a gap of a device that was given up, without a signature, or
    without an enrolment."""
    table = tables.mutation
    device = select(tables.device.c.last_seq).where(tables.device.c.device == first.device).with_for_update()
    stuck: bool = first.seq > session.execute(device).scalar_one()
    if first.status == QUARANTINED and not stuck:
        stuck = json.loads(first.problem)["code"] in ("mutation.signature_invalid", *STRAY)
    if stuck:
        given_up = {"id": None, "status": DUPLICATE}
        session.execute(update(table).where(table.c.pk == first.pk).values(given_up))
    return stuck


def _row(device: Device, run: Run, each: Frozen) -> dict[str, Any]:
    entry, void = each.entry, each.body is None
    wrong = None if void else parse.flaw(entry)
    id, op, entity = (None,) * 3 if void else (entry.get(name) for name in ("id", "op", "entity"))
    corrected, suspect = (run.received_ms, False) if void or wrong else _corrected(run, entry)
    return {
        "device": device.device,
        "seq": entry["seq"],
        "id": id if is_uuid7(id) else None,
        "same_as": None,
        "hash": each.hash,
        "head_sig": None,
        "body": each.body and each.body.decode(),
        "op": op if not wrong else None,
        "entity": entity if is_uuid(entity) else None,
        "carrier": run.carrier,
        "corrected_ms": corrected,
        "received_ms": run.received_ms,
        "suspect": suspect,
        "status": HELD,
        "problem": _problem("mutation.void") if void else wrong and _problem("mutation.malformed", at=wrong),
    }


def _corrected(run: Run, entry: Json) -> tuple[int, bool]:
    wall = clock.to_ms(clock.parse_wall(entry["wall"]))
    meetings = run.meetings.get(entry["boot"], [])
    return clock.correct(wall, run.offset_ms, entry["mono_ms"], meetings, run.received_ms)


def _insert(session: Session, rows: list[dict[str, Any]]) -> dict[int, int]:
    """Stores rows whose id is not here yet. The constraint decides, also between two transactions. seq → pk."""
    if not rows:
        return {}
    table = tables.mutation
    # Row by row: one statement with all of them has so many parameters that its text takes longer to read than to do.
    session.execute(insert(session, table).on_conflict_do_nothing(index_elements=["id"]), rows)
    stored = select(table.c.seq, table.c.pk).where(table.c.device == rows[0]["device"])
    between = table.c.seq.between(rows[0]["seq"], rows[-1]["seq"])
    return {row.seq: row.pk for row in session.execute(stored.where(between))}


def _first_seen(session: Session, ids: list[str]) -> list[Row[Any]]:
    return list(session.execute(select(tables.mutation).where(tables.mutation.c.id.in_(ids))))


def _fill(session: Session, device: Device, before: Row[Any], each: Frozen, run: Run) -> list[Item]:
    """A mutation that had been given up for lost takes its place, if the chain around it was good."""
    if before.status != HELD and json.loads(before.problem)["code"] not in (
        "mutation.void",
        "mutation.discarded",
    ):
        return []
    entry, wrong = each.entry, parse.flaw(each.entry)
    corrected, suspect = (run.received_ms, False) if wrong else _corrected(run, entry)
    row = {
        "body": each.body and each.body.decode(),
        "problem": wrong and _problem("mutation.malformed", at=wrong),
        "corrected_ms": corrected,
        "received_ms": run.received_ms,
        "suspect": suspect,
        "decided_ms": None,
    }
    if not wrong:
        first_seen = _first_seen(session, [entry["id"]])
        row |= {name: entry[name] for name in ("op", "entity")}
        row |= {"same_as": first_seen[0].pk} if first_seen else {"id": entry["id"]}
    session.execute(update(tables.mutation).where(tables.mutation.c.pk == before.pk).values(row))
    if before.status == HELD:
        return []
    item = _item(before.pk, {"same_as": None} | row | {"hash": before.hash}, entry)
    _judge(device, [item], good=True)
    return [item]


def _beyond(session: Session, device: Device, fresh: list[Item]) -> list[Item]:
    """What waited beyond the gap, however long."""
    table = tables.mutation
    query = select(table).where(table.c.device == device.device, table.c.seq > device.last_seq)
    new = {item.seq for item in fresh}
    items = [loaded(row) for row in session.execute(query) if row.seq not in new]
    for item in items:
        if item.problem and item.problem["code"] == "mutation.gap":
            item.problem = None
    return items


def _advance(device: Device, items: list[Item], signatures: dict[int, str]) -> list[Item]:
    """Carries the chain over all that now follows without a gap, and judges each run by its signature."""
    reached: list[Item] = []
    unsigned: list[Item] = []
    for item in items:
        if item.seq != device.last_seq + 1:
            break
        device.link = envelope.link(device.link, item.seq, item.hash)
        device.last_seq = item.seq
        unsigned.append(item)
        reached.append(item)
        candidates = [sig for sig in (item.head_sig, signatures.get(item.seq)) if sig]
        if candidates:
            message = envelope.head_message(device.link)
            _judge(device, unsigned, any(keys.verify(device.signing_key, message, sig) for sig in candidates))
            unsigned = []
    _judge(device, unsigned, good=False)
    return reached


def _judge(device: Device, items: list[Item], good: bool) -> None:
    for item in items:
        item.status = None
        if not good:
            item.quarantine("mutation.signature_invalid")
        elif device.revoked:
            item.quarantine("mutation.device_revoked")
        elif item.same_as is not None:
            item.status = DUPLICATE
        elif item.problem is not None:
            item.status = QUARANTINED


def _item(pk: int, row: dict[str, Any], entry: Json | None) -> Item:
    return Item(
        pk=pk,
        seq=entry["seq"] if entry else row["seq"],
        hash=row["hash"],
        entry=None if entry is None or "void" in entry else entry,
        corrected_ms=row["corrected_ms"],
        received_ms=row["received_ms"],
        suspect=row["suspect"],
        problem=json.loads(row["problem"]) if row["problem"] else None,
        same_as=row["same_as"],
        head_sig=row.get("head_sig"),
    )


def loaded(row: Row[Any]) -> Item:
    """The item of a stored row of sync_mutation that has not come to its end."""
    entry = None if row.body is None else json.loads(row.body) | {"seq": row.seq}
    return _item(row.pk, row._asdict(), entry)


def _problem(code: str, **params: Any) -> str:
    return json.dumps({"code": code, "params": params}, ensure_ascii=False)
