"""A mine's people as their administrator keeps them: entered, activated by a slip, represented by deputies, let go."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from backend.accounts import operations
from backend.accounts.models import User
from backend.demo.people import PASSWORD
from backend.kernel.policy import Role
from tests.backend.desk import Desk
from tests.world import OPEN_PIT, UNDERGROUND

NEW = {
    "login": "xinren",
    "name": "新试样",
    "title": "支柱工",
    "team": "采掘一班",
    "posts": ["UG02"],
    "shifts": ["早班"],
    "roles": ["worker"],
}


def unit(desk: Desk, mine: str = UNDERGROUND) -> str:
    return f"/units/mine:{desk.mine_id(mine)}/people"


def accounts(desk: Desk, by: str = "guanli") -> dict[str, dict[str, Any]]:
    """The people of the underground mine by login."""
    return {row["login"]: row for row in desk.json(by, unit(desk))["items"]}


def enters(desk: Desk, by: str = "guanli", **changes: Any) -> Any:
    return desk.post(by, unit(desk), NEW | changes)


def role_of(desk: Desk, login: str, role: Role) -> str:
    [found] = [row["id"] for row in accounts(desk)[login]["grants"] if row["role"] == role]
    return str(found)


def activates(desk: Desk, code: str) -> int:
    with desk.app.test_client() as client:
        body = {"code": code, "password": "correct horse"}
        return client.post("/api/v1/auth/activate", json=body).status_code


def test_a_new_person_is_entered_gets_a_slip_and_owes_the_lists_of_his_post(desk: Desk) -> None:
    made = enters(desk)
    assert made.status_code == 201, made.text
    assert made.json["staff"]["posts"] == ["UG02"]
    assert [(row["role"], row["held"]) for row in made.json["grants"]] == [("worker", True)]
    assert not accounts(desk)["xinren"]["activated"]
    code = desk.post("guanli", f"/auth/people/{made.json['id']}/slip").json["code"]
    assert activates(desk, code) == 200
    assert accounts(desk)["xinren"]["activated"]
    assert {task.post for task in (desk.world.calls_roll("xinren"), desk.world.tasks("xinren"))[1]} == {
        "UG02"
    }
    assert (
        "hazard.report" in str(desk.json("xinren", "/auth/me"))
        or desk.get("xinren", "/hazards").status_code == 200
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"login": "Xin Ren"}, "/login"),
        ({"roles": ["inspector"]}, "/roles/0"),
        ({"roles": ["worker", "system_administrator"]}, "/roles/1"),
        ({"posts": ["x" * 21]}, "/posts/0"),
        ({"name": ""}, "/name"),
    ],
)
def test_what_cannot_be_entered_is_named(desk: Desk, changes: dict[str, Any], where: str) -> None:
    answer = enters(desk, **changes)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, where)


def test_a_login_is_one_persons_and_a_place_the_mines_own(desk: Desk) -> None:
    taken = enters(desk, login="zuanyan")
    assert (taken.status_code, taken.json["code"]) == (409, "person.login_taken")
    [place, *_] = desk.json("lutian.anquan", f"/mines/{desk.mine_id(OPEN_PIT)}/places")["items"]
    foreign = enters(desk, place=place["id"])
    assert (foreign.status_code, foreign.json["code"]) == (422, "person.place_unknown")


def test_only_who_manages_the_mines_people_does_any_of_it(desk: Desk) -> None:
    worker, grant = desk.world.user_id("zuanyan"), role_of(desk, "zuanyan", Role.WORKER)
    ends = (desk.world.clock.now() + timedelta(days=3)).isoformat()
    for login in ("anquan", "kuangzhang", "kezhang", "zuanyan"):
        assert desk.get(login, unit(desk)).status_code == 403
        assert enters(desk, login).status_code == 403
        assert desk.post(login, f"/auth/people/{worker}/slip").status_code == 403
        assert desk.post(login, f"/auth/people/{worker}/slip.pdf").status_code == 403
        assert desk.post(login, f"/auth/grants/{grant}/end").status_code == 403
        if login != "zuanyan":
            body = {"user": str(desk.world.user_id("baopo")), "ends_at": ends}
            assert desk.post(login, f"/auth/grants/{grant}/deputy", body).status_code == 403
    assert desk.get("guanli", unit(desk, OPEN_PIT)).status_code == 404
    assert desk.get("xitong", unit(desk)).status_code == 200


def test_an_administrator_gets_no_slip_for_who_is_more_than_his_mines(desk: Desk) -> None:
    """With it he would sign in as an officer who once worked at his mine."""
    mine = f"mine:{desk.mine_id()}"
    officer = desk.person("lao.gong", Role.WORKER, mine)
    assert desk.post("guanli", f"/auth/people/{officer}/slip").status_code == 201
    with desk.world.store.database.writing() as session:
        operations.grant(session, "test", officer, Role.INSPECTOR, desk.county_scope())
    for path in ("slip", "slip.pdf", "revoke"):
        assert desk.post("guanli", f"/auth/people/{officer}/{path}").status_code == 403
    assert desk.post("xitong", f"/auth/people/{officer}/slip").status_code == 201


def test_a_slip_is_a_page_with_the_code_and_makes_the_one_before_void(desk: Desk) -> None:
    made = enters(desk).json
    first = desk.post("guanli", f"/auth/people/{made['id']}/slip").json["code"]
    answer = desk.post("guanli", f"/auth/people/{made['id']}/slip.pdf")
    assert (answer.status_code, answer.content_type) == (201, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    pages = PdfReader(BytesIO(answer.data)).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    for said in ("账号激活凭条", "新试样", "xinren", "2026年3月16日"):
        assert said in text.replace(" ", "")
    [code] = [line.strip() for line in text.splitlines() if line.count("-") == 2 and len(line.strip()) == 14]
    assert activates(desk, first) == 422
    assert activates(desk, code) == 200
    again = desk.post("guanli", f"/auth/people/{made['id']}/slip.pdf")
    assert "重设PIN" in PdfReader(BytesIO(again.data)).pages[0].extract_text().replace(" ", "")


def test_a_name_that_no_font_can_print_is_said_instead_of_printed_as_a_box(desk: Desk) -> None:
    made = enters(desk, name="新\U0001f600").json
    answer = desk.post("guanli", f"/auth/people/{made['id']}/slip.pdf")
    assert (answer.status_code, answer.json["code"]) == (422, "document.unfit")
    assert answer.json["errors"][0]["pointer"] == "/name"


def test_a_role_is_ended_at_once_and_what_was_done_stays(desk: Desk) -> None:
    hazard = desk.world.reports("zuanyan")
    grant = role_of(desk, "anquan", Role.SAFETY_OFFICER)
    assert desk.get("anquan", f"/hazards/{hazard}").status_code == 200
    assert desk.post("guanli", f"/auth/grants/{grant}/end").status_code == 204
    again = desk.post("guanli", f"/auth/grants/{grant}/end")
    assert (again.status_code, again.json["code"]) == (409, "grant.ended")
    assert "confirm" not in [move["act"] for move in moves(desk, hazard)]
    own = desk.post("guanli", f"/auth/grants/{role_of(desk, 'guanli', Role.MINE_ADMINISTRATOR)}/end")
    assert (own.status_code, own.json["code"]) == (409, "grant.own")


def moves(desk: Desk, hazard: UUID) -> list[dict[str, Any]]:
    answer = desk.get("anquan", f"/hazards/{hazard}")
    return answer.json["moves"] if answer.status_code == 200 else []


def deputises(
    desk: Desk, by: str, grant: str, deputy: str, days: float = 3, starts: datetime | None = None
) -> Any:
    ends = (desk.world.clock.now() + timedelta(days=days)).isoformat()
    body: dict[str, Any] = {"user": str(desk.world.user_id(deputy)), "ends_at": ends}
    if starts:
        body["starts_at"] = starts.isoformat()
    return desk.post(by, f"/auth/grants/{grant}/deputy", body)


@pytest.mark.parametrize("by", ["guanli", "anquan"])
def test_a_deputy_holds_the_role_from_a_date_to_a_date(desk: Desk, by: str) -> None:
    hazard, now = desk.world.reports("zuanyan"), desk.world.clock.now()
    grant = role_of(desk, "anquan", Role.SAFETY_OFFICER)
    made = deputises(desk, by, grant, "baopo", starts=now + timedelta(days=1))
    assert made.status_code == 201, made.text
    assert confirms(desk, hazard) == 403
    desk.world.clock.forward(days=1, minutes=1)
    assert accounts(desk)["baopo"]["grants"][-1]["deputy_for"]["name"] == "陈试行"
    assert confirms(desk, hazard) == 200
    desk.world.clock.forward(days=3)
    assert confirms(desk, desk.world.reports("zuanyan")) == 403


def confirms(desk: Desk, hazard: UUID) -> int:
    seen = desk.json("baopo", f"/hazards/{hazard}")["ver"]
    return desk.post("baopo", f"/hazards/{hazard}/confirm", {"seen": seen, "evidence": {}}).status_code


def test_no_deputy_is_appointed_backwards_without_end_to_a_stranger_or_in_a_chain(desk: Desk) -> None:
    grant, now = role_of(desk, "anquan", Role.SAFETY_OFFICER), desk.world.clock.now()
    for days, starts in ((3, now - timedelta(hours=1)), (-1, None), (400, None)):
        answer = deputises(desk, "guanli", grant, "baopo", days=days, starts=starts)
        assert (answer.status_code, answer.json["code"]) == (422, "deputy.dates")
    for stranger in ("anquan", "lutian.anquan", "jiancha1"):
        answer = deputises(desk, "guanli", grant, stranger)
        assert (answer.status_code, answer.json["code"]) == (422, "deputy.not_a_colleague")
    chained = deputises(desk, "guanli", grant, "baopo").json["id"]
    answer = deputises(desk, "guanli", chained, "zuanyan")
    assert (answer.status_code, answer.json["code"]) == (422, "deputy.not_a_colleague")


def test_a_grant_of_a_visit_is_the_visits_and_not_there_for_who_manages_people(desk: Desk) -> None:
    desk.world.prepares_visit()
    with desk.world.reading() as session:
        officer = session.scalars(select(User).where(User.login == "jiancha1")).one()
        [hidden] = [row.id for row in officer.grants if row.scope.startswith("visit:")]
    assert desk.post("xitong", f"/auth/grants/{hidden}/end").status_code == 404
    assert deputises(desk, "xitong", str(hidden), "jiancha2").status_code == 404


def test_a_person_gets_another_role_and_loses_one_at_a_date(desk: Desk) -> None:
    driller = desk.world.user_id("baopo")
    path, now = f"{unit(desk)}/{driller}/roles", desk.world.clock.now()
    given = desk.post("guanli", path, {"role": "safety_officer"})
    assert [row["role"] for row in given.json["grants"]] == ["worker", "safety_officer"]
    again = desk.post("guanli", path, {"role": "safety_officer"})
    assert (again.status_code, again.json["code"]) == (409, "person.role_held")
    officer = desk.post("guanli", path, {"role": "inspector"})
    assert (officer.status_code, officer.json["errors"][0]["pointer"]) == (422, "/role")
    backwards = {"role": "dispatcher", "starts_at": (now - timedelta(days=1)).isoformat()}
    assert desk.post("guanli", path, backwards).json["code"] == "person.role_dates"
    stranger = f"{unit(desk)}/{desk.world.user_id('jiancha1')}/roles"
    assert desk.post("guanli", stranger, {"role": "worker"}).status_code == 403

    grant, tomorrow = role_of(desk, "baopo", Role.SAFETY_OFFICER), now + timedelta(days=1)
    yesterday = {"at": (now - timedelta(days=1)).isoformat()}
    answer = desk.post("guanli", f"/auth/grants/{grant}/end", yesterday)
    assert (answer.status_code, answer.json["code"]) == (422, "grant.dates")
    ended = desk.post("guanli", f"/auth/grants/{grant}/end", {"at": tomorrow.isoformat()})
    assert ended.status_code == 204
    assert confirms(desk, desk.world.reports("zuanyan")) == 200
    desk.world.clock.forward(days=1, minutes=1)
    assert confirms(desk, desk.world.reports("zuanyan")) == 403


def test_who_leaves_is_signed_out_at_once_and_comes_back_with_the_roles_given_anew(desk: Desk) -> None:
    driller = desk.world.user_id("baopo")
    assert desk.get("baopo", "/auth/me").status_code == 200
    gone = desk.post("guanli", f"{unit(desk)}/{driller}/dismiss")
    assert (gone.status_code, gone.json["active"]) == (200, False)
    assert [row["held"] for row in gone.json["grants"]] == [False]
    assert desk.get("baopo", "/auth/me").status_code == 401
    with desk.app.test_client() as client:
        body = {"login": "baopo", "password": PASSWORD}
        assert client.post("/api/v1/auth/sign-in", json=body).status_code == 401
        own = desk.post("guanli", f"{unit(desk)}/{desk.world.user_id('guanli')}/dismiss")
        assert (own.status_code, own.json["code"]) == (409, "person.self")
        back = desk.post("guanli", f"{unit(desk)}/{driller}/reinstate")
        assert (back.json["active"], [row["held"] for row in back.json["grants"]]) == (True, [False])
        desk.post("guanli", f"{unit(desk)}/{driller}/roles", {"role": "worker"})
        assert client.post("/api/v1/auth/sign-in", json=body).status_code == 200


def test_a_bureaus_people_are_kept_by_the_system_administrator(desk: Desk) -> None:
    mine_units = [row["name"] for row in desk.json("guanli", "/units")["items"]]
    assert mine_units == [UNDERGROUND]
    county = desk.county_scope()
    assert county in [row["scope"] for row in desk.json("xitong", "/units")["items"]]
    officer = {
        "login": "jiancha3",
        "name": "新示范",
        "roles": ["inspector"],
        "certificate_no": "YS-0011",
        "certificate_until": "2029-01-01T00:00:00+08:00",
    }
    assert desk.post("guanli", f"/units/{county}/people", officer).status_code == 404
    miner = desk.post("xitong", f"/units/{county}/people", officer | {"roles": ["worker"]})
    assert (miner.status_code, miner.json["errors"][0]["pointer"]) == (422, "/roles/0")
    made = desk.post("xitong", f"/units/{county}/people", officer)
    assert (made.status_code, made.json["certificate_no"], made.json["staff"]) == (201, "YS-0011", None)
    rows = desk.table("xitong", f"/units/{county}/people.xlsx")
    assert [row[5] for row in rows if row[1] == "jiancha3"] == ["执法人员"]
    for nowhere in ("mine:nonsense", "visit:" + str(desk.world.prepares_visit()), "all", county + "x"):
        assert desk.get("xitong", f"/units/{nowhere}/people").status_code == 404
