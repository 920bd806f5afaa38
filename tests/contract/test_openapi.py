"""Whatever is sent to any address, the server answers as its OpenAPI description says, and never with a 5xx.

The requests are made from the description itself (schemathesis), good ones and bad ones; identifiers are those of
rows that are there and the version of each is the present one, so that it is not all "not found" and "moved on". Who
asks holds every role, so that requests get as far as they can. On SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.accounts import operations as accounts
from backend.kernel.clock import SystemClock
from backend.kernel.policy import Role
from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.databases import Templates
from tests.world import World, fill_county, open_world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
ASKS = "duoneng"
# tus speaks in raw bytes (tests/backend/test_uploads.py); signing out would end the asking.
LEFT_OUT = "^/api/v1/(uploads|auth/sign-out)"


@pytest.fixture(scope="module")
def api(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The description, bound to an application in which something happened already."""
    folder = tmp_path_factory.mktemp("contract")
    with templates.database("sqlite", folder, "county", fill_county) as url:
        clock = SystemClock()
        world = World(open_world(url, folder / "var", clock), clock)  # type: ignore[arg-type]
        desk = Desk(world)
        known = something_happened(desk)
        sign_every_request(desk, ASKS)
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.app).exclude(path_regex=LEFT_OUT)

        @schema.hook
        def map_path_parameters(_: Any, given: dict[str, Any] | None) -> dict[str, Any] | None:
            return given and {name: known.get(name, value) for name, value in given.items()}

        @schema.hook
        def map_body(context: Any, body: Any) -> Any:
            thing = context.operation.path.removeprefix("/api/v1")
            thing = thing if context.operation.method == "put" else thing.rsplit("/", 1)[0]
            if isinstance(body, dict) and "seen" in body:
                there = desk.get(ASKS, thing.format_map(known)).json if is_known(thing, known) else {}
                body["seen"] = (there or {}).get("ver", body["seen"])
            return body

        yield schema
        world.store.database.dispose()


def is_known(path: str, known: dict[str, str]) -> bool:
    """Whether every identifier in this address is that of a row that is there."""
    return {name for _, name, _, _ in Formatter().parse(path) if name} <= known.keys()


def sign_every_request(desk: Desk, login: str) -> None:
    """Signed in, and uncompressed: what the test client cannot unpack it takes for broken."""
    inner = desk.app.wsgi_app
    more = {"HTTP_AUTHORIZATION": f"Bearer {desk.token(login)}", "HTTP_ACCEPT_ENCODING": "identity"}
    desk.app.wsgi_app = lambda environ, start: inner(environ | more, start)  # type: ignore[method-assign]


def something_happened(desk: Desk) -> dict[str, str]:
    """One of everything, and somebody who may do all there is to do with it."""
    world = desk.world
    desk.person(ASKS, None, "")
    filled = desk.fills("zuanyan", world.calls_roll("zuanyan")[0], fails=1)
    hazard = world.reports("zuanyan")
    visit = world.prepares_visit()
    desk.opens(visit)
    desk.finds(visit)
    desk.explains(visit)
    paper = desk.issues(visit)
    world.drain()
    with world.store.database.writing() as session:
        for role in Role:
            for scope in "all", f"visit:{visit}":
                accounts.grant(session, "test", world.user(session, ASKS).id, role, scope)
    return {
        "mine_id": str(desk.mine_id()),
        "submission_id": str(filled),
        "hazard_id": str(hazard),
        "visit_id": str(visit),
        "document_id": str(paper),
        "short": desk.json("kezhang", f"/documents/{paper}")["short"],
        "sha": Lists(desk).in_force("post.UG01.controls"),
        "draft_id": Lists(desk).begins()["id"],
    }


def test_every_answer_is_one_that_the_description_names(api: Any) -> None:
    failed = {}
    for operation in (result.ok() for result in api.get_all_operations()):
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            try:
                ask(operation, mode)
            except (FailureGroup, Failure) as failure:
                failed[f"{operation.label} ({mode.value})"] = str(failure)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE  # an address without arguments takes nothing wrong
    assert not failed, "\n\n".join(f"{label}\n{what}" for label, what in failed.items())


def ask(operation: APIOperation, mode: GenerationMode) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def some_requests(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    some_requests()
