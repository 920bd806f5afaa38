"""Where a mine lies: the scopes in which somebody may hold a role over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.db import get
from backend.sites.models import Enterprise, Jurisdiction, Mine


def lineage(session: Session, mine: Mine | UUID) -> frozenset[str]:
    """The mine's own scope, its enterprise with its parents, and every jurisdiction above it."""
    found = mine if isinstance(mine, Mine) else get(session, Mine, mine)
    scopes = {f"mine:{found.id}", "all"}
    scopes.update(f"enterprise:{row.id}" for row in _upwards(session, Enterprise, found.enterprise_id))
    scopes.update(f"jurisdiction:{row.id}" for row in _upwards(session, Jurisdiction, found.jurisdiction_id))
    return frozenset(scopes)


def mines_within(session: Session, scopes: frozenset[str]) -> list[Mine]:
    """The mines that lie in any of these scopes, by name."""
    mines = session.scalars(select(Mine).order_by(Mine.name)).all()
    return [mine for mine in mines if lineage(session, mine) & scopes]


Level = TypeVar("Level", Enterprise, Jurisdiction)


def _upwards(session: Session, model: type[Level], start: UUID | None) -> Iterator[Level]:
    seen: set[UUID] = set()
    while start is not None and start not in seen:
        seen.add(start)
        row = session.get_one(model, start)
        yield row
        start = row.parent_id
