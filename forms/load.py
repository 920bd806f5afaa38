"""From untrusted data to a `Definition`, or to the list of everything that is wrong with it."""

from __future__ import annotations

import re
from typing import get_args

import yaml

from forms import definition as d
from forms.consistency import check_definition
from forms.expression import ExpressionError, parse, thaw
from forms.expression.tree import MAX_DEPTH, MAX_NODES
from forms.reader import DefinitionError, Flaw, Place

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
KEY = re.compile(r"[a-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+){0,7}")
FREQUENCY = re.compile(r"shift|day|week|month|quarter|year|(after|on):[a-z][a-z_]{0,31}")
WORD = re.compile(r"[a-z][a-z_]{0,31}")
# What the answer of a type may say beside its type, and what it must.
ANSWER_FIELDS = {
    **dict.fromkeys(get_args(d.AnswerType), ""),
    "number": "reading unit decimals range limits",
    "calculated": "reading unit decimals limits",
    "date": "reading limits",
    "text": "max_length",
}
ANSWER_NEEDS = {"choice": "type options", "choices": "type options", "calculated": "type formula"}
NUMBER_BOUNDS: tuple[d.Bound, ...] = ("min", "max", "above", "below", "equals")
DATE_BOUNDS: tuple[d.Bound, ...] = ("max_age_days",)


def load(data: object) -> d.Definition:
    """The definition that this JSON (or YAML) data describes.

    Raises: DefinitionError with every flaw: path, what is wrong, how to mend it.
    """
    flaws: list[Flaw] = []
    definition = _definition(Place(data, "", flaws))
    if not flaws:
        flaws = check_definition(definition, data)
    if flaws:
        raise DefinitionError(flaws)
    return definition


def load_yaml(source: str | bytes) -> d.Definition:
    """As `load`, from YAML text."""
    try:
        data = yaml.safe_load(source)
    except (
        Exception
    ) as error:  # PyYAML's own constructors raise KeyError, AttributeError … on words like "!!bool x"
        raise DefinitionError([Flaw("", "not_yaml", {"why": str(error).split("\n")[0]})]) from error
    return load(data)


def _definition(at: Place) -> d.Definition:
    f = at.fields("schema key kind title sections", "applies_to parameters header signatures score")
    f.read("schema", lambda p: p.one_of((d.SCHEMA,)))
    return d.Definition(
        key=f.read("key", lambda p: p.matching(KEY), ""),
        kind=f.read("kind", lambda p: p.one_of(d.KINDS), d.KINDS[0]),
        title=f.read("title", Place.text, {}),
        sections=f.read("sections", lambda p: p.each(_section, least=1, most=200), ()),
        applies_to=f.read("applies_to", _applies_to, d.AppliesTo()),
        parameters=f.read("parameters", lambda p: p.by_name(_parameter, KEY), {}),
        header=f.read("header", lambda p: p.each(Place.text, most=50), ()),
        signatures=f.read("signatures", lambda p: p.each(_signature, most=10), ()),
        score=f.read("score", _score),
    )


def _applies_to(at: Place) -> d.AppliesTo:
    f = at.fields("", "mine_types posts roles")
    return d.AppliesTo(
        mine_types=f.read("mine_types", lambda p: p.each(lambda one: one.one_of(d.MINE_TYPES)), ()),
        posts=f.read("posts", lambda p: p.each(lambda one: one.matching(NAME)), ()),
        roles=f.read("roles", lambda p: p.each(lambda one: one.matching(WORD)), ()),
    )


def _parameter(at: Place) -> d.Parameter:
    f = at.fields("title", "unit")
    return d.Parameter(f.read("title", Place.text, {}), f.read("unit", Place.string))


def _signature(at: Place) -> d.SignatureRequest:
    f = at.fields("role", "count")
    role = f.read("role", lambda p: p.one_of(get_args(d.Role)), "filler")
    return d.SignatureRequest(role, f.read("count", lambda p: p.whole(1, 10), 1))


def _score(at: Place) -> d.Score:
    f = at.fields("", "full pass levels veto")
    return d.Score(
        full=f.read("full", lambda p: p.within(1, 10000), d.FULL_MARKS),
        pass_=f.read("pass", lambda p: p.within(0, 10000)),
        levels=f.read("levels", lambda p: p.each(_level, most=20), ()),
        veto=f.read("veto", lambda p: p.each(lambda one: one.matching(NAME)), ()),
    )


