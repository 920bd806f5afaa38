"""The tree of an expression: what a published version freezes, and how it is written back.

JSON: 50 · "text" · true · {"self": true} · {"item": "UG01-02"} (in count() also a repeated section: its rows) ·
{"op": ">", "args": [{"self": true}, 50]}. Operators may join; a published tree never changes its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.values import BIGGEST, as_number, show

Json = Any

MAX_DEPTH = 48
MAX_NODES = 400
LONGEST_TEXT = 1000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MANY = 30  # arguments of one call

# Operator → the least and the most arguments. The names are XPath's and XLSForm's, except `empty` (written `x = ''`)
# and `neg` (written `-x`).
OPERATORS: Mapping[str, tuple[int, int]] = {
    "or": (2, 2),
    "and": (2, 2),
    "not": (1, 1),
    "=": (2, 2),
    "!=": (2, 2),
    "<": (2, 2),
    "<=": (2, 2),
    ">": (2, 2),
    ">=": (2, 2),
    "+": (2, 2),
    "-": (2, 2),
    "*": (2, 2),
    "div": (2, 2),
    "mod": (2, 2),
    "neg": (1, 1),
    "empty": (1, 1),
    "if": (3, 3),
    "selected": (2, 2),
    "count-selected": (1, 1),
    "coalesce": (2, MANY),
    "matches": (2, 2),
    "string-length": (1, 1),
    "round": (1, 2),
    "int": (1, 1),
    "number": (1, 1),
    "min": (1, MANY),
    "max": (1, MANY),
    "sum": (1, 1),
    "count": (1, 1),
    "today": (0, 0),
    "now": (0, 0),
    "date": (1, 1),
    "concat": (1, MANY),
    "substr": (2, 3),
}
# How tightly an operator binds when it is written between its operands.
INFIX: Mapping[str, int] = {
    **{"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4},
    **{"+": 5, "-": 5, "*": 6, "div": 6, "mod": 6},
}


@dataclass(frozen=True, slots=True)
class Node:
    """kind: value (a number, text or boolean), self, item (name: its id) or op (name: the operator).
    at: where it stands in the author's text, in code points; None where it came from a frozen tree.
    """

    kind: str
    name: str = ""
    value: float | str | bool = False
    args: tuple[Node, ...] = ()
    at: int | None = None

    def json(self) -> Json:
        match self.kind:
            case "value":
                return self.value
            case "self":
                return {"self": True}
            case "op":
                return {"op": self.name, "args": [arg.json() for arg in self.args]}
        return {"item": self.name}

    def walk(self) -> Iterator[Node]:
        """The node and all below it, in no order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.args)

    def depth(self) -> int:
        layer, depth = [self], 0
        while layer:
            layer, depth = [arg for node in layer for arg in node.args], depth + 1
        return depth


def thaw(data: Json, depth: int = MAX_DEPTH) -> Node | None:
    """The node of a frozen tree, or None where it is none: unknown form or operator, too many arguments, too deep."""
    if isinstance(data, bool):
        return Node("value", value=data)
    if isinstance(data, str):
        return Node("value", value=data) if _is_text(data) else None
    if isinstance(data, (int, float)):
        number = as_number(data)
        return None if number is None or abs(number) > BIGGEST else Node("value", value=number)
    match data:
        case {"self": True, **rest} if not rest:
            return Node("self")
        case {"item": str(name), **rest} if not rest and NAME.fullmatch(name):
            return Node("item", name)
        case {"op": str(name), "args": list(args), **rest} if not rest and name in OPERATORS and depth > 1:
            least, most = OPERATORS[name]
            nodes = [thaw(arg, depth - 1) for arg in args[: most + 1]]
            known = tuple(node for node in nodes if node is not None)
            return Node("op", name, args=known) if least <= len(known) == len(args) <= most else None
    return None


def _is_text(text: str) -> bool:
    return (
        len(text) <= LONGEST_TEXT and not re.search("[\ud800-\udfff]", text) and not {"'", '"'} <= set(text)
    )


def written(tree: Json) -> str:
    """The expression as an author writes it: `. > 50`. "" where the tree is none."""
    node = thaw(tree)
    return _write(node, 0) if node else ""


def _write(node: Node, outer: int) -> str:
    match node.kind:
        case "value":
            return _literal(node.value)
        case "self":
            return "."
        case "item":
            return f"${{{node.name}}}"
    if node.name == "empty":
        return _around(f"{_write(node.args[0], 4)} = ''", 3, outer)
    if node.name == "neg":
        return _around(f"-{_write(node.args[0], 8)}", 7, outer)
    if node.name in INFIX:
        tight = INFIX[node.name]
        left, right = _write(node.args[0], tight), _write(node.args[1], tight + 1)
        return _around(f"{left} {node.name} {right}", tight, outer)
    return f"{node.name}({', '.join(_write(arg, 0) for arg in node.args)})"


def _around(text: str, tight: int, outer: int) -> str:
    return f"({text})" if tight < outer else text


def _literal(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "true()" if value else "false()"
    if isinstance(value, str):
        return f'"{value}"' if "'" in value else f"'{value}'"
    # Numbers are written out: XPath knows no exponents.
    return format(Decimal(show(value)), "f")
