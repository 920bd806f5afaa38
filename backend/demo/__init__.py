"""A made-up county to try everything in: people.py is its cast, county.py its places, history.py its last 14 days."""

from __future__ import annotations

from backend.app import Store, open_store
from backend.demo import county, history
from backend.kernel.clock import SetClock, SystemClock
from backend.worker import drain


def make(store: Store) -> None:
    """Fill an empty installation, living through 14 days up to now with a clock of its own."""
    now = SystemClock().now()
    clock = SetClock(history.begins(now))
    past = open_store(store.config, clock)
    with past.database.writing() as session:
        place = county.build(session)
    history.live(past, clock, place, until=now)
    clock.to(now)
    drain(past)
    past.database.dispose()
