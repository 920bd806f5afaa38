"""The value of an expression. Total: whatever the tree and the answers are, there is a value, perhaps the empty one.

Every number is a double and what is not finite is empty; a comparison with empty is false; `mod` truncates; lengths are
code points; days are those of the form's time zone; today() and now() stand still while the form is open. The same to
the last bit in pwa/src/forms/evaluate.ts, by forms/vectors/expressions.json.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from forms.expression.pattern import matches
from forms.expression.tree import MAX_DEPTH, OPERATORS, Json
from forms.values import TIME_ZONE, as_date, as_instant, as_number, local_day, rounded, show

Value = float | str | bool | None
"""None: empty. A date "YYYY-MM-DD", a time "HH:MM", a moment in UTC with milliseconds, chosen ids "a b"."""

MOST_TEXT = 4000  # a longer text is empty: calculated items that double each other would fill the memory
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class Scope(Protocol):
    """What an expression speaks of."""

    @property
    def own(self) -> Value: ...
    @property
    def now(self) -> datetime: ...
    @property
    def time_zone(self) -> str: ...

    def item(self, name: str) -> Value: ...

    def every(self, name: str) -> Sequence[Value] | None:
        """The item's values in all rows, seen from outside of its section; None where it has but one."""

    def rows(self, name: str) -> int | None:
        """How many rows a repeated section has, 0 where it is not relevant; None where the name is not one's."""


@dataclass(frozen=True, slots=True)
class Alone:
    """An answer judged by itself: nothing is known of the others."""

    own: Value
    now: datetime
    time_zone: str = TIME_ZONE

    def item(self, name: str) -> Value:  # noqa: ARG002
        return None

    def every(self, name: str) -> Sequence[Value] | None:  # noqa: ARG002
        return None

    def rows(self, name: str) -> int | None:  # noqa: ARG002
        return None


def evaluate(tree: Json, scope: Scope, depth: int = 0) -> Value:
    """The value of a frozen tree."""
    if isinstance(tree, (bool, str)):
        return _text(tree) if isinstance(tree, str) else tree
    if isinstance(tree, (int, float)):
        return _finite(as_number(tree))
    if not isinstance(tree, dict) or depth >= MAX_DEPTH:
        return None
    if tree.get("self") is True:
        return scope.own
    name = tree.get("item")
    if isinstance(name, str):
        return scope.item(name)
    return _apply(tree.get("op"), tree.get("args"), scope, depth)


def holds(tree: Json, scope: Scope) -> bool:
    """Is it true? Empty is not."""
    return evaluate(tree, scope) is True


def _apply(name: object, args: object, scope: Scope, depth: int) -> Value:
    if not isinstance(name, str) or name not in OPERATORS or not isinstance(args, list):
        return None
    least, most = OPERATORS[name]
    if not least <= len(args) <= most:
        return None
    if name in _TOTALS:
        return _total(name, args, scope, depth)
    return _OPERATIONS[name]([evaluate(arg, scope, depth + 1) for arg in args], scope)


def _finite(number: float | None) -> float | None:
    """Minus zero is zero, and what is not finite is nothing."""
    return None if number is None or not math.isfinite(number) else number + 0.0


def _text(text: str) -> str | None:
    return text if 0 < len(text) <= MOST_TEXT else None


def _number(value: Value) -> float | None:
    return value if isinstance(value, float) else None


def _total(name: str, args: list[Any], scope: Scope, depth: int) -> Value:
    """Over the rows of a repeated section, or over the numbers given; what is empty does not count."""
    values: list[Value] = []
    for arg in args:
        known = arg if isinstance(arg, dict) else {}
        item = known.get("item")
        rows = scope.rows(item) if name == "count" and isinstance(item, str) else None
        if rows is not None:
            return float(rows)
        every = scope.every(item) if isinstance(item, str) else None
        values += [evaluate(arg, scope, depth + 1)] if every is None else every
    if name == "count":
        return float(sum(value is not None for value in values))
    numbers = [value for value in values if isinstance(value, float)]
    if name == "sum":
        total = 0.0
        for number in numbers:  # not sum(): newer Pythons compensate, the phone does not
            total += number
        return _finite(total)
    return (min(numbers) if name == "min" else max(numbers)) if numbers else None


_TOTALS = ("sum", "min", "max", "count")


