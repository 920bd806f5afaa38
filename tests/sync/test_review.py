"""What waits for people: they see it whole, replay it, discard it, resolve it; once, and with a reason."""

import pytest

from sync import review, upkeep
from sync.registry import Outcome, Refused
from tests.sync import host
from tests.sync.test_push import opened
from tests.sync.world import DAY


def reading(world, function, *args, **kwargs):
    with world.reading() as session:
        return function(session, *args, **kwargs)


def test_work_of_a_person_whose_grant_ended_waits_and_is_applied_when_it_is_given_back(world):
    phone = world.phone(world.driller, "site:3")
    world.withdraw(world.driller, "site:3")
    sheet = opened(phone)
    behind = phone.do("sheet.note@1", sheet, {"text": "waits"}, deps=[phone.outbox[1]["id"]])
    phone.exchange()
    assert [phone.results[seq]["status"] for seq in (1, 2)] == ["quarantined", "held"]
    [waiting] = reading(world, review.quarantine)
    assert (waiting.user, waiting.problem["code"]) == (world.driller, "policy.denied")
    assert waiting.body["args"] == phone.outbox[1]["args"]
    world.grant(world.driller, "site:3")
    with world.writing() as session:
        result = review.replay(world.sync, session, waiting.pk)
    assert result["status"] == "applied"
    assert reading(world, review.quarantine) == []
    phone.exchange(phone.request(ask=[1, 2]))
    assert [phone.results[seq]["status"] for seq in (1, 2)] == ["applied", "applied"]
    assert world.effects(behind) == 1


def test_a_replay_that_fails_again_stays_where_it_is(world):
    phone = world.phone(world.driller, "site:3")
    phone.do("sheet.refuse@1", phone.handset.new_id(), {"why": "no"})
    phone.exchange()
    [waiting] = reading(world, review.quarantine)
    with world.writing() as session:
        assert review.replay(world.sync, session, waiting.pk)["problem"]["code"] == "sheet.refused"
    assert len(reading(world, review.quarantine)) == 1


