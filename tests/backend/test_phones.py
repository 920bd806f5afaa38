"""What phones hold and send, through the real server: lists, hazards, two officers, and what must stay unseen."""

from __future__ import annotations

import json
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest

from backend.checklists.models import Submission
from backend.demo import answers
from backend.shifts.models import Staff
from backend.sites.models import Place
from forms.definition import Definition, Item, Section
from forms.limits import resolve
from forms.load import load
from tests.backend.phones import FieldPhone, Server
from tests.sync.phone import Handset
from tests.world import PHOTO, World

TODAY = date(2026, 3, 2)


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


def begin(phone: FieldPhone, task: str, row: dict[str, Any]) -> str:
    submission = phone.handset.new_id()
    args = {
        "task": task,
        "visit": None,
        "mine": row["mine"],
        "form": row["form"],
        "post": row["post"],
        "limits": {},
    }
    phone.act("submission.begin@1", submission, args | {"opened_at": phone.handset.wall})
    return submission


def ink(world: World, login: str, role: str = "filler") -> dict[str, Any]:
    with world.reading() as session:
        return world.signature(world.actor(session, login), role)


def test_a_driller_gets_the_lists_of_both_his_posts_and_nobody_elses(world: World, server: Server) -> None:
    world.calls_roll("zuanyan", "baopo")
    phone = server.phone("zuanyan")
    phone.sync()
    tasks = phone.of("task").values()
    assert sorted((task["post"], phone.of("form")[task["form"]]["kind"]) for task in tasks) == [
        ("UG01", "post_controls"),
        ("UG01", "post_duties"),
        ("UG03", "post_controls"),
        ("UG03", "post_duties"),
    ]
    assert {task["person"] for task in tasks} == {phone.user}


def test_a_list_filled_underground_arrives_whole_and_is_done(world: World, server: Server) -> None:
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    task, row = next(
        (key, row) for key, row in phone.of("task").items() if row["form"] == duties(phone, "UG01")
    )
    submission = begin(phone, task, row)
    passed = {item: {"result": "pass", "photos": []} for item in row["asked"]}
    phone.act("submission.answer@1", submission, {"answers": passed})
    signed = phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    phone.sync()
    assert phone.status(signed) == "applied"
    assert phone.of("task")[task]["state"] == "done"
    assert phone.of("submission")[submission]["state"] == "signed"


def test_limits_that_a_phone_made_up_do_not_turn_a_fail_into_a_pass(world: World, server: Server) -> None:
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    controls = next(key for key, form in phone.of("form").items() if form["key"] == "post.UG01.controls")
    task, row = next((key, row) for key, row in phone.of("task").items() if row["form"] == controls)
    submission = phone.handset.new_id()
    loose = {"UG01-03": [{"bound": "max", "value": 500, "from": "form"}]}
    args = {"task": task, "visit": None, "mine": row["mine"], "form": row["form"], "post": row["post"]}
    phone.act("submission.begin@1", submission, args | {"limits": loose, "opened_at": phone.handset.wall})
    definition = load(phone.of("form")[controls]["definition"])
    filled = {item.id: right_answer(item) for item in definition.items() if item.id in row["asked"]}
    filled["UG01-03"] |= {"value": 30}
    phone.act("submission.answer@1", submission, {"answers": filled})
    signed = phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    phone.sync()
    assert phone.status(signed) == "applied", phone.results[signed["seq"]]
    with world.reading() as session:
        kept = session.get_one(Submission, UUID(submission))
        assert kept.fails == 1
        assert "UG01-03" in kept.signals["limits_differ"]["items"]


def right_answer(item: Item) -> dict[str, Any]:
    """An answer that is right by the library's limits."""
    limits = resolve(
        Definition("x", "patrol", {"zh": "x"}, (Section("x", {"zh": "x"}, (item,)),)), {}, {}, TODAY
    )
    return answers.answer(item, limits.get(item.id, []), [PHOTO], TODAY, fails=False, random=Random(1))


def duties(phone: FieldPhone, post: str) -> str:
    return next(key for key, form in phone.of("form").items() if form["key"] == f"post.{post}.duties")


