"""What every test can ask for. Time stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from backend.app import Store, open_store
from backend.config import Config
from backend.kernel.clock import SetClock
from tests.databases import Templates
from tests.world import World, fill_county, open_world

# Hypothesis' own profile for CI, everywhere: the same cases in every run, and no limit in time, for a slow machine is
# no fault. `make soak` goes looking for more.
settings.register_profile("soak", settings.get_profile("ci"), derandomize=False, max_examples=1_000)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory.mktemp("templates"))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database: each test that asks runs once on SQLite and once on PostgreSQL."""
    with templates.database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def clock() -> SetClock:
    """Monday, 2 March 2026, 08:00 in China."""
    return SetClock(datetime(2026, 3, 2, 0, 0, tzinfo=UTC))


@pytest.fixture
def store(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[Store]:
    """Database, objects and configuration of one installation, as the program opens them."""
    env = {"KUANGJIAN_DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": database_url}
    opened = open_store(Config.from_env(env), clock)
    yield opened
    opened.database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path, clock: SetClock
) -> Iterator[World]:
    """The demo county with its people and lists, without history, on both databases (tests/world.py)."""
    with templates.database(request.param, tmp_path, "county", fill_county) as url:
        made = World(open_world(url, tmp_path / "var", clock), clock)
        yield made
        made.store.database.dispose()
