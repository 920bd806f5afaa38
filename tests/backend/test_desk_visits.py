"""Visits at the desk: prepared by the bureau, and not there for the mine until it was told."""

from __future__ import annotations

from typing import Any

from tests.backend.desk import Desk
from tests.world import OPEN_PIT

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
    refused = desk.post("kezhang", "/visits", body | {"team": [*body["team"], spy]})
    assert refused.status_code == 422
    assert refused.json is not None
    assert (refused.json["code"], refused.json["errors"][0]["pointer"]) == ("visit.not_an_officer", "/team/2")
    assert desk.get("anquan", "/visits").status_code == 403


def test_one_officer_is_no_team(desk: Desk) -> None:
    body = request(desk)
    refused = desk.post("kezhang", "/visits", body | {"team": body["team"][:1]})
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (422, "visit.too_few_officers")


def test_choices_offer_the_officers_and_the_lists_that_are_checked_on_site(desk: Desk) -> None:
    choices = desk.json("kezhang", "/visits/choices")
    assert [officer["name"] for officer in choices["officers"]] == ["姜示范", "陶示范"]
    assert all(officer["valid"] for officer in choices["officers"])
    assert {form["title"]["zh"] for form in choices["forms"]} == {"四不两直现场检查表（地下矿山）"}
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
