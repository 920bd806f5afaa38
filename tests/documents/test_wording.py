"""How dates, numerals and lists of numbers read."""

from datetime import date, datetime, timedelta, timezone

import pytest

from backend.documents.parts import Basis
from backend.documents.wording import ranges, zh_copies, zh_date, zh_datetime, zh_number, zh_period

BEIJING = timezone(timedelta(hours=8))


def test_a_date_is_written_without_leading_zeros():
    assert zh_date(date(2026, 3, 2)) == "2026年3月2日"
    assert zh_date(date(2026, 12, 31)) == "2026年12月31日"


def test_a_time_is_written_to_the_minute_on_the_clock_of_its_own_offset():
    assert zh_datetime(datetime(2026, 3, 2, 9, 5, tzinfo=BEIJING)) == "2026年3月2日9时05分"
    assert (
        zh_datetime(datetime(2026, 3, 2, 1, 5, tzinfo=timezone(timedelta(hours=6)))) == "2026年3月2日1时05分"
    )


def test_a_period_repeats_the_date_only_when_the_day_changes():
    start = datetime(2026, 3, 2, 22, 0, tzinfo=BEIJING)
    assert zh_period(start, start + timedelta(hours=1)) == "2026年3月2日22时00分至23时00分"
    assert zh_period(start, start + timedelta(hours=3)) == "2026年3月2日22时00分至2026年3月3日1时00分"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ([1, 2, 3, 5], "1至3、5"),
        ([4], "4"),
        ([1, 2], "1、2"),
        ([5, 3, 1, 2, 2], "1至3、5"),
        ([1, 3, 5, 6, 7, 8, 12], "1、3、5至8、12"),
        ([], ""),
    ],
)
def test_item_numbers_are_joined_to_ranges_of_three_and_more(numbers, written):
    assert ranges(numbers) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (102, "一百零二"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1111, "一千一百一十一"),
        (9999, "九千九百九十九"),
    ],
)
def test_numerals_are_written_as_they_are_read(number, written):
    assert zh_number(number) == written


def test_a_numeral_out_of_range_is_refused():
    with pytest.raises(ValueError, match="10000"):
        zh_number(10000)


def test_two_copies_are_liang_not_er():
    assert zh_copies(2) == "一式两份"
    assert zh_copies(3) == "一式三份"


@pytest.mark.parametrize(
    ("clause", "cited"),
    [
        ("6.3.1.12", "GB 16423-2020 第6.3.1.12条"),
        ("6.1.4.1、6.3.1.12", "GB 16423-2020 第6.1.4.1、6.3.1.12条"),
        ("6.6.3.1~6.6.3.3", "GB 16423-2020 第6.6.3.1~6.6.3.3条"),
        ("6.6.1.1 表4", "GB 16423-2020 第6.6.1.1条表4"),
        ("6.3（放矿与筑坝）", "GB 16423-2020 第6.3条（放矿与筑坝）"),
        ("一（二十三）", "GB 16423-2020 一（二十三）"),
        ("第47项", "GB 16423-2020 第47项"),
        (None, "GB 16423-2020"),
    ],
)
def test_a_basis_never_runs_into_its_clause(clause: str | None, cited: str) -> None:
    assert Basis(code="GB 16423-2020", clause=clause, verified=True).cited() == cited
