"""What becomes of a field that two people changed: one rule per class of field, pure, a table.

A rule answers with the value to show now, the status, what lost, and why it is a conflict if it is one.
Nothing is merged behind a jurist's back: where the law hangs on the value, both are kept and a person resolves.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

GRAVITY: dict[str, Sequence[Any]] = {
    "answer": ("fail", "pass", "na"),
    "severity": ("major", "general"),
}


class Stamp(NamedTuple):
    """Who last changed a field: version it got (epoch, ver), the device and seq, the clock reading."""

    epoch: int
    ver: int
    device: str
    seq: int
    hlc: str


class Edit(NamedTuple):
    """An arriving change: the base it was made on ([epoch, ver] or None), its device, seq and clock reading."""

    base: tuple[int, int] | None
    device: str
    seq: int
    hlc: str


class Merged(NamedTuple):
    """value: what is shown from now on. status: applied | merged | conflict. lost: the value not shown."""

    value: Any
    status: str
    lost: Any = None
    reason: str | None = None


class Case(NamedTuple):
    """What a rule looks at: seen = the edit's author knew the present value; later = his clock reads later."""

    now: Any
    incoming: Any
    seen: bool
    later: bool


def knew(stamp: Stamp | None, edit: Edit) -> bool:
    """Whether the author of an edit knew the field as it is: by his base, or because he changed it himself."""
    if stamp is None:
        return True
    if stamp.device == edit.device and stamp.seq < edit.seq:
        return True
    return edit.base is not None and (stamp.epoch, stamp.ver) <= tuple(edit.base)


def merge(rule: str, now: Any, incoming: Any, stamp: Stamp | None, edit: Edit) -> Merged:
    """Applies a rule of RULES. stamp: of the field as it is now, None if never changed. Raises KeyError."""
    later = stamp is None or edit.hlc > stamp.hlc
    return RULES[rule](Case(now, incoming, knew(stamp, edit), later))


def _unless_seen(both_changed: Callable[[Case], Merged]) -> Callable[[Case], Merged]:
    def rule(case: Case) -> Merged:
        if case.seen or case.now == case.incoming:
            return Merged(case.incoming, "applied")
        return both_changed(case)

    return rule


def _later_wins(case: Case) -> Merged:
    if case.later:
        return Merged(case.incoming, "merged", lost=case.now)
    return Merged(case.now, "merged", lost=case.incoming)


def _conflict(case: Case, incoming_rules: bool = False) -> Merged:
    shown, lost = (case.incoming, case.now) if incoming_rules else (case.now, case.incoming)
    return Merged(shown, "conflict", lost=lost, reason="both_changed")


def _graver_answer(case: Case) -> Merged:
    if _says(case.now) == _says(case.incoming):
        return Merged(case.now, "merged", lost=case.incoming)
    grave = _rank("answer", case.incoming.get("result")) < _rank("answer", case.now.get("result"))
    return _conflict(case, incoming_rules=grave)


def _says(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says: who gave it and when is no difference between two people who found the same."""
    return {
        name: said for name, said in answer.items() if name not in ("by", "at") and said not in (None, "", [])
    }


def _graver_severity(case: Case) -> Merged:
    return _conflict(case, incoming_rules=_rank("severity", case.incoming) < _rank("severity", case.now))


def _earlier(case: Case) -> Merged:
    return _conflict(case, incoming_rules=case.now is None or (case.incoming or "~") < case.now)


def _move(case: Case) -> Merged:
    if case.now == case.incoming["to"]:
        return Merged(case.now, "merged")
    if case.seen and case.now == case.incoming["from"]:
        return Merged(case.incoming["to"], "applied")
    return Merged(case.now, "conflict", lost=case.incoming["to"], reason="moved_on")


def _append(case: Case) -> Merged:
    known = {entry["id"] for entry in case.now}
    fresh = [entry for entry in case.incoming if entry["id"] not in known]
    return Merged([*case.now, *fresh], "applied")


def _set(case: Case) -> Merged:
    kept = [member for member in case.now if member not in case.incoming["remove"]]
    return Merged(kept + [member for member in case.incoming["add"] if member not in kept], "applied")


def _counter(case: Case) -> Merged:
    return Merged(case.now + case.incoming, "applied")


def _frozen(case: Case) -> Merged:
    if case.now == case.incoming:
        return Merged(case.now, "applied")
    return Merged(case.now, "conflict", lost=case.incoming, reason="late_edit_after_signature")


def _delete(case: Case) -> Merged:
    if case.seen:
        return Merged(None, "applied")
    return Merged(case.now, "conflict", reason="deleted_against_edit")


def _fact(case: Case) -> Merged:
    return Merged(case.incoming, "applied")


def _rank(scale: str, value: Any) -> int:
    order = GRAVITY[scale]
    return order.index(value) if value in order else len(order)


RULES: dict[str, Callable[[Case], Merged]] = {
    "note": _unless_seen(_later_wins),
    "answer": _unless_seen(_graver_answer),
    "measured": _unless_seen(_conflict),
    "severity": _unless_seen(_graver_severity),
    "deadline": _unless_seen(_earlier),
    "person": _unless_seen(_conflict),
    "state": _move,
    "append": _append,
    "set": _set,
    "counter": _counter,
    "signed": _frozen,
    "delete": _delete,
    "paper": _fact,
}
