"""What people decide about work that was set aside: it is tried again, put right, or closed with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend.devices import mending
from backend.devices.problems import NOT_OPEN, NOT_WAITING, reason
from backend.kernel import audit
from backend.kernel.policy import Actor
from backend.kernel.problems import FieldError
from sync import review
from sync.canonical import canonical, sha256
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
    return _ended(result)


def mend(
    engine: Engine, session: Session, actor: Actor, waiting: Waiting, changes: Mapping[str, Any], why: str
) -> dict[str, Any]:
    """Put right what the problem names and have it take effect, as the person did it then.

    changes: values by pointer into the arguments. What he signed stays stored as it came; the audit keeps what was put
    in its place, by whom and why, and his phone is told. Returns how it ended; without effect, nothing is changed.
    Raises NOT_OPEN (422) for another place than the problem names, or one that was signed by hand; NOT_WAITING (409).
    """
    allowed = {field.pointer for field in mending.open_fields(waiting)}
    errors = [
        FieldError(f"/changes/{pointer}", "不能改", "not open")
        for pointer in changes
        if pointer not in allowed
    ]
    if errors:
        raise NOT_OPEN(errors=errors)
    args, difference = mending.changed(waiting, changes), list(mending.difference(waiting, changes))
    told = {"by": actor.name, "reason": why, "changes": difference}
    try:
        result = review.mend(engine, session, waiting.pk, args, by=str(actor.id), reason=why, told=told)
    except review.NotWaiting as error:
        raise NOT_WAITING() from error
    if result["status"] in ("applied", "merged", "conflict"):
        kept = {"changes": difference, "was": waiting.problem["code"]}
        mended = sha256(canonical((waiting.body or {}) | {"args": args})).hex()
        audit.note(
            session, actor.id, "quarantine.mended", _entity(waiting), reason=why, sha256=mended, **kept
        )
    return _ended(result)


def discard(engine: Engine, session: Session, actor: Actor, waiting: Waiting, why: str) -> None:
    """Close quarantined work for good; it stays on record, and its phone is told who and why.

    Raises NOT_WAITING (409).
    """
    told = {
        "zh": f"{actor.name}查看后未采用：{why}",
        "en": f"{actor.name} looked at it and did not take it: {why}",
    }
    try:
        review.discard(engine, session, waiting.pk, by=str(actor.id), reason=why, told=told)
    except review.NotWaiting as error:
        raise NOT_WAITING() from error
    was = waiting.problem["code"]
    audit.note(session, actor.id, "quarantine.discarded", _entity(waiting), was=was, reason=why)


def _ended(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": result["status"],
        "problem": reason(result["problem"]) if result["problem"] else None,
    }


def _entity(waiting: Waiting) -> str:
    return f"mutation:{waiting.device}/{waiting.seq}"
