"""A move of a visit that arrives before the colleague's on which it rests: it waits for that, and is then taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.backend.desk import Desk
from tests.backend.phones import Server
from tests.backend.test_supplement import EARLY, Visited


@pytest.fixture
def visited(desk: Desk) -> Visited:
    return Visited(desk)


def test_a_supplement_that_arrives_before_what_it_adds_to_waits_for_it_and_is_then_told(
    visited: Visited,
) -> None:
    """A colleague's phone has his explanation from him underground, and names it (docs/adr/0010)."""
    server = Server(visited.world)
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    for phone in (one, two):
        phone.sync()
    first, later = visited.arrives(what=EARLY), visited.arrives()
    said = {"at": one.handset.wall, "representative": visited.answer(), "findings": [str(first)]}
    told = one.act("visit.move@1", visited.id, {"act": "explain", "seen": 1, "evidence": said})
    visited.world.clock.forward(minutes=30)
    added = said | {"at": two.handset.wall, "findings": [str(later)]}
    move = {"act": "supplement", "seen": 1, "evidence": added}
    early = two.act("visit.move@1", visited.id, move, deps=[told["id"]])
    two.exchange()
    assert two.status(early) == "held"
    assert (visited.row().state, visited.known(later)) == ("opened", None)
    visited.world.clock.forward(hours=3)
    one.sync()
    two.exchange()
    assert (one.status(told), two.status(early)) == ("applied", "applied")
    assert visited.row().state == "explained"
    assert visited.known(later) - visited.known(first) == timedelta(minutes=30)


def test_who_explains_on_a_visit_that_only_a_colleague_opened_waits_for_the_opening(desk: Desk) -> None:
    server, visit = Server(desk.world), desk.world.prepares_visit()
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    for phone in (one, two):
        phone.sync()
    evidence = {"at": one.handset.wall, "place": "420中段"}
    opened = one.act("visit.move@1", visit, {"act": "open", "seen": 1, "evidence": evidence})
    with desk.world.writing("kuangzhang") as (_, actor):
        signature = desk.world.signature(actor, "site_representative")
    answer = {"name": "褚试行", "position": "矿长", "signature": signature}
    said = {"at": two.handset.wall, "representative": answer, "findings": []}
    move = {"act": "explain", "seen": 1, "evidence": said}
    explained = two.act("visit.move@1", visit, move, deps=[opened["id"]])
    two.exchange()
    assert two.status(explained) == "held"
    one.sync()
    two.exchange()
    assert two.status(explained) == "applied"
