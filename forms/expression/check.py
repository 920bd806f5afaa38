"""What is wrong with an expression before anybody fills the form: unknown names, wrong types, slow patterns."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from forms.expression.parse import ExpressionError
from forms.expression.pattern import compiled
from forms.expression.tree import Node
from forms.values import as_number


@dataclass(frozen=True, slots=True)
class Type:
    """kind: number, text, bool, date, time, datetime, choice, choices, file or none (never answered).
    options: of a choice. section: of an item that is answered once in each row of a repeated section.
    """

    kind: str
    options: frozenset[str] | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may speak of. own: the type of `.`, None where there is no own answer. row: the repeated
    section that the expression itself stands in.
    """

    items: Mapping[str, Type]
    sections: frozenset[str] = frozenset()
    own: Type | None = None
    row: str | None = None


NUMBER, TEXT, BOOL = Type("number"), Type("text"), Type("bool")
DATE, TIME, DATETIME = Type("date"), Type("time"), Type("datetime")
ORDERED = ("number", "date", "time", "datetime")
WORDS = ("text", "choice")
# Operator → what each of its arguments may be, and what it gives.
_PLAIN: Mapping[str, tuple[tuple[str, ...], Type]] = {
    **dict.fromkeys(("and", "or", "not"), (("bool",), BOOL)),
    **dict.fromkeys(("*", "div", "mod", "neg", "int"), (("number",), NUMBER)),
    "empty": ((*ORDERED, "text", "bool", "choice", "choices", "file"), BOOL),
    "count-selected": (("choice", "choices"), NUMBER),
    "string-length": (WORDS, NUMBER),
    "number": ((*WORDS, "number", "bool"), NUMBER),
    "today": ((), DATE),
    "now": ((), DATETIME),
    "date": (("text", "date", "datetime"), DATE),
    "concat": ((*ORDERED, "text", "bool", "choice", "choices"), TEXT),
}


def check(node: Node, scope: Scope, wanted: Iterable[str]) -> Type:
    """The type of the expression. wanted: the kinds that it may have where it stands. Raises ExpressionError."""
    found = _Checker(scope).type_of(node)
    _want(node, found, tuple(wanted))
    return found


