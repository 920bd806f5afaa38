"""Cases for hlc.py and clock.py."""

from typing import Any

from sync import clock, hlc
from sync.hlc import Hlc

NOW = clock.to_ms(clock.parse_wall("2026-03-02T10:15:30.123+08:00"))
HERE = 0x7F3A21BC


def hlc_cases() -> dict[str, Any]:
    """Text form, the send and receive rules, and clamping."""
    example = Hlc(0x0198F2A1B3C4, 3, HERE)
    sends = [
        (Hlc(0, 0, HERE), NOW),
        (Hlc(NOW, 0, HERE), NOW),
        (Hlc(NOW + 5000, 7, HERE), NOW),
        (Hlc(NOW, 0xFFFF, HERE), NOW),
        (Hlc(NOW, 0xFFFF, HERE), NOW + 1),
        (Hlc(2**48 - 1, 0xFFFF, HERE), NOW),
    ]
    receives = [
        (Hlc(0, 0, HERE), Hlc(NOW - 10, 4, 1), NOW),
        (Hlc(NOW + 3, 2, HERE), Hlc(NOW - 10, 4, 1), NOW),
        (Hlc(NOW, 2, HERE), Hlc(NOW + 9, 4, 1), NOW),
        (Hlc(NOW + 9, 2, HERE), Hlc(NOW + 9, 4, 1), NOW),
        (Hlc(NOW + 9, 6, HERE), Hlc(NOW + 9, 4, 1), NOW),
        (Hlc(NOW, 0, HERE), Hlc(NOW, 0, 1), NOW),
        (Hlc(NOW, 0, HERE), Hlc(NOW + 300_000, 1, 1), NOW),
        (Hlc(NOW, 0, HERE), Hlc(NOW + 300_001, 1, 1), NOW),
        (Hlc(NOW, 0, HERE), Hlc(2**48 - 1, 0xFFFF, 0xFFFFFFFF), NOW),
    ]
    return {
        "text": [{"ms": example.ms, "counter": 3, "node": HERE, "text": str(example)}],
        "invalid": ["", str(example).upper(), str(example)[:-1], str(example) + "0", "g" + str(example)[1:]],
        "send": [{"last": str(a), "now_ms": now, "next": str(hlc.send(a, now))} for a, now in sends],
        "receive": [_received(last, remote, now) for last, remote, now in receives],
        "clamp": [_clamped(remote, now) for _, remote, now in receives],
    }


def _received(last: Hlc, remote: Hlc, now: int) -> dict[str, Any]:
    after, suspect = hlc.receive(last, remote, now)
    return {"last": str(last), "remote": str(remote), "now_ms": now, "next": str(after), "suspect": suspect}


def _clamped(remote: Hlc, now: int) -> dict[str, Any]:
    clamped, suspect = hlc.clamp(remote, now)
    return {"remote": str(remote), "now_ms": now, "clamped": str(clamped), "suspect": suspect}


def clock_cases() -> dict[str, Any]:
    """The wall's text form, and the correction of capture times."""
    walls = [
        "2026-03-02T10:15:30.123+08:00",
        "2026-02-28T23:59:59.999-03:30",
        "2024-02-29T00:00:00.000+00:00",
    ]
    minute, hour = 60_000, 3_600_000
    cases = [
        ("a right clock, sent at once", NOW, 0, 1000, [(1500, NOW + 500)], NOW + 500),
        ("a right clock, no meeting in that boot", NOW, 0, 1000, [], NOW + hour),
        ("two minutes slow: corrected, not suspect", NOW - 2 * minute, 2 * minute, 0, [], NOW + hour),
        ("two hours fast: corrected and suspect", NOW + 2 * hour, -2 * hour, 0, [], NOW + hour),
        (
            "asleep for five hours: the counter stood still, the wall is right",
            NOW,
            0,
            1000,
            [(1000 + hour, NOW + 6 * hour)],
            NOW + 6 * hour,
        ),
        (
            "set back before sending: not later than the counter allows",
            NOW + 9 * hour,
            0,
            1000,
            [(1000 + hour, NOW + hour)],
            NOW + hour,
        ),
        (
            "set forward after an exchange: not earlier than the counter allows",
            NOW - 9 * hour,
            0,
            61_000,
            [(1000, NOW)],
            NOW + 2 * hour,
        ),
        (
            "between two meetings",
            NOW - 9 * hour,
            0,
            61_000,
            [(1000, NOW), (121_000, NOW + 3 * minute)],
            NOW + 3 * minute,
        ),
        (
            "asleep from the act to the meeting: the same reading bounds nothing",
            NOW,
            0,
            1000,
            [(1000, NOW + 5 * hour)],
            NOW + 5 * hour,
        ),
        ("never later than received", NOW + minute, 0, 1000, [], NOW),
    ]
    return {
        "wall": [{"text": w, "ms": clock.to_ms(clock.parse_wall(w))} for w in walls],
        "invalid": [
            "2026-03-02T10:15:30+08:00", "2026-03-02T10:15:30.123Z", "2026-03-02 10:15:30.123+08:00",
            "2026-02-30T10:15:30.123+08:00", "2026-03-02T24:00:00.000+08:00", "2026-03-02T10:15:30.123+15:00",
            "2026-03-02T10:15:30.123+0800", "0001-01-01T00:00:00.000+08:00", "",
        ],
        "correct": [_corrected(*case) for case in cases],
    }  # fmt: skip


def _corrected(
    why: str, wall: int, offset: int, mono: int, meetings: list[tuple[int, int]], received: int
) -> dict[str, Any]:
    corrected, suspect = clock.correct(wall, offset, mono, [clock.Meeting(*m) for m in meetings], received)
    return {
        "why": why, "wall_ms": wall, "offset_ms": offset, "mono_ms": mono, "meetings": meetings,
        "received_ms": received, "corrected_ms": corrected, "suspect": suspect,
    }  # fmt: skip
