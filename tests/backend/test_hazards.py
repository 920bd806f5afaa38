"""A hazard's way from reported to closed, as the people of a mine walk it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.hazards import operations
from backend.hazards.models import Hazard
from backend.kernel.audit import AuditRow
from backend.kernel.problems import Refusal
from tests.world import PHOTO, World, refused


def test_a_general_hazard_goes_from_reported_to_closed_under_signature(world: World) -> None:
    hazard = world.reports("zuanyan")
    assert world.moves("anquan", hazard, "confirm") == "confirmed"
    assert world.moves("banzu", hazard, "assign", **world.plan("chanyun")) == "assigned"
    assert world.moves("chanyun", hazard, "start") == "rectifying"
    assert world.moves("chanyun", hazard, "rectify", photos=[PHOTO]) == "rectified"
    assert world.moves("anquan", hazard, "verify") == "verified"
    assert world.moves("banzu", hazard, "close") == "closed"
    with world.reading() as session:
        row = session.get_one(Hazard, hazard)
        assert operations.fold(row.events) == row.state == "closed"
        assert [event.actor_name for event in row.events] == [
            *("张演示", "陈试行", "赵样例", "王演示", "王演示", "陈试行", "赵样例")
        ]
        assert row.events[-1].evidence["signature"]["strokes"]["strokes"]


def test_who_rectified_it_cannot_verify_it(world: World) -> None:
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("banzu"))
    world.moves("banzu", hazard, "start")
    world.moves("banzu", hazard, "rectify", photos=[PHOTO])
    with refused("workflow.same_person"):
        world.moves("banzu", hazard, "verify")
    assert world.moves("anquan", hazard, "verify") == "verified"


def test_a_worker_can_neither_confirm_nor_close(world: World) -> None:
    hazard = world.reports("zuanyan")
    with refused("policy.denied"):
        world.moves("zuanyan", hazard, "confirm")
    with refused("policy.denied"):
        world.moves("zuanyan", hazard, "close")


def test_people_of_another_mine_cannot_touch_it(world: World) -> None:
    hazard = world.reports("zuanyan")
    with refused("policy.denied"):
        world.moves("lutian.anquan", hazard, "confirm")


def test_nothing_is_closed_without_a_signature_or_out_of_turn(world: World) -> None:
    hazard = world.reports("zuanyan")
    with refused("workflow.moved_on"):
        world.moves("banzu", hazard, "close")
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("chanyun"))
    world.moves("chanyun", hazard, "start")
    world.moves("chanyun", hazard, "rectify", photos=[PHOTO])
    world.moves("anquan", hazard, "verify")
    with refused("workflow.evidence_lacks"):
        world.moves("banzu", hazard, "close", signature=None)


def test_a_refused_signature_closes_nothing(world: World) -> None:
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("chanyun"))
    world.moves("chanyun", hazard, "start")
    world.moves("chanyun", hazard, "rectify", photos=[PHOTO])
    world.moves("anquan", hazard, "verify")
    with world.writing("banzu") as (_, actor):
        signed = world.signature(actor)
    strokes = signed.pop("strokes")
    said = {"reason": "不愿签字", "witness": "陈试行", "witness_strokes": strokes}
    for signature in (signed | {"refused": said}, signed | {"refused": said, "strokes": strokes}, signed):
        with pytest.raises(Refusal) as caught:
            world.moves("banzu", hazard, "close", signature=signature)
        assert [error.pointer for error in caught.value.errors] == ["/signature"]
    assert world.moves("banzu", hazard, "close") == "closed"


def test_rectified_takes_an_after_photo_for_each_before_photo(world: World) -> None:
    hazard = world.reports("zuanyan", photos=[PHOTO, "sha256:" + "b" * 64])
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("chanyun"))
    world.moves("chanyun", hazard, "start")
    with refused("workflow.evidence_lacks"):
        world.moves("chanyun", hazard, "rectify", photos=[PHOTO])


def test_a_plan_without_deadline_is_refused_and_says_so(world: World) -> None:
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    with pytest.raises(Refusal) as caught:
        world.moves("banzu", hazard, "assign", **world.plan("chanyun") | {"deadline": ""})
    assert [error.pointer for error in caught.value.errors] == ["/deadline"]


def test_it_is_assigned_to_people_of_the_mine_only(world: World) -> None:
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    with refused("hazard.person_unknown"):
        world.moves("banzu", hazard, "assign", **world.plan("kache"))


def test_what_an_officer_found_is_assigned_by_the_safety_director_the_same_day(world: World) -> None:
    visit = world.prepares_visit()
    world.visits("jiancha1", visit, "open")
    with world.writing("jiancha1") as (session, officer):
        mine = world.mine(session)
        facts = {"where": "主井", "what": "过卷保护失效"}
        found = operations.report(session, officer, visit, mine, facts, world.now(), visit_id=visit).id
    assert_hidden(world, found)
    signed = {"name": "褚试行", "position": "矿长", "signature": {"strokes": [[1, 1, 1]]}}
    world.visits("jiancha1", visit, "explain", representative=signed)
    with refused("policy.denied"):
        world.moves("banzu", found, "assign", **world.plan("chanyun"))
    with refused("workflow.moved_on"):  # there is no such move for what an officer found
        world.moves("anquan", found, "reject", note="不是隐患")
    world.clock.to(datetime(2026, 3, 2, 4, 1, tzinfo=UTC))
    world.drain()
    assert reminders(world, found) == ["hazard.assign_due"]
    world.clock.to(datetime(2026, 3, 2, 16, 1, tzinfo=UTC))  # past midnight in China
    world.drain()
    assert reminders(world, found) == ["hazard.assign_due", "hazard.assign_overdue"]
    assert world.moves("zongjian", found, "assign", **world.plan("chanyun")) == "assigned"


def assert_hidden(world: World, hazard_id: object) -> None:
    """Before the visit is explained the mine cannot do anything with it, not even learn that it is there."""
    with refused("policy.denied"):
        world.moves("zongjian", hazard_id, "assign", **world.plan("chanyun"))  # type: ignore[arg-type]


def reminders(world: World, hazard_id: object) -> list[str]:
    with world.reading() as session:
        rows = session.scalars(
            select(AuditRow.act).where(AuditRow.entity == f"hazard:{hazard_id}", AuditRow.actor == "clock")
        )
        return list(rows)


def test_an_overdue_hazard_is_noticed_once_its_day_has_passed(world: World) -> None:
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("chanyun", days=1))
    world.clock.forward(hours=25)
    world.drain()
    assert reminders(world, hazard) == ["hazard.overdue"]


def test_when_the_next_step_is_owed_follows_the_state(world: World) -> None:
    def due(hazard: UUID) -> datetime | None:
        with world.reading() as session:
            return session.get_one(Hazard, hazard).due_at

    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    assert due(hazard) is None
    plan = world.plan("chanyun", days=1)
    world.moves("banzu", hazard, "assign", **plan)
    world.moves("chanyun", hazard, "start")
    assert due(hazard) == datetime.fromisoformat(plan["deadline"])
    world.moves("chanyun", hazard, "rectify", photos=[PHOTO])
    assert due(hazard) is None
    world.moves("anquan", hazard, "return", note="仍有浮石")
    assert due(hazard) == datetime.fromisoformat(plan["deadline"])
