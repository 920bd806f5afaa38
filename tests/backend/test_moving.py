"""Phones and new versions: a list stays on the version it was begun with until its person moves it, losing nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.checklists import versions
from backend.checklists.models import FormVersion, Submission
from forms.load import load
from tests.backend.desk import Desk
from tests.backend.lists import Lists, edited, item, with_item
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import begin, ink
from tests.world import World

DUTIES = "post.UG01.duties"


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


@pytest.fixture
def lists(desk: Desk) -> Lists:
    return Lists(desk)


def current(session: Session, key: str) -> FormVersion:
    found = versions.in_force(session, key)
    assert found is not None
    return found


def publish(world: World, *edits: tuple[str, Any], more: dict[str, Any] | None = None) -> str:
    """The driller's duties, changed; the id of the new version."""
    with world.store.database.writing() as session:
        document = edited(current(session, DUTIES).definition, *edits)
        if more:
            document = with_item(document, more)
        return versions.publish(session, "test", load(document)).id


def begun(world: World, server: Server) -> tuple[FieldPhone, str, str, dict[str, Any]]:
    """The driller has begun his duties list and answered its first two items; not sent yet."""
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    forms = phone.of("form")
    task, row = next((k, r) for k, r in phone.of("task").items() if forms[r["form"]]["key"] == DUTIES)
    submission = begin(phone, task, row)
    answers = {key: {"result": "pass", "photos": []} for key in row["asked"][:2]}
    phone.act("submission.answer@1", submission, {"answers": answers})
    return phone, submission, task, row


def fill(phone: FieldPhone, submission: str, asked: list[str]) -> None:
    answers = {key: {"result": "pass", "photos": []} for key in asked}
    phone.act("submission.answer@1", submission, {"answers": answers})


def test_a_phone_that_was_offline_finishes_on_the_version_it_began_and_gets_the_new_one_next(
    world: World, server: Server
) -> None:
    phone, submission, task, row = begun(world, server)
    newer = publish(world, more=item("NEW-1", "新增一项"))
    fill(phone, submission, row["asked"])
    signed = phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    phone.sync()
    assert phone.status(signed) == "applied"
    kept = phone.of("submission")[submission]
    assert (kept["form"], kept["state"]) == (row["form"], "signed")
    assert phone.of("form")[newer]["retired"] is False
    assert phone.of("form")[row["form"]]["retired"] is True
    assert phone.of("task")[task]["state"] == "done"
    world.clock.forward(hours=8)
    world.calls_roll("zuanyan", shift="中班")
    phone.sync()
    owed = {one["form"] for one in phone.of("task").values() if one["state"] == "open"}
    assert newer in owed
    assert row["form"] not in owed


def test_a_list_is_moved_by_its_person_with_what_fits_and_the_rest_is_kept(
    world: World, server: Server
) -> None:
    phone, submission, _, row = begun(world, server)
    phone.sync()
    first, second = row["asked"][:2]
    newer = publish(world, (f"{first}.answer", {"type": "text"}), more=item("NEW-1", "新增一项"))
    phone.sync()
    moved = phone.act("submission.move@1", submission, {"form": newer, "limits": {}})
    phone.sync()
    assert phone.status(moved) == "applied"
    kept = phone.of("submission")[submission]
    assert kept["form"] == newer
    assert set(kept["answers"]) == {second}
    assert (kept["kept"][first]["why"], kept["kept"][first]["answer"]["result"]) == ("type", "pass")
    assert "NEW-1" in kept["asked"]
    again = phone.act("submission.move@1", submission, {"form": newer, "limits": {}})
    phone.sync()
    assert phone.status(again) == "merged"


