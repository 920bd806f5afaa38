"""What the desk asks about hazards. What officers found stays with their visit until the mine has been told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, not_, or_, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import queries as checklists
from backend.checklists.models import Submission
from backend.hazards.models import Hazard, HazardEvent
from backend.hazards.operations import READ
from backend.hazards.workflow import MOVES, STATES
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel.clock import ZONE
from backend.kernel.db import now
from backend.kernel.excel import MOST_ROWS
from backend.kernel.names import names
from backend.kernel.paging import Page, newest_first
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND, Problem
from backend.shifts.models import Staff
from backend.sites import queries as sites
from backend.sites.models import Mine, Place

ENDED = ("closed", "rejected")
OPEN = tuple(state for state in STATES if state not in ENDED)

HAZARD_MOVED_ON = Problem(
    409,
    "hazard.moved_on",
    "隐患已由{by}于{at}改动，现为“{state}”，请查看后再操作。",
    "{by} changed this hazard at {at}; it is “{state}” now. Look again before you act.",
)


def visible(session: Session, actor: Actor, mine: UUID | None = None) -> ColumnElement[bool]:
    """What the person's mines know of, and what was found on visits that he may see.

    Raises DENIED (403) when his role reads no hazards, NOT_FOUND (404) for a mine that is not among his.
    """
    mines = [row.id for row in sites.mines(session, actor, READ, mine)]
    visits = select(Visit.id).where(inspections.visible(session, actor, READ))
    known = or_(Hazard.visit_id.is_(None), Hazard.known_to_mine_at.is_not(None))
    found = Hazard.visit_id.in_(visits)
    return or_(Hazard.mine_id.in_(mines) & known, found & (Hazard.mine_id == mine) if mine else found)


def find(session: Session, actor: Actor, hazard_id: UUID, *, seen: int | None = None) -> Hazard:
    """The hazard. seen: the version that the person looked at before he acts.

    Raises NOT_FOUND (404), the same whether it is hidden or not there; HAZARD_MOVED_ON (409) if it changed since.
    """
    hazard = session.scalar(select(Hazard).where(Hazard.id == hazard_id, visible(session, actor)))
    if hazard is None:
        raise NOT_FOUND()
    if seen is not None and seen != hazard.ver:
        last = hazard.events[-1]
        at = last.at_server.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        raise HAZARD_MOVED_ON(by=last.actor_name, at=at, state=STATES[hazard.state][0])
    return hazard


def page(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Page[Hazard]:
    """wanted: the filters of `HazardFilter` with cursor and limit."""
    query = chosen(session, actor, wanted)
    return newest_first(session, query, Hazard.reported_at, Hazard.id, wanted["cursor"], wanted["limit"])


def every(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Iterable[Hazard]:
    """All that the filters leave, for a file; one more than a file may have, so that it can say so."""
    query = chosen(session, actor, wanted).order_by(Hazard.reported_at.desc(), Hazard.id.desc())
    return session.scalars(query.limit(MOST_ROWS + 1))


def chosen(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Select[Hazard]:
    query = select(Hazard).where(visible(session, actor, wanted["mine"]))
    if wanted["state"]:
        states = {inner for state in wanted["state"] for inner in (OPEN if state == "open" else (state,))}
        query = query.where(Hazard.state.in_(states))
    for name in ("severity", "found_by"):
        if wanted[name]:
            query = query.where(getattr(Hazard, name) == wanted[name])
    if wanted["visit"]:
        query = query.where(Hazard.visit_id == wanted["visit"])
    if wanted["person"]:
        query = query.where(Hazard.plan["person"].as_string() == str(wanted["person"]))
    at = now(session)
    if wanted["older_than_days"] is not None:
        query = query.where(Hazard.reported_at < at - timedelta(days=wanted["older_than_days"]))
    if wanted["younger_than_days"] is not None:
        query = query.where(Hazard.reported_at >= at - timedelta(days=wanted["younger_than_days"]))
    if wanted["overdue"] is not None:
        late = overdue(session)
        query = query.where(late if wanted["overdue"] else or_(Hazard.due_at.is_(None), not_(late)))
    if wanted["q"]:
        words = wanted["q"].strip()
        query = query.where(
            or_(Hazard.what.contains(words, autoescape=True), Hazard.where.contains(words, autoescape=True))
        )
    return query


def untold(visit: Any) -> ColumnElement[bool]:
    """Whether something was found on the visit of this id that the mine has not been told of."""
    return exists().where(Hazard.visit_id == visit, Hazard.known_to_mine_at.is_(None))


def overdue(session: Session) -> ColumnElement[bool]:
    """What should have been done by now (operations.owed)."""
    return Hazard.due_at < now(session)


def rows(session: Session, hazards: Sequence[Hazard]) -> list[dict[str, Any]]:
    """Each as a row of a table, with the names of what it refers to."""
    at = now(session)
    mines = names(session, Mine, {row.mine_id for row in hazards})
    places = names(session, Place, {row.place_id for row in hazards if row.place_id})
    reporters = names(session, User, {row.reporter_id for row in hazards})
    responsible = names(
        session, Staff, {UUID(row.plan["person"]) for row in hazards if row.plan.get("person")}
    )

    def shown(row: Hazard) -> dict[str, Any]:
        return {
            "id": row.id,
            "mine": mines[row.mine_id],
            "place": places.get(row.place_id) if row.place_id else None,
            "where": row.where,
            "what": row.what,
            "severity": row.severity,
            "suspected_major": row.suspected_major,
            "found_by": row.found_by,
            "state": row.state,
            "reporter": reporters[row.reporter_id],
            "reported_at": row.reported_at,
            "closed_at": row.closed_at,
            "responsible": responsible.get(UUID(row.plan["person"])) if row.plan.get("person") else None,
            "due_at": row.due_at,
            "overdue": row.due_at is not None and row.due_at < at,
            "untold": row.visit_id is not None and row.known_to_mine_at is None,
            "photos": row.photos,
            "photos_after": row.photos_after,
        }

    return [shown(row) for row in hazards]


def detail(session: Session, actor: Actor, hazard: Hazard) -> dict[str, Any]:
    """Everything about one, what happened to it, and what the person may do with it now."""
    [row] = rows(session, [hazard])
    seen = inspections.visible(session, actor)
    lists = checklists.visible(session, actor)
    filled = select(Submission.id).where(Submission.id == hazard.submission_id, lists)
    visit = (
        session.scalar(select(Visit.id).where(Visit.id == hazard.visit_id, seen)) if hazard.visit_id else None
    )
    return row | {
        "ver": hazard.ver,
        "basis": hazard.basis,
        "major_ref": hazard.major_ref,
        "told": hazard.told,
        "plan": hazard.plan,
        "submission": session.scalar(filled) if hazard.submission_id else None,
        "item": hazard.item,
        "visit": visit,
        "known_to_mine_at": hazard.known_to_mine_at,
        "events": [_event(event) for event in hazard.events],
        "moves": list(MOVES.open_to(actor, hazard)),
    }


def _event(event: HazardEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "act": event.act,
        "from_state": event.source,
        "to_state": event.target,
        "by": {"id": event.actor_id, "name": event.actor_name},
        "at_device": event.at_device,
        "at_corrected": event.at_corrected,
        "at_server": event.at_server,
        "evidence": event.evidence,
    }
