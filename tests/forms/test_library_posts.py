"""What every post of the library has: its two lists, two cards that are read in need, and a quiz worth passing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from forms.definition import Definition, Item
from forms.library import posts, sources
from tests.library import LIBRARY

OF_A_POST = [d for d in LIBRARY if d.key.startswith("post.")]
BY_KEY = {d.key: d for d in OF_A_POST}
CARDS = [d for d in OF_A_POST if d.kind == "card"]
QUIZZES = [d for d in OF_A_POST if d.kind == "quiz"]
READ: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("verified_clauses.yaml").read_text("utf-8")
)
STANDARDS = ("GB 16423-2020", "GB 39496-2020", "矿安〔2022〕88号")
# Who manages from a desk has no machine to work and no place to flee from: a list and a quiz, no cards.
AT_A_DESK = {"MG01", "MG02", "MG03"}
CHINESE = re.compile("[一-鿿]")


def chosen(item: Item, correct: bool) -> list[str]:
    return [option.text["zh"] for option in item.answer.options if option.correct is correct]


@pytest.mark.parametrize("post", posts())
def test_a_post_has_its_duties_its_controls_its_cards_and_its_quiz(post: str) -> None:
    own = {d.key.removeprefix(f"post.{post}."): d for d in OF_A_POST if d.applies_to.posts == (post,)}
    cards = set() if post in AT_A_DESK else {"operation", "emergency"}
    assert set(own) == {"duties", "controls", "quiz"} | cards
    named = {name: d.title["zh"].removeprefix(posts()[post].zh) for name, d in own.items()}
    titles = {
        "duties": "岗位职责清单",
        "controls": "岗位风险管控措施清单",
        "quiz": "逢查必考题",
        "operation": "操作卡",
        "emergency": "应急处置卡",
    }
    assert named == {name: titles[name] for name in own}


@pytest.mark.parametrize("card", CARDS, ids=lambda d: d.key)
def test_a_card_is_short_enough_to_be_read_in_need_and_asks_for_nothing(card: Definition) -> None:
    notes = card.items()
    assert 8 <= len(notes) <= 14
    assert {one.answer.type for one in notes} == {"note"}
    assert max(len(one.text["zh"]) for one in notes) <= 60


@pytest.mark.parametrize("card", [d for d in CARDS if d.key.endswith("emergency")], ids=lambda d: d.key)
def test_an_emergency_card_says_what_to_see_to_do_whom_to_call_and_what_never_to_do(card: Definition) -> None:
    assert [section.id for section in card.sections] == ["signs", "act", "call", "never"]
    assert all(one.text["zh"].startswith("严禁") for one in card.sections[-1].items)
    assert any("报" in one.text["zh"] for one in card.sections[2].items)


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda d: d.key)
def test_a_quiz_asks_at_least_ten_things_and_each_has_a_right_and_a_wrong_answer(quiz: Definition) -> None:
    questions = quiz.items()
    assert len(questions) >= 10
    assert quiz.score is not None
    assert (quiz.score.full, quiz.score.pass_) == (100, 80)
    for one in questions:
        right, wrong = chosen(one, True), chosen(one, False)
        assert right, one.id
        assert wrong, one.id
        assert one.answer.type == ("choices" if len(right) > 1 else "choice"), one.id
        assert len(set(right + wrong)) == len(right + wrong), one.id
        assert one.explain, one.id


def test_no_quiz_asks_the_same_thing_twice() -> None:
    for quiz in QUIZZES:
        asked = Counter(one.text["zh"] for one in quiz.items())
        assert [text for text, times in asked.items() if times > 1] == [], quiz.key


def test_nobody_passes_a_quiz_by_always_tapping_the_same_place() -> None:
    for quiz in QUIZZES:
        single = [one for one in quiz.items() if one.answer.type == "choice"]
        places = Counter(
            next(n for n, option in enumerate(one.answer.options) if option.correct) for one in single
        )
        assert max(places.values()) < 0.8 * len(quiz.items()), quiz.key
        assert len(places) >= 3, quiz.key


@pytest.mark.parametrize("definition", [*CARDS, *QUIZZES], ids=lambda d: d.key)
def test_cards_and_quizzes_can_be_read_in_english_to_the_last_word(definition: Definition) -> None:
    texts = [definition.title, *(section.title for section in definition.sections)]
    for one in definition.items():
        texts += [one.text, *(option.text for option in one.answer.options)]
        texts += [one.explain] if one.explain else []
    assert [text["zh"] for text in texts if "en" not in text and CHINESE.search(text["zh"])] == []


def test_what_is_called_verified_was_read_in_the_text_itself() -> None:
    """Of the national standards in the whole library; of the cities' plans in what the posts have."""
    unread = {
        (one.id, basis.code, clause)
        for definition in LIBRARY
        for one in definition.items()
        for basis in one.basis
        if basis.verified and (basis.code in STANDARDS or definition in OF_A_POST)
        for clause in parts(basis.clause or "")
        if clause not in READ[basis.code]
    }
    assert unread == set()


def test_the_blasters_rules_pass_as_verified_nowhere() -> None:
    """GB 6722 was recalled, not read."""
    found = [b for d in LIBRARY for one in d.items() for b in one.basis if b.code.startswith("GB 6722")]
    assert found
    assert not any(basis.verified for basis in found)
    assert not sources()["GB 6722-2014"].verified


def parts(clause: str) -> list[str]:
    """ "6.4.8.11~6.4.8.14、6.4.7.4" names five clauses; "第23、24项" two points."""
    found: list[str] = []
    numbered = re.fullmatch(r"第([\d、]+)项.*", clause)
    if numbered:
        return [f"第{number}项" for number in numbered[1].split("、")]
    for part in re.sub(r"（\d{4}年.*?）|：.*|（杀回马枪）", "", clause).split("、"):
        several = re.fullmatch(r"(.*\.)(\d+)~\1(\d+)", part)
        numbers = range(int(several[2]), int(several[3]) + 1) if several else ()
        found += [f"{several[1]}{n}" for n in numbers] if several else [part]
    return found
