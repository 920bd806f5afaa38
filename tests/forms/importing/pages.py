"""Workbooks made by code: a page is rows and what was done to them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

Row = list[Any]


@dataclass(frozen=True)
class Page:
    """A sheet. merge: ranges. fills: cell → RRGGBB. touch: anything else that is done to it."""

    rows: list[Row]
    name: str = "Sheet1"
    merge: tuple[str, ...] = ()
    fills: dict[str, str] = field(default_factory=dict)
    hidden: bool = False
    touch: Callable[[Worksheet], None] = lambda sheet: None


@dataclass(frozen=True)
class Ugly:
    """items: by list. numbers: items with limits. refused: code → how many. doubts: the codes that must be raised."""

    name: str
    pages: tuple[Page, ...]
    items: tuple[int, ...]
    numbers: int = 0
    refused: tuple[str, ...] = ()
    doubts: frozenset[str] = frozenset()


def workbook(pages: tuple[Page, ...]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.name)
        for row in page.rows:
            sheet.append(row)
        for cells in page.merge:
            sheet.merge_cells(cells)
        for cell, colour in page.fills.items():
            sheet[cell].fill = PatternFill("solid", start_color=colour)
        if page.hidden:
            sheet.sheet_state = "hidden"
        page.touch(sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


HEAD = ["序号", "检查项目", "检查内容", "检查标准", "检查依据"]


def one(rows: list[Row], **rest: Any) -> tuple[Page, ...]:
    return (Page(rows, **rest),)
