"""Work that was set aside: seen by those who answer for the person, tried again, or closed with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from backend.documents.problems import DocumentError, Problem
from backend.enforcement import operations as enforcement
from backend.kernel.audit import AuditRow
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import report
from tests.world import World


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
    assert phone.results[1]["problem"]["code"] == "mutation.discarded"


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
    assert problem["params"]["errors"] == [{"pointer": "/findings", "detail": "至少一项 (at least one)"}]
