"""The checks that ship: what an officer, a mine head or a principal asks says whose it is, and claims no more."""

from __future__ import annotations

from collections import Counter

import pytest

from forms.definition import Definition, Item
from forms.library import load_library, major_hazards, sources, violations

LIBRARY = load_library()
BY_KEY = {definition.key: definition for definition in LIBRARY}
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
    """Counted in the plans: 泰安 第102项; 聊城 三（五）25; 拉萨 （九）3、（五）4; 晋城 三（二）7、（一）4; 丽水 二（七）23."""
    assert Counter(act.group for act in violations()[city]) == groups
    assert all(sources()[act.source].verified for act in violations()[city])


def test_every_act_of_a_city_is_a_point_of_its_register() -> None:
    registers = [definition for key, definition in BY_KEY.items() if key.startswith("register.violations.")]
    assert len(registers) == len(violations()) == 5
    asked = {item.id: item.text["zh"] for register in registers for item in register.items()}
    assert asked == {act.code: act.text for acts in violations().values() for act in acts}