def _compare(holds: Callable[[Any, Any], bool], *, ordered: bool) -> Callable[[list[Value], Scope], Value]:
    def compare(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
        left, right = args
        if isinstance(left, float) and isinstance(right, float):
            return holds(left, right)
        if isinstance(left, str) and isinstance(right, str):
            return holds(_utf16(left), _utf16(right))
        return not ordered and isinstance(left, bool) and isinstance(right, bool) and holds(left, right)

    return compare


def _utf16(text: str) -> bytes:
    """The order in which ECMAScript sorts."""
    return text.encode("utf-16-be", "surrogatepass")


def _arithmetic(work: Callable[[float, float], float]) -> Callable[[list[Value], Scope], Value]:
    def operation(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
        left, right = map(_number, args)
        return None if left is None or right is None else _finite(work(left, right))

    return operation


def _divided(left: float, right: float) -> float:
    return left / right if right else math.nan


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right else math.nan


def _plus(args: list[Value], scope: Scope) -> Value:
    day, days = as_date(args[0]), _number(args[1])
    if day is None:
        return _arithmetic(lambda left, right: left + right)(args, scope)
    return None if days is None else _moved(day, days)


def _minus(args: list[Value], scope: Scope) -> Value:
    day, other, days = as_date(args[0]), as_date(args[1]), _number(args[1])
    if day is None:
        return _arithmetic(lambda left, right: left - right)(args, scope)
    if other is not None:
        return float((day - other).days)
    return None if days is None else _moved(day, -days)


def _moved(day: date, days: float) -> str | None:
    if abs(days) > 200_000:
        return None
    moved = (day + timedelta(days=math.trunc(days))).isoformat()
    return moved if as_date(moved) else None


def _round(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
    number, places = _number(args[0]), _number(args[1]) if len(args) > 1 else 0.0
    if number is None or places not in (0, 1, 2, 3, 4, 5, 6):
        return None
    return _finite(rounded(number, int(places)))


def _to_number(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
    [value] = args
    if isinstance(value, str):
        return _finite(float(value)) if _NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, (bool, float)) else None


def _to_date(args: list[Value], scope: Scope) -> Value:
    day, moment = as_date(args[0]), as_instant(args[0])
    if moment is not None:
        day = local_day(moment, scope.time_zone)
    return day.isoformat() if day else None


def _substr(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
    text, begin = args[0], _number(args[1])
    end = _number(args[2]) if len(args) > 2 else math.inf
    if not isinstance(text, str) or begin is None or end is None:
        return None
    return _text(text[math.trunc(begin) : None if end == math.inf else math.trunc(end)])


def printed(value: Value) -> str:
    """The value as words: a number as ECMAScript prints it, "" where there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return show(value)
    return value or ""


def moment(instant: datetime) -> str:
    """A moment as expressions compare it: UTC with milliseconds."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def _is_chosen(value: Value, option: Value) -> bool:
    return isinstance(value, str) and option in value.split(" ")


def _if(args: list[Value], scope: Scope) -> Value:  # noqa: ARG001
    return args[1] if args[0] is True else args[2]


_OPERATIONS: Mapping[str, Callable[[list[Value], Scope], Value]] = {
    "or": lambda args, _: args[0] is True or args[1] is True,
    "and": lambda args, _: args[0] is True and args[1] is True,
    "not": lambda args, _: args[0] is not True,
    "=": _compare(lambda left, right: left == right, ordered=False),
    "!=": _compare(lambda left, right: left != right, ordered=False),
    "<": _compare(lambda left, right: left < right, ordered=True),
    "<=": _compare(lambda left, right: left <= right, ordered=True),
    ">": _compare(lambda left, right: left > right, ordered=True),
    ">=": _compare(lambda left, right: left >= right, ordered=True),
    "+": _plus,
    "-": _minus,
    "*": _arithmetic(lambda left, right: left * right),
    "div": _arithmetic(_divided),
    "mod": _arithmetic(_remainder),
    "neg": lambda args, _: _finite(-args[0]) if isinstance(args[0], float) else None,
    "empty": lambda args, _: args[0] is None,
    "if": _if,
    "selected": lambda args, _: _is_chosen(args[0], args[1]),
    "count-selected": lambda args, _: float(len(args[0].split(" "))) if isinstance(args[0], str) else 0.0,
    "coalesce": lambda args, _: next((value for value in args if value is not None), None),
    "matches": lambda args, _: (
        isinstance(args[0], str) and isinstance(args[1], str) and matches(args[0], args[1])
    ),
    "string-length": lambda args, _: float(len(args[0])) if isinstance(args[0], str) else 0.0,
    "round": _round,
    "int": lambda args, _: _finite(float(math.trunc(args[0]))) if isinstance(args[0], float) else None,
    "number": _to_number,
    "today": lambda _, scope: local_day(scope.now, scope.time_zone).isoformat(),
    "now": lambda _, scope: moment(scope.now),
    "date": _to_date,
    "concat": lambda args, _: _text("".join(map(printed, args))),
    "substr": _substr,
}
