"""Work whose enrolment ended and whose owner forgot his PIN: it arrives all the same, and people look at it."""

import pytest

from sync import keys, review, strays
from sync.bundle import Segment, write
from sync.enrol import on_same_phones, revoke
from sync.exchange import receive_bundle
from tests.sync import host
from tests.sync.phone import Phone
from tests.sync.test_carrying import receipt_of
from tests.sync.test_push import opened
from tests.sync.world import DAY

PHOTO = "sha256:" + "a" * 64


def after_his_pin_was_forgotten(world, before: Phone) -> Phone:
    """The same person on the same handset, with a new PIN: another signing key, another enrolment."""
    return Phone(world, before.handset, before.user).enrol()


def brings(phone: Phone, *segments):
    """The statuses that the receipts tell, a problem's code where nothing was taken."""
    answer = phone.exchange(phone.request(sealed=list(segments), pull=False))
    return [
        receipt["problem"]["code"] if receipt["problem"] else receipt_of(phone, receipt)
        for receipt in answer["receipts"]
    ]


def waiting(world):
    with world.reading() as session:
        return review.quarantine(session)


def replayed(world):
    with world.writing() as session:
        return [review.replay(world.sync, session, each.pk)["status"] for each in review.quarantine(session)]


@pytest.fixture
def unknown(world):
    """A driller's work of a day, on a server that was restored from before he enrolled."""
    world.phone(world.officer, "site:3")
    backup = world.backup()
    phone = world.phone(world.driller)
    world.grant(world.driller, "site:3")
    opened(phone)
    phone.do("sheet.note@1", phone.outbox[1]["entity"], {"text": "loose rock"}, blobs=[PHOTO])
    world.restore(backup)
    world.grant(world.driller, "site:3")
    return phone


def test_work_of_an_enrolment_that_a_restored_server_does_not_know_waits_for_people_who_can_read_and_apply_it(
    world, unknown
):
    again = after_his_pin_was_forgotten(world, unknown)
    assert brings(again, unknown.seal(1, 2)) == [["quarantined", "quarantined"]]
    found = waiting(world)
    assert [(each.user, each.problem["code"]) for each in found] == [
        (world.driller, "mutation.device_unknown")
    ] * 2
    assert found[1].body["args"] == {"text": "loose rock"}
    assert (world.effects(unknown.outbox[1]), again.exchange()["live"]) == (0, True)
    assert replayed(world) == ["applied", "applied"]
    again.sync()
    assert [row["note"] for row in again.rows().values()] == ["loose rock"]


def test_its_photos_are_asked_for_until_they_are_there(world, unknown):
    again = after_his_pin_was_forgotten(world, unknown)
    brings(again, unknown.seal(1, 2))
    assert again.exchange()["missing_blobs"] == [PHOTO]
    with world.writing() as session:
        session.execute(host.blob.insert().values(name=PHOTO))
    assert again.exchange()["missing_blobs"] == []


def test_brought_twice_or_by_a_third_enrolment_it_waits_once(world, unknown):
    again = after_his_pin_was_forgotten(world, unknown)
    assert brings(again, unknown.seal(1, 1)) == [["quarantined"]]
    assert brings(again, unknown.seal(1, 2), unknown.seal(2, 2)) == [["quarantined"] * 2, ["quarantined"]]
    third = after_his_pin_was_forgotten(world, again)
    assert brings(third, unknown.seal(1, 2)) == [["quarantined", "quarantined"]]
    assert len(waiting(world)) == 2
    assert replayed(world) == ["applied", "applied"]
    assert brings(third, unknown.seal(1, 2)) == [["applied", "applied"]]


def handed_in(world, *segments):
    text = write([Segment(**segment) for segment in segments])
    return receive_bundle(world.sync, text, writing=world.writing)["receipts"]


def statuses(receipt):
    return [result["status"] for result in receipt["results"]]


def test_what_somebody_else_hands_in_of_it_waits_for_people_and_is_told_apart(world, unknown):
    [receipt] = handed_in(world, unknown.seal(1, 2))
    assert receipt_of(unknown, receipt) == ["quarantined", "quarantined"]
    assert [(each.user, each.problem["code"]) for each in waiting(world)] == [
        (world.driller, "mutation.author_unproven")
    ] * 2
    assert world.effects(unknown.outbox[1]) == 0
    colleague = world.phone(world.colleague, "site:4", handset=unknown.handset)
    assert brings(colleague, unknown.seal(1, 2)) == [["quarantined", "quarantined"]]
    assert len(waiting(world)) == 2
    with world.reading() as session:
        assert on_same_phones(session, [world.driller]) == {world.driller: {world.driller}}
    assert replayed(world) == ["applied", "applied"]


def test_what_somebody_else_handed_in_gives_way_to_the_same_from_its_author(world, unknown):
    handed_in(world, unknown.seal(1, 2))
    again = after_his_pin_was_forgotten(world, unknown)
    assert brings(again, unknown.seal(1, 2)) == [["quarantined", "quarantined"]]
    assert {each.problem["code"] for each in waiting(world)} == {"mutation.device_unknown"}
    unknown.device, unknown.last_seq = "", 0
    unknown.enrol().sync()
    assert waiting(world) == []
    assert [world.effects(unknown.outbox[seq]) for seq in (1, 2)] == [1, 1]


