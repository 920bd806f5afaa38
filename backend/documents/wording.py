"""How documents write dates, times, numerals and lists of item numbers in Chinese (GB/T 15835-2011)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

_DIGITS = "〇一二三四五六七八九"
_STEPS = ((1000, "千"), (100, "百"), (10, "十"))


def zh_date(day: date) -> str:
    """2026年3月2日: Arabic digits without leading zeros, as GB/T 9704-2012 asks for the date of a document."""
    return f"{day.year}年{day.month}月{day.day}日"


def zh_time(moment: datetime) -> str:
    """9时05分, on the clock of the moment's own offset: what the officer's watch said."""
    return f"{moment.hour}时{moment.minute:02}分"


def zh_datetime(moment: datetime) -> str:
    """2026年3月2日9时05分."""
    return zh_date(moment) + zh_time(moment)


def zh_period(start: datetime, end: datetime) -> str:
    """2026年3月2日9时05分至11时40分; the date is repeated only when the day changes."""
    return f"{zh_datetime(start)}至{zh_time(end) if start.date() == end.date() else zh_datetime(end)}"


def ranges(numbers: Iterable[int]) -> str:
    """1至3、5 for 1, 2, 3, 5. Two neighbours stay apart (1、2): a range of two saves nothing."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}至{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs]
    return "、".join(parts)


def zh_number(number: int) -> str:
    """一百零二 for 102, as in 一式二份. Raises ValueError outside 0..9999."""
    if not 0 <= number <= 9999:
        raise ValueError(f"{number} is not between 0 and 9999")
    if number == 0:
        return "零"
    written, skipped = "", False
    for step, name in _STEPS:
        digit, number = divmod(number, step)
        if digit:
            written += ("零" if skipped and written else "") + _DIGITS[digit] + name
            skipped = False
        else:
            skipped = bool(written)
    if number:
        written += ("零" if skipped else "") + _DIGITS[number]
    return written.removeprefix("一") if written.startswith("一十") else written


def supplementary(title: str) -> str:
    """现场检查记录（补充）: the title of a paper that adds to an earlier record."""
    return f"{title}（补充）"


def zh_copies(count: int) -> str:
    """一式两份: two copies are 两, never 二."""
    return f"一式{'两' if count == 2 else zh_number(count)}份"
