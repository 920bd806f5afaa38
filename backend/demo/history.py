"""The last 14 days of the demo county, lived through with the same operations that people use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.app import Store
from backend.checklists import operations as checklists
from backend.checklists.models import Submission, Task
from backend.demo import answers, pictures, visit
from backend.demo.county import County
from backend.demo.people import PEOPLE, Person
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.kernel.clock import Captured, SetClock
from backend.kernel.db import new_id
from backend.kernel.policy import Actor
from backend.shifts.models import RollEntry, Shift, Staff
from backend.sites.models import Mine
from backend.uploads import operations as uploads
from backend.worker import drain
from forms.limits import resolve
from sync.merge import Edit

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 14
SHIFTS = (("早班", 0), ("中班", 8), ("夜班", 16))
CREWS = {"早班": "u o t", "中班": "u", "夜班": "u"}
FAILS = 0.012  # of all items: what a decent mine finds
LATE = 0.06  # lists that nobody filled


def begins(now: datetime) -> datetime:
    """Midnight, local, 14 days before."""
    day = now.astimezone(ZONE).date() - timedelta(days=DAYS)
    return datetime.combine(day, time(), ZONE)


def live(store: Store, clock: SetClock, county: County, until: datetime) -> None:
    """Shift after shift: rolls, lists, hazards and their removal; one visit with its notice a week ago."""
    random = Random(20240601)  # noqa: S311 - a demo should look the same each time
    photos = _keep_pictures(store)
    today = until.astimezone(ZONE).date()
    for day in (today - timedelta(days=left) for left in range(DAYS, -1, -1)):
        for name, hour in SHIFTS:
            starts = datetime.combine(day, time(), ZONE) + timedelta(hours=hour)
            if starts > until:
                break
            clock.to(starts)
            with store.database.writing() as session:
                tasks = [
                    task
                    for key in CREWS[name].split()
                    for task in _roll(session, county, key, day, name, starts)
                ]
            if starts + timedelta(hours=8) > until:
                break  # the running shift: its lists are still open
            clock.to(starts + timedelta(hours=1))
            with store.database.writing() as session:
                for task_id in tasks:
                    if random.random() > LATE:
                        _fill(session, random, session.get_one(Task, task_id), photos)
            clock.to(starts + timedelta(hours=6))
            with store.database.writing() as session:
                _remove_hazards(session, random, county, photos)
        if (today - day).days == 6:
            visit.make(store, clock, county, photos)
        drain(store)


def _roll(session: Session, county: County, key: str, day: date, name: str, starts: datetime) -> list[UUID]:
    shift = Shift(
        id=new_id(session),
        mine_id=county.mines[key],
        day=day,
        name=name,
        starts_at=starts,
        ends_at=starts + timedelta(hours=8),
    )
    session.add(shift)
    session.flush()
    crew = [person for person in PEOPLE if person.at == key and person.posts]
    entries = [
        RollEntry(
            shift_id=shift.id,
            user_id=county.users[person.login],
            post=post,
            place_id=county.places[person.place],
        )
        for person in crew
        for post in person.posts
        if name == "早班" or _works_at_night(person)
    ]
    tasks = checklists.call_roll(session, shift, entries)
    return [task.id for task in tasks]


def _works_at_night(person: Person) -> bool:
    return person.team in ("采掘一班", "机运班")


def _fill(session: Session, random: Random, task: Task, photos: list[str]) -> None:
    """One list as its person fills it: answers, now and then a finding, a signature."""
    actor = accounts.actor(session, task.user_id)
    when = Captured.at_desk(actor.at)
    definition = checklists.definition(session, task.form)
    mine = session.get_one(Mine, task.mine_id)
    today = actor.at.astimezone(ZONE).date()
    limits = resolve(definition, mine.parameters, {}, today)
    submission = checklists.begin(session, actor, new_id(session), task, limits, when)
    session.flush()
    given = {
        item.id: answers.answer(
            item,
            limits.get(item.id, []),
            photos,
            today,
            fails=item.on_fail.hazard and random.random() < FAILS,
            random=random,
        )
        for item in definition.items()
        if item.id in task.asked
    }
    checklists.answer(session, actor, submission, given, Edit(None, "demo", 1, ""), when)
    for item in definition.items():
        if item.id in given and given[item.id]["result"] == "fail":
            _report(session, actor, mine, submission, item.id, given[item.id], item.text["zh"], when)
    checklists.sign(session, actor, submission, signature(actor, "filler"), when)


def _report(
    session: Session,
    actor: Actor,
    mine: Mine,
    submission: Submission,
    item: str,
    given: dict[str, Any],
    text: str,
    when: Captured,
) -> None:
    facts = {
        "where": "",
        "what": f"{text}：{given['note']}",
        "place": session.get_one(Task, submission.task_id).place_id,
        "photos": given["photos"],
        "submission": submission.id,
        "item": item,
    }
    hazards.report(session, actor, new_id(session), mine, facts, when)


def _remove_hazards(session: Session, random: Random, county: County, photos: list[str]) -> None:
    """Each open hazard goes one or more steps further, by the person whose step it is."""
    for hazard in session.scalars(
        select(Hazard).where(Hazard.found_by == "mine", Hazard.closed_at.is_(None))
    ):
        for act, login, evidence in _next_steps(session, county, hazard, photos):
            if random.random() < 0.4:
                break
            actor = accounts.actor(session, county.users[login])
            if act == "close":
                evidence = {"signature": signature(actor, "closer")}
            hazards.move(session, actor, hazard, act, evidence, Captured.at_desk(actor.at))


def _next_steps(
    session: Session, county: County, hazard: Hazard, photos: list[str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    key = next(key for key, mine in county.mines.items() if mine == hazard.mine_id)
    officer = {"u": "anquan", "o": "lutian.anquan", "t": "weikuang.anquan"}[key]
    worker = {"u": "chanyun", "o": "kache", "t": "paihong"}[key]
    user = session.get_one(User, county.users[worker])
    person = session.scalars(select(Staff).where(Staff.user_id == user.id)).one()
    deadline = (hazard.reported_at + timedelta(days=2)).isoformat()
    plan = {
        "person": str(person.id),
        "person_name": person.name,
        "measures": "立即处理并复查",
        "deadline": deadline,
    }
    after = [photos[index % len(photos)] for index, _ in enumerate(hazard.photos, start=1)] or [photos[0]]
    steps: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("reported", "confirm", officer, {}),
        ("confirmed", "assign", officer, plan),
        ("assigned", "start", worker, {}),
        ("rectifying", "rectify", worker, {"photos": after, "note": "已整改"}),
        ("rectified", "verify", officer, {"note": "现场复核合格"}),
        ("verified", "close", officer, {}),
    )
    states = [state for state, *_ in steps]
    if hazard.state in states:
        for _, act, login, evidence in steps[states.index(hazard.state) :]:
            yield act, login, evidence


def _keep_pictures(store: Store) -> list[str]:
    """Drawn pictures in place of photos, kept as objects first and entered after."""
    whole = [uploads.keep(store.blobs, picture, "image/jpeg") for picture in pictures.draw()]
    with store.database.writing() as session:
        for one in whole:
            uploads.enter(session, one, None)
    return [one.sha for one in whole]


def signature(actor: Actor, role: str) -> dict[str, Any]:
    """Ink as a phone takes it, made from the person's id so that everybody has his own hand."""
    return {
        "role": role,
        "name": actor.name,
        "at": actor.at.isoformat(),
        "hash": "demo",
        "strokes": pictures.ink(actor.id),
    }
