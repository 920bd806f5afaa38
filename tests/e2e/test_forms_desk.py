"""A list's way from a officer's Excel sheet to a worker's phone; the desk where lists are written and signed."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from backend.checklists.models import FormVersion, Submission
from tests.backend.desk import Desk
from tests.backend.lists import BUREAU, CHAIN, Json, Lists, edited, item, with_item
from tests.backend.lists import CO as CO_ITEM
from tests.e2e.access import flaws
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field, sign
from tests.e2e.test_desks import go, sits_down
from tests.e2e.test_driller import CO, CONTROLS, answer

OWN = "掘进队凿岩工班前检查清单"
ROWS = (
    (OWN,),
    ("序号", "检查项目", "检查内容", "检查标准", "检查依据", "频次", "风险等级"),
    (1, "通风", "工作面一氧化碳浓度", "≤24 ppm", "GB 16423-2020 6.6.1.1", "每班", "橙"),
    (2, "顶板", "敲帮问顶是否完成", "无浮石", "", "每班", "红"),
    ("检查人：", "", "", "班组长：", "", "", ""),
)


def sheet(path: Path, *rows: tuple[object, ...]) -> Path:
    """An Excel list as a safety officer keeps it."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "凿岩工"
    for row in rows:
        page.append(row)
    made = BytesIO()
    book.save(made)
    path.write_bytes(made.getvalue())
    return path


def imports(page: Page, file: Path) -> None:
    """Choose the file, confirm every doubt, keep it, open the draft."""
    go(page, "清单管理")
    page.get_by_role("link", name="导入 Excel").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("读到 1 份清单，共 2 项")).to_be_visible()
    keep = page.get_by_role("button", name="存为草稿")
    expect(keep).to_be_disabled()
    expect(page.get_by_role("row", name=re.compile("C3|B3")).last).to_contain_text("数字 · ≤ 24 ppm")
    page.get_by_label("类别").select_option("post_controls")
    expect(page.get_by_text("提交后依次签字：部门负责人 → 分管负责人")).to_be_visible()
    unconfirmed = page.locator("details input[type=checkbox]:not(:checked):visible")
    while unconfirmed.count():
        unconfirmed.first.check()
    keep.click()
    page.get_by_role("link", name=OWN).click()


def row(page: Page, words: str) -> Locator:
    """An item in the designer's outline."""
    return page.get_by_role("treeitem").filter(has_text=words)


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()


def signs(page: Page, button: str) -> None:
    """Looks at the list that waits for him, and signs it with his hand."""
    page.get_by_role("link", name=OWN).click()
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("button", name=f"去签字：{button}").click()
    sign(page)


