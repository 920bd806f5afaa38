"""The two desks: who has done their lists, hazards by state as links, a hazard's timeline, tables to Excel."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e.conftest import Handsets, Site
from tests.e2e.test_desks import go, sits_down

WHAT = "主井信号装置失灵"


def test_a_section_head_sees_the_county_and_the_mine_sees_itself(site: Site, handsets: Handsets) -> None:
    world = site.world
    world.calls_roll("zuanyan", "baopo")
    hazard = world.reports("zuanyan", WHAT)
    world.moves("anquan", hazard, "confirm")
    world.prepares_visit()

    head = sits_down(handsets, "kezhang")
    go(head, "班组清单")
    expect(head.get_by_role("heading", name="班组清单")).to_be_visible()
    head.get_by_role("table").get_by_role("link", name="演示铁矿（地下）").click()
    expect(head.get_by_text("张演示").first).to_be_visible()
    go(head, "隐患")
    expect(head.get_by_role("heading", name="隐患", exact=True)).to_be_visible()
    head.get_by_role("table").get_by_role("link", name=WHAT).click()
    expect(head.get_by_role("heading", name="经过")).to_be_visible()
    expect(head.get_by_text("陈试行").first).to_be_visible()

    # what is filtered is in the address: it can be sent to a colleague
    head.goto("/console/hazards?state=confirmed")
    expect(head.get_by_role("link", name=WHAT)).to_be_visible()
    with head.expect_download() as download:
        head.get_by_role("link", name="导出 Excel").click()
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).active
    assert sheet is not None
    assert any(WHAT in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    go(head, "检查")
    expect(head.get_by_role("heading", name="检查", exact=True)).to_be_visible()
    expect(head.get_by_role("table").get_by_text("演示铁矿（地下）")).to_be_visible()

    mine = sits_down(handsets, "anquan")
    go(mine, "隐患")
    expect(mine.get_by_role("heading", name="隐患", exact=True)).to_be_visible()
    expect(mine.get_by_role("link", name=WHAT)).to_be_visible()
    expect(mine.get_by_role("link", name="检查", exact=True)).to_have_count(0)
