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
        """First time on this phone: account and password, then a PIN, twice."""
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
        found = self.page.locator(f'[data-item="{item}"]')
        found.scroll_into_view_if_needed()
        return found

    def conform(self, item: str, result: str = "合格") -> None:
        """One tap on 合格 / 不合格 / 不涉及."""
        self.item(item).get_by_role("radio", name=result, exact=True).click()
        expect(self.item(item).get_by_text("已存本机").first).to_be_visible()

    def read(self, item: str, value: str) -> None:
        """A reading on the number pad."""
        self.item(item).locator("button.reading").click()
        pad = self.page.locator(".pad")
        clear = pad.get_by_role("button", name="清空")
        if clear.count():
            clear.click()
        for key in value:
            pad.get_by_role("button", name={".": "小数点", "-": "正负号"}.get(key, key), exact=True).click()
        self.button("确定").click()

    def take_photo(self, where: Locator) -> None:
        where.get_by_role("button", name="拍照").first.click()
        self.shoot()

    def shoot(self) -> None:
        """The camera stays open, over everything, until the photo is on disk."""
        self.button("拍下").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def finish(self) -> None:
        """All is filled: on to the summary, and there to the pad. Both buttons speak of signing."""
        onward = self.page.get_by_role("button", name="去签字").or_(
            self.page.get_by_role("link", name="去签字")
        )
        onward.last.click()
        expect(self.heading("汇总与签字")).to_be_visible()
        self.page.get_by_role("button", name="签字", exact=True).click()

    def sign(self, role: str = "") -> None:
        """Writes on the pad as a finger does, and says that it is done."""
        dialog = self.page.locator("dialog.sign")
        canvas = dialog.locator("canvas")
        expect(canvas).to_be_visible()
        box = canvas.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        for turn in range(3):
            x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * (0.2 + 0.2 * turn)
            mouse.move(x - 60, y)
            mouse.down()
            for step in range(12):
                mouse.move(x - 60 + step * 10, y + (25 if step % 2 else -25))
            mouse.up()
        dialog.get_by_role("button", name="签好了").click()
        expect(dialog).to_be_hidden()

    def hold(self, name: str) -> None:
        """Press and hold, as for anything that cannot be undone."""
        button = self.button(name)
        box = button.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
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
