"""The field app: bytes of its first load and of what it keeps; first load, offline start and every tap at a quarter of
the speed.

python -m bench.bench_field        beside its budgets (150 KB, 1.5 MB, 1.5 s; from tap to paint 100 ms, at worst 200);
                                   needs `make pwa/dist/.built`
"""

from __future__ import annotations

import gzip
import logging
import re
import statistics
import tempfile
import threading
import time

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from werkzeug.serving import make_server

from backend.app import create_app, open_store
from backend.checklists import versions
from backend.config import Config
from backend.kernel.clock import SystemClock
from forms.definition import Definition
from forms.library import load_library
from forms.load import load
from tests.databases import ROOT, migrate
from tests.e2e.conftest import FLAGS, PHONE, chromium
from tests.e2e.field import Field
from tests.world import World, fill_county

DIST = ROOT / "pwa" / "dist"
SLOWER, ROUNDS = 4, 5
LONG, TAPPED = 300, 60  # items of the long list, and how many of them are answered
TITLE = "三百项清单"
# From the input to the frame that shows what it did (Event Timing); what is not told took less than 16 ms.
TIMING = """
window.taps = {}
new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
        if (interactionId) window.taps[interactionId] = Math.max(window.taps[interactionId] ?? 0, duration)
}).observe({ type: 'event', durationThreshold: 16 })
"""


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


def long_list() -> Definition:
    """A driller's list of 300 items: his own, again and again."""
    own = next(one for one in load_library() if one.key == "post.UG01.controls").to_json()
    items = [
        item for section in own["sections"] for item in section["items"] if item["answer"]["type"] == "check"
    ]
    many = [items[n % len(items)] | {"id": f"N{n:03}", "evidence": {"photo": "never"}} for n in range(LONG)]
    sections = [{"id": "all", "title": own["sections"][0]["title"], "items": many}]
    return load(own | {"key": "bench.long", "title": {"zh": TITLE}, "sections": sections})


def taps(browser: Browser, world: World, address: str) -> list[float]:
    """Milliseconds from each tap on 合格 to the frame that shows it, in a list of 300 items."""
    with world.store.database.writing() as session:
        versions.publish(session, "bench", long_list())
    world.calls_roll("zuanyan")
    page = browser.new_page(viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    page.goto(address)
    field = Field(page)
    field.sign_in("zuanyan")
    field.open_list(TITLE)
    slowly(page)
    for item in field.items()[:TAPPED]:
        touch(field.item(item).get_by_role("radio", name="合格", exact=True))
        expect(field.item(item).get_by_text("已存本机")).to_be_visible()
    return taken(page)


def bare_taps(browser: Browser) -> list[float]:
    """The same on a page that has nothing but a button: what the browser itself takes."""
    page = browser.new_page(viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    page.set_content("<button onclick='this.textContent = Number(this.textContent) + 1'>0</button>")
    slowly(page)
    for n in range(TAPPED):
        touch(page.get_by_role("button"))
        expect(page.get_by_role("button")).to_have_text(str(n + 1))
    return taken(page)


def slowly(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.evaluate(TIMING)


def touch(what: Locator) -> None:
    """A finger's tap, without the looks that a click of the test tool takes first."""
    box = what.bounding_box()
    assert box is not None
    what.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def taken(page: Page) -> list[float]:
    told: list[float] = list(page.evaluate("() => window.taps").values())
    page.close()
    return told + [16.0] * (TAPPED - len(told))


def main() -> None:
    kept = set(
        re.findall(r'url:"/([^"]+)"', (DIST / "field" / "sw.js").read_text("utf-8").replace('"url"', "url"))
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/bench.db"
        migrate(url)
        fill_county(url)
        store = open_store(Config.from_env({"KUANGJIAN_DATA_DIR": folder, "DATABASE_URL": url}))
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
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
        tapped, bare = taps(browser, World(store, SystemClock()), address), bare_taps(browser)
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
    print(f"tap to paint at 1/{SLOWER} of the speed, {TAPPED} taps")
    for name, all_taken in ((f"in a list of {LONG}", tapped), ("on a bare button", bare)):
        middle, worst = statistics.median(all_taken), max(all_taken)
        print(
            f"  {name}: {middle:.0f} ms median = {middle / 100:.2f} of 100 ms; "
            f"{worst:.0f} ms at worst = {worst / 200:.2f} of 200 ms"
        )


if __name__ == "__main__":
    main()
