"""The verbs of a hazard. What may happen when, and by whom, is in workflow.py; here is what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.hazards.models import Hazard, HazardEvent
from backend.hazards.workflow import MOVES, WORKS_THERE
from backend.inspections.models import Visit
from backend.kernel import audit, jobs, policy
from backend.kernel.clock import ZONE, Captured
from backend.kernel.db import get, new_id
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import FieldError, Problem
from backend.kernel.workflow import EVIDENCE_LACKS
from backend.shifts.models import Staff
from backend.sites import operations as sites
from backend.sites.models import Mine
from backend.uploads import operations as uploads

REPORT = policy.allow("hazard.report", WORKS_THERE | {Role.INSPECTOR})
READ = policy.allow(
    "hazard.read",
    WORKS_THERE
    | {
        Role.INSPECTOR,
        Role.BUREAU_SECTION,
        Role.BUREAU_HEAD,
        Role.CLERK,
        Role.CONTROLLER,
        Role.PARENT_COMPANY,
        Role.AUDITOR,
    },
)
NOT_OF_THE_MINE = Problem(
    422,
    "hazard.person_unknown",
    "整改责任人须是本矿人员，请重新选择。",
    "The responsible person must belong to this mine; choose again.",
)
EVENT_EVIDENCE = (
    *("note", "photos", "signature"),
    *("person", "measures", "funds", "deadline", "contingency"),
)


def report(
    session: Session,
    actor: Actor,
    hazard_id: UUID,
    mine: Mine,
    facts: Mapping[str, Any],
    when: Captured,
    *,
    visit_id: UUID | None = None,
) -> Hazard:
    """Put a hazard on record.

    facts: what, where, place, severity, suspected_major, major_ref, basis, told, photos, submission, item.
    visit_id: found by officers on a visit: then it is confirmed by the finding, and unknown to the mine until its
    representative is told of it; he may have been, on site, before the phone that found it had a network.
    Raises DENIED (403).
    """
    officer = visit_id is not None
    policy.require(actor, REPORT, {f"visit:{visit_id}"} if officer else sites.lineage(session, mine))
    hazard = Hazard(
        id=hazard_id,
        mine_id=mine.id,
        place_id=facts.get("place"),
        where=facts["where"],
        what=facts["what"],
        severity="general",  # major only once an authorised person judged it
        suspected_major=bool(facts.get("suspected_major")),
        major_ref=facts.get("major_ref"),
        basis=facts.get("basis", []),
        told=facts.get("told"),
        found_by="officer" if officer else "mine",
        state="confirmed" if officer else "reported",
        reporter_id=actor.id,
        submission_id=facts.get("submission"),
        item=facts.get("item"),
        visit_id=visit_id,
        reported_at=when.corrected,
        photos=list(facts.get("photos", [])),
    )
    session.add(hazard)
    session.flush()
    _event(session, actor, hazard, "report", None, facts, when)
    told = get(session, Visit, visit_id).told(hazard_id) if visit_id else None
    if told is not None:
        _reveal(session, hazard, told)
    return hazard


def move(
    session: Session, actor: Actor, hazard: Hazard, act: str, evidence: Mapping[str, Any], when: Captured
) -> Hazard:
    """Do one move of the table. Evidence and signature are kept on its event.

    Raises DENIED (403), STATE_MOVED_ON or SAME_PERSON (409), EVIDENCE_LACKS or NOT_OF_THE_MINE (422).
    """
    row = MOVES.check(actor, hazard, act, evidence)
    if act == "assign":
        _assign(session, hazard, evidence)
    elif act == "rectify":
        lacking = len(hazard.photos) - len(evidence["photos"])
        if lacking > 0:  # an after-photo for each before-photo, from the same angle
            errors = [FieldError("/photos", f"还缺 {lacking} 张", f"{lacking} more")]
            raise EVIDENCE_LACKS(act=row.zh, errors=errors)
        hazard.photos_after = list(evidence["photos"])
    elif act == "close":
        hazard.closed_at = when.corrected
    elif act == "reopen":
        hazard.closed_at, hazard.plan, hazard.photos_after = None, {}, []
    source, hazard.state = hazard.state, row.target
    hazard.due_at = owed(hazard)
    hazard.doers = hazard.doers | {act: str(actor.id)}
    _event(session, actor, hazard, act, source, evidence, when)
    return hazard


def append(
    session: Session, actor: Actor, hazard: Hazard, act: str, evidence: Mapping[str, Any], when: Captured
) -> None:
    """Keep what a late or repeated move brought: photos and signatures join the events, the state stays."""
    policy.require(actor, f"hazard.{act}", hazard.scopes())
    _event(session, actor, hazard, act, hazard.state, evidence, when)


def fold(events: list[HazardEvent]) -> str | None:
    """The state that the events lead to; it must be the row's."""
    state: str | None = None
    for event in events:
        if event.source != state:
            return None
        state = event.target
    return state