def test_a_list_goes_from_excel_through_the_chain_to_a_phone_that_was_offline_meanwhile(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    world = site.world
    world.calls_roll("zuanyan")
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    expect(field.card(CONTROLS)).to_be_visible()
    field.wait_until_offline_ready()
    phone.offline()
    field.open_list(CONTROLS)
    answer(field, "UG01-01")

    # the officer imports his sheet, lowers the limit and adds an item
    officer = sits_down(handsets, "anquan")
    imports(officer, sheet(tmp_path / "班前检查.xlsx", *ROWS))
    row(officer, "一氧化碳").click()
    officer.get_by_label("限值", exact=True).last.fill("20")
    officer.get_by_role("button", name="加检查项").click()
    officer.get_by_label("检查内容").fill("自救器是否随身携带")
    saved(officer)
    phone_beside = officer.frame_locator("iframe")
    expect(phone_beside.get_by_text("自救器是否随身携带")).to_be_visible()
    expect(phone_beside.get_by_text("≤ 20 ppm")).to_be_visible()
    officer.get_by_role("button", name="提交审批").click()
    officer.get_by_role("dialog").get_by_role("button", name="提交审批").click()
    expect(officer.get_by_text("现在等这一环节签字")).to_be_visible()

    # each of the chain signs when it is his turn; the last signature publishes
    for login in CHAIN:
        page = officer if login == "anquan" else sits_down(handsets, login)
        page.goto("/console/")
        expect(page.get_by_role("heading", name="待我审批的清单 1")).to_be_visible()
        signs(page, "签字发布" if login == CHAIN[-1] else "签字同意")
        expect(page.get_by_text("现在等这一环节签字")).to_have_count(0 if login == CHAIN[-1] else 1)
    page.get_by_role("link", name="已发布，查看现行版本").click()
    expect(page.get_by_role("img", name=re.compile("的签名"))).to_have_count(len(CHAIN))

    # underground the old draft is finished as it was begun, and the new list comes next
    for one in field.items()[1:]:
        answer(field, one)
    field.finish()
    world.calls_roll("zuanyan", shift="中班")
    phone.offline(False)
    field.home()
    expect(field.card(OWN)).to_be_visible()
    field.open_list(OWN)
    for one in field.items():
        if field.item(one).locator("button.reading").count():
            field.read(one, "15")
        else:
            field.conform(one)
    field.finish()
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()

    # both arrived, and the desk shows each as it was filled
    with world.reading() as session:
        filled = {
            session.get_one(FormVersion, one.form).definition["title"]["zh"]: (one.id, one.state)
            for one in session.scalars(select(Submission))
        }
    assert {title: state for title, (_, state) in filled.items()} == {CONTROLS: "signed", OWN: "signed"}
    for title, limit in ((CONTROLS, "（限值 ≤ 24）"), (OWN, "（限值 ≤ 20）")):
        officer.goto(f"/console/lists/{filled[title][0]}")
        shown = officer.locator("li.item").filter(has_text="工作面一氧化碳浓度")
        expect(shown).to_contain_text(limit)


def test_a_mine_makes_a_bureaus_item_stricter_and_never_looser(site: Site, handsets: Handsets) -> None:
    page = sits_down(handsets, "anquan")
    go(page, "清单管理")
    page.get_by_role("textbox", name="查找清单名称或编号").fill("post.UG01.controls")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=CONTROLS).click()
    page.get_by_role("button", name="改编为本单位清单").click()
    page.get_by_role("dialog").get_by_role("button", name="改编为本单位清单").click()
    row(page, "一氧化碳").click()
    expect(page.get_by_label("检查内容")).to_be_disabled()
    expect(page.get_by_role("button", name="删除", exact=True)).to_have_count(0)
    limit = page.get_by_label("限值", exact=True).last
    limit.fill("30")
    submit = page.get_by_role("button", name="提交审批")
    expect(page.get_by_text("比上级清单宽，须相同或更严")).to_be_visible()
    expect(submit).to_be_disabled()
    limit.fill("20")
    expect(submit).to_be_enabled()
    page.get_by_role("button", name="改了什么").click()
    expect(page.get_by_text("“工作面一氧化碳浓度”上限由 24 ppm 改为 20 ppm")).to_be_visible()

    # the phone beside it runs the real engine: 22 ppm conforms no more
    tried = page.frame_locator("iframe").locator(f'[data-item="{CO}"]')
    expect(tried.get_by_text("≤ 20 ppm")).to_be_visible()
    tried.locator("button.reading").click()
    for key in ("2", "2"):
        page.frame_locator("iframe").locator(".pad").get_by_role("button", name=key, exact=True).click()
    page.frame_locator("iframe").get_by_role("button", name="确定").click()
    expect(tried.get_by_text("不合格").first).to_be_visible()


