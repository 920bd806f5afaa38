"""The values behind a filled list: its rows, what is relevant, what is calculated. Twin of pwa/src/forms/sheet.ts.

An answer in a repeated section is kept under "item@row". A row exists while any of its items has an answer that is not
null; rows stand in the order of their ids. What is not relevant is empty to every expression; its answer is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forms.definition import MOST_ROWS, Definition, Item, Section
from forms.expression.evaluate import Value, evaluate, holds
from forms.graph import dependencies, ordered
from forms.reading import value_of
from forms.values import rounded

_KEY = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})@([0-9a-z]{1,16})")


def split_key(key: str) -> tuple[str, str | None]:
    """The item and the row of an answer's key: "CO@3f" → ("CO", "3f"), "CO" → ("CO", None)."""
    found = _KEY.fullmatch(key)
    return (found[1], found[2]) if found else (key, None)


def join_key(item: str, row: str | None) -> str:
    return item if row is None else f"{item}@{row}"


def can_answer(definition: Definition, key: str) -> bool:
    """May an answer be kept under this key? It has a row where the item's section repeats, and only there."""
    item, row = split_key(key)
    return any(
        one.id == item
        and one.answer.type not in ("note", "calculated")
        and (row is not None) == bool(section.repeat)
        for section in definition.sections
        for one in section.items
    )


class Sheet:
    """values and relevance by key ("item" or "item@row"); relevance of a section by its id in `sections`."""

    def __init__(
        self, definition: Definition, answers: Mapping[object, object], now: datetime, time_zone: str
    ) -> None:
        self.definition, self.answers, self.now, self.time_zone = definition, answers, now, time_zone
        self.section_of = {item.id: section for section in definition.sections for item in section.items}
        self.rows = self._rows()
        self.sections: dict[str, bool] = {}
        self.relevant: dict[str, bool] = {}
        self.values: dict[str, Value] = {}
        self._find_all()

    def places(self) -> Iterator[tuple[str, Item, str | None]]:
        """Every place for an answer: key, item and row; row by row in the list's order."""
        for section in self.definition.sections:
            for row in self.rows_of(section):
                for item in section.items:
                    yield join_key(item.id, row), item, row

    def rows_of(self, section: Section) -> Sequence[str | None]:
        return self.rows[section.id] if section.repeat else (None,)

    def scope(self, section: Section, row: str | None, own: Value = None) -> View:
        return View(self, section.id, row, own)

    def _rows(self) -> dict[str, list[str]]:
        found: dict[str, set[str]] = {section.id: set() for section in self.definition.sections}
        for key, answer in self.answers.items():
            item, row = split_key(key) if isinstance(key, str) else ("", None)
            if row is not None and item in self.section_of and answer is not None:
                found[self.section_of[item].id].add(row)
        return {section: sorted(rows)[:MOST_ROWS] for section, rows in found.items()}

    def _find_all(self) -> None:
        sections = {section.id: section for section in self.definition.sections}
        items = {item.id: item for item in self.definition.items()}
        for unit in ordered(dependencies(self.definition))[0]:
            name = unit[2:]
            if unit.startswith("s:"):
                section = sections[name]
                self.sections[name] = section.relevant is None or holds(
                    section.relevant, self.scope(section, None)
                )
            else:
                for row in self.rows_of(self.section_of[name]):
                    self._find(items[name], row)

    def _find(self, item: Item, row: str | None) -> None:
        key, section = join_key(item.id, row), self.section_of[item.id]
        relevant = self.sections[section.id]
        if relevant and item.relevant is not None:
            relevant = holds(item.relevant, self.scope(section, row))
        self.relevant[key] = relevant
        self.values[key] = self._value(item, row) if relevant else None

    def _value(self, item: Item, row: str | None) -> Value:
        if item.answer.type != "calculated":
            return value_of(item, self.answers.get(join_key(item.id, row)))
        value = evaluate(item.answer.formula, self.scope(self.section_of[item.id], row))
        decimals = item.answer.decimals
        return rounded(value, decimals) + 0.0 if decimals is not None and isinstance(value, float) else value


@dataclass(frozen=True, slots=True)
class View:
    """What an expression sees from where it stands: a section, one of its rows, and its item's own value."""

    sheet: Sheet
    section: str
    row: str | None
    own: Value

    @property
    def now(self) -> datetime:
        return self.sheet.now

    @property
    def time_zone(self) -> str:
        return self.sheet.time_zone

    def item(self, name: str) -> Value:
        section = self.sheet.section_of.get(name)
        if section is None or (section.repeat and section.id != self.section):
            return None
        return self.sheet.values.get(join_key(name, self.row if section.repeat else None))

    def every(self, name: str) -> Sequence[Value] | None:
        section = self.sheet.section_of.get(name)
        if section is None or not section.repeat or section.id == self.section:
            return None
        return [self.sheet.values.get(join_key(name, row)) for row in self.sheet.rows[section.id]]

    def rows(self, name: str) -> int | None:
        section = next((one for one in self.sheet.definition.sections if one.id == name and one.repeat), None)
        if section is None:
            return None
        return len(self.sheet.rows[name]) if self.sheet.sections.get(name) else 0
