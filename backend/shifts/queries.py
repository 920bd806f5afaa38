"""What the desk asks about a mine's people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Grant, Slip, User
from backend.kernel.db import now
from backend.kernel.names import names
from backend.shifts.models import Staff
from backend.sites.models import Mine


def accounts_at(session: Session, mine: Mine) -> list[dict[str, Any]]:
    """Everybody who works at a mine or ever had a role there, with what is granted to him there."""
    scope = f"mine:{mine.id}"
    staff = {row.user_id: row for row in session.scalars(select(Staff).where(Staff.mine_id == mine.id))}
    grants: dict[UUID, list[Grant]] = {}
    for grant in session.scalars(
        select(Grant).where(Grant.scope == scope).order_by(Grant.starts_at, Grant.id)
    ):
        grants.setdefault(grant.user_id, []).append(grant)
    users = session.scalars(select(User).where(User.id.in_({*staff, *grants})).order_by(User.name, User.id))
    return [person(session, user, staff.get(user.id), grants.get(user.id, [])) for user in users]


def person(session: Session, user: User, staff: Staff | None, grants: Sequence[Grant]) -> dict[str, Any]:
    """A person with his place at a mine and his roles there. activated: he has used a slip, or has a password."""
    at = now(session)
    used = select(Slip.code_hash).where(Slip.user_id == user.id, Slip.used_at.is_not(None))
    absent = names(session, User, {grant.deputy_for for grant in grants if grant.deputy_for})
    return {
        "id": user.id,
        "name": user.name,
        "login": user.login,
        "active": user.active,
        "activated": user.password_hash is not None or session.scalar(used.limit(1)) is not None,
        "staff": _place(staff) if staff else None,
        "grants": [
            {
                "id": grant.id,
                "role": grant.role,
                "starts_at": grant.starts_at,
                "ends_at": grant.ends_at,
                "deputy_for": absent[grant.deputy_for] if grant.deputy_for else None,
                "held": grant.held().holds(at),
            }
            for grant in grants
        ],
    }


def people(session: Session, mine: Mine) -> list[dict[str, Any]]:
    """Everybody who works there, by team and name. user_id: the person; id: his place at this mine."""
    found = session.scalars(
        select(Staff).where(Staff.mine_id == mine.id).order_by(Staff.team, Staff.name, Staff.id)
    )
    return [_place(row) for row in found]


def _place(row: Staff) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "name": row.name,
        "title": row.title,
        "team": row.team,
        "posts": row.posts,
    }
