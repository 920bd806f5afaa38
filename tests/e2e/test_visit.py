"""An unannounced visit, from its preparation to the printed order, by two officers on two phones."""

from __future__ import annotations

import re
from io import BytesIO

from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select

from backend.documents.verify import describe
from backend.enforcement.models import Document
from tests.backend.desk import Desk
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field

MINE = "演示铁矿（地下）"


def open_visit(field: Field) -> None:
    field.home()
    field.page.goto("/field/#/visits")
    field.card(MINE).click()


def fail_item(field: Field, item: str, what: str) -> None:
    card = field.item(item)
    card.get_by_role("radio", name="不合格", exact=True).click()
    card.get_by_role("button", name="必须拍照").click()
    field.button("拍下").click()
    expect(card.get_by_text("已存", exact=True)).to_be_visible()
    card.get_by_label("什么问题").fill(what)
    card.get_by_label("在哪里").fill("420中段")
    card.get_by_role("radio", name="还没告知").click()
    card.get_by_role("button", name="登记隐患").click()
    expect(card.get_by_text("隐患已登记")).to_be_visible()


def test_a_visit_ends_with_a_signed_order_that_anybody_can_check(site: Site, handsets: Handsets) -> None:
    world = site.world
    world.prepares_visit()
    one, two = handsets.phone(), handsets.phone()
    first, second = Field(one.open()), Field(two.open())
    for field, login in ((first, "jiancha1"), (second, "jiancha2")):
        field.sign_in(login)
        open_visit(field)
        expect(field.page.get_by_text("开启前，被检查单位看不到这次检查")).to_be_visible()
        field.wait_until_offline_ready()
    one.offline()
    two.offline()
    first.hold("到达现场，开启检查")
    fail_item(first, "SC-03", "采掘工程平面图未更新")
    second.hold("到达现场，开启检查")
    second.conform("SC-04")
    with world.reading() as session:
        assert session.scalars(select(Document)).all() == []

    # both come to where a network is: one sheet, both hands in it
    for handset, field in ((one, first), (two, second)):
        handset.offline(False)
        field.deliver()
    one.offline()
    one.offline(False)
    open_visit(first)
    expect(first.item("SC-04").get_by_role("radio", name="合格", exact=True)).to_be_checked()
    expect(first.item("SC-04").get_by_text("姜示范")).to_be_visible()

    # explained on site: each officer signs his part, the mine's head signs
    first.link("结束").click()
    first.button("我签字确认检查表").click()
    first.sign()
    first.page.get_by_label("姓名").fill("褚试行")
    first.page.get_by_label("职务").fill("矿长")
    first.button("请现场负责人签字").click()
    first.sign()

    # the order: read, signed by both, issued under the next number
    first.card("责令限期整改指令书").click()
    expect(first.page.get_by_text("采掘工程平面图未更新").first).to_be_visible()
    for _ in range(2):
        first.page.get_by_role("button", name="签字", exact=True).first.click()
        first.sign()
    first.hold("签发并取号")
    expect(first.page.get_by_text("已签发")).to_be_visible()
    expect(first.page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    with world.reading() as session:
        order = session.scalars(select(Document)).one()
        assert order.review == []
        pdf = world.store.blobs.get(str(order.pdf))
        assert pdf is not None
        assert describe(pdf).number == order.number

    # anybody with the paper
    public = handsets.desk()
    page = public.open(f"/v/{order.short}")
    expect(page.get_by_text(order.number).first).to_be_visible()
    paper = handsets.folder / "order.pdf"
    paper.write_bytes(pdf)
    page.locator("input[type=file]").set_input_files(paper)
    expect(page.get_by_text("与签发原件一致", exact=True)).to_be_visible()
    changed = handsets.folder / "changed.pdf"
    changed.write_bytes(pdf + b"\n% added\n")
    page.locator("input[type=file]").set_input_files(changed)
    expect(page.get_by_text("与签发原件不一致", exact=True)).to_be_visible()


def test_a_representative_who_refuses_is_witnessed_and_the_paper_says_so(
    site: Site, handsets: Handsets
) -> None:
    world = site.world
    world.prepares_visit()
    phone = handsets.phone()
    field = Field(phone.open())
    page = field.page
    field.sign_in("jiancha1")
    open_visit(field)
    field.wait_until_offline_ready()
    phone.offline()
    field.hold("到达现场，开启检查")
    field.conform("SC-04")
    field.link("结束").click()
    page.get_by_label("姓名").fill("褚试行")
    page.get_by_label("职务").fill("矿长")
    field.button("请现场负责人签字").click()
    page.get_by_role("button", name="拒绝签字").click()

    # without a reason and a witness it is no refusal
    sheet = page.get_by_role("dialog", name="褚试行拒绝签字")
    expect(sheet.get_by_role("button", name="请见证人签字")).to_be_disabled()
    sheet.get_by_label("拒签理由").fill("对问题有异议")
    sheet.get_by_label("见证人姓名").fill("蒋示范")
    sheet.get_by_role("button", name="请见证人签字").click()
    expect(page.get_by_role("dialog", name="请见证人签名")).to_contain_text("蒋示范")
    field.sign()
    expect(page.get_by_text("拒绝签字：对问题有异议；见证人：蒋示范")).to_be_visible()

    field.card("现场检查记录").click()
    expect(page.get_by_role("article", name="文书预览")).to_contain_text("拒绝签字：对问题有异议")
    for _ in range(2):
        page.get_by_role("button", name="签字", exact=True).first.click()
        field.sign()
    field.hold("签发并取号")
    phone.offline(False)
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    with world.reading() as session:
        record = session.scalars(select(Document)).one()
        assert record.review == []
        pdf = world.store.blobs.get(str(record.pdf))
    assert pdf is not None
    printed = re.sub(r"\s", "", "".join(one.extract_text() for one in PdfReader(BytesIO(pdf)).pages))
    assert "拒绝签名" in printed
    assert "拒签理由：对问题有异议" in printed
    assert "见证人" in printed
    assert "蒋示范" in printed


def test_a_paper_with_a_mistake_is_issued_anew_and_the_public_is_told_which_one_holds(
    site: Site, handsets: Handsets
) -> None:
    told = Desk(site.world)
    visit = site.world.prepares_visit()
    told.opens(visit)
    told.finds(visit)
    told.explains(visit)
    first = told.issues(visit)
    site.world.drain()
    with site.world.reading() as session:
        before = session.get_one(Document, first)
        number, short = before.number, before.short

    phone = handsets.phone()
    field = Field(phone.open())
    page = field.page
    field.sign_in("jiancha1")
    open_visit(field)
    field.wait_until_offline_ready()
    phone.offline()
    field.link("文书").click()
    field.card("责令限期整改指令书").click()
    expect(page.get_by_text(f"已签发 {number}")).to_be_visible()
    field.button("更正").click()
    expect(page.get_by_text(f"更正 {number}：签发后另取新号")).to_be_visible()
    page.get_by_role("button", name="7 天", exact=True).click()
    for _ in range(2):
        page.get_by_role("button", name="签字", exact=True).first.click()
        field.sign()
    field.hold("签发并取号")
    expect(page.get_by_text(f"替代 {number}")).to_be_visible()
    phone.offline(False)
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_visible()

    with site.world.reading() as session:
        after = session.scalars(select(Document).where(Document.supersedes_id == first)).one()
        assert after.review == []
    anybody = handsets.desk().open(f"/v/{short}")
    expect(anybody.get_by_text(f"已被 {after.number} 替代，请以新文书为准")).to_be_visible()
    anybody.goto(f"/v/{after.short}")
    expect(anybody.get_by_text("有效：由下列机关签发")).to_be_visible()