def test_an_unfinished_list_cannot_be_signed_and_the_reason_comes_back(world: World, server: Server) -> None:
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    task, row = next(iter(phone.of("task").items()))
    submission = begin(phone, task, row)
    signed = phone.act("submission.sign@1", submission, ink(world, "zuanyan"))
    later = phone.act("submission.answer@1", submission, {"answers": {row["asked"][0]: {"result": "pass"}}})
    phone.sync()
    assert phone.problem(signed) == "submission.incomplete"
    assert "不能签字" in phone.results[signed["seq"]]["problem"]["params"]["zh"]
    assert phone.status(later) == "applied"  # what is behind a refused mutation goes on


def test_two_people_on_one_handset_neither_wait_for_nor_see_each_other(world: World, server: Server) -> None:
    world.calls_roll("zuanyan", "baopo")
    handset = Handset("shared", lambda: int(world.clock.now().timestamp() * 1000))
    first, second = server.phone("zuanyan", handset), server.phone("baopo", handset)
    first.sync()
    second.sync()
    task, row = next(iter(first.of("task").items()))
    submission = begin(first, task, row)
    first.act(
        "submission.answer@1",
        submission,
        {"answers": {row["asked"][0]: {"result": "pass", "note": "只有我知道"}}},
    )
    second.sync()
    first.sync()
    second.sync()
    assert submission in first.of("submission")
    assert "只有我知道" not in json.dumps(second.rows(), ensure_ascii=False)


def test_the_team_leader_sees_his_crews_lists_and_countersigns(world: World, server: Server) -> None:
    world.calls_roll("zuanyan")
    driller, leader = server.phone("zuanyan"), server.phone("banzu")
    driller.sync()
    task, row = next(
        (key, row) for key, row in driller.of("task").items() if row["form"] == duties(driller, "UG01")
    )
    submission = begin(driller, task, row)
    driller.act("submission.answer@1", submission, {"answers": {i: {"result": "pass"} for i in row["asked"]}})
    driller.act("submission.sign@1", submission, ink(world, "zuanyan"))
    driller.sync()
    leader.sync()
    assert leader.of("submission")[submission]["state"] == "signed"
    leader.act("submission.sign@1", submission, ink(world, "banzu", "team_leader"))
    leader.sync()
    assert leader.of("submission")[submission]["state"] == "countersigned"


def report(phone: FieldPhone, mine: str, **facts: Any) -> str:
    hazard = phone.handset.new_id()
    args = {
        "mine": mine,
        "place": None,
        "where": "420中段",
        "what": "顶板浮石未处理",
        "suspected_major": False,
        "major_ref": None,
        "basis": [],
        "visit": None,
        "told": "班长",
        "submission": None,
        "item": None,
        "photos": [PHOTO],
        "reported_at": phone.handset.wall,
    }
    phone.act("hazard.report@1", hazard, args | facts, blobs=[PHOTO])
    return hazard


def move(phone: FieldPhone, hazard: str, act: str, **evidence: Any) -> dict[str, Any]:
    seen = phone.held[("hazard", hazard)]["ver"]
    return phone.act("hazard.move@1", hazard, {"act": act, "seen": seen, "evidence": evidence})


def test_a_hazard_is_closed_from_phones_alone_each_step_offline(world: World, server: Server) -> None:
    phones = {login: server.phone(login) for login in ("zuanyan", "anquan", "banzu", "chanyun")}
    for phone in phones.values():
        phone.sync()
    mine = next(iter(phones["zuanyan"].of("mine")))
    hazard = report(phones["zuanyan"], mine)
    answer = phones["zuanyan"].exchange()
    assert answer["missing_blobs"] == [PHOTO]
    plan = world.plan("chanyun")
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("anquan", "confirm", {}),
        ("banzu", "assign", plan),
        ("chanyun", "start", {}),
        ("chanyun", "rectify", {"photos": [PHOTO]}),
        ("anquan", "verify", {}),
        ("banzu", "close", {"signature": ink(world, "banzu", "closer")}),
    ]
    for login, act, evidence in steps:
        phone = phones[login]
        phone.sync()
        done = move(phone, hazard, act, **evidence)
        world.clock.forward(minutes=30)  # underground
        phone.sync()
        assert phone.status(done) == "applied", (act, phone.problem(done))
    phones["zuanyan"].sync()
    assert phones["zuanyan"].of("hazard")[hazard]["state"] == "closed"
    events = sorted(phones["zuanyan"].of("hazard_event").values(), key=lambda event: event["n"])
    assert [event["to"] for event in events][-1] == "closed"
    assert all(event["at_device"] and event["at_corrected"] and event["at_server"] for event in events)
    assert events[1]["at_corrected"] < events[1]["at_server"]


