"""How a list was filled, as far as its own data can tell: signals for people to look at.

A signal is never a rejection and never ranks anybody: it says one thing that a person can check, with the numbers. The
table below is the whole of it; where the lines are is a dated setting of the jurisdiction, and ours are only a start.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from math import asin, cos, radians, sin, sqrt
from typing import Any

from backend.kernel.clock import ZONE
from forms.limits import in_force
from forms.values import as_instant, as_number, show
from sync.canonical import canonical, sha256

Numbers = dict[str, Any]
Answers = Mapping[str, Any]

# name → our value. A jurisdiction sets its own, dated, under the same name; none of these was found in a source.
SETTINGS: Mapping[str, float] = {
    "signal.fast_seconds": 3,  # for an item, on average
    "signal.fast_items": 5,  # shorter lists say nothing
    "signal.alike_lists": 20,  # one after another, all the same
    "signal.same_readings": 3,  # readings, all those of the list before
    "signal.photo_bits": 5,  # of 64, in which two pictures of the same thing differ
    "signal.photo_days": 90,
    "signal.far_metres": 200,
    "signal.early_minutes": 60,  # before the shift
    "signal.late_minutes": 120,  # after it
    "signal.held_minutes": 480,  # from the first answer to the signature
}
VERIFIED = False
EARTH = 6_371_000  # metres


@dataclass(frozen=True)
class Spot:
    """A checkpoint; where it is, if that was entered."""

    id: str
    name: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Seen:
    """A photo of this list in another list of the mine. bits: of 64, in how many they differ; None: the same file."""

    item: str
    sha: str
    submission: str
    at: datetime
    bits: int | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of one list.

    earlier: what this person's lists on this version said (`said`), the newest first.  before: the answers of the
    newest of them, asked for only when there are readings to compare.
    on_paper: filled by hand and entered later. How long the entering took says nothing then; the paper's own time does,
    and its photograph is there for a person to compare.
    """

    answers: Answers
    opened_at: datetime
    signed_at: datetime
    shift: tuple[datetime, datetime] | None = None
    place: Spot | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    earlier: Sequence[str] = ()
    before: Callable[[], Answers] = dict
    seen: Sequence[Seen] = ()
    on_paper: bool = False

    @cached_property
    def times(self) -> list[datetime]:
        """Of the answers that say when they were given, in their order."""
        found = (as_instant(one.get("at")) for one in self.answers.values() if isinstance(one, Mapping))
        return sorted(at for at in found if at is not None)


@dataclass(frozen=True)
class Signal:
    """zh, en: the sentence; {names} are filled from the numbers."""

    zh: str
    en: str
    read: Callable[[Facts, Mapping[str, float]], Numbers | None]


def settings(parameters: Mapping[str, Any], on: date) -> dict[str, float]:
    """The settings of a jurisdiction on a day."""
    found = {name: in_force(parameters.get(name), on) for name in SETTINGS}
    return {name: SETTINGS[name] if value is None else value for name, value in found.items()}


def read(facts: Facts, lines: Mapping[str, float], codes: Collection[str] = ()) -> dict[str, Numbers]:
    """Code → numbers, of every signal that there is. codes: of these only, if any."""
    found = {code: SIGNALS[code].read(facts, lines) for code in codes or SIGNALS}
    return {code: numbers for code, numbers in found.items() if numbers is not None}


def say(code: str, numbers: Numbers, language: str) -> str:
    """The sentence of a signal."""
    words = SIGNALS[code].zh if language == "zh" else SIGNALS[code].en
    for name, value in numbers.items():
        number = as_number(value)
        words = words.replace("{" + name + "}", str(value) if number is None else show(number))
    return words


