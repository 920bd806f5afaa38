"""Two officers underground, with no network between them, make one visit of what each did."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.checklists.models import Submission
from backend.enforcement.models import Document
from backend.hazards.models import Hazard
from tests.e2e.conftest import Handset, Handsets, Site
from tests.e2e.field import Field
from tests.e2e.test_sync_client import saved
from tests.e2e.test_visit import fail_item, open_visit

WHAT = "采掘工程平面图未更新"
# What the fake camera of the browser shows is a canvas on which the test draws what the other phone shows.
CAMERA = """
const canvas = Object.assign(document.createElement('canvas'), { width: 720, height: 720 })
const pen = canvas.getContext('2d')
const stream = canvas.captureStream(30)
let shown = null
setInterval(() => {
    pen.fillStyle = '#808080'
    pen.fillRect(0, 0, 720, 720)
    if (shown) pen.drawImage(shown, 60, 60, 600, 600)
}, 30)
window.seesThrough = async (png) => {
    shown = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (one) => one.charCodeAt(0))]))
}
navigator.mediaDevices.getUserMedia = async () => stream.clone()
"""


class Officer:
    """One of the team, with his phone."""

    def __init__(self, handset: Handset, login: str, script: str = "") -> None:
        self.handset = handset
        self.field = Field(handset.open(script=script))
        self.page: Page = self.field.page
        self.field.sign_in(login)
        open_visit(self.field)
        self.field.wait_until_offline_ready()
        handset.offline()
        self.field.hold("到达现场，开启检查")

    def team(self, visit: UUID) -> None:
        self.page.goto(f"/field/#/visits/{visit}/team")
        expect(self.field.heading("检查组")).to_be_visible()

    def list(self, visit: UUID) -> None:
        self.page.goto(f"/field/#/visits/{visit}")

    def shows_code(self) -> str:
        self.field.button("出示加入码").click()
        code = self.page.locator(".code-text").inner_text()
        self.page.keyboard.press("Escape")
        return code

    def joins(self, code: str) -> None:
        self.page.goto("/field/#/visits")
        self.field.button("扫码加入检查").click()
        self.page.get_by_label("或输入加入码").fill(code)
        self.field.button("按输入的码加入").click()
        expect(self.field.heading("检查组")).to_be_visible()

    def part(self, folder: Path, name: str) -> Path:
        self.field.button("发出我的部分").click()
        file = saved(self.page, "以文件发送", folder, name)
        self.page.keyboard.press("Escape")
        return file

    def reads(self, file: Path) -> None:
        self.page.get_by_label("读入同事的文件").set_input_files(file)

    def comes_up(self) -> None:
        self.handset.offline(False)
        self.field.home()
        expect(self.page.get_by_text("全部已送达")).to_be_visible()


def both(handsets: Handsets, script: str = "") -> tuple[Officer, Officer]:
    return Officer(handsets.phone(), "jiancha1", script), Officer(handsets.phone(), "jiancha2", script)


def test_one_issues_the_paper_on_what_the_other_found_before_either_has_a_network(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    world = site.world
    visit = world.prepares_visit()
    first, second = both(handsets)
    first.team(visit)
    code = first.shows_code()
    second.joins(code)
    expect(second.page.get_by_text("还没有收到他的部分")).to_be_visible()
    second.list(visit)
    fail_item(second.field, "SC-03", WHAT)
    second.field.conform("SC-04")
    second.team(visit)
    part = second.part(tmp_path, "part.txt")
    assert WHAT not in part.read_text()

    first.team(visit)
    changed = tmp_path / "changed.txt"
    text = part.read_text()
    changed.write_text(text[:300] + ("A" if text[300] != "A" else "B") + text[301:])
    first.reads(changed)
    expect(first.page.get_by_role("alert")).to_contain_text("截断或改动过，没有读入")
    first.reads(part)
    expect(first.page.get_by_role("status").first).to_contain_text("已收到姜示范")
    expect(first.page.get_by_text("2 项，1 个问题")).to_be_visible()
    first.list(visit)
    expect(first.field.item("SC-04").get_by_text("姜示范")).to_be_visible()
    failed = first.field.item("SC-03")
    expect(failed.get_by_role("radio", name="不合格", exact=True)).to_be_checked()
    expect(failed.get_by_text("来自姜示范的部分，尚未送达服务器")).to_be_visible()

    # told and issued underground
    first.field.link("结束").click()
    expect(first.page.get_by_text(WHAT).first).to_be_visible()
    first.page.get_by_label("姓名").fill("褚试行")
    first.page.get_by_label("职务").fill("矿长")
    first.field.button("请现场负责人签字").click()
    first.field.sign()
    first.field.card("责令限期整改指令书").click()
    expect(first.page.get_by_role("article", name="文书预览")).to_contain_text(WHAT)
    for _ in range(2):
        first.page.get_by_role("button", name="签字", exact=True).first.click()
        first.field.sign()
    first.field.hold("签发并取号")
    expect(first.page.get_by_text("已签发")).to_be_visible()
    with world.reading() as session:
        assert session.scalars(select(Hazard)).all() == []

    # the first comes up first, and brings with him what the second gave to be handed in
    first.comes_up()
    second.comes_up()
    with world.reading() as session:
        hazard = session.scalars(select(Hazard)).one()
        assert hazard.what == WHAT
        order = session.scalars(select(Document)).one()
        assert [one["text"].endswith(WHAT) for one in order.data["findings"]] == [True]
        answers = session.scalars(select(Submission).where(Submission.visit_id == visit)).one().answers
        assert {item: answers[item]["result"] for item in ("SC-03", "SC-04")} == {
            "SC-03": "fail",
            "SC-04": "pass",
        }
        reporter = str(hazard.reporter_id)
    for officer in (first, second):
        officer.page.goto("/field/#/records")
        officer.field.button("立即上传").click()
        officer.page.goto("/field/#/hazards")
        expect(officer.page.locator("a.card", has_text=WHAT)).to_have_count(1)
        expect(officer.page.get_by_text("来自姜示范的部分")).to_have_count(0)
    assert reporter == str(world.user_id("jiancha2"))


def test_a_part_goes_over_by_codes_that_the_other_films_and_shows_where_the_two_differ(
    site: Site, handsets: Handsets
) -> None:
    visit = site.world.prepares_visit()
    first, second = both(handsets, CAMERA)
    second.list(visit)
    fail_item(second.field, "SC-03", WHAT)
    second.field.conform("SC-04")
    second.team(visit)
    code = second.page.locator("svg.code")

    def films() -> None:
        """The first's camera sees what the second's screen shows just now."""
        png = code.screenshot()
        first.page.evaluate("png => window.seesThrough(png)", b64encode(png).decode())

    # joined by the code itself
    second.field.button("出示加入码").click()
    first.list(visit)
    first.field.conform("SC-04", "不涉及")
    first.team(visit)
    first.field.button("扫同事的码").click()
    films()
    expect(first.page.get_by_role("dialog")).to_have_count(0)
    expect(first.page.get_by_text("本机还没有这次检查的密钥")).to_have_count(0)
    second.page.keyboard.press("Escape")

    second.field.button("发出我的部分").click()
    expect(second.page.get_by_text("个码").first).to_be_visible()
    films()
    first.field.button("扫同事的码").click()
    told = first.page.get_by_role("status").filter(has_text="已收到姜示范")
    for _ in range(400):
        films()
        if told.count():
            break
    expect(told).to_be_visible()
    expect(first.page.get_by_text("2 项，1 个问题")).to_be_visible()

    # they differ on one item: both are shown, the graver stands, and the first comes round
    expect(first.field.heading("说法不一 1 项")).to_be_visible()
    first.list(visit)
    card = first.field.item("SC-04")
    expect(card.get_by_text("同组说法不一，按较重的显示")).to_be_visible()
    expect(card.get_by_role("radio", name="合格", exact=True)).to_be_checked()
    card.get_by_role("button", name="我同意显示的这一个").click()
    expect(card.get_by_text("同组说法不一")).to_have_count(0)
    expect(first.field.item("SC-03").get_by_role("radio", name="不合格", exact=True)).to_be_checked()
    first.team(visit)
    expect(first.page.get_by_text("各人说法一致")).to_be_visible()
