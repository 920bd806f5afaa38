"""XLSForm → a list. pyxform reads the sheets (names, nesting, translations); what its survey holds is mapped here.

Every row handed to pyxform carries its number in a column of our own, so that whatever becomes of it is told at its
cell. Errors of pyxform itself name their row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyxform import aliases, constants
from pyxform.errors import PyXFormError
from pyxform.parsing.sheet_headers import process_header
from pyxform.question import MultipleChoiceQuestion, Option
from pyxform.survey import Survey
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData

from forms.importing.grid import Sheet, Workbook, letters
from forms.importing.ledger import Ledger
from forms.importing.lists import Made
from forms.importing.phrases import table
from forms.importing.questions import ROW
from forms.importing.reading import NOT_CARRIED_SHEET, Spot
from forms.importing.survey import SurveyReader
from forms.importing.translations import protected

Json = Any
EXPRESSIONS = ("bind/relevant", "bind/constraint", "bind/calculate", "bind/required", "control/jr:count")
_SHEETS = ("survey", "choices", "settings", "external_choices", "osm", "entities")


def is_xlsform(book: Workbook) -> bool:
    """Is there a survey sheet?"""
    return any(_known(sheet, book) == "survey" for sheet in book.sheets)


def _known(sheet: Sheet, book: Workbook) -> str:
    """Which sheet of XLSForm it is, or "". A single sheet of any name is a survey where its headings are."""
    name = sheet.name.strip().lower()
    if not sheet.rows:
        return ""
    heads = {re.split(":", cell.text.strip().lower())[0] for cell in next(iter(sheet.rows.values())).values()}
    if name == "survey" or (len(book.sheets) == 1 and {"type", "name"} <= heads):
        return "survey" if "type" in heads and heads & {"name", "label", "calculation", "caption"} else ""
    return name if name in _SHEETS else ""


@dataclass(slots=True)
class Form:
    """The sheets of an XLSForm with their headings. columns: pyxform's tokens joined by "/" → column number."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)

    def spot(self, sheet: str, row: int, tokens: str) -> Spot:
        """The cell of a field; the row where the field has no column."""
        column = self.columns.get(sheet, {}).get(tokens)
        name = self.sheets[sheet].name if sheet in self.sheets else sheet
        return Spot(name, row, letters(column) if column else "")

    def text(self, sheet: str, row: int, tokens: str) -> str:
        column = self.columns.get(sheet, {}).get(tokens)
        return self.sheets[sheet].text(row, column) if column else ""

    def said(self, sheet: str, row: int) -> dict[str, Spot]:
        """The fields of a row that hold something → their cells."""
        cells = self.sheets[sheet].rows.get(row, {})
        found = {tokens: column for tokens, column in self.columns.get(sheet, {}).items() if column in cells}
        return {
            tokens: Spot(self.sheets[sheet].name, row, letters(column)) for tokens, column in found.items()
        }


def read(book: Workbook, name: str, kind: str | None, ledger: Ledger) -> list[Made]:
    """The list of an XLSForm workbook, or refusals in the ledger."""
    form, data = _sheets(book, ledger)
    if ledger.refusals:
        return []
    warnings: list[str] = []
    try:
        survey: dict[str, Json] = workbook_to_json(data, form_name="data", warnings=warnings)
    except PyXFormError as error:
        _refuse(form, error, ledger)
        return []
    except Exception as error:  # pyxform raises KeyError, TypeError … on forms that it did not foresee
        ledger.refuse(
            "xls_unreadable", [Spot(form.sheets["survey"].name)], why=f"{type(error).__name__}: {error}"[:200]
        )
        return []
    return SurveyReader(form, survey, name, kind, ledger).read()