def test_a_list_is_written_by_keyboard_and_every_step_can_be_taken_back(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.begins()
    page = sits_down(handsets, "anquan")
    page.goto(f"/console/forms/drafts/{draft['id']}")
    items = page.get_by_role("treeitem", level=2)
    row(page, "一氧化碳").click()
    page.keyboard.press("Alt+ArrowDown")
    expect(items).to_contain_text(["局部通风机", "一氧化碳"])
    page.keyboard.press("Delete")
    expect(items).to_have_count(1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(items).to_contain_text(["一氧化碳", "局部通风机"])
    row(page, "一氧化碳").focus()
    page.keyboard.press("Insert")
    expect(page.get_by_label("检查内容")).to_be_focused()
    page.keyboard.type("风门是否关闭")
    saved(page)
    said = [one["text"] for one in lists.draft(draft["id"])["document"]["sections"][0]["items"]]
    assert said[1] == {"zh": "风门是否关闭"}


def test_of_two_who_write_at_once_the_second_sees_both_sides_and_chooses(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.begins()
    page = sits_down(handsets, "anquan")
    page.goto(f"/console/forms/drafts/{draft['id']}")
    row(page, "局部通风机").click()
    lists.saves("anke", draft, edited(draft["document"], ("FAN.text", {"zh": "局扇是否运转"})))
    page.get_by_label("检查内容").fill("主扇是否运转")
    dialog = page.get_by_role("dialog", name="别人同时改了这份草稿")
    expect(dialog.get_by_role("row", name=re.compile("主扇是否运转.*局扇是否运转"))).to_be_visible()
    dialog.get_by_role("button", name="用我的").click()
    saved(page)
    items = lists.draft(draft["id"])["document"]["sections"][0]["items"]
    assert items[1]["text"]["zh"] == "主扇是否运转"


def test_a_file_that_cannot_be_read_says_where_and_how_to_mend_it_and_keeps_nothing(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    broken = tmp_path / "清单.xlsx"
    broken.write_bytes(b"PK\x03\x04 torn off")
    page = sits_down(handsets, "anquan")
    page.goto("/console/forms/import")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_role("alert").get_by_text("这些地方读不了")).to_be_visible()
    expect(page.get_by_role("button", name="存为草稿")).to_have_count(0)
    page.locator("input[type=file]").set_input_files(sheet(tmp_path / "好.xlsx", *ROWS))
    expect(page.get_by_text("读到 1 份清单，共 2 项")).to_be_visible()


def test_a_list_that_is_sent_back_tells_its_author_why(site: Site, handsets: Handsets) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.moves("anquan", lists.moves("anquan", lists.begins(), "submit"), "sign")
    director = sits_down(handsets, "zongjian")
    director.goto(f"/console/forms/drafts/{draft['id']}")
    director.get_by_role("button", name="退回修改").click()
    back = director.get_by_role("dialog").get_by_role("button", name="退回修改")
    expect(back).to_be_disabled()
    director.get_by_role("dialog").get_by_label("原因").fill("缺少主扇反风项")
    back.click()
    expect(director.get_by_role("button", name="提交审批")).to_be_visible()  # he may write it himself

    author = sits_down(handsets, "anquan")
    author.goto(f"/console/forms/drafts/{draft['id']}")
    expect(author.get_by_role("alert").get_by_text("曹试行 退回：缺少主扇反风项")).to_be_visible()
    row(author, "局部通风机").drag_to(row(author, "一氧化碳"))
    expect(author.get_by_role("treeitem", level=2)).to_contain_text(["局部通风机", "一氧化碳"])
    saved(author)
    said = lists.draft(draft["id"])["document"]["sections"][0]["items"]
    assert [one["id"] for one in said] == ["FAN", "CO"]


def test_a_recalled_version_says_why_in_red_and_what_it_touches(site: Site, handsets: Handsets) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.adapts(lists.in_force("post.UG01.controls"))
    document = with_item(draft["document"], item("OWN-01", "自救器是否随身携带"))
    lists.approves(lists.saves("anquan", draft, document))
    own = lists.in_force(draft["key"])
    site.world.calls_roll("zuanyan")
    task = next(one for one in site.world.tasks("zuanyan") if one.form == own)
    filled = lists.desk.fills("zuanyan", task.id)
    page = sits_down(handsets, "zongjian")
    page.goto(f"/console/forms/versions/{own}")
    page.get_by_role("button", name="召回").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("用这一版填写的清单共 1 份")).to_be_visible()
    dialog.get_by_label("原因").fill("依据有误")
    dialog.get_by_role("button", name="召回").click()
    expect(page.get_by_role("alert").get_by_text("已召回，请勿使用。原因：依据有误")).to_be_visible()
    page.get_by_role("button", name="查看已填写的清单").click()
    page.get_by_role("link", name="张演示").click()
    expect(page).to_have_url(re.compile(f"/lists/{filled}"))


def test_an_upgrade_shows_what_both_changed_and_leaves_the_choice_to_the_mine(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    base = lists.begins("jiancha1", lists.bureau, title="夜查表")
    lists.approves(base, BUREAU, author="jiancha1")
    own = ours(lists, lists.adapts(lists.in_force(base["key"])), 20)
    theirs = lists.drafts(lists.in_force(base["key"]), "revise", "jiancha1")
    lists.approves(with_limit(lists, theirs, 18, "jiancha1"), BUREAU, author="jiancha1")
    page = sits_down(handsets, "anquan")
    page.goto(f"/console/forms/versions/{own}")
    page.get_by_role("button", name="升级到上级新版").click()
    expect(page.get_by_role("heading", name="升级时有 1 处您和上级都改过")).to_be_visible()
    both = page.get_by_role("listitem").filter(has_text="本单位原来：≤ 20")
    expect(both).to_contain_text("上级新版：≤ 18")

    # what the mine had is looser than what the bureau asks now: it may be looked at, not submitted
    both.get_by_role("button", name="用本单位原来的").click()
    submit = page.get_by_role("button", name="提交审批")
    expect(page.get_by_text("比上级清单宽，须相同或更严")).to_be_visible()
    expect(submit).to_be_disabled()
    page.get_by_label("限值", exact=True).last.fill("16")
    expect(submit).to_be_enabled()
    saved(page)
    [listed] = [one for one in lists.rows() if one["owner"]["kind"] == "mine"]
    assert items_of(lists.draft(listed["draft"]["id"]))["CO"]["answer"]["limits"] == [{"max": 16}]


def with_limit(lists: Lists, draft: Json, most: int, login: str = "anquan") -> Json:
    """The draft, with this limit of carbon monoxide."""
    limit = ("CO.answer", CO_ITEM["answer"] | {"limits": [{"max": most}]})
    return lists.saves(login, draft, edited(draft["document"], limit))


def ours(lists: Lists, draft: Json, most: int) -> str:
    """The mine's own list with this limit, in force; its id."""
    lists.approves(with_limit(lists, draft, most), ("anquan", "zongjian", "fuzeren"))
    return lists.in_force(draft["key"])


def items_of(draft: Json) -> dict[str, Json]:
    return {one["id"]: one for section in draft["document"]["sections"] for one in section["items"]}


def test_a_list_is_retired_with_a_reason_and_another_version_can_be_begun(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    own = ours(lists, lists.begins(), 20)
    page = sits_down(handsets, "zongjian")
    page.goto(f"/console/forms/versions/{own}")
    page.get_by_role("button", name="停用", exact=True).click()
    dialog = page.get_by_role("dialog")
    retire = dialog.get_by_role("button", name="停用", exact=True)
    expect(retire).to_be_disabled()
    dialog.get_by_label("原因").fill("工艺变化")
    retire.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("已停用").first).to_be_visible()
    expect(page.get_by_role("button", name="停用", exact=True)).to_have_count(0)
    assert lists.version(own)["state"] == "retired"


def test_whatever_form_1_knows_of_limits_evidence_seasons_and_marks_is_written_at_the_desk(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.begins()
    page = sits_down(handsets, "anquan")
    page.goto(f"/console/forms/drafts/{draft['id']}")
    row(page, "一氧化碳").click()

    # limits by case, by keyboard; what lacks is said at its field
    page.get_by_role("button", name="加分情况的限值").press("Enter")
    cases = page.get_by_role("group", name="分情况的限值")
    page.once("dialog", lambda asked: asked.accept("巷道类别"))
    cases.get_by_label("按什么分情况").select_option(label="新增参数…")
    cases.get_by_label("情况 1", exact=True).fill("独头巷道")
    second = cases.locator(".field").filter(has=page.get_by_label("情况 2", exact=True))
    expect(second.locator(".fail")).to_be_visible()
    cases.get_by_label("情况 2", exact=True).fill("贯通巷道")
    expect(second.locator(".fail")).to_have_count(0)
    cases.get_by_label("限值", exact=True).nth(0).fill("18")
    cases.get_by_label("限值", exact=True).nth(1).fill("20")

    page.get_by_label("最多照片数").fill("2")
    page.get_by_label("拍不了时可写明原因免拍").uncheck()
    page.get_by_label("爆破作业点禁带手机，不要求拍照").check()
    page.get_by_label("季节").select_option(label="仅冬季")

    page.get_by_role("button", name="清单设置").click()
    page.get_by_label("表头").fill("被检查单位\n检查时间")
    page.get_by_label("这份清单打分").check()
    page.get_by_role("button", name="加等级").press("Enter")
    page.get_by_label("等级 1 的最低分").fill("90")
    page.get_by_label("等级 1 的名称").fill("优")
    expect(page.get_by_role("button", name="没有问题")).to_be_visible()
    saved(page)
    document = lists.draft(draft["id"])["document"]
    said = items_of({"document": document})["CO"]
    [parameter] = document["parameters"]
    assert document["parameters"][parameter]["title"] == {"zh": "巷道类别"}
    assert said["answer"]["limits"][1]["by"] == {
        "param": parameter,
        "cases": [
            {"id": "c1", "text": {"zh": "独头巷道"}, "limits": [{"max": 18}]},
            {"id": "c2", "text": {"zh": "贯通巷道"}, "limits": [{"max": 20}]},
        ],
    }
    assert said["evidence"] == {"max_photos": 2, "waivable": False, "not_in": ["blasting"]}
    assert said["season"] == "winter"
    assert document["header"] == [{"zh": "被检查单位"}, {"zh": "检查时间"}]
    assert document["score"]["levels"] == [{"from": 90, "text": {"zh": "优"}}]


def test_no_page_of_the_lists_shuts_anybody_out(site: Site, handsets: Handsets, tmp_path: Path) -> None:
    lists = Lists(Desk(site.world))
    own = lists.adapts(lists.in_force("post.UG01.controls"))
    waiting = lists.moves("anquan", lists.begins(), "submit")
    page = sits_down(handsets, "anquan")
    found: list[str] = []
    for path, words in (
        ("forms", "首次安全生产许可现场核查表"),
        (f"forms/versions/{lists.in_force('post.UG01.controls')}", "独头工作面"),
        (f"forms/drafts/{waiting['id']}", "现在等这一环节签字"),
        (f"forms/drafts/{own['id']}", "独头工作面"),
    ):
        page.goto(f"/console/{path}")
        expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()
        found += flaws(page)
    row(page, "一氧化碳").click()
    expect(page.get_by_label("检查内容")).to_be_visible()
    found += flaws(page)
    page.goto("/console/forms/import")
    page.locator("input[type=file]").set_input_files(sheet(tmp_path / "清单.xlsx", *ROWS))
    expect(page.get_by_text("读到 1 份清单，共 2 项")).to_be_visible()
    found += flaws(page)
    assert found == []
