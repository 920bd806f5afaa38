"""The phone's sync engine in a real browser: files carried by hand, two tabs, a new version, a locked phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.checklists.models import Submission
from tests.e2e.access import flaws
from tests.e2e.conftest import Handset, Handsets, Site
from tests.e2e.field import PIN, Field
from tests.e2e.test_desks import go, sits_down
from tests.e2e.test_driller import CONTROLS


def underground(site: Site, handsets: Handsets) -> tuple[Handset, Field]:
    """A driller with one item answered where there is no network."""
    site.world.calls_roll("zuanyan")
    phone = handsets.phone()
    field = Field(phone.open())
    field.sign_in("zuanyan")
    field.wait_until_offline_ready()
    phone.offline()
    field.open_list(CONTROLS)
    field.conform("UG01-01")
    return phone, field


def answers(site: Site) -> dict[str, object]:
    """What the server has of every list, by item."""
    with site.world.store.database.reading() as session:
        found: dict[str, object] = {}
        for submission in session.scalars(select(Submission)):
            found |= submission.answers
        return found


def saved(page: Page, button: str, folder: Path, name: str) -> Path:
    """The file that a button hands over."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    path = folder / name
    download.value.save_as(path)
    return path


def test_work_without_a_network_goes_by_a_colleagues_phone_and_its_receipt_comes_back(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    _, field = underground(site, handsets)
    page = field.page
    page.goto("/field/#/records")
    bundle = saved(page, "导出未上传记录", tmp_path, "unsent.txt")
    assert "UG01" not in bundle.read_text()

    carrier = Field(handsets.phone().open())
    carrier.sign_in("anquan")
    carrier.page.goto("/field/#/settings")
    changed = tmp_path / "changed.txt"
    text = bundle.read_text()
    changed.write_text(text[:200] + ("A" if text[200] != "A" else "B") + text[201:])
    file = carrier.page.get_by_label("读入文件")
    file.set_input_files(changed)
    expect(carrier.page.get_by_role("alert")).to_contain_text("截断或改动过，没有读入")
    file.set_input_files(bundle)
    expect(carrier.page.get_by_text("服务器已收下")).to_have_count(2)
    assert "UG01-01" in answers(site)
    receipts = saved(carrier.page, "导出回执，交还同事", tmp_path, "receipts.txt")

    page.goto("/field/#/settings")
    page.get_by_label("读入文件").set_input_files(receipts)
    expect(page.get_by_role("status")).to_contain_text("其中本机的 2 份")
    page.goto("/field/#/records")
    expect(page.get_by_text("全部已送达")).to_be_visible()


def test_a_file_from_underground_is_handed_in_at_the_desk_and_its_receipt_goes_back(
    site: Site, handsets: Handsets, tmp_path: Path
) -> None:
    _, field = underground(site, handsets)
    page = field.page
    page.goto("/field/#/records")
    bundle = saved(page, "导出未上传记录", tmp_path, "unsent.txt")
    cut, photo = tmp_path / "cut.txt", tmp_path / "photo.txt"
    cut.write_text(bundle.read_text()[:300])
    photo.write_text("not ours")

    desk = sits_down(handsets, "anquan")
    go(desk, "代交")
    assert flaws(desk) == []
    desk.locator("input[type=file]").set_input_files([cut, photo, bundle])
    row = desk.get_by_role("row")
    expect(row.filter(has_text="cut.txt")).to_contain_text("文件不完整或被改动过")
    expect(row.filter(has_text="photo.txt")).to_contain_text("不是矿检导出的文件")
    expect(row.filter(has_text="unsent.txt")).to_contain_text("服务器已收下 2 步")
    assert "UG01-01" in answers(site)
    receipts = saved(desk, "导出回执", tmp_path, "receipts.txt")
    desk.locator("input[type=file]").set_input_files(receipts)
    expect(row.filter(has_text="receipts.txt")).to_contain_text("这是回执")

    page.goto("/field/#/settings")
    page.get_by_label("读入文件").set_input_files(receipts)
    expect(page.get_by_role("status")).to_contain_text("其中本机的 2 份")


def test_two_tabs_send_an_act_once_and_both_show_it(site: Site, handsets: Handsets) -> None:
    phone, field = underground(site, handsets)
    assert phone.context is not None
    other = Field(phone.context.new_page())
    other.page.goto("/field/")
    other.unlock("张演示")
    expect(other.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()
    phone.offline(False)
    other.page.goto("/field/#/records")
    other.button("立即上传").click()
    expect(other.page.get_by_text("全部已送达")).to_be_visible()
    field.page.goto("/field/#/records")
    expect(field.page.get_by_text("全部已送达")).to_be_visible()
    with site.world.store.database.reading() as session:
        assert len(session.scalars(select(Submission)).all()) == 1


def test_a_new_version_of_the_app_waits_until_no_form_is_open(site: Site, handsets: Handsets) -> None:
    phone, field = underground(site, handsets)
    phone.offline(False)
    page = field.page

    waiting = page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.register('/field/sw.js?newer', { scope: '/field/' })
            const worker = registration.installing ?? registration.waiting
            while (worker.state === 'installing')
                await new Promise((done) => worker.addEventListener('statechange', done, { once: true }))
            return worker.state
        }"""
    )
    assert waiting == "installed"
    expect(field.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()
    field.conform("UG01-06")
    assert page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistration('/field/')).waiting !== null"
    )


def test_what_a_person_did_arrives_though_nobody_knows_his_pin(site: Site, handsets: Handsets) -> None:
    phone, field = underground(site, handsets)
    field.page.goto("/field/#/")
    field.lock()
    expect(field.link("张演示")).to_contain_text("未上传")
    phone.offline(False)
    # Nobody unlocks it; what was sealed when it was locked goes up as soon as there is a network.
    expect(field.link("张演示")).not_to_contain_text("未上传")
    assert "UG01-01" in answers(site)


def test_a_sign_in_that_was_ended_meanwhile_keeps_no_work_back_and_says_what_to_do(
    site: Site, handsets: Handsets
) -> None:
    phone, field = underground(site, handsets)
    with site.world.store.database.writing() as session:
        accounts.end_sign_ins(session, site.world.user(session, "zuanyan").id)
    page = field.page
    page.goto("/field/#/records")
    phone.offline(False)
    expect(page.get_by_text("手机不会在后台上传，全部送达前请保持本页打开。")).to_be_visible()
    field.button("立即上传").click()
    expect(page.get_by_text("全部已送达")).to_be_visible()
    expect(page.get_by_text("登录已过期，联网登录后继续同步")).to_be_visible()
    assert "UG01-01" in answers(site)


def test_a_wrong_pin_makes_the_next_try_wait_and_loading_the_page_anew_does_not_shorten_it(
    site: Site, handsets: Handsets
) -> None:
    _, field = underground(site, handsets)
    page, at = field.page, datetime.now(UTC)
    page.clock.set_fixed_time(at)
    page.goto("/field/")
    field.unlock("张演示", "000000")
    for _ in range(2):
        expect(page.get_by_text("密码不对，请再试。")).to_be_visible()
        field.type_pin("000000")
    expect(page.get_by_text("密码不对，请等")).to_be_visible()
    page.reload()
    field.type_pin(PIN)
    expect(page.get_by_text("密码不对，请等")).to_be_visible()
    page.clock.set_fixed_time(at + timedelta(seconds=6))
    expect(field.button("5")).to_be_enabled()
    field.type_pin(PIN)
    expect(field.item("UG01-01").get_by_role("radio", name="合格", exact=True)).to_be_checked()
