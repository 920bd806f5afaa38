"""What goes on by itself: one job of a kind, that asks for itself again, and what it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts.models import Bucket, SignIn
from backend.devices import upkeep
from backend.kernel.jobs import Job
from backend.sites.models import Mine
from backend.worker import FORGET, begin
from tests.backend.phones import Server
from tests.backend.test_phones import report
from tests.world import World

KINDS = {upkeep.LOOK_AGAIN, upkeep.RESHAPE, FORGET}


def jobs_that_wait(world: World) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Job.kind).where(Job.ended_at.is_(None), Job.kind.in_(KINDS))))


def test_each_kind_waits_once_however_often_processes_start_and_goes_on(world: World) -> None:
    for _ in range(3):
        begin(world.store)
    assert sorted(jobs_that_wait(world)) == sorted(KINDS)
    assert set(world.drain()) >= KINDS
    assert sorted(jobs_that_wait(world)) == sorted(KINDS - {upkeep.RESHAPE})
    assert world.drain() == []
    world.clock.forward(minutes=6)
    assert world.drain().count(upkeep.LOOK_AGAIN) == 1
    assert sorted(jobs_that_wait(world)) == sorted(KINDS - {upkeep.RESHAPE})


def test_what_waits_for_something_that_never_came_is_set_aside_after_seven_days(world: World) -> None:
    server = Server(world)
    phone = server.phone("zuanyan")
    phone.sync()
    hazard, never = report(phone, next(iter(phone.of("mine"))), photos=[]), phone.handset.new_id()
    stuck = {"act": "confirm", "seen": 1, "evidence": {}}
    phone.act("hazard.move@1", hazard, stuck, deps=[never])
    phone.exchange()
    assert phone.results[2]["status"] == "held"
    begin(world.store)
    world.drain()
    phone.exchange(phone.request(ask=[2]))
    assert phone.results[2]["status"] == "held"
    world.clock.forward(days=7, minutes=6)
    world.drain()
    phone.exchange(phone.request(ask=[2]))
    assert phone.results[2]["problem"]["code"] == "mutation.dependency_absent"


def test_rows_of_a_new_shape_are_told_again_after_a_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(world)
    begin(world.store)
    world.drain()
    phone = server.phone("zuanyan")
    phone.sync()
    assert phone.exchange()["changes"] == []
    monkeypatch.setattr(Mine, "row", lambda mine: {"name": mine.name, "shape": 2})
    registry = world.store.engine.registry
    registry.collections["mine"] = registry.collections["mine"]._replace(shape=2)
    begin(world.store)
    world.drain()
    assert [change["row"]["shape"] for change in phone.exchange()["changes"]] == [2]


def test_tables_that_grow_with_use_are_kept_short(world: World) -> None:
    server = Server(world)
    server.phone("zuanyan")
    begin(world.store)
    world.drain()
    with world.reading() as session:
        assert session.scalars(select(Bucket)).all()
        assert session.scalars(select(SignIn)).all()
    world.clock.forward(days=61)
    world.drain()
    with world.reading() as session:
        assert session.scalars(select(Bucket)).all() == []
        assert session.scalars(select(SignIn)).all() == []
        old = world.clock.now() - timedelta(days=31)
        assert session.scalars(select(Job).where(Job.ended_at < old)).all() == []
