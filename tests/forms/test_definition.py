"""Loading a definition: the schema and the loader agree, every flaw names its place, nothing else is ever raised."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms.definition import Definition
from forms.expression import parse, thaw
from forms.judge import judge_submission
from forms.load import load, load_yaml
from forms.reader import DefinitionError, Flaw
from forms.values import as_instant
from forms.version import translated, version
from tests.forms.test_expressions import ANY_TREE
from tests.forms.vectors import read
from tests.library import LIBRARY

NOW = as_instant("2026-03-02T08:00:00+08:00")
assert NOW is not None
SCHEMA = json.loads((Path(forms.__file__).parent / "schema" / "form-1.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LISTS = [read("judging")["definition"], *read("sheets")["definitions"].values()]
TREES = jsonschema.Draft202012Validator({"$ref": "#/$defs/tree", "$defs": SCHEMA["$defs"]})
EXAMPLES: list[dict[str, Any]] = [*SCHEMA["examples"], *LISTS]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def flaws_or_definition(data: object) -> tuple[tuple[Flaw, ...], Definition | None]:
    try:
        return (), load(data)
    except DefinitionError as error:
        return error.flaws, None


def flaws(data: object) -> tuple[Flaw, ...]:
    return flaws_or_definition(data)[0]


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path in the data."""
    if path:
        yield path
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*path, key))


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return changed


WRONG = [..., None, True, 0, -1, 1.5, 1e16, "", " ", "x", "é/", [], {}, ["x"], {"zh": "字"}, {"en": "x"}]
MUTANTS = [
    (e, path, wrong) for e, data in enumerate(EXAMPLES[:3]) for path in places(data) for wrong in WRONG
]


def test_the_schema_is_a_schema_and_its_examples_fit_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for example in EXAMPLES:
        VALIDATOR.validate(example)
        assert flaws(example) == ()


@pytest.mark.parametrize("definition", LIBRARY, ids=lambda d: d.key)
def test_the_library_fits_the_schema_and_loads_to_itself(definition: Any) -> None:
    VALIDATOR.validate(definition.to_json())
    assert load(definition.to_json()) == definition


@pytest.fixture(scope="module")
def loaded() -> list[tuple[Any, tuple[Flaw, ...], Definition | None]]:
    """Every value of the examples, replaced by every kind of wrong value: the data, its flaws, what was loaded."""
    return [
        (data, *flaws_or_definition(data))
        for e, path, wrong in MUTANTS
        for data in [put(EXAMPLES[e], path, wrong)]
    ]


def test_the_schema_and_the_loader_refuse_the_same_shapes(loaded: list[Any]) -> None:
    disagreed = [
        mutant
        for mutant, (data, found, _) in zip(MUTANTS, loaded, strict=True)
        if VALIDATOR.is_valid(data) == any(flaw.shape for flaw in found)
    ]
    assert disagreed == []
    assert len(MUTANTS) > 2000


