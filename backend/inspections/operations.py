"""The verbs of a visit: prepare it unseen, open it on site, explain it to the mine, close it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission
from backend.hazards import operations as hazards
from backend.inspections.models import Visit
from backend.inspections.workflow import MOVES
from backend.kernel import audit, policy
from backend.kernel.clock import Captured
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import Problem
from backend.sites import operations as sites
from backend.sites.models import Bureau, Mine

PREPARE = policy.allow("visit.prepare", {Role.INSPECTOR, Role.BUREAU_SECTION, Role.BUREAU_HEAD})
READ = policy.allow(
    "visit.read",
    {Role.INSPECTOR, Role.EXPERT, Role.BUREAU_SECTION, Role.BUREAU_HEAD, Role.AUDITOR},
)
LEAST_OFFICERS = 2  # 行政处罚法 42: at least two officers with credentials

TOO_FEW = Problem(
    422,
    "visit.too_few_officers",
    "检查组至少要有 {least} 名执法证在有效期内的执法人员。",
    "A team needs at least {least} officers whose credentials are in force.",
)
NO_ANSWER = Problem(
    422,
    "visit.representative_incomplete",
    "请由企业现场负责人签字；拒绝签字的，写明理由并由见证人签字。",
    "The site representative signs; if he refuses, give the reason and the witness's signature.",
)


def prepare(
    session: Session,
    actor: Actor,
    mine: Mine,
    bureau: Bureau,
    form: FormVersion,
    team: Sequence[UUID],
    *,
    kind: str,
    purpose: str,
) -> Visit:
    """Plan a visit. From here on its team can see it, and nobody else outside the bureau's heads.

    team: the officers, the lead first. Raises DENIED (403), TOO_FEW (422).
    """
    policy.require(actor, PREPARE, sites.lineage(session, mine))
    at = now(session)
    officers = [get(session, User, user_id) for user_id in dict.fromkeys(team)]
    valid = [
        row for row in officers if row.certificate_no and row.certificate_until and row.certificate_until > at
    ]
    if len(valid) < LEAST_OFFICERS:
        raise TOO_FEW(least=LEAST_OFFICERS)
    visit = Visit(
        id=new_id(session),
        kind=kind,
        mine_id=mine.id,
        bureau_id=bureau.id,
        form=form.id,
        submission_id=new_id(session),
        state="prepared",
        team=[_member(officer) for officer in officers],
        purpose=purpose,
        prepared_by=actor.id,
        prepared_at=at,
    )
    session.add(visit)
    session.flush()
    for officer in officers:
        accounts.grant(session, actor.id, officer.id, Role.INSPECTOR, visit.home())
    session.add(
        Submission(
            id=visit.submission_id,
            visit_id=visit.id,
            user_id=officers[0].id,
            mine_id=mine.id,
            form=form.id,
            opened_at=at,
            received_at=at,
        )
    )
    audit.note(session, actor.id, "visit.prepare", f"visit:{visit.id}", kind=kind)
    return visit


def move(
    session: Session, actor: Actor, visit: Visit, act: str, evidence: Mapping[str, Any], when: Captured
) -> Visit:
    """Do one move of the table. Opening may name the place and pins the limits; explaining takes the mine's answer.

    Raises DENIED (403), STATE_MOVED_ON (409), EVIDENCE_LACKS or NO_ANSWER (422).
    """
    row = MOVES.check(actor, visit, act, evidence)
    if act == "open":
        visit.opened_at, visit.place = when.corrected, evidence.get("place")
        submission = session.get_one(Submission, visit.submission_id)
        submission.opened_at, submission.limits = when.corrected, evidence.get("limits", {})
    elif act == "explain":
        visit.representative = _representative(evidence["representative"])
        visit.explained_at = when.corrected
        # The mine knows from the moment it was told on site, however late the phone finds a network.
        hazards.reveal(session, visit.id, when.corrected)
    visit.state = row.target
    visit.doers = visit.doers | {act: str(actor.id)}
    audit.note(session, actor.id, f"visit.{act}", f"visit:{visit.id}", to=visit.state)
    return visit


def _representative(given: Mapping[str, Any]) -> dict[str, Any]:
    """Signed, or refused with a reason and a witness; a refusal never blocks the officer."""
    refused = given.get("refused")
    if given.get("signature") or (refused and refused.get("reason") and refused.get("witness")):
        return dict(given)
    raise NO_ANSWER()


def _member(officer: User) -> dict[str, Any]:
    until = officer.certificate_until
    return {
        "user": str(officer.id),
        "name": officer.name,
        "certificate_no": officer.certificate_no,
        "certificate_until": until.isoformat() if until else None,
    }
