"""Server and phone say the same: of any expression, and of any answers to lists that are full of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.definition import AnswerSpec, Danger, Definition, Item
from forms.expression import OPERATORS
from forms.expression.evaluate import Value, evaluate
from forms.judge import SubmissionVerdict, judge_submission
from forms.limits import resolve
from forms.load import load
from forms.messages import Problem
from forms.values import TIME_ZONE, as_instant, local_day
from tests.forms.twin import Twin, open_twin
from tests.forms.vectors import read

SHEETS = read("sheets")
WHEN = "2026-03-02T06:30:15.250+08:00"
NOW = as_instant(WHEN)
assert NOW is not None
ONE_PROCESS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    with open_twin(tmp_path_factory.mktemp("twin")) as running:
        yield running


NUMBERS = st.sampled_from(
    [0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3.0, 0.1, 1e15, 1e308, 5e-324, 92.0, -0.0]
) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = ["", "a", "b", "a b", "yes", "no", "pass", "fail", "张三", "a😀b", "é", "\ud83d", "12.5", "-3"]
SPECIAL = ["^[a-z]+$", "[0-9]{2,3}", "a*b?$", "07:30", "2026-03-01T22:30:15.250Z"]
DAYS = ["2026-03-02", "2024-02-29", "1900-01-01", "2199-12-31"]
WORDS = st.sampled_from([*PLAIN, *SPECIAL, *DAYS]) | st.text(max_size=4)
PATTERNS = WORDS | st.text(alphabet=r"ab[]^$-\dws.*+?{}1,2", max_size=10)
VALUES = st.none() | st.booleans() | NUMBERS | WORDS
NAMES = ["a", "b", "c", "r", "s", "face", "gone", "constructor"]


def trees(names: Sequence[str], depth: int = 4) -> st.SearchStrategy[Any]:
    """Trees of every operator with as many arguments as it takes, whatever their types."""
    leaves = NUMBERS | WORDS | st.booleans() | st.just({"self": True})
    if names:
        leaves |= st.sampled_from(names).map(lambda name: {"item": name})
    if depth == 0:
        return leaves
    inner = trees(names, depth - 1)

    def call(name: str) -> st.SearchStrategy[Any]:
        least, most = OPERATORS[name]
        args = st.lists(inner, min_size=least, max_size=min(most, least + 2))
        if name == "matches":
            args = st.tuples(inner, PATTERNS).map(list)
        return args.map(lambda args: {"op": name, "args": args})

    calls = st.sampled_from(list(OPERATORS)).flatmap(call)
    return st.booleans().flatmap(lambda leaf: leaves if leaf else calls)  # as many leaves as calls


@dataclass(frozen=True)
class Given:
    own: Value
    items: dict[str, Value]
    many: dict[str, list[Value]]
    sections: dict[str, int]
    now: Any = NOW
    time_zone: str = TIME_ZONE

    def item(self, name: str) -> Value:
        return self.items.get(name)

    def every(self, name: str) -> Sequence[Value] | None:
        return self.many.get(name)

    def rows(self, name: str) -> int | None:
        return self.sections.get(name)


@given(
    tree=trees(NAMES),
    own=VALUES,
    items=st.dictionaries(st.sampled_from(NAMES[:3]), VALUES),
    many=st.dictionaries(st.sampled_from(["r", "s"]), st.lists(VALUES, max_size=4)),
    count=st.integers(0, 5),
)
@settings(ONE_PROCESS, max_examples=1500)
def test_an_expression_is_worth_the_same_on_both(
    twin: Twin, tree: Any, own: Value, items: dict[str, Value], many: dict[str, list[Value]], count: int
) -> None:
    scope = {
        "own": own,
        "now": WHEN,
        "timeZone": TIME_ZONE,
        "items": items,
        "rows": many,
        "sections": {"face": count},
    }
    here = evaluate(tree, Given(own, items, many, {"face": count}))
    there = twin.ask("evaluate", tree=tree, scope=scope)
    assert here == there
    assert isinstance(here, bool) == isinstance(there, bool)


def told(verdict: SubmissionVerdict) -> dict[str, Any]:
    """As twin.mjs tells it."""

    def plain(problems: Sequence[Problem]) -> list[dict[str, Any]]:
        return [{"code": problem.code, "params": dict(problem.params)} for problem in problems]

    score = verdict.score
    return {
        "items": {
            key: {
                "result": one.result,
                "danger": one.danger is not None,
                "reasons": plain(one.reasons),
                "problems": plain(one.problems),
                "needs": list(one.needs),
                "done": one.done,
                "value": one.value,
            }
            for key, one in verdict.items.items()
        },
        "counts": dict(verdict.counts),
        "complete": verdict.complete,
        "lacking": [{"item": key, **plain([problem])[0]} for key, problem in verdict.lacking],
        "irrelevant": list(verdict.irrelevant),
        "strangers": list(verdict.strangers),
        "score": score
        and {
            "value": score.value,
            "passed": score.passed,
            "level": score.level and dict(score.level),
            "vetoed": list(score.vetoed),
        },
    }


ANSWERS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "result": st.sampled_from(["pass", "fail", "na", "odd"]),
        "value": NUMBERS | WORDS | st.sampled_from(["a c", "x z", "501", 501, 31, 5, "08:00", ["a"], None]),
        "note": st.sampled_from(["", "因故"]),
        "photos": st.just(["sha256:" + "a" * 64]),
    },
)
ROWS = ("a", "b", "0z")


def keys_of(definition: Definition) -> list[str]:
    return [
        key
        for section in definition.sections
        for item in section.items
        for key in ([f"{item.id}@{row}" for row in ROWS] if section.repeat else [item.id])
    ]


def agree(twin: Twin, definition: Definition, answers: dict[str, Any], asked: Any, zones: list[str]) -> None:
    assert NOW is not None
    limits = resolve(definition, {}, {}, local_day(NOW))
    here = judge_submission(definition, limits, answers, NOW, asked, zones=zones)
    there = twin.ask(
        "judge",
        definition=definition.to_json(),
        limits=limits,
        now=WHEN,
        answers=answers,
        asked=asked,
        zones=zones,
    )
    assert told(here) == there


FORMS = [load(data) for data in (*SHEETS["definitions"].values(), read("judging")["definition"])]


@given(
    data=st.data(), definition=st.sampled_from(FORMS), zones=st.lists(st.sampled_from(["blasting", "water"]))
)
@settings(ONE_PROCESS, max_examples=300)
def test_answers_are_judged_the_same_on_both(
    twin: Twin, data: st.DataObject, definition: Definition, zones: list[str]
) -> None:
    keys = [*keys_of(definition), "gone", "gone@a"]
    answers = data.draw(st.dictionaries(st.sampled_from(keys), ANSWERS))
    asked = data.draw(
        st.none() | st.lists(st.sampled_from([item.id for item in definition.items()]), unique=True)
    )
    agree(twin, definition, answers, asked, zones)


TYPES = (
    "check",
    "number",
    "text",
    "choice",
    "choices",
    "date",
    "time",
    "datetime",
    "person",
    "photo",
    "calculated",
)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Lists with an expression at every turn, each of what stands before it (load() would refuse the types)."""
    skeleton = FORMS[1]
    sections, names = [], list[str]()
    for s in range(draw(st.integers(1, 3))):
        items = []
        relevant = draw(st.none() | trees(names, 2))
        for i in range(draw(st.integers(1, 4))):
            items.append(draw(_item(f"i{s}{i}", names)))
            names.append(f"i{s}{i}")
        repeat = replace(skeleton.sections[1].repeat, min=0) if draw(st.booleans()) else None  # type: ignore[type-var]
        sections.append(
            replace(skeleton.sections[0], id=f"s{s}", items=tuple(items), relevant=relevant, repeat=repeat)
        )
        names.append(f"s{s}")
    return replace(skeleton, sections=tuple(sections))


@st.composite
def _item(draw: st.DrawFn, name: str, names: list[str]) -> Item:
    kind = draw(st.sampled_from(TYPES))
    options = FORMS[2].items()[2].answer.options if kind in ("choice", "choices") else ()
    answer = AnswerSpec(
        kind, options=options, formula=draw(trees(names, 2)) if kind == "calculated" else None
    )
    danger = (
        Danger(draw(trees([*names, name], 2)), {"zh": "停"}, "dispatch", False)
        if draw(st.booleans())
        else None
    )
    return Item(name, {"zh": name}, answer, relevant=draw(st.none() | trees(names, 1)), danger=danger)


@given(data=st.data(), definition=definitions())
@settings(ONE_PROCESS, max_examples=250)
def test_any_list_is_judged_the_same_on_both(twin: Twin, data: st.DataObject, definition: Definition) -> None:
    answers = data.draw(st.dictionaries(st.sampled_from(keys_of(definition)), ANSWERS, max_size=8))
    agree(twin, definition, answers, None, [])
