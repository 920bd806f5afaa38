"""The two desks: the mine's moves its hazards, the bureau's prepares a visit that the mine's cannot see."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from backend.demo.people import PASSWORD
from tests.backend.desk import Desk
from tests.e2e.access import flaws
from tests.e2e.conftest import Handsets, Site

WHAT = "顶板浮石未处理"


def sits_down(handsets: Handsets, login: str) -> Page:
    """Somebody signs in at a desk of his own."""
    page = handsets.desk().open("/console/")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="待办", exact=True)).to_be_visible()
    return page


def go(page: Page, to: str) -> None:
    page.get_by_role("navigation", name="页面").get_by_role("link", name=to, exact=True).click()


def test_a_safety_officer_clears_the_worklist_by_keyboard_and_takes_the_table_along(
    site: Site, handsets: Handsets
) -> None:
    site.world.reports("zuanyan", WHAT)
    page = sits_down(handsets, "anquan")
    expect(page.get_by_role("heading", name="待确认的隐患 1")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="确认", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="确认", exact=True).click()
    page.get_by_role("button", name="派发整改").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="派发整改")).to_be_disabled()
    expect(dialog.get_by_text("还缺：整改责任人、整改措施、整改期限")).to_be_visible()
    dialog.get_by_label("整改责任人").fill("王演示")
    page.get_by_role("option", name=re.compile("王演示")).click()
    dialog.get_by_label("整改措施").fill("撬除浮石，补打锚杆")
    dialog.get_by_role("button", name="3 天后").click()
    dialog.get_by_role("button", name="派发整改").click()
    timeline = page.get_by_role("heading", name="经过").locator("..")
    expect(timeline.get_by_role("listitem").first).to_contain_text("派发整改 陈试行")
    expect(page.get_by_role("dialog")).to_have_count(0)  # while it goes, the keys are still its own
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.get_by_role("link", name="已派发", exact=True).click()
    expect(page).to_have_url(re.compile(r"/console/hazards\?state=assigned$"))
    expect(page.get_by_role("row", name=re.compile(WHAT))).to_contain_text("王演示")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    rows = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).worksheets[0]
    assert [row[1].value for row in rows.iter_rows(min_row=2)] == [WHAT]


def test_the_bureau_prepares_a_visit_that_nobody_at_the_mine_can_find(site: Site, handsets: Handsets) -> None:
    bureau, mine = sits_down(handsets, "kezhang"), sits_down(handsets, "anquan")
    go(bureau, "检查")
    bureau.get_by_role("button", name="准备检查").click()
    dialog = bureau.get_by_role("dialog")
    dialog.get_by_label("矿山").fill("铁矿")
    bureau.get_by_role("option", name="演示铁矿（地下）").click()
    expect(
        dialog.get_by_text(re.compile("四不两直.*检查")).first
    ).to_be_visible()  # what such a mine is checked by
    for officer in ("陶示范", "姜示范"):
        dialog.get_by_label("检查组").fill(officer)
        bureau.get_by_role("option", name=re.compile(officer)).click()
    expect(dialog.get_by_text("执法证有效的 2 人")).to_be_visible()
    dialog.get_by_label("事由").fill("通风专项")
    dialog.get_by_role("button", name="准备检查").click()
    expect(bureau.get_by_role("heading", name="通风专项")).to_be_visible()
    expect(bureau.get_by_text("尚未开启：请勿向企业透露")).to_be_visible()
    secret = bureau.url

    mine.goto(secret)
    expect(mine.get_by_text("没有找到，或您无权查看。")).to_be_visible()
    expect(mine.get_by_role("navigation", name="页面").get_by_role("link", name="检查")).to_have_count(0)

    officer = sits_down(handsets, "jiancha1")
    expect(officer.get_by_role("link", name="通风专项")).to_be_visible()


def test_a_paper_is_read_at_the_desk_and_checked_by_anybody(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    told = Desk(site.world)
    visit = site.world.prepares_visit()
    told.opens(visit)
    told.finds(visit)
    told.explains(visit)
    paper = told.issues(visit)
    site.world.drain()
    page = sits_down(handsets, "anquan")
    go(page, "文书")
    page.get_by_role("link", name=re.compile("应急责改")).first.click()
    expect(page.get_by_role("heading", name=re.compile("应急责改〔20.*〕1号"))).to_be_visible()
    pdf = page.request.get(f"/api/v1/documents/{paper}/pdf").body()
    address = page.get_by_role("link", name="/v/").get_attribute("href")
    assert address is not None
    original, altered = tmp_path / "original.pdf", tmp_path / "altered.pdf"
    original.write_bytes(pdf)
    altered.write_bytes(pdf.replace(b"%%EOF", b"%%EOF\n"))

    anybody = handsets.phone().open(address)
    expect(anybody.get_by_text("有效：由下列机关签发")).to_be_visible()
    expect(anybody.get_by_text(hashlib.sha256(pdf).hexdigest())).to_be_visible()
    file = anybody.locator("input[type=file]")
    file.set_input_files(original)
    expect(anybody.get_by_text("与签发原件一致", exact=True)).to_be_visible()
    file.set_input_files(altered)
    expect(anybody.get_by_text("与签发原件不一致", exact=True)).to_be_visible()


def test_no_page_of_the_desk_shuts_anybody_out(site: Site, handsets: Handsets) -> None:
    told = Desk(site.world)
    told.fills("zuanyan", site.world.calls_roll("zuanyan")[0], fails=1)
    hazard = site.world.reports("zuanyan", WHAT)
    visit = site.world.prepares_visit()
    told.opens(visit)
    told.finds(visit)
    told.explains(visit)
    paper = told.issues(visit)
    site.world.drain()
    page = sits_down(handsets, "kezhang")
    found = flaws(page)
    for path, words in (
        (f"lists?mine={told.mine_id()}", "张演示"),
        ("hazards", WHAT),
        (f"hazards/{hazard}", "经过"),
        (f"visits/{visit}", "发现的问题"),
        (f"documents/{paper}", "校验码"),
        (f"mines/{told.mine_id()}", "检查点"),
    ):
        page.goto(f"/console/{path}")
        expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()
        found += flaws(page)
    assert found == []
