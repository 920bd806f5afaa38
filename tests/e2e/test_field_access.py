"""No screen of the phone shuts anybody out: axe finds nothing, in day, dark and yellow on black."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from backend.demo.people import PASSWORD
from tests.backend.desk import Desk
from tests.e2e.access import phone_flaws
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import PIN, Field
from tests.e2e.test_driller import CO, CONTROLS

WHAT = "顶板浮石未处理"


class Walk:
    """Looks at every screen that it comes to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []

    def look(self, words: str) -> None:
        """These words stand on the screen when it is there."""
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.found += phone_flaws(self.page)

    def goes(self, path: str, words: str) -> None:
        self.page.goto(f"/field/#{path}")
        self.look(words)

    def taps(self, button: str, words: str) -> None:
        self.page.get_by_role("button", name=button).first.click()
        self.look(words)

    def closes(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)


def test_a_drillers_screens(site: Site, handsets: Handsets) -> None:
    site.world.calls_roll("zuanyan")
    field = Field(handsets.phone().open())
    page, walk = field.page, Walk(field.page)

    # before anybody is there
    walk.look("这台手机还没有用户")
    walk.goes("/enter/activate", "激活条由矿山管理员打印")
    walk.goes("/cards", "应急与操作卡")
    walk.goes("/settings", "黄字黑底")
    walk.goes("/enter/sign-in", "密码")
    page.get_by_label("账号").fill("zuanyan")
    page.get_by_label("密码").fill(PASSWORD)
    field.button("账号登录").click()
    walk.look("请设 6 位数字密码")
    field.type_pin(PIN)
    expect(page.get_by_text("请再输一遍")).to_be_visible()
    field.type_pin(PIN)
    expect(page.get_by_text("上次同步")).to_be_visible()

    # the list
    walk.look(CONTROLS)
    field.open_list(CONTROLS)
    card = field.item(CO)
    walk.taps("标准", "依据")
    card.locator("button.reading").click()
    walk.look("填入后立即判定")
    walk.closes()
    field.read(CO, "60")
    walk.look("停工 · 撤人 · 报告")
    field.hold("已停工撤人，继续记录")
    walk.look("不合格，请登记隐患")
    card.get_by_role("button", name="必须拍照").click()
    expect(field.button("拍下")).to_be_visible()
    walk.look("拍照")
    field.shoot()
    walk.look("已存")
    page.goto(f"{page.url.split('?')[0]}/sign")
    walk.look("未完成，不能签字")

    # hazards
    walk.goes("/hazards/new", "什么问题")
    walk.taps("扫码定位", "或从列表选择")
    walk.closes()
    page.get_by_role("button", name="拍照").click()
    field.shoot()
    page.get_by_label("什么问题").fill(WHAT)
    page.get_by_label("在哪里").fill("420中段")
    page.get_by_role("radio", name="班组长").click()
    field.button("登记隐患").click()
    walk.look("经过")
    walk.goes("/hazards", WHAT)

    # the rest
    walk.goes("/records", "立即上传")
    walk.goes("/cards", "电话")
    walk.goes("/settings", "本机存储")
    field.home()
    field.lock()
    walk.look("张演示")
    field.link("张演示").click()
    walk.look("请输入 6 位密码")
    field.type_pin("999999")
    walk.look("密码不对")
    assert walk.found == []


def test_the_screens_of_who_moves_a_hazard(site: Site, handsets: Handsets) -> None:
    site.world.moves("anquan", site.world.reports("zuanyan", WHAT), "confirm")
    field = Field(handsets.phone().open())
    walk = Walk(field.page)
    field.sign_in("banzu")
    walk.look(WHAT)
    field.card(WHAT).click()
    walk.look("经过")
    field.link("派发整改").click()
    walk.look("整改措施")
    walk.taps("选择责任人", "王演示")
    assert walk.found == []


def test_an_officers_screens(site: Site, handsets: Handsets) -> None:
    told = Desk(site.world)
    visit = site.world.prepares_visit()
    phone = handsets.phone()
    field = Field(phone.open())
    page, walk = field.page, Walk(field.page)
    field.sign_in("jiancha1")
    walk.look("演示铁矿（地下）")
    walk.goes("/visits", "扫码加入检查")
    walk.goes(f"/visits/{visit}", "开启前，被检查单位看不到这次检查")
    field.hold("到达现场，开启检查")
    walk.look("证照与图纸")
    walk.goes(f"/visits/{visit}/team", "本机还没有这次检查的密钥")
    for button, words in (
        ("出示加入码", "同组人员用手机扫此码"),
        ("扫同事的码", "对准同事的加入码"),
        ("发出我的部分", "请同事在他的“检查组”页"),
    ):
        walk.taps(button, words)
        walk.closes()
    field.home()
    expect(page.get_by_text("全部已送达")).to_be_visible()
    told.finds(visit, WHAT)
    phone.offline()
    phone.offline(False)
    page.goto(f"/field/#/visits/{visit}/end")
    expect(page.get_by_text(WHAT)).to_be_visible()
    walk.look("签字即告知")
    page.get_by_label("姓名").fill("褚试行")
    page.get_by_label("职务").fill("矿长")
    field.button("请现场负责人签字").click()
    walk.look("重写")
    walk.taps("拒绝签字", "拒签理由")
    page.keyboard.press("Escape")
    field.sign()
    expect(page.get_by_text("已送达", exact=True)).to_be_visible()
    walk.look("文书")
    for kind, words in (("inspection_record", "被检查单位"), ("rectify_order", "经查，你单位存在下列问题")):
        walk.goes(f"/visits/{visit}/papers/{kind}", words)
    for _ in range(2):
        page.get_by_role("button", name="签字", exact=True).first.click()
        field.sign()
    field.hold("签发并取号")
    walk.look("已签发")
    walk.taps("更正", "签发后另取新号")
    assert walk.found == []
