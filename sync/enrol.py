"""Enrolment: a phone and a person become a device, with a transport key, a signing key and a chain of its own."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import certificates, clock, envelope, keys, parse, tables, vault
from sync.engine import Engine, epoch
from sync.envelope import Json
from sync.intake import HELD, QUARANTINED
from sync.problems import DeviceUnknown, KeyInUse, ProofInvalid, UserMismatch


def enrol(engine: Engine, session: Session, body: bytes, user: str) -> Json:
    """Enrols the phone of a signed-in user and answers as the envelope says. Repeated, it answers the same device.

    Raises Malformed, UserMismatch, ProofInvalid, KeyInUse; DeviceUnknown when `replaces` is not this user's.
    """
    request = parse.enrolment(body)
    if request["user"] != user:
        raise UserMismatch()
    raw = {which: keys.from_b64u(request[f"{which}_key"]) for which in ("transport", "signing")}
    message = parse.signed(lambda: envelope.enrol_message(request))
    for which, public in raw.items():
        if not keys.verify(public, message, request["proof"][which]):
            raise ProofInvalid(key=which)
    found = session.execute(
        select(tables.device).where(tables.device.c.transport_key == raw["transport"])
    ).first()
    if found is None:
        found = _new(engine, session, request, raw)
    elif (found.phone, found.user, found.signing_key) != (request["phone"], user, raw["signing"]):
        raise KeyInUse()
    return {
        "device": found.device,
        "epoch": epoch(session),
        "last_seq": found.last_seq,
        "durable_seq": engine.durable(session, found.device),
        "server_time": clock.utc_text(engine.now_ms()),
        "sealing_key": _described(engine, session, vault.SEALING),
        "receipt_key": _described(engine, session, vault.RECEIPT),
        "certificate": certificates.certify(engine, session, user, found.signing_key),
    }


def revoke(engine: Engine, session: Session, device: str) -> None:
    """A lost phone: no rows any more, and what it still sends is quarantined. Raises DeviceUnknown."""
    one(session, device)
    mark = update(tables.device).where(tables.device.c.device == device, tables.device.c.revoked_ms.is_(None))
    session.execute(mark.values(revoked_ms=engine.now_ms()))


def of_user(session: Session, user: str) -> list[Row[Any]]:
    """A person's enrolments, the newest first."""
    return of_users(session, [user])


def of_users(session: Session, users: Collection[str]) -> list[Row[Any]]:
    """The enrolments of several people, the newest first."""
    return _some(session, tables.device.c.user.in_(users))


def of_phone(session: Session, phone: str) -> list[Row[Any]]:
    """Everybody's enrolments on one phone, the newest first."""
    return _some(session, tables.device.c.phone == phone)


def one(session: Session, device: str) -> Row[Any]:
    """Raises DeviceUnknown."""
    found = _some(session, tables.device.c.device == device)
    if not found:
        raise DeviceUnknown(device=device)
    return found[0]


def _some(session: Session, condition: Any) -> list[Row[Any]]:
    query = select(tables.device).where(condition)
    return list(session.execute(query.order_by(tables.device.c.created_ms.desc(), tables.device.c.device)))


class Standing(NamedTuple):
    """What of an enrolment's work is not through, as far as the server knows.

    held: waits for something before it.  quarantined: waits for people.  photos: declared, and not arrived.
    """

    held: int
    quarantined: int
    photos: int


def standing(engine: Engine, session: Session, enrolments: Collection[Row[Any]]) -> dict[str, Standing]:
    """By device. What a phone never sent, nobody knows of."""
    devices = [row.device for row in enrolments]
    table = tables.mutation
    waits = select(table.c.device, table.c.status, func.count()).where(
        table.c.device.in_(devices), table.c.status.in_((HELD, QUARANTINED)), table.c.decided_ms.is_(None)
    )
    counts = {
        (device, status): n
        for device, status, n in session.execute(waits.group_by(table.c.device, table.c.status))
    }
    due: dict[str, set[str]] = {}
    declared = select(tables.blob_due.c.device, tables.blob_due.c.blob)
    for device, blob in session.execute(declared.where(tables.blob_due.c.device.in_(devices))):
        due.setdefault(device, set()).add(blob)
    absent = {
        row.device: len(due[row.device] - engine.present(session, row.user, due[row.device]))
        for row in enrolments
        if row.device in due
    }
    return {
        device: Standing(
            counts.get((device, HELD), 0), counts.get((device, QUARANTINED), 0), absent.get(device, 0)
        )
        for device in devices
    }


def on_same_phones(session: Session, users: Collection[str]) -> dict[str, set[str]]:
    """Of each of these people, everybody who has an enrolment on a phone of his, himself included."""
    own, other = tables.device.alias("own"), tables.device.alias("other")
    query = select(own.c.user, other.c.user.label("mate")).join_from(own, other, own.c.phone == other.c.phone)
    found: dict[str, set[str]] = {user: {user} for user in users}
    for row in session.execute(query.where(own.c.user.in_(found)).distinct()):
        found[row.user].add(row.mate)
    return found


def _described(engine: Engine, session: Session, purpose: str) -> dict[str, str]:
    key = vault.current(engine, session, purpose)
    return vault.described(key.id, key.public)


def _new(engine: Engine, session: Session, request: Json, raw: dict[str, bytes]) -> Row[Any]:
    before = request["replaces"]
    if before is not None and before not in {row.device for row in of_user(session, request["user"])}:
        raise DeviceUnknown(device=before)
    device, now = engine.new_id(), engine.now_ms()
    values = {
        "device": device,
        "phone": request["phone"],
        "user": request["user"],
        "transport_key": raw["transport"],
        "signing_key": raw["signing"],
        "client": request["client"],
        "replaces": before,
        "created_ms": now,
        "seen_ms": now,
        "last_seq": 0,
        "top_seq": 0,
        "link": envelope.genesis(device),
    }
    return session.execute(insert(tables.device).values(values).returning(tables.device)).one()
