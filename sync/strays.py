"""Work whose enrolment cannot go on: unknown here (the server was restored from before it), or forked. It is set aside
under a stand-in, for people to look at, and nothing of it is applied before one says so.

Its author brings it by his present enrolment, where he forgot his PIN and his phone cannot issue it again. What
somebody else hands in is kept too where its enrolment is unknown, but nobody stands for it: who has a phone of ours
could put words into another's mouth. It is told apart, limited, and gives way to the same work that comes properly.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sync import envelope, keys, tables
from sync.canonical import sha256
from sync.engine import Engine, insert
from sync.envelope import Json
from sync.ids import octets, uuid7
from sync.intake import QUARANTINED, Device, Run
from sync.problems import StraysFull

MOST_OF_AUTHOR = 2_000  # mutations that wait: months of one person's work
MOST_OF_CARRIER = 10_000  # of one phone that brings them; of all bundles together
ROOM = 8 * 1024  # bytes for each of them, on an average
_CLIENT = "stand-in"


def stand_in(
    session: Session,
    origin: str,
    carrier: Device,
    author: Json | None,
    devices: Mapping[str, Device],
    now_ms: int,
) -> Device | None:
    """What an enrolment's work is set aside under, its signatures judged by the key of that enrolment; where it is
    unknown, by the one that the segment names. None when the carrier is not the author.

    devices: those locked already; it stays locked with the carrier.
    """
    known = devices.get(origin)
    authors = {author["user"]} if author else set()
    if known is not None:
        authors.add(known.user)
    if author is None or authors != {carrier.user} or origin == carrier.device:
        return None
    name = _name(origin, octets(carrier.device))
    key = known.signing_key if known else keys.from_b64u(author["signing_key"])
    replaces = origin if known else None
    return devices.get(name) or _made(session, name, carrier.phone, carrier.user, key, replaces, now_ms)


def unproven(
    engine: Engine,
    session: Session,
    origin: str,
    author: Json,
    run: Run,
    devices: Mapping[str, Device],
    now_ms: int,
) -> Device | None:
    """What a run of an unknown enrolment is set aside under, whoever brought it. None when nobody knows its author.

    Its phone is nobody's: what a segment says of itself makes no two people users of one phone. Raises StraysFull.
    """
    if not engine.knows(session, author["user"]):
        return None
    _require_room(session, author["user"], run)
    key = keys.from_b64u(author["signing_key"])
    name = _name(origin, octets(author["user"]) + key)
    return devices.get(name) or _made(session, name, name, author["user"], key, None, now_ms)


def _require_room(session: Session, user: str, run: Run) -> None:
    """Raises StraysFull where more would wait than people can look at, under one name or from one carrier."""
    table, origin = tables.mutation, tables.device
    joined = table.join(origin, origin.c.device == table.c.device)
    held = select(func.count(), func.coalesce(func.sum(func.length(table.c.body)), 0)).select_from(joined)
    held = held.where(origin.c.phone == origin.c.device, table.c.status == QUARANTINED)
    held = held.where(table.c.decided_ms.is_(None))
    by_carrier = table.c.carrier.is_not_distinct_from(run.carrier)
    for whose, most in ((origin.c.user == user, MOST_OF_AUTHOR), (by_carrier, MOST_OF_CARRIER)):
        count, size = session.execute(held.where(whose)).one()
        count, size = count + len(run.entries), size + sum(len(each.body or b"") for each in run.entries)
        if count > most or size > most * ROOM:
            raise StraysFull(max=most)


def _made(
    session: Session, name: str, phone: str, user: str, key: bytes, replaces: str | None, now_ms: int
) -> Device:
    table = tables.device
    values = {
        "device": name,
        "phone": phone,
        "user": user,
        "transport_key": b"none " + name.encode(),  # no point of the curve: nobody speaks as it
        "signing_key": key,
        "client": _CLIENT,
        "replaces": replaces,
        "created_ms": now_ms,
        "seen_ms": now_ms,
        "revoked_ms": now_ms,
        "last_seq": 0,
        "top_seq": 0,
        "link": envelope.genesis(name),
    }
    session.execute(insert(session, table).values(values).on_conflict_do_nothing())
    row = session.execute(select(table).where(table.c.device == name).with_for_update()).one()
    return Device(name, row.phone, row.user, row.signing_key, False, row.last_seq, row.top_seq, row.link)


def _name(origin: str, of: bytes) -> str:
    """The same whenever it is brought again; another for each that brings it, for of a fork there may be several; and
    another for each author that is named, so that nobody takes the place of what comes later."""
    mixed = sha256(b"kuangjian/stand-in/1\n" + octets(origin) + of)
    return uuid7(int.from_bytes(octets(origin)[:6], "big"), mixed[:10])
