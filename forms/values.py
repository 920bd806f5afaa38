"""Readings as the engine understands them, the same to the last bit in pwa/src/forms/values.ts.

Numbers are IEEE 754 doubles, printed as ECMAScript prints them (RFC 8785 3.2.2.3). Days are counted in the form's time
zone. Every function here is total: what cannot be read is None.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import rfc8785

TIME_ZONE = "Asia/Shanghai"
BIGGEST = 1e15  # no definition needs a larger number, and all integers below are exact
_DAY = r"((?:19|20|21)[0-9]{2})-([0-9]{2})-([0-9]{2})"
_DATE = re.compile(_DAY)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_INSTANT = re.compile(
    _DAY
    + r"T([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?(?:Z|([+-])([01][0-9]):([0-5][0-9]))"
)
# What ECMAScript's trim() takes for white space; Python's own set differs (U+001C..1F, U+0085, U+FEFF).
_BLANK = re.compile(r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*")


def as_number(value: object) -> float | None:
    """A finite double, or None: neither booleans nor words nor numbers beyond 1.8e308 are readings."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def show(number: float) -> str:
    """The number as the phone prints it: 24.0 → "24", 1e21 → "1e+21"."""
    return rfc8785.dumps(float(number)).decode()


def rounded(number: float, decimals: int) -> float:
    """Rounded half up to `decimals` places (0..6), by the same operations on doubles as the phone's."""
    scale = 10.0**decimals
    scaled = number * scale
    return math.floor(scaled + 0.5) / scale if abs(scaled) < 2**52 else number


def is_blank(text: str) -> bool:
    return _BLANK.fullmatch(text) is not None


def as_date(value: object) -> date | None:
    """A day "YYYY-MM-DD" of the years 1900 to 2199, or None."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return _day(found) if found else None


def as_time(value: object) -> str | None:
    """A time of day "HH:MM", or None."""
    return value if isinstance(value, str) and _TIME.fullmatch(value) else None


def as_instant(value: object) -> datetime | None:
    """An aware moment from an aware datetime or an ISO 8601 text with an offset, or None. Kept to the millisecond."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None and 1900 <= value.year <= 2199 else None
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return None
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:  # a thirtieth of February
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def local_day(moment: datetime, time_zone: str = TIME_ZONE) -> date:
    """The calendar day of an aware moment at the mine."""
    return moment.astimezone(_zone(time_zone)).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder's name, or not a name at all
        return ZoneInfo(TIME_ZONE)


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
