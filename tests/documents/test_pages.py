"""Where pages break: no seal without text, no heading alone, numbers of pages."""

import pytest

from backend.documents.blocks import Field, FieldRow, SealPlace, SignatureRow
from backend.documents.layout import FLUSH, HEIGHT, WIDTH
from backend.documents.pages import NewPage, paginate
from backend.documents.paragraph import ZhParagraph


def text(count, *, keep=False):
    """A paragraph of `count` lines."""
    return ZhParagraph("检" * (36 * count), FLUSH, keep=keep)


def seal():
    return SealPlace("演示县应急管理局", "2026年3月2日", keep=False)


def shape(pages):
    """Each page as the kinds of its blocks, a paragraph as its number of lines."""
    return [
        [len(b.lines(WIDTH)) if isinstance(b, ZhParagraph) else type(b).__name__ for b, _ in page]
        for page in pages
    ]


def test_what_fits_on_a_page_stays_on_it():
    assert shape(paginate([text(5), seal()], WIDTH, HEIGHT)) == [[5, "SealPlace"]]


def test_a_seal_that_does_not_fit_takes_the_last_two_lines_of_text_with_it():
    assert shape(paginate([text(1), text(20), seal()], WIDTH, HEIGHT)) == [[1, 18], [2, "SealPlace"]]


def test_a_short_last_paragraph_goes_with_the_seal_as_a_whole():
    assert shape(paginate([text(18), text(3), seal()], WIDTH, HEIGHT)) == [[18], [3, "SealPlace"]]


def test_signatures_move_together_with_the_text_before_them():
    rows = [SignatureRow("执法人员（签名）", "测试甲", "2026年3月2日") for _ in range(3)]
    assert shape(paginate([text(19), *rows, seal()], WIDTH, HEIGHT)) == [
        [17],
        [2, "SignatureRow", "SignatureRow", "SignatureRow", "SealPlace"],
    ]


@pytest.mark.parametrize("count", range(1, 70))
def test_no_page_carries_a_seal_without_text(count):
    rows = [SignatureRow("执法人员（签名）", "测试甲", "2026年3月2日") for _ in range(3)]
    for page in paginate([text(count), *rows, seal()], WIDTH, HEIGHT):
        assert any(block.is_text for block, _ in page)


@pytest.mark.parametrize("count", range(1, 30))
def test_a_long_reason_for_refusing_is_never_on_a_page_without_text(count):
    reason = text(9)
    reason.is_text, reason.needs_text = False, True
    for page in paginate([text(count), reason, seal()], WIDTH, HEIGHT):
        assert any(block.is_text for block, _ in page)


@pytest.mark.parametrize("count", range(1, 70))
def test_no_page_begins_or_ends_with_one_line_of_a_longer_paragraph(count):
    for page in paginate([text(7), text(count), text(count), seal()], WIDTH, HEIGHT):
        for block, _ in page:
            if isinstance(block, ZhParagraph):
                assert len(block.lines(WIDTH)) >= min(2, count)


def test_a_heading_never_stands_alone_at_the_foot_of_a_page():
    assert shape(paginate([text(21), text(1, keep=True), text(4)], WIDTH, HEIGHT)) == [[21], [1, 4]]


def test_a_page_is_begun_where_it_is_asked_for():
    assert shape(paginate([text(2), NewPage(), text(3)], WIDTH, HEIGHT)) == [[2], [3]]


def test_nothing_stands_below_the_type_area():
    for page in paginate([text(9) for _ in range(20)], WIDTH, HEIGHT):
        block, top = page[-1]
        assert top + block.tall(WIDTH) <= HEIGHT + 0.01


def test_a_block_taller_than_a_page_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="does not fit a page"):
        paginate([SealPlace("演示县应急管理局", "2026年3月2日", keep=False)], WIDTH, 50)


def test_fields_that_do_not_fit_beside_each_other_take_rows_of_their_own():
    short = FieldRow(
        [Field("法定代表人", "测试甲"), Field("职务", "矿长"), Field("联系电话", "0530-0000000")]
    )
    long = FieldRow(
        [
            Field("法定代表人", "测试甲"),
            Field("职务", "党委书记、董事长兼矿长、总工程师"),
            Field("联系电话", "0530-0000000"),
        ]
    )
    assert short.tall(WIDTH) == 28
    assert long.tall(WIDTH) == 56


def test_an_empty_field_still_has_its_rule():
    assert FieldRow([Field("联系电话", None)]).tall(WIDTH) == 28