@pytest.mark.parametrize("signed", [True, False])
def test_words_put_into_his_mouth_keep_nothing_of_his_out(world, unknown, signed):
    true = dict(unknown.outbox)
    forger = Phone(world, unknown.handset, world.driller)
    forger.device, forger.sealing_key = unknown.device, unknown.sealing_key
    forger.links = {0: unknown.links[0]}
    forger.seq = 0
    for entry in true.values():
        forger.freeze(
            {name: value for name, value in entry.items() if name != "seq"} | {"args": {"text": "!"}}
        )
    if not signed:
        forger.outbox[2]["args"] = {"text": "?"}
    handed_in(world, forger.seal(1, 2))
    assert len(waiting(world)) == 2
    assert statuses(*handed_in(world, unknown.seal(1, 2))) == ["quarantined", "quarantined"]
    unknown.device, unknown.last_seq = "", 0
    unknown.enrol().sync()
    assert [world.effects(entry) for entry in true.values()] == [1, 1]
    assert {each.problem["code"] for each in waiting(world)} == {
        "mutation.author_unproven" if signed else "mutation.signature_invalid"
    }


def test_an_author_whom_nobody_knows_is_refused_and_the_phone_keeps_its_own(world, unknown):
    key = keys.b64u(keys.raw_public(unknown.signing.public_key()))
    author = {"user": world.new_id(), "signing_key": key, "after": unknown.links[0].hex()}
    segment = unknown.seal(1, 2, author=author)
    [receipt] = handed_in(world, segment)
    assert (receipt["problem"]["code"], receipt["results"]) == ("sync.device_unknown", [])
    assert waiting(world) == []


@pytest.mark.parametrize("limit", ["MOST_OF_AUTHOR", "MOST_OF_CARRIER"])
def test_no_more_is_set_aside_than_people_can_look_at(world, unknown, monkeypatch, limit):
    monkeypatch.setattr(strays, limit, 1)
    full, taken = handed_in(world, unknown.seal(1, 2), unknown.seal(1, 1))
    assert (full["problem"], full["results"]) == ({"code": "sync.strays_full", "params": {"max": 1}}, [])
    assert statuses(taken) == ["quarantined"]
    [again] = handed_in(world, unknown.seal(2, 2))
    assert again["problem"]["code"] == "sync.strays_full"
    with world.writing() as session:
        [one] = review.quarantine(session)
        review.discard(world.sync, session, one.pk, by=world.officer, reason="asked him")
    assert statuses(*handed_in(world, unknown.seal(2, 2))) == ["quarantined"]


def test_what_was_changed_after_it_was_signed_can_be_read_and_never_applied(world, unknown):
    unknown.outbox[2]["args"] = {"text": "all is well"}
    again = after_his_pin_was_forgotten(world, unknown)
    assert brings(again, unknown.seal(1, 2)) == [["quarantined", "quarantined"]]
    assert {each.problem["code"] for each in waiting(world)} == {"mutation.signature_invalid"}
    assert replayed(world) == ["quarantined", "quarantined"]


def test_the_same_work_that_comes_properly_after_all_takes_its_place(world, unknown):
    again = after_his_pin_was_forgotten(world, unknown)
    brings(again, unknown.seal(1, 2))
    unknown.device, unknown.last_seq = "", 0
    unknown.enrol().sync()
    assert waiting(world) == []
    assert [world.effects(unknown.outbox[seq]) for seq in (1, 2)] == [1, 1]


@pytest.fixture
def forked(world):
    """A phone that was set back: what it did since has numbers that the server knows with other work."""
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    opened(phone)
    phone.sync()
    phone.seq = 1
    opened(phone, title="after the fork")
    return phone


def test_work_behind_a_fork_waits_for_people_under_the_signature_of_its_enrolment(world, forked):
    again = after_his_pin_was_forgotten(world, forked)
    assert brings(again, forked.seal(2, 2)) == [["quarantined"]]
    [found] = waiting(world)
    assert (found.user, found.problem["code"]) == (world.driller, "mutation.device_forked")
    assert found.body["args"]["title"] == "after the fork"
    assert replayed(world) == ["applied"]


def test_a_fork_signed_with_another_key_than_its_enrolments_can_never_be_applied(world, forked):
    forked.signing = keys.private_key(12345)
    again = after_his_pin_was_forgotten(world, forked)
    assert brings(again, forked.seal(2, 2)) == [["quarantined"]]
    assert replayed(world) == ["quarantined"]


def test_a_phone_that_may_yet_issue_it_again_is_told_of_the_fork(world, forked):
    assert brings(forked, forked.seal(2, 2)) == ["sync.device_forked"]
    assert waiting(world) == []


def test_what_a_lost_phone_still_holds_under_a_forgotten_pin_arrives_and_waits(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    with world.writing() as session:
        revoke(world.sync, session, phone.device)
    answer = phone.exchange(phone.request(range(0), sealed=[phone.seal(1, 1)], pull=False), user=None)
    assert receipt_of(phone, answer["receipts"][0]) == ["quarantined"]
    assert [each.problem["code"] for each in waiting(world)] == ["mutation.device_revoked"]


def test_what_a_person_did_while_his_grant_held_counts_and_after_its_end_it_waits_though_sealed(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    phone.exchange(phone.request(range(0), sealed=[phone.seal(1, 1)], pull=False), user=None)
    world.withdraw(world.driller, "site:3")
    opened(phone)
    world.later(DAY)
    phone.exchange(phone.request(range(0), sealed=[phone.seal(2, 2)], pull=False), user=None)
    assert [phone.results[seq]["status"] for seq in (1, 2)] == ["applied", "quarantined"]


def test_the_segment_of_an_earlier_program_which_says_not_whose_it_is_is_refused_as_before(world, unknown):
    again = after_his_pin_was_forgotten(world, unknown)
    segment = unknown.seal(1, 2, author=None)
    assert brings(again, segment) == ["sync.device_unknown"]