def _sheets(book: Workbook, ledger: Ledger) -> tuple[Form, DefinitionData]:
    form = Form()
    data: dict[str, Json] = {
        "sheet_names": [sheet.name for sheet in book.sheets],
        "fallback_form_name": "data",
    }
    for sheet in book.sheets:
        known = _known(sheet, book)
        if not known:
            if sheet.name == NOT_CARRIED_SHEET:
                ledger.decorate(sheet.spots())
            elif sheet.rows:
                ledger.doubt("sheet_without_list", list(sheet.spots()), sheet=sheet.name)
            continue
        refused = table("xlsform")["sheets"].get(known)
        if refused and len(sheet.rows) > 1:
            ledger.refuse(refused, list(sheet.spots()))
        elif refused:
            ledger.decorate(sheet.spots())
        else:
            form.sheets[known] = sheet
            rows, heads = _rows(sheet, known, form, ledger)
            data[known], data[f"{known}_header"] = rows, [dict.fromkeys(heads)]
    return form, DefinitionData(**data)


def _rows(sheet: Sheet, known: str, form: Form, ledger: Ledger) -> tuple[list[dict[str, str]], list[str]]:
    """The rows as pyxform wants them: heading → text; row 2 of its messages is row 2 of the sheet."""
    first = next(iter(sheet.rows))
    heads = {
        column: re.sub(r" +", " ", cell.text.strip())
        for column, cell in sheet.rows[first].items()
        if cell.text
    }
    double = any("::" in head for head in heads.values())
    seen: set[str] = set()
    for column, head in heads.items():
        tokens = "/".join(_tokens(known, head, double))
        if head in seen:
            ledger.refuse("xls_two_columns", [sheet.spot(first, column)], heading=head)
        seen.add(head)
        form.columns.setdefault(known, {})[tokens] = column
        ledger.decorate([sheet.spot(first, column)])
    rows: list[dict[str, str]] = [{} for _ in range(2, first + 1)]
    for row in range(first + 1, max(sheet.rows) + 1):
        cells = sheet.rows.get(row, {})
        values = {
            heads[column]: _kept(cell.text, *_tokens(known, heads[column], double)[:2])
            for column, cell in cells.items()
            if column in heads and cell.text
        }
        for column, cell in cells.items():
            if cell.trouble:
                ledger.refuse(cell.trouble, [sheet.spot(row, column)], text=cell.text)
            elif cell.comment:
                ledger.doubt("comment_not_carried", [sheet.spot(row, column)], text=cell.comment[:60])
        rows.append({**values, ROW: str(row)} if values and known != "settings" else values)
    if known == "settings":
        rows = [row for row in rows if row][:1]
    return rows, [*heads.values(), *([ROW] if known != "settings" else [])]


def _kept(text: str, *tokens: str) -> str:
    """pyxform makes “ and ” straight, which is right in expressions and wrong in words."""
    return text if tokens[0] in ("type", "name") or "/".join(tokens) in EXPRESSIONS else protected(text)


def _tokens(known: str, head: str, double: bool) -> tuple[str, ...]:
    """Which field a heading names, by pyxform's own rules."""
    names: Mapping[str, tuple[Any, Any]] = {
        "survey": (aliases.survey_header, set(MultipleChoiceQuestion.get_slot_names())),
        "choices": (aliases.list_header, set(Option.get_slot_names())),
        "settings": (aliases.settings_header, set(Survey.get_slot_names())),
    }
    header_aliases, columns = names[known]
    found: tuple[str, ...] = process_header(head, double, header_aliases, columns)[1]
    return tuple(constants.LIST_NAME_S if token == constants.LIST_NAME_U else token for token in found)


def _refuse(form: Form, error: PyXFormError, ledger: Ledger) -> None:
    """pyxform's error at its cell: the row and often the sheet are in its words."""
    words = str(error)
    row = re.search(r"\[row : ([0-9]+)\]|row(?: number)? '?([0-9]+)", words)
    sheet = re.search(r"'(survey|choices|settings|entities)' sheet", words)
    column = re.search(
        r"'(type|name|label|list_name|calculation|relevant|constraint)' (?:column|value)", words
    )
    known = sheet[1] if sheet and sheet[1] in form.sheets else "survey"
    number = int(row[1] or row[2]) if row else 0
    tokens = "/".join(_tokens("survey", column[1], True)) if column else "name"
    spot = form.spot(known, number, tokens) if number else Spot(form.sheets[known].name)
    why = re.sub(r"^\[row : [0-9]+\]\s*", "", " ".join(words.split()))
    ledger.refuse("xls_broken_rule", [spot], why=why[:300])
