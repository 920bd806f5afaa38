"""Where a mine lies: the scopes in which somebody may hold a role over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.db import get
from backend.sites.models import Enterprise, Jurisdiction, Mine


def lineage(session: Session, mine: Mine | UUID) -> frozenset[str]:
    """The mine's own scope, its enterprise with its parents, and every jurisdiction above it."""
    found = mine if isinstance(mine, Mine) else get(session, Mine, mine)

    def above(model: type[Enterprise | Jurisdiction]) -> Above:
        return lambda key: session.scalar(select(model.parent_id).where(model.id == key))

    return _scopes(found, above(Enterprise), above(Jurisdiction))


def lineages(session: Session) -> dict[Mine, frozenset[str]]:
    """The same of every mine, by name: three queries, however many mines there are."""
    enterprises, jurisdictions = _all(session, Enterprise).get, _all(session, Jurisdiction).get
    mines = session.scalars(select(Mine).order_by(Mine.name, Mine.id))
    return {mine: _scopes(mine, enterprises, jurisdictions) for mine in mines}


def mines_within(session: Session, scopes: frozenset[str]) -> list[Mine]:
    """The mines that lie in any of these scopes, by name."""
    return [mine for mine, held in lineages(session).items() if held & scopes] if scopes else []


def jurisdictions(session: Session) -> dict[UUID, frozenset[str]]:
    """Of every jurisdiction, its own scope and those above it."""
    parents = _all(session, Jurisdiction)
    return {
        key: frozenset({"all", *(f"jurisdiction:{up}" for up in _climb(parents.get, key))}) for key in parents
    }


def reach(session: Session, scope: str) -> frozenset[str]:
    """A scope with all above it: where one must hold a role to have a say over what is granted there."""
    kind, _, key = scope.partition(":")
    above: frozenset[str] = frozenset()
    if kind == "mine" and (mine := session.get(Mine, UUID(key))):
        above = lineage(session, mine)
    elif kind == "enterprise":
        above = frozenset(f"enterprise:{up}" for up in _climb(_all(session, Enterprise).get, UUID(key)))
    elif kind == "jurisdiction":
        above = jurisdictions(session).get(UUID(key), above)
    return above | {scope, "all"}


def name_of(session: Session, scope: str) -> str:
    """What people call a scope; empty for one that has no name of its own (`all`, a visit)."""
    kind, _, key = scope.partition(":")
    model: Any = {"mine": Mine, "enterprise": Enterprise, "jurisdiction": Jurisdiction}.get(kind)
    return (session.scalar(select(model.name).where(model.id == UUID(key))) if model else None) or ""


Above = Callable[[UUID], UUID | None]


def _all(session: Session, model: type[Enterprise | Jurisdiction]) -> dict[UUID, UUID | None]:
    return dict(session.execute(select(model.id, model.parent_id)).all())


def _scopes(mine: Mine, enterprises: Above, jurisdictions: Above) -> frozenset[str]:
    return frozenset(
        {f"mine:{mine.id}", "all"}
        | {f"enterprise:{key}" for key in _climb(enterprises, mine.enterprise_id)}
        | {f"jurisdiction:{key}" for key in _climb(jurisdictions, mine.jurisdiction_id)}
    )


def _climb(above: Above, start: UUID | None) -> Iterator[UUID]:
    """This one and all above it; a ring in the data ends where it began."""
    seen: set[UUID] = set()
    while start is not None and start not in seen:
        seen.add(start)
        yield start
        start = above(start)
