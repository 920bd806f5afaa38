"""The two desks: who has done their lists, hazards by state as links, a hazard's timeline, tables to Excel."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from backend.demo.people import PASSWORD
from tests.e2e.conftest import Handsets, Site

WHAT = "主井信号装置失灵"


def sign_in(handsets: Handsets, login: str) -> Page:
    page = handsets.desk().open("/console/")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="班组清单").first).to_be_visible()
    return page


def test_a_section_head_sees_the_county_and_the_mine_sees_itself(site: Site, handsets: Handsets) -> None:
    world = site.world
    world.calls_roll("zuanyan", "baopo")
    hazard = world.reports("zuanyan", WHAT)
    world.moves("anquan", hazard, "confirm")
    world.prepares_visit()

    head = sign_in(handsets, "kezhang")
    head.get_by_role("link", name="班组清单").first.click()
    head.get_by_text("演示铁矿（地下）").first.click()
    expect(head.get_by_text("张演示").first).to_be_visible()
    head.get_by_role("link", name="隐患").first.click()
    head.get_by_text(WHAT).first.click()
    expect(head.get_by_text("经过").first).to_be_visible()
    expect(head.get_by_text("陈试行").first).to_be_visible()

    # what is filtered is in the address: it can be sent to a colleague
    head.goto("/console/hazards?state=confirmed")
    expect(head.get_by_text(WHAT).first).to_be_visible()
    with head.expect_download() as download:
        head.get_by_text("导出 Excel").first.click()
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).active
    assert sheet is not None
    assert any(WHAT in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    head.get_by_role("link", name="检查").first.click()
    expect(head.get_by_text("演示铁矿（地下）").first).to_be_visible()

    mine = sign_in(handsets, "anquan")
    mine.get_by_role("link", name="隐患").first.click()
    expect(mine.get_by_text(WHAT).first).to_be_visible()
    expect(mine.get_by_role("link", name="检查", exact=True)).to_have_count(0)