def test_an_answer_that_comes_after_the_move_to_an_item_that_is_gone_is_kept_aside(
    world: World, server: Server
) -> None:
    phone, submission, _, row = begun(world, server)
    phone.sync()
    third = row["asked"][2]
    with world.store.database.writing() as session:
        old = current(session, DUTIES).definition
        sections = [
            section | {"items": [one for one in section["items"] if one["id"] != third]}
            for section in old["sections"]
        ]
        newer = versions.publish(session, "test", load(old | {"sections": sections})).id
    phone.sync()
    phone.act("submission.move@1", submission, {"form": newer, "limits": {}})
    late = phone.act(
        "submission.answer@1", submission, {"answers": {third: {"result": "fail", "note": "晚到"}}}
    )
    phone.sync()
    stranger = phone.act("submission.answer@1", submission, {"answers": {"zz-9": {"result": "pass"}}})
    phone.sync()
    assert phone.status(late) == "applied"
    assert phone.of("submission")[submission]["kept"][third]["answer"]["note"] == "晚到"
    assert phone.problem(stranger) == "submission.unknown_item"


def test_a_signed_list_and_another_list_are_not_moved(world: World, server: Server) -> None:
    phone, submission, _, row = begun(world, server)
    other = next(key for key, form in phone.of("form").items() if form["key"] == "post.UG03.duties")
    stranger = phone.act("submission.move@1", submission, {"form": other, "limits": {}})
    fill(phone, submission, row["asked"])
    phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    newer = publish(world, more=item("NEW-1", "新增一项"))
    late = phone.act("submission.move@1", submission, {"form": newer, "limits": {}})
    phone.sync()
    assert phone.problem(stranger) == "submission.other_list"
    assert phone.problem(late) == "submission.signed"


def test_a_list_begun_offline_on_a_version_recalled_meanwhile_arrives_and_is_flagged(
    world: World, server: Server, lists: Lists
) -> None:
    phone, submission, task, row = begun(world, server)
    newer = publish(world, more=item("NEW-1", "新增一项"))
    body = {"seen": lists.version(row["form"])["ver"], "evidence": {"note": "第2项有误"}}
    lists.did("xitong", f"/forms/versions/{row['form']}/recall", body)
    with world.reading() as session:  # nobody had begun it, as far as the server knew
        assert session.scalars(select(Submission)).all() == []
    fill(phone, submission, row["asked"])
    signed = phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    phone.sync()
    assert phone.status(signed) == "applied"
    assert phone.of("submission")[submission]["form"] == row["form"]
    recalled = phone.of("form")[row["form"]]["recalled"]
    assert (recalled["reason"], recalled["replacement"]) == ("第2项有误", newer)
    assert phone.of("task")[task]["state"] == "done"
    shown = lists.desk.json("anquan", f"/submissions/{submission}")
    assert "recalled" in {signal["code"] for signal in shown["signals"]}


def test_a_task_that_went_to_the_replacement_asks_for_its_items(
    world: World, server: Server, lists: Lists
) -> None:
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    forms = phone.of("form")
    task, row = next((k, r) for k, r in phone.of("task").items() if forms[r["form"]]["key"] == DUTIES)
    newer = publish(world, more=item("NEW-1", "新增一项"))
    body = {"seen": lists.version(row["form"])["ver"], "evidence": {"note": "有误"}}
    lists.did("xitong", f"/forms/versions/{row['form']}/recall", body)
    phone.sync()
    held = phone.of("task")[task]
    assert (held["form"], held["asked"]) == (newer, [*row["asked"], "NEW-1"])


def test_no_phone_holds_the_list_that_another_mine_made_for_the_same_post(
    world: World, server: Server, lists: Lists
) -> None:
    with world.store.database.writing() as session:
        base = current(session, DUTIES)
        other = f"mine:{world.mine(session, '演示石灰石矿（露天）').id}"
        document = with_item(
            base.definition | {"key": "mine.0123456789ab.duties"}, item("X-1", "只有露天矿知道")
        )
        theirs = versions.publish(session, "test", load(document), owner=other, base=base).id
    phone = server.phone("zuanyan")
    phone.sync()
    assert theirs not in phone.of("form")


def test_what_came_before_a_refused_act_in_one_exchange_is_not_lost(world: World, server: Server) -> None:
    phone, submission, _, row = begun(world, server)
    phone.sync()
    third = row["asked"][2]
    fill(phone, submission, [third])
    refused = phone.act("submission.answer@1", submission, {"answers": {"zz-9": {"result": "pass"}}})
    phone.sync()
    assert phone.status(refused) == "quarantined"
    with world.reading() as session:
        assert third in session.get_one(Submission, UUID(submission)).answers
