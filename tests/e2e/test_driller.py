"""A driller before the shift, without a network, on a phone that dies and that he shares."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from backend.checklists.models import Submission, Task
from backend.hazards.models import Hazard
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field

CONTROLS = "凿岩工岗位风险管控措施清单"
CO = "UG01-03"


def test_a_list_is_filled_offline_survives_a_kill_and_arrives_by_itself(
    site: Site, handsets: Handsets
) -> None:
    site.world.calls_roll("zuanyan", "baopo")
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    expect(field.card(CONTROLS)).to_be_visible()
    expect(field.card("撬毛支护工岗位风险管控措施清单")).to_be_visible()
    field.wait_until_offline_ready()

    field = Field(phone.restart())
    phone.offline()
    field.unlock("张演示")
    field.open_list(CONTROLS)
    items = field.items()
    assert len(items) == 12

    # 30 ppm against 24 fails by itself
    field.read(CO, "30")
    expect(field.item(CO).get_by_text("不合格").first).to_be_visible()

    # 60 ppm fills the screen before anything is filed
    field.read(CO, "60")
    danger = field.page.get_by_role("alertdialog")
    expect(danger.get_by_role("heading", name="停工 · 撤人 · 报告")).to_be_visible()
    expect(danger.get_by_role("link", name="呼叫调度")).to_be_visible()
    field.hold("已停工撤人，继续记录")
    expect(danger).to_be_hidden()

    # photo and hazard in the same card
    card = field.item(CO)
    field.take_photo(card)
    card.get_by_label("什么问题").fill("工作面一氧化碳超限")
    card.get_by_label("在哪里").fill("420中段3号掘进面")
    card.get_by_role("radio", name="班组长").click()
    card.get_by_role("button", name="登记隐患").click()
    expect(card.get_by_text("隐患已登记")).to_be_visible()

    # killed, opened again without a network: all there, at the very same list
    phone.kill()
    field = Field(phone.open())
    phone.offline()
    field.unlock("张演示")
    expect(field.page.locator("[data-item]").first).to_be_visible()
    expect(field.item(CO).get_by_text("60 ppm", exact=True)).to_be_visible()
    expect(field.item(CO).get_by_text("隐患已登记")).to_be_visible()

    for item in items:
        if item != CO:
            answer(field, item)
    field.finish()

    phone.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with site.world.reading() as session:
        submission = session.scalars(select(Submission)).one()
        assert (submission.state, submission.answers[CO]["value"]) == ("signed", 60)
        assert session.get_one(Task, submission.task_id).state == "done"
        hazard = session.scalars(select(Hazard)).one()
        assert (hazard.what, hazard.state, len(hazard.photos)) == ("工作面一氧化碳超限", "reported", 1)


def answer(field: Field, item: str) -> None:
    """What is right for this item: 合格, or a reading within the limit; a photo where one must be."""
    card = field.item(item)
    readings = {"UG01-02": "20.5", "UG01-04": "1", "UG01-08": "6"}
    segment = card.get_by_role("radio", name="合格", exact=True)
    if item in readings:
        cases = card.get_by_role("radiogroup", name="请选择适用情形").get_by_role("radio")
        if cases.count():
            cases.first.click()
        field.read(item, readings[item])
    elif segment.count():
        field.conform(item)
    else:
        field.read(item, "1")
    if card.get_by_role("button", name="必须拍照").count():
        card.get_by_role("button", name="必须拍照").click()
        field.shoot()


def test_two_people_share_a_phone_and_neither_waits_for_nor_sees_the_other(
    site: Site, handsets: Handsets
) -> None:
    site.world.calls_roll("zuanyan", "baopo")
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    expect(field.card(CONTROLS)).to_be_visible()
    field.wait_until_offline_ready()
    phone.offline()
    field.open_list(CONTROLS)
    field.conform("UG01-01")
    field.home()
    field.lock()

    phone.offline(False)
    field.sign_in("baopo")
    expect(field.card("爆破员岗位风险管控措施清单")).to_be_visible()
    expect(field.page.get_by_text("凿岩工")).to_have_count(0)

    field.lock()
    field.unlock("张演示")
    expect(field.card(CONTROLS)).to_be_visible()
    expect(field.page.get_by_text("爆破员")).to_have_count(0)
    field.open_list(CONTROLS)
    expect(field.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()


def test_a_phone_that_received_nothing_yet_does_not_say_that_there_is_nothing_to_do(
    site: Site, handsets: Handsets
) -> None:
    phone = handsets.phone()
    field = Field(phone.open())
    field.page.route("**/sync/exchange", lambda route: route.abort())
    field.enter("zuanyan")
    expect(field.page.get_by_text("这台手机还没有收到您的清单。请到有网络的地方")).to_be_visible()
    expect(field.page.get_by_text("本班没有要填的清单。")).to_have_count(0)
    expect(field.page.get_by_text("没有等您处理的隐患。")).to_have_count(0)

    field.page.unroute("**/sync/exchange")
    field.link("尚未同步过").click()
    field.deliver()
    field.home()
    expect(field.page.get_by_text("本班没有要填的清单。")).to_be_visible()
    expect(field.page.get_by_text("没有等您处理的隐患。")).to_be_visible()
