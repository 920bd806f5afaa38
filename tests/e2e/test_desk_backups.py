"""Who answers for the server sees on its start page, and on a page of its own, how it stands with the backups."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.access import flaws
from tests.e2e.conftest import PATIENCE, Handsets, Site
from tests.e2e.test_desks import go, sits_down


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def looks_again(page: Page, words: Locator) -> None:
    """Loads the page until they stand there."""
    ends = monotonic() + PATIENCE / 1000
    while not words.count() and monotonic() < ends:
        page.reload(wait_until="networkidle")
    expect(words).to_be_visible()


def test_without_a_backup_the_administrator_is_told_in_red_wherever_he_looks(
    site: Site, handsets: Handsets
) -> None:
    page = sits_down(handsets, "xitong")
    told = page.get_by_role("alert").filter(has_text="没有设置备份")
    expect(told).to_contain_text("KUANGJIAN_BACKUP_DIR")
    found = flaws(page)
    told.click()
    expect(page.get_by_role("heading", name="备份", exact=True)).to_be_visible()
    expect(told).to_be_visible()
    expect(page.get_by_text("未设置：KUANGJIAN_BACKUP_DIR")).to_be_visible()
    assert found + flaws(page) == []
    other = sits_down(handsets, "anquan")
    expect(other.get_by_role("link", name="备份")).to_have_count(0)
    expect(other.get_by_role("alert")).to_have_count(0)


class TestWithAFolder:
    @pytest.fixture
    def settings(self, target: Path) -> dict[str, str]:
        return {"KUANGJIAN_BACKUP_DIR": str(target)}

    def test_he_sees_how_old_how_large_and_where_the_last_one_is_and_that_its_disk_is_the_same(
        self, handsets: Handsets, target: Path
    ) -> None:
        page = sits_down(handsets, "xitong")
        go(page, "备份")
        last = page.get_by_role("region", name="最近一份核验过的备份")
        expect(last).to_be_visible()
        # The server makes the first one by itself as soon as it has a folder; the page tells of it when asked again.
        looks_again(page, last.get_by_text("分钟前"))
        shown = Path(last.get_by_role("code").inner_text())
        assert shown.parent == target
        rows = json.loads((shown / "manifest.json").read_text())["rows"]
        expect(last).to_contain_text(f"{sum(rows.values()):,}")
        expect(page.get_by_role("row").filter(has_text=shown.name)).to_be_visible()
        said = page.get_by_role("alert")
        expect(said).to_contain_text(f"备份文件夹 {target} 与数据在同一块磁盘上")
        expect(said.get_by_role("paragraph")).to_have_count(1)
        assert flaws(page) == []
