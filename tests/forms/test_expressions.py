"""Expressions on the server: the shared vectors, and every mistake of an author found before anything is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.expression import OPERATORS, ExpressionError, Scope, Type, check, parse, thaw, written
from forms.expression.evaluate import Alone, Value, evaluate
from forms.expression.pattern import compiled
from forms.expression.tree import MAX_DEPTH
from forms.values import TIME_ZONE, as_instant
from tests.forms.vectors import read

VECTORS, MISTAKES = read("expressions"), read("mistakes")
NOW = as_instant(VECTORS["now"])
assert NOW is not None


def worth(value: Any) -> Value:
    """As a scope holds it: every number a double."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Given:
    """The answers of the vectors' head."""

    own: Value
    now: datetime
    time_zone: str = TIME_ZONE

    def item(self, name: str) -> Value:
        return worth(VECTORS["items"].get(name))

    def every(self, name: str) -> Sequence[Value] | None:
        rows = VECTORS["rows"].get(name)
        return None if rows is None else [worth(value) for value in rows]

    def rows(self, name: str) -> int | None:
        found: int | None = VECTORS["sections"].get(name)
        return found


def name_of(case: dict[str, Any]) -> str:
    return str(case.get("it", case.get("text")))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=name_of)
def test_an_expression_has_its_value(case: dict[str, Any]) -> None:
    if "text" in case:
        assert parse(case["text"]).json() == case["tree"]
    value = evaluate(case["tree"], Given(worth(VECTORS["own"]), NOW))
    assert value == case["value"]
    assert isinstance(value, bool) == isinstance(case["value"], bool)


@pytest.mark.parametrize("case", [case for case in VECTORS["cases"] if "text" in case], ids=name_of)
def test_what_is_written_back_means_the_same(case: dict[str, Any]) -> None:
    assert parse(written(case["tree"])).json() == case["tree"]


CHOICE = Type("choice", frozenset(("yes", "no")))
SCOPE = Scope(
    items={
        "n": Type("number"),
        "t": Type("text"),
        "gate": Type("choice", frozenset(("pass", "fail", "na"))),
        "kind": CHOICE,
        "many": Type("choices", frozenset(("a", "b"))),
        "d": Type("date"),
        "at": Type("datetime"),
        "clock": Type("time"),
        "photo": Type("file"),
        "how": Type("none"),
        "row": Type("number", None, "faces"),
        "inner": Type("number", None, "here"),
    },
    sections=frozenset(("faces", "here")),
    own=Type("number"),
    row="here",
)


@pytest.mark.parametrize("case", MISTAKES["cases"], ids=name_of)
def test_a_mistake_is_found_where_it_stands(case: dict[str, Any]) -> None:
    with pytest.raises(ExpressionError) as caught:
        check(parse(case["text"]), SCOPE, case.get("wanted", ["bool"]))
    assert (caught.value.code, caught.value.at) == (case["code"], case["at"])


@pytest.mark.parametrize("text", MISTAKES["good"])
def test_what_makes_sense_is_let_through(text: str) -> None:
    assert check(parse(text), SCOPE, ["bool"]).kind == "bool"


def test_an_unknown_name_is_answered_with_those_near_to_it() -> None:
    scope = Scope(items={"UG01-02": Type("number"), "UG01-03": Type("number"), "other": Type("number")})
    with pytest.raises(ExpressionError) as caught:
        check(parse("${UG01-2} > 1"), scope, ["bool"])
    assert "UG01-02" in caught.value.params["near"]


def test_every_operator_has_a_vector() -> None:
    used = {
        node.name
        for case in VECTORS["cases"]
        for node in [thaw(case["tree"])]
        if node
        for node in node.walk()
    }
    assert set(OPERATORS) <= used


def test_brackets_may_be_nested_so_deep_and_no_deeper() -> None:
    assert parse("(" * (MAX_DEPTH - 2) + "1" + ")" * (MAX_DEPTH - 2)).value == 1
    for text in (
        "(" * 5000,
        "-" * 5000 + "1",
        "not(" * 5000,
        "1" + "+1" * 5000,
        "if(" * 60 + "1",
        "${a}," * 900,
    ):
        with pytest.raises(ExpressionError):
            parse(text)


ANY_TREE = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"op": st.sampled_from([*OPERATORS, "eval"]), "args": st.lists(inner, max_size=3)}
        )
        | st.dictionaries(st.sampled_from(["op", "args", "item", "self"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(ANY_TREE, st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5))
@settings(deadline=None)
def test_every_tree_has_a_value_whatever_it_is(tree: object, own: Value) -> None:
    value = evaluate(tree, Alone(own, NOW))
    assert value is None or isinstance(value, (bool, float, str))
    node = thaw(tree)
    if node is not None and not any(inner.value == "" for inner in node.walk() if inner.kind == "value"):
        assert parse(written(tree)).json() == node.json()


@given(st.text(max_size=30) | st.text(alphabet="${}.ab1 '\"()<>=!+-*,divmodnotr", max_size=40))
@settings(deadline=None)
def test_every_text_is_an_expression_or_a_mistake(text: str) -> None:
    mistake = None
    try:
        node = parse(text)
    except ExpressionError as error:
        mistake = error
    if mistake is None:
        assert thaw(node.json()) is not None
    else:
        assert mistake.at is not None
        assert 0 <= mistake.at <= len(text)


@given(st.text(max_size=12) | st.text(alphabet=r"ab[]^$-\dws.*+?{}1,2|()", max_size=12))
@settings(deadline=None)
def test_every_pattern_is_understood_or_refused(pattern: str) -> None:
    compiled(pattern)
