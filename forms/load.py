"""From untrusted data to a `Definition`, or to the list of everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

import yaml

from forms import definition as d
from forms import expression
from forms.reader import DefinitionError, Flaw, Place
from forms.values import show

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
KEY = re.compile(r"[a-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+){0,7}")
FREQUENCY = re.compile(r"shift|day|week|month|quarter|year|(after|on):[a-z][a-z_]{0,31}")
ANSWER_FIELDS = {
    "check": "",
    "number": "reading unit decimals range limits",
    "date": "reading limits",
    "text": "max_length",
    "choice": "options",
    "photo": "",
    "signature": "",
    "place": "",
}
NUMBER_BOUNDS: tuple[d.Bound, ...] = ("min", "max", "above", "below", "equals")
DATE_BOUNDS: tuple[d.Bound, ...] = ("max_age_days",)


def load(data: object) -> d.Definition:
    """The definition that this JSON (or YAML) data describes.

    Raises: DefinitionError with every flaw: path, what is wrong, how to mend it.
    """
    flaws: list[Flaw] = []
    definition = _definition(Place(data, "", flaws))
    if not flaws:
        _check_names(definition, flaws)
        _check_limits(definition, flaws)
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
    f = at.fields("schema key kind title sections", "applies_to parameters header signatures")
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
    )


def _applies_to(at: Place) -> d.AppliesTo:
    f = at.fields("", "mine_types posts")
    return d.AppliesTo(
        mine_types=f.read("mine_types", lambda p: p.each(lambda one: one.one_of(d.MINE_TYPES)), ()),
        posts=f.read("posts", lambda p: p.each(lambda one: one.matching(NAME)), ()),
    )


def _parameter(at: Place) -> d.Parameter:
    f = at.fields("title", "unit")
    return d.Parameter(f.read("title", Place.text, {}), f.read("unit", Place.string))


def _signature(at: Place) -> d.SignatureRequest:
    f = at.fields("role", "count")
    role = f.read("role", lambda p: p.one_of(get_args(d.Role)), "filler")
    return d.SignatureRequest(role, f.read("count", lambda p: p.whole(1, 10), 1))


def _section(at: Place) -> d.Section:
    f = at.fields("id title items")
    return d.Section(
        id=f.read("id", lambda p: p.matching(NAME), ""),
        title=f.read("title", Place.text, {}),
        items=f.read("items", lambda p: p.each(_item, least=1, most=1000), ()),
    )


def _item(at: Place) -> d.Item:
    f = at.fields(
        "id text answer",
        "code standard method required basis frequency season severity risk major_ref danger evidence on_fail",
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
        when=f.read("when", _condition),
        act=f.read("act", Place.text, {}),
        call=f.read("call", lambda p: p.one_of(get_args(d.Call)), "dispatch"),
        verified=f.read("verified", Place.flag, False),
    )


def _condition(at: Place) -> expression.Tree:
    tree = expression.parse(at.value) if isinstance(at.value, str) else at.value
    if expression.is_tree(tree):
        return tree
    at.flaw("bad_condition")
    return None


def _evidence(at: Place) -> d.Evidence:
    f = at.fields("", "photo note max_photos waivable")
    when = get_args(d.When)
    return d.Evidence(
        photo=f.read("photo", lambda p: p.one_of(when), "never"),
        note=f.read("note", lambda p: p.one_of(when), "never"),
        max_photos=f.read("max_photos", lambda p: p.whole(1, 20), d.MAX_PHOTOS),
        waivable=f.read("waivable", Place.flag, True),
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
    f = at.fields("type options" if known == "choice" else "type", ANSWER_FIELDS[known])
    bounds = NUMBER_BOUNDS if known == "number" else DATE_BOUNDS
    return d.AnswerSpec(
        type=f.read("type", lambda p: p.one_of(get_args(d.AnswerType)), "check"),
        reading=f.read("reading", Place.text),
        unit=f.read("unit", Place.string),
        decimals=f.read("decimals", lambda p: p.whole(0, 6)),
        range=f.read("range", _range),
        limits=f.read("limits", lambda p: p.each(lambda one: _limit_or_cases(one, bounds), most=10), ()),
        max_length=f.read("max_length", lambda p: p.whole(1, 4000)),
        options=f.read("options", lambda p: p.each(_option, least=1, most=100), ()),
    )


def _range(at: Place) -> d.Range:
    f = at.fields("", "min max")
    return d.Range(f.read("min", Place.number), f.read("max", Place.number))


def _option(at: Place) -> d.Option:
    f = at.fields("id text", "fails")
    return d.Option(
        f.read("id", lambda p: p.matching(NAME), ""),
        f.read("text", Place.text, {}),
        f.read("fails", Place.flag, False),
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


# What no schema can say: names that must be unique or known, limits that cannot both hold.


def _check_names(definition: d.Definition, flaws: list[Flaw]) -> None:
    _unique("/sections", (section.id for section in definition.sections), flaws)
    _unique("/sections", (item.id for item in definition.items()), flaws)
    for path, item in _items(definition):
        _unique(f"{path}/answer/options", (option.id for option in item.answer.options), flaws)
        if item.danger and item.answer.type != "number":
            flaws.append(Flaw(f"{path}/danger", "danger_needs_number", {}, shape=False))
        for limit in item.answer.limits:
            if isinstance(limit, d.CaseLimit):
                _unique(f"{path}/answer/limits", (case.id for case in limit.cases), flaws)


def _unique(path: str, names: Iterable[str], flaws: list[Flaw]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            flaws.append(Flaw(path, "duplicate", {"id": name}, shape=False))
        seen.add(name)


def _check_limits(definition: d.Definition, flaws: list[Flaw]) -> None:
    for path, item in _items(definition):
        for limits in alternatives(item.answer):
            for key in filter(None, map(_parameter_key, limits)):
                if key not in definition.parameters:
                    flaws.append(Flaw(f"{path}/answer/limits", "undeclared", {"key": key}, shape=False))
            fixed = [(limit.bound, limit.value) for limit in limits if isinstance(limit.value, float)]
            least = max((value for bound, value in fixed if bound in ("min", "above")), default=None)
            most = min((value for bound, value in fixed if bound in ("max", "below")), default=None)
            if least is not None and most is not None and least > most:
                params = {"least": show(least), "most": show(most)}
                flaws.append(Flaw(f"{path}/answer/limits", "contradiction", params, shape=False))
        for limit in item.answer.limits:
            if isinstance(limit, d.CaseLimit) and limit.param not in definition.parameters:
                flaws.append(Flaw(f"{path}/answer/limits", "undeclared", {"key": limit.param}, shape=False))


def alternatives(answer: d.AnswerSpec) -> list[list[d.Limit]]:
    """Every list of bounds that may come to hold together: one list, or one for each case."""
    plain = [limit for limit in answer.limits if isinstance(limit, d.Limit)]
    cases = [case for limit in answer.limits if isinstance(limit, d.CaseLimit) for case in limit.cases]
    return [plain, *([*plain, *case.limits] for case in cases)]


def _parameter_key(limit: d.Limit) -> str | None:
    match limit.value:
        case d.SiteRef(site_ref=key) | d.JurisdictionRef(jurisdiction_ref=key):
            return key
    return None


def _items(definition: d.Definition) -> Iterable[tuple[str, d.Item]]:
    for s, section in enumerate(definition.sections):
        for i, item in enumerate(section.items):
            yield f"/sections/{s}/items/{i}", item
