"""Excel lists as safety officers keep them: what is carried, what is doubted, what is refused, and nothing dropped."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from forms.importing import Reading, read
from tests.forms.importing.pages import HEAD, Page, Ugly, workbook
from tests.forms.importing.ugly import UGLY


def items(reading: Reading) -> list[dict[str, Any]]:
    return [item for one in reading.lists for section in one.data["sections"] for item in section["items"]]


def only(*rows: list[Any], **rest: Any) -> Reading:
    return read(workbook((Page([*rows], **rest),)), "清单.xlsx")


def cells(data: bytes) -> set[tuple[str, int, str]]:
    """Every cell that holds something, by another reader than the importer's."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=min(sheet.max_row, 500), max_col=min(sheet.max_column, 60)):
            found |= {(sheet.title, c.row, c.column_letter) for c in row if c.value not in (None, "")}
    return found


@pytest.mark.parametrize("ugly", UGLY, ids=lambda ugly: ugly.name)
def test_an_ugly_list_is_read_as_a_careful_reader_would(ugly: Ugly) -> None:
    reading = read(workbook(ugly.pages), "清单.xlsx")
    assert tuple(sum(len(s["items"]) for s in one.data["sections"]) for one in reading.lists) == ugly.items
    assert sum(item["answer"]["type"] == "number" for item in items(reading)) == ugly.numbers
    assert sorted(refusal.code for refusal in reading.refusals) == sorted(ugly.refused)
    assert {doubt.code for doubt in reading.all_doubts()} == ugly.doubts
    if not ugly.refused:
        assert all(one.definition is not None for one in reading.lists)


@pytest.mark.parametrize("ugly", UGLY, ids=lambda ugly: ugly.name)
def test_every_cell_is_carried_doubted_refused_or_known_decoration(ugly: Ugly) -> None:
    data = workbook(ugly.pages)
    reading = read(data, "清单.xlsx")
    fates = {(fate.spot.sheet, fate.spot.row, fate.spot.column): fate for fate in reading.fates}
    assert cells(data) <= fates.keys()
    told = {spot for remark in (*reading.all_doubts(), *reading.refusals) for spot in remark.spots}
    for fate in reading.fates:
        if fate.fate in ("doubt", "refused"):
            assert fate.spot in told, fate
        if fate.fate == "carried":
            assert fate.list is not None
            assert fate.path is not None


@pytest.mark.parametrize("ugly", UGLY, ids=lambda ugly: ugly.name)
def test_carried_words_stand_where_the_preview_says(ugly: Ugly) -> None:
    data = workbook(ugly.pages)
    book, reading = openpyxl.load_workbook(io.BytesIO(data)), read(data, "清单.xlsx")
    for fate in reading.fates:
        if fate.fate == "carried" and fate.path and fate.path.endswith(("/text", "/standard", "/method")):
            words = str(book[fate.spot.sheet][f"{fate.spot.column}{fate.spot.row}"].value)
            carried: Any = reading.lists[fate.list or 0].data
            for name in fate.path.split("/")[1:]:
                carried = carried[int(name)] if isinstance(carried, list) else carried[name]
            assert "".join(words.split())[:20] in "".join(str(carried).split()), fate


def test_the_whole_set_is_counted() -> None:
    readings = [read(workbook(ugly.pages), "清单.xlsx") for ugly in UGLY]
    assert len(UGLY) >= 25
    assert sum(len(items(reading)) for reading in readings) == 105
    assert sum(len(reading.refusals) for reading in readings) == 5
    assert sum(len(reading.lists) for reading in readings) == 36


def test_a_refusal_names_sheet_row_column_and_remedy_in_both_languages() -> None:
    [refusal] = only(["表"], HEAD, [1, "通风", "风机", "=A1", None], name="通风").refusals
    assert (refusal.spot.sheet, refusal.spot.row, refusal.spot.column) == ("通风", 3, "D")
    assert "公式" in refusal.what("zh")
    assert "formula" in refusal.what("en")
    assert "保存" in refusal.mend("zh")
    assert "save" in refusal.mend("en")


