"""`make screens`: the pictures of the README, taken anew from the demo county."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from backend.app import create_app, open_store
from backend.config import Config
from backend.demo import make
from backend.demo.people import PASSWORD
from backend.worker import drain
from tests.databases import ROOT, migrate
from tests.e2e.conftest import DESK, FLAGS, PHONE, chromium
from tests.e2e.field import Field

FOLDER = ROOT / "docs" / "screens"
CO = "UG01-03"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.db"
        migrate(url)
        store = open_store(Config.from_env({"KUANGJIAN_DATA_DIR": folder, "DATABASE_URL": url}))
        make(store)
        drain(store)
        server = make_server("127.0.0.1", 0, create_app(store), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://localhost:{server.server_port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": base}
            phone(browser.new_page(viewport=PHONE, device_scale_factor=2, has_touch=True, **options))  # type: ignore[arg-type]
            desk(browser.new_page(viewport=DESK, **options))  # type: ignore[arg-type]
            browser.close()
        server.shutdown()


def phone(page: Page) -> None:
    page.goto("/field/")
    field = Field(page)
    field.sign_in("zuanyan")
    expect(field.card("凿岩工岗位风险管控措施清单")).to_be_visible()
    shot(page, "phone-today")
    field.open_list("凿岩工岗位风险管控措施清单")
    field.conform(field.items()[0])
    field.read(CO, "30")
    field.item(CO).scroll_into_view_if_needed()
    shot(page, "phone-list")
    field.read(CO, "60")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    shot(page, "phone-danger")


def desk(page: Page) -> None:
    page.goto("/console/")
    page.get_by_label("账号").fill("kezhang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="班组清单").first).to_be_visible()
    for name, path in (("desk-hazards", "hazards"), ("desk-lists", "lists"), ("desk-documents", "documents")):
        page.goto(f"/console/{path}")
        page.wait_for_load_state("networkidle")
        shot(page, name)


def shot(page: Page, name: str) -> None:
    page.screenshot(path=Path(FOLDER, f"{name}.png"))


if __name__ == "__main__":
    main()
