"""Work that came back: the role that was missing is entered afterwards, what the reason names is put right."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from backend.devices.schemas import ReportSchema
from backend.hazards.models import Hazard
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import report
from tests.backend.test_quarantine import ends, sends_what_is_too_long
from tests.e2e.access import flaws, phone_flaws
from tests.e2e.conftest import Handsets, Site
from tests.e2e.test_desk_people import reports, signed_in
from tests.e2e.test_desks import go, sits_down


def opens_what_came_back(handsets: Handsets, name: str) -> Page:
    page = sits_down(handsets, "guanli")
    go(page, "退回")
    page.get_by_role("row", name=re.compile(name)).get_by_role("link").click()
    expect(page.get_by_role("heading", name="手机上传的内容")).to_be_visible()
    return page


def after_his_role_had_ended(site: Site) -> FieldPhone:
    phone = Server(site.world).phone("zuanyan")
    phone.sync()
    ends(site.world, "zuanyan", at=site.world.clock.now())
    report(phone, next(iter(phone.of("mine"))), what="离岗之后的上报", photos=[])
    phone.exchange()
    return phone


def taken(site: Site) -> list[tuple[str, str]]:
    with site.world.reading() as session:
        return [(row.what, row.where) for row in session.scalars(select(Hazard))]


def puts_right(page: Page, where: str) -> Locator:
    """At the desk, with a reason; the dialog."""
    page.get_by_role("button", name="改正", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("位置").fill(where)
    dialog.get_by_label("为什么这样改").fill("本人电话核对")
    dialog.get_by_role("button", name="改正并采纳").click()
    return dialog


def test_a_role_that_ended_too_early_is_entered_afterwards_and_the_work_is_taken(
    site: Site, handsets: Handsets
) -> None:
    phone = after_his_role_had_ended(site)
    page = opens_what_came_back(handsets, "张演示")
    right = page.get_by_role("region", name="当时的权限")
    expect(right).to_contain_text("张演示没有办这件事的权限")
    expect(right.get_by_role("listitem")).to_contain_text("岗位工")
    expect(right.get_by_role("listitem")).to_contain_text("当时无效")
    found = flaws(page)
    right.get_by_role("button", name="补记当时的角色").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="角色").click()
    page.get_by_role("option", name="岗位工", exact=True).click()
    expect(dialog.get_by_role("button", name="补记当时的角色")).to_be_disabled()
    dialog.get_by_label("为什么补记").fill("调令晚到一天")
    found += flaws(page)
    dialog.get_by_role("button", name="补记当时的角色").click()
    expect(page.get_by_text("已补记。现在可以重新处理。")).to_be_visible()
    expect(right.get_by_text("当时有效")).to_be_visible()
    page.get_by_role("button", name="重新处理").click()
    expect(page.get_by_text("已采纳：已生效。")).to_be_visible()
    assert taken(site) == [("离岗之后的上报", "420中段")]
    phone.exchange(phone.request(ask=[1]))
    assert phone.results[1]["status"] == "applied"
    assert found == []


def test_what_the_reason_names_is_put_right_at_the_desk_and_taken(site: Site, handsets: Handsets) -> None:
    sends_what_is_too_long(Server(site.world))
    page = opens_what_came_back(handsets, "张演示")
    dialog = puts_right(page, "420中段北端")
    expect(dialog.get_by_role("alert")).to_contain_text("仍不能采纳：")
    expect(dialog.get_by_label("位置")).to_have_value("420中段北端")
    dialog.get_by_label("已告知").fill("班长")
    assert flaws(page) == []
    dialog.get_by_role("button", name="改正并采纳").click()
    expect(page.get_by_text("已采纳：已生效。")).to_be_visible()
    assert taken(site) == [("顶板浮石未处理", "420中段北端")]


def test_whose_record_was_put_right_sees_on_his_phone_by_whom_and_how(
    site: Site, handsets: Handsets, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorter = ReportSchema._declared_fields["where"].validators[0]
    monkeypatch.setattr(shorter, "max", 4)
    _, field = signed_in(handsets, "zuanyan")
    reports(field, "顶板浮石未处理")
    field.home()
    expect(field.page.get_by_text("1 份要您处理")).to_be_visible(timeout=60_000)
    page = opens_what_came_back(handsets, "张演示")
    puts_right(page, "北端")
    expect(page.get_by_text("已采纳：已生效。")).to_be_visible()

    field.page.goto("/field/#/records")
    field.button("立即上传").click()
    told = field.page.get_by_role("article").filter(has_text="顶板浮石未处理")
    expect(told).to_contain_text("已由沈试行改正后采用：位置", timeout=60_000)
    expect(told).to_contain_text("原来420中段")
    expect(told).to_contain_text("现在北端")
    expect(told).to_contain_text("改正理由：本人电话核对")
    assert phone_flaws(field.page) == []
    field.home()
    expect(field.page.get_by_text("1 份经他人改正后采用")).to_be_visible()
    field.link("经他人改正后采用").click()
    told.get_by_role("button", name="知道了").click()
    expect(field.page.get_by_text("全部已送达，没有要处理的记录。")).to_be_visible()
    assert taken(site) == [("顶板浮石未处理", "北端")]
