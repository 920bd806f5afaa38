"""When a thing really happened, as far as a phone's clocks and ours can tell. All times in ms since 1970 UTC.

The wall clock proposes, the monotonic clock bounds: it stands still while a phone sleeps, so at least as much
time has passed as it counted, and it cannot be set by hand.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

SUSPECT_MS = 300_000
_WALL = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})([+-])(0\d|1[0-4]):([0-5]\d)\Z", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Meeting(NamedTuple):
    """A moment of one boot at which the server heard the phone's monotonic clock."""

    mono_ms: int
    server_ms: int


# The same text is read when it is checked, corrected and applied.
@lru_cache(maxsize=4096)
def parse_wall(text: str) -> datetime:
    """A device's time with its offset, `2026-03-02T10:15:30.123+08:00`; raises ValueError for any other form."""
    match = _WALL.match(text)
    if match is None:
        raise ValueError("a time is YYYY-MM-DDThh:mm:ss.mmm±hh:mm")
    *numbers, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second, ms = map(int, numbers)
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
    moment = datetime(year, month, day, hour, minute, second, ms * 1000, tzinfo=timezone(offset))
    if not 1970 < year < 9999:
        raise ValueError("a time lies between 1971 and 9998")
    return moment


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of a number of milliseconds."""
    return _EPOCH + ms * _MS


def utc_text(ms: int) -> str:
    """The server's form of a time: `2026-03-02T02:15:30.123Z`."""
    return from_ms(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def correct(
    wall_ms: int, offset_ms: int, mono_ms: int, meetings: Iterable[Meeting], received_ms: int
) -> tuple[int, bool]:
    """The corrected time of something a phone recorded, and whether its wall clock was more than 5 min off.

    offset_ms: server clock minus the phone's wall clock when they last met.
    meetings: those known of the boot in which it was recorded.
    """
    corrected = wall_ms + offset_ms
    earliest = latest = None
    for meeting in meetings:
        bound = meeting.server_ms + (mono_ms - meeting.mono_ms)
        if meeting.mono_ms < mono_ms:
            earliest = bound if earliest is None else max(earliest, bound)
        elif meeting.mono_ms > mono_ms:  # the same reading may be before or after: it bounds nothing
            latest = bound if latest is None else min(latest, bound)
    if latest is not None:
        corrected = min(corrected, latest)
    if earliest is not None:
        corrected = max(corrected, earliest)
    corrected = min(corrected, received_ms)
    return corrected, abs(corrected - wall_ms) > SUSPECT_MS
