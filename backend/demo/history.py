"""The last 14 days of the demo county, lived through with the same operations that people use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.app import Store
from backend.checklists import operations as checklists
from backend.checklists import versions
from backend.checklists.models import Submission, Task
from backend.demo import answers, pictures, visit
from backend.demo.county import County
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.kernel.clock import ZONE, Captured, SetClock
from backend.kernel.db import new_id
from backend.kernel.policy import Actor
from backend.shifts import operations as shifts
from backend.shifts.models import Staff
from backend.sites.models import Mine
from backend.uploads import operations as uploads
from backend.worker import drain
from forms.limits import resolve
from sync.merge import Edit

DAYS = 14
SHIFT = timedelta(hours=8)
FAILS = 0.012  # of all items: what a decent mine finds
LATE = 0.06  # lists that nobody filled
# What the desk should have a few examples of: lists filled in a hurry, with an old photo, long after the shift.
HURRIED, OLD_PHOTO, BACK_FILLED = 0.02, 0.02, 0.01
LEFT_OPEN = (
    ("reported", "人行道照明灯不亮"),
    ("confirmed", "巷道排水沟堵塞积水"),
    ("assigned", "局部通风机风筒破损漏风"),
    ("rectifying", "采场顶板有浮石"),
    ("rectified", "矿车制动闸片磨损"),
    ("verified", "配电柜缺少警示牌"),
)
SCENES = 460  # about as many lists show a photo


def begins(now: datetime) -> datetime:
    """Midnight, local, 14 days before."""
    day = now.astimezone(ZONE).date() - timedelta(days=DAYS)
    return datetime.combine(day, time(), ZONE)


def live(store: Store, clock: SetClock, county: County, until: datetime) -> None:
    """Shift after shift: rolls, lists, hazards and their removal; one visit with its notice a week ago.

    The shift that runs at `until` has just begun: its lists are open. From then on shifts begin by themselves.
    """
    random = Random(20240601)  # noqa: S311 - a demo should look the same each time
    photos, scenes = _keep_pictures(store)
    starts = begins(until)
    while starts <= until:
        clock.to(starts)
        with store.database.writing() as session:
            tasks = [task.id for task in _begin_shifts(session, county)]
        if starts + SHIFT > until:
            break
        clock.to(starts + timedelta(hours=1))
        with store.database.writing() as session:
            for task_id in tasks:
                if random.random() > LATE:
                    _fill(session, random, session.get_one(Task, task_id), photos, scenes)
        clock.to(starts + timedelta(hours=6))
        with store.database.writing() as session:
            _remove_hazards(session, random, county, photos)
        # Planned in a day shift, so that the officers come in the afternoon.
        if starts == begins(until) + timedelta(days=DAYS - 6) + SHIFT:
            visit.make(store, clock, county, photos)
        drain(store)
        starts += SHIFT
    with store.database.writing() as session:
        _leave_open(session, county, photos)
        for mine in county.mines.values():
            shifts.keep_going(session, session.get_one(Mine, mine), until)


def _begin_shifts(session: Session, county: County) -> list[Task]:
    return [
        task for mine in county.mines.values() for task in shifts.begin(session, session.get_one(Mine, mine))
    ]


def _fill(session: Session, random: Random, task: Task, photos: list[str], scenes: Iterator[str]) -> None:
    """One list as its person fills it, tap by tap: answers, now and then a finding, a signature."""
    actor = accounts.actor(session, task.user_id)
    pace = 1 if random.random() < HURRIED else random.randrange(12, 50)  # seconds an item
    begins = task.due_at + timedelta(hours=5) if random.random() < BACK_FILLED else actor.at
    ends = begins + timedelta(seconds=pace * (len(task.asked) + 1))
    when = Captured(ends, ends, ends)
    definition = versions.definition(session, task.form)
    mine = session.get_one(Mine, task.mine_id)
    today = actor.at.astimezone(ZONE).date()
    asked = [item for item in definition.items() if item.id in task.asked]
    shows = any(item.evidence.photo == "always" for item in asked) and random.random() > OLD_PHOTO
    photo = next(scenes, photos[0]) if shows else random.choice(photos)
    limits = resolve(definition, mine.parameters, {}, today)
    opened = Captured(begins, begins, begins)
    submission = checklists.begin(session, actor, new_id(session), task, limits, opened)
    session.flush()
    given = {
        item.id: answers.answer(
            item,
            limits.get(item.id, []),
            [photo],
            today,
            fails=item.on_fail.hazard and random.random() < FAILS,
            random=random,
        )
        for item in asked
    }
    for number, one in enumerate(given.values(), start=1):
        one["at"] = (begins + timedelta(seconds=pace * number)).isoformat()
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


def _leave_open(session: Session, county: County, photos: list[str]) -> None:
    """One hazard at each step of its way, whatever chance left open: there is something to do for everybody."""
    mine = session.get_one(Mine, county.mines["u"])
    finder = accounts.actor(session, county.users["zuanyan"])
    for number, (state, what) in enumerate(LEFT_OPEN):
        photo = photos[number % len(photos)]
        facts = {
            "where": "420中段",
            "what": what,
            "place": None,
            "photos": [photo],
            "submission": None,
            "item": None,
        }
        when = Captured.at_desk(finder.at)
        hazard = hazards.report(session, finder, new_id(session), mine, facts, when)
        session.flush()
        for act, login, evidence in _next_steps(session, county, hazard, photos):
            if hazard.state == state:
                break
            actor = accounts.actor(session, county.users[login])
            hazards.move(session, actor, hazard, act, evidence, Captured.at_desk(actor.at))


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


def _keep_pictures(store: Store) -> tuple[list[str], Iterator[str]]:
    """Drawn pictures in place of photos, and a part of one for each list; kept as objects first and entered after."""
    drawn = list(pictures.draw())
    made = [*drawn, *pictures.scenes(drawn, SCENES)]
    whole = [uploads.keep(store.blobs, picture, "image/jpeg") for picture in made]
    with store.database.writing() as session:
        for one in whole:
            uploads.enter(session, one, None)
    names = [one.sha for one in whole]
    return names[: len(drawn)], iter(names[len(drawn) :])


def signature(actor: Actor, role: str) -> dict[str, Any]:
    """Ink as a phone takes it, made from the person's id so that everybody has his own hand."""
    return {
        "role": role,
        "name": actor.name,
        "at": actor.at.isoformat(),
        "hash": "demo",
        "strokes": pictures.ink(actor.id),
    }
