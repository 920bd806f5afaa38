"""What the desk asks about mines and bureaus: which of them a person's grants reach."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel import policy
from backend.kernel.db import get
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import NOT_FOUND
from backend.sites import operations
from backend.sites.models import Bureau, Mine, Place

READ = policy.allow(
    "mine.read",
    policy.MINE_ROLES
    | {
        *(Role.INSPECTOR, Role.CLERK, Role.LEGAL_REVIEWER, Role.BUREAU_SECTION, Role.BUREAU_HEAD),
        *(Role.COMMITTEE_OFFICE, Role.AUDITOR),
    },
)


def mines(session: Session, actor: Actor, act: str, only: UUID | None = None) -> list[Mine]:
    """The mines in which this person may do `act`, by name; or just the one that is asked for.

    Raises DENIED (403) when he may do it nowhere, NOT_FOUND (404) for a mine that is not among his.
    """
    scopes = actor.scopes(act)
    if not scopes:
        raise policy.DENIED(act=act)
    if only is None:
        return operations.mines_within(session, scopes)
    mine = get(session, Mine, only)
    if not operations.lineage(session, mine) & scopes:
        raise NOT_FOUND()
    return [mine]


def places(session: Session, mine: Mine) -> list[dict[str, Any]]:
    found = session.scalars(select(Place).where(Place.mine_id == mine.id).order_by(Place.name))
    return [row.row() | {"id": row.id} for row in found]


def bureaus(session: Session, scopes: frozenset[str]) -> list[Bureau]:
    """The bureaus that work in these scopes: a grant at a city reaches the bureaus of its counties."""
    above = operations.jurisdictions(session) if scopes else {}
    return [
        bureau
        for bureau in session.scalars(select(Bureau).order_by(Bureau.name))
        if above.get(bureau.jurisdiction_id, frozenset()) & scopes
    ]
