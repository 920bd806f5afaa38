"""Hybrid logical clock: 48-bit milliseconds, 16-bit counter, 32-bit node, as 24 lower-case hex digits.

Text order is time order. It breaks ties and is shown in audits; it never decides a legally relevant field.
Drift never throws: a time too far ahead is clamped and said to be suspect.
Source: Kulkarni et al., Logical Physical Clocks, 2014.
"""

import re
from typing import NamedTuple

MAX_DRIFT_MS = 300_000
_TEXT = re.compile(r"[0-9a-f]{24}\Z")
_LAST_MS = 2**48 - 1
_LAST_COUNTER = 0xFFFF


class Hlc(NamedTuple):
    """A moment: ms since 1970 UTC, a counter within it, the node that counted."""

    ms: int
    counter: int
    node: int

    def __str__(self) -> str:
        return f"{self.ms:012x}{self.counter:04x}{self.node:08x}"


def is_hlc(value: object) -> bool:
    """Whether value is the text of a clock reading."""
    return isinstance(value, str) and _TEXT.match(value) is not None


def parse(text: str) -> Hlc:
    """The reading of a text; raises ValueError when it is not 24 lower-case hex digits."""
    if not is_hlc(text):
        raise ValueError("an HLC is 24 lower-case hex digits")
    return Hlc(int(text[:12], 16), int(text[12:16], 16), int(text[16:], 16))


def send(last: Hlc, now_ms: int) -> Hlc:
    """The next reading for something that happens here; last.node is this node."""
    if now_ms > last.ms:
        return Hlc(min(now_ms, _LAST_MS), 0, last.node)
    return _after(last.ms, last.counter, last.node)


def receive(last: Hlc, remote: Hlc, now_ms: int) -> tuple[Hlc, bool]:
    """The next reading here after hearing of a remote one, and whether the remote was suspect."""
    heard, suspect = clamp(remote, now_ms)
    if now_ms > last.ms and now_ms > heard.ms:
        return Hlc(min(now_ms, _LAST_MS), 0, last.node), suspect
    if heard.ms > last.ms:
        return _after(heard.ms, heard.counter, last.node), suspect
    if heard.ms == last.ms:
        return _after(last.ms, max(last.counter, heard.counter), last.node), suspect
    return _after(last.ms, last.counter, last.node), suspect


def clamp(remote: Hlc, now_ms: int) -> tuple[Hlc, bool]:
    """A reading no further ahead than now + 5 min, and whether it had to be pulled back."""
    if remote.ms <= now_ms + MAX_DRIFT_MS:
        return remote, False
    return Hlc(min(now_ms + MAX_DRIFT_MS, _LAST_MS), remote.counter, remote.node), True


def _after(ms: int, counter: int, node: int) -> Hlc:
    if counter < _LAST_COUNTER:
        return Hlc(ms, counter + 1, node)
    return Hlc(ms + 1, 0, node) if ms < _LAST_MS else Hlc(ms, counter, node)
