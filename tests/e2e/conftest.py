"""Stories in Chromium: a real server on a real port, real phones (profiles that survive a kill), no sleeps."""

from __future__ import annotations

import fcntl
import logging
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from backend.app import create_app
from backend.checklists import versions
from backend.kernel.clock import SystemClock
from backend.worker import work
from tests.databases import ROOT, Templates
from tests.library import LIBRARY
from tests.world import World, fill_county, open_world

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}
# The flags keep Chromium from calling home, which this project never needs; the camera shows a test picture to whom it
# is allowed.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream"),
]
# Milliseconds until a story gives up. Two at once share two cores with whatever else is done there: a page may be slow.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in Path(item.fspath).parts:
            item.add_marker("e2e")


def chromium() -> str:
    """The browser that is here, or Debian's, installed when we may; else say what to do."""
    if found := _installed():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # The stories of two processes begin together, and apt serves one of them.
        with Path(tempfile.gettempdir(), "kuangjian-apt.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not _installed():
                subprocess.run(["apt-get", "update", "-qq"], check=True)
                packages = ["chromium", "fonts-noto-cjk"]
                install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
                subprocess.run([*install, *packages], check=True)
        return "/usr/bin/chromium"
    pytest.fail("no Chromium: install the packages chromium and fonts-noto-cjk")


def _installed() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Site:
    """The server of one test, with the world behind it."""

    def __init__(self, world: World, url: str) -> None:
        self.world, self.url = world, url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made


@pytest.fixture
def settings() -> dict[str, str]:
    """What more is set of the server; a story that needs it says so."""
    return {}


@pytest.fixture
def site(
    templates: Templates, tmp_path: Path, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """The demo county served on a free port, with its jobs done as in production. Time is the machine's."""
    # Each server compares what it has with the lists that ship; they are read once for all servers.
    monkeypatch.setattr(versions, "shipped", lambda: LIBRARY)
    if not (ROOT / "pwa" / "dist" / "field" / "index.html").exists():
        pytest.fail("the pages are not built: run `make e2e`, which builds them")
    with templates.database("sqlite", tmp_path, "county", fill_county) as url:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        clock = SystemClock()
        store = open_world(url, tmp_path / "var", clock, **settings)
        server = make_server("127.0.0.1", 0, create_app(store), threaded=True)
        stop = threading.Event()
        threads = [
            threading.Thread(target=server.serve_forever, daemon=True),
            threading.Thread(target=work, args=(store, stop), daemon=True),
        ]
        for thread in threads:
            thread.start()
        yield Site(World(store, clock), f"http://localhost:{server.server_port}")
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        store.database.dispose()


class Handset:
    """A phone: a browser profile on disk. `kill` is `kill -9`; `open` starts it again with what the disk has."""

    def __init__(self, playwright: Playwright, site: Site, profile: Path, viewport: dict[str, int]) -> None:
        self.playwright, self.site, self.profile, self.viewport = playwright, site, profile, viewport
        self.context: BrowserContext | None = None

    def open(self, path: str = "/field/", script: str = "") -> Page:
        """script: runs in every page before its own."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=chromium(),
            args=FLAGS,
            viewport=self.viewport,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=self.viewport is PHONE,
            permissions=["camera"],
            base_url=self.site.url,
        )
        self.context.set_default_timeout(PATIENCE)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        if script:
            self.context.add_init_script(script)
        page.goto(path)
        return page

    def offline(self, off: bool = True) -> None:
        assert self.context is not None
        self.context.set_offline(off)

    def forbid_camera(self, forbid: bool = True) -> None:
        """What the person chose in the browser's settings."""
        assert self.context is not None
        setting = {
            "permission": {"name": "camera"},
            "setting": "denied" if forbid else "granted",
            "origin": self.site.url,
        }
        self.context.clear_permissions()
        self.context.new_cdp_session(self.context.pages[0]).send("Browser.setPermission", setting)

    def room(self, quota: int | None) -> None:
        """How many bytes the browser lets the app keep; None: as much as it likes."""
        assert self.context is not None
        limit = {"origin": self.site.url} | ({} if quota is None else {"quotaSize": quota})
        self.context.new_cdp_session(self.context.pages[0]).send("Storage.overrideQuotaForOrigin", limit)

    def restart(self) -> Page:
        """Closed properly and opened again: the browser has written down its cookies, as by the next morning."""
        self.close()
        return self.open()

    def kill(self) -> None:
        """kill -9 of the whole browser, found by its profile; returns when the last of it is dead."""
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self.profile) in entry.read_text(errors="replace"):
                    process = os.pidfd_open(int(entry.parent.name))
                    signal.pidfd_send_signal(process, signal.SIGKILL)
                    select.select([process], [], [])
                    os.close(process)
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        self.context = None

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


class Handsets:
    """Makes phones and desks for a story and closes them after it."""

    def __init__(self, playwright: Playwright, site: Site, folder: Path) -> None:
        self.playwright, self.site, self.folder = playwright, site, folder
        self.made: list[Handset] = []

    def phone(self) -> Handset:
        return self._make(PHONE)

    def desk(self) -> Handset:
        return self._make(DESK)

    def _make(self, viewport: dict[str, int]) -> Handset:
        profile = self.folder / f"profile-{len(self.made)}"
        handset = Handset(self.playwright, self.site, profile, viewport)
        self.made.append(handset)
        return handset


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed story shows what was on every screen: pictures beside its profiles."""
    report = yield
    handsets = getattr(item, "funcargs", {}).get("handsets")
    if report.when == "call" and report.failed and handsets:
        for number, handset in enumerate(handsets.made):
            if handset.context and handset.context.pages:
                path = handsets.folder / f"screen-{number}.png"
                handset.context.pages[0].screenshot(path=path)
                report.sections.append(("screen", str(path)))
    return report


@pytest.fixture
def handsets(playwright: Playwright, site: Site, tmp_path: Path) -> Iterator[Handsets]:
    made = Handsets(playwright, site, tmp_path)
    yield made
    for handset in made.made:
        handset.close()
