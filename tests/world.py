"""The cast: the people of the demo county (backend/demo/people.py), and how to say in one line what they do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.app import Store, open_store
from backend.checklists import operations as checklists
from backend.checklists.models import FormVersion, Task
from backend.config import Config
from backend.demo import county, pictures
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections import operations as inspections
from backend.inspections.models import Visit
from backend.kernel.clock import Captured, Clock, SetClock
from backend.kernel.db import new_id
from backend.kernel.policy import Actor
from backend.kernel.problems import Refusal
from backend.shifts.models import RollEntry, Shift, Staff
from backend.sites.models import Bureau, Mine, Place
from backend.worker import drain

ZONE = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # Monday, 08:00 in China
PHOTO = "sha256:" + "a" * 64
UNDERGROUND, OPEN_PIT, TAILINGS = "演示铁矿（地下）", "演示石灰石矿（露天）", "演示尾矿库"


@contextmanager
def refused(code: str) -> Iterator[Refusal | None]:
    """What happens inside must be refused with exactly this problem."""
    with pytest.raises(Refusal) as caught:
        yield None
    assert caught.value.problem.code == code


def open_world(url: str, data: Path, clock: Clock, **settings: str) -> Store:
    env = {"KUANGJIAN_DATA_DIR": str(data), "DATABASE_URL": url} | settings
    return open_store(Config.from_env(env), clock)


def fill_county(url: str) -> None:
    """Build the county once; every test copies the database."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_world(url, Path(folder), SetClock(BEGINS - timedelta(days=1)))
        with store.database.writing() as session:
            county.build(session)
        store.database.dispose()


class World:
    """One test's county. Every verb opens its own transaction, as a request does."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock

    @contextmanager
    def writing(self, login: str) -> Iterator[tuple[Session, Actor]]:
        """A transaction in which this person acts now."""
        with self.store.database.writing() as session:
            yield session, self.actor(session, login)

    def reading(self) -> Any:
        return self.store.database.reading()

    def actor(self, session: Session, login: str) -> Actor:
        return accounts.actor(session, self.user(session, login).id)

    def user(self, session: Session, login: str) -> User:
        return session.scalars(select(User).where(User.login == login)).one()

    def user_id(self, login: str) -> UUID:
        with self.reading() as session:
            return self.user(session, login).id

    def mine(self, session: Session, name: str = UNDERGROUND) -> Mine:
        return session.scalars(select(Mine).where(Mine.name == name)).one()

    def staff(self, session: Session, login: str) -> Staff:
        return session.scalars(select(Staff).where(Staff.user_id == self.user(session, login).id)).one()

    def now(self) -> Captured:
        return Captured.at_desk(self.clock.now())

    def drain(self) -> list[str]:
        """Do every job that is due."""
        return drain(self.store)

    # What people do

    def calls_roll(self, *logins: str, shift: str = "早班") -> list[UUID]:
        """A shift begins with these people at all their posts; returns the lists they owe."""
        with self.store.database.writing() as session:
            people = [self.staff(session, login) for login in logins]
            mine_id, starts = people[0].mine_id, self.clock.now()
            row = Shift(
                id=new_id(session),
                mine_id=mine_id,
                day=starts.astimezone(ZONE).date(),
                name=shift,
                starts_at=starts,
                ends_at=starts + timedelta(hours=8),
            )
            session.add(row)
            session.flush()
            place = session.scalars(
                select(Place).where(Place.mine_id == mine_id).order_by(Place.code)
            ).first()
            entries = [
                RollEntry(shift_id=row.id, user_id=person.user_id, post=post, place_id=place and place.id)
                for person in people
                for post in person.posts
            ]
            return [task.id for task in checklists.call_roll(session, row, entries)]

    def tasks(self, login: str) -> list[Task]:
        with self.reading() as session:
            found = session.scalars(
                select(Task).where(Task.user_id == self.user(session, login).id).order_by(Task.id)
            )
            return list(found)

    def reports(self, login: str, what: str = "顶板浮石未处理", **facts: Any) -> UUID:
        """Somebody reports a hazard at his mine, with one photo."""
        with self.writing(login) as (session, actor):
            mine = session.get_one(Mine, self.staff(session, login).mine_id)
            said = {"where": "420中段", "what": what, "photos": [PHOTO]} | facts
            return hazards.report(session, actor, new_id(session), mine, said, self.now()).id

    def moves(self, login: str, hazard_id: UUID, act: str, **evidence: Any) -> str:
        """One move of a hazard; returns the state it is in afterwards."""
        with self.writing(login) as (session, actor):
            if act == "close" and "signature" not in evidence:
                evidence["signature"] = self.signature(actor)
            hazard = session.get_one(Hazard, hazard_id)
            return hazards.move(session, actor, hazard, act, evidence, self.now()).state

    def plan(self, login: str, days: int = 1) -> dict[str, Any]:
        """What assigning a general hazard to a person takes."""
        with self.reading() as session:
            deadline = (self.clock.now() + timedelta(days=days)).isoformat()
            return {
                "person": str(self.staff(session, login).id),
                "measures": "处理浮石",
                "deadline": deadline,
            }

    def signature(self, actor: Actor, role: str = "closer") -> dict[str, Any]:
        at = self.clock.now().isoformat()
        return {
            "role": role,
            "name": actor.name,
            "at": at,
            "hash": "0" * 64,
            "strokes": pictures.ink(actor.id),
        }

    def prepares_visit(
        self, by: str = "jiancha1", team: tuple[str, ...] = ("jiancha1", "jiancha2"), mine: str = UNDERGROUND
    ) -> UUID:
        with self.writing(by) as (session, actor):
            visit = inspections.prepare(
                session,
                actor,
                self.mine(session, mine),
                session.scalars(select(Bureau)).one(),
                session.scalars(select(FormVersion).where(FormVersion.key == "spot_check.underground")).one(),
                [self.user(session, login).id for login in team],
                kind="四不两直",
                purpose="通风专项",
            )
            return visit.id

    def visits(self, login: str, visit_id: UUID, act: str, **evidence: Any) -> str:
        with self.writing(login) as (session, actor):
            visit = session.get_one(Visit, visit_id)
            return inspections.move(session, actor, visit, act, evidence, self.now()).state
