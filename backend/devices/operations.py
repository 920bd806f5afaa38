"""What people decide about sync: which of two values holds, and what becomes of work that was set aside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.checklists.models import Submission
from backend.devices.problems import NOT_WAITING, reason
from backend.devices.scopes import visible_scopes
from backend.kernel import audit
from backend.kernel.policy import Actor
from sync import review
from sync.engine import Engine
from sync.review import Waiting


def conflicts(session: Session, actor: Actor) -> list[review.Conflict]:
    """The open conflicts in records that this person sees, his own and his crew's."""
    scopes = visible_scopes(session, actor)
    return [one for one in review.open_conflicts(session) if _sees(session, actor, one, scopes)]


def resolve(engine: Engine, session: Session, actor: Actor, conflict_id: UUID, keep: str, why: str) -> None:
    """Decide a conflict: the value shown stays, or the other takes its place. Raises NOT_WAITING (409)."""
    mine = [one for one in conflicts(session, actor) if one.id == str(conflict_id)]
    if not mine:
        raise NOT_WAITING()
    for clash in mine[0].clashes:
        if keep == "other":
            _put(session, mine[0].entity, clash)
    review.resolve(engine, session, str(conflict_id), by=str(actor.id), reason=why)
    audit.note(session, actor.id, "conflict.resolved", f"conflict:{conflict_id}", keep=keep, reason=why)


def replay(engine: Engine, session: Session, actor: Actor, waiting: Waiting) -> dict[str, Any]:
    """Give quarantined work to its operation again, unchanged, as the person did it then; what waited for it goes on.

    Returns how it ended now. Raises NOT_WAITING (409).
    """
    try:
        result = review.replay(engine, session, waiting.pk)
    except review.NotWaiting as error:
        raise NOT_WAITING() from error
    audit.note(session, actor.id, "quarantine.replayed", _entity(waiting), status=result["status"])
    return {
        "status": result["status"],
        "problem": reason(result["problem"]) if result["problem"] else None,
    }


def discard(engine: Engine, session: Session, actor: Actor, waiting: Waiting, why: str) -> None:
    """Close quarantined work for good; it stays on record, with who and why. Raises NOT_WAITING (409)."""
    try:
        review.discard(engine, session, waiting.pk, by=str(actor.id), reason=why)
    except review.NotWaiting as error:
        raise NOT_WAITING() from error
    was = waiting.problem["code"]
    audit.note(session, actor.id, "quarantine.discarded", _entity(waiting), was=was, reason=why)


def _entity(waiting: Waiting) -> str:
    return f"mutation:{waiting.device}/{waiting.seq}"


def _put(session: Session, entity: str, clash: dict[str, Any]) -> None:
    """Write the other value. Only answers can be swapped: a state moves on by a move, never by a decision on sync."""
    submission = session.get(Submission, UUID(entity))
    kind, _, item = clash["field"].partition("/")
    if submission is not None and kind == "answers" and submission.state == "draft":
        submission.answers = submission.answers | {item: clash["other"]}


def _sees(session: Session, actor: Actor, conflict: review.Conflict, scopes: set[str]) -> bool:
    if conflict.user == str(actor.id):
        return True
    submission = session.get(Submission, UUID(conflict.entity))
    return submission is not None and submission.home() in scopes
