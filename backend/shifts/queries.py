"""What the desk asks about a mine's people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.shifts.models import Staff
from backend.sites.models import Mine


def people(session: Session, mine: Mine) -> list[dict[str, Any]]:
    """Everybody who works there, by team and name. user_id: the person; id: his place at this mine."""
    found = session.scalars(
        select(Staff).where(Staff.mine_id == mine.id).order_by(Staff.team, Staff.name, Staff.id)
    )
    return [place(row) for row in found]


def place(row: Staff) -> dict[str, Any]:
    """A person at a mine, on the wire."""
    return {
        "id": row.id,
        "user_id": row.user_id,
        "name": row.name,
        "title": row.title,
        "team": row.team,
        "posts": row.posts,
    }
