"""Any bytes → a workbook, or a refusal that says what the file is and how to mend it. By content, never by its name.

Limits are checked before anything is unpacked: bytes, unpacked bytes, cells.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from forms.importing import grid
from forms.importing.grid import Cell, Sheet, Workbook
from forms.importing.reading import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 150 * 1024 * 1024
MOST_CELLS = 300_000
MOST_ROWS = 20_000
MOST_COLUMNS = 300
MOST_SHEETS = 100
_MB = 1024 * 1024
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def open_workbook(data: bytes) -> Workbook:
    """Raises Refused for whatever is no readable table."""
    if not data.strip(b"\0\t\r\n "):
        raise Refused("file_empty")
    if len(data) > MOST_BYTES:
        raise Refused("file_too_big", most=MOST_BYTES // _MB)
    if data.startswith(b"PK"):
        return _zip(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(data)
    if data.startswith(b"%PDF"):
        raise Refused("file_is_pdf")
    if data.startswith(_PICTURES) or data[:4] == b"RIFF" or data[4:12] in (b"ftypheic", b"ftypmif1"):
        raise Refused("file_is_picture")
    if data.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Refused("file_is_archive")
    if re.match(rb"\s*(<\?xml|<html|<!DOCTYPE|<table)", data[:200], re.IGNORECASE):
        raise Refused("file_is_web_page")
    return _text(data)


def _zip(data: bytes) -> Workbook:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            notes = _check_archive(archive)
            if notes is None:
                # calamine unpacks by itself: make sure that no part is larger than it says.
                broken = archive.testzip()
                return _calamine(data, ()) if broken is None else _damaged(broken)
            return _xlsx(data, notes, _count_cells(archive))
    except Refused:
        raise
    except Exception as error:  # damaged in any of a hundred ways; each library has its own errors for it
        return _damaged(_short(error))


def _damaged(why: str) -> Workbook:
    raise Refused("file_damaged", why=why)


def _check_archive(archive: zipfile.ZipFile) -> tuple[str, ...] | None:
    """What is to be said of an .xlsx; None for .ods and .xlsb. Raises Refused for everything else that is zipped."""
    names = set(archive.namelist())
    _check_unpacked(archive)
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise Refused("file_encrypted")
    mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet") or "xl/workbook.bin" in names:
        return None
    if mimetype or any(name.startswith(("word/", "ppt/")) for name in names):
        raise Refused("file_is_document")
    if not any(name.startswith("xl/") for name in names):
        raise Refused("file_is_archive")
    macros, pictures = "xl/vbaProject.bin" in names, any(name.startswith("xl/media/") for name in names)
    return (*(["macros_not_run"] if macros else []), *(["pictures_not_carried"] if pictures else []))


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    """A zip says how large its parts will be; what lies is caught while counting cells, by reading no further."""
    total = sum(info.file_size for info in archive.infolist())
    if total > MOST_UNPACKED or len(archive.infolist()) > 5000:
        raise Refused("file_unpacks_too_big", mb=total // _MB, most=MOST_UNPACKED // _MB)


def _count_cells(archive: zipfile.ZipFile) -> bool:
    """Does any cell hold a formula? Raises Refused past MOST_CELLS, before a library builds them in memory."""
    count, formulas = 0, False
    for info in archive.infolist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename):
            continue
        with archive.open(info) as part:
            tail = b""
            while block := part.read(_MB):
                text = tail + block
                # A block may end inside a tag: the last bytes are looked at again, but counted once.
                count += len(re.findall(rb"<(?:\w+:)?c[ >/]", text)) - len(
                    re.findall(rb"<(?:\w+:)?c[ >/]", tail)
                )
                formulas = formulas or re.search(rb"<(?:\w+:)?f[ >/]", text) is not None
                tail = text[-12:]
                if count > MOST_CELLS:
                    raise Refused("too_many_cells", most=MOST_CELLS)
    return formulas


def _xlsx(data: bytes, notes: tuple[str, ...], formulas: bool) -> Workbook:
    """openpyxl knows colours, comments and formulas. Some programs write styles that it refuses to read; calamine
    reads those files without colours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that it does not know, which we do not need
            values = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
            written = openpyxl.load_workbook(io.BytesIO(data), keep_links=False) if formulas else None
    except (
        Exception
    ):  # openpyxl raises TypeError, KeyError, ValueError … on styles and parts it does not know
        return _calamine(data, (*notes, "colours_not_read"))
    sheets = []
    for sheet in values.worksheets:
        source = written[sheet.title] if written else None
        sheets.append(_xlsx_sheet(sheet, source))
    return _checked(sheets, notes)


def _xlsx_sheet(sheet: Worksheet, written: Worksheet | None) -> Sheet:
    cells: dict[grid.At, Cell] = {}
    fills: dict[grid.At, str] = {}
    stored: dict[grid.At, Any] = sheet._cells  # sparse: iter_rows() would walk a million empty rows
    for at, one in stored.items():
        comment = one.comment.text.strip() if getattr(one, "comment", None) and one.comment else None
        found = grid.cell(one.value, one.number_format or "General", comment)
        if one.value is None and written is not None and _is_formula(written, at):
            found = Cell("", trouble="formula_without_value", comment=comment)
        if found is not None:
            cells[at] = found
        if one.fill is not None and one.fill.fill_type == "solid":
            colour = one.fill.start_color
            if colour is not None and colour.type == "rgb" and isinstance(colour.rgb, str):
                fills[at] = colour.rgb[-6:].upper()
    merged = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]
    return grid.make_sheet(sheet.title, cells, merged, fills, sheet.sheet_state != "visible")


