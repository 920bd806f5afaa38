"""Judges answers against their items: limits, danger, evidence. Pure and total; same vectors as pwa/src/forms/judge.ts.

A number outside its limit fails by itself: a person may be stricter than the limit and may add why, but cannot overrule
it. Where no limit decides, the person does. Answers are untrusted: whatever stands in them, there is a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from forms.definition import Danger, Definition, Item
from forms.expression.evaluate import Alone, holds
from forms.limits import Pinned, chosen
from forms.messages import Problem, need
from forms.values import TIME_ZONE, as_date, as_number, is_blank, local_day, rounded

Result = Literal["pass", "fail", "na", "open"]
_BLOB = re.compile(r"sha256:[0-9a-f]{64}")
_MOST_TEXT = 4000
_CLAIMS = ("pass", "fail", "na")
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "min": lambda reading, bound: reading >= bound,
    "max": lambda reading, bound: reading <= bound,
    "above": lambda reading, bound: reading > bound,
    "below": lambda reading, bound: reading < bound,
    "equals": lambda reading, bound: reading == bound,
    "max_age_days": lambda reading, bound: reading <= bound,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """result: open while something decisive lacks. danger: stop work, show its `act` before anything is filed.
    reasons: why it fails or what is not known; does not hinder signing. problems: what is wrong or missing; does.
    needs: what the card must still ask for (result, value, case, photo, note).
    """

    result: Result
    danger: Danger | None
    reasons: tuple[Problem, ...]
    problems: tuple[Problem, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (need(problem.code) for problem in self.problems))))

    @property
    def done(self) -> bool:
        return self.result != "open" and not self.problems


@dataclass(frozen=True, slots=True)
class SubmissionVerdict:
    """items: verdict by item id. counts: total, done, pass, fail, na, open, danger. lacking: (item id, problem) to be
    mended before signing. strangers: answered ids that this version does not have; kept, never dropped.
    """

    items: Mapping[str, Verdict]
    counts: Mapping[str, int]
    lacking: tuple[tuple[str, Problem], ...]
    strangers: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.lacking


@dataclass(slots=True)
class _Reading:
    """What an answer's value says before the person's own judgement. result: None where nothing decides."""

    given: bool = True
    result: Literal["pass", "fail"] | None = None
    number: float | None = None
    reasons: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def judge(item: Item, answer: object, limits: object, now: datetime, time_zone: str = TIME_ZONE) -> Verdict:
    """The verdict on one answer (None: not answered).

    limits: the item's pinned limits (limits.resolve), which a phone sends too: they may be anything, and what is no
    limit is an unknown one. now: aware, pinned when the form was opened.
    """
    given = answer if isinstance(answer, dict) else {}
    reading = _read(item, given, limits, local_day(now, time_zone))
    problems = [] if answer is None or isinstance(answer, dict) else [Problem("malformed")]
    claim = given.get("result")
    if claim is not None and claim not in _CLAIMS:
        problems.append(Problem("bad_result"))
        claim = None
    result = _result(item, claim, reading, problems)
    problems += _evidence(item, result, given, asks_why=_asks_why(item, result, reading))
    if result == "fail" and claim in ("pass", "na"):
        reading.reasons.append(Problem("claim_overruled"))
    danger = (
        item.danger
        if item.danger and holds(item.danger.when, Alone(reading.number, now, time_zone))
        else None
    )
    return Verdict(result, danger, tuple(reading.reasons), tuple(problems))


def judge_submission(
    definition: Definition,
    limits: object,
    answers: object,
    now: datetime,
    asked: Collection[str] | None = None,
    time_zone: str = TIME_ZONE,
) -> SubmissionVerdict:
    """The verdict on a whole list: every item that is asked (due.due_items; None: all) or has been answered."""
    given = answers if isinstance(answers, dict) else {}
    pinned = limits if isinstance(limits, dict) else {}
    known = {item.id for item in definition.items()}
    items = {
        item.id: judge(item, given.get(item.id), pinned.get(item.id), now, time_zone)
        for item in definition.items()
        if asked is None or item.id in asked or item.id in given
    }
    optional = {item.id for item in definition.items() if not item.required}
    counted = [v for key, v in items.items() if key not in optional or v.result != "open" or v.problems]
    counts = {
        "total": len(counted),
        "done": sum(verdict.done for verdict in counted),
        **{result: sum(v.result == result for v in counted) for result in ("pass", "fail", "na", "open")},
        "danger": sum(verdict.danger is not None for verdict in counted),
    }
    lacking = tuple((key, problem) for key, verdict in items.items() for problem in verdict.problems)
    return SubmissionVerdict(
        items, counts, lacking, tuple(sorted((str(key) for key in given if key not in known), key=_utf16))
    )


def _utf16(text: str) -> bytes:
    """The order in which ECMAScript sorts."""
    return text.encode("utf-16-be", "surrogatepass")


def _result(item: Item, claim: object, reading: _Reading, problems: list[Problem]) -> Result:
    """Joins what the reading says with what the person says; the graver one counts."""
    problems += reading.problems
    if reading.result == "fail" or claim == "fail":
        return "fail"
    if reading.problems:
        return "open"
    if claim == "na":
        if reading.given and item.answer.type != "check":
            problems.append(Problem("na_with_value"))
            return "open"
        return "na"
    if not reading.given:
        if item.required or claim == "pass":
            problems.append(Problem("result_missing" if item.answer.type == "check" else "value_missing"))
        return "open"
    if reading.result is None and claim != "pass":
        problems.append(Problem("judgement_missing"))
        return "open"
    return "pass"


def _asks_why(item: Item, result: Result, reading: _Reading) -> bool:
    """A reading that was asked for and is not there needs a word of explanation."""
    return item.answer.type != "check" and not reading.given and result in ("fail", "na")


def _evidence(item: Item, result: Result, given: Mapping[str, Any], *, asks_why: bool) -> Iterable[Problem]:
    sent, good = given.get("photos"), _photos(given)
    if sent is not None and (not isinstance(sent, list) or len(good) != len(sent)):
        yield Problem("bad_photo")
    if len(good) > item.evidence.max_photos:
        yield Problem("too_many_photos", {"most": float(item.evidence.max_photos)})
    if _due(item.evidence.photo, result) and not good:
        yield from _missing(item, given, "photo")
    if (_due(item.evidence.note, result) or asks_why) and not _words(given.get("note")):
        yield from _missing(item, given, "note")


def _photos(given: Mapping[str, Any]) -> set[str]:
    sent = given.get("photos")
    return {p for p in sent if isinstance(p, str) and _BLOB.fullmatch(p)} if isinstance(sent, list) else set()


def _due(when: str, result: Result) -> bool:
    return result == "fail" if when == "on_fail" else when == "always" and result in ("pass", "fail")


def _missing(item: Item, given: Mapping[str, Any], what: str) -> Iterable[Problem]:
    """Evidence that lacks and is not waived: phones are banned near blasting, so a person may say why not."""
    waiver = given.get("waiver")
    if not isinstance(waiver, dict) or waiver.get("what") != what:
        yield Problem(f"{what}_missing")
    elif not item.evidence.waivable:
        yield Problem("waiver_not_allowed")
    elif not _words(waiver.get("reason")):
        yield Problem("waiver_without_reason")


# How each type of answer is read. The table is the list of types.


def _read(item: Item, given: Mapping[str, Any], limits: object, today: date) -> _Reading:
    value = given.get("value")
    empty = value is None or (isinstance(value, str) and is_blank(value))
    match item.answer.type:
        case "check":
            return _Reading(given=given.get("result") in _CLAIMS)
        case "photo":
            return _Reading(given=bool(_photos(given)), result="pass")
        case _ if empty:
            return _Reading(given=False)
        case "number":
            return _read_number(item, value, limits, given.get("case"))
        case "date":
            return _read_date(item, value, limits, given.get("case"), today)
        case "text":
            return _read_text(item, value)
        case "choice":
            return _read_choice(item, value)
        case "signature":
            signed = isinstance(value, str) and _BLOB.fullmatch(value)
            return _Reading(result="pass") if signed else _bad("not_a_signature")
        case "place":
            found = isinstance(value, str) and len(value) <= _MOST_TEXT
            return _Reading(result="pass") if found else _bad("not_a_place")
    return _Reading(given=False)


def _read_number(item: Item, value: object, limits: object, case: object) -> _Reading:
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
    reading.number = number  # a mistyped 600 may be a true 600: danger is looked at all the same
    return reading


def _read_date(item: Item, value: object, limits: object, case: object, today: date) -> _Reading:
    day = as_date(value)
    if day is None:
        return _bad("not_a_date")
    if day > today and item.answer.limits:
        return _bad("in_future", value=day.isoformat())
    return _hold(item, float((today - day).days), limits, case)


def _read_text(item: Item, value: object) -> _Reading:
    if not isinstance(value, str):
        return _bad("not_text")
    most = item.answer.max_length or _MOST_TEXT
    if len(value) > most:
        return _bad("too_long", most=float(most), length=float(len(value)))
    return _Reading(result="pass")


def _read_choice(item: Item, value: object) -> _Reading:
    for option in item.answer.options:
        if value == option.id:
            if option.fails:
                return _Reading(
                    result="fail", reasons=[Problem("option_fails", {"option": option.text["zh"]})]
                )
            return _Reading(result="pass")
    return _bad("not_an_option")


def _hold(item: Item, reading: float, limits: object, case: object) -> _Reading:
    """Do all limits hold? Fails on the first broken one, decides nothing while one is unknown or there is none."""
    found = _Reading()
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


def _bad(code: str, **params: float | str) -> _Reading:
    return _Reading(problems=[Problem(code, params)])


def _words(value: object) -> bool:
    return isinstance(value, str) and not is_blank(value)
