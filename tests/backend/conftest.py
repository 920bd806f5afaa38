"""Fixtures of the server's tests."""

from __future__ import annotations

import pytest

from tests.backend.desk import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's desks, on both databases."""
    return Desk(world)
