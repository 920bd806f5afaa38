"""Work that is locked away arrives all the same: sealed, by the next user of the phone, by a colleague, by a stick."""

import pytest

from sync import bundle, envelope, keys, sealing, vault
from sync.exchange import receive_bundle
from sync.problems import Malformed
from sync.vectors.wire import key
from tests.sync.test_push import opened
from tests.sync.world import DAY, MINUTE


def receipt_of(phone, receipt):
    assert keys.verify(phone.receipt_key, envelope.receipt_message(receipt), receipt["sig"])
    return [result["status"] for result in receipt["results"]]


def test_a_locked_phone_sends_what_it_sealed_and_gets_a_signed_receipt(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    note = phone.do("sheet.note@1", sheet, {"text": "locked"})
    answer = phone.exchange(phone.request(range(0), sealed=[phone.seal(1, 2)], pull=False), user=None)
    assert receipt_of(phone, answer["receipts"][0]) == ["applied", "applied"]
    assert [r["status"] for r in answer["results"]] == ["applied", "applied"]
    assert (answer["last_seq"], answer["live"], world.effects(note)) == (2, False, 1)


def test_two_persons_on_one_phone_do_not_wait_for_each_other(world):
    first = world.phone(world.driller, "site:3")
    second = world.phone(world.colleague, "site:4", handset=first.handset)
    theirs, own = opened(first), opened(second, "site:4")
    segment = first.seal(1, 1)
    answer = second.exchange(second.request(sealed=[segment]))
    assert receipt_of(first, answer["receipts"][0]) == ["applied"]
    assert [r["seq"] for r in answer["results"]] == [1]
    assert list(second.rows()) == [own]
    first.exchange()
    assert (list(first.rows()), first.results[1]["status"]) == ([theirs], "duplicate")


def test_a_carrier_brings_it_and_learns_nothing(world):
    worker, carrier = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:4")
    opened(worker)
    refused = worker.do("sheet.refuse@1", worker.handset.new_id(), {"why": "secret"})
    segments = [worker.seal(2, 2), worker.seal(1, 1)]
    answer = carrier.exchange(carrier.request(sealed=segments))
    assert [receipt_of(worker, receipt) for receipt in answer["receipts"]] == [["quarantined"], ["applied"]]
    assert "secret" not in str(answer)
    assert "sheet.refused" not in str(answer)
    assert (answer["results"], answer["changes"]) == ([], [])
    worker.exchange()
    assert worker.status(refused) == "quarantined"


def test_a_bundle_and_the_network_together_never_double(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    notes = [phone.do("sheet.note@1", sheet, {"text": str(n)}) for n in range(3)]
    text = bundle.write([bundle.Segment(**phone.seal(1, 2)), bundle.Segment(**phone.seal(3, 4))])
    receipts = receive_bundle(world.sync, text, writing=world.writing)["receipts"]
    assert [receipt_of(phone, receipt) for receipt in receipts] == [["applied"] * 2, ["applied"] * 2]
    phone.exchange()
    again = receive_bundle(world.sync, text, writing=world.writing)["receipts"]
    assert [receipt_of(phone, receipt) for receipt in again] == [["applied"] * 2, ["applied"] * 2]
    assert [world.effects(note) for note in notes] == [1, 1, 1]
    assert {r["status"] for r in phone.results.values()} == {"duplicate"}
    with pytest.raises(Malformed):
        receive_bundle(world.sync, text[:-80], writing=world.writing)


def test_what_cannot_be_opened_is_not_acknowledged_and_blocks_nothing(world):
    phone, other = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    opened(phone)
    good, foreign = phone.seal(1, 1), phone.seal(1, 1)
    phone.sealing_key = {
        "id": "0" * 16,
        "public": keys.b64u(keys.raw_public(key("another server").public_key())),
    }
    foreign = phone.seal(1, 1)
    relabelled = good | {"device": other.device}
    unknown = good | {"device": phone.handset.new_id()}
    answer = other.exchange(other.request(sealed=[foreign, relabelled, unknown, good | {"last": 2}, good]))
    assert [r["problem"] and r["problem"]["code"] for r in answer["receipts"]] == [
        "sealed.unopenable"
    ] * 4 + [None]
    assert world.ends() == ["applied"]


@pytest.mark.parametrize(
    "contents",
    [
        {"v": 1}, {"v": 1, "mutations": [], "head_sig": "A" * 86}, {"v": 2, "mutations": [], "head_sig": "A" * 86},
        {"v": 1, "mutations": [{"seq": 2, "void": "0" * 64}], "head_sig": "A" * 86}, [],
        {"v": 1, "mutations": [{"seq": 1, "n": 1e400}], "head_sig": "A" * 86},
    ],
)  # fmt: skip
def test_a_box_with_nonsense_in_it_is_answered_as_malformed(world, contents):
    phone = world.phone(world.driller, "site:3")
    recipient = keys.from_b64u(phone.sealing_key["public"])
    aad = sealing.associated(phone.device, 1, 1)
    box = sealing.seal(recipient, phone.handset.key(), sealing.pack(contents), aad)
    answer = phone.exchange(
        phone.request(sealed=[{"device": phone.device, "first": 1, "last": 1, "box": box}])
    )
    assert answer["receipts"][0]["problem"]["code"] == "sealed.malformed"
    assert (answer["receipts"][0]["results"], world.ends()) == ([], [])


def test_a_key_once_handed_out_opens_for_ever(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    segment = phone.seal(1, 1)
    world.later(DAY)
    with world.writing() as session:
        fresh = vault.rotate(world.sync, session, vault.SEALING)
    answer = phone.exchange(phone.request(range(0), sealed=[segment]))
    assert answer["results"][0]["status"] == "applied"
    assert answer["sealing_key"] == vault.described(fresh.id, fresh.public)
    phone.sealing_key = answer["sealing_key"]
    opened(phone)
    again = phone.exchange(phone.request(range(0), sealed=[phone.seal(2, 2)]))
    assert (again["results"][0]["status"], again["sealing_key"]) == ("applied", None)


def test_a_fork_in_a_carried_segment_is_told_in_its_receipt_only(world):
    worker, carrier = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    opened(worker)
    worker.sync()
    worker.seq = 0
    opened(worker, title="another past")
    mine = opened(carrier)
    answer = carrier.exchange(carrier.request(sealed=[worker.seal(1, 1)]))
    assert answer["receipts"][0]["problem"]["code"] == "sync.device_forked"
    assert carrier.status(carrier.outbox[1]) == "applied"
    assert mine in carrier.rows()


def test_the_time_of_carried_work_is_told_by_the_phone_it_was_done_on(world):
    worker, carrier = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    worker.handset.wall_error_ms = 20 * MINUTE
    worker.exchange()
    worker.handset.restart()
    world.later(MINUTE)
    note = worker.do("sheet.open@2", worker.handset.new_id(), {"scope": "site:3", "title": "A"})
    world.later(DAY)
    carrier.exchange(carrier.request(sealed=[worker.seal(1, 1)]))
    assert world.captured(note) == "2026-03-02T00:01:00+00:00"
