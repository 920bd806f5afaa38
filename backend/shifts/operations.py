"""A shift begins: its roll is called from who usually works it, and everybody on it owes his lists."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import operations as checklists
from backend.checklists.models import Task
from backend.kernel import jobs
from backend.kernel.clock import ZONE
from backend.kernel.db import new_id, now
from backend.shifts.models import RollEntry, Shift, Staff
from backend.sites.models import Mine


class Running(NamedTuple):
    """A shift as the mine's timetable has it at some moment."""

    name: str
    starts_at: datetime
    ends_at: datetime


def running(mine: Mine, at: datetime) -> Running | None:
    """Which shift of the mine runs at `at`; one may have begun the evening before."""
    today = at.astimezone(ZONE).date()
    for day in (today, today - timedelta(days=1)):
        for entry in mine.shifts:
            starts = datetime.combine(day, time(entry["hour"]), ZONE)
            ends = starts + timedelta(hours=entry["hours"])
            if starts <= at < ends:
                return Running(entry["name"], starts, ends)
    return None


def begin(session: Session, mine: Mine) -> list[Task]:
    """Call the roll of the shift that runs now, once, and return the lists that are owed for it."""
    found = running(mine, now(session))
    if found is None:
        return []
    day = found.starts_at.astimezone(ZONE).date()
    known = select(Shift).where(Shift.mine_id == mine.id, Shift.day == day, Shift.name == found.name)
    if session.scalar(known) is not None:
        return []
    shift = Shift(id=new_id(session), mine_id=mine.id, day=day, **found._asdict())
    session.add(shift)
    session.flush()
    at_work = select(Staff).join(User, User.id == Staff.user_id).where(Staff.mine_id == mine.id, User.active)
    crew = session.scalars(at_work.order_by(Staff.id))
    entries = [
        RollEntry(shift_id=shift.id, user_id=person.user_id, post=post, place_id=person.place_id)
        for person in crew
        if found.name in person.shifts
        for post in person.posts
    ]
    return checklists.call_roll(session, shift, entries)


def _begin_and_wait(session: Session, args: dict[str, Any]) -> None:
    """The job that keeps itself going: it begins the shift that runs and comes back when it ends."""
    mine = session.get_one(Mine, UUID(args["mine"]))
    begin(session, mine)
    found = running(mine, now(session))
    keep_going(session, mine, found.ends_at if found else now(session) + timedelta(hours=1))


def keep_going(session: Session, mine: Mine, at: datetime) -> None:
    """See that the mine's shifts begin by themselves from `at` on."""
    jobs.at(session, at, "shift.begin", mine=str(mine.id))


HANDLERS: dict[str, jobs.Handler] = {"shift.begin": jobs.only_writing(_begin_and_wait)}
