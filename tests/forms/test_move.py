"""A draft is moved to another version of its list, and nothing of it is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.move import plan
from tests.forms.test_diff import PUBLISHED, edited
from tests.forms.test_totality import ANYTHING
from tests.forms.vectors import read

VECTORS = read("move")


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["it"])
def test_what_comes_along_and_what_is_kept_aside(case: dict[str, Any]) -> None:
    found = plan(VECTORS["old"], edited(VECTORS["old"], case["edits"]), case["answers"])
    assert found.carried == case["carried"]
    assert {key: {"answer": one.answer, "why": one.why} for key, one in found.kept.items()} == case["kept"]
    assert (list(found.again), list(found.added)) == (case["again"], case["added"])


@given(st.sampled_from(PUBLISHED), st.sampled_from(PUBLISHED), st.data())
def test_every_answer_is_carried_or_kept(old: Any, new: Any, data: st.DataObject) -> None:
    items = [item["id"] for form in (old, new) for section in form["sections"] for item in section["items"]]
    answers = data.draw(st.dictionaries(st.sampled_from(items) | st.text(max_size=3), ANYTHING, max_size=6))
    found = plan(old, new, answers)
    assert found.carried | {key: one.answer for key, one in found.kept.items()} == {
        key: answer for key, answer in answers.items() if answer is not None
    }
    assert found.carried.keys().isdisjoint(found.kept)


@given(st.sampled_from(PUBLISHED), ANYTHING)
def test_moving_to_the_same_version_asks_nothing_again(form: Any, answers: Any) -> None:
    found = plan(form, form, answers)
    assert (found.again, found.added) == ((), ())
