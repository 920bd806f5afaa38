"""What no schema can say of a definition: names that must be unique or known, limits that cannot both hold, kinds and
what belongs into them, and expressions that make no sense.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forms import definition as d
from forms.expression import ExpressionError, Node, Scope, Type, check, parse, thaw
from forms.graph import dependencies, ordered, sections_by_item
from forms.reader import Flaw
from forms.values import show

_ANY_VALUE = ("number", "text", "bool", "date", "time", "datetime", "choice")
_CONFORMS = frozenset(("pass", "fail", "na"))
_PLAIN_TYPES = {
    "check": Type("choice", _CONFORMS),
    "number": Type("number"),
    **dict.fromkeys(("text", "person", "place"), Type("text")),
    **{name: Type(name) for name in ("date", "time", "datetime")},
    **dict.fromkeys(("photo", "signature"), Type("file")),
    "note": Type("none"),
}


def check_definition(definition: d.Definition, data: Any) -> list[Flaw]:
    """Every flaw of a definition whose shape is right. data: what it was read from, for the places in its texts."""
    flaws: list[Flaw] = []
    _check_names(definition, flaws)
    if not flaws:
        _check_limits(definition, flaws)
        _check_kind(definition, flaws)
        _check_expressions(definition, data, flaws)
    return flaws


def _flaw(flaws: list[Flaw], path: str, code: str, **params: object) -> None:
    flaws.append(Flaw(path, code, {name: str(value) for name, value in params.items()}, shape=False))


def _items(definition: d.Definition) -> Iterable[tuple[str, d.Item]]:
    for s, section in enumerate(definition.sections):
        for i, item in enumerate(section.items):
            yield f"/sections/{s}/items/{i}", item


def _check_names(definition: d.Definition, flaws: list[Flaw]) -> None:
    _unique("/sections", (section.id for section in definition.sections), flaws)
    _unique("/sections", (item.id for item in definition.items()), flaws)
    items = {item.id for item in definition.items()}
    for s, section in enumerate(definition.sections):
        # count(${face}) asks for the rows of a section, ${face} for the answer of an item.
        if section.repeat and section.id in items:
            _flaw(flaws, f"/sections/{s}/id", "duplicate", id=section.id)
        if section.repeat and section.repeat.min > section.repeat.max:
            params = {"least": section.repeat.min, "most": section.repeat.max}
            _flaw(flaws, f"/sections/{s}/repeat", "contradiction", **params)
    for path, item in _items(definition):
        _unique(f"{path}/answer/options", (option.id for option in item.answer.options), flaws)
        for limit in item.answer.limits:
            if isinstance(limit, d.CaseLimit):
                _unique(f"{path}/answer/limits", (case.id for case in limit.cases), flaws)
    for v, veto in enumerate(definition.score.veto if definition.score else ()):
        if veto not in items:
            _flaw(flaws, f"/score/veto/{v}", "not_in_definition", id=veto)


def _unique(path: str, names: Iterable[str], flaws: list[Flaw]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            _flaw(flaws, path, "duplicate", id=name)
        seen.add(name)


def _check_limits(definition: d.Definition, flaws: list[Flaw]) -> None:
    for path, item in _items(definition):
        for limits in alternatives(item.answer):
            for key in filter(None, map(_parameter_key, limits)):
                if key not in definition.parameters:
                    _flaw(flaws, f"{path}/answer/limits", "undeclared", key=key)
            fixed = [(limit.bound, limit.value) for limit in limits if isinstance(limit.value, float)]
            least = max((value for bound, value in fixed if bound in ("min", "above")), default=None)
            most = min((value for bound, value in fixed if bound in ("max", "below")), default=None)
            if least is not None and most is not None and least > most:
                _flaw(flaws, f"{path}/answer/limits", "contradiction", least=show(least), most=show(most))
        for limit in item.answer.limits:
            if isinstance(limit, d.CaseLimit) and limit.param not in definition.parameters:
                _flaw(flaws, f"{path}/answer/limits", "undeclared", key=limit.param)


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


def _check_kind(definition: d.Definition, flaws: list[Flaw]) -> None:
    """A card is read, not filled; a quiz asks for choices and knows the right ones."""
    if definition.kind == "card" and definition.signatures:
        _flaw(flaws, "/signatures", "card_is_read")
    for path, item in _items(definition):
        if definition.kind == "card" and item.answer.type != "note":
            _flaw(flaws, f"{path}/answer/type", "card_is_read")
        correct = [option for option in item.answer.options if option.correct]
        if definition.kind != "quiz":
            if correct:
                _flaw(flaws, f"{path}/answer/options", "only_in_quiz")
        elif item.answer.type != "note" and not correct:
            _flaw(flaws, f"{path}/answer", "quiz_needs_answer")
        elif item.answer.type == "choice" and len(correct) > 1:
            _flaw(flaws, f"{path}/answer/options", "one_correct")


def _check_expressions(definition: d.Definition, data: Any, flaws: list[Flaw]) -> None:
    checker = _Expressions(definition, data, flaws)
    order, cycle = ordered(dependencies(definition))
    if cycle:
        names = [unit[2:] for unit in cycle]
        _flaw(flaws, checker.places[cycle[0]], "cycle", circle=" → ".join(names))
        return
    for unit in order:  # a calculated item's type is known before that of those who speak of it
        if unit.startswith("i:"):
            checker.learn(unit[2:])
    if flaws:
        return
    for s, section in enumerate(definition.sections):
        checker.require_truth(f"/sections/{s}/relevant", section.relevant, None, None)
        for i, item in enumerate(section.items):
            checker.item(f"/sections/{s}/items/{i}", section, item)


class _Expressions:
    def __init__(self, definition: d.Definition, data: Any, flaws: list[Flaw]) -> None:
        self.data, self.flaws = data, flaws
        self.sections = sections_by_item(definition)
        self.items = {item.id: item for item in definition.items()}
        self.repeated = frozenset(section.id for section in definition.sections if section.repeat)
        self.places = {f"i:{item.id}": path for path, item in _items(definition)}
        self.places |= {f"s:{section.id}": f"/sections/{s}" for s, section in enumerate(definition.sections)}
        self.types: dict[str, Type] = {}
        for item in definition.items():
            if item.answer.type != "calculated":
                self.types[item.id] = self.in_section(item, _answered(item))

    def in_section(self, item: d.Item, found: Type) -> Type:
        section = self.sections[item.id]
        return Type(found.kind, found.options, section.id if section.repeat else None)

    def learn(self, item_id: str) -> None:
        """The type of a calculated item is that of its formula."""
        item = self.items[item_id]
        if item.answer.type != "calculated":
            return
        path = f"{self.places[f'i:{item_id}']}/answer/formula"
        answer = item.answer
        measured = answer.limits or answer.unit or answer.decimals is not None
        wanted = ("number",) if measured else _ANY_VALUE
        found = self.check(path, item.answer.formula, None, self.row(item), wanted)
        kind = "text" if found is None or found.kind == "choice" else found.kind
        self.types[item_id] = self.in_section(item, Type(kind))

    def row(self, item: d.Item) -> str | None:
        section = self.sections[item.id]
        return section.id if section.repeat else None

    def item(self, path: str, section: d.Section, item: d.Item) -> None:
        row = section.id if section.repeat else None
        found = self.types[item.id]
        own = Type(found.kind, found.options)
        self.require_truth(f"{path}/relevant", item.relevant, None, row)
        if item.constraint:
            self.require_truth(f"{path}/constraint/when", item.constraint.when, own, row)
        if item.danger:
            self.require_truth(f"{path}/danger/when", item.danger.when, own, row)

    def require_truth(self, path: str, tree: d.Tree, own: Type | None, row: str | None) -> None:
        if tree is not None:
            self.check(path, tree, own, row, ("bool",))

    def check(
        self, path: str, tree: d.Tree, own: Type | None, row: str | None, wanted: tuple[str, ...]
    ) -> Type | None:
        try:
            return check(self.node(path, tree), Scope(self.types, self.repeated, own, row), wanted)
        except ExpressionError as error:
            self.flaws.append(Flaw(path, error.code, error.params, shape=False, offset=error.at))
            return None

    def node(self, path: str, tree: d.Tree) -> Node:
        """With the places in the author's text, where it was read from one."""
        source = self.data
        for name in path.split("/")[1:]:
            source = source[int(name)] if isinstance(source, list) else source[name]
        node = parse(source) if isinstance(source, str) else thaw(tree)
        assert node is not None  # noqa: S101  the loader has read it already
        return node


def _answered(item: d.Item) -> Type:
    """The type of what is answered to an item."""
    if item.answer.type in ("choice", "choices"):
        return Type(item.answer.type, frozenset(option.id for option in item.answer.options))
    return _PLAIN_TYPES[item.answer.type]
