"""What can be told of a file that somebody drops on the public page."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.documents.render import render
from backend.documents.verify import describe
from tests.documents.papers import order


@pytest.fixture(scope="module")
def paper():
    return render("rectify_order", order(), assets={})


def test_our_document_tells_its_kind_number_state_and_hash(paper):
    told = describe(paper.pdf)
    assert told.ours
    assert told.sha256 == paper.sha256 == hashlib.sha256(paper.pdf).hexdigest()
    assert (told.kind, told.number, told.state) == ("rectify_order", "（演示）应急责改〔2026〕12号", "issued")
    assert (told.data_hash, told.pack) == (paper.data_hash, paper.pack)
    assert not told.appended
    assert told.original_sha256 == paper.sha256


def test_a_draft_has_no_number(paper):
    told = describe(render("rectify_order", order(state="draft", number=None), assets={}).pdf)
    assert told.ours
    assert (told.number, told.state) == (None, "draft")


def test_bytes_appended_after_the_end_are_told_and_the_original_is_still_known(paper):
    for more in (b"x", b"\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n", paper.pdf):
        told = describe(paper.pdf + more)
        assert told.appended
        assert told.sha256 != paper.sha256
        assert told.original_sha256 == paper.sha256


def test_a_changed_byte_changes_the_hash_and_nothing_else_is_promised(paper):
    changed = bytearray(paper.pdf)
    changed[len(changed) // 2] ^= 1
    assert describe(bytes(changed)).sha256 != paper.sha256


def test_a_number_with_special_characters_is_read_back_as_it_was_written():
    number = "（演示）<责改>〔2026〕&12号"
    assert describe(render("rectify_order", order(number=number), assets={}).pdf).number == number


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4\n", b"%%EOF", b"\xff\xd8\xff", "责令".encode()])
def test_a_file_that_is_not_ours_is_said_not_to_be(data):
    told = describe(data)
    assert not told.ours
    assert (told.kind, told.number, told.data_hash, told.original_sha256) == (None, None, None, None)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_truncation_or_damage_makes_it_fail(paper, drawn):
    start, end = sorted(drawn.draw(st.tuples(*[st.integers(0, len(paper.pdf))] * 2)))
    noise = drawn.draw(st.binary(max_size=64))
    told = describe(paper.pdf[:start] + noise + paper.pdf[end:])
    assert told.sha256 == hashlib.sha256(paper.pdf[:start] + noise + paper.pdf[end:]).hexdigest()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_described(data):
    assert not describe(data).ours
