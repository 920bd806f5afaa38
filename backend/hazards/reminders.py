"""Jobs that come due: who must be told that a hazard waits. Each looks again first: what is done needs no telling."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.hazards.models import Hazard
from backend.kernel import audit, jobs


def _waits(state: str, act: str) -> jobs.Handler:
    def remind(session: Session, args: dict[str, Any]) -> None:
        hazard = session.get_one(Hazard, UUID(args["hazard"]))
        if hazard.state == state:
            audit.note(session, "clock", act, f"hazard:{hazard.id}", state=state)

    return jobs.only_writing(remind)


def _overdue(session: Session, args: dict[str, Any]) -> None:
    hazard = session.get_one(Hazard, UUID(args["hazard"]))
    if hazard.state in ("assigned", "rectifying"):
        audit.note(session, "clock", "hazard.overdue", f"hazard:{hazard.id}", state=hazard.state)


HANDLERS: dict[str, jobs.Handler] = {
    "hazard.assign_warning": _waits("confirmed", "hazard.assign_due"),
    "hazard.assign_overdue": _waits("confirmed", "hazard.assign_overdue"),
    "hazard.overdue": jobs.only_writing(_overdue),
}