def test_a_move_made_twice_merges_and_a_stale_one_is_a_conflict_that_changes_nothing(
    world: World, server: Server
) -> None:
    phones = {login: server.phone(login) for login in ("zuanyan", "anquan", "kuangzhang")}
    for phone in phones.values():
        phone.sync()
    hazard = report(phones["zuanyan"], next(iter(phones["zuanyan"].of("mine"))))
    for phone in phones.values():
        phone.sync()
    first = move(phones["anquan"], hazard, "confirm")
    second = move(phones["kuangzhang"], hazard, "confirm")
    stale = move(phones["kuangzhang"], hazard, "reject", note="不成立")
    phones["anquan"].sync()
    phones["kuangzhang"].sync()
    assert phones["anquan"].status(first) == "applied"
    assert phones["kuangzhang"].status(second) == "merged"
    assert phones["kuangzhang"].status(stale) == "conflict"
    assert phones["kuangzhang"].of("hazard")[hazard]["state"] == "confirmed"


def test_two_officers_fill_one_visit_and_the_same_item_is_a_conflict_shown_graver(
    world: World, server: Server
) -> None:
    visit = str(world.prepares_visit())
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    one.sync()
    two.sync()
    submission = one.of("visit")[visit]["submission"]
    for phone in (one, two):
        seen = phone.held[("visit", visit)]["ver"]
        evidence = {"at": phone.handset.wall, "place": "420中段"}
        phone.act("visit.move@1", visit, {"act": "open", "seen": seen, "evidence": evidence})
    one.act(
        "submission.answer@1",
        submission,
        {"answers": {"SC-03": {"result": "pass"}, "SC-04": {"result": "pass"}}},
    )
    other = two.act(
        "submission.answer@1",
        submission,
        {"answers": {"SC-03": {"result": "fail"}, "SC-06": {"result": "pass"}}},
    )
    one.sync()
    two.sync()
    one.sync()
    assert two.status(other) == "conflict"
    given = one.of("submission")[submission]["answers"]
    assert {item: answer["result"] for item, answer in given.items()} == {
        "SC-03": "fail",
        "SC-04": "pass",
        "SC-06": "pass",
    }
    assert given["SC-06"]["by"] == two.user
    waiting = server.clients[two.user].get("/api/v1/sync/conflicts/pages").json
    assert waiting is not None
    conflict = waiting["items"][0]
    assert (conflict["clashes"][0]["shown"]["result"], conflict["clashes"][0]["other"]["result"]) == (
        "fail",
        "pass",
    )
    keep = {"keep": "other", "reason": "重新看过，合格"}
    done = server.clients[two.user].post(f"/api/v1/sync/conflicts/{conflict['id']}/resolve", json=keep)
    assert done.status_code == 204
    one.sync()
    assert one.of("submission")[submission]["answers"]["SC-03"]["result"] == "pass"


def test_two_officers_who_found_the_same_of_an_item_are_no_conflict(world: World, server: Server) -> None:
    visit = str(world.prepares_visit())
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    said = []
    for phone in (one, two):
        phone.sync()
        evidence = {"at": phone.handset.wall, "place": "420中段"}
        phone.act("visit.move@1", visit, {"act": "open", "seen": 1, "evidence": evidence})
    submission = one.of("visit")[visit]["submission"]
    for phone in (one, two):
        answers = {"SC-04": {"result": "pass", "note": "已查"}}
        said.append(phone.act("submission.answer@1", submission, {"answers": answers}))
    one.sync()
    two.sync()
    assert (one.status(said[0]), two.status(said[1])) == ("applied", "merged")
    assert two.of("submission")[submission]["answers"]["SC-04"]["by"] == one.user
    waiting = server.clients[two.user].get("/api/v1/sync/conflicts/pages").json
    assert waiting is not None
    assert waiting["items"] == []


