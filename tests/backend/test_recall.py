"""A version is called back because it is wrong: what it touches, what is owed on it, and what comes back no more."""

from __future__ import annotations

from typing import Any

import pytest

from backend.checklists import versions
from tests.backend.desk import Desk
from tests.backend.lists import Lists, item, with_item
from tests.backend.test_versions import CONTROLS, adapted, stricter


@pytest.fixture
def lists(desk: Desk) -> Lists:
    return Lists(desk)


def test_a_recall_names_what_it_touches_and_flags_it(lists: Lists) -> None:
    world, desk = lists.world, lists.desk
    own = adapted(lists)
    task = next(task for task in owed(lists) if task.form == own)
    filled = desk.fills("zuanyan", task.id)
    before = desk.json("anquan", f"/submissions/{filled}")
    shown = lists.recalls("zongjian", own)
    assert (shown["state"], shown["recall"]["reason"], shown["submissions"]) == ("recalled", "上限有误", 1)
    touched = desk.json("anquan", f"/forms/versions/{own}/submissions")
    assert (touched["count"], touched["items"][0]["id"]) == (1, str(filled))
    after = desk.json("anquan", f"/submissions/{filled}")
    assert "上限有误" in next(one["zh"] for one in after["signals"] if one["code"] == "recalled")
    assert after["answers"] == before["answers"]  # shown as it was
    assert after["form"]["definition"] == before["form"]["definition"]
    world.clock.forward(hours=8)
    assert all(task.form != own for task in owed(lists, "中班")[-4:])


def owed(lists: Lists, shift: str = "早班") -> list[Any]:
    lists.world.calls_roll("zuanyan", shift=shift)
    return lists.world.tasks("zuanyan")


def test_lists_that_nobody_has_begun_go_to_the_replacement_or_are_withdrawn(lists: Lists) -> None:
    first = adapted(lists)
    draft = lists.drafts(first, "revise")
    lists.approves(lists.saves("anquan", draft, with_item(draft["document"], item("OWN-02", "撤离路线"))))
    second = lists.in_force(draft["key"])
    [task] = [task for task in owed(lists) if task.form == second]
    lists.recalls("zongjian", second, replacement=first)
    assert lists.in_force(draft["key"]) == first
    [moved] = [one for one in lists.world.tasks("zuanyan") if one.id == task.id]
    assert (moved.form, moved.state) == (first, "open")
    assert set(moved.asked) == set(task.asked) - {"OWN-02"}
    lists.recalls("zongjian", first, "仍有误")
    [gone] = [one for one in lists.world.tasks("zuanyan") if one.id == task.id]
    assert gone.state == "withdrawn"
    rows = lists.desk.json("anquan", "/coverage", mine=str(lists.desk.mine_id()))["rows"]
    assert str(task.id) not in {row["task"] for row in rows}  # nobody owes it any more


def test_what_was_recalled_is_not_published_again(lists: Lists) -> None:
    own = adapted(lists)
    lists.recalls("zongjian", own)
    again = stricter(lists, lists.adapts(lists.in_force(CONTROLS)))
    path, body = lists.asks("anquan", again, "submit")
    lists.refused("form.recalled", "anquan", path, body)


def test_the_library_is_recalled_by_its_operator_alone(lists: Lists) -> None:
    sha = lists.in_force(CONTROLS)
    body = {"seen": lists.version(sha)["ver"], "evidence": {"note": "出处有误"}}
    for login in ("zongjian", "juzhang"):
        lists.refused("policy.denied", login, f"/forms/versions/{sha}/recall", body)
    assert lists.did("xitong", f"/forms/versions/{sha}/recall", body)["state"] == "recalled"
    with lists.world.store.database.writing() as session:
        versions.load_library(session)
        assert versions.in_force(session, CONTROLS) is None


def test_a_list_is_retired_with_a_word_and_what_is_owed_on_it_stays(lists: Lists) -> None:
    own = adapted(lists)
    [task] = [task for task in owed(lists) if task.form == own]
    body = {"seen": lists.version(own)["ver"], "evidence": {"note": "工艺变化"}}
    assert lists.did("zongjian", f"/forms/versions/{own}/retire", body)["state"] == "retired"
    lists.desk.fills("zuanyan", task.id)
    assert [one.state for one in lists.world.tasks("zuanyan") if one.id == task.id] == ["done"]
