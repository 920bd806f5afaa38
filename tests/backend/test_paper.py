"""Lists on paper: printed for whom they are, entered later, and marked for what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.checklists.signals import Facts, read, settings
from forms.values import as_instant
from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.backend.phones import FieldPhone, Server
from tests.documents.reading import pages, whole
from tests.world import BEGINS, World

CONTROLS = "post.UG01.controls"


@pytest.fixture
def lists(desk: Desk) -> Lists:
    return Lists(desk)


def printed(lists: Lists, login: str, sha: str, **query: Any) -> Any:
    return lists.desk.get(login, f"/forms/versions/{sha}/blank.pdf", **query)


def test_a_version_is_printed_as_a_blank_with_every_item_on_it(lists: Lists) -> None:
    sha = lists.in_force(CONTROLS)
    answer = printed(lists, "anquan", sha)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    text = whole(answer.data)
    assert text.startswith("凿岩工岗位风险管控措施清单版本1编号")
    assert "".join(sha[:16]).upper() in text
    assert "12.重大自救器是否随身携带" in text
    assert "限值：≤24ppm读数ppm不涉及备注" in text
    assert "不是执法文书" in pages(answer.data)[-1]


def test_the_blank_of_a_shift_names_whose_it_is_where_and_asks_what_is_due(lists: Lists) -> None:
    world = lists.world
    world.calls_roll("zuanyan")
    tasks = {task.form: task for task in world.tasks("zuanyan")}
    sha = lists.in_force(CONTROLS)
    with world.store.database.writing() as session:
        task = session.merge(tasks[sha])
        task.asked = task.asked[2:5]
    answer = printed(lists, "zuanyan", sha, task=str(tasks[sha].id))
    text = whole(answer.data)
    for said in ("单位演示铁矿（地下）", "填表人张演示", "岗位凿岩工", "早班", "1.工作面一氧化碳浓度"):
        assert said in text
    assert "局部通风机" not in text
    assert text.count("备注") == 3


def test_another_mines_person_prints_neither_the_shift_nor_its_names(lists: Lists) -> None:
    lists.world.calls_roll("zuanyan")
    sha = lists.in_force(CONTROLS)
    task = next(task for task in lists.world.tasks("zuanyan") if task.form == sha)
    assert printed(lists, "lutian.anquan", sha).status_code == 200  # a list of the library is everybody's
    assert printed(lists, "lutian.anquan", sha, task=str(task.id)).status_code == 404
    assert printed(lists, "anquan", sha, task=str(task.id)).status_code == 200
    other = lists.in_force("post.UG01.duties")
    assert printed(lists, "zuanyan", other, task=str(task.id)).status_code == 404


# Entered later


SHEET = "sha256:" + "b" * 64


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


def owed(phone: FieldPhone, key: str = CONTROLS) -> str:
    forms = {sha for sha, row in phone.of("form").items() if row["key"] == key}
    return next(task for task, row in phone.of("task").items() if row["form"] in forms)


def begins(phone: FieldPhone, submission: str, paper: dict[str, Any] | None, key: str = CONTROLS) -> Any:
    task = owed(phone, key)
    row = phone.of("task")[task]
    args = {"task": task, "visit": None, "mine": row["mine"], "form": row["form"], "post": row["post"]}
    args |= {"limits": {}, "opened_at": phone.handset.wall} | ({} if paper is None else {"paper": paper})
    begun = phone.act("submission.begin@1", submission, args, blobs=[SHEET] if paper else [])
    phone.sync()
    return begun


def test_what_was_written_by_hand_is_kept_as_from_paper_with_the_papers_time(server: Server) -> None:
    world = server.world
    world.calls_roll("zuanyan")
    world.clock.forward(hours=13)  # the shift is over: he comes up and enters it
    phone = server.phone("zuanyan")
    phone.sync()
    submission = phone.handset.new_id()
    written = "2026-03-02T09:20:00+08:00"
    begun = begins(phone, submission, {"at": written, "photos": [SHEET]})
    assert phone.status(begun) == "applied"
    answers = {item: {"result": "pass", "at": phone.handset.wall} for item in ("UG01-01", "UG01-05")}
    phone.act("submission.answer@1", submission, {"answers": answers})
    phone.sync()
    row = phone.of("submission")[submission]
    assert row["from_paper"]["photos"] == [SHEET]
    assert {as_instant(one["at"]) for one in row["answers"].values()} == {as_instant(written)}
    assert as_instant(row["from_paper"]["at"]) == as_instant(written)


def test_a_list_that_the_phone_had_opened_before_becomes_one_from_paper(server: Server) -> None:
    server.world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    submission = phone.handset.new_id()
    begins(phone, submission, None)
    assert phone.of("submission")[submission]["from_paper"] is None
    second = begins(phone, submission, {"at": "2026-03-02T07:50:00+08:00", "photos": [SHEET]})
    assert phone.status(second) == "applied"
    assert phone.of("submission")[submission]["from_paper"]["photos"] == [SHEET]


def test_a_list_that_is_begun_a_second_time_stays_as_it_was(server: Server) -> None:
    server.world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    submission = phone.handset.new_id()
    begins(phone, submission, None)
    again = begins(phone, submission, None)
    assert phone.status(again) == "merged"
    assert phone.of("submission")[submission]["from_paper"] is None


def test_a_paper_from_tomorrow_is_one_of_now(server: Server) -> None:
    server.world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    submission = phone.handset.new_id()
    begun = begins(phone, submission, {"at": "2026-03-03T09:20:00+08:00", "photos": [SHEET]})
    assert (phone.status(begun), phone.problem(begun)) == ("applied", None)
    shown = phone.of("submission")[submission]["from_paper"]["at"]
    found = as_instant(shown)
    assert found is not None
    assert found <= server.world.clock.now()


def test_entering_a_paper_without_its_photograph_is_refused(server: Server) -> None:
    server.world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    refused = begins(phone, phone.handset.new_id(), {"at": "2026-03-02T07:50:00+08:00", "photos": []})
    assert phone.status(refused) == "quarantined"


def test_entering_in_one_go_what_was_written_hours_ago_is_no_back_filling() -> None:
    shift = (BEGINS, BEGINS + timedelta(hours=8))
    at = (BEGINS + timedelta(hours=1)).isoformat()
    answers = {f"i{n}": {"result": "pass", "at": at} for n in range(12)}
    facts = Facts(
        answers=answers,
        opened_at=BEGINS + timedelta(hours=13),
        signed_at=BEGINS + timedelta(hours=13, minutes=5),
        shift=shift,
        on_paper=True,
    )
    lines = settings({}, BEGINS.date())
    assert read(facts, lines) == {}
    assert set(read(replace(facts, on_paper=False), lines)) == {"fast", "held"}


def test_a_paper_that_was_written_outside_the_shift_is_still_told() -> None:
    at = (BEGINS - timedelta(hours=3)).isoformat()
    facts = Facts(
        answers={"i": {"result": "pass", "at": at}},
        opened_at=BEGINS,
        signed_at=BEGINS + timedelta(hours=1),
        shift=(BEGINS, BEGINS + timedelta(hours=8)),
        on_paper=True,
    )
    assert set(read(facts, settings({}, BEGINS.date()))) == {"out_of_shift"}
