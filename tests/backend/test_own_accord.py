"""Lists that nobody's roll asks for: a patrol, a drill, a quiz, begun by whom they are made for."""

from __future__ import annotations

from typing import Any

import pytest

from forms.load import load
from tests.backend.phones import FieldPhone, Server
from tests.world import World


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


def begins(phone: FieldPhone, form: str) -> tuple[str, dict[str, Any]]:
    mine = next(iter(phone.of("mine")))
    submission = phone.handset.new_id()
    args = {"task": None, "visit": None, "mine": mine, "form": form, "post": None, "limits": {}}
    begun = phone.act("submission.begin@1", submission, args | {"opened_at": phone.handset.wall})
    phone.sync()
    return submission, begun


def known(phone: FieldPhone, key: str) -> str | None:
    return next((sha for sha, row in phone.of("form").items() if row["key"] == key), None)


def test_a_driller_takes_his_posts_quiz_and_every_question_is_asked(server: Server) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    quiz = known(phone, "post.UG01.quiz")
    assert quiz is not None
    submission, begun = begins(phone, quiz)
    assert phone.status(begun) == "applied"
    row = phone.of("submission")[submission]
    assert (row["task"], row["state"], row["asked"]) == (None, "draft", None)
    definition = load(phone.of("form")[quiz]["definition"])
    right = {
        item.id: {"value": next(option.id for option in item.answer.options if option.correct)}
        for item in definition.items()
        if item.answer.type == "choice"
    }
    answered = phone.act("submission.answer@1", submission, {"answers": right})
    phone.sync()
    assert phone.status(answered) == "applied"


def test_a_patrol_reaches_those_whose_role_it_is_and_nobody_else(server: Server) -> None:
    leader, driller = server.phone("banzu"), server.phone("zuanyan")
    leader.sync()
    driller.sync()
    patrol = known(leader, "patrol.underground.day")
    assert patrol is not None
    assert known(driller, "patrol.underground.day") is None
    assert known(leader, "patrol.tailings.day") is None
    assert leader.status(begins(leader, patrol)[1]) == "applied"
    _, refused = begins(driller, patrol)
    assert (driller.status(refused), driller.problem(refused)) == ("quarantined", "submission.not_for_you")


def test_a_shifts_list_cannot_be_begun_without_its_roll(server: Server) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    controls = known(phone, "post.UG01.controls")
    assert controls is not None
    _, refused = begins(phone, controls)
    assert phone.problem(refused) == "submission.not_for_you"
