"""What the desk asks about filled lists: one as it was filled, with its own version and the engine's word on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import quality
from backend.checklists.models import FormVersion, Submission
from backend.checklists.operations import COUNTERSIGN, READ, judged
from backend.checklists.versions import definition
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel import policy
from backend.kernel.db import get
from backend.kernel.names import ref
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND
from backend.sites import operations as sites
from backend.sites.models import Mine
from forms.judge import Verdict
from forms.messages import Problem, say


def visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """One's own lists; those of the mines where one may read them; what is filled on a visit, with the visit only."""
    mines = [mine.id for mine in sites.mines_within(session, actor.scopes(READ))]
    visits = select(Visit.id).where(inspections.visible(session, actor))
    of_a_mine = Submission.visit_id.is_(None) & or_(
        Submission.user_id == actor.id, Submission.mine_id.in_(mines)
    )
    return or_(of_a_mine, Submission.visit_id.in_(visits))


def find(session: Session, actor: Actor, submission_id: UUID) -> Submission:
    """Raises NOT_FOUND (404), the same whether it is hidden or not there."""
    found = session.scalar(select(Submission).where(Submission.id == submission_id, visible(session, actor)))
    if found is None:
        raise NOT_FOUND()
    return found


def detail(session: Session, actor: Actor, submission: Submission) -> dict[str, Any]:
    """A list as it was filled: the definition of its version, the limits pinned then, answers, verdicts, signatures.

    people: the names behind the ids in `answers` and `signatures`.
    """
    form = get(session, FormVersion, submission.form)
    parsed = definition(session, submission.form)
    verdict = judged(session, submission)

    def told(problem: Problem) -> dict[str, str]:
        return {language: say(problem, language, parsed) for language in ("zh", "en")}

    def shown(of: Verdict) -> dict[str, Any]:
        return {
            "result": of.result,
            "danger": dict(of.danger.act) if of.danger else None,
            "reasons": [told(reason) for reason in of.reasons],
            "problems": [told(problem) for problem in of.problems],
        }

    return {
        "id": submission.id,
        "ver": submission.ver,
        "mine": ref(get(session, Mine, submission.mine_id)),
        "person": ref(get(session, User, submission.user_id)),
        "post": submission.post,
        "visit": submission.visit_id,
        "form": {
            "id": form.id,
            "key": form.key,
            "kind": form.kind,
            "number": form.number,
            "state": form.state,
            "definition": form.definition,
        },
        "limits": submission.limits,
        "answers": submission.answers,
        "verdicts": {item: shown(of) for item, of in verdict.items.items()},
        "counts": dict(verdict.counts),
        "state": submission.state,
        "opened_at": submission.opened_at,
        "signed_at": submission.signed_at,
        "received_at": submission.received_at,
        "signatures": submission.signatures,
        "kept": submission.kept,
        "moves": submission.moves,
        "from_paper": (paper := submission.from_paper)
        and {**paper, "at": datetime.fromisoformat(paper["at"])},
        "signals": quality.shown(session, submission),
        "people": _names(session, submission),
        "may_countersign": _waits_for(session, actor, submission),
    }


def _waits_for(session: Session, actor: Actor, submission: Submission) -> bool:
    return (
        submission.state == "signed"
        and submission.visit_id is None
        and submission.user_id != actor.id
        and policy.may(actor, COUNTERSIGN, sites.lineage(session, submission.mine_id))
    )


def _names(session: Session, submission: Submission) -> dict[str, str]:
    kept = [aside["answer"] for aside in submission.kept.values()]
    entries = (*submission.answers.values(), *submission.signatures.values(), *kept)
    ids = {UUID(entry["by"]) for entry in entries if isinstance(entry, dict) and entry.get("by")}
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {str(user_id): name for user_id, name in found}