def _fast(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    times = facts.times
    if facts.on_paper or len(times) < lines["signal.fast_items"]:
        return None
    seconds = max(0.0, (times[-1] - min(times[0], facts.opened_at)).total_seconds())
    each = round(seconds / len(times), 1)
    least = lines["signal.fast_seconds"]
    if each >= least:
        return None
    return {"items": len(times), "seconds": round(seconds), "each": each, "least": least}


def _said(answers: Answers) -> dict[str, list[Any]]:
    return {
        key: [one.get("result"), one.get("value")] for key, one in answers.items() if isinstance(one, Mapping)
    }


def said(answers: Answers) -> str:
    """What a list says, whoever wrote it and when: equal for equal results and values, 32 hex digits."""
    return sha256(canonical(_said(answers))).hex()[:32]


def _alike(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    """So many lists in a row with the same answers to everything."""
    least, items = int(lines["signal.alike_lists"]), len(_said(facts.answers))
    if not items or len(facts.earlier) + 1 < least:
        return None
    mine = said(facts.answers)
    run = 1 + len(list(takewhile(lambda other: other == mine, facts.earlier)))
    return {"lists": run, "items": items, "least": least} if run >= least else None


def _same_readings(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    """Every reading is that of the list before: air, water and rope do not stand still."""
    readings = {
        key: value for key, (_, value) in _said(facts.answers).items() if as_number(value) is not None
    }
    if len(readings) < lines["signal.same_readings"] or not facts.earlier:
        return None
    before = {key: value for key, (_, value) in _said(facts.before()).items()}
    alike = all(before.get(key) == value for key, value in readings.items())
    return {"readings": len(readings), "items": sorted(readings)} if alike else None


def _photos(found: Sequence[Seen]) -> Numbers | None:
    if not found:
        return None
    first = min(found, key=lambda one: (one.item, one.at))
    shown = [
        {
            "item": one.item,
            "sha": one.sha,
            "submission": one.submission,
            "at": one.at.isoformat(),
            "bits": one.bits,
        }
        for one in found
    ]
    return {
        "count": len({one.sha for one in found}),
        "item": first.item,
        "at": _local(first.at),
        "bits": first.bits or 0,
        "photos": shown[:20],
    }


def _photo_again(facts: Facts, _: Mapping[str, float]) -> Numbers | None:
    return _photos([one for one in facts.seen if one.bits is None])


def _photo_similar(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    most = lines["signal.photo_bits"]
    return _photos([one for one in facts.seen if one.bits is not None and one.bits <= most])


def _elsewhere(facts: Facts, _: Mapping[str, float]) -> Numbers | None:
    """A checkpoint was scanned, and it was another one."""
    if facts.place is None:
        return None
    scanned = {
        key: one["place"]
        for key, one in facts.answers.items()
        if isinstance(one, Mapping) and one.get("place")
    }
    others = {key: place for key, place in scanned.items() if place != facts.place.id}
    if not others:
        return None
    item, place = min(others.items())
    return {
        "item": item,
        "scanned": facts.places.get(str(place), "?"),
        "place": facts.place.name,
        "count": len(others),
    }


def _far(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    """Where the phone was, against where the checkpoint is; the phone's own error is taken off."""
    place, most = facts.place, lines["signal.far_metres"]
    if place is None or place.latitude is None or place.longitude is None:
        return None
    found = []
    for key, one in facts.answers.items():
        at = position(one.get("geo")) if isinstance(one, Mapping) else None
        if at is not None:
            away = metres(at[0], at[1], place.latitude, place.longitude)
            if away - at[2] > most:
                found.append((round(away), key))
    if not found:
        return None
    away, item = max(found)
    return {"item": item, "metres": away, "place": place.name, "most": most, "count": len(found)}


def _out_of_shift(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    if facts.shift is None:
        return None
    begins, ends = facts.shift
    early, late = (timedelta(minutes=lines[f"signal.{name}_minutes"]) for name in ("early", "late"))
    outside = [at for at in facts.times if at < begins - early or at > ends + late]
    if not outside:
        return None
    return {
        "count": len(outside),
        "first": _local(outside[0]),
        "last": _local(outside[-1]),
        "begins": _local(begins),
        "ends": _local(ends),
    }


def _held(facts: Facts, lines: Mapping[str, float]) -> Numbers | None:
    times = facts.times
    most = lines["signal.held_minutes"]
    if facts.on_paper:
        return None
    minutes = round((facts.signed_at - times[0]).total_seconds() / 60) if times else 0
    if minutes <= most:
        return None
    return {"minutes": minutes, "first": _local(times[0]), "signed": _local(facts.signed_at), "most": most}


def position(written: object) -> tuple[float, float, float] | None:
    """Latitude, longitude, error in metres of a geo URI (RFC 5870): `geo:36.1,117.4;u=15`; None for anything else."""
    if not isinstance(written, str) or not written.startswith("geo:") or len(written) > 100:
        return None
    place, *rest = written[4:].split(";")
    parts = place.split(",")
    error = next((one[2:] for one in rest if one.startswith("u=")), "0")
    try:
        latitude, longitude, within = float(parts[0]), float(parts[1]), float(error)
    except (ValueError, IndexError):
        return None
    sane = -90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 <= within < 1e7
    return (latitude, longitude, within) if sane else None


def metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Along the ground, on a sphere (haversine)."""
    north, east = radians(other_latitude - latitude), radians(other_longitude - longitude)
    part = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(east / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, part)))


def _local(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%m-%d %H:%M")


SIGNALS: Mapping[str, Signal] = {
    "limits_differ": Signal(
        "{count} 项的限值与服务器按当日规定算出的不同：{items}。",
        "The limits of {count} items are not those that the server finds for that day: {items}.",
        lambda _facts, _lines: None,  # the engine's own word (forms.limits.differences)
    ),
    "fast": Signal(
        "{items} 项共用时 {seconds} 秒，平均每项 {each} 秒，不足 {least} 秒。",
        "{items} items took {seconds} s, {each} s each, fewer than {least}.",
        _fast,
    ),
    "all_alike": Signal(
        "连续 {lists} 份清单的 {items} 项答案完全相同。",
        "{lists} lists in a row have the same answers to all {items} items.",
        _alike,
    ),
    "same_readings": Signal(
        "{readings} 个读数与上一份清单完全相同。",
        "All {readings} readings are those of the list before.",
        _same_readings,
    ),
    "photo_again": Signal(
        "{count} 张照片在本矿其他清单中用过：“{item}”的照片见于 {at} 的清单。",
        "{count} photos were used in another list of this mine: that of “{item}” in a list of {at}.",
        _photo_again,
    ),
    "photo_similar": Signal(
        "{count} 张照片与本矿其他清单的照片极为相似：“{item}”的照片与 {at} 的一张相差 {bits}/64 位。",
        "{count} photos look like one of another list of this mine: that of “{item}” differs from one of {at} "
        "in {bits} of 64 bits.",
        _photo_similar,
    ),
    "elsewhere": Signal(
        "“{item}”扫的是“{scanned}”，清单的地点是“{place}”。",
        "“{item}” was scanned at “{scanned}”; the list is for “{place}”.",
        _elsewhere,
    ),
    "far": Signal(
        "填写“{item}”时距“{place}”约 {metres} 米，超过 {most} 米。",
        "“{item}” was answered about {metres} m from “{place}”, more than {most} m.",
        _far,
    ),
    "out_of_shift": Signal(
        "{count} 项在班次（{begins} 至 {ends}）之外填写，时间为 {first} 至 {last}。",
        "{count} items were answered outside the shift ({begins} to {ends}): from {first} to {last}.",
        _out_of_shift,
    ),
    "held": Signal(
        "首项填写于 {first}，签字于 {signed}，相隔 {minutes} 分钟，超过 {most} 分钟。",
        "First answered {first}, signed {signed}: {minutes} minutes between, more than {most}.",
        _held,
    ),
    "recalled": Signal(
        "所用清单版本已被召回：{reason}。",
        "The version of this list was recalled: {reason}.",
        lambda _facts, _lines: None,  # told by the version itself, whenever it is looked at
    ),
}
