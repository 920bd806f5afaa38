"""Any file at all: read, or refused in words that say what it is and how to mend it. Never an exception."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from PIL import Image

from forms.importing import MOST_BYTES, Reading, files, read
from tests.forms.importing.pages import Page, workbook
from tests.forms.importing.test_excel import items
from tests.forms.importing.xls import compound, xls

ROWS: list[list[Any]] = [
    ["井下通风检查表", None, None],
    ["序号", "检查项目", "检查内容", "检查标准"],
    [1, "通风", "风机", "运转"],
    [2, None, "一氧化碳", "≤24ppm"],
    [3, "排水", "水泵", "完好"],
]
CSV = "\r\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in ROWS)
XLSX = workbook((Page(ROWS, merge=("B3:B4",)),))


def refused(data: bytes, name: str = "清单.xlsx") -> str:
    reading = read(data, name)
    assert reading.lists == ()
    [refusal] = reading.refusals
    for language in ("zh", "en"):
        assert refusal.what(language)
        assert refusal.mend(language)
        assert "{" not in refusal.what(language) + refusal.mend(language)
    return refusal.code


def texts(reading: Reading) -> list[tuple[str, str]]:
    assert reading.refusals == ()
    return [
        (section["title"], item["text"])
        for one in reading.lists
        for section in one.data["sections"]
        for item in section["items"]
    ]


# A fill of a kind that only some programs write.
STYLES = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<fills><fill><patternFill patternType="gloss"/></fill></fills></styleSheet>'
)
EXPECTED = [("通风", "风机"), ("通风", "一氧化碳"), ("排水", "水泵")]


def repacked(**parts: bytes | None) -> bytes:
    """The workbook with parts added, replaced, or (None) left out. "__" in a name stands for "/"."""
    changed = {name.replace("__", "/"): data for name, data in parts.items()}
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, data in changed.items():
            if data is not None:
                new.writestr(name, data)
    return written.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_text_table_is_read_in_whatever_encoding_offices_use(encoding: str) -> None:
    assert texts(read(CSV.encode(encoding), "清单.csv")) == EXPECTED


def test_a_table_parted_by_tabs_is_read() -> None:
    assert texts(read(CSV.replace(",", "\t").encode("gb18030"), "清单.txt")) == EXPECTED


def test_an_old_xls_is_read_with_its_merged_cells() -> None:
    reading = read(xls(ROWS, [(2, 3, 1, 1)], "通风"), "清单.xls")
    assert texts(reading) == EXPECTED
    assert reading.lists[0].origin["/sections/0/items/1/text"].sheet == "通风"
    assert [doubt.code for doubt in reading.doubts] == ["colours_not_read"]


def test_the_content_counts_and_not_the_extension() -> None:
    assert texts(read(XLSX, "清单.xls")) == EXPECTED
    assert texts(read(xls(ROWS, [(2, 3, 1, 1)], "通风"), "清单.xlsx")) == EXPECTED
    assert texts(read(CSV.encode(), "清单.xlsx")) == EXPECTED


def test_a_macro_file_is_read_and_its_macros_are_named_and_not_run() -> None:
    reading = read(repacked(**{"xl/vbaProject.bin": b"\xd0\xcf"}), "清单.xlsm")
    assert texts(reading) == EXPECTED
    assert [doubt.code for doubt in reading.doubts] == ["macros_not_run"]


def test_styles_that_openpyxl_refuses_do_not_keep_the_words_away() -> None:
    reading = read(repacked(**{"xl/styles.xml": STYLES}), "清单.xlsx")
    assert texts(reading) == EXPECTED
    assert [doubt.code for doubt in reading.doubts] == ["colours_not_read"]


def test_a_file_that_is_something_else_is_called_by_its_name() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "JPEG")
    assert refused(picture.getvalue(), "清单.jpg") == "file_is_picture"
    assert refused(b"%PDF-1.7\n%\xe2\xe3", "清单.pdf") == "file_is_pdf"
    assert refused(zipped({"word/document.xml": b"<w/>"}), "清单.docx") == "file_is_document"
    assert refused(compound("WordDocument", b"x"), "清单.doc") == "file_is_document"
    assert refused(zipped({"清单.xlsx": XLSX}), "清单.zip") == "file_is_archive"
    assert refused(b"<html><table><tr><td>1</td></tr></table></html>", "清单.xls") == "file_is_web_page"
    assert refused("只是一句话".encode(), "清单.txt") == "file_unknown"
    assert refused(bytes(range(256)) * 20, "清单.dat") == "file_unknown"
    assert refused(b"", "清单.xlsx") == "file_empty"
    assert refused(b"\0" * 5000, "清单.xlsx") == "file_empty"


def test_a_file_with_a_password_says_so() -> None:
    assert refused(compound("EncryptedPackage", b"x"), "清单.xlsx") == "file_encrypted"
    locked = bytearray(zipped({"xl/workbook.xml": b"<x/>"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + at] |= 1
    assert refused(bytes(locked)) == "file_encrypted"


def test_a_truncated_file_is_called_damaged() -> None:
    assert refused(XLSX[: len(XLSX) // 2]) == "file_damaged"
    assert refused(xls(ROWS, [], "通风")[:1500], "清单.xls") == "file_damaged"
    assert refused(repacked(**{"xl/workbook.xml": None})) == "file_damaged"
    assert refused(repacked(**{"xl/workbook.xml": b"<workbook"})) == "file_damaged"


def test_a_file_past_the_limit_is_refused_before_it_is_unpacked() -> None:
    assert refused(b"PK" + b"x" * MOST_BYTES) == "file_too_big"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(**{"xl/media/bomb.bin": b"\0" * (files.MOST_UNPACKED + 1)})
    assert len(bomb) < MOST_BYTES
    assert refused(bomb) == "file_unpacks_too_big"


def test_a_million_cells_are_refused_before_they_are_in_memory() -> None:
    row = b'<row r="1">' + b'<c r="A1"/>' * 1000 + b"</row>"
    sheet = b'<worksheet xmlns="x"><sheetData>' + row * 400 + b"</sheetData></worksheet>"
    assert refused(repacked(**{"xl/worksheets/sheet1.xml": sheet})) == "too_many_cells"


def test_too_many_rows_are_refused_at_their_sheet() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("大表")
    for number in range(files.MOST_ROWS + 1):
        sheet.append([number])
    written = io.BytesIO()
    book.save(written)
    [refusal] = read(written.getvalue(), "清单.xlsx").refusals
    assert (refusal.code, refusal.spot.sheet) == ("too_many_rows", "大表")


def test_entities_in_xml_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert refused(repacked(**{"xl/worksheets/sheet1.xml": bomb})) in ("file_damaged", "file_without_cells")


def test_a_workbook_of_pictures_or_of_nothing_says_so() -> None:
    book, picture, written = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    book.worksheets[0].add_image(openpyxl.drawing.image.Image(picture), "A1")
    book.save(written)
    assert refused(written.getvalue()) == "only_pictures"
    assert refused(workbook((Page([]),))) == "file_without_cells"


def test_words_without_a_heading_are_no_list_and_say_how_to_make_one() -> None:
    reading = read(workbook((Page([["请各单位认真填写", "谢谢"], ["一切正常", "是"]]),)), "通知.xlsx")
    [refusal] = reading.refusals
    assert refusal.code == "no_list_found"
    assert "检查内容" in refusal.mend("zh")


def test_a_heading_without_items_is_no_list() -> None:
    reading = read(workbook((Page([["检查表"], ["序号", "检查内容", "检查标准"]]),)), "空表.xlsx")
    assert [refusal.code for refusal in reading.refusals] == ["no_list_found"]


def test_an_exported_definition_is_read_as_json() -> None:
    from forms.exporting import export

    [one] = read(XLSX, "清单.xlsx").lists
    assert one.definition is not None
    [again] = read(export(one.definition, "json").data, "清单.json").lists
    assert again.definition == one.definition
    assert refused(b'{"schema": "form/1"') == "file_not_json"
    flaws = read(b'{"schema": "form/2", "key": "a", "kind": "card", "title": "x"}', "清单.json").refusals
    assert [flaw.what("en").split(":")[0] for flaw in flaws] == ["/", "/schema"]


def test_a_preview_says_what_became_of_every_row() -> None:
    preview = read(XLSX, "清单.xlsx").to_json()
    fates = {(cell["row"], cell["column"]): cell["fate"] for cell in preview["cells"]}
    assert fates[1, "A"] == "carried"
    assert fates[2, "A"] == "decoration"
    assert fates[4, "D"] == "doubt"
    assert preview["lists"][0]["origin"]["/sections/0/items/1/text"] == {
        "sheet": "Sheet1",
        "row": 4,
        "column": "C",
    }
    assert items(read(XLSX, "清单.xlsx"))[1]["answer"] == {
        "type": "number",
        "limits": [{"max": 24}],
        "unit": "ppm",
    }
