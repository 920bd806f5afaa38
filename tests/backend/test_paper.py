"""Lists on paper: printed for whom they are, entered later, and marked for what they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.documents.reading import pages, whole

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
