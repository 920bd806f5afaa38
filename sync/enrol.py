"""Enrolment: a phone and a person become a device, with a transport key, a signing key and a chain of its own."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import clock, envelope, keys, parse, tables, vault
from sync.engine import Engine, epoch
from sync.envelope import Json
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
    }


def revoke(engine: Engine, session: Session, device: str) -> None:
    """A lost phone: no rows any more, and what it still sends is quarantined. Raises DeviceUnknown."""
    statement = update(tables.device).where(tables.device.c.device == device)
    if session.execute(statement.values(revoked_ms=engine.now_ms())).rowcount == 0:  # type: ignore[attr-defined]
        raise DeviceUnknown(device=device)


def of_user(session: Session, user: str) -> list[Row[Any]]:
    """A person's enrolments, the newest first."""
    query = select(tables.device).where(tables.device.c.user == user)
    return list(session.execute(query.order_by(tables.device.c.created_ms.desc(), tables.device.c.device)))


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
