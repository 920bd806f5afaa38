"""Installations that run, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Templates
from tests.faults.installation import Installation
from tests.world import fill_county


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[Installation]:
    """The demo county's people and lists, served."""
    with (
        templates.database(request.param, tmp_path, "county", fill_county) as url,
        Installation(url, tmp_path) as made,
    ):
        yield made
