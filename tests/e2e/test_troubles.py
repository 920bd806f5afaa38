"""What goes wrong with a phone: it is full, its camera is gone, its browser is too old, the server sends a record back.

Each is a state that is seen, in words that say what to do, and after it the work goes on.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import select

from backend.checklists.models import Submission, Task
from backend.hazards.models import Hazard
from backend.uploads.models import Blob
from tests.e2e.conftest import Handsets, Site
from tests.e2e.field import Field
from tests.e2e.test_driller import CONTROLS

PICTURE = Path(__file__).parents[2] / "docs" / "screens" / "phone-today.png"
# Chromium looks at the quota anew only every half minute: what a full disk does to a write is done here at once.
DISK = """
for (const act of ['add', 'put']) {
    const write = IDBObjectStore.prototype[act]
    IDBObjectStore.prototype[act] = function (...given) {
        if (window.full) throw new DOMException('no room', 'QuotaExceededError')
        return write.apply(this, given)
    }
}
"""
# Full from the start; what was set aside is worth two writes.
RESERVE = """
window.full = true
let writes = 2
const remove = IDBObjectStore.prototype.delete
IDBObjectStore.prototype.delete = function (...given) {
    if (given[0] === 'reserve') window.full = false
    return remove.apply(this, given)
}
for (const act of ['add', 'put']) {
    const write = IDBObjectStore.prototype[act]
    IDBObjectStore.prototype[act] = function (...given) {
        if (!window.full && writes-- <= 0) window.full = true
        return write.apply(this, given)
    }
}
"""


def begun(site: Site, handsets: Handsets, script: str = "") -> Field:
    """A driller with his list open, one item answered."""
    site.world.calls_roll("zuanyan")
    field = Field(handsets.phone().open(script=script))
    field.sign_in("zuanyan")
    field.wait_until_offline_ready()
    field.open_list(CONTROLS)
    field.conform("UG01-01")
    return field


def test_a_full_phone_says_what_it_could_not_keep_and_goes_on_once_there_is_room(
    site: Site, handsets: Handsets
) -> None:
    field = begun(site, handsets, DISK)
    page, card = field.page, field.item("UG01-06")
    page.evaluate("window.full = true")
    card.get_by_role("radio", name="合格", exact=True).click()
    expect(card.get_by_text("没有存下", exact=True)).to_be_visible()
    expect(card.get_by_text("请腾出空间，再点“再存一次”")).to_be_visible()
    expect(card.get_by_text("已存本机")).to_have_count(0)
    photo = card.get_by_role("button", name="拍照")
    photo.click()
    photo.click()
    field.button("拍下").click()
    expect(page.get_by_role("dialog").get_by_text("手机空间已满，这一步没有存下")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(page.get_by_text("手机空间已满，新填的内容存不下").first).to_be_visible()
    expect(field.item("UG01-01").get_by_text("已存本机")).to_be_visible()

    page.evaluate("window.full = false")
    card.get_by_role("button", name="再存一次").click()
    expect(card.get_by_text("已存本机")).to_be_visible()
    expect(page.get_by_text("手机空间已满")).to_have_count(0)
    field.take_photo(card)
    field = Field(handsets.made[0].restart())
    field.unlock("张演示")
    for item in ("UG01-01", "UG01-06"):
        expect(field.item(item).get_by_role("radio", name="合格", exact=True)).to_be_checked()


def test_a_full_phone_is_unlocked_in_the_room_that_was_set_aside_for_it(
    site: Site, handsets: Handsets
) -> None:
    begun(site, handsets)
    phone = handsets.made[0]
    phone.close()
    # Without a network before the app begins: the room that was set aside is for him, not for what arrives.
    field = Field(phone.open("about:blank", DISK + RESERVE))
    phone.offline()
    field.page.goto("/field/")
    field.unlock("张演示")
    expect(field.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()
    card = field.item("UG01-06")
    card.get_by_role("radio", name="合格", exact=True).click()
    expect(card.get_by_text("没有存下", exact=True)).to_be_visible()


def test_a_phone_without_room_for_a_try_of_the_pin_says_so(site: Site, handsets: Handsets) -> None:
    field = begun(site, handsets)
    phone = handsets.made[0]
    phone.close()
    field = Field(phone.open("about:blank"))
    phone.offline()
    phone.room(1000)
    field.page.goto("/field/")
    field.unlock("张演示")
    expect(field.page.get_by_text("手机空间已满")).to_be_visible()
    phone.room(None)
    field.type_pin("135792")
    expect(field.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()


def test_a_phone_whose_storage_does_not_open_says_why_and_tries_again(handsets: Handsets) -> None:
    broken = (
        "if (!sessionStorage.mended) indexedDB.open = () => { throw new DOMException('', 'UnknownError') }"
    )
    page = handsets.phone().open(script=broken)
    expect(page.get_by_role("heading", name="打不开本机存储")).to_be_visible()
    expect(page.get_by_text("可能是手机空间已满，或浏览器在无痕（隐私）模式")).to_be_visible()
    page.evaluate("sessionStorage.mended = 1")
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("heading", name="请选择用户")).to_be_visible()


def test_a_photo_arrives_though_the_camera_was_taken_away(site: Site, handsets: Handsets) -> None:
    field = begun(site, handsets)
    phone, page = handsets.made[0], field.page
    card = field.item("UG01-05")
    card.get_by_role("button", name="拍照").click()
    card.get_by_role("button", name="拍照").click()
    expect(field.button("拍下")).to_be_visible()
    phone.forbid_camera()
    expect(page.get_by_text("相机中断了，请重试。")).to_be_visible()
    field.button("重试").click()
    expect(page.get_by_text("没有相机权限。请在浏览器设置中允许使用相机")).to_be_visible()
    # the phone's own camera app, which needs no permission of the browser
    other = page.get_by_label("用手机相机拍")
    expect(other).to_have_attribute("capture", "environment")
    other.set_input_files(PICTURE)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(card.get_by_text("已存", exact=True)).to_be_visible()

    phone.forbid_camera(False)
    card.get_by_role("button", name="再拍一张").click()
    field.shoot()
    field.home()
    field.link("未上传").click()
    field.button("立即上传").click()
    expect(page.get_by_text("全部已送达，没有要处理的记录。")).to_be_visible()
    with site.world.reading() as session:
        answers = session.scalars(select(Submission)).one().answers
        stored = set(session.scalars(select(Blob.sha)))
        assert len(answers["UG01-05"]["photos"]) == 2
        assert set(answers["UG01-05"]["photos"]) <= stored


def test_a_part_of_a_photo_that_was_damaged_on_its_way_is_asked_for_again_and_the_photo_arrives(
    site: Site, handsets: Handsets
) -> None:
    field = begun(site, handsets)
    page = field.page
    sums: list[str | None] = []

    def on_its_way(route: Route) -> None:
        """The first part arrives as other bytes than its checksum says."""
        headers = route.request.headers
        if route.request.method in ("POST", "PATCH"):
            sums.append(headers.get("upload-checksum"))
            if len(sums) == 1:
                headers["upload-checksum"] = f"sha256 {b64encode(bytes(32)).decode()}"
        route.continue_(headers=headers)

    page.route("**/api/v1/uploads**", on_its_way)
    card = field.item("UG01-05")
    card.get_by_role("button", name="拍照").click()
    field.take_photo(card)
    field.home()
    field.link("未上传").click()
    field.button("立即上传").click()
    expect(page.get_by_text("全部已送达，没有要处理的记录。")).to_be_visible()
    assert len(sums) >= 2
    assert all(found and found.startswith("sha256 ") for found in sums)
    with site.world.reading() as session:
        [photo] = session.scalars(select(Submission)).one().answers["UG01-05"]["photos"]
        assert photo in set(session.scalars(select(Blob.sha)))


@pytest.mark.parametrize(
    ("script", "title", "words"),
    [
        (
            "Object.defineProperty(navigator, 'userAgent', { get: () => "
            "'Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/88.0 Mobile Safari/537.36' })",
            "浏览器版本过低",
            "安卓 Chrome 或 Edge 107 以上",
        ),
        ("delete window.OffscreenCanvas", "浏览器版本过低", "缺少：OffscreenCanvas"),
        (
            "Object.defineProperty(navigator, 'userAgent', { get: () => 'Chrome/120 Mobile MicroMessenger/8.0' })",
            "请在浏览器打开",
            "选择“在浏览器打开”",
        ),
    ],
    ids=["old", "lacks", "wechat"],
)
def test_an_unsupported_browser_is_told_what_to_install_before_any_sign_in(
    handsets: Handsets, script: str, title: str, words: str
) -> None:
    page = handsets.phone().open(script=script)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_text("账号登录")).to_have_count(0)


def test_what_the_server_sends_back_is_shown_with_its_reason_and_holds_up_nothing(
    site: Site, handsets: Handsets
) -> None:
    """While he was underground his list was given to a colleague; the hazard that he reports after it arrives."""
    site.world.calls_roll("zuanyan")
    phone = handsets.phone()
    field = Field(phone.open())
    page = field.page
    field.sign_in("zuanyan")
    expect(field.card(CONTROLS)).to_be_visible()
    field.wait_until_offline_ready()
    phone.offline()
    field.open_list(CONTROLS)
    field.conform("UG01-01")
    with site.world.writing("anquan") as (session, _):
        colleague = site.world.user(session, "chanyun").id
        for task in session.scalars(select(Task).where(Task.post == "UG01", Task.state == "open")):
            task.user_id = colleague
    field.conform("UG01-06")
    field.home()
    field.link("上报隐患").click()
    field.page.get_by_role("button", name="拍照").click()
    field.shoot()
    page.get_by_label("什么问题").fill("顶板浮石未处理")
    page.get_by_label("在哪里").fill("420中段")
    page.get_by_role("radio", name="班组长").click()
    field.button("登记隐患").click()
    expect(field.heading("隐患")).to_be_visible()

    phone.offline(False)
    expect(page.get_by_text("已送达")).to_be_visible()
    field.home()
    expect(page.get_by_text("1 份要您处理")).to_be_visible()
    expect(page.get_by_text("未上传")).to_have_count(0)
    page.get_by_text("1 份要您处理").click()
    expect(page.get_by_text("没有找到，或您无权查看。")).to_be_visible()
    expect(page.get_by_text("被退回").first).to_be_visible()
    with site.world.reading() as session:
        assert session.scalars(select(Hazard)).one().what == "顶板浮石未处理"
