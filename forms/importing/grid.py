"""A workbook as the importer sees it, whatever program wrote it: sheets of cells that are not empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from forms.importing.reading import Spot
from forms.values import show

Trouble = Literal["formula_without_value", "formula_error"]
At = tuple[int, int]  # row, column, both from 1


@dataclass(frozen=True, slots=True)
class Cell:
    """text: as a person reads it. is_date: Excel keeps it as a date."""

    text: str
    is_date: bool = False
    trouble: Trouble | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: row → column → cell, in order, only what is not empty. anchors: cells that a merged range covers → its
    top left. fills: RRGGBB of plain fills.
    """

    name: str
    rows: Mapping[int, Mapping[int, Cell]]
    anchors: Mapping[At, At] = field(default_factory=dict)
    fills: Mapping[At, str] = field(default_factory=dict)
    hidden: bool = False

    def at(self, row: int, column: int) -> Cell | None:
        """The cell, or the one whose merged range covers it."""
        row, column = self.anchor(row, column)
        return self.rows.get(row, {}).get(column)

    def text(self, row: int, column: int) -> str:
        cell = self.at(row, column)
        return cell.text if cell else ""

    def anchor(self, row: int, column: int) -> At:
        return self.anchors.get((row, column), (row, column))

    def fill(self, row: int, column: int) -> str | None:
        return self.fills.get(self.anchor(row, column))

    def spot(self, row: int, column: int) -> Spot:
        row, column = self.anchor(row, column)
        return Spot(self.name, row, letters(column))

    def spots(self) -> Iterator[Spot]:
        for row, cells in self.rows.items():
            for column in cells:
                yield Spot(self.name, row, letters(column))


@dataclass(frozen=True, slots=True)
class Workbook:
    """notes: codes of remarks that hold for the whole file (macros not run, pictures not carried …)."""

    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()


def make_sheet(
    name: str,
    cells: Mapping[At, Cell],
    merged: list[tuple[int, int, int, int]],
    fills: Mapping[At, str] | None = None,
    hidden: bool = False,
) -> Sheet:
    """merged: ranges as first row, first column, last row, last column."""
    rows: dict[int, dict[int, Cell]] = {}
    for row, column in sorted(cells):
        rows.setdefault(row, {})[column] = cells[row, column]
    last_row, last_column = max(rows, default=0), max((at[1] for at in cells), default=0)
    anchors = {
        (row, column): (top, left)
        for top, left, bottom, right in merged
        for row in range(top, min(bottom, last_row + 1) + 1)
        for column in range(left, min(right, last_column + 1) + 1)
        if (row, column) != (top, left)
    }
    return Sheet(name, rows, anchors, fills or {}, hidden)


def cell(value: object, number_format: str = "General", comment: str | None = None) -> Cell | None:
    """A cell from a value as a library reads it, or None where it is empty."""
    if isinstance(value, str) and value.startswith("#") and value.rstrip("!?") in _ERRORS:
        return Cell(value, trouble="formula_error", comment=comment)
    text, is_date = _text(value, number_format)
    return Cell(text, is_date, None, comment) if text or comment else None


_ERRORS = {"#REF", "#N/A", "#NAME", "#VALUE", "#DIV/0", "#NULL", "#NUM"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ud800-\udfff]")


def _text(value: object, number_format: str) -> tuple[str, bool]:
    match value:
        case None:
            return "", False
        case bool():
            return ("TRUE" if value else "FALSE"), False
        case int() | float():
            return _number(float(value), number_format), False
        case datetime():
            midnight = value.time() == time(0)
            return (value.date().isoformat() if midnight else value.isoformat(" ", "minutes")), True
        case date() | time():
            return value.isoformat(), True
        case timedelta():
            return str(value), True
    # openpyxl writes characters that XML cannot carry as _x000D_.
    text = str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text).strip(" \t\n\u00a0\u3000"), False


def _number(number: float, number_format: str) -> str:
    if number != number or abs(number) == float("inf"):
        return str(number)
    if number_format.rstrip().endswith("%"):
        return f"{show(round(number * 100, 10))}%"
    return show(round(number, 10))


def letters(column: int) -> str:
    """3 → "C", 28 → "AB"."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
