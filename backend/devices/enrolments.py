"""Enrolments at the desk: whose phones there are, how far each came, and what ends when one is lost.

A phone shows what it has not sent; the server knows only what it was told. So what is said of a lost phone is what
arrived last, what of that waits, and which photos were declared and never came.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.kernel import audit, paging, policy
from backend.kernel.names import ref
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND
from backend.people import operations as people
from backend.people import queries
from sync import clock, enrol
from sync.engine import Engine
from sync.problems import DeviceUnknown

Enrolment = Row[Any]


def of_unit(
    engine: Engine, session: Session, actor: Actor, scope: str, name: str, cursor: str | None, limit: int
) -> paging.Page[dict[str, Any]]:
    """The phones of a unit's people, the one last heard of first; a phone's enrolments stay together.

    name: part of the name of somebody who uses the phone.  limit: of phones.
    Raises as `people.operations.unit`; INVALID (422) for a cursor that is none.
    """
    at = people.unit(session, actor, scope)
    users = _managed(session, actor, queries.users(session, at))
    found = enrol.of_users(session, [str(user) for user in users])
    phones: dict[str, list[Enrolment]] = {}
    for row in sorted(found, key=lambda row: (row.seen_ms, row.phone), reverse=True):
        phones.setdefault(row.phone, []).append(row)
    heard = [
        (rows[0].seen_ms, phone)
        for phone, rows in phones.items()
        if any(name in users[UUID(row.user)].name for row in rows)
    ]
    if cursor is not None:
        moment, key = paging.read(cursor)
        heard = [one for one in heard if one < (clock.to_ms(moment), str(key))]
    page = heard[:limit]
    rows = [row for _, phone in page for row in phones[phone]]
    following = paging.write(clock.from_ms(page[-1][0]), UUID(page[-1][1])) if len(heard) > limit else None
    return paging.Page(_told(engine, session, rows, users), following)


def revoke(engine: Engine, session: Session, actor: Actor, device: str) -> dict[str, Any]:
    """End one person's use of a phone: it gets no rows any more, and what it still sends waits for people.

    Raises DENIED (403); NOT_FOUND (404), the same for what is not there and what is not his.
    """
    _require(actor)
    try:
        found = enrol.one(session, device)
    except DeviceUnknown as error:
        raise NOT_FOUND() from error
    [told] = _end(engine, session, actor, [found], "device.revoked")
    return told


def lost(engine: Engine, session: Session, actor: Actor, phone: str) -> list[dict[str, Any]]:
    """A phone is lost: the enrolments on it end, and every sign-in of the people who used it; they sign in elsewhere.

    Returns how far each of them had come. Raises as `revoke`.
    """
    _require(actor)
    return _end(engine, session, actor, enrol.of_phone(session, phone), "phone.lost")


def _end(
    engine: Engine, session: Session, actor: Actor, found: Collection[Enrolment], act: str
) -> list[dict[str, Any]]:
    users = _managed(session, actor, {UUID(row.user) for row in found})
    ours = [row for row in found if UUID(row.user) in users]
    if not ours:
        raise NOT_FOUND()
    for row in ours:
        enrol.revoke(engine, session, row.device)
        audit.note(session, actor.id, act, f"device:{row.device}", user=row.user, phone=row.phone)
    if act == "phone.lost":
        for user in users:
            accounts.end_sign_ins(session, user)
    return _told(engine, session, [enrol.one(session, row.device) for row in ours], users)


def _require(actor: Actor) -> None:
    if not actor.scopes(accounts.MANAGE):
        raise policy.DENIED(act=accounts.MANAGE)


def _managed(session: Session, actor: Actor, users: Collection[UUID]) -> dict[UUID, User]:
    rows = session.scalars(select(User).where(User.id.in_(users)))
    return {row.id: row for row in rows if accounts.manages(session, actor, row)}


def _told(
    engine: Engine, session: Session, found: Collection[Enrolment], users: dict[UUID, User]
) -> list[dict[str, Any]]:
    """received: how many records arrived, without a gap.  mates: how many people of these use the same phone."""
    standing = enrol.standing(engine, session, found)
    replaced = {row.replaces for row in found}
    on_phone: dict[str, set[str]] = {}
    for row in found:
        on_phone.setdefault(row.phone, set()).add(row.user)
    return [
        {
            "device": row.device,
            "phone": row.phone,
            "person": ref(users[UUID(row.user)]),
            "mates": len(on_phone[row.phone]) - 1,
            "client": row.client,
            "created_at": clock.from_ms(row.created_ms),
            "seen_at": clock.from_ms(row.seen_ms),
            "revoked_at": clock.from_ms(row.revoked_ms) if row.revoked_ms else None,
            "replaced": row.device in replaced,
            "received": row.last_seq,
            **standing[row.device]._asdict(),
        }
        for row in found
    ]
