"""A list as a phone fills it: rows that are taken out again, evidence that is waived by rule."""

from __future__ import annotations

from sqlalchemy import select

from backend.checklists import operations as checklists
from backend.checklists import versions
from backend.checklists.models import Submission, Task
from backend.kernel.db import new_id
from backend.sites.models import Place
from forms.load import load
from tests.backend.phones import Server
from tests.backend.test_own_accord import begins, known
from tests.library import BY_KEY
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


def test_no_photo_is_asked_by_rule_where_phones_are_banned(world: World) -> None:
    with world.store.database.writing() as session:
        old = BY_KEY["post.UG02.controls"]
        new = old.to_json()
        for section in new["sections"]:
            for item in section["items"]:
                item["evidence"] = {"photo": "always", "waivable": False, "not_in": ["blasting"]}
        versions.publish(session, "test", load(new))
    [task, *_] = world.calls_roll("baopo")
    with world.writing("baopo") as (session, actor):
        row = session.get_one(Task, task)
        filled = checklists.begin(session, actor, new_id(session), row, {}, world.now())
        session.flush()
        place = session.get_one(Place, row.place_id)
        lacking = {}
        for banned in (False, True):
            place.phones_banned = banned
            given = {row.asked[0]: {"result": "fail", "value": 1}}
            filled.answers = given
            found = checklists.judged(session, filled).lacking
            lacking[banned] = [problem.code for item, problem in found if item == row.asked[0]]
    assert "photo_missing" in lacking[False]
    assert "photo_missing" not in lacking[True]
