"""One dataclass, its schema and its reader: they must say the same."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend.documents.render import check, data_schema, kinds
from tests.documents.papers import finding, order, record, refusal

PAPERS = {"rectify_order": order, "inspection_record": record}
VALIDATORS = {kind: Draft202012Validator(data_schema(kind)) for kind in PAPERS}


def shape_problems(kind, data):
    return [problem for problem in check(kind, data, assets={}) if problem.code.startswith("data.")]


@pytest.mark.parametrize("kind", PAPERS)
def test_every_kind_publishes_a_valid_schema_that_its_demo_data_meet(kind):
    Draft202012Validator.check_schema(data_schema(kind))
    assert list(VALIDATORS[kind].iter_errors(PAPERS[kind]())) == []
    assert set(kinds()) == set(PAPERS)


def remove(*path):
    def change(data):
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def put(value, *path):
    def change(data):
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


INK = ("officers", 0, "signature", "ink")


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        (remove("mine"), "/mine", "data.missing"),
        (remove("officers", 1, "certificate"), "/officers/1/certificate", "data.missing"),
        (put("一号", "findings", 0, "colour"), "/findings/0/colour", "data.unknown"),
        (put(5, "mine", "name"), "/mine/name", "data.type"),
        (put("", "mine", "name"), "/mine/name", "data.length"),
        (put(" \u3000", "mine", "name"), "/mine/name", "data.pattern"),
        (put("一\n号", "mine", "name"), "/mine/name", "data.pattern"),
        (put("一\x07号", "findings", 0, "text"), "/findings/0/text", "data.pattern"),
        (put("x" * 1001, "findings", 0, "text"), "/findings/0/text", "data.length"),
        (put("2026-02-30", "issued_on"), "/issued_on", "data.date"),
        (put("2026-3-2", "findings", 0, "deadline"), "/findings/0/deadline", "data.date"),
        (put("signed", "state"), "/state", "data.choice"),
        (put([], "findings"), "/findings", "data.count"),
        (put("yes", "findings", 0, "major"), "/findings/0/major", "data.type"),
        (put(0, "remedies", "reconsideration_days"), "/remedies/reconsideration_days", "data.number"),
        (put(True, "remedies", "suit_months"), "/remedies/suit_months", "data.number"),
        (put(1.5, *INK, "strokes", 0, 0, 1), "/officers/0/signature/ink/strokes/0/0/1", "data.number"),
        (put([1, 2], *INK, "strokes", 0, 0), "/officers/0/signature/ink/strokes/0/0", "data.count"),
        (put([0, 180], *INK, "viewbox"), "/officers/0/signature/ink/viewbox/0", "data.number"),
        (put("javascript:alert(1)", "verify_base"), "/verify_base", "data.pattern"),
    ],
)
def test_a_wrong_value_is_told_with_its_path_and_refused_by_the_schema_too(change, path, code):
    data = copy.deepcopy(order())
    change(data)
    assert [(problem.path, problem.code) for problem in shape_problems("rectify_order", data)] == [
        (path, code)
    ]
    if code != "data.date":  # format is an annotation in draft 2020-12: the pattern cannot know the calendar
        assert list(VALIDATORS["rectify_order"].iter_errors(data)) != []


def test_a_time_without_its_offset_is_refused_because_the_paper_prints_the_clock_of_the_place():
    for wrong in (
        "2026-03-02T09:05",
        "2026-03-02T01:05Z",
        "2026-03-02 09:05+08:00",
        "2026-03-02T25:05+08:00",
    ):
        assert [p.code for p in shape_problems("inspection_record", record(start=wrong))] == ["data.moment"]


def test_every_problem_says_in_both_languages_what_to_do():
    data = {"state": "issued", "findings": [finding()], "mine": {}}
    found = shape_problems("rectify_order", data)
    assert len(found) > 8
    assert all(problem.zh and problem.en and problem.path.startswith("/") for problem in found)
    assert "缺少“救济途径”，请补填。" in [problem.zh for problem in found]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(PAPERS)))
def test_any_json_anywhere_in_the_data_is_judged_alike_by_reader_and_schema(drawn, kind):
    data = json.loads(json.dumps(PAPERS[kind](2, site_representative=refusal())))
    target, key = data, drawn.draw(st.sampled_from(sorted(data)))
    while isinstance(target[key], dict | list) and target[key] and drawn.draw(st.booleans()):
        target = target[key]
        key = drawn.draw(st.sampled_from(sorted(target) if isinstance(target, dict) else range(len(target))))
    target[key] = drawn.draw(JSON)
    refused = {problem.code for problem in check(kind, data, assets={}) if problem.code.startswith("data.")}
    # The calendar and 1.0 as a whole number are where a schema cannot be as strict as the reader.
    if refused - {"data.date", "data.moment", "data.number"}:
        assert list(VALIDATORS[kind].iter_errors(data))
    elif not refused:
        assert not list(VALIDATORS[kind].iter_errors(data))


@settings(max_examples=80, deadline=None)
@given(JSON)
def test_any_json_instead_of_the_data_gives_problems_and_never_an_exception(data):
    assert any(problem.blocking for problem in check("rectify_order", data, assets={}))
