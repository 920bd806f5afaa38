"""Two worlds from one seed, and everything that the accounts of a mine are told in each.

The same people do the same things at the same moments in both; in one of them something more happens that the mine
must not learn of. Identifiers and times come out equal, so that answers are compared as they are sent, byte for byte.
What is taken out before: a cursor of the sync engine is sealed, so only its length counts; openpyxl writes the real
time into a workbook, and Flask into the head of a file that it sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from backend.demo.people import PEOPLE
from backend.devices import collections
from backend.enforcement.models import Document
from backend.kernel import excel, ids
from backend.kernel.clock import SetClock
from backend.kernel.policy import MINE_ROLES, Role
from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.backend.phones import FieldPhone, Server
from tests.databases import Templates
from tests.world import BEGINS, World, fill_county, open_world

Known = dict[str, dict[str, str]]
# Somebody in each role that there is at a mine and above it, to the parent company.
OF_THE_MINE = {person.role: person.login for person in reversed(PEOPLE) if person.at in ("u", "enterprise")}
# He sees the most; he also asks with every filter that the description names, and turns every page.
CURIOUS = OF_THE_MINE[Role.SAFETY_DIRECTOR]
# What a workbook has of the moment when it was written.
WRITTEN_AT = "docProps/core.xml"
# What a file's answer has of the moment when it was sent.
SENT_AT = ("Date", "Expires")
# What makes pages, and filters nothing.
PAGING = ("cursor", "after", "limit")
PAGE = "2"
NOBODY = UUID(int=0x7000_8000_0000_0000_0000)


class Numbers:
    """In the place of `secrets`: the same numbers in each world."""

    def __init__(self) -> None:
        self._random = Random("both worlds")

    def randbits(self, count: int) -> int:
        return self._random.getrandbits(count)

    def token_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is drawn meanwhile shifts nothing of what is drawn later."""
        usual, self._random = self._random, Random("aside")
        yield
        self._random = usual


@dataclass(frozen=True)
class Secret:
    """What the mine must not learn of, by what it would be asked for; in the other world nothing has these names."""

    visit: UUID = NOBODY
    sheet: UUID = NOBODY
    hazard: UUID = NOBODY
    paper: UUID = NOBODY


Happens = Callable[[Desk], Secret]


