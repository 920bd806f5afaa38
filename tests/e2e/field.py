"""What a person does on the phone, in the words of the screen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from backend.demo.people import PASSWORD

PIN = "135792"


class Field:
    """The field app in one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # Who is there

    def sign_in(self, login: str, pin: str = PIN) -> None:
        """First time on this phone, until all that the server has for him is here: from now on he works without it."""
        self.enter(login, pin)
        expect(self.page.get_by_text("上次同步")).to_be_visible()

    def enter(self, login: str, pin: str = PIN) -> None:
        """Account and password, then a PIN, twice."""
        self.link("账号登录").click()
        self.page.get_by_label("账号").fill(login)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.button("账号登录").click()
        expect(self.heading("设置开机密码")).to_be_visible()
        self.type_pin(pin)
        expect(self.page.get_by_text("请再输一遍")).to_be_visible()
        self.type_pin(pin)
        expect(self.heading("今天")).to_be_visible()

    def unlock(self, name: str, pin: str = PIN) -> None:
        self.link(name).click()
        self.type_pin(pin)

    def lock(self) -> None:
        self.button("锁定").click()
        expect(self.heading("请选择用户")).to_be_visible()

    def type_pin(self, pin: str) -> None:
        keys = self.page.locator(".pin .keys")
        for digit in pin:
            keys.get_by_role("button", name=digit, exact=True).click()

    def wait_until_offline_ready(self) -> None:
        """The app's files are kept: from now on it opens without a network."""
        self.page.evaluate(
            """() => !!navigator.serviceWorker.controller || new Promise((done) =>
                navigator.serviceWorker.addEventListener('controllerchange', () => done(true), { once: true })
            ).then(() => true)"""
        )

    # A list

    def card(self, words: str) -> Locator:
        """A card of the home screen."""
        return self.page.locator("a.card", has_text=words).first

    def open_list(self, title: str) -> None:
        self.card(title).click()
        expect(self.page.locator("[data-item]").first).to_be_visible()

    def items(self) -> list[str]:
        return [str(one.get_attribute("data-item")) for one in self.page.locator("[data-item]").all()]

    def item(self, item: str) -> Locator:
        """Its card, with all that is on it: far from the screen it is only a place with a title."""
        found = self.page.locator(f'[data-item="{item}"]')
        found.scroll_into_view_if_needed()
        expect(found.locator("article.waiting")).to_have_count(0)
        return found

    def conform(self, item: str, result: str = "合格") -> None:
        """One tap on 合格 / 不合格 / 不涉及."""
        self.item(item).get_by_role("radio", name=result, exact=True).click()
        expect(self.item(item).get_by_text("已存本机").first).to_be_visible()

    def read(self, item: str, value: str) -> None:
        """A reading on the number pad."""
        self.item(item).locator("button.reading").click()
        self.type_reading(value)

    def type_reading(self, value: str) -> None:
        """On the pad that is open; the first digit takes the place of what was there."""
        pad = self.page.locator(".pad")
        for key in value:
            pad.get_by_role("button", name={".": "小数点", "-": "正负号"}.get(key, key), exact=True).click()
        self.page.get_by_role("button", name="确定", exact=True).click()
        expect(pad).to_be_hidden()

    def take_photo(self, where: Locator) -> None:
        where.get_by_role("button", name="拍照").first.click()
        self.shoot()

    def shoot(self) -> None:
        """The camera stays open, over everything, until the photo is on disk."""
        self.button("拍下").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def finish(self) -> None:
        """All is filled: on to the summary, and there to the pad, until it is signed. Both buttons speak of signing."""
        onward = self.page.get_by_role("button", name="去签字").or_(
            self.page.get_by_role("link", name="去签字")
        )
        onward.last.click()
        expect(self.heading("汇总与签字")).to_be_visible()
        self.page.get_by_role("button", name="签字", exact=True).click()
        self.sign()
        expect(self.page.get_by_text("清单已签字，存在本机，会自动上传。")).to_be_visible()

    def sign(self) -> None:
        sign(self.page)

    def hold(self, name: str) -> None:
        """Press and hold, as for what cannot be undone: once it has all that it needs, and stands still."""
        button = self.button(name)
        expect(button).to_be_enabled()
        button.hover()
        self.page.mouse.down()
        expect(button).to_be_hidden()
        self.page.mouse.up()

    # Words on the screen

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).last

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def home(self) -> None:
        self.page.goto("/field/#/")
        expect(self.heading("今天")).to_be_visible()

    def send(self) -> None:
        """Presses send: also what was done just now goes, which would rest a little."""
        self.page.goto("/field/#/records")
        self.page.get_by_role("button", name="立即上传", exact=True).click()

    def deliver(self) -> None:
        """Sends until the server has it all."""
        self.send()
        expect(self.page.get_by_text("全部已送达，没有要处理的记录。")).to_be_visible()


def sign(page: Page) -> None:
    """Writes across the pad that is open, as a hand does, and says that it is done."""
    dialog = page.locator("dialog.sign")
    canvas = dialog.locator("canvas")
    canvas.hover()  # it has come to rest: a pad that changes its size under the pen begins anew
    box = canvas.bounding_box()
    assert box is not None
    for turn in range(3):
        y = box["y"] + box["height"] * (0.3 + 0.2 * turn)
        page.mouse.move(box["x"] + box["width"] * 0.2, y)
        page.mouse.down()
        for step in range(1, 13):
            page.mouse.move(box["x"] + box["width"] * (0.2 + 0.05 * step), y + (30 if step % 2 else -30))
        page.mouse.up()
    dialog.get_by_role("button", name="签好了").click()
    expect(dialog).to_be_hidden()
