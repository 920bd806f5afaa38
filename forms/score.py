"""Marks: full × Σ weight·share / Σ weight over what counts. Twin of pwa/src/forms/score.ts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.definition import Item, Score, Text
from forms.reading import picked
from forms.values import rounded


@dataclass(frozen=True, slots=True)
class Marks:
    """value: rounded half up to one decimal; None where nothing counts yet. passed: None where the list names no
    least. level: what the score is called. vetoed: keys of failed items that make it 0.
    """

    value: float | None
    passed: bool | None
    level: Text | None
    vetoed: tuple[str, ...]


def marks(score: Score, judged: Iterable[tuple[str, Item, str, Mapping[str, Any]]]) -> Marks:
    """judged: key, item, result and answer of every item that counts."""
    earned = possible = 0.0
    vetoed = []
    for key, item, result, answer in judged:
        if result == "fail" and item.id in score.veto:
            vetoed.append(key)
        if result != "na":
            possible += item.weight
            earned += item.weight * _share(item, result, answer)
    if possible == 0:
        return Marks(None, None, None, tuple(vetoed))
    value = 0.0 if vetoed else rounded(score.full * earned / possible, 1)
    reached = [level for level in score.levels if level.from_ <= value]
    level = max(reached, key=lambda one: one.from_).text if reached else None
    return Marks(value, None if score.pass_ is None else value >= score.pass_, level, tuple(vetoed))


def _share(item: Item, result: str, answer: Mapping[str, Any]) -> float:
    """The part of the weight that is earned; of several options the worst counts, and a person's fail earns nothing."""
    usual = 1.0 if result == "pass" else 0.0
    value = answer.get("value")
    if (
        result == "open"
        or answer.get("result") == "fail"
        or not isinstance(value, str)
        or not item.answer.options
    ):
        return usual
    return min((usual if one.share is None else one.share for one in picked(item, value)), default=usual)
