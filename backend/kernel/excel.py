"""A table as an Excel file that people go on working with: typed cells, local times, and no formula from outside.

A cell whose text begins like a formula is written as text and marked as quoted, so that neither opening the file nor
saving it as CSV and opening that makes a spreadsheet run it (OWASP: CSV injection).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from backend.kernel.clock import ZONE
from backend.kernel.problems import Problem

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BODY = {"type": "string", "format": "binary"}
MOST_ROWS = 20_000
MOST_LETTERS = 32_767  # of one cell, by the file format
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

TOO_LONG = Problem(
    422,
    "table.too_long",
    "导出超过 {most} 行，请缩小筛选范围后再导出。",
    "More than {most} rows; narrow the filter and export again.",
)

Row = TypeVar("Row")
Value = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Column(Generic[Row]):
    """title: the head of the column.  width: in characters; a Chinese one takes two."""

    title: str
    width: int
    value: Callable[[Row], Value]


def file(name: str, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> dict[str, Any]:
    """The table as an answer: what `flask.Response` takes. RFC 5987 for the Chinese name, ASCII for the rest."""
    as_name = f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    return {
        "response": workbook(name, columns, rows),
        "content_type": TYPE,
        "headers": {"Content-Disposition": as_name},
    }


def workbook(name: str, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> bytes:
    """The rows as a sheet with a fixed head and filters. Raises TOO_LONG (422) past 20,000 rows."""
    found = list(islice(rows, MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise TOO_LONG(most=f"{MOST_ROWS:,}")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_head(sheet, column.title) for column in columns])
    for row in found:
        sheet.append([_cell(sheet, column.value(row)) for column in columns])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(found) + 1}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _head(sheet: Any, title: str) -> Cell:
    cell = WriteOnlyCell(sheet, title)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E3E8EE")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(sheet: Any, value: Value) -> Cell:
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value.astimezone(ZONE).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, str):
        cell = WriteOnlyCell(sheet)
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST_LETTERS]
        cell.data_type = "s"  # openpyxl takes "=…" for a formula unless told otherwise
        cell.quotePrefix = value.startswith(BEGINS_A_FORMULA)
        cell.alignment = Alignment(vertical="top", wrap_text=len(value) > 20)
    else:
        cell = WriteOnlyCell(sheet, value)
    return cell
