"""The server's engine against the shared vectors; pwa/src/forms/vectors.test.ts is the same for the phone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import rfc8785

from forms.due import WINTER, Situation, is_due
from forms.judge import Problem, judge, judge_submission
from forms.limits import describe, resolve
from forms.load import load
from forms.messages import say
from forms.score import Marks
from forms.values import as_instant, local_day
from forms.version import version
from tests.forms.vectors import form, read

JUDGING, LIMITS, DUE, SUBMISSIONS = read("judging"), read("limits"), read("due"), read("submissions")
SHEETS = read("sheets")
CANONICAL, VERSIONS, WORDS = read("canonical"), read("versions"), read("words")


def each(vectors: dict[str, Any]) -> Any:
    return pytest.mark.parametrize(
        "case", vectors["cases"], ids=lambda case: case.get("it", case.get("code"))
    )


def agrees(found: tuple[Problem, ...], expected: list[Any]) -> bool:
    """A bare code expects the code; [code, params] expects both."""
    pairs = [
        (problem.code, None if isinstance(want, str) else dict(problem.params))
        for problem, want in zip(found, expected, strict=False)
    ]
    return len(found) == len(expected) and pairs == [
        (w, None) if isinstance(w, str) else tuple(w) for w in expected
    ]


@each(JUDGING)
def test_an_answer_is_judged(case: dict[str, Any]) -> None:
    definition, now = load(JUDGING["definition"]), as_instant(JUDGING["now"])
    assert now is not None
    limits = resolve(definition, JUDGING["site"], JUDGING["jurisdiction"], local_day(now))
    item = next(item for item in definition.items() if item.id == case["item"])
    verdict = judge(item, case["answer"], case.get("pinned", limits.get(item.id)), now)
    assert verdict.result == case["result"]
    assert (verdict.danger is not None) == case.get("danger", False)
    assert agrees(verdict.reasons, case.get("reasons", [])), verdict.reasons
    assert agrees(verdict.problems, case.get("problems", [])), verdict.problems
    assert list(verdict.needs) == case.get("needs", list(verdict.needs))
    assert verdict.done == (case["result"] != "open" and not case.get("problems"))


@each(LIMITS)
def test_limits_are_pinned(case: dict[str, Any]) -> None:
    answer = {"type": "number", "unit": LIMITS["unit"], "limits": case["limits"]}
    definition = form([{"id": "reading", "text": "读数", "answer": answer}], LIMITS["parameters"])
    pinned = resolve(definition, case["site"], case["jurisdiction"], date.fromisoformat(case["on"]))
    assert pinned == {"reading": case["pinned"]}
    if "words" in case:
        [item] = definition.items()
        assert [say(one, "zh", definition) for one in describe(item, pinned["reading"])] == case["words"]


@each(DUE)
def test_an_item_is_due(case: dict[str, Any]) -> None:
    told = {key: case[key] for key in ("frequency", "season") if key in case}
    [item] = form([{"id": "one", "text": "项", "answer": {"type": "check"}, **told}]).items()
    now = as_instant(case["now"])
    assert now is not None
    situation = Situation(
        now,
        shift_started=as_instant(case.get("shift_started")),
        happened=case.get("happened", {}),
        winter=frozenset(case.get("winter", WINTER)),
        time_zone=case.get("time_zone", "Asia/Shanghai"),
    )
    assert is_due(item, case.get("last"), situation) == case["due"]


@each(SUBMISSIONS)
def test_a_list_is_judged_as_a_whole(case: dict[str, Any]) -> None:
    definition, now = load(SUBMISSIONS["definition"]), as_instant(SUBMISSIONS["now"])
    assert now is not None
    limits = resolve(definition, {}, {}, local_day(now))
    verdict = judge_submission(definition, limits, case["answers"], now, case.get("asked"))
    assert verdict.counts == case["counts"]
    assert [[item, problem.code] for item, problem in verdict.lacking] == case["lacking"]
    assert list(verdict.strangers) == case.get("strangers", [])
    assert verdict.complete == (not case["lacking"])


@each(SHEETS)
def test_a_list_is_judged_with_all_that_depends_on_all(case: dict[str, Any]) -> None:
    definition, now = load(SHEETS["definitions"][case["form"]]), as_instant(SHEETS["now"])
    assert now is not None
    zone, asked = case.get("time_zone", "Asia/Shanghai"), case.get("asked")
    limits = resolve(definition, {}, {}, local_day(now))
    found = judge_submission(
        definition, limits, case["answers"], now, asked, zone, zones=case.get("zones", ())
    )
    assert {key: verdict.result for key, verdict in found.items.items()} == case["items"]
    assert {key: found.items[key].value for key in case.get("values", {})} == case.get("values", {})
    for key, reasons in case.get("reasons", {}).items():
        assert agrees(found.items[key].reasons, reasons), found.items[key].reasons
    assert list(found.irrelevant) == case.get("irrelevant", [])
    assert list(found.strangers) == case.get("strangers", [])
    if "lacking" in case:
        assert [[key, problem.code] for key, problem in found.lacking] == case["lacking"]
    if "counts" in case:
        assert found.counts == case["counts"]
    if "danger" in case:
        assert [key for key, verdict in found.items.items() if verdict.danger] == case["danger"]
    assert found.complete == (not found.lacking)
    assert _told(found.score) == case.get("score", _told(found.score))


def _told(score: Marks | None) -> dict[str, Any] | None:
    if score is None:
        return None
    level = score.level["zh"] if score.level else None
    return {"value": score.value, "passed": score.passed, "level": level, "vetoed": list(score.vetoed)}


@each(CANONICAL)
def test_json_is_written_as_rfc_8785_asks(case: dict[str, Any]) -> None:
    assert rfc8785.dumps(case["value"]).decode() == case["canonical"]


@each(VERSIONS)
def test_a_version_is_named_by_its_hash(case: dict[str, Any]) -> None:
    definition = load(case["definition"])
    assert definition.to_json() == case["definition"]
    assert version(definition) == case["version"]
    if "same_as" in case:
        assert case["version"] == VERSIONS["cases"][case["same_as"]]["version"]


@each(WORDS)
def test_a_code_is_put_into_words(case: dict[str, Any]) -> None:
    definition = form([{"id": "one", "text": "项", "answer": {"type": "check"}}], WORDS["parameters"])
    problem = Problem(case["code"], case["params"])
    assert say(problem, "zh", definition) == case["zh"]
    assert say(problem, "en", definition) == case["en"]
