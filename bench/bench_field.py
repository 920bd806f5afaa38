"""The field app: bytes of its first load and of what it keeps, first load and offline start at a quarter of the speed.

python -m bench.bench_field        beside the budgets of docs (150 KB, 1.5 MB, 1.5 s); needs `make pwa/dist/.built`
"""

from __future__ import annotations

import gzip
import re
import statistics
import tempfile
import threading
import time

from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from backend.app import create_app, open_store
from backend.config import Config
from tests.databases import ROOT, migrate
from tests.e2e.conftest import FLAGS, PHONE, chromium

DIST = ROOT / "pwa" / "dist"
SLOWER, ROUNDS = 4, 5


def packed(names: set[str]) -> int:
    return sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in names)


def loaded(page: Page) -> set[str]:
    """The files that the page asked for until its first screen stood."""
    urls = page.evaluate(
        "() => performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"
    )
    return {url.lstrip("/") for url in urls if (DIST / url.lstrip("/")).is_file()} | {"field/index.html"}


def seconds(page: Page, url: str) -> float:
    begun = time.perf_counter()
    page.goto(url)
    expect(page.get_by_role("heading", name="请选择用户")).to_be_visible()
    return time.perf_counter() - begun


def main() -> None:
    kept = set(
        re.findall(r'url:"/([^"]+)"', (DIST / "field" / "sw.js").read_text("utf-8").replace('"url"', "url"))
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/bench.db"
        migrate(url)
        store = open_store(Config.from_env({"KUANGJIAN_DATA_DIR": folder, "DATABASE_URL": url}))
        server = make_server("127.0.0.1", 0, create_app(store), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        online, offline, first = [], [], 0
        for _ in range(ROUNDS):
            context = browser.new_context(viewport=PHONE, service_workers="allow")  # type: ignore[arg-type]
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            address = f"http://localhost:{server.server_port}/field/"
            online.append(seconds(page, address))
            first = packed(loaded(page))
            page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
            context.set_offline(True)
            offline.append(seconds(page, address))
            context.close()
        server.shutdown()
    print(f"first load, gzip: {first / 1000:.0f} KB = {first / 150_000:.2f} of the budget (150 KB)")
    print(
        f"kept for offline, gzip: {packed(kept) / 1e6:.2f} MB = {packed(kept) / 1.5e6:.2f} of the budget (1.5 MB)"
    )
    for name, taken in (("first load", online), ("offline start", offline)):
        middle = statistics.median(taken)
        print(
            f"{name} at 1/{SLOWER} of the speed: {middle:.2f} s median of {ROUNDS} = {middle / 1.5:.2f} of 1.5 s"
        )


if __name__ == "__main__":
    main()
