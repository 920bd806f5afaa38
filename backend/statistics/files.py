"""Which photos a person may open at a desk: those of records that he may read there.

A phone holds rows by their home scope; a desk reads more than any phone holds (a section head sees every mine of his
county), so it asks record by record, starting from the scopes that refer to the file.
"""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.checklists import operations as checklists
from backend.hazards import operations as hazards
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel import policy
from backend.kernel.policy import Actor
from backend.shifts.models import Staff
from backend.sites import operations as sites
from backend.uploads import operations as uploads


def scopes(session: Session, actor: Actor, sha: str) -> set[str]:
    """A scope that refers to this file and whose records the person may read at a desk; one is enough."""
    used_in = sorted(uploads.open_in(session, [sha])[sha])
    return set(islice((scope for scope in used_in if _may_read(session, actor, scope)), 1))


def _may_read(session: Session, actor: Actor, scope: str) -> bool:
    """mine: its hazards.  person: his lists.  visit: all that is found on it."""
    kind, _, key = scope.partition(":")
    match kind:
        case "mine":
            return policy.may(actor, hazards.READ, sites.lineage(session, UUID(key)))
        case "person":
            at = session.scalars(select(Staff.mine_id).where(Staff.user_id == UUID(key)))
            return any(policy.may(actor, checklists.READ, sites.lineage(session, mine)) for mine in at)
        case "visit":
            seen = inspections.visible(session, actor)
            return session.scalar(select(Visit.id).where(Visit.id == UUID(key), seen)) is not None
        case _:
            return False
