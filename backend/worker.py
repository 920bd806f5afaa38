"""The worker: takes jobs that are due, one after another. A thread in `serve`, or many processes at scale."""

from __future__ import annotations

import threading

import structlog

from backend.app import Store
from backend.backup import operations as backup
from backend.enforcement import render
from backend.hazards import reminders
from backend.kernel import jobs
from backend.shifts import operations as shifts
from backend.uploads import operations as uploads

log = structlog.get_logger()
IDLE = 0.5  # seconds between looks when nothing is due


def handlers(store: Store) -> dict[str, jobs.Handler]:
    """Every kind of job and what does it."""
    return {
        **backup.handlers(store.config, store.blobs),
        **uploads.handlers(store.blobs),
        **render.handlers(store.blobs),
        **reminders.HANDLERS,
        **shifts.HANDLERS,
    }


def work(store: Store, stop: threading.Event) -> None:
    """Do jobs until told to stop. A job that fails is logged and kept; it never stops the others."""
    known = handlers(store)
    backup.schedule(store.config, store.database)
    while not stop.is_set():
        done = jobs.run_one(store.database, known)
        if done is None:
            stop.wait(IDLE)
        else:
            log.info("job", outcome=done)


def drain(store: Store) -> list[str]:
    """Do everything that is due now, and say what was done: for tests and for making the demo."""
    known, done = handlers(store), []
    while outcome := jobs.run_one(store.database, known):
        done.append(outcome)
    return done
