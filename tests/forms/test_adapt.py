"""What a mine may change of its bureau's list, and how the base's next version comes in under the mine's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.adapt import weakened
from forms.load import load
from forms.upgrade import upgrade
from tests.forms.test_diff import LIBRARY, PUBLISHED, edited
from tests.forms.vectors import read

BASE = read("diff")["old"]
CO = "/sections/0/items/0"
ROCK = "/sections/0/items/2"
MORE = {"id": "own-1", "text": {"zh": "本矿补充项"}, "answer": {"type": "check"}}

ALLOWED: dict[str, list[list[Any]]] = {
    "nothing": [],
    "a lower upper limit": [[f"{CO}/answer/limits/0/max", 20]],
    "a further limit": [[f"{CO}/answer/limits", [{"max": 24}, {"min": 0}]]],
    "the same number, excluded": [[f"{CO}/answer/limits", [{"below": 24}]]],
    "a case made stricter": [["/sections/0/items/1/answer/limits/0/by/cases/0/limits/0/max", 8]],
    "asked every time": [[f"{CO}/frequency", None]],
    "a photo always": [[f"{CO}/evidence/photo", "always"]],
    "a note too": [[f"{CO}/evidence/note", "on_fail"]],
    "held to be graver": [[f"{CO}/severity", "major"], [f"{CO}/risk", "red"]],
    "work stops earlier": [[f"{CO}/danger/when/args/1", 40]],
    "work stops where it did not": [[f"{ROCK}/on_fail", {"hazard": True}]],
    "an item of its own": [["/sections/0/items/-", MORE]],
    "a section of its own": [["/sections/-", {"id": "own", "title": {"zh": "本矿"}, "items": [MORE]}]],
    "another signature": [["/signatures/-", {"role": "team_leader"}]],
    "a title of its own": [["/title", {"zh": "本矿凿岩工清单"}]],
}
REFUSED: dict[str, tuple[str | None, list[list[Any]]]] = {
    "a higher upper limit": ("a", [[f"{CO}/answer/limits/0/max", 25]]),
    "no limit": ("a", [[f"{CO}/answer/limits", None]]),
    "another number's limit": ("a", [[f"{CO}/answer/limits", [{"min": 24}]]]),
    "a limit that nobody may have set": ("a", [[f"{CO}/answer/limits", [{"max": {"site_ref": "alarm"}}]]]),
    "a case left out": ("b", [["/sections/0/items/1/answer/limits/0/by/cases/1", None]]),
    "another unit": ("a", [[f"{CO}/answer/unit", "%"]]),
    "asked less often": ("a", [[f"{CO}/frequency", "week"]]),
    "asked only after rain": ("a", [[f"{CO}/frequency", "after:rain"]]),
    "no photo": ("a", [[f"{CO}/evidence", None]]),
    "work goes on longer": ("a", [[f"{CO}/danger/when/args/1", 60]]),
    "work goes on": ("a", [[f"{CO}/danger", None]]),
    "not required": ("c", [[f"{ROCK}/required", False]]),
    "asked in winter only": ("c", [[f"{ROCK}/season", "winter"]]),
    "held to be less grave": ("a", [[f"{CO}/risk", "blue"]]),
    "no hazard comes of it": ("a", [[f"{CO}/on_fail", None]]),
    "other words": ("c", [[f"{ROCK}/text/zh", "浮石"]]),
    "a failing option passes": ("d", [["/sections/1/items/0/answer/options/1/fails", None]]),
    "an item left out": ("c", [[ROCK, None]]),
    "an item put elsewhere": ("c", [[ROCK, None], ["/sections/1/items/-", BASE["sections"][0]["items"][2]]]),
    "a section left out": (None, [["/sections/1", None]]),
    "a signature left out": (None, [["/signatures", None]]),
    "another post": (None, [["/applies_to/posts", ["UG02"]]]),
}


@pytest.mark.parametrize("edits", ALLOWED.values(), ids=ALLOWED)
def test_a_mine_may_make_it_stricter_and_add(edits: list[list[Any]]) -> None:
    assert weakened(load(BASE), load(edited(BASE, edits))) == ()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_mine_may_not_weaken_what_it_stands_on(case: tuple[str | None, list[list[Any]]]) -> None:
    item, edits = case
    found = weakened(load(BASE), load(edited(BASE, edits)))
    assert item in {one.item for one in found}
    for one in found:
        assert "{" not in one.say("zh") + one.say("en")


def test_the_reason_says_what_it_was_and_what_it_became() -> None:
    [one] = weakened(load(BASE), load(edited(BASE, REFUSED["asked less often"][1])))
    assert one.say("zh") == "“一氧化碳”的检查频次由“每班”改为“每周”，比上级清单宽，须相同或更严"


@given(st.sampled_from(LIBRARY))
def test_a_list_does_not_weaken_itself(definition: Any) -> None:
    assert weakened(definition, definition) == ()


OWN = edited(
    BASE,
    [*ALLOWED["a lower upper limit"], [f"{CO}/evidence/photo", "always"], *ALLOWED["an item of its own"]],
)


def test_what_only_the_base_changed_comes_in_under_the_mines_own() -> None:
    new = edited(BASE, [[f"{ROCK}/risk", "red"], ["/sections/1/title/zh", "交接班"]])
    document, conflicts = upgrade(BASE, new, OWN)
    assert conflicts == ()
    expected = edited(OWN, [[f"{ROCK}/risk", "red"], ["/sections/1/title/zh", "交接班"]])
    assert document == expected
    assert weakened(load(new), load(document)) == ()


def test_what_both_changed_is_the_bases_and_is_listed() -> None:
    new = edited(BASE, [[f"{CO}/answer/limits/0/max", 16]])
    document, [conflict] = upgrade(BASE, new, OWN)
    assert document["sections"][0]["items"][0]["answer"]["limits"] == [{"max": 16}]
    said = conflict.to_json()
    assert (said["item"], said["field"]) == ("a", "answer.limits")
    assert said["own"] == [{"max": 20}]
    assert "上级清单改为" in said["zh"]


def test_an_item_that_the_base_gave_up_goes_and_is_listed_if_the_mine_had_changed_it() -> None:
    new = edited(BASE, [[CO, None]])
    document, [conflict] = upgrade(BASE, new, OWN)
    assert [item["id"] for item in document["sections"][0]["items"]] == ["b", "c", "own-1"]
    assert conflict.item == "a"


def test_a_new_item_under_an_id_of_the_mine_is_the_bases_and_is_listed() -> None:
    theirs = {"id": "own-1", "text": {"zh": "局定新项"}, "answer": {"type": "check"}}
    document, [conflict] = upgrade(BASE, edited(BASE, [["/sections/1/items/-", theirs]]), OWN)
    texts = [item["text"]["zh"] for section in document["sections"] for item in section["items"]]
    assert "局定新项" in texts
    assert texts.count("本矿补充项") == 0
    assert conflict.own["text"]["zh"] == "本矿补充项"


def test_what_the_mine_added_stays_where_it_stood() -> None:
    own = edited(
        BASE,
        [["/sections/0/items", [BASE["sections"][0]["items"][0], MORE, *BASE["sections"][0]["items"][1:]]]],
    )
    new = edited(
        BASE, [["/sections/0/items/-", {"id": "e", "text": {"zh": "支护"}, "answer": {"type": "check"}}]]
    )
    document, _ = upgrade(BASE, new, own)
    assert [item["id"] for item in document["sections"][0]["items"]] == ["a", "own-1", "b", "c", "e"]


@given(st.sampled_from(PUBLISHED), st.sampled_from(PUBLISHED))
def test_an_upgrade_of_an_unchanged_adaptation_is_the_new_base(old: Any, new: Any) -> None:
    document, conflicts = upgrade(old, new, old)
    assert {**document, "key": new["key"]} == new
    assert conflicts == ()
