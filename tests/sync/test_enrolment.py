"""A phone and a person become a device, once; a lost phone gives nothing away and loses nobody's work."""

import json

import pytest

from sync import keys
from sync.clock import utc_text
from sync.enrol import enrol, of_user, revoke
from sync.envelope import certificate_message
from sync.problems import DeviceUnknown, KeyInUse, Malformed, ProofInvalid, UserMismatch, VersionUnsupported
from tests.sync.test_push import opened
from tests.sync.world import DAY


def test_an_enrolment_whose_answer_was_lost_is_answered_the_same_again(world):
    phone = world.phone(world.driller)
    again = world.enrol(phone.enrolment(replaces=None), world.driller)
    assert again["device"] == phone.device
    with world.reading() as session:
        assert len(of_user(session, world.driller)) == 1


def test_every_device_seals_to_the_same_key_and_has_its_own_number(world):
    first, second = world.phone(world.driller), world.phone(world.officer)
    assert first.sealing_key == second.sealing_key
    assert first.device != second.device


def test_nobody_enrols_for_somebody_else(world):
    phone = world.phone(world.driller)
    phone.transport = phone.handset.key()
    with pytest.raises(UserMismatch):
        world.enrol(phone.enrolment(), world.officer)


@pytest.mark.parametrize("which", ["transport", "signing"])
def test_a_key_that_the_phone_does_not_hold_is_not_enrolled(world, which):
    phone = world.phone(world.driller)
    phone.transport = phone.handset.key()
    request = phone.enrolment()
    other = keys.b64u(keys.raw_public(phone.handset.key().public_key()))
    with pytest.raises(ProofInvalid) as refused:
        world.enrol(request | {f"{which}_key": other}, world.driller)
    assert refused.value.params["key"] in ("transport", "signing")
    request["proof"][which] = request["proof"]["signing" if which == "transport" else "transport"]
    with pytest.raises(ProofInvalid):
        world.enrol(request, world.driller)


def test_a_transport_key_serves_one_enrolment_only(world):
    phone = world.phone(world.driller)
    phone.user = world.officer
    with pytest.raises(KeyInUse):
        world.enrol(phone.enrolment(replaces=None), world.officer)


def test_only_an_enrolment_of_ones_own_can_be_replaced(world):
    phone, other = world.phone(world.driller), world.phone(world.officer)
    phone.transport = phone.handset.key()
    with pytest.raises(DeviceUnknown):
        world.enrol(phone.enrolment(replaces=other.device), world.driller)


def test_a_lost_phone_gets_no_rows_and_what_it_sends_waits_for_people(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    phone.sync()
    with world.writing() as session:
        revoke(world.sync, session, phone.device)
    opened(phone)
    answer = phone.exchange()
    assert answer["results"][0]["problem"]["code"] == "mutation.device_revoked"
    assert (answer["live"], answer["changes"], answer["last_seq"]) == (False, [], 2)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"v": 2}, VersionUnsupported), ({"v": True}, VersionUnsupported), ({"phone": "x"}, Malformed),
        ({"transport_key": "AAAA"}, Malformed), ({"sent_at": "2026-03-02T00:00:00Z"}, Malformed),
        ({"client": ""}, Malformed), ({"proof": None}, Malformed), ({"mono_ms": -1}, Malformed),
        ({"x": [[[1e999]]]}, Malformed),
    ],
)  # fmt: skip
def test_an_enrolment_of_the_wrong_form_is_refused_with_the_place(world, change, problem):
    phone = world.phone(world.driller)
    body = json.dumps(phone.enrolment() | change).encode()
    with pytest.raises(problem), world.writing() as session:
        enrol(world.sync, session, body, world.driller)


def certified(world, phone, certificate):
    """Whether the server says that this signing key is this person's, now."""
    public = keys.b64u(keys.raw_public(phone.signing.public_key()))
    named = (certificate["user"], certificate["signing_key"]) == (phone.user, public)
    good = keys.verify(phone.receipt_key, certificate_message(certificate), certificate["sig"])
    return named and good and certificate["from"] <= utc_text(world.ms) < certificate["until"]


def test_a_phone_is_told_whose_its_signing_key_is_when_it_enrols_and_when_it_asks_again(world):
    phone = world.phone(world.driller)
    first = world.enrol(phone.enrolment(replaces=None), world.driller)["certificate"]
    assert certified(world, phone, first)
    world.later(40 * DAY)
    assert not certified(world, phone, first)
    assert phone.exchange()["certificate"] is None
    assert certified(world, phone, phone.exchange(phone.request(certify=True))["certificate"])


def test_nobody_is_certified_without_his_session_nor_on_a_lost_phone(world):
    phone = world.phone(world.driller)
    assert phone.exchange(phone.request(certify=True), user=None)["certificate"] is None
    with world.writing() as session:
        revoke(world.sync, session, phone.device)
    assert phone.exchange(phone.request(certify=True))["certificate"] is None
