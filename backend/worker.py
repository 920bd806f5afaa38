"""The worker: takes jobs that are due, one after another. A thread in `serve`, or many processes at scale."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from backend.accounts import limits
from backend.app import Store
from backend.backup import operations as backup
from backend.checklists import quality, versions
from backend.devices import upkeep
from backend.enforcement import operations as enforcement
from backend.enforcement import render
from backend.hazards import reminders
from backend.kernel import jobs
from backend.shifts import operations as shifts
from backend.uploads import operations as uploads

log = structlog.get_logger()
FORGET = "tables.forget_old"
IDLE = 0.5  # seconds between looks when nothing is due
AWAY = 2.0  # and when the database cannot be asked


def handlers(store: Store) -> dict[str, jobs.Handler]:
    """Every kind of job and what does it."""
    return {
        **backup.handlers(store.config, store.blobs),
        **uploads.handlers(store.blobs),
        **quality.handlers(store.blobs),
        **versions.HANDLERS,
        **render.handlers(store.blobs),
        **enforcement.HANDLERS,
        **upkeep.handlers(store.engine),
        **reminders.HANDLERS,
        **shifts.HANDLERS,
        FORGET: jobs.recurring(FORGET, timedelta(days=1), _forget_old),
    }


def _forget_old(session: Session) -> None:
    """What only counted tries, and what was done long ago: such tables grow with use, not with what is on record."""
    limits.forget_old(session)
    jobs.forget_old(session)


def work(store: Store, stop: threading.Event) -> None:
    """Do jobs until told to stop. A job that fails is logged and kept; it never stops the others."""
    known, begun = handlers(store), False
    while not stop.is_set():
        try:
            if not begun:
                begin(store)
                begun = True
            done = jobs.run_one(store.database, known)
        except Exception as error:  # a database that restarts, a disk that is full: neither lasts
            log.error("no job could be taken", exc_info=error)  # noqa: TRY400 - as everywhere else in the log
            stop.wait(AWAY)
            continue
        if done is None:
            stop.wait(IDLE)
        else:
            log.info("job", outcome=done)


def begin(store: Store) -> None:
    """See that what goes on by itself goes on; each process that starts may ask, and it runs once."""
    with store.database.writing() as session:
        jobs.soon(session, versions.LOAD, key=versions.LOAD)
        jobs.keep_going(session, upkeep.LOOK_AGAIN, upkeep.RESHAPE, enforcement.TOP_UP, FORGET, backup.KIND)


def drain(store: Store) -> list[str]:
    """Do everything that is due now, and say what was done: for tests and for making the demo."""
    known, done = handlers(store), []
    while outcome := jobs.run_one(store.database, known):
        done.append(outcome)
    return done
