"""What the writers share."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

Json = Any
LONGEST_CELL = 32_000  # Excel's own limit is 32,767; openpyxl would cut silently


@dataclass(frozen=True, slots=True)
class NotCarried:
    """Something that the format cannot say. item: its id, or "" where it is of the whole list."""

    item: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Exported:
    data: bytes
    not_carried: tuple[NotCarried, ...] = ()


def words(text: Json, language: str = "zh") -> str:
    """A text in one language; "" where it has none."""
    return str(text.get(language, "")) if isinstance(text, dict) else str(text or "")


def chinese(data: Json) -> Json:
    """JSON with only the Chinese of every text: translations lie over a version, outside of it."""
    if isinstance(data, dict):
        if isinstance(data.get("zh"), str):
            return data["zh"]
        return {name: chinese(value) for name, value in data.items()}
    return [chinese(value) for value in data] if isinstance(data, list) else data


def compact(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def write(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Words, never a formula: a cell that begins with "=" would be one."""
    cell = sheet.cell(row=row, column=column)
    assert isinstance(cell, Cell)  # noqa: S101  merged cells are made after they are written
    cell.value = text
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text[:1] in "=+-@"
    return cell


def sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "清单"
