"""What a phone hands in takes effect once, in order, under its signature, and nothing is lost or in the way."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from sync import tables
from sync.problems import AuthInvalid, DeviceForked, DeviceUnknown
from sync.registry import Outcome
from tests.sync import host
from tests.sync.world import DAY, HOUR, MINUTE


def opened(phone, scope="site:3", title="A"):
    sheet = phone.handset.new_id()
    phone.do("sheet.open@2", sheet, {"scope": scope, "title": title})
    return sheet


def test_a_list_filled_offline_arrives_whole_and_comes_back_to_a_colleague(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    driller.do(
        "sheet.answer@1", sheet, {"UG01-01": {"result": "pass"}, "UG01-02": {"result": "fail", "value": 19.5}}
    )
    driller.do("sheet.note@1", sheet, {"text": "风量不足"})
    driller.sync()
    officer.sync()
    assert officer.rows()[sheet]["note"] == "风量不足"
    assert officer.rows() == driller.rows()
    assert world.ends() == ["applied"] * 3


def test_however_often_a_mutation_is_delivered_it_takes_effect_once(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "一"})
    request = phone.request()
    first = phone.exchange(request, lost=True)
    again = phone.exchange(request)
    sealed = phone.exchange(phone.request(range(0), sealed=[phone.seal(1, 2)]))
    assert [r["status"] for r in first["results"]] == ["applied", "applied"]
    assert [(r["status"], r["was"], r["ver"]) for r in again["results"]] == [
        ("duplicate", "applied", 1), ("duplicate", "applied", 2),
    ]  # fmt: skip
    assert [r["status"] for r in sealed["results"]] == ["duplicate", "duplicate"]
    assert world.effects(note) == 1


def test_what_overtakes_an_earlier_batch_waits_for_it(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    notes = [phone.do("sheet.note@1", sheet, {"text": str(n)}) for n in range(4)]
    late = phone.exchange(phone.request(range(4, 6)))
    assert [r["status"] for r in late["results"]] == ["held", "held"]
    assert late["last_seq"] == 0
    assert world.effects(notes[2]) == 0
    filled = phone.exchange(phone.request(range(1, 4)))
    assert filled["last_seq"] == 5
    assert {seq: r["status"] for seq, r in phone.results.items()} == dict.fromkeys(range(1, 6), "applied")
    assert phone.rows()[sheet]["note"] == "3"


def test_overlapping_batches_in_any_order_take_effect_once_each(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    for n in range(7):
        phone.do("sheet.note@1", sheet, {"text": str(n)})
    for seqs in [range(5, 8), range(3, 7), range(7, 9), range(1, 4), range(1, 9)]:
        answer = phone.exchange(phone.request(seqs))
    assert answer["last_seq"] == 8
    assert {r["was"] for r in answer["results"]} == {"applied"}
    assert phone.rows()[sheet]["note"] == "6"


def test_a_bad_mutation_is_set_aside_and_those_behind_it_take_effect(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.do("sheet.note@1", sheet, {"text": "before"})
    bad = [
        phone.do("sheet.refuse@1", sheet, {"why": "policy"}),
        phone.do("sheet.crash@1", sheet),
        phone.do("sheet.break@1", sheet),
        phone.do("sheet.unheard_of@3", sheet),
        phone.do("sheet.note@1", phone.handset.new_id(), {"text": "nowhere"}),
    ]
    malformed = phone.freeze(bad[0] | {"id": phone.handset.new_id(), "extra": 1})
    last = phone.do("sheet.note@1", sheet, {"text": "after"})
    answer = phone.exchange()
    problems = {r["seq"]: r["problem"]["code"] for r in answer["results"] if r["status"] == "quarantined"}
    assert problems == {
        3: "sheet.refused", 4: "mutation.failed", 5: "mutation.failed", 6: "mutation.op_unknown",
        7: "sheet.not_found", malformed["seq"]: "mutation.malformed",
    }  # fmt: skip
    assert phone.rows()[sheet]["note"] == "after"
    assert [world.effects(mutation) for mutation in [*bad, last]] == [0, 0, 0, 0, 0, 1]
    assert answer["last_seq"] == last["seq"]


def test_alternating_good_and_bad_ones_all_come_to_their_end(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    good = []
    for n in range(80):
        good.append(phone.do("sheet.note@1", sheet, {"text": str(n)}))
        phone.do("sheet.crash@1", sheet)
    phone.sync()
    assert sorted(set(world.ends())) == ["applied", "quarantined"]
    assert all(world.effects(mutation) == 1 for mutation in good)


def test_a_second_body_under_a_used_number_is_a_fork_and_nothing_of_it_is_taken(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.sync()
    restored = phone.do("sheet.note@1", sheet, {"text": "before the phone was restored"})
    phone.exchange(lost=True)
    phone.seq -= 1
    phone.do("sheet.note@1", sheet, {"text": "after"})
    phone.do("sheet.note@1", sheet, {"text": "and more"})
    with pytest.raises(DeviceForked) as forked:
        phone.exchange()
    assert forked.value.params == {"device": phone.device, "seq": 2, "last_seq": 2}
    assert world.ends() == ["applied", "applied"]
    before = phone.device
    phone.enrol()
    assert phone.device != before
    phone.sync()
    assert phone.rows()[sheet]["note"] == "and more"
    assert world.effects(restored) == 1


def test_what_is_issued_again_after_a_fork_is_known_by_its_id(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "once"})
    phone.exchange(lost=True)
    phone.enrol()
    answer = phone.exchange()
    assert [(r["status"], r["was"], r["ver"]) for r in answer["results"]] == [
        ("duplicate", "applied", 1), ("duplicate", "applied", 2),
    ]  # fmt: skip
    assert answer["last_seq"] == 2
    assert world.effects(note) == 1


def test_an_id_used_for_something_else_is_quarantined(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "one"})
    phone.do("sheet.note@1", sheet, {"text": "two"}, id=note["id"])
    answer = phone.exchange()
    assert answer["results"][2]["problem"]["code"] == "mutation.id_reused"
    assert phone.rows()[sheet]["note"] == "one"


def test_a_dependency_of_another_device_is_waited_for_and_others_go_on(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    other = opened(officer, title="B")
    created = driller.outbox[1]["id"]
    waiting = officer.do("sheet.note@1", sheet, {"text": "late"}, deps=[created])
    behind = officer.do("sheet.note@1", sheet, {"text": "later"})
    beside = officer.do("sheet.note@1", other, {"text": "at once"})
    officer.exchange()
    assert [officer.status(m) for m in (waiting, behind, beside)] == ["held", "held", "applied"]
    driller.sync()
    assert driller.rows()[sheet]["note"] == "later"
    officer.exchange()
    assert [officer.status(m) for m in (waiting, behind)] == ["applied", "applied"]


def test_a_chain_of_dependencies_is_let_go_at_once(world):
    phones = [world.phone(user, "site:3") for user in (world.driller, world.officer, world.colleague)]
    sheet, before = phones[0].handset.new_id(), []
    for phone in phones:
        op = "sheet.note@1" if before else "sheet.open@2"
        before = [
            phone.do(op, sheet, {"scope": "site:3", "title": "A", "text": phone.user}, deps=before)["id"]
        ]
    for phone in reversed(phones):
        phone.exchange()
    assert "held" not in world.ends()
    phones[0].sync()
    assert phones[0].rows()[sheet]["note"] in (phones[1].user, phones[2].user)


def test_a_run_is_signed_by_the_person_or_it_is_quarantined(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    stolen = phone.signing
    phone.signing = phone.handset.key()
    forged = phone.exchange()
    assert forged["results"][0]["problem"]["code"] == "mutation.signature_invalid"
    phone.signing = stolen
    sheet = opened(phone)
    phone.sync()
    assert list(phone.rows()) == [sheet]


def test_a_run_held_beyond_a_gap_is_judged_by_its_own_signature(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.do("sheet.note@1", sheet, {"text": "good"})
    phone.do("sheet.note@1", sheet, {"text": "forged"})
    phone.exchange(phone.request(range(3, 4), head_sig=phone.signature(2)))
    phone.exchange(phone.request(range(1, 3)))
    phone.exchange(phone.request(range(0), ask=[1, 2, 3]))
    assert [phone.results[seq]["status"] for seq in (1, 2, 3)] == ["applied", "applied", "quarantined"]


def test_a_request_not_signed_by_the_phone_is_refused(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    request = phone.request()
    with pytest.raises(AuthInvalid):
        phone.exchange(request | {"pull": False})
    with pytest.raises(DeviceUnknown):
        phone.exchange(phone.authenticated(request | {"device": phone.handset.new_id()}))
    assert world.ends() == []


def test_a_mutation_lost_on_the_phone_is_seen_and_does_not_break_the_chain(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    kept = phone.do("sheet.note@1", sheet, {"text": "lost"})
    phone.do("sheet.note@1", sheet, {"text": "after"})
    segment = phone.seal(2, 2)
    phone.lose(2)
    phone.exchange()
    assert phone.results[2]["problem"]["code"] == "mutation.void"
    assert phone.rows()[sheet]["note"] == "after"
    phone.exchange(phone.request(range(0), sealed=[segment]))
    assert (phone.results[2]["status"], phone.results[2]["was"]) == ("duplicate", "merged")
    assert (world.effects(kept), phone.rows()[sheet]["note"]) == (1, "after")


def test_a_void_beyond_a_gap_can_still_be_filled(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    lost = phone.do("sheet.note@1", sheet, {"text": "found"})
    segment = phone.seal(2, 2)
    phone.lose(2)
    phone.exchange(phone.request(range(2, 3)))
    phone.exchange(phone.request(range(0), sealed=[segment]))
    phone.exchange(phone.request(range(1, 2)))
    assert (world.effects(lost), phone.rows()[sheet]["note"]) == (1, "found")


def test_an_old_phone_speaks_to_a_new_server(world):
    phone = world.phone(world.driller, "site:3")
    sheet = phone.handset.new_id()
    phone.do("sheet.open@1", sheet, {"site": "site:3", "title": "old form"})
    phone.sync()
    assert phone.rows()[sheet]["title"] == "old form"


def test_both_answers_are_kept_and_the_graver_is_shown(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    driller.sync()
    officer.sync()
    driller.do("sheet.answer@1", sheet, {"UG01-01": {"result": "fail"}})
    officer.do("sheet.answer@1", sheet, {"UG01-01": {"result": "pass"}})
    driller.sync()
    answer = officer.exchange()
    assert answer["results"][0]["status"] == "conflict"
    assert answer["results"][0]["conflict"]["fields"] == ["UG01-01"]
    assert officer.rows()[sheet]["answers"]["UG01-01"] == {"result": "fail"}


def test_a_note_both_wrote_is_the_later_one_and_no_conflict(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    driller.sync()
    officer.sync()
    driller.do("sheet.note@1", sheet, {"text": "earlier"})
    world.later(MINUTE)
    officer.do("sheet.note@1", sheet, {"text": "later"})
    officer.sync()
    assert driller.exchange()["results"][0]["status"] == "merged"
    assert driller.rows()[sheet]["note"] == "later"


def test_a_phone_with_a_wrong_clock_gets_the_right_time(world):
    phone = world.phone(world.driller, "site:3")
    phone.handset.wall_error_ms = 2 * HOUR
    opened(phone)
    world.later(HOUR)
    phone.sync()
    note = phone.outbox[1]
    assert world.captured(note) == "2026-03-02T00:00:00+00:00"
    with world.reading() as session:
        assert session.scalar(select(tables.mutation.c.suspect)) is True


def test_a_phone_that_slept_between_is_not_taken_for_wrong(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    world.later(5 * HOUR)
    phone.handset.asleep_ms = 5 * HOUR
    phone.sync()
    assert world.captured(phone.outbox[1]) == "2026-03-02T00:00:00+00:00"
    with world.reading() as session:
        assert session.scalar(select(tables.mutation.c.suspect)) is False


def test_a_clock_set_back_before_sending_does_not_move_the_act(world):
    phone = world.phone(world.driller, "site:3")
    phone.exchange()
    world.later(MINUTE)
    note = phone.do("sheet.open@2", phone.handset.new_id(), {"scope": "site:3", "title": "A"})
    world.later(MINUTE)
    phone.handset.wall_error_ms = -DAY
    phone.sync()
    assert world.captured(note) == "2026-03-02T00:01:00+00:00"


def test_photos_that_have_not_come_are_asked_for_until_they_have(world):
    phone = world.phone(world.driller, "site:3")
    name = "sha256:" + "a" * 64
    phone.do("sheet.open@2", phone.handset.new_id(), {"scope": "site:3", "title": "A"}, blobs=[name])
    assert phone.exchange()["missing_blobs"] == [name]
    assert phone.exchange()["missing_blobs"] == [name]
    with world.writing() as session:
        session.execute(host.blob.insert().values(name=name))
    assert phone.exchange()["missing_blobs"] == []


def test_everything_a_phone_sent_is_on_record_word_for_word(world):
    phone = world.phone(world.driller, "site:3")
    phone.do("sheet.refuse@1", phone.handset.new_id(), {"why": "矿 \u0001 😀 1e21", "n": [1e21, 0.1, -0.0]})
    phone.exchange()
    with world.reading() as session:
        row = session.execute(select(tables.mutation)).one()
    sent = {name: value for name, value in phone.outbox[1].items() if name != "seq"}
    assert json.loads(row.body) == sent
    assert row.received_ms == world.ms


def test_a_mutation_whose_row_another_changed_meanwhile_gets_a_second_look(world):
    phone = world.phone(world.driller, "site:3")
    tries = []

    def contended(session, context, mutation):
        tries.append(mutation.id)
        if len(tries) < 3 or mutation.args.get("for_ever"):
            raise StaleDataError
        return Outcome("applied", 1)

    world.sync.registry.operation("sheet.contend@1", contended)
    phone.do("sheet.contend@1", phone.handset.new_id())
    behind = opened(phone)
    phone.do("sheet.contend@1", phone.handset.new_id(), {"for_ever": True})
    phone.sync()
    assert [phone.results[seq]["status"] for seq in (1, 2, 3)] == ["applied", "applied", "quarantined"]
    assert behind in phone.rows()


def test_a_fault_of_the_machine_is_no_fault_of_the_mutation_and_nothing_is_half_kept(world):
    phone = world.phone(world.driller, "site:3")
    disk_full = True

    def write(session, context, mutation):
        if disk_full:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return Outcome("applied", 1)

    world.sync.registry.operation("sheet.write@1", write)
    sheet = opened(phone)
    phone.do("sheet.write@1", sheet)
    with pytest.raises(OperationalError):
        phone.exchange()
    assert world.ends() == []
    disk_full = False
    phone.sync()
    assert world.ends() == ["applied", "applied"]


def test_what_was_stuck_beyond_a_gap_takes_effect_when_it_is_issued_again(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "overtook"})
    segment = phone.seal(1, 2)
    phone.exchange(phone.request(range(2, 3)))
    phone.enrol()
    phone.sync()
    assert (world.effects(note), phone.rows()[sheet]["note"]) == (1, "overtook")
    phone.exchange(phone.request(range(0), sealed=[segment]))
    assert world.effects(note) == 1
    assert sorted(world.ends()) == ["applied", "applied", "duplicate", "duplicate"]


def test_what_was_wrongly_signed_takes_effect_when_it_is_issued_again_and_signed(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.exchange(phone.request(head_sig="A" * 86), lost=True)
    phone.enrol()
    phone.sync()
    assert sheet in phone.rows()
    assert world.effects(phone.outbox[1]) == 1


def test_what_waits_holds_back_only_what_comes_after_it(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.sync()
    phone.do("sheet.crash@1", sheet)
    before = phone.do("sheet.note@1", sheet, {"text": "before"})
    waiting = phone.do("sheet.note@1", sheet, {"text": "waits"}, deps=[world.new_id()])
    after = phone.do("sheet.note@1", sheet, {"text": "after"})
    phone.exchange()
    assert [phone.status(mutation) for mutation in (before, waiting, after)] == ["applied", "held", "held"]