def _level(at: Place) -> d.Level:
    f = at.fields("from text")
    return d.Level(f.read("from", lambda p: p.within(0, 10000), 0.0), f.read("text", Place.text, {}))


def _section(at: Place) -> d.Section:
    f = at.fields("id title items", "relevant repeat")
    return d.Section(
        id=f.read("id", lambda p: p.matching(NAME), ""),
        title=f.read("title", Place.text, {}),
        items=f.read("items", lambda p: p.each(_item, least=1, most=1000), ()),
        relevant=f.read("relevant", _expression),
        repeat=f.read("repeat", _repeat),
    )


def _repeat(at: Place) -> d.Repeat:
    f = at.fields("", "min max label")
    return d.Repeat(
        min=f.read("min", lambda p: p.whole(0, d.MOST_ROWS), 0),
        max=f.read("max", lambda p: p.whole(1, d.MOST_ROWS), 20),
        label=f.read("label", Place.text),
    )


def _item(at: Place) -> d.Item:
    f = at.fields(
        "id text answer",
        "code standard method required basis frequency season severity risk major_ref danger evidence on_fail"
        " relevant constraint weight explain",
    )
    return d.Item(
        id=f.read("id", lambda p: p.matching(NAME), ""),
        text=f.read("text", Place.text, {}),
        answer=f.read("answer", _answer, d.AnswerSpec("check")),
        code=f.read("code", lambda p: p.matching(NAME)),
        standard=f.read("standard", Place.text),
        method=f.read("method", Place.text),
        required=f.read("required", Place.flag, True),
        basis=f.read("basis", lambda p: p.each(_basis, most=20), ()),
        frequency=f.read("frequency", lambda p: p.matching(FREQUENCY)),
        season=f.read("season", lambda p: p.one_of(get_args(d.Season))),
        severity=f.read("severity", lambda p: p.one_of(get_args(d.Severity)), "general"),
        risk=f.read("risk", lambda p: p.one_of(get_args(d.Risk))),
        major_ref=f.read("major_ref", lambda p: p.matching(NAME)),
        danger=f.read("danger", _danger),
        evidence=f.read("evidence", _evidence, d.Evidence()),
        on_fail=f.read("on_fail", _on_fail, d.OnFail()),
        relevant=f.read("relevant", _expression),
        constraint=f.read("constraint", _constraint),
        weight=f.read("weight", lambda p: p.within(0, 1000), 1.0),
        explain=f.read("explain", Place.text),
    )


def _basis(at: Place) -> d.Basis:
    f = at.fields("code verified", "clause")
    return d.Basis(
        f.read("code", Place.string, ""),
        f.read("clause", Place.string),
        f.read("verified", Place.flag, False),
    )


def _danger(at: Place) -> d.Danger:
    f = at.fields("when act call verified")
    return d.Danger(
        when=f.read("when", _expression),
        act=f.read("act", Place.text, {}),
        call=f.read("call", lambda p: p.one_of(get_args(d.Call)), "dispatch"),
        verified=f.read("verified", Place.flag, False),
    )


def _constraint(at: Place) -> d.Constraint:
    f = at.fields("when message")
    return d.Constraint(f.read("when", _expression), f.read("message", Place.text, {}))


def _expression(at: Place) -> d.Tree:
    """An author's text, or the tree that a published version has of it."""
    if isinstance(at.value, str):
        try:
            return parse(at.string()).json() if at.value.strip() else at.string()
        except ExpressionError as error:
            at.flaw(error.code, shape=False, at=error.at, **error.params)
            return None
    if _depth(at.value) > 2 * MAX_DEPTH:  # a list of arguments is a level of its own
        at.flaw("too_complex", shape=False, most=MAX_NODES)
        return None
    node = thaw(at.value)
    if node is None:
        at.flaw("not_a_tree")
        return None
    if sum(1 for _ in node.walk()) > MAX_NODES:
        at.flaw("too_complex", shape=False, most=MAX_NODES)
    return node.json()


