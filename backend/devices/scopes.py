"""Which rows a person's phone may hold. A row has one home scope and is seen whole or not at all."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.checklists import operations as checklists
from backend.checklists.models import FormVersion
from backend.inspections.models import Visit
from backend.kernel.policy import MINE_ROLES, Actor, Role
from backend.shifts.models import Staff
from backend.sites import operations as sites
from backend.sites.models import Bureau, Jurisdiction


def visible_scopes(session: Session, actor: Actor) -> set[str]:
    """The scopes of a person as he stands at `actor.at`.

    His own; the mines he has a role in, with the lists of his posts there; a team leader's crew; an officer's visits
    with the mine and the checklist of each, and his bureau. Nothing here tells a mine that a visit is planned: a visit
    adds to the scopes of its team only.
    """
    scopes = {f"person:{actor.id}"}
    held = [grant for grant in actor.grants if grant.holds(actor.at)]
    mine_side = frozenset(grant.scope for grant in held if grant.role in MINE_ROLES)
    mines = sites.mines_within(session, mine_side) if mine_side else []
    scopes.update(f"mine:{mine.id}" for mine in mines)
    scopes.update(f"form:{key}" for mine in mines for key in checklists.lists_for(session, actor, mine))
    leads = {grant.scope for grant in held if grant.role == Role.TEAM_LEADER}
    scopes |= _crew(session, actor.id, [mine.id for mine in mines if f"mine:{mine.id}" in leads])
    for grant in held:
        kind, _, value = grant.scope.partition(":")
        if kind == "visit":
            scopes |= _visit(session, UUID(value))
        elif kind == "jurisdiction" and grant.role == Role.INSPECTOR:
            scopes |= _bureaus(session, UUID(value))
    return scopes


def _crew(session: Session, user_id: UUID, mines: list[UUID]) -> set[str]:
    own = session.execute(
        select(Staff.mine_id, Staff.team).where(Staff.user_id == user_id, Staff.mine_id.in_(mines))
    ).all()
    crew: set[str] = set()
    for mine_id, team in own:
        members = session.scalars(select(Staff.user_id).where(Staff.mine_id == mine_id, Staff.team == team))
        crew.update(f"person:{member}" for member in members)
    return crew


def _visit(session: Session, visit_id: UUID) -> set[str]:
    visit = session.get(Visit, visit_id)
    if visit is None or visit.state == "cancelled":
        return set()
    key = session.execute(select(FormVersion.key).where(FormVersion.id == visit.form)).scalar_one()
    return {visit.home(), f"mine:{visit.mine_id}", f"form:{key}", f"bureau:{visit.bureau_id}"}


def _bureaus(session: Session, jurisdiction_id: UUID) -> set[str]:
    within = [
        jurisdiction_id,
        *session.scalars(select(Jurisdiction.id).where(Jurisdiction.parent_id == jurisdiction_id)),
    ]
    return {
        f"bureau:{row}"
        for row in session.scalars(select(Bureau.id).where(Bureau.jurisdiction_id.in_(within)))
    }
