"""Time as a value that is handed in, so that a test can stand at midnight and a job can be due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# The wall clock at the mines: where a day begins and ends, and what a printed time means.
ZONE = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """The day at the mines in which a moment falls."""
    return at.astimezone(ZONE).date()


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved: for tests and for making the demo's history."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def to(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass(frozen=True)
class Captured:
    """The three times of an act: what the phone said, what it was once corrected, when the server had it.

    Only `corrected` decides anything; all three are kept and shown. At a desk they are one.
    """

    corrected: datetime
    received: datetime
    device: datetime | None = None

    @classmethod
    def at_desk(cls, now: datetime) -> Captured:
        return cls(corrected=now, received=now)
