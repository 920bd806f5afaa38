"""Whatever bytes come, there is a reading: random ones, broken workbooks, workbooks of random cells."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forms.importing import Reading, read
from forms.importing.phrases import table
from tests.forms.importing.pages import Page, workbook
from tests.forms.importing.test_files import ROWS, XLSX
from tests.forms.importing.xls import xls

XLS = xls(ROWS, [(2, 3, 1, 1)], "通风")
CSV = "\n".join(",".join(str(cell or "") for cell in row) for row in ROWS).encode("gb18030")
STARTS = st.sampled_from([b"", b"PK\x03\x04", XLS[:8], b"{", b"%PDF", b"\xff\xfe", b"survey,\n"])
SAID = [
    "≥20%",
    "CO≤24ppm",
    "一、通风",
    "每班",
    "重大",
    "《规程》第1.1条",
    "检查人：",
    "注：x",
    "=1/0",
    "#REF!",
    "{}",
    "巡查表",
]
ASKED = [
    "type",
    "name",
    "label",
    "note",
    "${a}",
    "calculate",
    "begin repeat",
    "end repeat",
    "select_one a",
    "selected(.)",
]
HEADINGS = [str(name) for names in table("headers").values() for name in names]
WORDS = st.sampled_from([*SAID, *ASKED]) | st.sampled_from(HEADINGS)
CELLS = st.none() | WORDS | st.text(max_size=6) | st.integers() | st.floats(allow_nan=False) | st.booleans()
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=8)


def whole(reading: Reading) -> None:
    """It says something, in both languages, and can be shown."""
    assert reading.lists or reading.refusals
    assert "unforeseen" not in [refusal.code for refusal in reading.refusals]
    for remark in (*reading.all_doubts(), *reading.refusals):
        assert remark.what("zh")
        assert remark.mend("en")
    reading.to_json()


@given(STARTS, st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    whole(read(start + rest, "x.xlsx"))


@given(
    st.sampled_from([XLSX, XLS, CSV]), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=6)
)
@settings(max_examples=150, deadline=None)
def test_a_workbook_with_bytes_changed_is_read_or_refused(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    broken = bytearray(data)
    for at, value in changes:
        broken[at % len(broken)] = value
    whole(read(bytes(broken), "x.xlsx"))


@given(st.sampled_from([XLSX, XLS, CSV]), st.integers(0))
@settings(max_examples=100, deadline=None)
def test_a_workbook_cut_off_anywhere_is_read_or_refused(data: bytes, length: int) -> None:
    whole(read(data[: length % len(data)], "x.xlsx"))


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_workbook_whose_xml_is_broken_is_read_or_refused(data: st.DataObject) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(written, "w") as new:
        names = old.namelist()
        broken = data.draw(st.sampled_from(names))
        for name in names:
            part = old.read(name)
            if name == broken:
                at = data.draw(st.integers(0, len(part)))
                part = (
                    part[:at] + data.draw(st.binary(max_size=8)) + part[at + data.draw(st.integers(0, 40)) :]
                )
            new.writestr(name, part)
    whole(read(written.getvalue(), "x.xlsx"))


def _printable(rows: list[list[Any]]) -> list[list[Any]]:
    """What a workbook can hold at all: no control characters."""
    return [
        ["".join(c for c in cell if c.isprintable()) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    ]


@given(TABLES, st.sampled_from(["Sheet1", "survey"]), st.booleans())
# a second heading, and no items
@example([["≥20%", "≥20%"], ["检查人：", "检查项目"], ["≥20%"]], "Sheet1", True)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_workbook_of_any_cells_is_read_or_refused_and_no_cell_is_lost(
    rows: list[list[Any]], name: str, below_a_heading: bool
) -> None:
    heading = [["序号", "检查项目", "检查内容", "检查标准", "风险等级", "频次", "检查依据", "结果"]]
    survey = [["type", "name", "label", "relevant", "calculation", "constraint", "hint", "required"]]
    head = (survey if name == "survey" else heading) if below_a_heading else []
    pages = (Page(_printable([*head, *rows]), name), Page([["list_name", "name"], ["a", "b"]], "choices"))
    reading = read(workbook(pages), "x.xlsx")
    whole(reading)
    told = {spot for remark in (*reading.all_doubts(), *reading.refusals) for spot in remark.spots}
    if reading.lists:
        assert all(fate.spot in told for fate in reading.fates if fate.fate == "doubt")
