"""Visits at the desk: prepared by the bureau, and not there for the mine until it was told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.checklists.models import FormVersion
from backend.inspections import operations as inspections
from backend.kernel.db import new_id
from backend.kernel.policy import Role
from backend.sites.models import Bureau, Jurisdiction
from tests.backend.desk import Desk
from tests.world import OPEN_PIT, refused

MINE_SIDE = (
    "zuanyan",
    "banzu",
    "anquan",
    "kuangzhang",
    "zongjian",
    "fuzeren",
    "jituan",
    "guanli",
    "lutian.anquan",
)
ASKS = (
    *("/worklist", "/mines", "/coverage", "/coverage?mine={mine}", "/hazards", "/hazards?state=confirmed"),
    *("/hazards?found_by=officer", "/hazards?q=通风", "/hazards?visit={visit}", "/hazards/ages", "/visits"),
    *(
        "/visits/{visit}",
        "/documents",
        "/documents?number=责改",
        "/documents?visit={visit}",
        "/visits/choices",
    ),
)


def everything_the_mine_can_ask(desk: Desk, visit: str) -> dict[str, Any]:
    """Status and answer of every list, filter and count, for everybody of the mine and its enterprise."""
    said = {}
    for login in MINE_SIDE:
        for path in ASKS:
            answer = desk.get(login, path.format(mine=desk.mine_id(), visit=visit))
            said[f"{login} {path}"] = (answer.status_code, answer.json)
    for login in ("anquan", "zongjian"):
        for path in ("/hazards.xlsx", "/documents.xlsx", "/mines.xlsx"):
            said[f"{login} {path}"] = (200, desk.table(login, path))
    return said


def test_nothing_that_the_mine_can_ask_betrays_a_visit_before_it_is_told(desk: Desk) -> None:
    before = everything_the_mine_can_ask(desk, "00000000-0000-7000-8000-000000000000")
    visit = desk.world.prepares_visit(by="kezhang")
    assert everything_the_mine_can_ask(desk, str(visit)) == before
    desk.opens(visit)
    desk.finds(visit)
    desk.issues(visit)
    desk.world.drain()
    assert everything_the_mine_can_ask(desk, str(visit)) == before
    desk.explains(visit)
    after = everything_the_mine_can_ask(desk, str(visit))
    assert after["anquan /hazards?found_by=officer"][1]["items"][0]["what"] == "通风构筑物破损"
    assert len(after["anquan /documents?number=责改"][1]["items"]) == 1
    assert after["anquan /visits"] == before["anquan /visits"]


def test_the_bureau_sees_what_the_mine_does_not_yet(desk: Desk) -> None:
    visit = desk.world.prepares_visit()
    desk.opens(visit)
    found = desk.finds(visit)
    for login in ("jiancha1", "kezhang"):
        assert [row["id"] for row in desk.json(login, "/hazards")["items"]] == [str(found)]
        assert desk.json(login, f"/hazards/{found}")["visit"] == str(visit)


def request(desk: Desk, **changes: Any) -> dict[str, Any]:
    choices = desk.json("kezhang", "/visits/choices")
    officers = {officer["name"]: officer["id"] for officer in choices["officers"]}
    return {
        "mine": str(desk.mine_id()),
        "bureau": choices["bureaus"][0]["id"],
        "form": choices["forms"][0]["id"],
        "team": [officers["陶示范"], officers["姜示范"]],
        "kind": "四不两直",
        "purpose": "通风专项",
    } | changes


def test_a_section_head_prepares_a_visit_and_its_team_finds_it_in_their_worklist(desk: Desk) -> None:
    made = desk.post("kezhang", "/visits", request(desk))
    assert made.status_code == 201
    assert made.json is not None
    assert [member["name"] for member in made.json["team"]] == ["陶示范", "姜示范"]
    for login in ("jiancha1", "jiancha2", "kezhang"):
        [group] = desk.json(login, "/worklist")["groups"]
        assert (group["key"], group["count"], group["items"][0]["title"]) == ("visit.prepared", 1, "通风专项")


def test_nobody_but_an_officer_of_the_bureau_gets_into_a_team(desk: Desk) -> None:
    """A mine's own man in the team would be granted the visit, and the mine would know."""
    body = request(desk)
    spy = str(desk.world.user_id("anquan"))
    answer = desk.post("kezhang", "/visits", body | {"team": [*body["team"], spy]})
    assert answer.status_code == 422
    assert answer.json is not None
    assert (answer.json["code"], answer.json["errors"][0]["pointer"]) == ("visit.not_entitled", "/team/2")
    assert desk.get("anquan", "/visits").status_code == 403


