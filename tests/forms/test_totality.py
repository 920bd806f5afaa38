"""Whatever a phone sends, there is a verdict: answers, limits, parameters and times may be anything."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.due import Situation, due_items, is_due
from forms.judge import judge, judge_submission
from forms.limits import describe, differences, resolve
from forms.load import load
from forms.messages import say
from forms.values import local_day, rounded, show
from tests.forms.vectors import read
from tests.library import LIBRARY

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DEFINITION = load(read("judging")["definition"])
LISTS = [DEFINITION, *(load(data) for data in read("sheets")["definitions"].values())]
ITEMS = DEFINITION.items()
BLOB = "sha256:" + "a" * 64
WORDS = st.sampled_from(["", " ", "pass", "fail", "na", "forced", "cage", "2026-02-01", BLOB, "photo", "24"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | WORDS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ["result", "value", "case", "note", "photos", "place", "waiver", "at", "by", "reason", "what"]
ANSWER = ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING)
LIMIT_FIELDS = ["bound", "value", "unknown", "by", "cases", "from"]
LIMITS = ANYTHING | st.lists(st.dictionaries(st.sampled_from(LIMIT_FIELDS), ANYTHING), max_size=3)


@given(st.sampled_from(ITEMS), ANSWER, LIMITS)
@settings(max_examples=500)
def test_every_answer_has_a_verdict_in_words(item: Any, answer: object, limits: object) -> None:
    verdict = judge(item, answer, limits, NOW)
    assert verdict.result in ("pass", "fail", "na", "open")
    for problem in (*verdict.reasons, *verdict.problems):
        assert say(problem, "zh", DEFINITION)
        assert say(problem, "en", DEFINITION)


ROWS = st.sampled_from(["", "@a", "@b", "@", "@A"])


@given(st.data(), st.sampled_from(LISTS), ANYTHING)
@settings(deadline=None, max_examples=300)
def test_every_submission_has_a_verdict_that_adds_up(
    data: st.DataObject, definition: Any, limits: object
) -> None:
    keys = st.builds(str.__add__, st.sampled_from([item.id for item in definition.items()]), ROWS)
    answers = data.draw(ANYTHING | st.dictionaries(keys, ANSWER))
    verdict = judge_submission(definition, limits, answers, NOW)
    counts = verdict.counts
    assert counts["total"] == counts["pass"] + counts["fail"] + counts["na"] + counts["open"]
    assert counts["done"] <= counts["total"]
    assert verdict.complete == (not any(v.problems for v in verdict.items.values()))


@given(
    st.sampled_from(ITEMS),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.sampled_from(["pass", "na"]),
)
def test_no_claim_turns_a_failing_answer_into_a_good_one(
    item: Any, answer: dict[str, object], claim: str
) -> None:
    limits = resolve(DEFINITION, {}, {}, NOW.date()).get(item.id)
    bare = {key: value for key, value in answer.items() if key != "result"}
    if judge(item, bare, limits, NOW).result == "fail":
        assert judge(item, {**bare, "result": claim}, limits, NOW).result == "fail"


PARAMETERS = ["alarm_level", "employees", "ventilation", "crew_max"]
DATED = st.lists(st.dictionaries(st.sampled_from(["from", "to", "value"]), ANYTHING), max_size=3)


@given(
    st.dictionaries(st.sampled_from(PARAMETERS), ANYTHING),
    st.dictionaries(st.sampled_from(PARAMETERS), ANYTHING | DATED),
    st.dates(),
)
def test_limits_are_pinned_from_any_parameters(
    site: dict[str, object], place: dict[str, object], on: date
) -> None:
    pinned = resolve(DEFINITION, site, place, on)
    json.dumps(pinned, allow_nan=False)
    for item in ITEMS:
        for problem in describe(item, pinned.get(item.id, [])):
            assert say(problem)
    assert differences(json.loads(json.dumps(pinned)), pinned) == []


@given(LIMITS | st.dictionaries(st.sampled_from([i.id for i in ITEMS]), LIMITS))
def test_limits_pinned_otherwise_are_named(theirs: object) -> None:
    pinned = resolve(DEFINITION, {}, {}, NOW.date())
    named = differences(theirs, pinned)
    assert set(named) <= set(pinned)
    if not isinstance(theirs, dict):
        assert named == list(pinned)


TIMES = st.none() | st.text(max_size=30) | st.datetimes() | st.datetimes(timezones=st.timezones()) | ANYTHING


@given(st.sampled_from(LIBRARY), TIMES, TIMES, st.text(max_size=12), st.datetimes(timezones=st.just(UTC)))
def test_what_is_due_can_always_be_said(
    definition: Any, last: object, event: object, zone: str, now: datetime
) -> None:
    if not 1900 <= now.year <= 2199:
        now = NOW
    situation = Situation(now, happened={"rain": event, "flood": event, "event": event}, time_zone=zone)
    done = {item.id: last for item in definition.items()}
    due = due_items(definition, done, situation)
    assert set(due) <= set(done)
    for item in definition.items():
        if not is_due(
            item, None, situation
        ):  # what is not due though never done waits for its event or its season
            assert item.season or ":" in (item.frequency or "")
            assert item.id not in due


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_rounding_never_leaves_the_doubles(number: float, decimals: int) -> None:
    once = rounded(number, decimals)
    assert abs(once - number) <= max(0.5 / 10**decimals, abs(number) * 1e-9) * 1.01
    assert float(show(once)) == once


@given(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_a_reading_typed_with_so_many_decimals_is_its_own_rounding(digits: int, decimals: int) -> None:
    typed = float(f"{digits}e-{decimals}")
    assert rounded(typed, decimals) == typed


@given(st.datetimes(timezones=st.timezones()), st.text(max_size=10))
def test_every_moment_has_a_day_in_any_zone(moment: datetime, zone: str) -> None:
    if 1900 <= moment.year <= 2199:
        assert local_day(moment, zone)