def _want(node: Node, found: Type, wanted: tuple[str, ...]) -> Type:
    if found.kind not in wanted:
        raise ExpressionError("wrong_type", node.at, wanted=", ".join(wanted), found=found.kind)
    return found


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def type_of(self, node: Node) -> Type:
        match node.kind:
            case "value":
                return _type_of_value(node.value)
            case "self":
                if self.scope.own is None:
                    raise ExpressionError("no_self", node.at)
                return self.scope.own
            case "item":
                return self.item(node)
        if node.name in _PLAIN:
            kinds, result = _PLAIN[node.name]
            for arg in node.args:
                _want(arg, self.type_of(arg), kinds)
            return result
        return _SPECIAL[node.name](self, node)

    def item(self, node: Node) -> Type:
        found = self.find(node)
        if found.section is not None and found.section != self.scope.row:
            raise ExpressionError("row_from_outside", node.at, id=node.name)
        return Type(found.kind, found.options)

    def find(self, node: Node) -> Type:
        found = self.scope.items.get(node.name)
        if found is None:
            near = difflib.get_close_matches(node.name, self.scope.items, 3, 0.5)
            raise ExpressionError(
                "unknown_item",
                node.at,
                id=node.name,
                near=", ".join(near) or ", ".join([*self.scope.items][:3]),
            )
        if found.kind == "none":
            raise ExpressionError("never_answered", node.at, id=node.name)
        return found

    def same(self, args: tuple[Node, ...], kinds: tuple[str, ...]) -> Type:
        """All of one kind, words among each other; what is compared with a choice must be one of its options."""
        types = [_want(arg, self.type_of(arg), kinds) for arg in args]
        kind = "text" if types[0].kind in WORDS else types[0].kind
        for arg, found in zip(args, types, strict=True):
            if found.kind != kind and not (kind == "text" and found.kind in WORDS):
                raise ExpressionError("wrong_type", arg.at, wanted=types[0].kind, found=found.kind)
        for choice in types:
            for arg in args:
                _known_option(arg, choice)
        return types[0] if all(found == types[0] for found in types) else Type(kind)

    def compare(self, node: Node) -> Type:
        kinds = (*ORDERED, *WORDS, "bool") if node.name in ("=", "!=") else ORDERED
        self.same(node.args, kinds)
        return BOOL

    def plus(self, node: Node) -> Type:
        left, right = node.args
        first = _want(left, self.type_of(left), ("number", "date"))
        _want(right, self.type_of(right), ("number",))
        return first

    def minus(self, node: Node) -> Type:
        left, right = node.args
        first = _want(left, self.type_of(left), ("number", "date"))
        second = _want(right, self.type_of(right), ("number", first.kind))
        return NUMBER if second.kind == first.kind else DATE

    def choose(self, node: Node) -> Type:
        condition, *branches = node.args
        _want(condition, self.type_of(condition), ("bool",))
        return self.same(tuple(branches), (*ORDERED, *WORDS, "bool"))

    def coalesce(self, node: Node) -> Type:
        return self.same(node.args, (*ORDERED, *WORDS, "bool"))

    def selected(self, node: Node) -> Type:
        among = _want(node.args[0], self.type_of(node.args[0]), ("choice", "choices"))
        _want(node.args[1], self.type_of(node.args[1]), ("text",))
        _known_option(node.args[1], among)
        return BOOL

    def matches(self, node: Node) -> Type:
        _want(node.args[0], self.type_of(node.args[0]), WORDS)
        pattern = node.args[1]
        if pattern.kind != "value" or not isinstance(pattern.value, str) or not pattern.value:
            raise ExpressionError("bad_pattern", pattern.at)
        if compiled(pattern.value) is None:
            raise ExpressionError("bad_pattern", pattern.at)
        return BOOL

    def rounding(self, node: Node) -> Type:
        _want(node.args[0], self.type_of(node.args[0]), ("number",))
        for places in node.args[1:]:
            if places.kind != "value" or as_number(places.value) not in (0, 1, 2, 3, 4, 5, 6):
                raise ExpressionError("bad_places", places.at)
        return NUMBER

    def substr(self, node: Node) -> Type:
        _want(node.args[0], self.type_of(node.args[0]), WORDS)
        for place in node.args[1:]:
            _want(place, self.type_of(place), ("number",))
        return TEXT

    def total(self, node: Node) -> Type:
        """sum(), min(), max(), count(): of one item over all rows of its section; min() and max() of numbers too."""
        [first, *others] = node.args
        if node.name == "count" and first.kind == "item" and first.name in self.scope.sections:
            return NUMBER
        rows = [arg for arg in node.args if arg.kind == "item" and self.find(arg).section is not None]
        for arg in rows:
            if self.find(arg).section == self.scope.row:
                raise ExpressionError("total_from_inside", arg.at, id=arg.name)
        if not rows and node.name in ("sum", "count"):
            raise ExpressionError("no_rows", first.at, name=node.name)
        if rows and others:
            raise ExpressionError(
                "wrong_count", others[0].at, name=node.name, least=1, most=1, found=len(node.args)
            )
        kinds = ("number",) if node.name != "count" else _PLAIN["empty"][0]
        for arg in node.args:
            _want(arg, self.find(arg) if arg in rows else self.type_of(arg), kinds)
        return NUMBER


_SPECIAL: Mapping[str, Callable[[_Checker, Node], Type]] = {
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _Checker.compare),
    **dict.fromkeys(("min", "max", "sum", "count"), _Checker.total),
    "+": _Checker.plus,
    "-": _Checker.minus,
    "if": _Checker.choose,
    "coalesce": _Checker.coalesce,
    "selected": _Checker.selected,
    "matches": _Checker.matches,
    "round": _Checker.rounding,
    "substr": _Checker.substr,
}


def _type_of_value(value: float | str | bool) -> Type:
    if isinstance(value, bool):
        return BOOL
    return TEXT if isinstance(value, str) else NUMBER


def _known_option(node: Node, choice: Type) -> None:
    if node.kind != "value" or not isinstance(node.value, str) or choice.options is None:
        return
    if node.value not in choice.options:
        raise ExpressionError(
            "unknown_option", node.at, id=node.value, known=", ".join(sorted(choice.options)[:10])
        )
