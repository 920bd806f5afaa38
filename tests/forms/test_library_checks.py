"""The checks that ship: what an officer, a mine head or a principal asks says whose it is, and claims no more."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from forms.definition import Definition, Item
from forms.judge import SubmissionVerdict, judge_submission
from forms.library import major_hazards, sources, violations
from forms.limits import resolve
from forms.values import as_date, as_instant
from tests.library import BY_KEY, LIBRARY

KINDS = {"spot_check", "sweep", "patrol", "scorecard", "acceptance", "drill", "reinspection", "register"}
CHECKS = [definition for definition in LIBRARY if definition.kind in KINDS]
SWEEPS = [definition for definition in LIBRARY if definition.kind == "sweep"]
# How a text shows that its heading was not read in full in the standard itself.
SAID = {
    "full": "",
    "partial": "（原文只核对到部分）",
    "title": "（只核对到标题）",
    "recalled": "（未核对原文）",
}

PHOTO = {"photos": ["sha256:" + "a" * 64]}


def filled(key: str, answers: dict[str, Any]) -> SubmissionVerdict:
    """How a list of the library is judged with these answers, nothing known of the mine."""
    now, today = as_instant("2026-03-02T08:00:00+08:00"), as_date("2026-03-02")
    assert now is not None
    assert today is not None
    return judge_submission(BY_KEY[key], resolve(BY_KEY[key], {}, {}, today), answers, now)


def headings() -> list[Item]:
    return [item for sweep in SWEEPS for item in sweep.items() if item.major_ref]


def test_every_major_hazard_is_asked_exactly_once_in_the_sweeps() -> None:
    assert Counter(item.major_ref for item in headings()) == Counter(list(major_hazards()))
    for sweep in SWEEPS:
        [mine_type] = sweep.applies_to.mine_types
        asked = {item.major_ref for item in sweep.items() if item.major_ref}
        assert asked == {code for code, hazard in major_hazards().items() if hazard.mine_type == mine_type}


def test_a_sweep_says_of_each_heading_how_far_it_was_read_in_the_standard() -> None:
    for item in headings():
        hazard = major_hazards()[item.major_ref or ""]
        assert item.text["zh"] == hazard.title + SAID[hazard.seen]
        assert item.verified == (hazard.seen == "full"), item.id
        assert [basis.code for basis in item.basis] == [hazard.standard]
        assert item.severity == "major"
        assert item.on_fail.hazard


def test_a_sweep_asks_for_the_conditions_of_a_heading_and_finding_any_fails() -> None:
    for item in headings():
        hazard = major_hazards()[item.major_ref or ""]
        first, *others = item.answer.options
        assert (first.id, first.fails) == ("none", False)
        assert others
        assert all(option.fails for option in others)
        named = tuple(option.text["zh"] for option in others if option.id not in ("found", "other"))
        assert named == hazard.conditions
        # What was not read in full may hold more conditions than are listed here.
        assert any(option.id == "other" for option in others) == (bool(named) and hazard.seen != "full")


@pytest.mark.parametrize("definition", CHECKS, ids=lambda d: d.key)
def test_what_passes_as_verified_names_a_source_that_is_known(definition: Definition) -> None:
    for item in definition.items():
        for basis in item.basis:
            if basis.verified:
                assert sources()[basis.code].verified or basis.code.startswith("GB "), (item.id, basis.code)
                assert basis.clause, item.id


@pytest.mark.parametrize("definition", CHECKS, ids=lambda d: d.key)
def test_what_is_judged_says_by_what_standard_and_whose(definition: Definition) -> None:
    for item in definition.items():
        if item.on_fail.hazard or item.on_fail.document:
            assert item.standard, item.id
            assert item.basis, item.id


@pytest.mark.parametrize("definition", CHECKS, ids=lambda d: d.key)
def test_every_choice_message_level_and_row_is_there_in_english(definition: Definition) -> None:
    texts = [option.text for item in definition.items() for option in item.answer.options]
    texts += [item.constraint.message for item in definition.items() if item.constraint]
    texts += [item.answer.reading for item in definition.items() if item.answer.reading]
    texts += [level.text for level in (definition.score.levels if definition.score else ())]
    texts += [s.repeat.label for s in definition.sections if s.repeat and s.repeat.label]
    assert [text["zh"] for text in texts if "en" not in text] == []


@pytest.mark.parametrize("mine_type", ["underground", "open_pit", "tailings"])
def test_teams_look_daily_the_mine_head_weekly_and_the_principal_monthly(mine_type: str) -> None:
    """拉萨 （七）3; where a mine is small, one level up may do it."""
    for often, whose in {"day": "team_leader", "week": "mine_head", "month": "principal"}.items():
        patrol = BY_KEY[f"patrol.{mine_type}.{often}"]
        assert patrol.applies_to.mine_types == (mine_type,)
        assert whose in patrol.applies_to.roles


@pytest.mark.parametrize("key", ["scorecard.responsibility", "scorecard.dual_prevention"])
def test_a_scorecards_weights_add_up_to_its_full_marks_and_its_vetoes_weigh_nothing(key: str) -> None:
    card = BY_KEY[key]
    assert card.score is not None
    asked = [item for item in card.items() if item.answer.type != "note"]
    assert sum(item.weight for item in asked) == card.score.full == 100
    assert {item.id for item in asked if item.weight == 0} == set(card.score.veto)
    assert [level.from_ for level in card.score.levels] == [90, 75, 60, 0]
    for item in asked:
        shares = [0.0 if option.fails else option.share or 1.0 for option in item.answer.options]
        assert shares == sorted(shares, reverse=True), item.id


@pytest.mark.parametrize(
    ("city", "groups"),
    [
        ("泰安市", {"七假": 7, "五超": 5, "四不": 4, "三瞒": 3, "三违": 3, "两包": 2}),
        ("聊城市", {"五假": 5, "超期": 1, "三不": 3, "瞒报": 1, "三违": 3}),
        ("拉萨市", {"盗采与不按设计": 3, "转包、分包与专项外包": 3}),
        ("晋城市", {"隐蔽作业与造假": 6, "培训造假": 3}),
        ("丽水市", {"七假": 7, "五超": 5, "三瞒": 3, "三不": 3, "两包": 2}),
    ],
)
def test_a_citys_catalogue_has_as_many_acts_as_its_plan_names(city: str, groups: dict[str, int]) -> None:
    """Counted in 泰安 第102项, 聊城 三（五）25, 拉萨 （九）3、（五）4, 晋城 三（二）7、（一）4, 丽水 二（七）23."""
    assert Counter(act.group for act in violations()[city]) == groups
    assert all(sources()[act.source].verified for act in violations()[city])


def test_every_act_of_a_city_is_a_point_of_its_register() -> None:
    registers = [definition for key, definition in BY_KEY.items() if key.startswith("register.violations.")]
    assert len(registers) == len(violations()) == 5
    asked = {item.id: item.text["zh"] for register in registers for item in register.items()}
    assert asked == {act.code: act.text for acts in violations().values() for act in acts}


def test_none_found_cannot_stand_beside_a_finding() -> None:
    verdict = filled(
        "sweep.underground", {"SW-UG-01": {"value": "none c5", **PHOTO}, "SW-UG-03": {"value": "none"}}
    )
    assert [problem.code for problem in verdict.items["SW-UG-01"].problems] == ["constraint_broken"]
    assert verdict.items["SW-UG-01"].result == "fail"
    assert verdict.items["SW-UG-03"].result == "pass"


def test_a_stopped_mine_is_asked_only_for_what_it_has() -> None:
    def asked(kind: str, length: str, work: str) -> set[str]:
        verdict = filled(
            "patrol.stopped",
            {"PS-kind": {"value": kind}, "PS-length": {"value": length}, "PS-work": {"value": work}},
        )
        return {key.removeprefix("PS-") for key in verdict.items} - {"kind", "length", "work"}

    always = {"01", "02", "03"}
    assert asked("tailings", "short", "no") == always | {"13", "14"}
    assert asked("open_pit", "over3", "yes") == always | {"04", "11", "12", "15", "16"}
    assert asked("underground", "over6", "no") == always | {"04", "05", "06", "07", "08", "09", "10"}


def test_one_veto_sinks_a_score_that_was_nearly_full() -> None:
    card = BY_KEY["scorecard.responsibility"]
    answers: dict[str, Any] = {item.id: {"value": "full"} for item in card.items() if item.weight}
    answers |= {item.id: {"value": "no"} for item in card.items() if item.weight == 0}
    answers["SR-11"] = {"value": "part"}
    marks = filled(card.key, answers).score
    assert marks is not None
    assert (marks.value, marks.passed, marks.level) == (96.5, True, {"zh": "优", "en": "Excellent"})
    sunk = filled(card.key, answers | {"SR-V1": {"value": "yes", "note": "边生产边整改"}}).score
    assert sunk is not None
    assert (sunk.value, sunk.passed, sunk.vetoed) == (0, False, ("SR-V1",))


def test_thirty_seconds_is_in_time_and_who_takes_longer_is_trained_again() -> None:
    verdict = filled(
        "drill.self_rescuer", {"DS-seconds@a": {"value": 30}, "DS-seconds@b": {"value": 31, "note": "已补训"}}
    )
    assert verdict.items["DS-seconds@a"].result == "pass"
    assert verdict.items["DS-seconds@b"].result == "fail"
    assert "DS-again@a" not in verdict.items
    assert "DS-again@b" in verdict.items
    assert verdict.items["DS-slowest"].value == 31


def test_a_sham_rectification_fails_and_no_reason_excuses_the_photo() -> None:
    waived = {"waiver": {"what": "photo", "reason": "手机没电"}}
    verdict = filled(
        "reinspection.general", {"RI-state@a": {"value": "sham", "note": "用旧照片冒充", **waived}}
    )
    assert verdict.items["RI-state@a"].result == "fail"
    assert [problem.code for problem in verdict.items["RI-state@a"].problems] == ["waiver_not_allowed"]
