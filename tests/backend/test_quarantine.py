"""Work that was set aside: seen by those who answer for the person, tried again, or closed with a reason."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from backend.accounts.models import Grant
from backend.documents.problems import DocumentError, Problem
from backend.enforcement import operations as enforcement
from backend.kernel.audit import AuditRow
from backend.kernel.policy import Role
from sync import tables
from sync.canonical import canonical, sha256
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import move, report
from tests.world import OPEN_PIT, World


@pytest.fixture
def server(desk: Desk) -> Server:
    return Server(desk.world)


def sets_aside(server: Server, login: str, what: str = "离岗之后的上报") -> FieldPhone:
    """A report made after the person's grants had ended; given back right after."""
    world, phone = server.world, server.phone(login)
    phone.sync()
    ends(world, login, at=world.clock.now())
    world.clock.forward(minutes=1)
    report(phone, next(iter(phone.of("mine"))), what=what, photos=[])
    phone.exchange()
    return phone


def ends(world: World, login: str, at: Any) -> None:
    with world.store.database.writing() as session:
        for grant in world.user(session, login).grants:
            grant.ends_at = at


def waiting(desk: Desk, login: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json(login, "/sync/quarantine")["items"]
    return found


def test_the_mines_administrator_sees_what_waits_reads_it_and_has_it_tried_again(
    desk: Desk, server: Server
) -> None:
    phone = sets_aside(server, "zuanyan")
    [row] = waiting(desk, "guanli")
    assert (row["person"]["name"], row["op"], row["problem"]["code"]) == (
        "张演示",
        "hazard.report@1",
        "policy.denied",
    )
    assert "岗位" in row["problem"]["zh"]
    shown = desk.json("guanli", f"/sync/quarantine/{row['id']}")
    assert shown["body"]["args"]["what"] == "离岗之后的上报"
    ends(desk.world, "zuanyan", at=None)
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/replay")
    assert (done.status_code, done.json) == (200, {"status": "applied", "problem": None})
    assert waiting(desk, "guanli") == []
    assert [hazard["what"] for hazard in desk.json("anquan", "/hazards")["items"]] == ["离岗之后的上报"]
    phone.exchange(phone.request(ask=[1]))
    assert phone.results[1]["status"] == "applied"
    again = desk.post("guanli", f"/sync/quarantine/{row['id']}/replay")
    assert (again.status_code, again.json and again.json["code"]) == (409, "sync.not_waiting")


def test_what_is_tried_again_in_vain_says_why_once_more(desk: Desk, server: Server) -> None:
    sets_aside(server, "zuanyan")
    [row] = waiting(desk, "xitong")
    done = desk.post("xitong", f"/sync/quarantine/{row['id']}/replay").json
    assert done is not None
    assert (done["status"], done["problem"]["code"]) == ("quarantined", "policy.denied")
    assert len(waiting(desk, "guanli")) == 1


def test_it_is_closed_with_a_reason_that_the_audit_keeps_and_the_phone_is_told(
    desk: Desk, server: Server
) -> None:
    phone = sets_aside(server, "zuanyan")
    [row] = waiting(desk, "guanli")
    assert desk.post("guanli", f"/sync/quarantine/{row['id']}/discard").status_code == 422
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/discard", {"reason": "本人已离岗"})
    assert done.status_code == 204
    assert waiting(desk, "guanli") == []
    with desk.world.reading() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "quarantine.discarded")).one()
        assert noted.actor == str(desk.world.user(session, "guanli").id)
        assert noted.data == {"was": "policy.denied", "reason": "本人已离岗"}
    phone.exchange(phone.request(ask=[1]))
    problem = phone.results[1]["problem"]
    assert problem["code"] == "mutation.discarded"
    assert "本人已离岗" in problem["params"]["zh"]
    assert problem["params"]["was"] == "policy.denied"


def test_whose_right_was_missing_is_told_and_a_role_entered_afterwards_lets_the_work_be_taken(
    desk: Desk, server: Server
) -> None:
    phone = sets_aside(server, "zuanyan")
    [row] = waiting(desk, "guanli")
    desk.world.clock.forward(days=2)
    right = desk.json("guanli", f"/sync/quarantine/{row['id']}")["right"]
    assert "worker" in right["roles"]
    assert right["units"] == [f"mine:{desk.mine_id()}"]
    assert [(held["role"], held["held"], held["ends_at"]) for held in right["held"]] == [
        ("worker", False, "2026-03-02T00:00:00+00:00")
    ]
    path = f"/units/mine:{desk.mine_id()}/people/{desk.world.user_id('zuanyan')}/roles"
    role = {"role": "worker", "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-03T00:00:00Z"}
    without = desk.post("guanli", path, role)
    assert (without.status_code, without.json["code"]) == (422, "person.role_dates")
    assert desk.post("guanli", path, role | {"reason": "调令晚到一天"}).status_code == 201
    [held] = [
        held for held in desk.json("guanli", f"/sync/quarantine/{row['id']}")["right"]["held"] if held["held"]
    ]
    assert held["unit"] == "演示铁矿（地下）"
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/replay")
    assert done.json == {"status": "applied", "problem": None}
    phone.exchange(phone.request(ask=[1]))
    assert phone.results[1]["status"] == "applied"
    with desk.world.reading() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "account.granted")).all()[-1]
        assert (noted.data["reason"], noted.data["starts"][:10]) == ("调令晚到一天", "2026-03-02")


