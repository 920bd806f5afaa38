"""Work whose enrolment cannot go on, while its owner forgot his PIN, so that his phone cannot issue it again: unknown
here (the server was restored from before it), or forked. It is set aside under a stand-in, for people to look at.

Only the person himself brings it, by his present enrolment: the segment says inside its box whose it is. So nobody puts
words into another's mouth, and those who decide about his work decide about this.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync import envelope, keys, tables
from sync.canonical import sha256
from sync.engine import insert
from sync.envelope import Json
from sync.ids import octets, uuid7
from sync.intake import Device

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
    name = _name(origin, carrier.device)
    if name in devices:
        return devices[name]
    table = tables.device
    values = {
        "device": name,
        "phone": carrier.phone,
        "user": carrier.user,
        "transport_key": b"none " + name.encode(),  # no point of the curve: nobody speaks as it
        "signing_key": known.signing_key if known else keys.from_b64u(author["signing_key"]),
        "client": _CLIENT,
        "replaces": known and origin,
        "created_ms": now_ms,
        "seen_ms": now_ms,
        "revoked_ms": now_ms,
        "last_seq": 0,
        "top_seq": 0,
        "link": envelope.genesis(name),
    }
    session.execute(insert(session, table).values(values).on_conflict_do_nothing())
    row = session.execute(select(table).where(table.c.device == name)).one()
    return Device(name, row.phone, row.user, row.signing_key, False, row.last_seq, row.top_seq, row.link)


def _name(origin: str, carrier: str) -> str:
    """The same whenever it is brought again; another for each that brings it, for of a fork there may be several."""
    mixed = sha256(b"kuangjian/stand-in/1\n" + octets(origin) + octets(carrier))
    return uuid7(int.from_bytes(octets(origin)[:6], "big"), mixed[:10])