def test_a_clause_is_never_taken_for_verified() -> None:
    reading = only(["检查表"], HEAD, [1, "顶板", "浮石", "处理", "GB 16423-2020 6.3.1.12"])
    assert items(reading)[0]["basis"] == [{"code": "GB 16423-2020", "clause": "6.3.1.12", "verified": False}]


def test_a_reading_is_confirmed_by_a_person_before_it_is_a_limit() -> None:
    reading = only(["检查表"], ["序号", "检查内容", "检查标准"], [1, "氧气", "不低于20%"])
    [doubt] = reading.lists[0].doubts
    assert doubt.code == "read_as_number"
    assert doubt.path == "/sections/0/items/0/answer"
    assert str(doubt.spot) == "Sheet1!C3"
    assert "≥20 %" in doubt.what("zh")


BASE = [
    ["采场检查表"],
    ["序号", "检查项目", "检查内容", "检查标准"],
    [1, "顶板", "浮石处理", "敲帮问顶"],
    [2, "顶板", "支护", "完好"],
    [3, "通风", "一氧化碳", "≤24ppm"],
    [4, "通风", "完好", "风门"],
    [5, "运输", "完好", "轨道"],
]


def ids(rows: list[list[Any]]) -> dict[str, str]:
    return {f"{item['text']}/{item['standard']}": item["id"] for item in items(only(*rows))}


def test_a_corrected_file_keeps_the_ids_of_unchanged_rows() -> None:
    before = ids(BASE)
    moved = [*BASE[:2], BASE[4], [2, "排水", "水泵", "运转"], *BASE[2:4], *BASE[5:]]
    after = ids(moved)
    assert {words: after[words] for words in before} == before
    assert len(set(after.values())) == 6


def test_a_corrected_limit_keeps_the_item_and_a_corrected_text_makes_a_new_one() -> None:
    lower = [row if row[0] != 3 else [3, "通风", "一氧化碳", "≤20ppm"] for row in BASE]
    assert ids(lower)["一氧化碳/≤20ppm"] == ids(BASE)["一氧化碳/≤24ppm"]
    other = [row if row[0] != 3 else [3, "通风", "一氧化碳浓度", "≤24ppm"] for row in BASE]
    assert ids(other)["一氧化碳浓度/≤24ppm"] not in ids(BASE).values()


def test_a_list_keeps_its_key_and_its_own_numbers() -> None:
    rows = [
        ["边坡检查表"],
        ["编号", "检查内容", "检查标准"],
        ["BP-1", "裂缝", "无"],
        ["BP-2", "浮石", "清理"],
    ]
    first = only(*rows)
    second = only(*rows[:3], ["BP-9", "排水沟", "畅通"], *rows[3:])
    assert first.lists[0].data["key"] == second.lists[0].data["key"]
    assert [item["id"] for item in items(second)] == ["BP-1", "BP-9", "BP-2"]


def test_the_kind_that_a_person_chooses_counts() -> None:
    data = workbook((Page([["检查表"], ["序号", "检查内容"], [1, "证照"]]),))
    assert read(data, "x.xlsx", "spot_check").lists[0].data["kind"] == "spot_check"
    assert read(data, "x.xlsx").lists[0].data["kind"] == "patrol"


def test_an_error_that_the_engine_finds_is_told_at_its_cell() -> None:
    long = "字" * 4001
    [refusal] = only(["检查表"], ["序号", "检查内容", "检查标准"], [1, "风门", long]).refusals
    assert str(refusal.spot) == "Sheet1!C3"
    assert "4000" in refusal.what("en")


def test_the_same_list_reads_alike_however_often() -> None:
    for ugly in UGLY[:6]:
        first, second = (read(workbook(ugly.pages), "a.xlsx").to_json() for _ in range(2))
        assert first == second