def test_what_a_person_without_any_role_did_at_his_mine_is_the_mines_to_decide(
    desk: Desk, server: Server
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    with desk.world.store.database.writing() as session:
        session.execute(delete(Grant).where(Grant.user_id == UUID(phone.user)))
    report(phone, str(desk.mine_id()), photos=[])
    phone.exchange()
    [row] = waiting(desk, "guanli")
    assert desk.json("guanli", f"/sync/quarantine/{row['id']}")["right"]["held"] == []


def test_what_somebody_of_two_mines_did_at_one_is_not_the_others_to_read(desk: Desk, server: Server) -> None:
    other = desk.mine_id(OPEN_PIT)
    desk.person("lutian.guanli", Role.MINE_ADMINISTRATOR, f"mine:{other}")
    body = {"login": "zuanyan", "name": "张演示", "roles": ["worker"]}
    assert desk.post("lutian.guanli", f"/units/mine:{other}/people/join", body).status_code == 201
    phone = server.phone("zuanyan")
    phone.sync()
    ends(desk.world, "zuanyan", at=desk.world.clock.now())
    desk.world.clock.forward(minutes=1)
    report(phone, str(desk.mine_id()), what="地下的事", photos=[])
    report(phone, str(other), what="露天的事", photos=[])
    phone.exchange()
    [below], [above] = waiting(desk, "guanli"), waiting(desk, "lutian.guanli")
    assert desk.json("guanli", f"/sync/quarantine/{below['id']}")["body"]["args"]["what"] == "地下的事"
    assert desk.json("lutian.guanli", f"/sync/quarantine/{above['id']}")["body"]["args"]["what"] == "露天的事"
    assert desk.get("guanli", f"/sync/quarantine/{above['id']}").status_code == 409


def sends_what_is_too_long(server: Server) -> FieldPhone:
    phone = server.phone("zuanyan")
    phone.sync()
    report(phone, next(iter(phone.of("mine"))), where="井" * 300, told="班" * 200, photos=[])
    phone.exchange()
    return phone


def test_what_the_problem_names_is_put_right_and_what_was_signed_stays_beside_it(
    desk: Desk, server: Server
) -> None:
    phone = sends_what_is_too_long(server)
    [row] = waiting(desk, "guanli")
    path = f"/sync/quarantine/{row['id']}"
    shown = desk.json("guanli", path)
    assert {(field["pointer"], field["kind"]) for field in shown["mendable"]} == {
        ("/where", "text"),
        ("/told", "text"),
    }
    where = {"pointer": "/where", "value": "420中段北端"}
    half = desk.post("guanli", f"{path}/mend", {"changes": [where], "reason": "打字重复"})
    assert (half.json["status"], [error["pointer"] for error in half.json["problem"]["errors"]]) == (
        "quarantined",
        ["/told"],
    )
    assert desk.json("guanli", path) == shown
    both = {"changes": [where, {"pointer": "/told", "value": "班长"}], "reason": "打字重复"}
    assert desk.post("xitong", f"{path}/mend", both).status_code == 403
    done = desk.post("guanli", f"{path}/mend", both)
    assert done.json == {"status": "applied", "problem": None}
    again = desk.post("guanli", f"{path}/mend", both)
    assert (again.status_code, again.json["code"]) == (409, "sync.not_waiting")

    phone.exchange(phone.request(ask=[1]))
    assert phone.results[1]["status"] == "applied"
    with desk.world.reading() as session:
        by = desk.world.user(session, "guanli").name
    changes = [
        {"at": "/where", "was": "井" * 300, "now": "420中段北端"},
        {"at": "/told", "was": "班" * 200, "now": "班长"},
    ]
    assert phone.results[1]["mended"] == {"by": by, "reason": "打字重复", "changes": changes}
    phone.sync()
    [hazard] = phone.of("hazard").values()
    assert (hazard["where"], hazard["told"]) == ("420中段北端", "班长")
    with desk.world.reading() as session:
        table = tables.mutation
        kept = session.execute(select(table).where(table.c.device == phone.device)).one()
        assert json.loads(kept.body)["args"]["where"] == "井" * 300
        assert sha256(kept.body.encode()) == kept.hash
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "quarantine.mended")).one()
        assert noted.actor == str(desk.world.user(session, "guanli").id) == kept.decided_by
        assert (noted.data["reason"], noted.data["was"]) == ("打字重复", "request.invalid")
        assert noted.data["changes"] == changes
        mended = json.loads(kept.body)
        mended["args"] |= {"where": "420中段北端", "told": "班长"}
        assert noted.data["sha256"] == sha256(canonical(mended)).hex()