def _is_formula(sheet: Worksheet, at: grid.At) -> bool:
    one: Any = sheet._cells.get(at)
    return one is not None and one.data_type == "f"


def _compound(data: bytes) -> Workbook:
    """The container of .xls; also of encrypted .xlsx and of old Word and PowerPoint files."""
    if _named(data, "EncryptedPackage"):
        raise Refused("file_encrypted")
    if _named(data, "WordDocument") or _named(data, "PowerPoint Document"):
        raise Refused("file_is_document")
    if not (_named(data, "Workbook") or _named(data, "Book")):
        raise Refused("file_damaged", why="no workbook inside")
    notes = ("macros_not_run",) if _named(data, "_VBA_PROJECT") else ()
    return _calamine(data, (*notes, "colours_not_read"))


def _named(data: bytes, stream: str) -> bool:
    return stream.encode("utf-16-le") + b"\0\0" in data


def _calamine(data: bytes, notes: tuple[str, ...]) -> Workbook:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = []
            for number, meta in enumerate(book.sheets_metadata[: MOST_SHEETS + 1]):
                hidden = meta.visible != SheetVisibleEnum.Visible
                sheets.append(_calamine_sheet(meta.name, book.get_sheet_by_index(number), hidden))
    except Refused:
        raise
    except BaseException as error:  # a panic in the reader arrives as pyo3's PanicException, a BaseException
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        if "assword" in repr(error):
            raise Refused("file_encrypted") from error
        raise Refused("file_damaged", why=_short(error)) from error
    return _checked(sheets, notes)


def _calamine_sheet(name: str, sheet: CalamineSheet, hidden: bool) -> Sheet:
    if (
        sheet.total_height * sheet.total_width > 20 * MOST_CELLS
        or sheet.height * sheet.width > 20 * MOST_CELLS
    ):
        raise Refused("too_many_cells", most=MOST_CELLS)
    top, left = sheet.start or (0, 0)
    cells = {
        (row, column): found
        for row, values in enumerate(sheet.to_python(), start=top + 1)
        for column, value in enumerate(values, start=left + 1)
        if (found := grid.cell(value)) is not None
    }
    merged = [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
    return grid.make_sheet(name, cells, merged, hidden=hidden)


def _text(data: bytes) -> Workbook:
    """A table as text: CSV or tab-separated, in UTF-8, UTF-16 or GB 18030 (GBK and GB 2312 are parts of it)."""
    text = _decoded(data)
    if text is None or "\0" in text:
        raise Refused("file_unknown")
    lines = text.count("\n") + 1
    delimiter = "\t" if text.count("\t") >= lines else ";" if text.count(";") > text.count(",") else ","
    cells: dict[grid.At, Cell] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            for column, value in enumerate(values, start=1):
                if (found := grid.cell(value)) is not None:
                    cells[row, column] = found
            if len(cells) > MOST_CELLS:
                raise Refused("too_many_cells", most=MOST_CELLS)
    except csv.Error as error:
        raise Refused("file_damaged", why=_short(error)) from error
    if not any(column > 1 for _, column in cells):
        raise Refused("file_unknown")
    return _checked(_parts(cells), ())


def _parts(cells: dict[grid.At, Cell]) -> list[Sheet]:
    """A text file is one sheet; an XLSForm as text names its sheets in the first column, each above its rows."""
    names = {row: cell.text for (row, column), cell in cells.items() if column == 1}
    if min(row for row, _ in cells) not in names or names[min(names)].lower() not in (
        "survey",
        "choices",
        "settings",
    ):
        return [grid.make_sheet("", cells, [])]
    starts = sorted(names)
    return [
        grid.make_sheet(names[start], {at: cell for at, cell in cells.items() if start < at[0] < end}, [])
        for start, end in zip(starts, [*starts[1:], 1 << 30], strict=True)
    ]


def _decoded(data: bytes) -> str | None:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _checked(sheets: list[Sheet], notes: tuple[str, ...]) -> Workbook:
    if not sheets:
        raise Refused("file_damaged", why="no sheets")
    if len(sheets) > MOST_SHEETS:
        raise Refused("too_many_sheets", most=MOST_SHEETS)
    for sheet in sheets:
        last = max(sheet.rows, default=0)
        if len(sheet.rows) > MOST_ROWS or any(max(row) > MOST_COLUMNS for row in sheet.rows.values()):
            raise Refused("too_many_rows", sheet.spot(last, 1), rows=MOST_ROWS, columns=MOST_COLUMNS)
    if not any(sheet.rows for sheet in sheets):
        raise Refused("only_pictures" if "pictures_not_carried" in notes else "file_without_cells")
    return Workbook(tuple(sheets), notes)


def _short(error: BaseException) -> str:
    return (str(error).split("\n")[0] or type(error).__name__)[:120]
