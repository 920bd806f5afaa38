"""Limits as they stand for one mine on one day, pinned in the submission when the form is opened.

The phone resolves them to judge underground; the server resolves them again and flags a difference. Twin of
pwa/src/forms/limits.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forms.definition import CaseLimit, Definition, Item, JurisdictionRef, Limit, SiteRef
from forms.messages import Problem
from forms.values import as_date, as_number, rounded

Pinned = dict[str, Any]
"""{"bound", "value", "from": form|site|jurisdiction|default} · {"bound", "unknown": parameter} where nobody has set
the value · {"by": parameter, "cases": {id: [...]}} where the person must say which case it is."""
PinnedLimits = dict[str, list[Pinned]]


def resolve(
    definition: Definition, site: Mapping[str, object], jurisdiction: Mapping[str, object], on: date
) -> PinnedLimits:
    """The limits of every item that has any, for a mine on a day.

    site: the mine's design values and classes by key, e.g. {"alarm_level": 3.2, "mine_class": "building"}.
    jurisdiction: dated parameters by key, e.g. {"crew_max": [{"from": "2024-03-01", "value": 9}]}; "to" is inclusive.
    What is missing or is no number stays unknown: no limit, but the form says so and asks.
    """
    place = _Place(site, jurisdiction, on)
    return {item.id: place.pin_all(item) for item in definition.items() if item.answer.limits}


def differences(pinned: object, resolved: PinnedLimits) -> list[str]:
    """Items whose limits a submission pinned otherwise than the server finds them. `pinned` may be anything."""
    theirs = pinned if isinstance(pinned, dict) else {}
    return [item for item in resolved if theirs.get(item) != resolved[item]]


def in_force(entries: object, on: date) -> float | None:
    """The value of a dated parameter on a day: the latest that has begun and has not ended."""
    newest: tuple[date, float] | None = None
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict):
            continue
        begins, ends, value = (
            as_date(entry.get("from")),
            as_date(entry.get("to")),
            as_number(entry.get("value")),
        )
        if begins is None or value is None or begins > on or (ends is not None and ends < on):
            continue
        if newest is None or begins >= newest[0]:
            newest = (begins, value)
    return newest[1] if newest else None


def chosen(limits: object, case: object) -> list[Pinned]:
    """The bounds that hold for a case; a {"by"} whose case nobody has chosen is left standing.

    A phone sends its pinned limits with its answers, so they may be anything: what is no limit is an unknown one.
    """
    bounds: list[Pinned] = []
    for limit in _dicts(limits):
        cases = limit.get("cases")
        known = "by" in limit and isinstance(case, str) and isinstance(cases, dict) and case in cases
        bounds += _dicts(cases[case]) if known else [limit]  # type: ignore[index]
    return bounds


def _dicts(limits: object) -> list[Pinned]:
    return [limit if isinstance(limit, dict) else {} for limit in limits] if isinstance(limits, list) else []


def describe(item: Item, limits: list[Pinned], case: object = None) -> list[Problem]:
    """The item's limits for a person to read beside the field: "≤ 24 ppm"; what is unknown says so."""
    said = []
    for limit in chosen(limits, case):
        if "by" in limit:
            said.append(Problem("case_missing", {"parameter": limit["by"]}))
        elif "unknown" in limit:
            said.append(Problem("limit_unknown", {"parameter": limit["unknown"]}))
        else:
            said.append(
                Problem(f"limit_{limit['bound']}", {"limit": limit["value"], "unit": item.answer.unit or ""})
            )
    return said


class _Place:
    def __init__(self, site: Mapping[str, object], jurisdiction: Mapping[str, object], on: date) -> None:
        self.site, self.jurisdiction, self.on = site, jurisdiction, on

    def pin_all(self, item: Item) -> list[Pinned]:
        pinned: list[Pinned] = []
        for limit in item.answer.limits:
            pinned += self._cases(limit) if isinstance(limit, CaseLimit) else [self._pin(limit)]
        return pinned

    def _cases(self, limit: CaseLimit) -> list[Pinned]:
        cases = {case.id: [self._pin(bound) for bound in case.limits] for case in limit.cases}
        known = self.site.get(limit.param)
        if isinstance(known, str) and known in cases:
            return cases[known]
        return [{"by": limit.param, "cases": cases}]

    def _pin(self, limit: Limit) -> Pinned:
        match limit.value:
            case SiteRef(site_ref=key, times=times):
                value = as_number(self.site.get(key))
                # 0.01 × 2,900 people is 29 on paper and must be 29 here.
                scaled = None if value is None else as_number(rounded(value * times, 6))
                return _bound(limit, scaled, "site", key)
            case JurisdictionRef(jurisdiction_ref=key, default=default):
                value = in_force(self.jurisdiction.get(key), self.on)
                return _bound(
                    limit, *((value, "jurisdiction") if value is not None else (default, "default")), key
                )
            case float(number):
                return _bound(limit, number, "form", "")


def _bound(limit: Limit, value: float | None, source: str, key: str) -> Pinned:
    if value is None:
        return {"bound": limit.bound, "unknown": key}
    return {"bound": limit.bound, "value": value, "from": source}