def test_what_loads_keeps_its_meaning_through_json(loaded: list[Any]) -> None:
    kept = [definition for _, _, definition in loaded if definition is not None]
    assert len(kept) > 100
    for definition in kept[:: len(kept) // 200]:
        again = load(json.loads(json.dumps(definition.to_json())))
        assert again == definition
        assert version(again) == version(definition)


@pytest.mark.parametrize(
    ("path", "wrong", "at", "code"),
    [
        (("kind",), "spot", "/kind", "not_one_of"),
        (("title",), {"en": "List"}, "/title", "no_chinese"),
        (("colour",), "red", "/colour", "unknown_field"),
        (("sections", 0, "items", 0, "id"), "a b", "/sections/0/items/0/id", "bad_name"),
        (("sections", 0, "items", 0, "answer", "unit"), 5, "/sections/0/items/0/answer/unit", "not_words"),
        (
            ("sections", 0, "items", 0, "answer", "options"),
            [],
            "/sections/0/items/0/answer/options",
            "unknown_field",
        ),
        (("sections", 0, "items", 0, "answer", "limits", 0), {"max": 1, "min": 0}, "…/limits/0", "one_bound"),
        (("sections", 0, "items", 0, "danger", "when"), ". over 50", "…/danger/when", "syntax"),
        (("sections", 0, "items", 0, "frequency"), "hourly", "…/frequency", "bad_name"),
        (("a/b~c",), 1, "/a~1b~0c", "unknown_field"),
        (("schema",), "form/2", "/schema", "not_one_of"),
        (("sections",), [], "/sections", "not_a_list"),
        (("sections", 0, "items", 0, "answer"), {"type": "choice"}, "…/answer", "missing_field"),
        (("sections", 0, "items", 0, "answer", "decimals"), 1.5, "…/answer/decimals", "not_whole"),
        (("sections", 0, "items", 0, "answer", "limits"), [{"max": "24"}], "…/limits/0/max", "not_a_number"),
        (
            ("sections", 0, "items", 0, "answer", "limits"),
            [{"max": {"site_ref": "q"}}],
            "…/limits",
            "undeclared",
        ),
        (
            ("sections", 0, "items", 0, "answer", "limits"),
            [{"max": 1}, {"min": 2}],
            "…/limits",
            "contradiction",
        ),
        (("sections", 0, "items", 0, "answer"), {"type": "check"}, "…/danger/when", "wrong_type"),
        (("title", "zh"), "\ud800", "/title/zh", "broken_unicode"),
        (("sections", 0, "relevant"), "${CO} > 1", "/sections/0/relevant", "unknown_item"),
        (("sections", 0, "relevant"), "${UG01-03} > 1", "/sections/0", "cycle"),
        (("sections", 0, "items", 0, "relevant"), "${UG01-03} > 1", "/sections/0/items/0", "cycle"),
        (("sections", 0, "items", 0, "relevant"), ". > 1", "…/items/0/relevant", "no_self"),
        (("sections", 0, "items", 0, "relevant"), {"op": "once", "args": [1]}, "…/relevant", "not_a_tree"),
        (("sections", 0, "items", 0, "relevant"), {"op": "not", "args": [1]}, "…/relevant", "wrong_type"),
        (("sections", 0, "items", 0, "constraint"), {"when": ". > 1"}, "…/constraint", "missing_field"),
        (("sections", 0, "items", 0, "weight"), -1, "…/weight", "not_within"),
        (("sections", 0, "items", 0, "evidence", "not_in"), ["Blasting"], "…/not_in/0", "bad_name"),
        (("sections", 0, "items", 0, "answer"), {"type": "calculated"}, "…/answer", "missing_field"),
        (("sections", 0, "repeat"), {"min": 9, "max": 3}, "/sections/0/repeat", "contradiction"),
        (("sections", 0, "repeat"), {"max": 101}, "/sections/0/repeat/max", "not_whole"),
        (("score",), {"veto": ["gone"]}, "/score/veto/0", "not_in_definition"),
        (("score",), {"levels": [{"from": 90}]}, "/score/levels/0", "missing_field"),
        (("kind",), "card", "/signatures", "card_is_read"),
        (("kind",), "quiz", "/sections/0/items/0/answer", "quiz_needs_answer"),
        (("applies_to", "roles"), ["Inspector"], "/applies_to/roles/0", "bad_name"),
    ],
)
def test_a_flaw_says_where_it_is_and_how_to_mend_it(
    path: tuple[Any, ...], wrong: Any, at: str, code: str
) -> None:
    flaw, *_ = flaws(put(EXAMPLES[0], path, wrong))
    assert flaw.path.endswith(at.lstrip("…"))
    assert flaw.code == code
    assert "{" not in flaw.say("zh").replace("[a-z", "").replace("{0,", "").replace("{2,", "").replace(
        "${", ""
    )
    assert flaw.say("zh") != flaw.say("en")


def test_a_text_of_four_thousand_characters_is_the_longest() -> None:
    for length, fits in ((4000, True), (4001, False)):
        data = put(EXAMPLES[0], ("title",), "𠅤" * length)
        assert (flaws(data) == ()) is fits
        assert VALIDATOR.is_valid(data) is fits


def test_two_items_of_one_name_are_refused() -> None:
    data = copy.deepcopy(EXAMPLES[0])
    data["sections"][0]["items"] *= 2
    assert [flaw.code for flaw in flaws(data)] == ["duplicate"]


def test_all_flaws_are_reported_at_once() -> None:
    data = put(put(EXAMPLES[0], ("kind",), "x"), ("sections", 0, "items", 0, "text"), "")
    assert [flaw.path for flaw in flaws(data)] == ["/kind", "/sections/0/items/0/text"]


def test_an_author_may_write_chinese_alone_and_a_condition_as_words() -> None:
    short = put(
        put(EXAMPLES[0], ("title",), "凿岩工岗位风险管控措施清单"),
        ("sections", 0, "items", 0, "danger", "when"),
        ".>50",
    )
    assert version(load(short)) == version(load(EXAMPLES[0]))


def with_items(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    section = {"id": "all", "title": "全部", "items": [{"text": "项", **item} for item in items]}
    return {"schema": "form/1", "key": "a", "kind": "patrol", "title": "表", "sections": [section], **more}


def test_a_mistake_in_a_formula_says_at_which_character() -> None:
    data = with_items(
        {"id": "a", "answer": {"type": "text"}},
        {"id": "b", "answer": {"type": "check"}, "relevant": "1 < ${a}"},
    )
    [flaw] = flaws(data)
    assert (flaw.path, flaw.code, flaw.offset) == ("/sections/0/items/1/relevant", "wrong_type", 4)
    assert flaw.say("zh").startswith("第 5 字：")
    [frozen] = flaws(put(data, ("sections", 0, "items", 1, "relevant"), parse("1 < ${a}").json()))
    assert (frozen.code, frozen.offset) == ("wrong_type", None)


def test_a_tree_is_as_large_as_a_text_may_be_and_no_larger() -> None:
    wide: Any = {"op": "concat", "args": ["x"] * 30}
    for parts, codes in ((12, []), (13, ["too_complex"])):
        tree = {"op": "!=", "args": [{"op": "concat", "args": [wide] * parts}, "y"]}
        data = with_items({"id": "a", "answer": {"type": "check"}, "relevant": tree})
        assert [flaw.code for flaw in flaws(data)] == codes
    deep: Any = True
    for _ in range(60):
        deep = {"op": "not", "args": [deep]}
    assert [
        flaw.code for flaw in flaws(with_items({"id": "a", "answer": {"type": "check"}, "relevant": deep}))
    ] == ["too_complex"]


@given(ANY_TREE)
@settings(deadline=None, max_examples=300)
def test_the_schema_and_the_loader_know_the_same_trees(tree: object) -> None:
    assert TREES.is_valid(tree) == (thaw(tree) is not None)


def test_what_turns_in_a_circle_is_named_in_full() -> None:
    a, b, c = (
        {"id": one, "answer": {"type": "calculated", "formula": f"${{{of}}} + 1"}}
        for one, of in ("ab", "bc", "ca")
    )
    [flaw] = flaws(with_items(a, b, c))
    assert (flaw.code, flaw.params["circle"]) == ("cycle", "a → b → c → a")


def test_a_thousand_items_may_follow_one_from_another() -> None:
    first = {"id": "i0", "answer": {"type": "number"}}
    chain = [
        {"id": f"i{n}", "answer": {"type": "calculated", "formula": f"${{i{n - 1}}} + 1"}}
        for n in range(1, 1000)
    ]
    definition = load(with_items(first, *reversed(chain)))
    [last] = [
        v
        for key, v in judge_submission(definition, {}, {"i0": {"value": 1}}, NOW).items.items()
        if key == "i999"
    ]
    assert last.value == 1000


def test_texts_that_double_each_other_come_to_an_end() -> None:
    first = {"id": "i0", "answer": {"type": "text"}}
    chain = [
        {"id": f"i{n}", "answer": {"type": "calculated", "formula": f"concat(${{i{n - 1}}}, ${{i{n - 1}}})"}}
        for n in range(1, 60)
    ]
    verdict = judge_submission(load(with_items(first, *chain)), {}, {"i0": {"value": "十"}}, NOW)
    assert verdict.items["i11"].value == "十" * 2048
    assert verdict.items["i12"].value is None


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("card", {"type": "check"}, "card_is_read"),
        (
            "patrol",
            {"type": "choice", "options": [{"id": "a", "text": "甲", "correct": True}]},
            "only_in_quiz",
        ),
        ("quiz", {"type": "choice", "options": [{"id": "a", "text": "甲"}]}, "quiz_needs_answer"),
        ("quiz", {"type": "check"}, "quiz_needs_answer"),
        (
            "quiz",
            {"type": "choice", "options": [{"id": x, "text": x, "correct": True} for x in "ab"]},
            "one_correct",
        ),
    ],
)
def test_what_does_not_belong_into_a_kind_is_refused(kind: str, answer: dict[str, Any], code: str) -> None:
    assert [flaw.code for flaw in flaws(with_items({"id": "a", "answer": answer}, kind=kind))] == [code]