def _depth(data: object) -> int:
    layer, depth = [data], 0
    while layer and depth <= 2 * MAX_DEPTH:
        layer = [
            inner
            for one in layer
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def _evidence(at: Place) -> d.Evidence:
    f = at.fields("", "photo note max_photos waivable not_in")
    when = get_args(d.When)
    return d.Evidence(
        photo=f.read("photo", lambda p: p.one_of(when), "never"),
        note=f.read("note", lambda p: p.one_of(when), "never"),
        max_photos=f.read("max_photos", lambda p: p.whole(1, 20), d.MAX_PHOTOS),
        waivable=f.read("waivable", Place.flag, True),
        not_in=f.read("not_in", lambda p: p.each(lambda one: one.matching(WORD), most=20), ()),
    )


def _on_fail(at: Place) -> d.OnFail:
    f = at.fields("", "hazard document")
    return d.OnFail(
        hazard=f.read("hazard", Place.flag, False),
        document=f.read("document", lambda p: p.one_of(get_args(d.DocumentKey))),
    )


def _answer(at: Place) -> d.AnswerSpec:
    named = at.value.get("type") if isinstance(at.value, dict) else None
    known = named if isinstance(named, str) and named in ANSWER_FIELDS else "check"
    f = at.fields(ANSWER_NEEDS.get(known, "type"), ANSWER_FIELDS[known])
    bounds = DATE_BOUNDS if known == "date" else NUMBER_BOUNDS
    return d.AnswerSpec(
        type=f.read("type", lambda p: p.one_of(get_args(d.AnswerType)), "check"),
        reading=f.read("reading", Place.text),
        unit=f.read("unit", Place.string),
        decimals=f.read("decimals", lambda p: p.whole(0, 6)),
        range=f.read("range", _range),
        limits=f.read("limits", lambda p: p.each(lambda one: _limit_or_cases(one, bounds), most=10), ()),
        max_length=f.read("max_length", lambda p: p.whole(1, 4000)),
        options=f.read("options", lambda p: p.each(_option, least=1, most=100), ()),
        formula=f.read("formula", _expression),
    )


def _range(at: Place) -> d.Range:
    f = at.fields("", "min max")
    return d.Range(f.read("min", Place.number), f.read("max", Place.number))


def _option(at: Place) -> d.Option:
    f = at.fields("id text", "fails correct share")
    return d.Option(
        f.read("id", lambda p: p.matching(NAME), ""),
        f.read("text", Place.text, {}),
        f.read("fails", Place.flag, False),
        f.read("correct", Place.flag, False),
        f.read("share", lambda p: p.within(0, 1)),
    )


def _limit_or_cases(at: Place, bounds: tuple[d.Bound, ...]) -> d.Limit | d.CaseLimit:
    if not (isinstance(at.value, dict) and "by" in at.value):
        return _limit(at, bounds)
    f = at.fields("by")["by"].fields("param cases")
    cases = f.read("cases", lambda p: p.each(lambda one: _case(one, bounds), least=1, most=50), ())
    return d.CaseLimit(f.read("param", lambda p: p.matching(KEY), ""), cases)


def _case(at: Place, bounds: tuple[d.Bound, ...]) -> d.Case:
    f = at.fields("id text limits")
    return d.Case(
        id=f.read("id", lambda p: p.matching(NAME), ""),
        text=f.read("text", Place.text, {}),
        limits=f.read("limits", lambda p: p.each(lambda one: _limit(one, bounds), most=10), ()),
    )


def _limit(at: Place, bounds: tuple[d.Bound, ...]) -> d.Limit:
    f = at.fields("", " ".join(bounds))
    if len(f) != 1:
        at.flaw("one_bound", bounds=", ".join(bounds))
        return d.Limit(bounds[0], 0.0)
    [(bound, value)] = f.items()
    return d.Limit(next(b for b in bounds if b == bound), _bound_value(value))


def _bound_value(at: Place) -> float | d.SiteRef | d.JurisdictionRef:
    if not isinstance(at.value, dict):
        return at.number()
    if "site_ref" in at.value:
        f = at.fields("site_ref", "times")
        return d.SiteRef(
            f.read("site_ref", lambda p: p.matching(KEY), ""), f.read("times", Place.number, 1.0)
        )
    f = at.fields("jurisdiction_ref", "default")
    key = f.read("jurisdiction_ref", lambda p: p.matching(KEY), "")
    return d.JurisdictionRef(key, f.read("default", Place.number))
