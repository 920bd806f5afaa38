"""What the desk asks about the people of a unit: who may sign in, as what, since and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from backend.accounts import operations as accounts
from backend.accounts.models import Grant, SignIn, Slip, User
from backend.kernel import policy
from backend.kernel.db import now
from backend.kernel.names import names
from backend.kernel.policy import Actor, Role
from backend.people.operations import ROLES, Unit
from backend.shifts.models import Staff
from backend.shifts.queries import place
from backend.sites import operations as sites
from backend.sites.models import Enterprise, Jurisdiction, Mine


def units(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """The units whose people this person manages, with the roles that each has. Raises DENIED (403) for none."""
    if not actor.scopes(accounts.MANAGE):
        raise policy.DENIED(act=accounts.MANAGE)
    mines = {row.id: row for row in session.scalars(select(Mine))}
    return [
        found._asdict()
        | {
            "roles": [role.value for role in Role if role in ROLES[found.kind]],
            "mine_kind": mines[found.id].kind if found.kind == "mine" else None,
            "shifts": [shift["name"] for shift in mines[found.id].shifts] if found.kind == "mine" else [],
        }
        for found in _managed(session, actor)
    ]


def _managed(session: Session, actor: Actor) -> Iterator[Unit]:
    for kind, model in (("mine", Mine), ("enterprise", Enterprise), ("jurisdiction", Jurisdiction)):
        for key, name in session.execute(select(model.id, model.name).order_by(model.name, model.id)):
            scope = f"{kind}:{key}"
            if policy.may(actor, accounts.MANAGE, sites.reach(session, scope)):
                yield Unit(kind, key, scope, name)


def users(session: Session, at: Unit) -> set[UUID]:
    """Everybody who works at a unit or ever had a role there."""
    granted = session.scalars(select(Grant.user_id).where(Grant.scope == at.scope))
    employed = session.scalars(select(Staff.user_id).where(Staff.mine_id == at.id))
    return {*granted, *employed}


def people(session: Session, actor: Actor, at: Unit, only: UUID | None = None) -> list[dict[str, Any]]:
    """The people of a unit, by name, with their roles there; or just the one asked for.

    activated: he has used a slip, or has a password.  slip_until: a slip is out that he has not used.
    """
    found = {only} if only else users(session, at)
    staff = {row.user_id: row for row in session.scalars(select(Staff).where(Staff.mine_id == at.id))}
    grants = _grants(session, at, found)
    slips, used = _slips(session, found)
    signed_in = _signed_in(session, found)
    query = select(User).where(User.id.in_(found)).order_by(User.name, User.id)
    rows = session.scalars(query.options(selectinload(User.grants)))
    return [
        {
            "id": user.id,
            "name": user.name,
            "login": user.login,
            "phone": user.phone,
            "certificate_no": user.certificate_no,
            "certificate_until": user.certificate_until,
            "active": user.active,
            "activated": user.password_hash is not None or user.id in used,
            "slip_until": slips.get(user.id),
            "signed_in_at": signed_in.get(user.id),
            "staff": _here(staff[user.id]) if user.id in staff else None,
            "managed": accounts.manages(session, actor, user),
            "grants": grants.get(user.id, []),
        }
        for user in rows
    ]


def _here(row: Staff) -> dict[str, Any]:
    return place(row) | {"shifts": row.shifts, "place": row.place_id}


def _grants(session: Session, at: Unit, of: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    moment = now(session)
    query = select(Grant).where(Grant.scope == at.scope, Grant.user_id.in_(of))
    rows = list(session.scalars(query.order_by(Grant.starts_at, Grant.id)))
    absent = names(session, User, {row.deputy_for for row in rows if row.deputy_for})
    told: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        shown = {name: getattr(row, name) for name in ("id", "role", "starts_at", "ends_at")}
        shown |= {"deputy_for": absent[row.deputy_for] if row.deputy_for else None}
        told.setdefault(row.user_id, []).append(shown | {"held": row.held().holds(moment)})
    return told


def _slips(session: Session, of: Collection[UUID]) -> tuple[dict[UUID, datetime], set[UUID]]:
    rows = session.scalars(select(Slip).where(Slip.user_id.in_(of))).all()
    moment = now(session)
    out = {row.user_id: row.ends_at for row in rows if row.used_at is None and row.ends_at > moment}
    return out, {row.user_id for row in rows if row.used_at is not None}


def _signed_in(session: Session, of: Collection[UUID]) -> dict[UUID, datetime]:
    query = select(SignIn.user_id, func.max(SignIn.created_at)).where(SignIn.user_id.in_(of))
    return dict(session.execute(query.group_by(SignIn.user_id)).all())
