"""Patterns of matches(): a subset of regular expressions that no text makes slow.

Signs, classes ([a-z], [^…], \\d \\w \\s of ASCII, `.`), a quantifier on a single one of them (* + ? {n} {n,} {n,m}),
and ^ $ at the ends. No groups, alternatives or references: with them a backtracking engine took 13 s on 28 digits.
All the ways a pattern may go are followed at once, so the work is the text's length times the pattern's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MOST_STEPS = 100
# Doubled -- && || ~~ may one day mean sets in Python.
_CLASS = r"\[\^?(?:(?!--|&&|~~|\|\|)(?:[^\]\[\\^\n]|\\[dws.*+?(){}\[\]\\^$|/\-]))+\]"
_ESCAPED = r"\\[dws.*+?(){}\[\]\\^$|/\-]"
_SIGN = r"[^\\\[\](){}*+?|^$\n]"
_TIMES = r"[*+?]|\{[0-9]{1,2}(?:,(?:[0-9]{1,2})?)?\}"
_ATOM = re.compile(f"({_CLASS}|{_ESCAPED}|{_SIGN})({_TIMES})?")


@dataclass(frozen=True, slots=True)
class Pattern:
    """steps: a class of characters each, whether it may be left out, whether it may come again."""

    steps: tuple[tuple[re.Pattern[str], bool, bool], ...]
    from_start: bool
    to_end: bool


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern | None:
    """The pattern made ready, or None where it is not of the subset."""
    body = pattern.removeprefix("^")
    to_end = body.endswith("$") and not body.endswith("\\$")
    end = len(body) - to_end
    steps: list[tuple[re.Pattern[str], bool, bool]] = []
    at = 0
    while at < end:
        found = _ATOM.match(body, at, end)
        if found is None:
            return None
        try:
            one = re.compile(_atom(found[1]), re.ASCII)
        except re.error:  # [z-a]
            return None
        least, most = _times(found[2])
        if most is not None and least > most:
            return None
        steps += [(one, False, False)] * least
        if most is None:
            steps.append((one, True, True))
        else:
            steps += [(one, True, False)] * (most - least)
        at = found.end()
        if len(steps) > MOST_STEPS:
            return None
    return Pattern(tuple(steps), body != pattern, to_end)


def _atom(atom: str) -> str:
    return "[^\n]" if atom == "." else atom


def _times(quantifier: str | None) -> tuple[int, int | None]:
    match quantifier:
        case None:
            return 1, 1
        case "*":
            return 0, None
        case "+":
            return 1, None
        case "?":
            return 0, 1
    least, comma, most = quantifier[1:-1].partition(",")
    return int(least), int(most) if most else None if comma else int(least)


def matches(text: str, pattern: str) -> bool:
    """Is the pattern found in the text? False where it is not of the subset."""
    known = compiled(pattern)
    if known is None:
        return False
    last = len(known.steps)
    at = _reach(known, {0})
    for sign in text:
        if last in at and not known.to_end:
            return True
        nearer = {
            place if known.steps[place][2] else place + 1
            for place in at
            if place < last and known.steps[place][0].match(sign)
        }
        at = _reach(known, nearer if known.from_start else nearer | {0})
        if not at:
            return False
    return last in at


def _reach(known: Pattern, places: set[int]) -> set[int]:
    """The places, and those that follow when what may be left out is."""
    reached = set(places)
    for place, (_, optional, _) in enumerate(known.steps):
        if optional and place in reached:
            reached.add(place + 1)
    return reached
