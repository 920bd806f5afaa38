"""The description is made from the routes: it can only tell the truth where each of them has an address of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.app import create_app
from backend.kernel.clock import SetClock
from tests.databases import Templates
from tests.world import BEGINS, open_world

ITSELF = ("GET", "/api/v1/openapi.json")
# werkzeug answers these by itself, wherever there is a GET, or anything at all.
BY_ITSELF = {"HEAD", "OPTIONS"}


@pytest.fixture
def app(templates: Templates, tmp_path: Path) -> Iterator[Flask]:
    with templates.database("sqlite", tmp_path) as url:
        store = open_world(url, tmp_path / "var", SetClock(BEGINS))
        yield create_app(store)
        store.database.dispose()


def routes(app: Flask) -> Counter[tuple[str, str]]:
    """Method and pattern of each route, whatever its parameters are called and take."""
    return Counter(
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - BY_ITSELF
    )


def test_no_two_routes_share_a_method_and_a_pattern(app: Flask) -> None:
    assert [route for route, times in routes(app).items() if times > 1] == []


def test_the_description_names_every_route_of_the_api_and_no_other(app: Flask) -> None:
    described = {
        (method.upper(), re.sub(r"{[^}]+}", "{}", path))
        for path, methods in app.extensions["api"].spec.to_dict()["paths"].items()
        for method in methods
        if method.upper() not in BY_ITSELF | {"PARAMETERS"}
    }
    assert described == {route for route in routes(app) if route[1].startswith("/api/")} - {ITSELF}
