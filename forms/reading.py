"""What an answer's value says, type by type, before the person's own judgement: limits, ranges, options, days.

Answers are untrusted: whatever stands in them can be read, perhaps as nothing. Twin of pwa/src/forms/reading.ts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from forms.definition import Item, Option
from forms.expression.evaluate import MOST_TEXT, Value, moment
from forms.limits import Pinned, chosen
from forms.messages import Problem
from forms.values import as_date, as_instant, as_number, as_time, is_blank, rounded

CLAIMS = ("pass", "fail", "na")
_BLOB = re.compile(r"sha256:[0-9a-f]{64}")
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "min": lambda reading, bound: reading >= bound,
    "max": lambda reading, bound: reading <= bound,
    "above": lambda reading, bound: reading > bound,
    "below": lambda reading, bound: reading < bound,
    "equals": lambda reading, bound: reading == bound,
    "max_age_days": lambda reading, bound: reading <= bound,
}


@dataclass(slots=True)
class Reading:
    """result: None where nothing decides."""

    given: bool = True
    result: Literal["pass", "fail"] | None = None
    reasons: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def value_of(item: Item, answer: object) -> Value:
    """What expressions see of an answer: what its type can read, else nothing. A photo or a signature is only there."""
    given: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    value = given.get("value")
    match item.answer.type:
        case "check":
            claim = given.get("result")
            return claim if isinstance(claim, str) and claim in CLAIMS else None
        case "photo":
            return True if photos_of(given) else None
        case "signature":
            return True if _is_blob(value) else None
        case "number":
            number = as_number(value)
            return None if number is None else number + 0.0
        case "choice" | "choices":
            return value if isinstance(value, str) and picked(item, value) else None
        case "date":
            return value if isinstance(value, str) and as_date(value) else None
        case "time":
            return as_time(value)
        case "datetime":
            instant = as_instant(value) if isinstance(value, str) else None
            return moment(instant) if instant else None
        case "text" | "person" | "place":
            return value if _is_words(value) else None
    return None


def read(item: Item, given: Mapping[str, Any], limits: object, today: date, own: Value) -> Reading:
    """What the answer says. own: what expressions see of it; for a calculated item the value itself."""
    value, kind = given.get("value"), item.answer.type
    if kind == "check":
        return Reading(given=own is not None)
    if kind == "photo":
        return Reading(given=own is not None, result="pass")
    if kind == "calculated":
        return _read_calculated(item, own, limits, given.get("case"))
    if kind == "note" or value is None or (isinstance(value, str) and is_blank(value)):
        return Reading(given=False)
    match kind:
        case "number":
            return _read_number(item, value, limits, given.get("case"))
        case "date":
            return _read_date(item, value, limits, given.get("case"), today)
        case "text":
            return _read_text(item, value)
        case "choice" | "choices":
            return _read_choices(item, value)
    return _bad(_UNREADABLE[kind]) if own is None else Reading(result="pass")


_UNREADABLE = {
    "signature": "not_a_signature",
    "place": "not_a_place",
    "person": "not_a_person",
    "time": "not_a_time",
    "datetime": "not_a_moment",
}


def photos_of(given: Mapping[str, Any]) -> set[str]:
    sent = given.get("photos")
    return {photo for photo in sent if _is_blob(photo)} if isinstance(sent, list) else set()


def picked(item: Item, value: str) -> list[Option]:
    """The options that an answer chooses, several with a space between; none if one of them is unknown or twice."""
    names = value.split(" ") if item.answer.type == "choices" else [value]
    known = {option.id: option for option in item.answer.options}
    return (
        [known[name] for name in names] if set(names) <= set(known) and len(set(names)) == len(names) else []
    )


def _is_blob(value: object) -> bool:
    return isinstance(value, str) and _BLOB.fullmatch(value) is not None


def _is_words(value: object) -> bool:
    return isinstance(value, str) and not is_blank(value) and len(value) <= MOST_TEXT


def _read_calculated(item: Item, own: Value, limits: object, case: object) -> Reading:
    if own is None:
        return Reading(given=False)
    if item.answer.limits and isinstance(own, float):
        return _hold(item, own, limits, case)
    return Reading(result="pass")


def _read_number(item: Item, value: object, limits: object, case: object) -> Reading:
    number = as_number(value)
    if number is None:
        return _bad("not_a_number")
    decimals, span = item.answer.decimals, item.answer.range
    if decimals is not None and rounded(number, decimals) != number:
        reading = _bad("too_many_decimals", decimals=float(decimals))
    elif span and (
        (span.min is not None and number < span.min) or (span.max is not None and number > span.max)
    ):
        reading = _bad("out_of_range", value=number)
    else:
        reading = _hold(item, number, limits, case)
    return reading


def _read_date(item: Item, value: object, limits: object, case: object, today: date) -> Reading:
    day = as_date(value)
    if day is None:
        return _bad("not_a_date")
    if day > today and item.answer.limits:
        return _bad("in_future", value=day.isoformat())
    return _hold(item, float((today - day).days), limits, case)


def _read_text(item: Item, value: object) -> Reading:
    if not isinstance(value, str):
        return _bad("not_text")
    most = item.answer.max_length or MOST_TEXT
    if len(value) > most:
        return _bad("too_long", most=float(most), length=float(len(value)))
    return Reading(result="pass")


def _read_choices(item: Item, value: object) -> Reading:
    options = picked(item, value) if isinstance(value, str) else []
    if not options:
        return _bad("not_an_option")
    right = [option for option in item.answer.options if option.correct]
    if right and {option.id for option in right} != {option.id for option in options}:
        words = "、".join(option.text["zh"] for option in right)
        return Reading(result="fail", reasons=[Problem("wrong_answer", {"right": words})])
    failing = [Problem("option_fails", {"option": option.text["zh"]}) for option in options if option.fails]
    return Reading(result="fail" if failing else "pass", reasons=failing)


def _hold(item: Item, reading: float, limits: object, case: object) -> Reading:
    """Do all limits hold? Fails on the first broken one, decides nothing while one is unknown or there is none."""
    found = Reading()
    if item.answer.limits and not isinstance(limits, list):
        found.reasons.append(Problem("limits_not_pinned"))
    decided = True
    for limit in chosen(limits, case):
        broken = breaks(limit, reading)
        if "by" in limit:
            found.problems.append(Problem("case_missing", {"parameter": str(limit["by"])}))
        elif broken is None:
            decided = False
            found.reasons.append(Problem("limit_unknown", {"parameter": str(limit.get("unknown", ""))}))
        elif broken:
            found.result = "fail"
            unit = item.answer.unit or ""
            found.reasons.append(
                Problem(
                    f"breaks_{limit['bound']}",
                    {"value": reading, "limit": float(limit["value"]), "unit": unit},
                )
            )
        elif found.result is None:
            found.result = "pass"
    if found.result == "pass" and (not decided or found.problems):
        found.result = None
    return found


def breaks(limit: Pinned, reading: float) -> bool | None:
    """Does the reading break this pinned limit? None where the limit is unknown or not understood."""
    bound, value = limit.get("bound"), as_number(limit.get("value"))
    if value is None or not isinstance(bound, str) or bound not in _HOLDS:
        return None
    return not _HOLDS[bound](reading, value)


def _bad(code: str, **params: float | str) -> Reading:
    return Reading(problems=[Problem(code, params)])
