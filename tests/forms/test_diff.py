"""What changed between two versions, in words: nothing changes silently, and nothing is told that did not change."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.diff import compare, diff
from forms.load import load
from tests.forms.vectors import read
from tests.library import LIBRARY

VECTORS = read("diff")
PUBLISHED = [definition.to_json() for definition in LIBRARY]


def edited(form: dict[str, Any], edits: list[list[Any]]) -> dict[str, Any]:
    """A copy with each [JSON pointer, value] set; null takes away, `-` appends."""
    made = copy.deepcopy(form)
    for pointer, value in edits:
        *path, last = pointer.split("/")[1:]
        at: Any = made
        for step in path:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if last == "-":
            at.append(value)
        elif value is None:
            del at[int(last) if isinstance(at, list) else last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
    return made


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["it"])
def test_a_change_is_told_in_both_languages(case: dict[str, Any]) -> None:
    old, new = load(VECTORS["old"]), load(edited(VECTORS["old"], case["edits"]))
    told = [
        {name: part for name, part in change.to_json().items() if part is not None}
        for change in diff(old, new)
    ]
    assert told == case["changes"]


def test_a_lowered_limit_reads_as_a_safety_officer_says_it() -> None:
    new = edited(VECTORS["old"], [["/sections/0/items/0/answer/limits/0/max", 20]])
    [change] = diff(load(VECTORS["old"]), load(new))
    assert change.say("zh") == "“一氧化碳”上限由 24 ppm 改为 20 ppm"
    assert change.say("en") == "upper limit of “CO” lowered from 24 to 20 ppm"


@pytest.mark.parametrize("definition", LIBRARY, ids=lambda definition: definition.key)
def test_a_list_does_not_differ_from_itself(definition: Any) -> None:
    assert diff(definition, definition) == ()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value where something stands."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [place for key, part in inner for place in ((*path, key), *places(part, (*path, key)))]


def mutated(form: dict[str, Any], path: tuple[Any, ...], how: str) -> dict[str, Any]:
    """The form with one place changed: another value, taken away, doubled, or a field beside it that nobody knows."""
    made = copy.deepcopy(form)
    at: Any = made
    for step in path[:-1]:
        at = at[step]
    value = at[path[-1]]
    if how == "other" and not isinstance(value, (dict, list)):
        at[path[-1]] = (
            (not value) if isinstance(value, bool) else f"{value}改" if isinstance(value, str) else value + 1
        )
    elif how == "unknown" and isinstance(value, dict) and ("id" in value or "type" in value):
        value["later"] = {"than": [1, "today"]}
    elif how == "swap" and isinstance(value, list) and len(value) > 1:
        value.reverse()
    elif how == "less" and isinstance(value, list) and len(value) > 1:
        value.pop()
    return made


@given(st.sampled_from(PUBLISHED), st.data(), st.sampled_from(["other", "unknown", "swap", "less"]))
def test_whatever_is_changed_anywhere_is_told(form: dict[str, Any], data: st.DataObject, how: str) -> None:
    new = mutated(form, data.draw(st.sampled_from(places(form))), how)
    told = compare(form, new)
    assert bool(told) == (json.dumps(new, sort_keys=True) != json.dumps(form, sort_keys=True))
    for change in told:
        for language in ("zh", "en"):
            assert "{" not in change.say(language).replace('{"', ""), change


@given(st.sampled_from(PUBLISHED), st.sampled_from(PUBLISHED))
def test_any_two_lists_can_be_compared(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert bool(compare(old, new)) == (old != new)
