"""What is exported comes back: as Excel whole, as XLSForm as far as it goes."""

from __future__ import annotations

import io

import openpyxl
import pytest
from pyxform.xls2xform import convert

from forms.definition import Definition
from forms.exporting import export
from forms.importing import read
from forms.importing.items import unverified
from forms.load import load
from forms.version import canonical
from tests.library import BY_KEY

RICH = load(
    {
        "schema": "form/1",
        "key": "mine.rich",
        "kind": "patrol",
        "title": "=什么都有的检查表",
        "applies_to": {"mine_types": ["underground"], "posts": ["UG01"]},
        "parameters": {"employees": {"title": "从业人数", "unit": "人"}, "mode": {"title": "通风方式"}},
        "signatures": [{"role": "filler"}, {"role": "inspector", "count": 2}],
        "score": {"full": 100, "pass": 60, "veto": ["1a"]},
        "sections": [
            {
                "id": "first",
                "title": "一、通风",
                "items": [
                    {
                        "id": "1a",
                        "text": "-风速",
                        "standard": "0.25～4 m/s\n全断面",
                        "answer": {"type": "number", "unit": "m/s", "limits": [{"min": 0.25}, {"max": 4}]},
                        "basis": [{"code": "GB 16423-2020", "clause": "6.6.1.5", "verified": True}],
                        "frequency": "shift",
                        "risk": "red",
                        "severity": "major",
                        "weight": 2.5,
                        "danger": {"when": ". < 0.1", "act": "撤人", "call": "dispatch", "verified": False},
                        "evidence": {"photo": "on_fail"},
                        "on_fail": {"hazard": True},
                    },
                    {
                        "id": "b",
                        "text": "自救器",
                        "answer": {
                            "type": "number",
                            "range": {"min": 0, "max": 5000},
                            "limits": [{"min": {"site_ref": "employees", "times": 1.1}}],
                        },
                        "frequency": "after:blast",
                        "required": False,
                    },
                    {
                        "id": "c",
                        "text": "气体",
                        "relevant": "${1a} < 1",
                        "answer": {
                            "type": "choices",
                            "options": [
                                {"id": "co", "text": "一氧化碳", "fails": True},
                                {"id": "no", "text": "无"},
                            ],
                        },
                    },
                ],
            },
            {
                "id": "face",
                "title": "工作面",
                "repeat": {"min": 1, "max": 4, "label": "面"},
                "items": [
                    {"id": "d", "text": "高度", "answer": {"type": "number", "unit": "m", "decimals": 0}},
                    {
                        "id": "e",
                        "text": "说明",
                        "answer": {"type": "text"},
                        "constraint": {"when": "matches(., '^[a-z]+$')", "message": "小写字母"},
                    },
                ],
            },
            {
                "id": "end",
                "title": "汇总",
                "items": [
                    {"id": "f", "text": "最高", "answer": {"type": "calculated", "formula": "max(${d})"}},
                    {
                        "id": "g",
                        "text": "面数",
                        "answer": {"type": "calculated", "formula": "count(${face})"},
                    },
                    {"id": "h", "text": "看完离开", "answer": {"type": "note"}},
                    {"id": "i", "text": "签字", "answer": {"type": "signature"}},
                ],
            },
        ],
    }
)
# The longest list of every kind, and one with everything.
LONGEST = {one.kind: one for one in sorted(BY_KEY.values(), key=lambda one: len(one.items()))}
EVERY = {RICH.key: RICH, **{one.key: one for one in LONGEST.values()}}


def same(one: Definition, other: Definition) -> bool:
    return canonical(load(unverified(one.to_json()))) == canonical(other)


def test_a_list_of_every_kind_comes_back_from_excel_as_it_was_without_a_doubt() -> None:
    changed = []
    for key, definition in EVERY.items():
        exported = export(definition, "xlsx")
        reading = read(exported.data, "清单.xlsx")
        assert exported.not_carried == (), key
        assert reading.refusals == (), key
        assert list(reading.all_doubts()) == [], key
        [one] = reading.lists
        if one.definition is None or not same(definition, one.definition):
            changed.append(key)
    assert changed == []


