"""A list with rows as a phone fills it: rows come, are named, and are taken out again."""

from __future__ import annotations

from sqlalchemy import select

from backend.checklists import operations as checklists
from backend.checklists.models import Submission
from tests.backend.phones import Server
from tests.backend.test_own_accord import begins, known
from tests.world import World


def test_a_row_that_was_taken_out_is_gone_for_everybody_and_hinders_nothing(world: World) -> None:
    phone = Server(world).phone("banzu")
    phone.sync()
    drill = known(phone, "drill.self_rescuer")
    assert drill is not None
    submission, _ = begins(phone, drill)
    rows = {"DS-person@a1": {"value": "甲"}, "DS-seconds@a1": {"value": 25}, "DS-person@b2": {"value": "乙"}}
    phone.act("submission.answer@1", submission, {"answers": rows})
    phone.sync()
    taken = phone.act("submission.answer@1", submission, {"answers": {"DS-person@b2": None}})
    phone.sync()
    assert phone.status(taken) == "applied"
    assert phone.of("submission")[submission]["answers"]["DS-person@b2"] is None
    with world.reading() as session:
        verdict = checklists.judged(session, session.scalars(select(Submission)).one())
    assert "DS-seconds@a1" in verdict.items
    assert not any(key.endswith("@b2") for key in verdict.items)