def test_what_nobody_signed_cannot_be_replayed(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    phone.signing = phone.handset.key()
    phone.exchange()
    [waiting] = reading(world, review.quarantine)
    with world.writing() as session:
        result = review.replay(world.sync, session, waiting.pk)
    assert result["problem"]["code"] == "mutation.signature_invalid"
    assert world.effects(phone.outbox[1]) == 0


def test_a_discarded_mutation_is_gone_from_the_list_and_told_to_its_phone(world):
    phone = world.phone(world.driller, "site:3")
    phone.do("sheet.refuse@1", phone.handset.new_id())
    phone.exchange()
    [waiting] = reading(world, review.quarantine)
    with world.writing() as session:
        review.discard(world.sync, session, waiting.pk, by=world.officer, reason="entered twice")
    assert reading(world, review.quarantine) == []
    answer = phone.exchange(phone.request(ask=[1]))
    assert answer["results"][0]["problem"] == {
        "code": "mutation.discarded",
        "params": {"was": "sheet.refused"},
    }
    with world.writing() as session, pytest.raises(review.NotWaiting):
        review.discard(world.sync, session, waiting.pk, by=world.officer, reason="again")


def test_what_is_mended_takes_effect_under_the_hash_that_was_signed_and_what_waited_goes_on(
    world, monkeypatch
):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    refused = phone.do("sheet.refuse@1", phone.handset.new_id(), {"why": "too long"})
    behind = phone.do("sheet.note@1", sheet, {"text": "waits"}, deps=[refused["id"]])
    phone.exchange()
    [waiting] = reading(world, review.quarantine)
    monkeypatch.setitem(world.sync.registry.operations, "sheet.refuse@1", mended_by_length)
    told = {"by": "officer", "changes": [{"at": "/why", "was": "too long", "now": "short"}]}
    decision = {"by": world.officer, "reason": "r", "told": told}
    with world.writing() as session:
        still = review.mend(world.sync, session, waiting.pk, {"why": "no"}, **decision)
    assert (still["status"], still["problem"]["code"]) == ("quarantined", "sheet.refused")
    assert reading(world, review.quarantine) == [waiting]
    with world.writing() as session:
        done = review.mend(world.sync, session, waiting.pk, {"why": "short"}, **decision)
    assert done["status"] == "applied"
    assert reading(world, review.quarantine) == []
    phone.exchange(phone.request(ask=[2, 3]))
    assert [phone.results[seq]["status"] for seq in (2, 3)] == ["applied", "applied"]
    assert [phone.results[seq].get("mended") for seq in (1, 2, 3)] == [None, told, None]
    assert world.effects(behind) == 1
    again = phone.exchange(phone.request(range(2, 3)))
    assert [again["results"][0][name] for name in ("status", "was")] == ["duplicate", "applied"]


def mended_by_length(session, context, mutation):
    if mutation.args["why"] != "short":
        raise Refused("sheet.refused")
    return Outcome("applied", 1)


def test_the_quarantine_is_read_in_pages(world):
    phone = world.phone(world.driller, "site:3")
    for _ in range(5):
        phone.do("sheet.refuse@1", phone.handset.new_id())
    phone.exchange()
    first = reading(world, review.quarantine, limit=3)
    rest = reading(world, review.quarantine, after=first[-1].pk, limit=3)
    assert [w.seq for w in first + rest] == [1, 2, 3, 4, 5]


def test_a_conflict_shows_both_values_and_is_resolved_once(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    driller.sync()
    officer.sync()
    driller.do("sheet.answer@1", sheet, {"UG01-01": {"result": "pass"}})
    officer.do("sheet.answer@1", sheet, {"UG01-01": {"result": "fail"}})
    driller.sync()
    officer.sync()
    [conflict] = reading(world, review.open_conflicts, entities=[sheet])
    assert conflict.clashes == [
        {
            "field": "UG01-01",
            "shown": {"result": "fail"},
            "other": {"result": "pass"},
            "reason": "both_changed",
        }
    ]
    assert (conflict.user, conflict.id) == (world.officer, officer.results[1]["conflict"]["id"])
    assert reading(world, review.open_conflicts, entities=[world.new_id()]) == []
    with world.writing() as session:
        review.resolve(world.sync, session, conflict.id, by=world.colleague, reason="seen on site")
    assert reading(world, review.open_conflicts) == []
    with world.writing() as session, pytest.raises(review.NotWaiting):
        review.resolve(world.sync, session, conflict.id, by=world.colleague, reason="again")


def test_a_dependency_absent_for_seven_days_is_quarantined(world):
    phone = world.phone(world.driller, "site:3")
    absent = world.new_id()
    sheet = opened(phone)
    phone.do("sheet.note@1", sheet, {"text": "waits"}, deps=[absent, phone.outbox[1]["id"]])
    phone.sync()
    world.later(7 * DAY)
    behind = phone.do("sheet.note@1", sheet, {"text": "behind it"})
    phone.sync()
    with world.writing() as session:
        upkeep.look_again(world.sync, session)
    assert world.ends() == ["applied", "held", "held"]
    world.later(1)
    with world.writing() as session:
        upkeep.look_again(world.sync, session)
    assert world.effects(behind) == 1
    answer = phone.exchange()
    assert answer["results"][0]["problem"] == {
        "code": "mutation.dependency_absent",
        "params": {"deps": [absent]},
    }


def test_rows_of_a_collection_with_a_new_shape_are_sent_again(world, monkeypatch):
    phone = world.phone(world.driller, "site:3")
    for _ in range(5):
        opened(phone)
    phone.sync()
    run_reshape(world)
    assert phone.exchange()["changes"] == []
    collections = world.sync.registry.collections

    def wider(session, ids):
        return {id: r._replace(data=r.data | {"new": 1}) for id, r in host.read(session, ids).items()}

    monkeypatch.setitem(collections, "sheet", collections["sheet"]._replace(shape=2, read=wider))
    monkeypatch.setattr(upkeep, "_BATCH", 2)
    assert run_reshape(world) == 3
    phone.sync()
    assert {row["new"] for row in phone.rows().values()} == {1}
    assert run_reshape(world) == 0


def run_reshape(world):
    rounds = 0
    while True:
        with world.writing() as session:
            if not upkeep.reshape(world.sync, session):
                return rounds
        rounds += 1


def test_an_operation_added_later_takes_what_waited_for_it(world):
    phone = world.phone(world.driller, "site:3")
    phone.do("sheet.unheard_of@3", phone.handset.new_id())
    phone.exchange()
    world.sync.registry.operation("sheet.unheard_of@3", lambda *_: Outcome("applied", 7))
    [waiting] = reading(world, review.quarantine)
    with world.writing() as session:
        assert review.replay(world.sync, session, waiting.pk)["ver"] == 7


def test_what_waits_beyond_a_gap_for_seven_days_is_shown_and_still_goes_on_when_the_gap_is_filled(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "overtook"})
    phone.exchange(phone.request(range(2, 3)))
    world.later(7 * DAY + 1)
    with world.writing() as session:
        upkeep.look_again(world.sync, session)
    [waiting] = reading(world, review.quarantine)
    assert waiting.problem == {"code": "mutation.gap", "params": {"last_seq": 0}}
    with world.writing() as session:
        assert review.replay(world.sync, session, waiting.pk)["status"] == "quarantined"
    phone.exchange(phone.request(range(1, 2)))
    assert (world.effects(note), phone.rows()[sheet]["note"]) == (1, "overtook")