def test_the_columns_say_limits_frequency_and_basis_in_words() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(RICH, "xlsx").data))
    sheet = book.worksheets[0]
    heading = {cell.value: cell.column for cell in sheet[3]}
    row = {name: sheet.cell(4, column).value for name, column in heading.items()}
    assert (row["检查类别"], row["检查内容"], row["限值"], row["单位"]) == (
        "一、通风",
        "-风速",
        "≥0.25；≤4",
        "m/s",
    )
    assert (row["频次"], row["风险等级"], row["隐患级别"]) == ("每班", "重大", "重大")
    assert row["检查依据"] == "GB 16423-2020 6.6.1.5"
    assert sheet.cell(4, heading["风险等级"]).fill.start_color.rgb.endswith("FF0000")


def test_no_cell_of_an_export_is_a_formula() -> None:
    for to in ("xlsx", "xlsform"):
        book = openpyxl.load_workbook(io.BytesIO(export(RICH, to).data))  # type: ignore[arg-type]
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        assert not any(cell.data_type == "f" for cell in cells)


def test_a_person_may_mend_the_export_and_the_items_keep_their_ids() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(RICH, "xlsx").data))
    sheet = book.worksheets[0]
    heading = {cell.value: cell.column for cell in sheet[3]}
    sheet.cell(4, heading["限值"]).value = "≥0.3；≤4"
    sheet.cell(5, heading["检查内容"]).value = "自救器数量"
    sheet.insert_rows(13)
    for name, text in (("检查类别", "汇总"), ("检查内容", "新加的一项"), ("答题方式", "合格/不合格")):
        sheet.cell(13, heading[name]).value = text
    mended = io.BytesIO()
    book.save(mended)
    reading = read(mended.getvalue(), "改.xlsx")
    assert reading.refusals == ()
    [one] = reading.lists
    assert one.data["key"] == "mine.rich"
    found = {item["id"]: item for section in one.data["sections"] for item in section["items"]}
    assert list(found)[:9] == ["1a", "b", "c", "d", "e", "f", "g", "h", "i"]
    assert found["1a"]["answer"]["limits"] == [{"min": 0.3}, {"max": 4}]
    assert found["1a"]["danger"]["when"] == {"op": "<", "args": [{"self": True}, 0.1]}
    assert found["b"]["text"] == "自救器数量"
    assert list(found.values())[9]["text"] == "新加的一项"


def test_a_broken_settings_cell_is_refused_and_not_guessed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(RICH, "xlsx").data))
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[3] if cell.value == "其他设置")
    sheet.cell(4, column).value = '{"danger": '
    broken = io.BytesIO()
    book.save(broken)
    [refusal] = read(broken.getvalue(), "改.xlsx").refusals
    assert (refusal.code, refusal.spot.row) == ("settings_not_json", 4)


@pytest.mark.parametrize("key", ["mine.rich", "post.UG01.controls", "spot_check.underground"])
def test_what_xlsform_can_say_comes_back_and_pyxform_makes_a_form_of_it(key: str) -> None:
    definition = {**BY_KEY, **EVERY}[key]
    exported = export(definition, "xlsform")
    made = convert(xlsform=exported.data, file_type=".xlsx", validate=False, pretty_print=False)
    assert "<h:html" in made.xform
    reading = read(exported.data, "form.xlsx", definition.kind)
    assert reading.refusals == ()
    [one] = reading.lists
    assert one.definition is not None
    names = {item.id: f"n{item.id}" if item.id[0].isdigit() else item.id for item in definition.items()}
    again = {item.id: item for item in one.definition.items()}
    for item in definition.items():
        found = again[names[item.id]]
        assert found.text["zh"] == item.text["zh"]
        assert found.answer.type == ("text" if item.answer.type == "person" else item.answer.type)
        assert found.required == item.required
        assert (found.relevant is None) == (item.relevant is None)
        assert [option.id for option in found.answer.options] == [option.id for option in item.answer.options]


def test_what_xlsform_cannot_say_is_listed() -> None:
    exported = export(RICH, "xlsform")
    missing = {(one.item, one.field) for one in exported.not_carried}
    assert {
        ("1a", "danger"),
        ("1a", "answer.limits"),
        ("1a", "basis"),
        ("", "score"),
        ("1a", "id"),
    } <= missing
    assert {("face", "repeat"), ("c", "option.co.fails"), ("b", "frequency")} <= missing
    sheet = openpyxl.load_workbook(io.BytesIO(exported.data))["未带出的内容"]
    listed = {(row[0] or "", row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert listed == missing
