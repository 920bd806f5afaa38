"""Who has done their lists, and a list as it was filled."""

from __future__ import annotations

from typing import Any

from tests.backend.desk import Desk


def rows(desk: Desk, login: str = "anquan", **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json(login, "/coverage", mine=str(desk.mine_id()), **query)["rows"]
    return found


def test_coverage_is_done_over_due_by_the_people_on_the_roll(desk: Desk) -> None:
    tasks = desk.world.calls_roll("zuanyan", "baopo")
    desk.fills("zuanyan", desk.world.tasks("zuanyan")[0].id, fails=2)
    coverage = desk.json("kezhang", "/coverage")
    [shift] = coverage["summary"]
    assert (shift["mine"]["name"], shift["shift"]) == ("演示铁矿（地下）", "早班")
    assert (shift["due"], shift["done"], shift["countersigned"], shift["fails"]) == (len(tasks), 1, 0, 2)
    assert coverage["rows"] == []  # people only when one mine is asked for
    mine = next(row for row in desk.json("kezhang", "/mines")["items"] if row["id"] == str(desk.mine_id()))
    assert mine["lists"] == {"due": len(tasks), "done": 1}


def test_a_person_with_two_posts_owes_the_lists_of_each(desk: Desk) -> None:
    desk.world.calls_roll("zuanyan")
    assert {row["post"] for row in rows(desk)} == {"UG01", "UG03"}
    assert {row["person"]["name"] for row in rows(desk)} == {"张演示"}


def test_a_list_goes_from_open_to_countersigned_or_is_missed_when_its_shift_is_over(desk: Desk) -> None:
    [first, second, *_] = desk.world.calls_roll("zuanyan")
    assert {row["state"] for row in rows(desk)} == {"open"}
    filled = desk.fills("zuanyan", first, fails=1)
    state = {row["task"]: row for row in rows(desk)}
    assert (state[str(first)]["state"], state[str(first)]["fails"]) == ("signed", 1)
    seen = desk.json("banzu", f"/submissions/{filled}")
    assert seen["may_countersign"]
    with desk.world.writing("banzu") as (_, actor):
        signature = desk.world.signature(actor, "team_leader")
    body = {"seen": seen["ver"], "signature": signature}
    assert desk.post("banzu", f"/submissions/{filled}/countersign", body).status_code == 200
    desk.world.clock.forward(hours=9)
    desk.fills("zuanyan", second)
    state = {row["task"]: row for row in rows(desk)}
    assert (state[str(first)]["state"], state[str(first)]["countersigned_by"]) == ("countersigned", "赵样例")
    assert state[str(second)]["late"]
    assert {row["state"] for key, row in state.items() if key not in (str(first), str(second))} == {"missed"}
    again = desk.post("banzu", f"/submissions/{filled}/countersign", body)
    assert again.json is not None
    assert (again.status_code, again.json["code"]) == (409, "moved_on")


def test_day_and_shift_are_filters(desk: Desk) -> None:
    desk.world.calls_roll("zuanyan")
    desk.world.clock.forward(hours=8)
    desk.world.calls_roll("tisheng", shift="中班")
    assert {row["person"]["name"] for row in rows(desk, shift="中班")} == {"钱样例"}
    assert len({row["shift"] for row in rows(desk)}) == 2
    assert rows(desk, day="2026-03-01") == []


def test_a_team_leader_is_asked_for_his_own_team_only(desk: Desk) -> None:
    for login in ("zuanyan", "tisheng"):
        desk.fills(login, desk.world.calls_roll(login, shift=login)[0])
    [group] = desk.json("banzu", "/worklist")["groups"]
    assert (group["key"], group["count"]) == ("submission.countersign", 1)
    assert group["items"][0]["title"].startswith("张演示 · ")


def test_lists_that_nobody_filled_wait_for_mine_and_bureau_by_shift(desk: Desk) -> None:
    tasks = desk.world.calls_roll("zuanyan")
    desk.world.clock.forward(hours=9)
    for login in ("anquan", "kezhang"):
        [group] = desk.json(login, "/worklist")["groups"]
        assert (group["key"], group["count"]) == ("submission.missed", len(tasks))
        assert (group["items"][0]["title"], group["items"][0]["day"]) == ("早班", "2026-03-02")
    assert desk.json("lutian.anquan", "/worklist")["groups"] == []


def test_a_list_is_shown_as_it_was_filled(desk: Desk) -> None:
    filled = desk.fills("zuanyan", desk.world.calls_roll("zuanyan")[1], fails=1, note="三处浮石未撬")
    shown = desk.json("kezhang", f"/submissions/{filled}")
    failed = [item for item, verdict in shown["verdicts"].items() if verdict["result"] == "fail"]
    assert shown["answers"][failed[0]]["note"] == "三处浮石未撬"
    assert shown["people"][shown["answers"][failed[0]]["by"]] == "张演示"
    items = [item["id"] for section in shown["form"]["definition"]["sections"] for item in section["items"]]
    assert set(shown["answers"]) <= set(items)
    assert shown["signatures"]["filler"]["strokes"]["strokes"]
    assert shown["counts"]["fail"] == len(failed)


def test_a_visits_sheet_is_filled_with_names_and_read_by_its_bureau_alone(desk: Desk) -> None:
    visit = desk.world.prepares_visit()
    sheet = desk.submission_of(visit)
    assert desk.json("jiancha2", f"/submissions/{sheet}")["visit"] == str(visit)
    assert desk.get("anquan", f"/submissions/{sheet}").status_code == 404
    assert not desk.json("kezhang", f"/submissions/{sheet}")["may_countersign"]