def test_evidence_that_a_move_lacked_is_put_in(desk: Desk, server: Server) -> None:
    hazard = desk.world.reports("zuanyan")
    desk.world.moves("anquan", hazard, "confirm")
    phone = server.phone("banzu")
    phone.sync()
    plan = desk.world.plan("zuanyan")
    del plan["measures"]
    move(phone, str(hazard), "assign", **plan)
    phone.exchange()
    [row] = waiting(desk, "guanli")
    [field] = desk.json("guanli", f"/sync/quarantine/{row['id']}")["mendable"]
    assert (field["pointer"], field["kind"], field["value"]) == ("/evidence/measures", "text", None)
    change = {"pointer": "/evidence/measures", "value": "挂网"}
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/mend", {"changes": [change], "reason": "漏填"})
    assert done.json["status"] == "applied", done.text
    assert desk.json("anquan", f"/hazards/{hazard}")["plan"]["measures"] == "挂网"


def test_nothing_else_is_put_right_and_nothing_that_was_signed_by_hand(desk: Desk, server: Server) -> None:
    sends_what_is_too_long(server)
    [row] = waiting(desk, "guanli")
    what = {"changes": [{"pointer": "/what", "value": "另一件事"}], "reason": "改写"}
    refused = desk.post("guanli", f"/sync/quarantine/{row['id']}/mend", what)
    assert (refused.status_code, refused.json["code"]) == (422, "quarantine.not_open")

    hazard = desk.world.reports("zuanyan")
    phone = server.phone("anquan")
    phone.sync()
    with desk.world.writing("anquan") as (_, actor):
        signature = desk.world.signature(actor)
    move(phone, str(hazard), "close", note="注" * 5000, signature=signature)
    phone.exchange()
    signed = waiting(desk, "guanli")[-1]
    assert signed["problem"]["errors"][0]["pointer"] == "/evidence/note"
    assert desk.json("guanli", f"/sync/quarantine/{signed['id']}")["mendable"] == []
    note = {"changes": [{"pointer": "/evidence/note", "value": "短"}], "reason": "改短"}
    assert desk.post("guanli", f"/sync/quarantine/{signed['id']}/mend", note).status_code == 422


def test_only_those_who_answer_for_the_person_see_it_and_an_officers_work_stays_with_his_bureau(
    desk: Desk, server: Server
) -> None:
    sets_aside(server, "zuanyan")
    desk.neighbours()
    [row] = waiting(desk, "guanli")
    own, officers = row["id"], officers_work(desk, server)
    for login, of_the_mine, of_the_officer in (
        ("guanli", 200, 409),
        ("zongjian", 200, 409),
        ("xitong", 403, 403),  # it waits: more is not for him
        ("kezhang", 409, 200),
        ("linxian", 409, 409),
        ("anquan", 409, 409),
        ("jiancha1", 409, 409),
        ("zuanyan", 409, 409),
    ):
        assert desk.get(login, f"/sync/quarantine/{own}").status_code == of_the_mine, login
        assert desk.get(login, f"/sync/quarantine/{officers}").status_code == of_the_officer, login
    assert {row["id"] for row in waiting(desk, "xitong")} == {own, officers}
    assert [row["id"] for row in waiting(desk, "kezhang")] == [officers]
    assert waiting(desk, "linxian") == []
    for login in ("anquan", "jiancha1", "zuanyan"):
        assert desk.get(login, "/sync/quarantine").status_code == 403
    assert desk.post("xitong", f"/sync/quarantine/{own}/discard", {"reason": "清理"}).status_code == 403


def officers_work(desk: Desk, server: Server) -> int:
    """An officer's finding on a visit that was never opened for him."""
    visit = desk.world.prepares_visit()
    officer = server.phone("jiancha1")
    officer.sync()
    act = {"act": "close", "seen": 1, "evidence": {"at": officer.handset.wall}}
    officer.act("visit.move@1", str(visit), act)
    officer.exchange()
    assert officer.results[1]["status"] == "quarantined"
    [row] = waiting(desk, "kezhang")
    found: int = row["id"]
    return found


def test_pages_follow_one_another(desk: Desk, server: Server) -> None:
    phone = sets_aside(server, "zuanyan")
    for number in range(4):
        report(phone, str(desk.mine_id()), what=f"第{number}条", photos=[])
    phone.exchange()
    first = desk.json("guanli", "/sync/quarantine", limit=3)
    rest = desk.json("guanli", "/sync/quarantine", limit=3, after=first["next"])
    assert [row["seq"] for row in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None


def test_a_paper_that_its_template_refuses_is_set_aside_with_every_place(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise DocumentError([Problem("/findings", "too.few", "至少一项", "at least one")])

    monkeypatch.setattr(enforcement, "issue", refuse)
    visit = desk.world.prepares_visit()
    officer = server.phone("jiancha1")
    officer.sync()
    block = next(iter(officer.of("number_block")))
    args = {
        "kind": "rectify_order",
        "n": 1,
        "block": block,
        "visit": str(visit),
        "data": {},
        "data_hash": "0" * 64,
    }
    officer.act("document.issue@1", officer.handset.new_id(), args)
    officer.exchange()
    problem = officer.results[1]["problem"]
    assert problem["code"] == "document.unfit"
    assert problem["params"]["errors"] == [{"pointer": "/findings", "zh": "至少一项", "en": "at least one"}]
