"""Lists with everything that form/1 knows, on a phone without a network."""

from __future__ import annotations

from playwright.sync_api import Locator, expect
from sqlalchemy import select

from backend.checklists import operations as checklists
from backend.checklists import versions
from backend.checklists.models import FormVersion, Submission
from backend.uploads.models import Blob
from forms.load import load
from forms.version import version
from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.e2e.access import phone_flaws
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field
from tests.library import BY_KEY

DRILL = "自救器30秒盲戴训练记录"
QUIZ = "凿岩工逢查必考题"
CONTROLS = "凿岩工岗位风险管控措施清单"


def begin(field: Field, title: str) -> None:
    """From the home screen to a list of my own."""
    field.home()
    field.card("我的清单").click()
    field.page.get_by_role("button", name=title).click()


def name(field: Field, card: Locator, person: str) -> None:
    """Somebody by name who is not of the mine."""
    card.get_by_role("button", name="选择人员").click()
    field.page.get_by_label("查找姓名、职务、班组").fill(person)
    field.button(f"写入：{person}").click()
    expect(card.get_by_text("已存本机")).to_be_visible()


def test_a_drill_with_rows_that_come_and_go_is_filled_offline_and_arrives(
    site: Site, handsets: Handsets
) -> None:
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("banzu")
    field.wait_until_offline_ready()
    phone.offline()
    begin(field, DRILL)

    field.item("DS-on").get_by_role("button", name="现在").click()
    name(field, field.item("DS-trainer"), "甲教员")
    field.conform("DS-01")
    field.item("DS-02").get_by_role("button", name="今天").click()

    # One row stands there because there must be one; another is added.
    rows = field.page.locator(".row-block")
    expect(rows).to_have_count(1)
    name(field, rows.nth(0), "乙学员")
    seconds(field, rows.nth(0), "25")
    expect(rows.nth(0)).not_to_contain_text("补训后用时")
    field.button("添加人员").click()
    name(field, rows.nth(1), "丙学员")
    seconds(field, rows.nth(1), "40")

    # Who was too slow is trained again, and only he is asked for it; the sums follow.
    expect(rows.nth(1)).to_contain_text("补训后用时")
    expect(field.item("DS-count")).to_contain_text("2 人")
    expect(field.item("DS-slowest")).to_contain_text("40 s")
    seconds(field, rows.nth(1), "22", of="补训后用时")
    rows.nth(1).get_by_role("button", name="删除 人员 2").click()
    expect(rows).to_have_count(1)
    expect(field.item("DS-slowest")).to_contain_text("25 s")
    field.button("撤销删除").click()
    expect(rows.nth(1)).to_contain_text("22 s")
    note = rows.nth(1).get_by_label("备注")
    note.fill("已补训")
    note.blur()

    field.finish()
    phone.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with site.world.reading() as session:
        submission = session.scalars(select(Submission)).one()
        verdict = checklists.judged(session, submission)
        assert submission.state == "signed"
        assert verdict.items["DS-slowest"].value == 40
        assert {
            str(one["value"]) for key, one in submission.answers.items() if key.startswith("DS-person@")
        } == {
            "乙学员",
            "丙学员",
        }


def seconds(field: Field, row: Locator, value: str, of: str = "盲戴用时") -> None:
    card = row.locator("[data-item]", has_text=of)
    card.locator("button.reading").click()
    field.type_reading(value)


def test_a_quiz_asks_one_by_one_explains_what_was_wrong_and_says_whether_it_was_passed(
    site: Site, handsets: Handsets
) -> None:
    quiz = BY_KEY["post.UG01.quiz"]
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    field.wait_until_offline_ready()
    phone.offline()
    begin(field, QUIZ)
    for n, item in enumerate(quiz.items()):
        expect(field.page.get_by_role("heading", name=item.text["zh"])).to_be_visible()
        right = [option for option in item.answer.options if option.correct]
        chosen = right if n else [option for option in item.answer.options if not option.correct][:1]
        for option in chosen:
            field.page.get_by_role("button").or_(field.page.get_by_role("radio")).or_(
                field.page.get_by_role("checkbox")
            ).filter(has_text=option.text["zh"]).click()
        field.button("确定，看对错").click()
        expect(field.page.get_by_text("答对了" if n else "答错了")).to_be_visible()
        if n == 0:
            expect(field.page.get_by_text(item.explain["zh"])).to_be_visible()
        field.page.get_by_role("button", name="下一题").or_(field.button("成绩")).click()
    expect(field.page.get_by_text("达标", exact=True)).to_be_visible()
    expect(field.page.get_by_text("答错的题")).to_be_visible()
    field.finish()
    phone.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with site.world.reading() as session:
        submission = session.scalars(select(Submission)).one()
        score = checklists.judged(session, submission).score
        assert submission.state == "signed"
        assert score is not None
        assert score.passed


