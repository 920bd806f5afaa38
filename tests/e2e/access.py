"""What axe finds wrong with a page as it is now."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.databases import ROOT

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
# Underground the eye has less light: contrast of 7:1, which is AAA.
CONTRAST = "color-contrast-enhanced"
THEMES = ("dark", "yellow")


def flaws(page: Page) -> list[str]:
    """A page of the desk."""
    return _found(page, {"runOnly": TAGS})


def phone_flaws(page: Page) -> list[str]:
    """A screen of the phone, in its three themes."""
    found = _found(page, {"runOnly": [*TAGS, "wcag22aa"], "rules": {CONTRAST: {"enabled": True}}})
    day = page.evaluate("document.documentElement.dataset.theme")
    for theme in THEMES:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [
            f"{theme}: {flaw}" for flaw in _found(page, {"runOnly": {"type": "rule", "values": [CONTRAST]}})
        ]
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", day)
    return found


def _found(page: Page, options: dict[str, object]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    # What fades in has another colour until it stands.
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))")
    found = page.evaluate(f"axe.run({json.dumps(options)})")["violations"]
    return [f"{page.url}: {flaw['id']} {flaw['nodes'][0]['html'][:120]}" for flaw in found]
