"""Lists from the files that safety officers have: looked at first, kept as drafts, each item with its row."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from werkzeug.test import TestResponse

from backend.checklists import form_routes
from tests.backend.desk import Desk
from tests.backend.lists import Lists

ROWS = (
    ("序号", "检查项目", "检查标准", "检查依据"),
    (1, "主扇是否运转正常", "连续运转", "GB 16423-2020 6.6.3"),
    (2, "风门是否完好", "关闭严密", "GB 16423-2020 6.6.2"),
)


@pytest.fixture
def lists(desk: Desk) -> Lists:
    return Lists(desk)


def workbook(rows: Any = ROWS) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "通风"
    sheet.append(("通风巡查表",))
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sends(lists: Lists, login: str, path: str, data: bytes, **fields: str) -> TestResponse:
    form = {"file": (BytesIO(data), "通风.xlsx"), **fields}
    return lists.desk.upload(login, path, form)


def test_a_workbook_is_looked_at_before_anything_is_kept(lists: Lists) -> None:
    answer = sends(lists, "anquan", "/forms/import/preview", workbook(), kind="patrol")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    [read] = answer.json["lists"]
    texts = [item["text"] for section in read["definition"]["sections"] for item in section["items"]]
    assert "主扇是否运转正常" in str(texts)
    assert answer.json["refusals"] == []
    assert lists.rows(owner="mine") == []


def test_what_is_wrong_with_a_form_that_brings_a_file_is_said_of_its_field(lists: Lists) -> None:
    form = {"file": "text where the file should be", "owner": "somebody"}
    answer = lists.desk.upload("anquan", "/forms/import", form)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert {error["pointer"] for error in answer.json["errors"]} == {"/file", "/owner"}


def test_a_workbook_becomes_drafts_whose_flaws_name_the_row(lists: Lists) -> None:
    answer = sends(lists, "anquan", "/forms/import", workbook(), kind="patrol", owner=lists.mine)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    [kept] = answer.json["items"]
    draft = lists.draft(kept["id"])
    assert (draft["title"]["zh"], draft["file"], draft["flaws"]) == ("通风巡查表", "通风.xlsx", [])
    item = draft["document"]["sections"][0]["items"][1]["id"]
    sections = draft["document"]["sections"]
    broken = [
        section | {"items": [one | {"answer": {"type": "spoken"}} for one in section["items"]]}
        for section in sections
    ]
    draft = lists.saves("anquan", draft, draft["document"] | {"sections": broken})
    [flaw] = [flaw for flaw in draft["flaws"] if flaw["item"] == item][:1]
    assert (flaw["sheet"], flaw["row"]) == ("通风", 4)


def test_what_is_no_workbook_is_refused_with_what_to_do_and_nothing_is_kept(lists: Lists) -> None:
    preview = sends(lists, "anquan", "/forms/import/preview", b"%PDF-1.7 nothing")
    assert preview.json is not None
    assert preview.json["refusals"][0]["mend"]["zh"]
    answer = sends(lists, "anquan", "/forms/import", b"%PDF-1.7 nothing", owner=lists.mine)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "form.import_refused")
    assert lists.rows(owner="mine") == []


def test_who_may_write_no_list_has_no_file_read(lists: Lists) -> None:
    for path in ("/forms/import", "/forms/import/preview"):
        fields = {} if path.endswith("preview") else {"owner": lists.mine}
        assert sends(lists, "zuanyan", path, workbook(), **fields).status_code == 403


def test_a_list_that_goes_out_as_excel_comes_back_whole(lists: Lists) -> None:
    sha = lists.in_force("post.UG02.controls")
    answer = lists.desk.get("anquan", f"/forms/versions/{sha}/file", to="xlsx")
    assert answer.status_code == 200
    assert "filename*=UTF-8''%E7%88%86" in answer.headers["Content-Disposition"]
    back = sends(lists, "anquan", "/forms/import/preview", answer.data)
    assert back.json is not None
    assert back.json["refusals"] == []
    ids = [
        item["id"] for section in lists.version(sha)["definition"]["sections"] for item in section["items"]
    ]
    [read] = back.json["lists"]
    assert [item["id"] for section in read["definition"]["sections"] for item in section["items"]] == ids
    assert lists.desk.json("anquan", f"/forms/versions/{sha}/file", to="json")["key"] == "post.UG02.controls"


def test_a_file_past_the_limit_is_too_large(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_routes, "MOST_BYTES", -form_routes.OVERHEAD + 2048)
    assert sends(lists, "anquan", "/forms/import/preview", b"x" * 4096).status_code == 413