def prepares(desk: Desk, *logins: str) -> list[dict[str, Any]]:
    """A visit is prepared by the operation itself, past every route; its team as written down."""
    visit = desk.world.prepares_visit(by="kezhang", team=logins)
    team: list[dict[str, Any]] = desk.json("kezhang", f"/visits/{visit}")["team"]
    return team


def test_the_rule_on_teams_holds_without_the_desk(desk: Desk) -> None:
    desk.neighbours()
    for stranger in ("anquan", "linxian", "kezhang"):
        with refused("visit.not_entitled"):
            prepares(desk, "jiancha1", "jiancha2", stranger)
    with refused("visit.too_few_officers"):
        prepares(desk, "jiancha1", "zhuanjia")
    with refused("visit.outside"), desk.world.writing("kezhang") as (session, actor):
        city = session.scalars(select(Jurisdiction).where(Jurisdiction.name == "邻县")).one()
        far = Bureau(
            id=new_id(session), name="邻县应急管理局", abbr="邻", jurisdiction_id=city.id, remedies={}
        )
        session.add(far)
        session.flush()
        form = session.scalars(select(FormVersion)).first()
        assert form is not None
        inspections.prepare(
            session, actor, desk.world.mine(session), far, form, [], kind="专项", purpose="越界"
        )


def test_an_expert_comes_along_as_expert_and_counts_for_no_officer(desk: Desk) -> None:
    team = prepares(desk, "jiancha1", "jiancha2", "zhuanjia")
    assert [member["role"] for member in team] == ["inspector", "inspector", "expert"]
    visit = desk.json("zhuanjia", "/visits")["items"][0]["id"]
    assert desk.get("zhuanjia", f"/visits/{visit}").status_code == 200
    desk.opens(UUID(visit))
    desk.finds(UUID(visit))
    desk.explains(UUID(visit))
    paper = desk.issues(UUID(visit))
    said = desk.json("kezhang", f"/documents/{paper}")
    assert [officer["name"] for officer in said["data"]["officers"]] == ["陶示范", "姜示范"]
    assert said["review"] == []


def test_who_has_a_role_in_the_mine_does_not_inspect_it(desk: Desk) -> None:
    with desk.world.store.database.writing() as session:
        expert, mine = desk.world.user(session, "zhuanjia"), desk.world.mine(session)
        accounts.grant(session, "test", expert.id, Role.CHIEF_ENGINEER, f"mine:{mine.id}")
    with refused("visit.conflict_of_interest"):
        prepares(desk, "jiancha1", "jiancha2", "zhuanjia")


def test_one_officer_is_no_team(desk: Desk) -> None:
    body = request(desk)
    answer = desk.post("kezhang", "/visits", body | {"team": body["team"][:1]})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "visit.too_few_officers")


def test_choices_offer_the_officers_and_the_lists_that_are_checked_on_site(desk: Desk) -> None:
    choices = desk.json("kezhang", "/visits/choices")
    assert [officer["name"] for officer in choices["officers"]] == ["姜示范", "陶示范"]
    assert all(officer["valid"] for officer in choices["officers"])
    offered = {form["title"]["zh"] for form in choices["forms"]}
    assert {"四不两直现场检查表（地下矿山）", "重大事故隐患排查表（地下矿山）", "“回马枪”复查表"} <= offered
    assert "班组长日排查清单（地下矿山）" not in offered
    assert OPEN_PIT in [mine["name"] for mine in choices["mines"]]


def test_a_visit_that_somebody_else_changed_is_not_moved_blindly(desk: Desk) -> None:
    visit = desk.world.prepares_visit()
    seen = desk.json("jiancha1", f"/visits/{visit}")["ver"]
    desk.opens(visit, "jiancha2")
    late = desk.post("jiancha1", f"/visits/{visit}/cancel", {"seen": seen, "evidence": {"note": "改期"}})
    assert late.json is not None
    assert (late.status_code, late.json["code"]) == (409, "moved_on")
    assert desk.json("jiancha1", f"/visits/{visit}")["state"] == "opened"


def test_a_cancelled_visit_stays_unknown_to_officers_outside_its_team(desk: Desk) -> None:
    visit = desk.world.prepares_visit()
    seen = desk.json("jiancha1", f"/visits/{visit}")
    assert [move["act"] for move in seen["moves"]] == ["open", "cancel"]
    done = desk.post(
        "jiancha1", f"/visits/{visit}/cancel", {"seen": seen["ver"], "evidence": {"note": "改期"}}
    )
    assert done.status_code == 200
    assert desk.get("shenji", f"/visits/{visit}").status_code == 404
    assert desk.json("kezhang", f"/visits/{visit}")["state"] == "cancelled"
