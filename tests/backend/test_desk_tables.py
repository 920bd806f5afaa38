"""Every table as Excel: what the filter left, in local time, and nothing that a spreadsheet would run."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend.kernel import excel
from backend.kernel.excel import Column
from tests.backend.desk import Desk
from tests.world import refused

TABLES = (
    "/mines",
    "/coverage",
    "/hazards",
    "/visits",
    "/documents",
    "/mines/{mine}/people",
    "/mines/{mine}/places",
)


def test_every_table_has_a_chinese_head_and_a_name_to_save_it_by(desk: Desk) -> None:
    for path in TABLES:
        place = path.format(mine=desk.mine_id()) + ".xlsx"
        head = desk.table("kezhang", place)[0]
        assert all("\u4e00" <= str(title)[0] <= "\u9fff" for title in head), path
        kept = desk.get("kezhang", place).headers["Content-Disposition"]
        assert kept.startswith("attachment;")
        assert "filename*=UTF-8''%" in kept


def test_a_table_holds_what_the_filter_left_in_local_time(desk: Desk) -> None:
    desk.world.reports("zuanyan", "护栏松动")
    desk.world.reports("zuanyan", "浮石未处理")
    head, *rows = desk.table("anquan", "/hazards.xlsx", q="护栏")
    [row] = [dict(zip(head, row, strict=True)) for row in rows]
    assert (row["隐患内容"], row["状态"], row["疑似重大"]) == ("护栏松动", "待确认", "否")
    assert f"{row['发现时间']:%Y-%m-%d %H:%M}" == "2026-03-02 08:00"


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_people_typed_is_text_and_never_a_formula(desk: Desk, evil: str) -> None:
    desk.world.reports("zuanyan", evil)
    answer = desk.get("anquan", "/hazards.xlsx")
    cell = load_workbook(BytesIO(answer.data)).worksheets[0]["B2"]
    assert (cell.data_type, str(cell.value).strip()) == ("s", evil.strip())
    assert cell.quotePrefix
    sheet = zipfile.ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


def test_a_table_past_what_a_person_can_use_says_to_narrow_the_filter() -> None:
    with refused("table.too_long"):
        excel.workbook("甲", [Column("甲", 8, lambda n: n)], range(excel.MOST_ROWS + 1))


def test_control_characters_do_not_break_the_file() -> None:
    made = excel.workbook("甲", [Column("甲", 8, lambda text: text)], ["a\x00b\x0bc"])
    assert load_workbook(BytesIO(made)).worksheets[0]["A2"].value == "abc"
