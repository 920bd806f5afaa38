"""A hazard's way from reported to closed, each step made without a network by the person whose step it is."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from backend.hazards import operations
from backend.hazards.models import Hazard
from tests.e2e.conftest import Handset, Handsets, Site
from tests.e2e.field import Field

WHAT = "顶板浮石未处理"


class Person:
    """Somebody with a phone of his own."""

    def __init__(self, handsets: Handsets, login: str) -> None:
        self.phone: Handset = handsets.phone()
        self.field = Field(self.phone.open())
        self.field.sign_in(login)
        self.field.wait_until_offline_ready()

    def comes_up_and_goes_down(self, state: str) -> None:
        """Where the network is, what is new comes by itself; then he is underground again."""
        self.field.home()
        self.phone.offline()
        self.phone.offline(False)
        expect(self.field.card(WHAT)).to_contain_text(state)
        self.phone.offline()

    def opens(self, move: str, state: str) -> None:
        self.comes_up_and_goes_down(state)
        self.field.card(WHAT).click()
        self.field.link(move).click()
        expect(self.field.heading(move)).to_be_visible()

    def delivers(self) -> None:
        """The step is made, on this phone only; where the network is it goes by itself."""
        expect(
            self.field.page.get_by_text("等待上传").or_(self.field.page.get_by_text("仅在本机")).first
        ).to_be_visible()
        self.field.home()
        expect(self.field.page.get_by_text("未上传 1 份")).to_be_visible()
        self.phone.offline(False)
        expect(self.field.page.get_by_text("全部已送达")).to_be_visible()


def test_a_general_hazard_is_closed_by_people_underground(site: Site, handsets: Handsets) -> None:
    driller = Person(handsets, "zuanyan")
    field = driller.field
    driller.phone.offline()
    field.link("上报隐患").click()
    field.page.get_by_role("button", name="拍照").click()
    field.button("拍下").click()
    expect(field.page.get_by_text("已存", exact=True)).to_be_visible()
    field.page.get_by_label("什么问题").fill(WHAT)
    field.page.get_by_label("在哪里").fill("420中段")
    field.page.get_by_role("radio", name="班组长").click()
    field.button("登记隐患").click()
    driller.delivers()

    officer = Person(handsets, "anquan")
    officer.opens("确认", "待确认")
    officer.field.button("确认").click()
    officer.delivers()

    leader = Person(handsets, "banzu")
    leader.opens("派发整改", "已确认")
    leader.field.button("选择责任人").click()
    leader.field.page.get_by_role("button", name="王演示").click()
    leader.field.page.get_by_label("整改措施").fill("撬除浮石，补打锚杆")
    leader.field.page.get_by_role("button", name="明天内").click()
    leader.field.button("派发整改").click()
    leader.delivers()

    worker = Person(handsets, "chanyun")
    worker.opens("开始整改", "已派发")
    worker.field.button("开始整改").click()
    worker.field.link("整改完成").click()
    worker.field.page.get_by_role("button", name="必须拍照").click()
    worker.field.button("拍下").click()
    expect(worker.field.page.get_by_text("已存", exact=True)).to_be_visible()
    worker.field.button("整改完成").click()
    worker.delivers()

    officer.opens("验收合格", "待验收")
    officer.field.button("验收合格").click()
    officer.delivers()

    leader.opens("签字销号", "待销号")
    leader.field.button("签字销号").click()
    leader.field.sign()
    leader.delivers()

    with site.world.reading() as session:
        hazard = session.scalars(select(Hazard)).one()
        assert operations.fold(hazard.events) == hazard.state == "closed"
        names = [event.actor_name for event in hazard.events]
        assert names == ["张演示", "陈试行", "赵样例", "王演示", "王演示", "陈试行", "赵样例"]
        assert all(event.at_device and event.at_corrected <= event.at_server for event in hazard.events)
        assert len(hazard.photos) == len(hazard.photos_after) == 1
        assert hazard.events[-1].evidence["signature"]["strokes"]["strokes"]
