"""A definition as an Excel list, in the layout that forms.importing reads: what is exported comes back the same.

People read and mend the columns; what has no column stands as JSON in the last one, and what belongs to the whole list
on a second sheet. Left out: translations, and whether clauses were verified (a file cannot vouch for that).
"""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forms.definition import Definition
from forms.exporting.parts import LONGEST_CELL, Exported, NotCarried, chinese, compact, sheet_name, write
from forms.importing import phrases
from forms.importing.items import describe
from forms.importing.reading import NOT_CARRIED_SHEET, SETTINGS_SHEET

Json = Any
# Heading, width in characters, and whether it is there only when some item needs it.
_COLUMNS = (
    ("序号", 6, False),
    ("检查类别", 14, False),
    ("编号", 12, False),
    ("检查内容", 40, False),
    ("检查标准", 40, False),
    ("限值", 14, True),
    ("单位", 8, True),
    ("检查依据", 28, False),
    ("检查方法", 20, True),
    ("频次", 8, True),
    ("风险等级", 9, True),
    ("隐患级别", 9, True),
    ("分值", 7, True),
    ("答题方式", 11, False),
    ("检查结果", 14, False),
    ("其他设置", 20, True),
)
_RISK_FILL = {"red": "FF0000", "orange": "FFC000", "yellow": "FFFF00", "blue": "00B0F0"}
_RISK_WORD = {"red": "重大", "orange": "较大", "yellow": "一般", "blue": "低"}
_SIGNS = {"min": "≥", "max": "≤", "above": ">", "below": "<", "equals": "="}
_THIN = Side(style="thin", color="999999")


def as_xlsx(definition: Definition) -> Exported:
    data = chinese(definition.to_json())
    missing: list[NotCarried] = []
    rows = [
        (number, section["title"] if first else "", item, _cells(item, missing))
        for section in data["sections"]
        for first, number, item in _numbered(section, data)
    ]
    used = {heading for *_, cells in rows for heading, text in cells.items() if text}
    columns = [column for column in _COLUMNS if not column[2] or column[0] in used]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = sheet_name(data["title"])
    _head(sheet, data, columns)
    for at, (number, section, item, cells) in enumerate(rows, start=4):
        said = {**cells, "序号": str(number), "检查类别": section}
        for column, (heading, _, _) in enumerate(columns, start=1):
            cell = write(sheet, at, column, said.get(heading, ""))
            cell.alignment = Alignment(wrap_text=heading != "其他设置", vertical="center")
            cell.border = Border(_THIN, _THIN, _THIN, _THIN)
            if heading == "风险等级" and "risk" in item:
                cell.fill = PatternFill("solid", start_color=_RISK_FILL[item["risk"]])
            if heading == "其他设置":
                cell.font = Font(color="999999", size=8)
    _merge_groups(sheet, [section for _, section, _, _ in rows])
    foot = 5 + len(rows)
    write(sheet, foot, 1, "检查人签字：")
    write(sheet, foot, 4, "日期：")
    _settings(book, data)
    _same_titles(data, missing)
    if missing:
        list_not_carried(book, missing)
    written = io.BytesIO()
    book.save(written)
    return Exported(written.getvalue(), tuple(missing))


def _numbered(section: Json, data: Json) -> list[tuple[bool, int, Json]]:
    before = 0
    for other in data["sections"]:
        if other is section:
            break
        before += len(other["items"])
    return [(i == 0, before + i + 1, item) for i, item in enumerate(section["items"])]


def _head(sheet: Worksheet, data: Json, columns: list[tuple[str, int, bool]]) -> None:
    title = write(sheet, 1, 1, data["title"])
    title.font = Font(bold=True, size=16)
    title.alignment = Alignment(horizontal="center", vertical="center")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
    sheet.row_dimensions[1].height = 32
    write(sheet, 2, 1, f"清单编码：{data['key']}").font = Font(color="999999", size=9)
    for column, (heading, width, _) in enumerate(columns, start=1):
        cell = write(sheet, 3, column, heading)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill = PatternFill("solid", start_color="EEEEEE")
        cell.border = Border(_THIN, _THIN, _THIN, _THIN)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _merge_groups(sheet: Worksheet, sections: list[str]) -> None:
    """The name of a section stands once, in a cell merged down over its items."""
    starts = [at for at, section in enumerate(sections) if section]
    for start, end in zip(starts, [*starts[1:], len(sections)], strict=True):
        if end - start > 1:
            sheet.merge_cells(start_row=start + 4, end_row=end + 3, start_column=2, end_column=2)