def untold(session: Session, visit_id: UUID) -> list[str]:
    """Ids of what was found on the visit and is on the server, but was not told to the mine."""
    hidden = select(Hazard.id).where(Hazard.visit_id == visit_id, Hazard.known_to_mine_at.is_(None))
    return [str(found) for found in session.scalars(hidden.order_by(Hazard.id))]


def reveal(session: Session, visit_id: UUID, findings: Collection[str], at: datetime) -> None:
    """The mine learns of these findings of a visit; one that it knows already keeps its time."""
    wanted = Hazard.id.in_([UUID(finding) for finding in findings])
    hidden = (Hazard.visit_id == visit_id, Hazard.known_to_mine_at.is_(None), wanted)
    for hazard in session.scalars(select(Hazard).where(*hidden)).all():
        _reveal(session, hazard, at)


def midnight_after(at: datetime) -> datetime:
    """When the local day ends in which `at` falls."""
    local = at.astimezone(ZONE)
    return datetime.combine(local.date() + timedelta(days=1), time(), ZONE)


def owed(hazard: Hazard) -> datetime | None:
    """By when the next step is owed: the deadline of the plan; or, for what an officer found, the end of the day on
    which the mine learned of it (聊城 三(一)9(4)).
    """
    if hazard.state in ("assigned", "rectifying"):
        return datetime.fromisoformat(hazard.plan["deadline"])
    if hazard.state == "confirmed" and hazard.known_to_mine_at is not None:
        return midnight_after(hazard.known_to_mine_at)
    return None


def _reveal(session: Session, hazard: Hazard, at: datetime) -> None:
    """The hazard moves from the visit to the mine, and the mine's clock starts.

    Source: 聊城 三(一)9(4), the same day, counted from the mine's knowledge: warned at 4 h, overdue at midnight.
    """
    hazard.known_to_mine_at = at
    hazard.due_at = owed(hazard)
    for event in hazard.events:
        event.scope = hazard.home()
    for photo in hazard.photos:
        uploads.use(session, photo, hazard.home(), hazard.reporter_id)
    jobs.at(session, at + timedelta(hours=4), "hazard.assign_warning", hazard=str(hazard.id))
    jobs.at(session, midnight_after(at), "hazard.assign_overdue", hazard=str(hazard.id))


def _assign(session: Session, hazard: Hazard, evidence: Mapping[str, Any]) -> None:
    person = session.get(Staff, UUID(str(evidence["person"])))
    if person is None or person.mine_id != hazard.mine_id:
        raise NOT_OF_THE_MINE()
    names = ("person", "measures", "funds", "deadline", "contingency")
    hazard.plan = {name: evidence[name] for name in names if evidence.get(name) not in (None, "")}
    deadline = datetime.fromisoformat(evidence["deadline"])
    jobs.at(session, deadline, "hazard.overdue", key=f"hazard.overdue:{hazard.id}", hazard=str(hazard.id))


def _event(
    session: Session,
    actor: Actor,
    hazard: Hazard,
    act: str,
    source: str | None,
    evidence: Mapping[str, Any],
    when: Captured,
) -> None:
    kept = {name: evidence[name] for name in EVENT_EVIDENCE if evidence.get(name) not in (None, "", [])}
    hazard.steps = (hazard.steps or 0) + 1
    session.add(
        HazardEvent(
            id=new_id(session),
            hazard_id=hazard.id,
            n=hazard.steps,
            act=act,
            source=source,
            target=hazard.state,
            actor_id=actor.id,
            actor_name=actor.name,
            at_device=when.device,
            at_corrected=when.corrected,
            at_server=when.received,
            evidence=kept,
            scope=hazard.home(),
        )
    )
    for photo in evidence.get("photos") or []:
        uploads.use(session, photo, hazard.home(), actor.id)
    audit.note(session, actor.id, f"hazard.{act}", f"hazard:{hazard.id}", to=hazard.state)
