"""Counts over several concepts: how each mine stands today, and hazards by state and age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend.checklists import operations as checklists
from backend.checklists.models import Task
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.hazards.queries import OPEN, overdue, visible
from backend.kernel import policy
from backend.kernel.clock import local_day
from backend.kernel.db import now
from backend.kernel.policy import Actor
from backend.shifts.models import Shift
from backend.sites import operations as lineages
from backend.sites import queries as sites
from backend.sites.models import Enterprise, Jurisdiction, Mine

AGES = (1, 7, 30)  # days: up to one, up to seven, up to thirty, older


def mines(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """The mines that the person may look at, each with its counts of today; None where his role reads no such thing.

    lists: due and done today by the roll.  hazards: open, overdue, and major or suspected of it.
    """
    found = sites.mines(session, actor, sites.READ)
    scopes_of = lineages.lineages(session)
    lists, open_hazards = _lists_today(session), _open_hazards(session, actor)
    enterprises = dict(session.execute(select(Enterprise.id, Enterprise.name)).all())
    places = dict(session.execute(select(Jurisdiction.id, Jurisdiction.name)).all())

    def shown(mine: Mine) -> dict[str, Any]:
        scopes = scopes_of[mine]
        reads_lists = policy.may(actor, checklists.READ, scopes)
        reads_hazards = policy.may(actor, hazards.READ, scopes)
        return {
            "id": mine.id,
            "name": mine.name,
            "kind": mine.kind,
            "enterprise": enterprises[mine.enterprise_id],
            "jurisdiction": places[mine.jurisdiction_id],
            "address": mine.address,
            "phone": mine.phone,
            "dispatch_phone": mine.dispatch_phone,
            "lists": lists.get(mine.id, {"due": 0, "done": 0}) if reads_lists else None,
            "hazards": open_hazards.get(mine.id, {"open": 0, "overdue": 0, "major": 0})
            if reads_hazards
            else None,
        }

    return [shown(mine) for mine in found]


def ages(session: Session, actor: Actor, mine: UUID | None) -> dict[str, Any]:
    """Open hazards by state and age: what the desk sees first. Raises DENIED (403), NOT_FOUND (404)."""
    condition = visible(session, actor, mine)
    at = now(session)
    bucket = case(
        *((Hazard.reported_at >= at - timedelta(days=days), place) for place, days in enumerate(AGES)),
        else_=len(AGES),
    )
    counted = session.execute(
        select(Hazard.state, bucket, func.count())
        .where(condition, Hazard.state.in_(OPEN))
        .group_by(Hazard.state, bucket)
    )
    table = {state: [0] * (len(AGES) + 1) for state in OPEN}
    for state, place, count in counted:
        table[state][place] = count
    late = dict(
        session.execute(
            select(Hazard.state, func.count()).where(condition, overdue(session)).group_by(Hazard.state)
        ).all()
    )
    return {
        "days": AGES,
        "states": [
            {"state": state, "counts": counts, "overdue": late.get(state, 0)}
            for state, counts in table.items()
        ],
    }


def _lists_today(session: Session) -> dict[UUID, dict[str, int]]:
    counted = session.execute(
        select(Task.mine_id, func.count(), func.count(case((Task.state == "done", 1))))
        .join(Shift, Task.shift_id == Shift.id)
        .where(Task.state != "withdrawn")
        .where(Shift.day == local_day(now(session)))
        .group_by(Task.mine_id)
    )
    return {mine: {"due": due, "done": done} for mine, due, done in counted}


def _open_hazards(session: Session, actor: Actor) -> dict[UUID, dict[str, int]]:
    if not actor.scopes(hazards.READ):
        return {}
    condition = visible(session, actor)
    grave = (Hazard.severity == "major") | Hazard.suspected_major
    counted = session.execute(
        select(
            Hazard.mine_id,
            func.count(),
            func.count(case((overdue(session), 1))),
            func.count(case((grave, 1))),
        )
        .where(condition, Hazard.state.in_(OPEN))
        .group_by(Hazard.mine_id)
    )
    return {mine: {"open": count, "overdue": late, "major": major} for mine, count, late, major in counted}
