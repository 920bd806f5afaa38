"""A list on paper: printed, filled by hand, entered beside its photograph, and known as such at the desk."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import select

from backend.checklists.models import Submission
from backend.demo.people import PASSWORD
from backend.kernel.clock import ZONE
from forms.values import as_instant
from tests.documents.reading import pages, qr_code
from tests.e2e.access import flaws, phone_flaws
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field

CONTROLS = "凿岩工岗位风险管控措施清单"
ASKED = ["UG01-01", "UG01-02", "UG01-03"]

# The camera of this phone sees a sheet: white, with the code that stands on it (as `sheet`, rows of dark modules).
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 900, height: 1200 })
  const paper = canvas.getContext('2d')
  const draw = () => {
    const rows = JSON.parse(localStorage.getItem('sheet') ?? '[]')
    paper.fillStyle = '#fff'
    paper.fillRect(0, 0, 900, 1200)
    paper.fillStyle = '#000'
    rows.forEach((row, y) => row.forEach((dark, x) => dark && paper.fillRect(80 + x * 7, 700 + y * 7, 7, 7)))
    paper.fillText(String(performance.now()), 500, 100)
  }
  draw()
  setInterval(draw, 100)
  return canvas.captureStream(10)
}
"""


def test_what_was_written_by_hand_is_entered_beside_its_photograph(site: Site, handsets: Handsets) -> None:
    world = site.world
    world.calls_roll("zuanyan")
    with world.store.database.writing() as session:
        for task in world.tasks("zuanyan"):
            session.merge(task).asked = [item for item in task.asked if item in ASKED] or task.asked
    phone = handsets.phone()
    field = Field(phone.open(script=CAMERA))
    field.sign_in("zuanyan")
    field.open_list(CONTROLS)
    assert field.items() == ASKED

    # The blank is this very list, and its code is what the phone will see.
    printer = field.link("打印空白表").get_attribute("href")
    assert printer is not None
    pdf = field.page.request.get(f"{site.url}{printer}").body()
    [sheet] = pages(pdf)
    assert "填表人张演示" in sheet
    field.page.evaluate("(rows) => localStorage.setItem('sheet', JSON.stringify(rows))", qr_code(pdf, 0))

    field.home()
    field.link("从纸质录入").click()
    expect(field.heading("1. 拍下每一页")).to_be_visible()
    expect(field.button("请先拍照")).to_be_disabled()
    field.page.get_by_role("button", name="必须拍照").click()
    field.shoot()
    written = (world.clock.now().astimezone(ZONE) - timedelta(hours=1)).replace(second=0, microsecond=0)
    field.page.get_by_label("填写时间").fill(f"{written:%Y-%m-%dT%H:%M}")
    field.page.get_by_label("填写时间").blur()
    assert phone_flaws(field.page) == []
    field.button("开始录入").click()

    expect(field.page.get_by_alt_text("纸质清单第 1 张照片")).to_be_visible()
    expect(field.page.get_by_text("据纸质补录").first).to_be_visible()
    before = field.page.get_by_alt_text("纸质清单第 1 张照片").bounding_box()
    field.button("放大").click()
    after = field.page.get_by_alt_text("纸质清单第 1 张照片").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    assert phone_flaws(field.page) == []
    field.conform("UG01-01")
    field.read("UG01-02", "20.9")
    field.read("UG01-03", "12")
    expect(field.page.get_by_alt_text("纸质清单第 1 张照片")).to_be_in_viewport()
    field.finish()
    expect(field.page.get_by_text("已送达", exact=True)).to_be_visible()
    field.deliver()

    with world.reading() as session:
        filled = session.scalars(select(Submission).where(Submission.state == "signed")).one()
        assert filled.from_paper is not None
        assert {as_instant(one["at"]) for one in filled.answers.values()} == {written}
        assert {"fast", "held"} & set(filled.signals) == set()

    desk = handsets.desk().open("/console/")
    desk.get_by_label("账号").fill("anquan")
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    expect(desk.get_by_role("link", name="班组清单").first).to_be_visible()
    desk.goto(f"/console/lists/{filled.id}")
    expect(desk.get_by_role("heading", name="据纸质补录")).to_be_visible()
    expect(desk.locator(".paper img")).to_be_visible()
    assert flaws(desk) == []
