"""Judges answers against their items: limits, danger, evidence. Pure and total; same vectors as pwa/src/forms/judge.ts.

A number outside its limit fails by itself: a person may be stricter than the limit and may add why, but cannot overrule
it. Where no limit decides, the person does. Answers are untrusted: whatever stands in them, there is a verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from forms.definition import Danger, Definition, Item
from forms.expression.evaluate import Alone, Scope, Value, holds
from forms.messages import Problem, need
from forms.reading import CLAIMS, Reading, photos_of, read, value_of
from forms.score import Marks, marks
from forms.sheet import Sheet
from forms.values import TIME_ZONE, is_blank, local_day

Result = Literal["pass", "fail", "na", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """result: open while something decisive lacks. danger: stop work, show its `act` before anything is filed.
    reasons: why it fails or what is not known; does not hinder signing. problems: what is wrong or missing; does.
    needs: what the card must still ask for (result, value, case, photo, note). value: of a calculated item.
    """

    result: Result
    danger: Danger | None
    reasons: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    value: Value = None

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (need(problem.code) for problem in self.problems))))

    @property
    def done(self) -> bool:
        return self.result != "open" and not self.problems


@dataclass(frozen=True, slots=True)
class SubmissionVerdict:
    """items: verdict by key ("item"; in a repeated section "item@row"). counts: total, done, pass, fail, na, open,
    danger. lacking: (key, problem) to be mended before signing; of a repeated section its id. irrelevant: answered
    keys that do not count as things stand, and strangers: those that this version does not have; both are kept, never
    dropped.
    """

    items: Mapping[str, Verdict]
    counts: Mapping[str, int]
    lacking: tuple[tuple[str, Problem], ...]
    irrelevant: tuple[str, ...]
    strangers: tuple[str, ...]
    score: Marks | None

    @property
    def complete(self) -> bool:
        return not self.lacking


def judge(
    item: Item,
    answer: object,
    limits: object,
    now: datetime,
    time_zone: str = TIME_ZONE,
    *,
    scope: Scope | None = None,
    zones: Collection[str] = (),
) -> Verdict:
    """The verdict on one answer (None: not answered).

    limits: the item's pinned limits (limits.resolve), which a phone sends too: they may be anything, and what is no
    limit is an unknown one. now: aware, pinned when the form was opened. scope: what the item's expressions see of the
    other answers; None: the answer stands alone. zones: of the place where it was filled ("blasting").
    """
    given = answer if isinstance(answer, dict) else {}
    scope = scope or Alone(value_of(item, answer), now, time_zone)
    reading = read(item, given, limits, local_day(now, time_zone), scope.own)
    if item.constraint and reading.given and not reading.problems and not holds(item.constraint.when, scope):
        reading.problems.append(Problem("constraint_broken", {"message": item.constraint.message["zh"]}))
    problems = [] if answer is None or isinstance(answer, dict) else [Problem("malformed")]
    claim = given.get("result")
    if claim is not None and claim not in CLAIMS:
        problems.append(Problem("bad_result"))
        claim = None
    result = _result(item, claim, reading, problems)
    problems += _evidence(item, result, given, zones, asks_why=_asks_why(item, result, reading))
    if result == "fail" and claim in ("pass", "na"):
        reading.reasons.append(Problem("claim_overruled"))
    danger = item.danger if item.danger and holds(item.danger.when, scope) else None
    value = scope.own if item.answer.type == "calculated" else None
    return Verdict(result, danger, tuple(reading.reasons), tuple(problems), value)


def judge_submission(
    definition: Definition,
    limits: object,
    answers: object,
    now: datetime,
    asked: Collection[str] | None = None,
    time_zone: str = TIME_ZONE,
    *,
    zones: Collection[str] = (),
) -> SubmissionVerdict:
    """The verdict on a whole list: every relevant item that is asked (due.due_items; None: all) or was answered."""
    given: Mapping[object, object] = answers if isinstance(answers, dict) else {}
    pinned = limits if isinstance(limits, dict) else {}
    sheet = Sheet(definition, given, now, time_zone)
    items: dict[str, Verdict] = {}
    counted: list[tuple[str, Item, Verdict]] = []
    strangers, irrelevant = {key for key, answer in given.items() if answer is not None}, []
    for key, item, row in sheet.places():
        if item.answer.type == "note":
            continue
        is_answered = key in strangers
        strangers.discard(key)
        if not sheet.relevant[key]:
            irrelevant += [key] if is_answered else []
            continue
        if asked is not None and item.id not in asked and not is_answered:
            continue
        scope = sheet.scope(sheet.section_of[item.id], row, sheet.values[key])
        verdict = judge(item, given.get(key), pinned.get(item.id), now, time_zone, scope=scope, zones=zones)
        items[key] = verdict
        if _counts(item, verdict):
            counted.append((key, item, verdict))
    lacking = [(key, problem) for key, verdict in items.items() for problem in verdict.problems]
    lacking += _rows_lacking(sheet, asked)
    return SubmissionVerdict(
        items,
        _counted([verdict for _, _, verdict in counted]),
        tuple(lacking),
        tuple(irrelevant),
        tuple(sorted(map(str, strangers), key=_utf16)),
        _marks(definition, counted, given),
    )


def _counts(item: Item, verdict: Verdict) -> bool:
    """What need not be answered counts once it says something; a calculated value once a limit judges it."""
    if item.answer.type == "calculated" and not item.answer.limits:
        return False
    return _is_demanded(item) or verdict.result != "open" or bool(verdict.problems)


def _is_demanded(item: Item) -> bool:
    """Must somebody answer it?"""
    return item.required and item.answer.type != "calculated"


def _counted(verdicts: list[Verdict]) -> dict[str, int]:
    return {
        "total": len(verdicts),
        "done": sum(verdict.done for verdict in verdicts),
        **{result: sum(v.result == result for v in verdicts) for result in ("pass", "fail", "na", "open")},
        "danger": sum(verdict.danger is not None for verdict in verdicts),
    }


def _rows_lacking(sheet: Sheet, asked: Collection[str] | None) -> Iterable[tuple[str, Problem]]:
    """Repeated sections with too few rows or too many."""
    for section in sheet.definition.sections:
        is_asked = asked is None or any(item.id in asked for item in section.items)
        if section.repeat is None or not is_asked or not sheet.sections[section.id]:
            continue
        rows = float(len(sheet.rows[section.id]))
        if rows < section.repeat.min:
            yield section.id, Problem("rows_missing", {"least": float(section.repeat.min), "rows": rows})
        if rows > section.repeat.max:
            yield section.id, Problem("too_many_rows", {"most": float(section.repeat.max), "rows": rows})


def _marks(
    definition: Definition, counted: list[tuple[str, Item, Verdict]], given: Mapping[object, object]
) -> Marks | None:
    if definition.score is None:
        return None
    answers = {key: answer for key, answer in given.items() if isinstance(answer, dict)}
    return marks(
        definition.score,
        [(key, item, verdict.result, answers.get(key, {})) for key, item, verdict in counted],
    )


def _utf16(text: str) -> bytes:
    """The order in which ECMAScript sorts."""
    return text.encode("utf-16-be", "surrogatepass")


def _result(item: Item, claim: object, reading: Reading, problems: list[Problem]) -> Result:
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
        if _is_demanded(item) or claim == "pass":
            problems.append(Problem("result_missing" if item.answer.type == "check" else "value_missing"))
        return "open"
    if reading.result is None and claim != "pass":
        problems.append(Problem("judgement_missing"))
        return "open"
    return "pass"


def _asks_why(item: Item, result: Result, reading: Reading) -> bool:
    """A reading that was asked for and is not there needs a word of explanation."""
    return item.answer.type != "check" and not reading.given and result in ("fail", "na")


def _evidence(
    item: Item, result: Result, given: Mapping[str, Any], zones: Collection[str], *, asks_why: bool
) -> Iterable[Problem]:
    sent, good = given.get("photos"), photos_of(given)
    if sent is not None and (not isinstance(sent, list) or len(good) != len(sent)):
        yield Problem("bad_photo")
    if len(good) > item.evidence.max_photos:
        yield Problem("too_many_photos", {"most": float(item.evidence.max_photos)})
    banned = any(zone in zones for zone in item.evidence.not_in)
    if _due(item.evidence.photo, result) and not good and not banned:
        yield from _missing(item, given, "photo")
    if (_due(item.evidence.note, result) or asks_why) and not _words(given.get("note")):
        yield from _missing(item, given, "note")


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


def _words(value: object) -> bool:
    return isinstance(value, str) and not is_blank(value)
