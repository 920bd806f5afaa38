"""Reads lists from the files that safety officers have: Excel as they keep it, XLSForm, JSON. Pure: no database.

files.py   any bytes → a workbook, or what the file is and how to mend it     grid.py     a workbook without a program
tables.py  where on a sheet the lists are (headers.yaml)                      items.py    a row → an item
lists.py   a table → lists                                                    phrases.py  limits, frequencies, clauses
xlsform.py XLSForm, by pyxform; survey.py its groups, questions.py its rows   ledger.py   no cell is dropped unsaid
judge.py   forms.load's flaws, told at their cells                            reading.py  what comes back (remarks.yaml)
"""

from __future__ import annotations

from forms.importing import xlsform
from forms.importing.files import MOST_BYTES, open_workbook
from forms.importing.grid import Workbook
from forms.importing.judge import from_json, judged
from forms.importing.ledger import Ledger
from forms.importing.lists import ListMaker, Made, read_settings
from forms.importing.phrases import plain
from forms.importing.reading import (
    NOT_CARRIED_SHEET,
    SETTINGS_SHEET,
    Fate,
    ImportedList,
    Reading,
    Refused,
    Remark,
    Spot,
)
from forms.importing.tables import Table, find

__all__ = ["MOST_BYTES", "Fate", "ImportedList", "Reading", "Remark", "Spot", "read"]


def read(data: bytes, name: str, kind: str | None = None) -> Reading:
    """What lists a file holds, which readings of it a person must confirm, and what must be mended first.

    data: the file, at most MOST_BYTES. name: the file's name, for lists without a title. kind: of form/1, when the
    person says so; else it is inferred from each title. Never raises, whatever the bytes are.
    """
    try:
        return _read(data, name, kind)
    except Exception as error:  # the tests know of none; a person with a file gets words all the same
        return Reading(
            refusals=(Remark("unforeseen", params={"why": f"{type(error).__name__}: {error}"[:200]}),)
        )


def _read(data: bytes, name: str, kind: str | None) -> Reading:
    if len(data) <= MOST_BYTES and data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return from_json(data)
    try:
        book = open_workbook(data)
    except Refused as refused:
        return Reading(refusals=(refused.remark,))
    ledger = Ledger()
    for note in book.notes:
        ledger.doubt(note, [])
    made = (
        xlsform.read(book, name, kind, ledger)
        if xlsform.is_xlsform(book)
        else _lists(book, name, kind, ledger)
    )
    lists = tuple(
        ImportedList(one.data, one.origin, (), judged(one, number, ledger)) for number, one in enumerate(made)
    )
    if not lists and not ledger.refusals:
        ledger.refuse("no_list_found", [])
    fates = ledger.close(book, bool(lists))
    lists = tuple(
        ImportedList(one.data, one.origin, ledger.doubts(number), one.definition)
        for number, one in enumerate(lists)
    )
    return Reading(lists, tuple(ledger.refusals), ledger.doubts(None), fates)


def _lists(book: Workbook, name: str, kind: str | None, ledger: Ledger) -> list[Made]:
    settings = {}
    for sheet in book.sheets:
        if plain(sheet.name) == SETTINGS_SHEET:
            settings = read_settings(sheet.rows)
            ledger.decorate(sheet.spots())
    tables: list[Table] = []
    for sheet in book.sheets:
        if plain(sheet.name) == SETTINGS_SHEET or not sheet.rows:
            continue
        if plain(sheet.name) == NOT_CARRIED_SHEET:
            ledger.decorate(sheet.spots())
        elif sheet.hidden:
            ledger.doubt("sheet_hidden", list(sheet.spots()), sheet=sheet.name)
        else:
            found = find(sheet)
            tables += found
            if not found:
                ledger.doubt("sheet_without_list", list(sheet.spots()), sheet=sheet.name)
    maker = ListMaker(ledger, name, kind, settings)
    maker.make_all(tables)
    return maker.made