def _cells(item: Json, missing: list[NotCarried]) -> dict[str, str]:
    """The words of an item by heading. What no column can say goes into the settings."""
    rest = {name: value for name, value in item.items() if name not in ("id", "text")}
    answer = dict(rest.pop("answer"))
    cells = {"编号": item["id"], "检查内容": item["text"]}
    for heading, name in (("检查标准", "standard"), ("检查方法", "method")):
        cells[heading] = rest.pop(name, "")
    cells["检查依据"] = _basis(rest)
    cells["频次"] = _frequency(rest)
    cells["风险等级"] = _RISK_WORD.get(rest.pop("risk", ""), "")
    cells["隐患级别"] = "重大" if rest.pop("severity", "") == "major" else ""
    cells["分值"] = str(rest.pop("weight", ""))
    types: dict[str, str] = {kind: word for word, kind in phrases.table()["answer_types"].items()}
    cells["答题方式"] = types[answer.pop("type")]
    unit = answer.get("unit", "")
    if phrases.unit_of(unit) in (unit, None):
        cells["单位"] = answer.pop("unit", "")
    cells["限值"] = _limits(answer)
    cells["检查结果"] = "□合格 □不合格 □不涉及" if cells["答题方式"] == "合格/不合格" else ""
    settings = compact(rest | ({"answer": answer} if answer else {}))
    if len(settings) > LONGEST_CELL:
        missing += [NotCarried(item["id"], name, compact(value)[:200]) for name, value in rest.items()]
        missing += [
            NotCarried(item["id"], f"answer.{name}", compact(value)[:200]) for name, value in answer.items()
        ]
    elif settings != "{}":
        cells["其他设置"] = settings
    return cells


def _basis(rest: Json) -> str:
    """One basis a line, as the importer reads it; what it would read otherwise stays in the settings as well."""
    lines = []
    for basis in rest.get("basis", []):
        wanted = [{**basis, "verified": False}]
        clause = basis.get("clause", "")
        ways = (f"{basis['code']} {clause}".strip(), f"《{basis['code']}》{clause}")
        lines.append(next((way for way in ways if phrases.clauses(way)[0] == wanted), ways[0]))
    text = "\n".join(lines)
    if phrases.clauses(text)[0] == [{**basis, "verified": False} for basis in rest.get("basis", [])]:
        rest.pop("basis", None)
    return text


def _frequency(rest: Json) -> str:
    known = phrases.table()["frequencies"].get(rest.get("frequency"), ())
    return str(known[0]) if known and rest.pop("frequency") else ""


def _limits(answer: Json) -> str:
    """Plain bounds in signs; others in words, while the settings keep them."""
    limits = answer.get("limits", [])
    text = "；".join(_limit(limit) for limit in limits)
    quantity = phrases.limit_cell(text) if text else None
    if quantity is not None and [dict(limit) for limit in quantity.limits] == limits:
        answer.pop("limits")
        return text
    return describe({"limits": limits}) if limits else ""


def _limit(limit: Json) -> str:
    [(bound, value)] = limit.items()
    return (
        f"{_SIGNS[bound]}{value}" if bound in _SIGNS and isinstance(value, (int, float)) else compact(limit)
    )


def _settings(book: Workbook, data: Json) -> None:
    """What belongs to the whole list (kind, posts, parameters, signatures, score) and to its sections (repeats)."""
    rest = {name: value for name, value in data.items() if name not in ("schema", "key", "title", "sections")}
    rest["sections"] = [
        {name: value for name, value in section.items() if name != "items"} for section in data["sections"]
    ]
    sheet = book.create_sheet(SETTINGS_SHEET)
    write(sheet, 1, 1, "清单编码")
    write(sheet, 1, 2, "由系统导出，重新导入时使用，请勿修改。")
    write(sheet, 2, 1, data["key"])
    write(sheet, 2, 2, compact(rest))
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 90


def _same_titles(data: Json, missing: list[NotCarried]) -> None:
    """Two sections of one title that follow each other would come back as one."""
    titles = [section["title"] for section in data["sections"]]
    for section, before in zip(data["sections"][1:], titles, strict=False):
        if section["title"] == before:
            missing.append(NotCarried("", "section", f"{section['id']}: {before}"))


def list_not_carried(book: Workbook, missing: list[NotCarried]) -> None:
    sheet = book.create_sheet(NOT_CARRIED_SHEET)
    lines = [("条目", "内容", "值"), *((one.item, one.field, one.value) for one in missing)]
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            write(sheet, row, column, text)
    for letter, width in (("A", 16), ("B", 20), ("C", 90)):
        sheet.column_dimensions[letter].width = width
