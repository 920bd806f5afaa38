"""Which items of a list are due: a list shows what its post and place ask for since each item was last done.

When in doubt an item is due: an unknown start of shift, a last time in the future, a time that cannot be read. Twin of
pwa/src/forms/due.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from forms.definition import Definition, Item
from forms.values import TIME_ZONE, as_instant, local_day

# Wide on purpose: asking a winter item in a mild November costs a tap. A mine or its jurisdiction may set its own.
WINTER = frozenset({11, 12, 1, 2, 3})


@dataclass(frozen=True, slots=True)
class Situation:
    """now: aware, pinned when the list is opened. shift_started: when the crew's shift began. happened: last time of
    each event by name, e.g. {"rain": …, "flood": …}; `after:rain` and `on:event` items wait for it.
    """

    now: datetime
    shift_started: datetime | None = None
    happened: Mapping[str, object] = field(default_factory=dict)
    winter: frozenset[int] = WINTER
    time_zone: str = TIME_ZONE


def due_items(
    definition: Definition, last_done: Mapping[str, object], situation: Situation
) -> tuple[str, ...]:
    """Ids of the items to be asked, in the list's order. last_done: aware datetime or ISO text by item id."""
    return tuple(item.id for item in definition.items() if is_due(item, last_done.get(item.id), situation))


def is_due(item: Item, last_done: object, situation: Situation) -> bool:
    """Is this item to be asked now, having last been done then (None: never)?"""
    today = local_day(situation.now, situation.time_zone)
    if item.season == "winter" and today.month not in situation.winter:
        return False
    last = as_instant(last_done)
    if last is not None and last > situation.now:
        last = None
    frequency = item.frequency
    if frequency is None:
        return True
    if ":" in frequency:
        event = as_instant(situation.happened.get(frequency.partition(":")[2]))
        return event is not None and (last is None or last < event)
    if last is None:
        return True
    if frequency == "shift":
        return situation.shift_started is None or last < situation.shift_started
    return _period(frequency, local_day(last, situation.time_zone)) != _period(frequency, today)


def is_remembered(item: Item) -> bool:
    """Does it matter to the shifts to come when this item was last done? What every shift asks anew is not kept."""
    return item.frequency not in (None, "shift")


def _period(frequency: str, day: date) -> tuple[int, ...]:
    """The calendar period that a day belongs to; weeks begin on Monday (ISO 8601)."""
    match frequency:
        case "week":
            return tuple(day.isocalendar()[:2])
        case "month":
            return (day.year, day.month)
        case "quarter":
            return (day.year, (day.month - 1) // 3)
        case "year":
            return (day.year,)
    return (day.toordinal(),)
