"""Promise 5 of the sync engine: an id of what a person may not see says no more than one that never was.

Every operation of a phone is tried with every id that it takes: once with a hidden one and once with one made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import marshmallow as ma
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.devices.mutations import OPERATIONS, install
from backend.enforcement.models import NumberBlock
from backend.hazards.workflow import MOVES as HAZARD_MOVES
from backend.inspections.workflow import MOVES as VISIT_MOVES
from backend.kernel.policy import Actor, Role
from backend.shifts.models import Staff
from backend.sites.models import Place
from sync.registry import Context, Mutation, Refused, Registry
from tests.backend.desk import Desk
from tests.backend.lists import Lists
from tests.backend.test_policy_matrix import CAST, body, published, table, things
from tests.world import OPEN_PIT, UNDERGROUND

__all__ = ["things"]  # the fixture of the matrix
Ids = dict[str, str]
Try = tuple[str, str, dict[str, Any]]
NO_FORM = "f" * 64
FRESH = str(UUID(int=7 << 76 | 8 << 60))
HLC = "019c00000000000000000001"


def at_mine(desk: Desk, name: str, worker: str, safety: str) -> Ids:
    """A mine with a place, somebody of its people, his list, one that he owes, and a hazard."""
    with desk.world.reading() as session:
        mine, user = desk.world.mine(session, name).id, desk.world.user(session, worker).id
        place = session.scalars(select(Place.id).where(Place.mine_id == mine)).first()
        staff = session.scalars(select(Staff.id).where(Staff.user_id == user)).one()
    done, owed, *_ = desk.world.calls_roll(worker)
    ids = {"mine": mine, "place": place, "person": staff, "task": owed, "hazard": desk.world.reports(safety)}
    return {kind: str(id) for kind, id in (ids | {"list": desk.fills(worker, done)}).items()}


def on_visit(desk: Desk, *team: str) -> Ids:
    """A visit with its list, a finding and a paper of which the mine knows nothing."""
    visit = desk.world.prepares_visit(team[0], team)
    desk.opens(visit, team[0])
    hazard, paper = desk.finds(visit, login=team[0]), desk.issues(visit, team[0])
    block = select(NumberBlock.id).where(NumberBlock.user_id == desk.world.user_id(team[0]))
    with desk.world.reading() as session:
        ids = {"visit": visit, "hazard": hazard, "paper": paper, "block": session.scalars(block).first()}
    return {kind: str(id) for kind, id in (ids | {"list": desk.submission_of(visit)}).items()}


def tries(ids: Ids, ink: dict[str, Any], at: str, fresh: str = FRESH) -> Iterator[Try]:
    """Every operation, each move of the tables, with these ids wherever one is named."""
    begun: dict[str, Any] = {
        "mine": ids["mine"],
        "form": ids["form"],
        "post": None,
        "limits": {},
        "opened_at": at,
    }
    for task, visit in ((ids["task"], None), (None, ids["visit"])):
        yield "submission.begin@1", fresh, begun | {"task": task, "visit": visit}
    yield "submission.answer@1", ids["list"], {"answers": {"SC-03": {"result": "pass"}}}
    yield "submission.move@1", ids["list"], {"form": ids["form"], "limits": {}}
    for role in ("filler", "team_leader"):
        yield "submission.sign@1", ids["list"], ink | {"role": role}
    found: dict[str, Any] = {
        "where": "420中段",
        "what": "浮石",
        "suspected_major": False,
        "major_ref": None,
        "basis": [],
    }
    found |= {"mine": ids["mine"], "told": None, "item": None, "photos": [], "reported_at": at}
    for place, visit in ((ids["place"], None), (None, ids["visit"])):
        yield (
            "hazard.report@1",
            fresh,
            found | {"place": place, "visit": visit, "submission": ids["list"]},
        )
    plan = {"person": ids["person"], "measures": "处理", "deadline": at, "note": "无", "signature": ink}
    for act in {move.act for move in HAZARD_MOVES.moves}:
        yield "hazard.move@1", ids["hazard"], {"act": act, "seen": 1, "evidence": plan}
    answer = {"name": "褚试行", "position": "矿长", "signature": ink | {"role": "site_representative"}}
    told = {"at": at, "representative": answer, "findings": [ids["hazard"]], "note": "改期"}
    for act in {move.act for move in VISIT_MOVES.moves}:
        yield "visit.move@1", ids["visit"], {"act": act, "seen": 1, "evidence": told}
    paper: dict[str, Any] = {
        "kind": "rectify_order",
        "n": 1,
        "block": ids["block"],
        "visit": ids["visit"],
        "data": {},
    }
    paper |= {"data_hash": "0" * 64, "cites": [ids["hazard"]]}
    for superseded in (None, ids["paper"]):
        yield "document.issue@1", fresh, paper | {"supersedes": superseded}


def answer(registry: Registry, session: Session, context: Context, one: Try) -> Any:
    """What a phone would be told, and nothing is kept of it."""
    op, entity, args = one
    mutation = Mutation(str(uuid4()), 1, op, entity, (1, 1), args, HLC, ())
    trial = session.begin_nested()
    try:
        return registry.operations[op](session, context, mutation)
    except Refused as refusal:
        return refusal.code, refusal.params
    except Exception as error:  # it would be quarantined as mutation.failed
        return repr(type(error))
    finally:
        trial.rollback()


def told_apart(desk: Desk, login: str, own: Ids, hidden: Ids) -> dict[str, Any]:
    """Where an answer to this person differs between a hidden id and one made up: where → the two answers."""
    differ: dict[str, Any] = {}
    registry = operations()
    with desk.world.writing(login) as (session, actor):
        at, ink, context = desk.world.clock.now(), desk.world.signature(actor), acting(desk, actor)
        never = {kind: str(uuid4()) for kind in kinds()} | {"form": NO_FORM}
        usual = never | own
        for kind, secret in hidden.items():
            there = list(tries(usual | {kind: secret}, ink, at.isoformat()))
            nowhere = list(tries(usual | {kind: never[kind]}, ink, at.isoformat()))
            for one, other in zip(there, nowhere, strict=True):
                if one != other:
                    said = [answer(registry, session, context, each) for each in (one, other)]
                    if said[0] != said[1]:
                        differ[f"{kind} in {one[0]} {one[2].get('act', '')}"] = said
    return differ


def operations() -> Registry:
    registry = Registry(scopes=lambda session, user: set())
    install(registry)
    return registry


def acting(desk: Desk, actor: Actor) -> Context:
    at = desk.world.clock.now()
    return Context(str(actor.id), str(uuid4()), str(uuid4()), 1, at, at, at, False, HLC)


def kinds() -> set[str]:
    return {"mine", "place", "person", "task", "hazard", "list", "visit", "paper", "block", "form"}


def test_every_operation_of_a_phone_is_tried_with_every_id_that_it_takes(desk: Desk) -> None:
    with desk.world.reading() as session:
        ink = desk.world.signature(desk.world.actor(session, "jiancha1"))
    tried: dict[str, set[str]] = {}
    for op, _, args in tries({kind: str(uuid4()) for kind in kinds()}, ink, "2026-03-02T00:00:00+00:00"):
        tried.setdefault(op, set()).update(name for name, value in said(args) if value not in (None, []))
    assert tried.keys() == OPERATIONS.keys()
    for op, (schema, _) in OPERATIONS.items():
        assert set(id_fields(schema())) <= tried[op], op


def said(args: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in args.items():
        yield name, value
        if isinstance(value, dict):
            yield from said(value)


def id_fields(schema: ma.Schema) -> Iterator[str]:
    for name, field in schema.fields.items():
        if isinstance(field, ma.fields.Nested):
            yield from id_fields(field.schema)
        elif isinstance(getattr(field, "inner", field), ma.fields.UUID) or name == "form":
            yield name


@pytest.mark.parametrize("login", ["chanzhuang", "lutian.anquan"])
def test_the_people_of_one_mine_cannot_tell_what_there_is_at_another(desk: Desk, login: str) -> None:
    own = at_mine(desk, OPEN_PIT, "chanzhuang", "lutian.anquan")
    hidden = at_mine(desk, UNDERGROUND, "zuanyan", "anquan") | {"form": published(Lists(desk))}
    assert told_apart(desk, login, own, hidden) == {}


@pytest.mark.parametrize("login", ["zuanyan", "zongjian"])
def test_the_people_of_the_mine_cannot_tell_a_visit_from_none(desk: Desk, login: str) -> None:
    own = at_mine(desk, UNDERGROUND, "zuanyan", "anquan")
    assert told_apart(desk, login, own, on_visit(desk, "jiancha1", "jiancha2")) == {}


def test_an_officer_cannot_tell_another_teams_visit_from_none(desk: Desk) -> None:
    for login, number in (("jiancha8", "YS-0008"), ("jiancha9", "YS-0009")):
        desk.person(login, Role.INSPECTOR, desk.county_scope(), certificate=number)
    own = on_visit(desk, "jiancha2", "jiancha9")
    with desk.world.reading() as session:
        own["mine"] = str(desk.world.mine(session).id)
    assert told_apart(desk, "jiancha9", own, on_visit(desk, "jiancha1", "jiancha8")) == {}


def test_whose_role_never_allows_an_act_is_told_that_of_any_id(desk: Desk) -> None:
    """So that who decides about his work can see which right he lacked."""
    desk.person("wuren", None, "")
    own: Ids = {}
    hidden = at_mine(desk, UNDERGROUND, "zuanyan", "anquan") | on_visit(desk, "jiancha1", "jiancha2")
    assert told_apart(desk, "wuren", own, hidden) == {}


def test_a_new_record_cannot_take_an_id_that_is_taken_and_is_not_told_whose_it_is(desk: Desk) -> None:
    own = at_mine(desk, UNDERGROUND, "zuanyan", "anquan") | on_visit(desk, "jiancha2", "jiancha1")
    others = on_visit(desk, "jiancha1", "jiancha2")
    with desk.world.writing("jiancha2") as (session, actor):
        ink, at = desk.world.signature(actor), desk.world.clock.now().isoformat()
        for op, kind in (("hazard.report@1", "hazard"), ("document.issue@1", "paper")):
            ids = {"form": NO_FORM, "person": str(uuid4())} | own
            new = [one for one in tries(ids, ink, at, fresh=others[kind]) if one[0] == op]
            said = [answer(operations(), session, acting(desk, actor), one) for one in new]
            assert {code for code, _ in said} == {"not_found"}


def test_no_address_of_the_desk_tells_a_hidden_id_from_one_made_up(desk: Desk, things: Ids) -> None:
    """Of each row of the matrix: whom it answers 404, and 403 of what he cannot read."""
    never = {kind: NO_FORM if len(id) == 64 else str(uuid4()) for kind, id in things.items()}
    # What the library has is no secret: it is the same everywhere.
    rows = {(method, path): row for method, path, row in table() if "{" in path and "library" not in path}
    differ = []
    for (method, path), answers in rows.items():
        readable = rows.get(("GET", path.split("}")[0].replace("review", "draft") + "}"), {})
        said = body(desk, things, path) if method == "POST" else None
        for who, status in answers.items():
            if status in (403, 404) and readable.get(who) != 200:
                asked = (path.format_map(ids).split()[0] for ids in (things, never))
                there, nowhere = (told(desk, method, CAST[who], one, said) for one in asked)
                if there != nowhere:
                    differ.append((who, method, path, there, nowhere))
    assert differ == []


def told(desk: Desk, method: str, login: str | None, path: str, said: Any) -> tuple[int, bytes]:
    done = desk.get(login, path) if method == "GET" else desk.post(login, path, said)
    return done.status_code, done.data
