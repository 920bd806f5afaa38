"""What is known of a person is put right: his phone follows, what he signed stays. Who works at two mines is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import operations
from backend.accounts.models import User
from backend.checklists.models import Submission
from backend.kernel.audit import AuditRow
from backend.kernel.policy import Role
from backend.shifts.models import Staff
from tests.backend.desk import Desk
from tests.backend.phones import Server
from tests.backend.test_people import accounts, unit
from tests.world import OPEN_PIT


@pytest.fixture
def server(desk: Desk) -> Server:
    return Server(desk.world)


def facts(desk: Desk, login: str, **changes: Any) -> dict[str, Any]:
    """All that is known of a person now, with some of it changed."""
    row = accounts(desk)[login]
    own = {name: row[name] for name in ("name", "phone", "certificate_no", "certificate_until")}
    place = {name: row["staff"][name] for name in ("title", "team", "posts", "shifts", "place")}
    return own | place | changes


def corrects(desk: Desk, login: str, by: str = "guanli", **changes: Any) -> Any:
    return desk.put(by, f"{unit(desk)}/{desk.world.user_id(login)}", facts(desk, login, **changes))


def test_a_person_gets_another_post_and_team_and_his_phone_has_the_lists_of_it(
    desk: Desk, server: Server
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    lists = {row["key"] for row in phone.of("form").values()}
    assert not any(".UG02." in key for key in lists)
    done = corrects(desk, "zuanyan", posts=["UG02"], team="采掘二班", title="支柱工")
    assert done.status_code == 200, done.text
    assert (done.json["staff"]["posts"], done.json["staff"]["team"]) == (["UG02"], "采掘二班")
    phone.sync()
    [row] = [row for row in phone.of("person").values() if row["user"] == phone.user]
    assert (row["posts"], row["team"], row["title"]) == (["UG02"], "采掘二班", "支柱工")
    assert any(".UG02." in row["key"] for row in phone.of("form").values())
    assert not any(".UG01." in row["key"] for row in phone.of("form").values())
    with desk.world.reading() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "person.corrected")).one()
        assert (sorted(noted.data["fields"]), noted.data["posts"]) == (["posts", "team", "title"], ["UG02"])
        assert noted.actor == str(desk.world.user(session, "guanli").id)


def test_a_corrected_name_is_everywhere_but_on_what_was_signed(desk: Desk) -> None:
    sheet = desk.fills("zuanyan", desk.world.calls_roll("zuanyan")[0])
    assert corrects(desk, "zuanyan", name="张新名").status_code == 200
    assert accounts(desk)["zuanyan"]["name"] == "张新名"
    with desk.world.reading() as session:
        assert desk.world.staff(session, "zuanyan").name == "张新名"
        signed = session.get_one(Submission, sheet).signatures["filler"]
        assert signed["name"] == "张演示"
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "person.corrected")).one()
        assert noted.data["name"] == ["张演示", "张新名"]


def test_only_who_manages_the_mines_people_corrects_them_and_nothing_changed_is_nothing_noted(
    desk: Desk,
) -> None:
    for login in ("anquan", "kezhang", "zuanyan"):
        assert corrects(desk, "zuanyan", by=login, team="另一班").status_code == 403
    stranger = f"{unit(desk)}/{desk.world.user_id('jiancha1')}"
    assert desk.put("guanli", stranger, facts(desk, "zuanyan")).status_code == 403
    assert corrects(desk, "zuanyan", name="").status_code == 422
    [place, *_] = desk.json("lutian.anquan", f"/mines/{desk.mine_id(OPEN_PIT)}/places")["items"]
    assert corrects(desk, "zuanyan", place=place["id"]).json["code"] == "person.place_unknown"
    assert corrects(desk, "zuanyan").status_code == 200
    with desk.world.reading() as session:
        assert session.scalar(select(AuditRow).where(AuditRow.act == "person.corrected")) is None


JOINS = {"roles": ["worker"], "title": "爆破员", "team": "外协队", "posts": ["UG03"], "shifts": ["早班"]}


def open_pits_driller(desk: Desk) -> dict[str, Any]:
    """Somebody whom the system administrator entered at the other mine."""
    other = f"/units/mine:{desk.mine_id(OPEN_PIT)}/people"
    body = {"login": "liangkuang", "name": "两矿试", "roles": ["worker"], "team": "采剥班"}
    made = desk.post("xitong", other, body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_who_works_at_another_mine_is_entered_at_a_second_one_under_the_same_account(desk: Desk) -> None:
    person = open_pits_driller(desk)
    path = f"{unit(desk)}/join"
    body = JOINS | {"login": "liangkuang", "name": "两矿试"}
    for wrong in ({"name": "别人"}, {"login": "nobody.here"}, {"login": "jiancha1", "name": "陶示范"}):
        answer = desk.post("guanli", path, body | wrong)
        assert (answer.status_code, answer.json["code"]) == (422, "person.not_known")
    made = desk.post("guanli", path, body)
    assert (made.status_code, made.json["id"], made.json["managed"]) == (201, person["id"], False)
    assert (made.json["staff"]["team"], [row["role"] for row in made.json["grants"]]) == (
        "外协队",
        ["worker"],
    )
    again = desk.post("guanli", path, body)
    assert (again.status_code, again.json["code"]) == (409, "person.here_already")
    with desk.world.reading() as session:
        user = session.scalars(select(User).where(User.login == "liangkuang")).one()
        teams = session.scalars(select(Staff.team).where(Staff.user_id == user.id)).all()
        assert sorted(teams) == ["外协队", "采剥班"]
        assert {grant.scope for grant in user.grants} == {
            f"mine:{desk.mine_id()}",
            f"mine:{desk.mine_id(OPEN_PIT)}",
        }


def test_of_who_works_at_two_mines_each_keeps_its_own_part_only(desk: Desk) -> None:
    person = open_pits_driller(desk)
    desk.post("guanli", f"{unit(desk)}/join", JOINS | {"login": "liangkuang", "name": "两矿试"})
    assert corrects(desk, "liangkuang", team="外协二队").json["staff"]["team"] == "外协二队"
    assert corrects(desk, "liangkuang", name="改名").status_code == 403
    assert desk.post("guanli", f"/auth/people/{person['id']}/slip").status_code == 403
    role = {"role": "safety_officer"}
    assert desk.post("guanli", f"{unit(desk)}/{person['id']}/roles", role).status_code == 201
    assert desk.post("guanli", f"{unit(desk)}/{person['id']}/dismiss").status_code == 403
    for grant in accounts(desk)["liangkuang"]["grants"]:
        assert desk.post("guanli", f"/auth/grants/{grant['id']}/end").status_code == 204
    assert not any(grant["held"] for grant in accounts(desk)["liangkuang"]["grants"])
    with desk.world.reading() as session:
        user = session.scalars(select(User).where(User.login == "liangkuang")).one()
        teams = session.scalars(select(Staff.team).where(Staff.user_id == user.id)).all()
        assert sorted(teams) == ["外协二队", "采剥班"]
    assert corrects(desk, "liangkuang", by="xitong", name="改名").json["name"] == "改名"


def test_an_officer_who_once_worked_at_a_mine_gets_no_role_there_again(desk: Desk) -> None:
    driller = desk.world.user_id("baopo")
    with desk.world.store.database.writing() as session:
        operations.grant(session, "test", driller, Role.INSPECTOR, desk.county_scope())
    path = f"{unit(desk)}/{driller}/roles"
    assert desk.post("guanli", path, {"role": "safety_officer"}).status_code == 403


def test_a_role_is_entered_afterwards_with_a_reason_for_a_quarter_at_most_and_never_for_oneself(
    desk: Desk,
) -> None:
    now, path = desk.world.clock.now(), f"{unit(desk)}/{desk.world.user_id('baopo')}/roles"

    def gives(days: int, login: str = "baopo", **more: Any) -> int:
        where = f"{unit(desk)}/{desk.world.user_id(login)}/roles"
        body = {"role": "dispatcher", "starts_at": (now - timedelta(days=days)).isoformat()}
        return desk.post("guanli", where, body | {"reason": "调令晚到"} | more).status_code

    assert gives(91) == 422
    assert gives(1, reason="") == 422
    assert gives(1, login="guanli") == 422
    assert gives(90) == 201
    assert gives(90) == 409
    worker = {"role": "worker", "starts_at": (now - timedelta(hours=1)).isoformat(), "reason": "补"}
    assert desk.post("guanli", path, worker | {"ends_at": now.isoformat()}).status_code == 409
