"""What the desk decides about phones: a lost one, two values for one thing, work that waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.checklists.models import Submission
from backend.kernel.audit import AuditRow
from backend.kernel.policy import Role
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import move, report
from tests.world import OPEN_PIT, PHOTO


@pytest.fixture
def server(desk: Desk) -> Server:
    return Server(desk.world)


def phones(desk: Desk, login: str = "guanli") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json(login, "/sync/phones", unit=f"mine:{desk.mine_id()}")["items"]
    return found


def groups(desk: Desk, login: str) -> dict[str, Any]:
    return {group["key"]: group for group in desk.json(login, "/worklist")["groups"]}


def test_the_administrator_sees_his_peoples_phones_and_how_far_each_came(desk: Desk, server: Server) -> None:
    phone = server.phone("zuanyan")
    server.phone("baopo", phone.handset)
    server.phone("jiancha1")
    report(phone, str(desk.mine_id()), photos=[PHOTO])
    phone.sync()
    rows = {row["person"]["name"]: row for row in phones(desk)}
    assert set(rows) == {"张演示", "李演示"}
    row = rows["张演示"]
    assert (row["received"], row["photos"], row["held"], row["mates"]) == (1, 1, 0, 1)
    assert (row["revoked_at"], row["client"]) == (None, "test/1")
    foreign = desk.get("guanli", "/sync/phones", unit=f"mine:{desk.mine_id(OPEN_PIT)}")
    assert foreign.status_code == 404


def test_many_phones_come_in_pages_and_who_shares_one_stays_together(desk: Desk, server: Server) -> None:
    shared = server.phone("zuanyan")
    server.phone("baopo", shared.handset)
    for login in ("anquan", "banzu", "kuangzhang"):
        desk.world.clock.forward(minutes=1)
        server.phone(login)
    unit = f"mine:{desk.mine_id()}"
    first = desk.json("guanli", "/sync/phones", unit=unit, limit=3)
    rest = desk.json("guanli", "/sync/phones", unit=unit, limit=3, cursor=first["next"])
    assert len(first["items"]) == 3
    assert [row["seen_at"] for row in first["items"]] == sorted(
        (row["seen_at"] for row in first["items"]), reverse=True
    )
    assert {row["person"]["name"] for row in rest["items"]} == {"张演示", "李演示"}
    assert rest["next"] is None
    with_mate = desk.json("guanli", "/sync/phones", unit=unit, name="张演")["items"]
    assert {row["person"]["name"] for row in with_mate} == {"张演示", "李演示"}


def test_a_lost_phone_gets_nothing_more_and_what_it_still_sends_waits_for_people(
    desk: Desk, server: Server
) -> None:
    phone, other = server.phone("zuanyan"), server.phone("anquan")
    phone.sync()
    [row] = [row for row in phones(desk) if row["person"]["name"] == "张演示"]
    done = desk.post("guanli", f"/sync/phones/{row['phone']}/lost")
    assert done.status_code == 200, done.text
    assert [one["person"]["name"] for one in done.json["items"]] == ["张演示"]
    assert done.json["items"][0]["revoked_at"] is not None
    assert server.clients[phone.user].get("/api/v1/auth/me").status_code == 401
    assert server.clients[other.user].get("/api/v1/auth/me").status_code == 200

    report(phone, str(desk.mine_id()), what="找回后上传")
    answer = phone.exchange()
    assert (answer["live"], answer["changes"]) == (False, [])
    assert phone.results[1]["problem"]["code"] == "mutation.device_revoked"
    waiting = groups(desk, "guanli")["quarantine.decide"]
    assert (waiting["count"], waiting["items"][0]["title"]) == (1, "张演示")
    assert "停用" in waiting["items"][0]["why"]["zh"]
    shown = desk.json("guanli", f"/sync/quarantine/{waiting['items'][0]['id']}")
    assert shown["words"][str(desk.mine_id())] == {"zh": "演示铁矿（地下）"}
    again = desk.post("guanli", f"/sync/quarantine/{waiting['items'][0]['id']}/replay")
    assert again.json == {"status": "applied", "problem": None}


def test_one_persons_use_of_a_shared_phone_is_ended_and_his_mates_goes_on(desk: Desk, server: Server) -> None:
    phone = server.phone("zuanyan")
    mate = server.phone("baopo", phone.handset)
    assert desk.post("guanli", f"/sync/enrolments/{phone.device}/revoke").status_code == 200
    assert phone.exchange()["live"] is False
    assert mate.exchange()["live"] is True
    assert desk.get("zuanyan", "/auth/me").status_code == 200


def test_nobody_ends_what_is_not_his(desk: Desk, server: Server) -> None:
    officer, miner = server.phone("jiancha1"), server.phone("zuanyan")
    with desk.world.reading() as session:
        audits = session.scalars(select(AuditRow.act)).all()
    for login, expected in (("guanli", 404), ("anquan", 403), ("kezhang", 403)):
        for path in (f"enrolments/{officer.device}/revoke", f"phones/{officer.handset.phone}/lost"):
            assert desk.post(login, f"/sync/{path}").status_code == expected
    assert desk.post("anquan", f"/sync/enrolments/{miner.device}/revoke").status_code == 403
    assert desk.post("guanli", f"/sync/phones/{miner.handset.new_id()}/lost").status_code == 404
    with desk.world.reading() as session:
        assert session.scalars(select(AuditRow.act)).all() == audits
    assert officer.exchange()["live"] is True


def waits(desk: Desk, login: str) -> list[dict[str, Any]]:
    """The conflicts that wait for this person."""
    found: list[dict[str, Any]] = desk.json(login, "/sync/conflicts/pages")["items"]
    return found


def two_values(
    desk: Desk, server: Server, *, fast: timedelta = timedelta(), after: timedelta = timedelta()
) -> tuple[FieldPhone, FieldPhone, str]:
    """Two officers answer the same item of a visit, without knowing of each other. Returns the sheet too.

    fast: how much the clock of the second one's phone is.  after: how long both are without a network.
    """
    visit = str(desk.world.prepares_visit())
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    two.handset.wall_error_ms = fast // timedelta(milliseconds=1)
    for phone in (one, two):
        phone.sync()
        seen = phone.held[("visit", visit)]["ver"]
        evidence = {"at": phone.handset.wall, "place": "420中段"}
        phone.act("visit.move@1", visit, {"act": "open", "seen": seen, "evidence": evidence})
    sheet = str(one.of("visit")[visit]["submission"])
    one.act("submission.answer@1", sheet, {"answers": {"SC-03": {"result": "pass"}}})
    failed = {"result": "fail", "note": "图纸未更新", "photos": [PHOTO]}
    two.act("submission.answer@1", sheet, {"answers": {"SC-03": failed}})
    desk.world.clock.forward(seconds=after.total_seconds())
    one.sync()
    two.sync()
    return one, two, sheet


def test_a_conflict_is_decided_at_the_desk_and_both_phones_learn_of_it(desk: Desk, server: Server) -> None:
    one, two, sheet = two_values(desk, server)
    late = max(two.results)
    assert two.results[late]["status"] == "conflict"
    waiting = groups(desk, "kezhang")["conflict.resolve"]
    assert waiting["count"] == 1
    assert "conflict.resolve" not in groups(desk, "anquan")
    conflict = waiting["items"][0]["id"]
    assert desk.get("anquan", f"/sync/conflicts/{conflict}").status_code == 409
    shown = desk.json("kezhang", f"/sync/conflicts/{conflict}")
    [field] = shown["sides"]
    assert (shown["kind"], shown["may_take"], field["item"]["id"]) == ("submission", True, "SC-03")
    assert (field["shown"]["value"]["result"], field["shown"]["by"]["name"]) == ("fail", "姜示范")
    assert (field["shown"]["photos"], field["shown"]["note"]) == ([PHOTO], "图纸未更新")
    assert field["shown"]["base"] is not None
    assert (field["other"]["value"]["result"], field["other"]["by"]["name"]) == ("pass", "陶示范")
    assert field["other"]["base"] is None
    for side in (field["shown"], field["other"]):
        assert side["at"] == side["received_at"] == "2026-03-02T00:00:00+00:00"
        assert datetime.fromisoformat(side["device_at"]) == desk.world.clock.now()

    keep = {"keep": "other", "reason": "复查合格"}
    assert desk.post("anquan", f"/sync/conflicts/{conflict}/resolve", keep).status_code == 409
    assert desk.post("kezhang", f"/sync/conflicts/{conflict}/resolve", keep).status_code == 204
    again = desk.post("kezhang", f"/sync/conflicts/{conflict}/resolve", keep)
    assert (again.status_code, again.json["code"]) == (409, "sync.not_waiting")
    for phone in (one, two):
        phone.sync()
        assert phone.of("submission")[sheet]["answers"]["SC-03"]["result"] == "pass"
    two.exchange(two.request(ask=[late]))
    assert (two.results[late]["status"], two.results[late]["conflict"]) == ("merged", None)
    with desk.world.reading() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "conflict.resolved")).one()
        assert noted.data == keep


def test_when_each_of_two_values_was_given_is_told_by_three_clocks(desk: Desk, server: Server) -> None:
    """One phone is seven minutes fast; each of them sends an hour after its person answered."""
    begun = desk.world.clock.now()
    two_values(desk, server, fast=timedelta(minutes=7), after=timedelta(hours=1))
    [conflict] = waits(desk, "kezhang")
    [field] = desk.json("kezhang", f"/sync/conflicts/{conflict['id']}")["sides"]
    told = {
        which: [datetime.fromisoformat(field[which][name]) for name in ("device_at", "at", "received_at")]
        for which in ("shown", "other")
    }
    fast, sent = begun + timedelta(minutes=7), begun + timedelta(hours=1)
    assert told == {"shown": [fast, begun, sent], "other": [begun, begun, sent]}


def test_many_conflicts_come_in_pages_the_oldest_first_and_each_once(desk: Desk, server: Server) -> None:
    safety, head = server.phone("anquan"), server.phone("kuangzhang")
    hazards = [report(safety, str(desk.mine_id()), what=f"第{number}处") for number in range(5)]
    safety.sync()
    head.sync()
    for hazard in hazards:
        move(safety, hazard, "confirm")
        move(head, hazard, "reject", note="不成立")
    safety.sync()
    head.sync()
    first = desk.json("anquan", "/sync/conflicts/pages", limit=3)
    rest = desk.json("anquan", "/sync/conflicts/pages", limit=3, cursor=first["next"])
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)
    assert {row["entity"] for row in first["items"] + rest["items"]} == set(hazards)
    assert desk.get("anquan", "/sync/conflicts/pages", cursor="nonsense").status_code == 422


def test_a_phone_of_before_that_asks_for_a_list_of_conflicts_gets_one(desk: Desk, server: Server) -> None:
    """It looks in it for the id that it knows, and reads each field with both values."""
    _, two, _ = two_values(desk, server)
    [mine] = [result["conflict"] for result in two.results.values() if result["conflict"]]
    told = server.clients[two.user].get("/api/v1/sync/conflicts").json
    assert isinstance(told, list)
    [found] = [one for one in told if one["id"] == mine["id"]]
    [clash] = found["clashes"]
    assert (clash["field"], clash["shown"]["result"], clash["other"]["result"]) == (
        "answers/SC-03",
        "fail",
        "pass",
    )


def test_the_other_value_is_not_put_over_what_somebody_changed_since(desk: Desk, server: Server) -> None:
    one, _, sheet = two_values(desk, server)
    [conflict] = waits(desk, "kezhang")
    one.sync()
    one.act("submission.answer@1", sheet, {"answers": {"SC-03": {"result": "na", "note": "再看过"}}})
    one.sync()
    assert desk.json("kezhang", f"/sync/conflicts/{conflict['id']}")["may_take"] is False
    path = f"/sync/conflicts/{conflict['id']}/resolve"
    other = desk.post("kezhang", path, {"keep": "other", "reason": "复查合格"})
    assert (other.status_code, other.json["code"]) == (409, "conflict.cannot_take")
    assert desk.post("kezhang", path, {"keep": "shown", "reason": "以再看过的为准"}).status_code == 204
    one.sync()
    assert one.of("submission")[sheet]["answers"]["SC-03"]["result"] == "na"


def test_a_move_that_came_too_late_is_told_with_both_people_and_can_only_be_put_on_record(
    desk: Desk, server: Server
) -> None:
    safety, head = server.phone("anquan"), server.phone("kuangzhang")
    hazard = report(safety, str(desk.mine_id()))
    safety.sync()
    head.sync()
    move(safety, hazard, "confirm")
    move(head, hazard, "reject", note="不成立")
    safety.sync()
    head.sync()
    [conflict] = waits(desk, "anquan")
    shown = desk.json("anquan", f"/sync/conflicts/{conflict['id']}")
    [field] = shown["sides"]
    assert (field["shown"]["value"], field["shown"]["by"]["name"]) == ("confirmed", "陈试行")
    assert (field["other"]["value"], field["other"]["by"]["name"]) == ("rejected", "褚试行")
    assert (field["other"]["note"], shown["may_take"]) == ("不成立", False)
    desk.person("baoan", Role.WORKER, f"mine:{desk.mine_id()}")
    assert waits(desk, "baoan") == []
    assert waits(desk, "lutian.anquan") == []


def test_a_team_leader_decides_about_his_crews_lists_only(desk: Desk, server: Server) -> None:
    desk.world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    [task, *_] = phone.of("task").items()
    sheet = phone.handset.new_id()
    begin = {"task": task[0], "visit": None, "mine": task[1]["mine"], "form": task[1]["form"]}
    begin |= {"post": task[1]["post"], "limits": {}, "opened_at": phone.handset.wall}
    phone.act("submission.begin@1", sheet, begin)
    item = task[1]["asked"][0]
    phone.sync()
    with desk.world.store.database.writing() as session:
        kept = session.get_one(Submission, UUID(sheet))
        kept.answers = kept.answers | {item: {"result": "fail"}}
    phone.act("submission.answer@1", sheet, {"answers": {item: {"result": "pass"}}})
    phone.sync()
    assert len(waits(desk, "banzu")) == 1
    assert waits(desk, "jiyunban") == []
    assert len(waits(desk, "anquan")) == 1
    assert waits(desk, "kezhang") == []
