"""Requests of every wrong form: refused as a problem with place and reason, or taken; never an error of ours."""

import contextlib
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import parse
from sync.problems import Malformed, SyncProblem, TooLarge, VersionUnsupported
from sync.vectors.wire import BOOT, signed_request
from tests.sync.test_push import opened

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def packed(request):
    return gzip.compress(json.dumps(request).encode())


def test_too_many_mutations_are_refused_with_the_limit(world):
    phone = world.phone(world.driller, "site:3")
    for _ in range(1001):
        phone.do("sheet.note@1", phone.device, {"text": ""})
    with pytest.raises(TooLarge) as refused:
        phone.exchange(phone.request(range(1, 1002)))
    assert refused.value.params == {"limit": "entries", "max": 1000}
    answer = phone.exchange(phone.request(range(1, 1001)))
    assert (len(answer["results"]), answer["last_seq"]) == (1000, 1000)


def test_a_body_beyond_the_limits_is_refused_before_it_is_read():
    with pytest.raises(TooLarge) as refused:
        parse.exchange(b" " * (256 * 1024 + 1), gzipped=False)
    assert refused.value.params["limit"] == "bytes"
    with pytest.raises(TooLarge) as refused:
        parse.exchange(gzip.compress(b" " * (2 * 1024 * 1024 + 1)), gzipped=True)
    assert refused.value.params["limit"] == "inflated"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"[1]", b"null", b'{"v":NaN}', b"[" * 50_000, b'{"v":1' + b"0" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_refused(body):
    for found, gzipped in ((body, False), (gzip.compress(body), True)):
        with pytest.raises((Malformed, VersionUnsupported)):
            parse.exchange(found, gzipped=gzipped)


def test_a_body_may_come_without_gzip(world):
    phone = world.phone(world.driller, "site:3")
    opened(phone)
    assert world.send(json.dumps(phone.request()).encode(), None, gzipped=False)["last_seq"] == 1


def test_another_version_of_the_envelope_is_told_which_are_spoken():
    with pytest.raises(VersionUnsupported) as refused:
        parse.exchange(packed(signed_request(v=2)), gzipped=True)
    assert refused.value.params == {"supported": [1]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"mutations": [{"id": 1}]}, "mutations/0"), ({"mutations": [{"seq": 0}]}, "mutations/0"),
        ({"mutations": [{"seq": True}]}, "mutations/0"), ({"mutations": [{"seq": 2**53}]}, "mutations/0"),
        ({"mutations": [{"seq": 1}, {"seq": 3}]}, "mutations/1"), ({"mutations": [1]}, "mutations/0"),
        ({"mutations": [{"seq": 1, "void": "0" * 63}]}, "mutations/0"),
        ({"mutations": [{"seq": 1, "void": "0" * 64, "id": 1}]}, "mutations/0"),
        ({"sealed": [{"device": 1}]}, "sealed/0/device"), ({"sealed": [None]}, "sealed/0"),
        ({"ask": [0]}, "exchange/ask"), ({"head_sig": "short"}, "exchange/head_sig"), ({"auth": None}, "exchange/auth"),
        ({"boot": BOOT.replace("-7", "-4", 1)}, "exchange/boot"), ({"cursor": "x" * 70_000}, "exchange/cursor"),
        ({"pull": 1}, "exchange/pull"), ({"mono_ms": 1.5}, "exchange/mono_ms"), ({"client": "矿"}, "exchange/client"),
        ({"key": ""}, "exchange/key"), ({"sent_at": "now"}, "exchange/sent_at"),
    ],
)  # fmt: skip
def test_a_request_of_the_wrong_form_is_refused_with_the_place(change, place):
    with pytest.raises(Malformed) as refused:
        parse.exchange(packed(signed_request() | change), gzipped=True)
    assert refused.value.params["at"] == place


def test_mutations_of_the_wrong_form_are_set_aside_alone(world):
    wrong = [
        {"id": None}, {"id": []}, {"op": "x"}, {"op": "A.b@1"}, {"op": "sheet.note@0"}, {"op": "sheet.note@1 "},
        {"op": {"a": 1}}, {"entity": "x"}, {"entity": []}, {"base": [1]}, {"base": [1, -1]}, {"base": "x"},
        {"args": []}, {"args": {"text": "NUL \0"}}, {"args": {"\0": ""}}, {"hlc": "x"}, {"wall": "2026-02-30T00:00"},
        {"mono_ms": None}, {"boot": 7}, {"deps": "x"}, {"deps": [1]}, {"blobs": ["sha1:00"]}, {"void_": 1},
        {"blobs": ["sha256:" + "0" * 64] * 501},
    ]  # fmt: skip
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    for change in wrong:
        phone.do("sheet.note@1", sheet, {"text": "bad"}, **change)
    phone.do("sheet.note@1", sheet, {"text": "good"})
    first, *middle, last = phone.exchange()["results"]
    assert (first["status"], last["status"], phone.rows()[sheet]["note"]) == ("applied", "applied", "good")
    places = [(result["problem"]["code"], result["problem"]["params"]["at"]) for result in middle]
    assert places == [("mutation.malformed", next(iter(change))) for change in wrong]


def test_arguments_nested_too_deep_are_set_aside_and_deeper_ones_refused(world):
    phone = world.phone(world.driller, "site:3")
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    phone.do("sheet.note@1", phone.handset.new_id(), {"text": deep})
    assert phone.exchange()["results"][0]["problem"] == {
        "code": "mutation.malformed",
        "params": {"at": "args"},
    }
    body = json.dumps(phone.request(range(0))).replace(
        '"ask": []', '"ask": [], "x": ' + "[" * 5000 + "]" * 5000
    )
    with pytest.raises(Malformed):
        world.send(body.encode(), None, gzipped=False)


def test_a_lone_surrogate_becomes_the_replacement_character_and_nothing_stops(world):
    phone = world.phone(world.driller, "site:3")
    sheet = phone.handset.new_id()
    phone.do("sheet.open@2", sheet, {"scope": "site:3", "title": "half \ud83d of 😀"})
    phone.sync()
    assert phone.rows()[sheet]["title"] == "half \ufffd of 😀"


@settings(deadline=None, max_examples=400)
@given(JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(("v", *parse._EXCHANGE), JSON)), st.booleans())
def test_no_json_whatever_is_anything_but_a_request_or_a_problem(value, almost):
    if almost and isinstance(value, dict):
        value = signed_request() | value
    body = json.dumps(value).encode()
    for found, gzipped in ((body, False), (gzip.compress(body), True), (gzip.compress(body)[:-3], True)):
        with contextlib.suppress(SyncProblem):
            assert parse.exchange(found, gzipped=gzipped).raw == json.loads(body)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*parse._MUTATION, "extra"]), JSON, max_size=4)
        .map(lambda change: {name: value for name, value in change.items() if name != "seq"}),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_whatever_is_wrong_with_mutations_each_comes_to_its_end(world, changes):
    phone = world.phone(world.driller)
    for change in changes:
        try:
            phone.do("sheet.note@1", phone.handset.new_id(), {"text": ""}, **change)
        except ValueError:  # a number that is no double cannot be frozen
            return
    answer = phone.exchange()
    assert [result["seq"] for result in answer["results"]] == list(range(1, len(changes) + 1))
    assert answer["last_seq"] == len(changes)
    assert {result["status"] for result in answer["results"]} <= {"quarantined", "held", "duplicate"}
