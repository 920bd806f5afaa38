"""The written envelope: the files that both languages run are what the generator makes, and hold."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ec import ECDH
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import bundle, clock, digest, envelope, hlc, keys, parse, sealing
from sync.canonical import canonical, sha256
from sync.ids import is_uuid7, uuid7
from sync.merge import Edit, Stamp, merge
from sync.problems import Malformed
from sync.vectors import generate, wire
from sync.vectors.client import apply_answer

VECTORS = Path(generate.__file__).parent


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", generate.FILES)
def test_a_vector_file_is_what_the_generator_makes(name):
    assert (VECTORS / f"{name}.json").read_text("utf-8") == generate.text(name)


def test_no_vector_file_is_without_its_generator():
    assert {path.stem for path in VECTORS.glob("*.json")} == set(generate.FILES)


def test_an_id_carries_its_time_and_nothing_else_is_an_id():
    for case in load("ids")["uuid7"]:
        assert uuid7(case["ms"], bytes.fromhex(case["random"])) == case["id"]
        assert is_uuid7(case["id"])
        assert int(case["id"].replace("-", "")[:12], 16) == case["ms"]
    assert not any(map(is_uuid7, load("ids")["invalid_uuid7"]))


def test_base64url_and_points_are_read_in_one_form_only():
    ids = load("ids")
    for case in ids["base64url"]:
        assert keys.from_b64u(case["text"]).hex() == case["hex"]
    for text in ids["invalid_base64url"]:
        with pytest.raises(ValueError):
            keys.from_b64u(text)
    for text in ids["invalid_public_keys"]:
        with pytest.raises(ValueError):
            keys.public_key(keys.from_b64u(text))


def test_every_reading_of_the_hybrid_clock_agrees_with_the_file():
    cases = load("hlc")
    for case in cases["send"]:
        assert str(hlc.send(hlc.parse(case["last"]), case["now_ms"])) == case["next"] >= case["last"]
    for case in cases["receive"]:
        after, suspect = hlc.receive(hlc.parse(case["last"]), hlc.parse(case["remote"]), case["now_ms"])
        assert (str(after), suspect) == (case["next"], case["suspect"])
        assert str(after) > case["last"]
    assert not any(map(hlc.is_hlc, cases["invalid"]))


@settings(deadline=None)
@given(
    st.integers(0, 2**48 - 2), st.integers(0, 2**16 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1)
)
def test_no_remote_clock_however_wrong_throws_or_drags_ours_beyond_five_minutes(ms, counter, remote_ms, now):
    last = hlc.Hlc(min(ms, now), counter, 7)
    after, _ = hlc.receive(last, hlc.Hlc(remote_ms, counter, 9), now)
    assert after.ms <= max(last.ms, now + hlc.MAX_DRIFT_MS) + 1
    assert str(after) > str(last) or last.ms == 2**48 - 1


def test_a_device_time_is_read_in_one_form_only():
    for text in load("clock")["invalid"]:
        with pytest.raises(ValueError):
            clock.parse_wall(text)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)  # fmt: skip
def test_the_fast_canonical_form_is_that_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_a_chain_is_bound_to_its_device_and_signed_by_the_person_only():
    case = load("chain")
    raw = keys.from_b64u(case["signing_key"])
    link = bytes.fromhex(case["link_40"])
    for entry in case["mutations"]:
        assert sha256(entry["canonical"].encode()).hex() == entry["hash"]
        preimage = link + entry["mutation"]["seq"].to_bytes(8, "big") + bytes.fromhex(entry["hash"])
        link = sha256(preimage)
        assert link.hex() == entry["link"]
    assert case["void"]["links"][-1] == link.hex()
    assert keys.verify(raw, b"kuangjian/head/1\n" + link, case["head_sig"])
    assert not any(keys.verify(raw, envelope.head_message(link), bad) for bad in case["bad_head_sigs"])


def test_a_box_opens_for_the_server_and_not_with_one_bit_changed():
    case = load("sealed")
    server = wire.key(wire.SERVER)
    aad = bytes.fromhex(case["aad"])
    assert sealing.addressed_to(case["box"]) == case["server_key"]["id"]
    segment = json.loads(gzip.decompress(sealing.open_box(server, case["box"], aad)))
    assert segment == case["segment"]
    authored = sealing.open_box(server, case["authored"]["box"], aad)
    assert parse.segment(authored, 41, 43) == case["authored"]["segment"]
    assert len(server.exchange(ECDH(), wire.key("ephemeral").public_key())) == 32
    for bad in case["bad"]:
        with pytest.raises(ValueError):
            if sealing.addressed_to(bad["box"]) != case["server_key"]["id"]:
                raise ValueError("another key")
            sealing.open_box(server, bad["box"], sealing.associated(bad["device"], bad["first"], bad["last"]))


WHOLE = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize(
    "data", [b"", b"{}", WHOLE[:-1], WHOLE + b"x"], ids=["empty", "plain", "cut", "more"]
)
def test_a_body_that_is_not_one_whole_gzip_member_is_refused(data):
    with pytest.raises(ValueError):
        sealing.inflate(data)


def test_a_bomb_is_not_inflated_beyond_the_limit():
    assert len(sealing.inflate(gzip.compress(bytes(1000)), limit=1000)) == 1000
    with pytest.raises(OverflowError):
        sealing.inflate(gzip.compress(bytes(1001)), limit=1000)


def test_a_request_cannot_be_altered_under_its_signature():
    case = load("exchange")
    raw = keys.from_b64u(case["transport_key"])
    for entry in case["requests"]:
        request = entry["request"]
        assert sha256(entry["skeleton"].encode()).hex() == entry["message"][-64:]
        assert keys.verify(raw, envelope.exchange_message(request, wire.frozen(request)), request["auth"])
    for request in case["tampered"]:
        assert not keys.verify(raw, envelope.exchange_message(request, wire.frozen(request)), request["auth"])
    receipt, certificate = case["receipt"], case["certificate"]
    server = keys.from_b64u(case["receipt_key"])
    assert keys.verify(server, envelope.receipt_message(receipt), receipt["sig"])
    assert keys.verify(server, envelope.certificate_message(certificate), certificate["sig"])


def test_an_enrolment_proves_both_keys():
    request = load("enrolment")["request"]
    for which in ("transport", "signing"):
        raw = keys.from_b64u(request[f"{which}_key"])
        assert keys.verify(raw, envelope.enrol_message(request), request["proof"][which])


def test_a_bundle_that_was_cut_or_changed_is_refused():
    case = load("bundle")
    for text in [case["text"], *case["also_good"]]:
        assert [part._asdict() for part in bundle.read(text)] == case["segments"]
    assert bundle.read(case["empty"]) == []
    for text in case["bad"]:
        with pytest.raises(Malformed):
            bundle.read(text)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**128 - 1), max_size=20))
def test_a_scope_added_up_in_limbs_has_the_digest_of_its_rows(digests):
    sums = [sum(part) for part in zip(*map(digest.limbs, digests), strict=True)] or [0, 0, 0, 0]
    assert digest.from_limbs(sums) == digest.total(digests)


def test_answers_leave_on_the_phone_what_the_file_says():
    for story in load("changes")["stories"]:
        held: dict[tuple[str, str], Any] = {}
        stale: set[tuple[str, str]] = set()
        for step in story["steps"]:
            apply_answer(held, stale, step["answer"])
            assert sorted([*key, row["scope"], row["ver"]] for key, row in held.items()) == step["rows"], (
                story["why"]
            )


def test_every_merge_rule_keeps_both_values_where_people_must_decide():
    for case in load("merge")["cases"]:
        stamp = Stamp(**case["stamp"]) if case["stamp"] else None
        edit = Edit(**case["edit"])
        merged = merge(case["rule"], case["now"], case["incoming"], stamp, edit)
        assert json.loads(json.dumps(merged._asdict())) == case["merged"], case["why"]
        if merged.status == "conflict" and merged.reason == "both_changed":
            assert sorted(map(repr, (merged.value, merged.lost))) == sorted(
                map(repr, (case["now"], case["incoming"]))
            )
