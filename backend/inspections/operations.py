"""The verbs of a visit: prepare it unseen, open it on site, explain it to the mine, close it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission
from backend.enforcement import operations as enforcement
from backend.hazards import operations as hazards
from backend.inspections.models import Visit
from backend.inspections.workflow import LEAST_OFFICERS, MOVES
from backend.kernel import audit, policy
from backend.kernel.clock import Captured
from backend.kernel.db import new_id, now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import FieldError, Problem
from backend.kernel.synced import wire
from backend.sites import operations as sites
from backend.sites.models import Bureau, Mine

PREPARE = policy.allow("visit.prepare", {Role.INSPECTOR, Role.BUREAU_SECTION, Role.BUREAU_HEAD})
READ = policy.allow(
    "visit.read",
    {Role.INSPECTOR, Role.EXPERT, Role.BUREAU_SECTION, Role.BUREAU_HEAD, Role.AUDITOR},
)

TOO_FEW = Problem(
    422,
    "visit.too_few_officers",
    "检查组至少要有 {least} 名执法证在有效期内的执法人员。",
    "A team needs at least {least} officers whose credentials are in force.",
)
OUTSIDE = Problem(
    422,
    "visit.outside",
    "{bureau}不管辖{mine}，请另选检查机关或矿山。",
    "{mine} is not in the jurisdiction of {bureau}; choose another bureau or mine.",
)
NOT_ENTITLED = Problem(
    422,
    "visit.not_entitled",
    "检查组成员须是本机关辖区内的执法人员或专家，请重新选择。",
    "A team is made of officers and experts of the bureau's jurisdiction; choose again.",
)
PARTIAL = Problem(
    422,
    "visit.conflict_of_interest",
    "检查组成员与被检查矿山有利害关系，应当回避，请重新选择。",
    "A member of the team belongs to the mine that is to be inspected and must stand aside; choose again.",
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

    team: officers and experts, the lead first. Raises DENIED (403), OUTSIDE, NOT_ENTITLED, PARTIAL or TOO_FEW (422).
    """
    lineage = sites.lineage(session, mine)
    policy.require(actor, PREPARE, lineage)
    if f"jurisdiction:{bureau.jurisdiction_id}" not in lineage:
        raise OUTSIDE(bureau=bureau.name, mine=mine.name)
    at = now(session)
    members = _members(session, bureau, list(dict.fromkeys(team)), lineage)
    visit = Visit(
        id=new_id(session),
        kind=kind,
        mine_id=mine.id,
        bureau_id=bureau.id,
        form=form.id,
        submission_id=new_id(session),
        state="prepared",
        team=[_member(person, role) for person, role in members],
        purpose=purpose,
        prepared_by=actor.id,
        prepared_at=at,
    )
    session.add(visit)
    session.flush()
    for person, role in members:
        accounts.grant(session, actor.id, person.id, role, visit.home())
    session.add(
        Submission(
            id=visit.submission_id,
            visit_id=visit.id,
            user_id=members[0][0].id,
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

    findings: ids of the hazards that the representative was shown. The mine learns of those and of no other, also where
    one reaches the server later; a phone that does not name them told what was here (docs/adr/0011).
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
        named = evidence.get("findings")
        visit.findings = hazards.untold(session, visit.id) if named is None else _ids(named)
        _reveal(session, visit, visit.findings, when)
    elif act == "supplement":
        named, answer = _ids(evidence["findings"]), _representative(evidence["representative"])
        later = {"at": wire(when.corrected), "by": str(actor.id), "findings": named, "representative": answer}
        visit.supplements = [*visit.supplements, later]
        _reveal(session, visit, named, when)
    visit.state = row.target
    visit.doers = visit.doers | {act: str(actor.id)}
    audit.note(session, actor.id, f"visit.{act}", f"visit:{visit.id}", to=visit.state)
    return visit


def _reveal(session: Session, visit: Visit, findings: Sequence[str], when: Captured) -> None:
    """The mine knows from the moment it was told on site, however late the phone finds a network."""
    hazards.reveal(session, visit.id, findings, when.corrected)
    enforcement.reveal(session, visit, when.corrected)


def _ids(named: Sequence[UUID | str]) -> list[str]:
    return list(dict.fromkeys(str(UUID(str(one))) for one in named))


def _representative(given: Mapping[str, Any]) -> dict[str, Any]:
    """Signed, or refused with a reason and a witness; a refusal never blocks the officer."""
    refused = given.get("refused")
    if given.get("signature") or (refused and refused.get("reason") and refused.get("witness")):
        return dict(given)
    raise NO_ANSWER()


def entitled(session: Session, bureau: Bureau, role: Role) -> list[User]:
    """Who holds the officer's (or the expert's) role today in the bureau's jurisdiction or above it."""
    return accounts.holders(session, role, sites.jurisdictions(session)[bureau.jurisdiction_id], now(session))


def _members(
    session: Session, bureau: Bureau, team: Sequence[UUID], lineage: Collection[str]
) -> list[tuple[User, Role]]:
    """Each with the role in which he comes; one who is both officer and expert comes as officer.

    Raises (422) NOT_ENTITLED naming each who is neither, PARTIAL naming each who also has a role in the mine (回避,
    行政处罚法 43), TOO_FEW unless enough officers can show a credential.
    """
    known = {
        person.id: (person, role)
        for role in (Role.EXPERT, Role.INSPECTOR)
        for person in entitled(session, bureau, role)
    }
    strangers = [place for place, user_id in enumerate(team) if user_id not in known]
    if strangers:
        errors = [FieldError(f"/team/{place}", "无权参加", "not entitled") for place in strangers]
        raise NOT_ENTITLED(errors=errors)
    members = [known[user_id] for user_id in team]
    at = now(session)
    partial = [
        FieldError(f"/team/{place}", "须回避", "must stand aside")
        for place, user_id in enumerate(team)
        if accounts.actor(session, user_id, at).roles(lineage) & policy.MINE_ROLES
    ]
    if partial:
        raise PARTIAL(errors=partial)
    officers = [person for person, role in members if role == Role.INSPECTOR]
    valid = [row for row in officers if row.certificate_no and (row.certificate_until or at) > at]
    if len(valid) < LEAST_OFFICERS:
        raise TOO_FEW(least=LEAST_OFFICERS)
    return members


def _member(person: User, role: Role) -> dict[str, Any]:
    until = person.certificate_until
    return {
        "user": str(person.id),
        "role": role,
        "name": person.name,
        "certificate_no": person.certificate_no,
        "certificate_until": until.isoformat() if until else None,
    }
