"""Hazards at the desk: found by filters that are links, moved with what was seen, late when they are late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.backend.desk import Desk
from tests.world import PHOTO


def found(desk: Desk, login: str = "kezhang", **query: Any) -> list[str]:
    return [row["what"] for row in desk.json(login, "/hazards", **query)["items"]]


def test_filters_find_what_they_say(desk: Desk) -> None:
    world = desk.world
    old = world.reports("zuanyan", "旧：巷道积水", where="380中段")
    world.moves("anquan", old, "confirm")
    world.moves("banzu", old, "assign", **world.plan("chanyun"))
    world.clock.forward(days=10)
    world.reports("zuanyan", "新：护栏松动", suspected_major=True)
    world.clock.forward(minutes=1)
    world.reports("chanzhuang", "露天：边坡裂缝")
    assert found(desk) == ["露天：边坡裂缝", "新：护栏松动", "旧：巷道积水"]
    assert found(desk, state="reported") == ["露天：边坡裂缝", "新：护栏松动"]
    assert found(desk, state="assigned,closed") == found(desk, older_than_days=7) == ["旧：巷道积水"]
    assert found(desk, younger_than_days=7, mine=str(desk.mine_id())) == ["新：护栏松动"]
    assert found(desk, q="积水") == found(desk, q="380") == found(desk, overdue="true") == ["旧：巷道积水"]
    assert found(desk, person=world.plan("chanyun")["person"]) == ["旧：巷道积水"]
    assert found(desk, q="100%") == found(desk, severity="major") == found(desk, found_by="officer") == []
    assert found(desk, "lutian.anquan") == ["露天：边坡裂缝"]


def test_pages_neither_repeat_nor_lose_a_hazard_while_new_ones_come_in(desk: Desk) -> None:
    told = [desk.world.reports("zuanyan", f"第{n}处") for n in range(7)]
    first = desk.json("anquan", "/hazards", limit=3)
    desk.world.clock.forward(minutes=1)
    desk.world.reports("zuanyan", "刚发现")
    seen, cursor = [row["id"] for row in first["items"]], first["next"]
    while cursor:
        page = desk.json("anquan", "/hazards", limit=3, cursor=cursor)
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(str(key) for key in told)


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "MjAyNg=="},
        {"state": "gone"},
        {"limit": 0},
        {"mine": "x"},
        {"surprise": 1},
    ],
)
def test_a_filter_that_means_nothing_is_named(desk: Desk, query: dict[str, Any]) -> None:
    answer = desk.get("anquan", "/hazards", **query)
    assert answer.json is not None
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith(f"/{next(iter(query))}")


def test_ages_count_open_hazards_by_state_and_how_long_they_wait(desk: Desk) -> None:
    world = desk.world
    late = world.reports("zuanyan")
    world.moves("anquan", late, "confirm")
    world.moves("banzu", late, "assign", **world.plan("chanyun"))
    world.clock.forward(days=3)
    world.reports("zuanyan")
    world.clock.forward(hours=2)
    ages = desk.json("kezhang", "/hazards/ages")
    counted = {row["state"]: (row["counts"], row["overdue"]) for row in ages["states"]}
    assert ages["days"] == [1, 7, 30]
    assert counted["reported"] == ([1, 0, 0, 0], 0)
    assert counted["assigned"] == ([0, 1, 0, 0], 1)
    assert "closed" not in counted
    mine = next(row for row in desk.json("kezhang", "/mines")["items"] if row["id"] == str(desk.mine_id()))
    assert mine["hazards"] == {"open": 2, "overdue": 1, "major": 0}


def test_what_an_officer_found_is_late_when_the_day_of_telling_ends_without_a_person_named(
    desk: Desk,
) -> None:
    visit = desk.world.prepares_visit()
    desk.opens(visit)
    desk.finds(visit)
    desk.world.clock.forward(days=2)
    assert found(desk, overdue="true") == []  # the mine has not been told
    desk.explains(visit)
    desk.world.clock.forward(hours=14)
    assert found(desk, overdue="true") == []
    desk.world.clock.forward(hours=3)  # past midnight at the mine
    assert found(desk, overdue="true") == ["通风构筑物破损"]
    [group] = [
        group for group in desk.json("zongjian", "/worklist")["groups"] if group["key"] == "hazard.overdue"
    ]
    assert group["count"] == 1


def test_a_hazard_is_walked_to_its_end_at_the_desk(desk: Desk) -> None:
    world = desk.world
    hazard = world.reports("zuanyan")

    def act(login: str, name: str, **evidence: Any) -> Any:
        now = desk.json(login, f"/hazards/{hazard}")
        assert name in [move["act"] for move in now["moves"]]
        answer = desk.post(login, f"/hazards/{hazard}/{name}", {"seen": now["ver"], "evidence": evidence})
        assert answer.status_code == 200, answer.text
        return answer.json

    act("anquan", "confirm")
    assigned = act("anquan", "assign", **world.plan("chanyun"))
    assert assigned["responsible"]["name"] == "王演示"
    assert datetime.fromisoformat(assigned["due_at"]) == datetime.fromisoformat("2026-03-03T08:00:00+08:00")
    act("chanyun", "start")
    act("chanyun", "rectify", photos=[PHOTO])
    act("anquan", "verify", note="现场复核合格")
    with world.writing("anquan") as (_, actor):
        signature = world.signature(actor)
    closed = act("anquan", "close", signature=signature)
    assert closed["state"] == "closed"
    assert closed["moves"][0]["act"] == "reopen"
    assert [event["act"] for event in closed["events"]] == [
        *("report", "confirm", "assign", "start", "rectify", "verify", "close")
    ]
    assert closed["events"][-1]["evidence"]["signature"]["strokes"]["strokes"]
    assert (closed["photos"], closed["photos_after"]) == ([PHOTO], [PHOTO])


def test_a_move_made_on_an_old_picture_is_refused_and_says_who_was_there_first(desk: Desk) -> None:
    hazard = desk.world.reports("zuanyan")
    seen = desk.json("anquan", f"/hazards/{hazard}")["ver"]
    desk.world.moves("kuangzhang", hazard, "reject", note="重复上报")
    late = desk.post("anquan", f"/hazards/{hazard}/confirm", {"seen": seen})
    assert late.json is not None
    assert (late.status_code, late.json["code"]) == (409, "hazard.moved_on")
    assert late.json["title"] == "隐患已由褚试行于2026-03-02 08:00改动，现为“不成立”，请查看后再操作。"


def test_a_move_without_its_evidence_names_each_thing_that_lacks(desk: Desk) -> None:
    hazard = desk.world.reports("zuanyan")
    desk.world.moves("anquan", hazard, "confirm")
    seen = desk.json("anquan", f"/hazards/{hazard}")["ver"]
    refused = desk.post(
        "anquan", f"/hazards/{hazard}/assign", {"seen": seen, "evidence": {"measures": "清除"}}
    )
    assert refused.status_code == 422
    assert refused.json is not None
    assert [error["pointer"] for error in refused.json["errors"]] == ["/person", "/deadline"]


def test_an_unknown_move_is_not_found_and_a_known_one_out_of_turn_says_so(desk: Desk) -> None:
    hazard = desk.world.reports("zuanyan")
    assert desk.post("anquan", f"/hazards/{hazard}/explode", {"seen": 1}).status_code == 404
    seen = desk.json("anquan", f"/hazards/{hazard}")["ver"]
    early = desk.post("anquan", f"/hazards/{hazard}/verify", {"seen": seen})
    assert early.json is not None
    assert (early.status_code, early.json["code"]) == (409, "workflow.moved_on")


def test_a_hazard_leads_to_the_list_it_was_found_with_only_those_who_may_read_that_list(desk: Desk) -> None:
    filled = desk.fills("zuanyan", desk.world.calls_roll("zuanyan")[0])
    hazard = desk.world.reports("zuanyan", submission=filled)
    assert desk.json("anquan", f"/hazards/{hazard}")["submission"] == str(filled)
    assert desk.json("chanyun", f"/hazards/{hazard}")["submission"] is None


def test_the_worklist_follows_the_table_of_moves(desk: Desk) -> None:
    world = desk.world

    def waits(login: str) -> dict[str, int]:
        return {group["key"]: group["count"] for group in desk.json(login, "/worklist")["groups"]}

    hazard = world.reports("zuanyan")
    assert waits("anquan") == {"hazard.confirm": 1}
    assert waits("zuanyan") == waits("lutian.anquan") == waits("kezhang") == {}
    world.moves("anquan", hazard, "confirm")
    assert waits("anquan") == waits("banzu") == {"hazard.assign": 1}
    world.moves("banzu", hazard, "assign", **world.plan("banzu"))
    assert waits("banzu") == {"hazard.start": 1}
    assert waits("chanyun") == {}  # it waits for the responsible one, not for everybody who might
    world.moves("banzu", hazard, "start")
    world.moves("banzu", hazard, "rectify", photos=[PHOTO])
    assert waits("anquan") == {"hazard.verify": 1}
    assert waits("banzu") == {}  # who rectified it cannot verify it
    world.clock.forward(days=2)
    assert waits("kezhang") == {}


def test_the_worklist_counts_all_and_names_the_oldest(desk: Desk) -> None:
    for n in range(10):
        desk.world.reports("zuanyan", f"第{n}处")
        desk.world.clock.forward(minutes=1)
    [group] = desk.json("anquan", "/worklist")["groups"]
    assert group["count"] == 10
    assert [item["title"] for item in group["items"]] == [f"第{n}处" for n in range(8)]


def test_an_overdue_hazard_waits_for_who_oversees_the_mine_and_for_the_responsible_one(desk: Desk) -> None:
    world = desk.world
    hazard = world.reports("zuanyan")
    world.moves("anquan", hazard, "confirm")
    world.moves("banzu", hazard, "assign", **world.plan("chanyun", days=1))
    world.clock.forward(hours=25)
    assert "hazard.overdue" not in {g["key"] for g in desk.json("zuanyan", "/worklist")["groups"]}
    for login in ("anquan", "kezhang", "jituan", "chanyun"):
        [group] = [g for g in desk.json(login, "/worklist")["groups"] if g["key"] == "hazard.overdue"]
        assert group["items"][0]["due_at"] == (world.clock.now() - timedelta(hours=1)).isoformat()