SCORECARD = {
    "title": {"zh": "班组建设评分表"},
    "applies_to": {"roles": ["team_leader"]},
    "score": {"full": 100, "pass": 60, "levels": [{"from": 90, "text": "优"}, {"from": 60, "text": "合格"}]},
    "signatures": [{"role": "filler"}],
    "sections": [
        {
            "id": "s1",
            "title": {"zh": "班前会"},
            "items": [
                {
                    "id": "A",
                    "text": "班前会是否每班都开",
                    "weight": 3,
                    "answer": {
                        "type": "choice",
                        "options": [
                            {"id": "full", "text": "落实"},
                            {"id": "part", "text": "部分落实", "share": 0.5},
                            {"id": "none", "text": "未落实", "fails": True},
                        ],
                    },
                },
                {"id": "B", "text": "记录是否齐全", "answer": {"type": "check"}},
                {"id": "S", "text": "被评班长签名", "weight": 0, "answer": {"type": "signature"}},
            ],
        }
    ],
}


def test_a_scorecard_shows_its_marks_as_it_is_filled_and_a_signature_is_an_answer(
    site: Site, handsets: Handsets
) -> None:
    lists = Lists(Desk(site.world))
    draft = lists.begins(kind="scorecard", title="班组建设评分表", document=SCORECARD)
    lists.approves(draft, ("anquan", "zongjian", "fuzeren"))
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("banzu")
    field.wait_until_offline_ready()
    phone.offline()
    begin(field, "班组建设评分表")

    marks = field.page.locator(".score")
    field.item("A").get_by_role("radio", name="部分落实").click()
    field.conform("B")
    expect(marks).to_contain_text("62.5 / 100 分")
    expect(marks).to_contain_text("合格")
    field.item("A").get_by_role("radio", name="落实", exact=True).click()
    expect(marks).to_contain_text("100 / 100 分")
    expect(marks).to_contain_text("优")
    signed = field.item("S")
    signed.get_by_role("button", name="签字").click()
    field.sign()
    expect(signed.get_by_role("img")).to_be_visible()
    expect(signed.get_by_role("button", name="重签")).to_be_visible()

    field.finish()
    phone.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with site.world.reading() as session:
        submission = session.scalars(select(Submission)).one()
        marked = checklists.judged(session, submission).score
        assert marked is not None
        assert (submission.state, marked.value) == ("signed", 100)
        assert session.get(Blob, submission.answers["S"]["value"]) is not None


def test_a_card_is_read_on_a_locked_phone_without_a_network(site: Site, handsets: Handsets) -> None:
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    field.wait_until_offline_ready()
    phone.offline()
    field.lock()
    field.link("应急").click()
    field.link("凿岩工应急处置卡").click()
    for part in ("这些征兆要当真", "先做这些", "报告", "严禁"):
        expect(field.heading(part)).to_be_visible()
    assert phone_flaws(field.page) == []


def test_a_draft_is_moved_to_a_new_version_after_a_recall_and_loses_nothing(
    site: Site, handsets: Handsets
) -> None:
    world = site.world
    world.calls_roll("zuanyan")
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    field.open_list(CONTROLS)
    field.conform("UG01-01")
    field.read("UG01-03", "20")
    expect(field.item("UG01-03").get_by_text("已存本机")).to_be_visible()
    field.deliver()

    old = BY_KEY["post.UG01.controls"]
    with world.writing("zongjian") as (session, actor):
        newer = old.to_json()
        items = newer["sections"][0]["items"]
        gas = next(
            item for section in newer["sections"] for item in section["items"] if item["id"] == "UG01-03"
        )
        gas["answer"]["limits"] = [{"max": 16}]
        items.append(items[0] | {"id": "UG01-NEW", "text": {"zh": "风筒吊挂是否平直"}})
        for section in newer["sections"]:
            section["items"] = [item for item in section["items"] if item["id"] != "UG01-01"]
        form = versions.publish(session, actor.id, load(newer)).id
        gone = session.get_one(FormVersion, version(old))
        gone.state, gone.recalled_at = "recalled", world.clock.now()
        gone.recall = {
            "reason": "一氧化碳限值写错",
            "by": str(actor.id),
            "name": actor.name,
            "at": world.clock.now().isoformat(),
            "replacement": form,
        }

    field.deliver()
    field.home()
    expect(field.page.get_by_text("已召回")).to_be_visible()
    field.open_list(CONTROLS)
    expect(field.page.get_by_text("这份清单已被召回")).to_be_visible()
    expect(field.page.get_by_text("原因：一氧化碳限值写错")).to_be_visible()
    phone.offline()
    field.page.get_by_role("button", name="有新版本").click()
    sheet = field.page.get_by_role("dialog")
    expect(sheet.get_by_text("1 项答案照样带过去")).to_be_visible()
    expect(sheet.get_by_text("风筒吊挂是否平直")).to_be_visible()
    assert phone_flaws(field.page) == []
    field.button("换到新版本").click()
    expect(field.page.get_by_text("这份清单已被召回")).to_have_count(0)
    expect(field.page.get_by_text("换版本时另存的答案（1 项）")).to_be_visible()
    expect(field.item("UG01-03").get_by_text("超过上限 16")).to_be_visible()
    phone.offline(False)
    field.home()
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with world.reading() as session:
        submission = session.scalars(select(Submission)).one()
        assert submission.form == form
        assert submission.kept["UG01-01"]["answer"]["result"] == "pass"
        assert submission.answers["UG01-03"]["value"] == 20
