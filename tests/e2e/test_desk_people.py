"""People and their phones at the desk: entered, activated, a phone lost, work set aside, two values for one thing."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader
from sqlalchemy import select

from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from tests.e2e.access import flaws, phone_flaws
from tests.e2e.conftest import Handset, Handsets, Site
from tests.e2e.field import PIN, Field
from tests.e2e.test_desks import go, sits_down
from tests.e2e.test_driller import CONTROLS
from tests.e2e.test_visit import open_visit

WHAT = "顶板浮石未处理"


def prints_slip(page: Page) -> str:
    """The slip opens for print; returns the code that stands on it."""
    kept: list[bytes] = []

    def read(route: Route) -> None:
        answer = route.fetch()
        kept.append(answer.body())
        route.fulfill(response=answer)

    page.route("**/slip.pdf", read)
    with page.expect_popup():
        page.get_by_role("button", name=re.compile("打印(激活|重设密码)凭条")).click()
    expect(page.get_by_text("凭条已生成")).to_be_visible()
    text = PdfReader(BytesIO(kept[0])).pages[0].extract_text()
    [code] = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", text)
    return str(code)


def activates(field: Field, code: str) -> None:
    field.link("扫激活条").click()
    field.page.get_by_label("激活码").fill(code)
    field.page.get_by_label(re.compile("密码")).fill("correct horse")
    field.button("继续").click()
    field.type_pin(PIN)
    expect(field.page.get_by_text("请再输一遍")).to_be_visible()
    field.type_pin(PIN)
    expect(field.heading("今天")).to_be_visible()


def reports(field: Field, what: str) -> None:
    field.page.goto("/field/#/hazards/new")
    field.page.get_by_label("什么问题").fill(what)
    field.page.get_by_label("在哪里").fill("420中段")
    field.page.get_by_role("radio", name="班组长").click()
    field.button("登记隐患").click()
    expect(field.page.get_by_text(what).first).to_be_visible()


def row(page: Page, words: str) -> Any:
    return page.get_by_role("row", name=re.compile(words))


def test_a_new_driller_is_entered_gets_his_slip_and_activates_his_phone(
    site: Site, handsets: Handsets
) -> None:
    page = sits_down(handsets, "guanli")
    go(page, "人员")
    page.get_by_role("button", name="添加人员").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="添加人员").click()
    expect(dialog.get_by_role("alert").filter(has_text="必填")).to_have_count(2)
    dialog.get_by_label("姓名").fill("新试样")
    dialog.get_by_label("账号").fill("Xin Ren")
    dialog.get_by_label("岗位").fill("凿岩")
    page.get_by_role("option", name="UG01 凿岩工").click()
    dialog.get_by_role("button", name="早班").click()
    dialog.get_by_role("button", name="添加人员").click()
    expect(dialog.get_by_role("alert")).to_have_text("小写字母或数字开头，可含点、横线、下划线，2–40 位")
    dialog.get_by_label("账号").fill("zuanyan")
    dialog.get_by_role("button", name="添加人员").click()
    expect(dialog.get_by_role("alert")).to_have_text("账号“zuanyan”已有人使用，请换一个。")
    dialog.get_by_label("账号").fill("xinren")
    dialog.get_by_role("button", name="添加人员").click()
    expect(page.get_by_role("heading", name="新试样")).to_be_visible()
    expect(page.get_by_text("未激活")).to_be_visible()

    code = prints_slip(page)
    expect(page.get_by_text("凭条已打印")).to_be_visible()
    site.world.calls_roll("xinren")
    field = Field(handsets.phone().open())
    activates(field, code)
    expect(field.card(CONTROLS)).to_be_visible()

    go(page, "人员")
    expect(row(page, "新试样")).to_contain_text("已激活")
    go(page, "手机")
    expect(row(page, "新试样")).to_contain_text("使用中")


def test_a_deputy_stands_in_from_a_day_to_a_day_and_who_leaves_is_out_at_once(
    site: Site, handsets: Handsets
) -> None:
    page = sits_down(handsets, "guanli")
    go(page, "人员")
    page.get_by_role("link", name="陈试行").click()
    page.get_by_role("button", name="安排代理").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("由谁代理").fill("蒋试行")
    page.get_by_role("option", name=re.compile("蒋试行")).click()
    dialog.get_by_role("button", name="3 天后").click()
    dialog.get_by_role("button", name="安排代理").click()
    expect(page.get_by_text("蒋试行 代行“安全员”")).to_be_visible()
    site.world.reports("zuanyan", WHAT)
    deputy = sits_down(handsets, "anke")
    expect(deputy.get_by_role("link", name=WHAT)).to_be_visible()

    page.get_by_role("button", name="停用账号").click()
    expect(dialog.get_by_text("还没上传的工作不会丢")).to_be_visible()
    dialog.get_by_role("button", name="停用账号").click()
    expect(page.get_by_text("已停用")).to_be_visible()
    expect(page.get_by_text("没有角色：登录后看不到任何内容")).to_be_visible()


def test_a_persons_post_and_name_are_changed_and_somebody_of_another_mine_joins_this_one(
    site: Site, handsets: Handsets
) -> None:
    page = sits_down(handsets, "guanli")
    go(page, "人员")
    page.get_by_role("link", name="张演示").click()
    page.get_by_role("button", name="修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("姓名").fill("张新名")
    dialog.get_by_label("班组").fill("采掘九班")
    found = flaws(page)
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="张新名")).to_be_visible()
    expect(page.get_by_text("采掘九班")).to_be_visible()

    with site.world.reading() as session:
        stranger = site.world.user(session, "lutian.anquan").name
    go(page, "人员")
    page.get_by_role("button", name="添加人员").click()
    dialog.get_by_label("姓名").fill("不是他")
    dialog.get_by_label("账号").fill("lutian.anquan")
    dialog.get_by_role("button", name="添加人员").click()
    dialog.get_by_role("button", name="同一个人，加入本矿").click()
    expect(dialog.get_by_text("没有可以加入本矿的这名人员").first).to_be_visible()
    dialog.get_by_label("姓名", exact=True).fill(stranger)
    dialog.get_by_role("button", name="同一个人，加入本矿").click()
    expect(page.get_by_role("heading", name=stranger)).to_be_visible()
    expect(page.get_by_text("此人在别的单位还有角色")).to_be_visible()
    assert found + flaws(page) == []


def test_a_lost_phone_is_ended_and_what_it_sends_when_found_waits_for_a_decision(
    site: Site, handsets: Handsets
) -> None:
    phone, field = signed_in(handsets, "zuanyan")
    phone.offline()
    reports(field, WHAT)
    page = sits_down(handsets, "guanli")
    go(page, "手机")
    page.get_by_role("button", name="丢失：张演示").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("还没上传的内容只在丢失的手机里")).to_be_visible()
    dialog.get_by_role("button", name="丢失", exact=True).click()
    expect(dialog.get_by_text("张演示：最近联络")).to_be_visible()
    dialog.get_by_role("button", name="关闭", exact=True).last.click()
    expect(row(page, "张演示")).to_contain_text("已停用")

    phone.offline(False)
    expect(field.page.get_by_text("被退回")).to_be_visible()
    go(page, "退回")
    row(page, "张演示").get_by_role("link").click()
    expect(page.get_by_text("手机已被停用，等待人工审查。")).to_be_visible()
    expect(page.get_by_text(WHAT)).to_be_visible()
    page.get_by_role("button", name="不予采纳").click()
    page.get_by_role("dialog").get_by_label("理由").fill("不是本人所做")
    page.get_by_role("dialog").get_by_role("button", name="不予采纳").click()
    expect(page.get_by_text("已按不予采纳结束。")).to_be_visible()
    go(page, "退回")
    expect(page.get_by_role("heading", name="退回")).to_be_visible()
    expect(page.get_by_text("没有被退回的内容")).to_be_visible()


def test_what_the_server_failed_at_is_taken_once_the_server_is_mended(
    site: Site, handsets: Handsets, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, field = signed_in(handsets, "zuanyan")
    with monkeypatch.context() as broken:
        broken.setattr(hazards, "report", None)
        reports(field, WHAT)
        expect(field.page.get_by_text("被退回")).to_be_visible()
        page = sits_down(handsets, "guanli")
        expect(page.get_by_role("heading", name="手机上传被退回，待处理 1")).to_be_visible()
        page.get_by_role("link", name=re.compile("张演示：服务器处理时出错")).click()
        expect(page.get_by_text(WHAT)).to_be_visible()
        page.get_by_role("button", name="重新处理").click()
        expect(page.get_by_text("仍不能采纳：")).to_be_visible()
    page.get_by_role("button", name="重新处理").click()
    expect(page.get_by_text("已采纳：已生效。")).to_be_visible()
    with site.world.reading() as session:
        assert session.scalars(select(Hazard.what)).all() == [WHAT]


def test_what_two_officers_answered_differently_is_decided_at_the_desk_and_both_phones_show_it(
    site: Site, handsets: Handsets
) -> None:
    site.world.prepares_visit()
    officers = [signed_in(handsets, login) for login in ("jiancha1", "jiancha2")]
    for (phone, field), result in zip(officers, ("合格", "不合格"), strict=True):
        open_visit(field)
        phone.offline()
        field.hold("到达现场，开启检查")
        field.item("SC-03").get_by_role("radio", name=result, exact=True).click()
        expect(field.item("SC-03").get_by_text("已存本机").first).to_be_visible()
        if result == "合格":  # a photo that nothing asks for has its place made first
            field.item("SC-03").get_by_role("button", name="拍照").click()
        field.take_photo(field.item("SC-03"))
    for phone, field in officers:
        phone.offline(False)
        field.send()
        field.home()
        expect(field.page.get_by_text(re.compile("全部已送达|份要您处理"))).to_be_visible()
    field.page.goto("/field/#/records")
    card = field.page.get_by_role("article").filter(has_text="较重，暂以此为准")
    expect(card).to_contain_text("姜示范")
    expect(card).to_contain_text("陶示范")
    # his own photo and his colleague's, which the server has
    expect(card.get_by_role("img", name=re.compile("照片"))).to_have_count(2)
    assert phone_flaws(field.page) == []

    desk = sits_down(handsets, "kezhang")
    go(desk, "冲突")
    row(desk, "现场检查表").get_by_role("link").click()
    graver, other = desk.get_by_role("article", name="较重"), desk.get_by_role("article", name="另一个")
    expect(graver).to_contain_text("不合格")
    expect(graver).to_contain_text("姜示范")
    expect(other).to_contain_text("陶示范")
    for side in (graver, other):
        expect(side.get_by_role("img")).to_have_js_property("complete", True)
        expect(side.get_by_role("img")).to_be_visible()
        for clock in ("时间（已校正）", "手机时间", "送达时间"):
            expect(side.get_by_text(clock)).to_be_visible()
    expect(other).to_contain_text("先到服务器")
    expect(graver).to_contain_text(re.compile("填写时依据第 [0-9]+ 版"))
    found = flaws(desk)
    desk.get_by_role("button", name="以此为准：合格").click()
    desk.get_by_role("dialog").get_by_label("理由").fill("两人一同复查，合格")
    desk.get_by_role("dialog").get_by_role("button", name="裁定").click()
    expect(desk.get_by_text("已裁定")).to_be_visible()
    go(desk, "待办")
    expect(desk.get_by_role("heading", name=re.compile("两人填写不一致"))).to_have_count(0)
    assert found == []

    for phone, field in officers:
        phone.offline()
        phone.offline(False)
        open_visit(field)
        expect(field.item("SC-03").get_by_role("radio", name="合格", exact=True)).to_be_checked()
        field.home()
        expect(field.page.get_by_text("全部已送达")).to_be_visible()


def test_no_page_about_people_and_phones_shuts_anybody_out(site: Site, handsets: Handsets) -> None:
    _, field = signed_in(handsets, "zuanyan")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(hazards, "report", None)
        reports(field, WHAT)
        expect(field.page.get_by_text("被退回")).to_be_visible()
    page = sits_down(handsets, "guanli")
    go(page, "退回")
    expect(row(page, "张演示")).to_be_visible()
    found = flaws(page)
    row(page, "张演示").get_by_role("link").click()
    expect(page.get_by_text("手机上传的内容")).to_be_visible()
    found += flaws(page)
    for to, words in (("手机", "使用中"), ("人员", "已激活")):
        go(page, to)
        expect(page.get_by_text(words).first).to_be_visible()
        found += flaws(page)
    page.get_by_role("button", name="添加人员").click()
    expect(page.get_by_role("dialog").get_by_label("账号")).to_be_visible()
    found += flaws(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="张演示").click()
    expect(page.get_by_role("heading", name="角色与期限")).to_be_visible()
    found += flaws(page)
    assert found == []


def signed_in(handsets: Handsets, login: str) -> tuple[Handset, Field]:
    """A phone that the server knows, on which this person works, with or without a network."""
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in(login)
    field.wait_until_offline_ready()
    return phone, field
