"""What people decide about work that was set aside: it is tried again, or closed with a reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.devices.problems import NOT_WAITING, reason
from backend.kernel import audit
from backend.kernel.policy import Actor
from sync import review
from sync.engine import Engine
from sync.review import Waiting


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
