"""Shifts begin by themselves, each once, with the lists that its people owe."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from backend.checklists.models import Task
from backend.shifts import operations as shifts
from backend.shifts.models import Shift
from tests.world import World


def test_the_morning_shift_begins_once_and_the_next_by_itself(world: World) -> None:
    with world.store.database.writing() as session:
        shifts.keep_going(session, world.mine(session), world.clock.now())
    world.drain()
    world.drain()
    assert begun(world) == ["早班"]
    assert {task.post for task in world.tasks("zuanyan")} == {"UG01", "UG03"}
    world.clock.to(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))  # 16:00 in China
    world.drain()
    assert begun(world) == ["早班", "中班"]
    assert len({task.shift_id for task in world.tasks("zuanyan")}) == 2
    assert len({task.shift_id for task in world.tasks("kuangzhang")}) == 1  # the mine's head works mornings


def test_a_shift_that_began_the_evening_before_still_runs(world: World) -> None:
    with world.reading() as session:
        mine = world.mine(session)
        mine.shifts = [{"name": "夜班", "hour": 22, "hours": 8}]
        found = shifts.running(mine, datetime(2026, 3, 2, 18, 0, tzinfo=UTC))  # 02:00 on the 3rd, in China
        assert found is not None
        assert found.starts_at == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
        assert shifts.running(mine, datetime(2026, 3, 2, 4, 0, tzinfo=UTC)) is None


def test_what_was_done_this_month_is_not_asked_again_this_month(world: World) -> None:
    """Weekly and monthly items are due by post and place, not by person."""
    from tests.backend.test_demo import fill_open_lists

    with world.store.database.writing() as session:
        first = [len(task.asked) for task in shifts.begin(session, world.mine(session))]
    fill_open_lists(world)
    world.clock.to(datetime(2026, 3, 3, 0, 0, tzinfo=UTC))
    with world.store.database.writing() as session:
        second = [len(task.asked) for task in shifts.begin(session, world.mine(session))]
    assert sum(second) < sum(first)


def test_nobody_who_was_let_go_is_called(world: World) -> None:
    with world.store.database.writing() as session:
        world.user(session, "baopo").active = False
        session.flush()
        shifts.begin(session, world.mine(session))
    assert world.tasks("zuanyan")
    assert not world.tasks("baopo")


def begun(world: World) -> list[str]:
    with world.reading() as session:
        assert session.scalars(select(Task)).first() is not None
        return list(session.scalars(select(Shift.name).order_by(Shift.starts_at)))