def test_an_answer_changed_at_the_desk_is_not_overwritten_by_a_phone_that_did_not_see_it(
    world: World, server: Server
) -> None:
    world.calls_roll("zuanyan")
    phone = server.phone("zuanyan")
    phone.sync()
    task, row = next(iter(phone.of("task").items()))
    submission, item = begin(phone, task, row), row["asked"][0]
    phone.act("submission.answer@1", submission, {"answers": {item: {"result": "pass"}}})
    phone.sync()
    with world.store.database.writing() as session:
        kept = session.get_one(Submission, UUID(submission))
        kept.answers = kept.answers | {item: {"result": "fail", "note": "班长现场复核"}}
    late = phone.act("submission.answer@1", submission, {"answers": {item: {"result": "na", "note": "晚到"}}})
    phone.sync()
    assert phone.status(late) == "conflict"
    assert phone.of("submission")[submission]["answers"][item]["result"] == "fail"


def test_a_row_that_is_deleted_leaves_the_phones(world: World, server: Server) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    place = next(key for key, row in phone.of("place").items() if row["name"] == "全矿")
    with world.store.database.writing() as session:
        row = session.get_one(Place, UUID(place))
        for staff in session.query(Staff).filter(Staff.place_id == row.id):
            staff.place_id = None
        session.flush()
        session.delete(row)
    phone.sync()
    assert place not in phone.of("place")


def test_nobody_of_the_mine_can_tell_a_planned_visit_from_none(world: World, server: Server) -> None:
    people = ["zuanyan", "banzu", "anquan", "kuangzhang", "zongjian", "fuzeren", "kongzhi"]
    phones = [server.phone(login) for login in people]
    for phone in phones:
        phone.sync()
    before = [(dict(phone.held), dict(phone.digest)) for phone in phones]
    visit = world.prepares_visit()
    world.visits("jiancha1", visit, "open")
    officer = server.phone("jiancha1")
    officer.sync()
    submission = officer.of("visit")[str(visit)]["submission"]
    mine = next(iter(officer.of("mine")))
    found = report(
        officer, mine, visit=str(visit), submission=submission, item="SC-03", what="图纸与现场不符"
    )
    officer.sync()
    assert found in officer.of("hazard")
    for phone, (held, digest) in zip(phones, before, strict=True):
        answer = phone.exchange()
        assert answer["changes"] == answer["add_scopes"] == answer["missing_blobs"] == []
        assert (phone.held, phone.digest) == (held, digest)
    signed = {
        "name": "褚试行",
        "position": "矿长",
        "signature": ink(world, "kuangzhang", "site_representative"),
    }
    world.visits("jiancha1", visit, "explain", representative=signed)
    for phone in phones:
        phone.sync()
        assert found in phone.of("hazard")


def test_work_captured_while_a_grant_held_counts_and_after_its_end_it_waits_for_people(
    world: World, server: Server
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    mine = next(iter(phone.of("mine")))
    world.clock.forward(minutes=5)
    early = report(phone, mine)
    world.clock.forward(hours=1)
    with world.store.database.writing() as session:
        for grant in world.user(session, "zuanyan").grants:
            grant.ends_at = world.clock.now()
    world.clock.forward(hours=1)
    report(phone, mine, what="离岗之后的上报")
    phone.exchange()
    statuses = [phone.results[seq]["status"] for seq in sorted(phone.results)]
    assert statuses == ["applied", "quarantined"]
    assert phone.results[2]["problem"]["code"] == "policy.denied"
    with world.reading() as session:
        from backend.hazards.models import Hazard

        assert {str(row.id) for row in session.query(Hazard)} == {early}


def test_a_phone_whose_sign_in_expired_underground_still_delivers_but_gets_no_rows(
    world: World, server: Server
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    mine = next(iter(phone.of("mine")))
    hazard = report(phone, mine)
    answer = phone.exchange(user=None)
    assert (answer["live"], answer["changes"], answer["results"][0]["status"]) == (False, [], "applied")
    watcher = server.phone("anquan")
    watcher.sync()
    assert hazard in watcher.of("hazard")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"v":1}', b"\xff\xfe", b"null", b'{"v":2}'])
def test_what_is_no_exchange_gets_a_problem_that_says_so(server: Server, body: bytes) -> None:
    response = server.app.test_client().post(
        "/api/v1/sync/exchange", data=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["code"].startswith("sync.")


def test_a_body_that_inflates_without_end_is_refused(server: Server) -> None:
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    response = server.app.test_client().post(
        "/api/v1/sync/exchange",
        data=bomb,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert (response.status_code, response.json and response.json["code"]) == (413, "sync.too_large")