def everything_told(templates: Templates, database: str, folder: Path, happens: Happens) -> dict[str, Any]:
    """What was asked → what was answered, in a world of its own in which this happens besides."""
    folder.mkdir()
    with (
        templates.database(database, folder, "county", fill_county) as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        numbers, clock = Numbers(), SetClock(BEGINS)
        for module in (ids, collections):
            patch.setattr(module, "secrets", numbers)
        world = World(open_world(url, folder / "var", clock), clock)
        told = _lived(world, numbers, happens)
        world.store.database.dispose()
    return told


def _lived(world: World, numbers: Numbers, happens: Happens) -> dict[str, Any]:
    assert OF_THE_MINE.keys() == MINE_ROLES
    desk, server = Desk(world), Server(world)
    phones = {login: server.phone(login) for login in OF_THE_MINE.values()}
    teams = [server.phone(login) for login in ("jiancha1", "jiancha2")]
    told: dict[str, Any] = {}
    _told_by_exchange(told, "enrolled", phones)
    filled = desk.fills("zuanyan", world.calls_roll("zuanyan")[0], fails=1)
    hazard = world.reports("zuanyan")
    visit = world.prepares_visit()
    paper = _visited(desk, visit, "jiancha1")
    phones["zuanyan"].do("nothing@9", str(hazard))
    _told_by_exchange(told, "before", phones)

    with numbers.aside():
        secret = happens(desk)
        world.drain()
        for phone in teams:
            phone.sync()
    _told_by_exchange(told, "at once", phones)

    world.clock.forward(hours=5)
    world.reports("banzu", "水泵异响")
    _visited(desk, world.prepares_visit("jiancha2"), "jiancha2")
    _told_by_exchange(told, "afterwards", phones)
    with world.reading() as session:
        issued = session.get_one(Document, paper)
    lists = Lists(desk)
    # By what an address is asked with. One with another kind of argument has to say here what it is asked with.
    known: Known = {
        "mine_id": {"mine": str(desk.mine_id())},
        "submission_id": {
            "own list": str(filled),
            "told sheet": str(desk.submission_of(visit)),
            "secret sheet": str(secret.sheet),
        },
        "hazard_id": {"hazard": str(hazard), "secret hazard": str(secret.hazard)},
        "visit_id": {"told visit": str(visit), "secret visit": str(secret.visit)},
        "document_id": {"told paper": str(paper), "secret paper": str(secret.paper)},
        "conflict_id": {"none": str(NOBODY)},
        "draft_id": {"draft": lists.begins()["id"]},
        "sha": {"list": lists.in_force("spot_check.underground"), "pdf": str(issued.pdf)},
        "sha256": {"pdf": str(issued.pdf).removeprefix("sha256:")},
        "short": {"told paper": issued.short},
        "scope": {"mine": f"mine:{desk.mine_id()}", "county": desk.county_scope()},
        "pk": {"1": "1", "2": "2"},
        "_route": {"any": "any"},
    }
    for login in [*OF_THE_MINE.values(), None]:
        _told_by_desk(told, desk, login, known)
    return told


def _visited(desk: Desk, visit: UUID, by: str) -> UUID:
    """A visit of which the mine is told, with its paper."""
    desk.opens(visit, by)
    desk.finds(visit, login=by)
    desk.explains(visit, by)
    paper = desk.issues(visit, by)
    desk.world.drain()
    return paper


# What phones are told


def _told_by_exchange(told: dict[str, Any], when: str, phones: dict[str, FieldPhone]) -> None:
    for login, phone in phones.items():
        answers = []
        while True:
            answers.append(phone.exchange())
            if not answers[-1]["more"] and len(phone.results) == phone.seq:
                break
        assert phone.digest == phone.own_digest()
        told[f"{login} exchanges {when}"] = [one | {"cursor": len(one["cursor"])} for one in answers]


# What desks are told


def _told_by_desk(told: dict[str, Any], desk: Desk, login: str | None, known: Known) -> None:
    described = desk.app.extensions["api"].spec.to_dict()["paths"]
    headers = {"Authorization": f"Bearer {desk.token(login)}"} if login else {}
    routes = desk.app.url_map.bind("localhost")
    filters = _filters(known)
    for rule in desk.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        names = sorted(rule.arguments)
        for chosen in product(*(known[name].items() for name in names)):
            path = routes.build(
                rule.endpoint, {name: value for name, (_, value) in zip(names, chosen, strict=True)}
            )
            for what, query in _queries(described, rule, filters, every=login == CURIOUS):
                with desk.app.test_client() as client:
                    label = " ".join([f"{login} GET {rule.rule}", *(word for word, _ in chosen), what])
                    told[label] = list(_pages(client, path, headers, query))


def _filters(known: Known) -> Known:
    """What is asked with each filter that takes more than the words that the description names."""
    return {
        "mine": known["mine_id"],
        "visit": known["visit_id"],
        "unit": known["scope"],
        "against": known["sha"],
        "task": known["conflict_id"],
        "person": known["conflict_id"],
        "day": {"the day": BEGINS.date().isoformat()},
        "shift": {"morning": "早班"},
        "number": {"any": "号"},
        "owner": {"mine": "mine"},
        "q": {"any": "检"},
        "name": {"any": "示"},
        "older_than_days": {"0": "0"},
        "younger_than_days": {"1": "1"},
    }


def _queries(
    described: Any, rule: Rule, filters: Known, *, every: bool
) -> Iterator[tuple[str, dict[str, str]]]:
    yield "", {}
    operation = described.get(re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule), {}).get("get", {})
    parameters = {
        one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"
    }
    if every and "limit" in parameters:
        yield "page by page", {"limit": PAGE}
    for name, schema in parameters.items() if every else ():
        if name not in PAGING:
            words = _words(schema) or filters[name]
            yield from ((f"{name}={word}", {name: value}) for word, value in words.items())


def _words(schema: Any) -> dict[str, str]:
    """What the description itself says that a filter takes."""
    some = schema.get("items", schema).get("enum", ["true"] if "boolean" in schema["type"] else [])
    return {word: word for word in some if word is not None}


def _pages(client: FlaskClient, path: str, headers: dict[str, str], query: dict[str, str]) -> Iterator[Any]:
    """The answer, and every page after it."""
    while True:
        answer = client.get(path, headers=headers, query_string=query)
        yield _said(answer)
        after = answer.json.get("next") if isinstance(answer.json, dict) else None
        if after is None:
            return
        query = query | {"cursor": after}


def _said(answer: TestResponse) -> Any:
    """Status, headers and body: all of it."""
    headers = {name: value for name, value in answer.headers if name not in SENT_AT}
    said: Any = answer.data
    if answer.mimetype == excel.TYPE:
        headers.pop("Content-Length")
        with ZipFile(BytesIO(answer.data)) as book:
            said = {name: book.read(name) for name in book.namelist() if name != WRITTEN_AT}
    answer.close()
    return answer.status_code, headers, said
