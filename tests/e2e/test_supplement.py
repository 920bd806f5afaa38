"""What a second officer found reaches the team hours after the mine was told: it is told and put on paper by itself."""

from __future__ import annotations

import re
from io import BytesIO

from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select

from backend.enforcement.models import Document
from backend.hazards.models import Hazard
from tests.e2e.conftest import Handset, Handsets, Site
from tests.e2e.field import Field
from tests.e2e.test_visit import fail_item, open_visit

EARLY, LATE = "采掘工程平面图未更新", "局部通风机停运"


def comes_online(handset: Handset, field: Field) -> None:
    handset.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()


def issues(field: Field, card: str) -> None:
    field.page.get_by_role("link", name=card).last.click()
    for _ in range(2):
        field.page.get_by_role("button", name="签字", exact=True).first.click()
        field.sign()
    field.hold("签发并取号")
    expect(field.page.get_by_text("已签发")).to_be_visible()


def known(site: Site) -> dict[str, bool]:
    with site.world.reading() as session:
        found = session.scalars(select(Hazard))
        return {row.what: row.known_to_mine_at is not None for row in found}


def test_what_came_after_the_explanation_is_told_under_signature_and_on_a_paper_of_its_own(
    site: Site, handsets: Handsets
) -> None:
    site.world.prepares_visit()
    one, two, three = handsets.phone(), handsets.phone(), handsets.phone()
    first, second = Field(one.open()), Field(two.open())
    for handset, field, login in ((one, first, "jiancha1"), (two, second, "jiancha2")):
        field.sign_in(login)
        open_visit(field)
        field.wait_until_offline_ready()
        handset.offline()
        field.hold("到达现场，开启检查")
    fail_item(first, "SC-03", EARLY)
    fail_item(second, "SC-04", LATE)

    # underground, without a network: the first tells the mine of what he has, and issues the record
    first.link("结束").click()
    first.page.get_by_label("姓名").fill("褚试行")
    first.page.get_by_label("职务").fill("矿长")
    first.button("请现场负责人签字").click()
    first.sign()
    issues(first, "现场检查记录")
    record = first.page.get_by_text("已签发").inner_text().split()[-1]
    comes_online(one, first)
    one.offline()

    # hours later the second's phone has a network: the mine learns nothing of it, the team does
    comes_online(two, second)
    assert known(site) == {EARLY: True, LATE: False}
    comes_online(one, first)
    open_visit(first)
    first.link("文书").click()
    late = first.page.get_by_label("告知后又到 1 条")
    expect(late).to_be_visible()
    expect(late).to_contain_text(LATE)
    expect(late).to_contain_text("姜示范")
    expect(late).not_to_contain_text(EARLY)
    mine = Field(three.open())
    mine.sign_in("kuangzhang")
    mine.page.goto("/field/#/hazards")
    expect(mine.page.get_by_text(EARLY)).to_be_visible()
    expect(mine.page.get_by_text(LATE)).to_have_count(0)

    # told by itself, signed for, and on a supplement of the record
    late.get_by_label("姓名").fill("陈试行")
    late.get_by_role("button", name="补充告知，请现场负责人签字").click()
    first.sign()
    expect(late).to_be_hidden()
    issues(first, "现场检查记录（补充）")
    expect(first.page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    preview = first.page.get_by_role("article", name="文书预览")
    expect(preview).to_contain_text(f"系对{record}《现场检查记录》的补充")
    assert known(site) == {EARLY: True, LATE: True}
    with site.world.reading() as session:
        papers = list(session.scalars(select(Document).order_by(Document.issued_at)))
        assert [(paper.state, paper.review) for paper in papers] == [("issued", [])] * 2
        pdf, short = site.world.store.blobs.get(str(papers[1].pdf)), papers[1].short
    assert pdf is not None
    printed = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    assert "现场检查记录（补充）" in printed
    assert f"系对{record}《现场检查记录》的补充" in printed
    assert LATE in printed
    assert EARLY not in printed
    assert "陈试行" in printed

    # the mine's head and anybody with the paper
    three.offline()
    comes_online(three, mine)
    mine.page.goto("/field/#/hazards")
    expect(mine.page.get_by_text(LATE)).to_be_visible()
    public = handsets.desk().open(f"/v/{short}")
    expect(public.get_by_text("现场检查记录（补充）")).to_be_visible()
    expect(public.get_by_text(record)).to_be_visible()