def test_new_fields_that_say_nothing_leave_the_hash_as_it_was() -> None:
    plain = with_items({"id": "a", "answer": {"type": "check"}})
    spelt = put(plain, ("sections", 0, "items", 0, "weight"), 1)
    spelt = put(spelt, ("sections", 0, "items", 0, "evidence"), {"not_in": []})
    spelt = put(spelt, ("applies_to",), {"roles": []})
    assert version(load(spelt)) == version(load(plain))


def test_a_translation_is_laid_over_without_a_new_version() -> None:
    plain = load(EXAMPLES[0])
    english = load(translated(plain.to_json(), "en", {"工作面一氧化碳浓度": "CO at the face"}))
    assert english.items()[0].text["en"] == "CO at the face"
    assert version(english) == version(plain)


@given(JSON)
def test_no_json_whatever_raises_anything_but_a_definition_error(data: object) -> None:
    flaws(data)


@given(st.sampled_from([(e, p) for e, data in enumerate(EXAMPLES) for p in places(data)]), JSON)
@settings(max_examples=300, deadline=None)
def test_no_change_of_a_definition_raises_anything_but_a_definition_error(where: Any, wrong: object) -> None:
    example, path = where
    for flaw in flaws(put(EXAMPLES[example], path, wrong)):
        assert flaw.say("zh")


@given(st.text() | st.binary())
@settings(max_examples=300)
def test_no_yaml_whatever_raises_anything_but_a_definition_error(source: str | bytes) -> None:
    with pytest.raises(DefinitionError):
        load_yaml(source)


@pytest.mark.parametrize(
    "source",
    [
        "!!bool x",
        "!!int ''",
        "!!timestamp x",
        "!!python/object:os.system x",
        "&a [*a]",
        "[" * 5000,
        "a: b: c",
        "? [x]\n: y",
    ],
)
def test_yaml_that_its_own_parser_chokes_on_is_a_definition_error(source: str) -> None:
    with pytest.raises(DefinitionError):
        load_yaml(source)


def test_yaml_loads_as_json_does() -> None:
    assert load_yaml(yaml.safe_dump(EXAMPLES[0], allow_unicode=True)) == load(EXAMPLES[0])
