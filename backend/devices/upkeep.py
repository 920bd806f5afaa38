"""The sync engine's own work, as jobs: what waited is looked at again, rows of a new shape are told again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.kernel import jobs
from sync import upkeep
from sync.engine import Engine

LOOK_AGAIN = "sync.look_again"
RESHAPE = "sync.reshape"


def handlers(engine: Engine) -> dict[str, jobs.Handler]:
    def look_again(session: Session) -> None:
        upkeep.look_again(engine, session)

    def reshape(session: Session, _: dict[str, Any]) -> None:
        """Some hundred rows at a time, so that exchanges find room between; asked for at every start."""
        if upkeep.reshape(engine, session):
            jobs.soon(session, RESHAPE, key=RESHAPE)

    return {
        LOOK_AGAIN: jobs.recurring(LOOK_AGAIN, timedelta(minutes=5), look_again),
        RESHAPE: jobs.only_writing(reshape),
    }
