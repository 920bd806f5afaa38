"""What an author writes about a reading, `. > 50`, and the tree that a published version freezes of it.

A tree is JSON: {"op": ">", "args": [{"self": true}, 50]}. Only the comparison of the item's own reading with a number
is understood today; further operators join the tree, they never change what a published one means. The phone evaluates
trees only (pwa/src/forms/expression.ts); it never parses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from forms.values import BIGGEST, as_number, show

Tree = Any

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WRITTEN = re.compile(r"\s*\.\s*(<=|>=|!=|=|<|>)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*")


def parse(written: str) -> Tree | None:
    """The tree of `. OP number`, or None where it is anything else."""
    found = _WRITTEN.fullmatch(written)
    return {"op": found[1], "args": [{"self": True}, float(found[2])]} if found else None


def is_tree(data: object) -> bool:
    """Is this a tree that `holds` understands?"""
    match data:
        case {"op": str(op), "args": [{"self": True, **rest}, bound], **others}:
            number = as_number(bound)
            return (
                op in COMPARISONS
                and number is not None
                and abs(number) <= BIGGEST
                and not rest
                and not others
            )
    return False


def written(tree: Tree) -> str:
    """The tree as its author wrote it."""
    return f". {tree['op']} {show(tree['args'][1])}"


def holds(tree: Tree, reading: float | None) -> bool:
    """Is it true of this reading? A comparison with nothing is false, whatever the operator."""
    if reading is None or not is_tree(tree):
        return False
    return COMPARISONS[tree["op"]](reading, float(tree["args"][1]))
