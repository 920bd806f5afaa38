"""What a phone and a desk must not learn: papers before the mine was told, and whose bytes are here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.enforcement.models import Document
from backend.uploads import operations as uploads
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.pictures import photo
from tests.backend.test_phones import report
from tests.backend.two_worlds import Happens, Secret, everything_told
from tests.databases import Templates
from tests.sync.phone import Handset
from tests.world import World

Told = Callable[[Happens], dict[str, Any]]
OF_THE_MINE = ("zuanyan", "banzu", "anquan", "kuangzhang", "zongjian", "fuzeren", "kongzhi", "guanli")


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


# A visit before it is made, and before it is explained


def nothing(_: Desk) -> Secret:
    return Secret()


def is_planned(desk: Desk) -> Secret:
    visit = desk.world.prepares_visit("jiancha2", team=("jiancha2", "jiancha1"))
    return Secret(visit=visit, sheet=desk.submission_of(visit))


def is_made_but_not_explained(desk: Desk) -> Secret:
    """Numbers follow each other in the order of issue: the paper takes one of an officer who issues no other later."""
    secret = is_planned(desk)
    desk.opens(secret.visit)
    return replace(secret, hazard=desk.finds(secret.visit), paper=desk.issues(secret.visit))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    """What the mine is told when this happens, on each database."""
    folder = tmp_path_factory.mktemp("worlds")
    return lambda happens: everything_told(templates, request.param, folder / happens.__name__, happens)


@pytest.fixture(scope="module")
def told_of_nothing(told: Told) -> dict[str, Any]:
    return told(nothing)


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What was asked and answered otherwise."""
    return [asked for asked in one | other if one.get(asked) != other.get(asked)]


def test_from_all_that_the_mines_accounts_can_fetch_a_planned_visit_cannot_be_told_from_none(
    told: Told, told_of_nothing: dict[str, Any]
) -> None:
    assert differences(told(is_planned), told_of_nothing) == []


def test_of_what_a_visit_finds_and_issues_the_mine_is_told_nothing_before_it_is_explained(
    told: Told, told_of_nothing: dict[str, Any]
) -> None:
    assert differences(told(is_made_but_not_explained), told_of_nothing) == []


# A paper, as it is issued and explained


def told_to(desk: Desk, login: str) -> list[str]:
    """Everything that this person's desk says, as text; a refusal says nothing of papers."""
    mine = desk.mine_id()
    places = ("/documents", f"/documents?mine={mine}", "/worklist", "/mines", f"/hazards?mine={mine}")
    return [desk.get(login, place).text for place in places]


def test_a_paper_stays_with_the_team_until_the_visit_is_explained_to_the_mine(desk: Desk) -> None:
    world = desk.world
    server = Server(world)
    phones = {login: server.phone(login) for login in (*OF_THE_MINE, "jiancha2")}
    visit = world.prepares_visit()
    desk.opens(visit)
    desk.finds(visit)
    for phone in phones.values():
        phone.sync()
    before = {login: (dict(phone.held), dict(phone.digest)) for login, phone in phones.items()}
    paper = desk.issues(visit)
    corrected = desk.issues(visit, supersedes=paper)
    world.drain()
    with world.reading() as session:
        made = list(session.scalars(select(Document).where(Document.visit_id == visit)))
    secrets = [str(text) for row in made for text in (row.number, row.short, str(row.id), row.pdf)]
    assert all(secrets)
    for login in OF_THE_MINE:
        phone = phones[login]
        answer = phone.exchange()
        assert answer["changes"] == answer["add_scopes"] == answer["missing_blobs"] == []
        assert (phone.held, phone.digest) == before[login]
        assert not [text for text in secrets if any(text in told for told in told_to(desk, login))]
        assert desk.get(login, f"/documents/{paper}").status_code in (403, 404)
        assert desk.get(login, f"/documents/{paper}/pdf").status_code in (403, 404)
        assert desk.get(login, f"/blobs/{made[0].pdf}").status_code == 404
    phones["jiancha2"].sync()
    assert set(phones["jiancha2"].of("document")) == {str(paper), str(corrected)}
    desk.explains(visit)
    for phone in phones.values():
        phone.sync()
        assert set(phone.of("document")) == {str(paper), str(corrected)}
    assert {row["id"] for row in desk.json("anquan", "/documents")["items"]} == {str(paper), str(corrected)}
    assert desk.get("anquan", f"/blobs/{made[0].pdf}").status_code == 200


def test_a_paper_that_follows_the_explanation_is_the_mines_at_once(desk: Desk) -> None:
    visit = desk.world.prepares_visit()
    desk.opens(visit)
    desk.explains(visit)
    paper = desk.issues(visit)
    assert desk.get("anquan", f"/documents/{paper}").status_code == 200


def brings(world: World, login: str, data: bytes) -> str:
    """A person's phone uploads a file."""
    whole = uploads.keep(world.store.blobs, data, "image/jpeg")
    with world.writing(login) as (session, actor):
        uploads.enter(session, whole, actor.id)
    return whole.sha


def names_it(phone: FieldPhone, sha: str) -> list[str]:
    """A hazard is reported with this photo; what the server still wants of it."""
    phone.sync()
    hazard = report(phone, next(iter(phone.of("mine"))), photos=[])
    args: dict[str, Any] = {"act": "confirm", "seen": 1, "evidence": {"photos": [sha]}}
    phone.act("hazard.move@1", hazard, args, blobs=[sha])
    missing: list[str] = phone.exchange()["missing_blobs"]
    return [name for name in missing if name == sha]


def test_no_phone_learns_from_the_answer_whether_anothers_file_is_here(world: World, server: Server) -> None:
    here, absent = brings(world, "lutian.anquan", photo(7)), "sha256:" + "f" * 64
    spy = server.phone("anquan")
    assert (names_it(spy, here), names_it(spy, absent)) == ([here], [absent])
    assert server.clients[spy.user].get(f"/api/v1/blobs/{here}").status_code == 404
    assert names_it(server.phone("lutian.anquan"), here) == []


def test_a_colleagues_photo_of_the_same_scope_and_the_same_phone_count_as_here(
    world: World, server: Server
) -> None:
    handset = Handset("shared", lambda: int(world.clock.now().timestamp() * 1000))
    owner, other = server.phone("anquan", handset), server.phone("banzu", handset)
    sent_by_the_other = brings(world, "banzu", photo(3))
    assert names_it(owner, sent_by_the_other) == []
    head = server.phone("kuangzhang")
    assert names_it(head, sent_by_the_other) == []
    with world.reading() as session:
        assert (
            uploads.uploader(UUID(other.user))
            in uploads.open_in(session, [sent_by_the_other])[sent_by_the_other]
        )
