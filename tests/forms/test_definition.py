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
from forms.library import load_library
from forms.load import load, load_yaml
from forms.reader import DefinitionError, Flaw
from forms.version import translated, version
from tests.forms.vectors import read

SCHEMA = json.loads((Path(forms.__file__).parent / "schema" / "form-1.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLES: list[dict[str, Any]] = [*SCHEMA["examples"], read("judging")["definition"]]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def flaws(data: object) -> tuple[Flaw, ...]:
    try:
        load(data)
    except DefinitionError as error:
        return error.flaws
    return ()


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


@pytest.mark.parametrize("definition", load_library(), ids=lambda d: d.key)
def test_the_library_fits_the_schema_and_loads_to_itself(definition: Any) -> None:
    VALIDATOR.validate(definition.to_json())
    assert load(definition.to_json()) == definition


def test_the_schema_and_the_loader_refuse_the_same_shapes() -> None:
    """Every value of the examples, replaced by every kind of wrong value."""
    disagreed = [
        (path, wrong)
        for e, path, wrong in MUTANTS
        for data in [put(EXAMPLES[e], path, wrong)]
        if VALIDATOR.is_valid(data) == any(flaw.shape for flaw in flaws(data))
    ]
    assert disagreed == []
    assert len(MUTANTS) > 2000


def test_what_loads_keeps_its_meaning_through_json() -> None:
    kept = 0
    for e, path, wrong in MUTANTS:
        data = put(EXAMPLES[e], path, wrong)
        if flaws(data) == ():
            definition = load(data)
            again = load(json.loads(json.dumps(definition.to_json())))
            assert again == definition
            assert version(again) == version(definition)
            kept += 1
    assert kept > 100


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
    ],
)
def test_a_flaw_says_where_it_is_and_how_to_mend_it(
    path: tuple[Any, ...], wrong: Any, at: str, code: str
) -> None:
    [flaw] = flaws(put(EXAMPLES[0], path, wrong))
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


def test_a_translation_is_laid_over_without_a_new_version() -> None:
    plain = load(EXAMPLES[0])
    english = load(translated(plain.to_json(), "en", {"工作面一氧化碳浓度": "CO at the face"}))
    assert english.items()[0].text["en"] == "CO at the face"
    assert version(english) == version(plain)


@given(JSON)
def test_no_json_whatever_raises_anything_but_a_definition_error(data: object) -> None:
    flaws(data)


@given(st.sampled_from([(e, p) for e, data in enumerate(EXAMPLES) for p in places(data)]), JSON)
@settings(max_examples=300)
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
