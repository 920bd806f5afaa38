"""What a person of the demo answers to an item: mostly what is right, now and then what is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from forms.definition import Item
from forms.limits import Pinned

NOTES = ("现场发现，已警示", "局部不符合，需处理", "班中发现，已报告班长")


def answer(
    item: Item, limits: Sequence[Pinned], photos: Sequence[str], today: date, *, fails: bool, random: Random
) -> dict[str, Any]:
    """An answer that the engine accepts: inside the limits, or outside them when it is to fail."""
    given: dict[str, Any] = {"result": "fail" if fails else "pass"}
    kind = item.answer.type
    bounds = _bounds(limits, given)
    if kind == "number":
        given["value"] = _number(item, bounds, fails=fails, random=random)
    elif kind == "date":
        given["value"] = (today - timedelta(days=random.randrange(3, 25))).isoformat()
    elif kind == "text":
        given["value"] = "已核对"
    if given["result"] == "fail" or item.evidence.note == "always":
        given["note"] = random.choice(NOTES)
    due = item.evidence.photo == "always" or (item.evidence.photo == "on_fail" and given["result"] == "fail")
    given["photos"] = [random.choice(photos)] if due and given["result"] != "na" else []
    return given


def _bounds(limits: Sequence[Pinned], given: dict[str, Any]) -> list[Pinned]:
    """The bounds that hold; where a case must be chosen, the first is, and the answer says so."""
    found: list[Pinned] = []
    for limit in limits:
        if "by" in limit:
            case = next(iter(limit["cases"]))
            given["case"] = case
            found += limit["cases"][case]
        else:
            found.append(limit)
    return [limit for limit in found if "value" in limit]


def _number(item: Item, bounds: Sequence[Pinned], *, fails: bool, random: Random) -> float:
    """A reading inside (or outside) the bounds, with as many decimals as the item takes."""
    low: float | None = max(
        (bound["value"] for bound in bounds if bound["bound"] in ("min", "above")), default=None
    )
    high: float | None = min(
        (bound["value"] for bound in bounds if bound["bound"] in ("max", "below")), default=None
    )
    equal: float | None = next((bound["value"] for bound in bounds if bound["bound"] == "equals"), None)
    step = random.uniform(0.05, 0.3)
    if equal is not None:
        value = equal + 1 if fails else equal
    elif low is not None and high is not None:
        value = high * (1 + step) if fails else low + (high - low) * (0.5 + step / 2)
    elif high is not None:
        value = high * (1 + step) if fails else high * (1 - step)
    elif low is not None:
        value = low * (1 - step) if fails else low * (1 + step)
    else:
        value = 1.0
    return round(value, item.answer.decimals if item.answer.decimals is not None else 2)
