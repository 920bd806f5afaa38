"""A list on its way: written, approved by its chain, in force, replaced, recalled; and adapted by a mine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.checklists import versions
from backend.checklists.models import FormVersion
from backend.checklists.workflow import CHAIN_OF, KINDS
from backend.kernel.audit import AuditRow
from backend.kernel.policy import Role
from backend.worker import begin
from forms import definition
from forms.load import load
from forms.version import version
from tests.backend.desk import Desk
from tests.backend.lists import BUREAU, CHAIN, DOCUMENT, Lists, edited, item, with_item

CONTROLS = "post.UG01.controls"


@pytest.fixture
def lists(desk: Desk) -> Lists:
    return Lists(desk)


def stricter(lists: Lists, draft: dict[str, Any], most: float = 20) -> dict[str, Any]:
    """The mine's own CO limit, and an item more."""
    answer = next(
        one["answer"]
        for section in draft["document"]["sections"]
        for one in section["items"]
        if one["id"] == "UG01-03"
    )
    document = edited(draft["document"], ("UG01-03.answer", answer | {"limits": [{"max": most}]}))
    return lists.saves("anquan", draft, with_item(document, item("OWN-01", "自救器是否随身携带")))


def adapted(lists: Lists, most: float = 20) -> str:
    """The mine's own list of the driller's controls, in force; its id."""
    draft = stricter(lists, lists.adapts(lists.in_force(CONTROLS)), most)
    lists.approves(draft)
    return lists.in_force(draft["key"])


# Approval


def test_a_post_list_is_in_force_once_all_five_have_signed_in_their_order(lists: Lists) -> None:
    draft = stricter(lists, lists.adapts(lists.in_force(CONTROLS)))
    assert [change["zh"] for change in draft["changes"]] == [
        "“工作面一氧化碳浓度”上限由 24 ppm 改为 20 ppm",
        "新增检查项“自救器是否随身携带”",
    ]
    draft = lists.moves("anquan", draft, "submit")
    for number, login in enumerate(CHAIN):
        assert [step["turn"] for step in draft["chain"]].index(True) == number
        waits = [row for row in lists.rows(login, waits="true") if row["key"] == draft["key"]]
        assert len(waits) == 1
        for other in set(CHAIN) - {login}:
            assert "sign" not in {move["act"] for move in lists.draft(draft["id"], other)["moves"]}
        draft = lists.moves(login, draft, "publish" if login == CHAIN[-1] else "sign")
    assert draft["state"] == "published"
    shown = lists.version(lists.in_force(draft["key"]))
    assert [approval["word"]["zh"] for approval in shown["approvals"]] == [
        "部门负责人",
        "分管负责人",
        "安全管理部门",
        "安全总监",
        "主要负责人",
    ]
    assert {approval["signature"]["hash"] for approval in shown["approvals"]} == {shown["id"]}
    assert all(approval["signature"]["strokes"]["strokes"] for approval in shown["approvals"])


def test_a_signature_over_anything_else_does_not_count(lists: Lists) -> None:
    draft = lists.moves("anquan", lists.begins(), "submit")
    path, body = lists.asks("anquan", draft, "sign", signature=lists.ink("anquan", "0" * 64))
    lists.refused("form.signed_other", "anquan", path, body)
    path, body = lists.asks("anquan", draft, "sign", signature=lists.ink("anquan", draft["sha"]))
    del body["evidence"]["signature"]
    lists.refused("workflow.evidence_lacks", "anquan", path, body)
    assert lists.draft(draft["id"])["chain"][0]["signed"] is None


def test_nobody_signs_two_steps_unless_as_anothers_deputy(lists: Lists) -> None:
    world = lists.world
    draft = lists.moves("anquan", lists.begins(), "submit")
    draft = lists.moves("anquan", draft, "sign")
    with world.store.database.writing() as session:
        officer = world.user(session, "anquan").id
        accounts.grant(session, "test", officer, Role.SAFETY_DIRECTOR, lists.mine)
    path, body = lists.asks("anquan", draft, "sign")
    lists.refused("form.signed_already", "anquan", path, body)
    assert "sign" not in {move["act"] for move in lists.draft(draft["id"])["moves"]}
    with world.store.database.writing() as session:
        director = world.user(session, "zongjian")
        until = world.clock.now() + timedelta(days=3)
        accounts.grant(
            session, "test", officer, Role.SAFETY_DIRECTOR, lists.mine, ends=until, deputy_for=director.id
        )
    draft = lists.moves("anquan", draft, "sign")
    signed = draft["chain"][1]["signed"]
    assert (signed["name"], signed["for_name"]) == ("陈试行", "曹试行")


def test_a_deputy_counts_while_he_is_one_and_never_for_who_signed_himself(lists: Lists) -> None:
    world = lists.world
    draft = lists.moves("anquan", lists.begins(), "submit")
    with world.store.database.writing() as session:
        ended = world.clock.now() - timedelta(days=1)
        accounts.grant(
            session,
            "test",
            world.user(session, "anke").id,
            Role.SAFETY_OFFICER,
            lists.mine,
            starts=ended - timedelta(days=7),
            ends=ended,
            deputy_for=world.user(session, "anquan").id,
        )
    path, body = lists.asks("anke", draft, "sign")
    lists.refused("policy.denied", "anke", path, body)
    draft = lists.moves("anquan", draft, "sign")
    with world.store.database.writing() as session:
        accounts.grant(
            session,
            "test",
            world.user(session, "anke").id,
            Role.SAFETY_DIRECTOR,
            lists.mine,
            deputy_for=world.user(session, "anquan").id,
        )
    path, body = lists.asks("anke", draft, "sign")
    lists.refused("form.signed_already", "anke", path, body)


def test_a_list_that_was_sent_back_says_why_and_is_signed_anew_by_all(lists: Lists) -> None:
    draft = lists.moves("anquan", lists.begins(), "submit")
    draft = lists.moves("anquan", draft, "sign")
    path, body = lists.asks("zongjian", draft, "return")
    lists.refused("workflow.evidence_lacks", "zongjian", path, body)
    draft = lists.moves("zongjian", draft, "return", note="缺少主扇反风项")
    assert (draft["state"], draft["sha"]) == ("draft", None)
    assert draft["events"][-1]["note"] == "缺少主扇反风项"
    draft = lists.saves("anquan", draft, with_item(draft["document"], item("REV", "主扇反风试验")))
    draft = lists.moves("anquan", draft, "submit")
    assert [step["signed"] for step in draft["chain"]] == [None, None, None]
    for login, act in (("anquan", "sign"), ("zongjian", "sign"), ("fuzeren", "publish")):
        draft = lists.moves(login, draft, act)
    assert draft["state"] == "published"


def test_what_is_under_approval_cannot_be_edited(lists: Lists) -> None:
    draft = lists.moves("anquan", lists.begins(), "submit")
    answer = lists.desk.put(
        "anquan", f"/forms/drafts/{draft['id']}", {"seen": draft["ver"], "document": DOCUMENT}
    )
    assert answer.json is not None
    assert answer.json["code"] == "workflow.moved_on"


def test_a_bureaus_list_is_signed_by_section_and_head(lists: Lists) -> None:
    draft = lists.begins("jiancha1", lists.bureau, kind="spot_check", title="夜查表")
    assert [step["word"]["en"] for step in draft["chain"]] == ["section head", "bureau head"]
    lists.approves(draft, BUREAU, author="jiancha1")
    [row] = lists.rows("anquan", owner="jurisdiction")
    assert (row["owner"]["name"], row["version"]["number"]) == ("演示县", 1)


def test_a_step_stands_in_the_worklist_of_whose_turn_it_is(lists: Lists) -> None:
    draft = lists.moves("anquan", lists.begins(), "submit")
    [group] = [one for one in lists.desk.json("anquan", "/worklist")["groups"] if one["key"] == "form.sign"]
    assert (group["count"], group["items"][0]["id"], group["items"][0]["title"]) == (
        1,
        draft["id"],
        "通风巡查表",
    )
    lists.moves("anquan", draft, "sign")
    for login, there in (("anquan", False), ("zongjian", True), ("fuzeren", False)):
        keys = {one["key"] for one in lists.desk.json(login, "/worklist")["groups"]}
        assert ("form.sign" in keys) == there


# Drafts


def test_of_two_who_edit_one_draft_the_second_sees_both_sides(lists: Lists) -> None:
    draft = lists.begins()
    mine = edited(DOCUMENT, ("FAN.text", {"zh": "主扇是否运转"}))
    lists.saves("anke", draft, edited(DOCUMENT, ("FAN.text", {"zh": "局扇是否运转"})))
    answer = lists.desk.put(
        "anquan", f"/forms/drafts/{draft['id']}", {"seen": draft["ver"], "document": mine}
    )
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "form.stale")
    assert "蒋试行" in answer.json["title"]
    theirs = answer.json["theirs"]["document"]["sections"][0]["items"][1]["text"]["zh"]
    yours = answer.json["yours"]["document"]["sections"][0]["items"][1]["text"]["zh"]
    assert (theirs, yours) == ("局扇是否运转", "主扇是否运转")


def test_a_draft_may_be_unfinished_but_is_not_submitted_so(lists: Lists) -> None:
    broken = edited(DOCUMENT, ("CO.answer", {"type": "number", "limits": [{"most": 24}]}))
    draft = lists.saves("anquan", lists.begins(), broken)
    [flaw] = [flaw for flaw in draft["flaws"] if flaw["item"] == "CO"][:1]
    assert flaw["path"].startswith("/sections/0/items/0/answer/limits")
    path, body = lists.asks("anquan", draft, "submit")
    refused = lists.refused("form.flawed", "anquan", path, body)
    assert refused["errors"][0]["pointer"].startswith("/sections/0/items/0/answer")
    seen = lists.did("anquan", f"/forms/drafts/{draft['id']}/look", {"document": DOCUMENT})
    assert (seen["flaws"], seen["definition"]["sections"][0]["items"][0]["id"]) == ([], "CO")
    assert lists.draft(draft["id"])["flaws"] != []  # looking keeps nothing


def adapting(lists: Lists, sha: str) -> tuple[str, dict[str, str]]:
    return f"/forms/versions/{sha}/drafts", {"how": "adapt", "owner": lists.mine}


def test_a_list_has_one_open_draft(lists: Lists) -> None:
    sha = lists.in_force(CONTROLS)
    draft = lists.adapts(sha)
    refused = lists.refused("form.draft_open", "anke", *adapting(lists, sha))
    assert refused["errors"][0]["detail"] == draft["id"]
    lists.moves("anquan", draft, "withdraw")
    lists.adapts(sha)


def test_a_draft_is_seen_by_those_who_write_and_sign_it_and_nobody_else(lists: Lists) -> None:
    draft = lists.begins()
    for login in ("zuanyan", "kezhang", "jiancha1", "lutian.anquan"):
        assert lists.desk.get(login, f"/forms/drafts/{draft['id']}").status_code == 404
        assert draft["key"] not in {row["key"] for row in lists.rows(login)}


def test_what_is_in_force_already_needs_no_approval(lists: Lists) -> None:
    draft = lists.begins()
    draft = lists.moves("anquan", draft, "submit")
    for login, act in (("anquan", "sign"), ("zongjian", "sign"), ("fuzeren", "publish")):
        draft = lists.moves(login, draft, act)
    again = lists.drafts(lists.in_force(draft["key"]), "revise")
    path, body = lists.asks("anquan", again, "submit")
    lists.refused("form.nothing_new", "anquan", path, body)


# Versions


def test_a_new_version_retires_the_one_before_and_says_what_it_changed(lists: Lists) -> None:
    first = adapted(lists)
    draft = lists.drafts(first, "revise")
    document = edited(draft["document"], ("OWN-01.text", {"zh": "自救器是否完好随身"}))
    lists.approves(lists.saves("anquan", draft, document))
    second = lists.in_force(draft["key"])
    shown = lists.version(second)
    assert [(one["number"], one["state"]) for one in shown["versions"]] == [(2, "published"), (1, "retired")]
    told = lists.desk.json("anquan", f"/forms/versions/{second}/diff")
    assert [change["zh"] for change in told["changes"]] == [
        "检查项文字由“自救器是否随身携带”改为“自救器是否完好随身”"
    ]
    against = lists.desk.json("anquan", f"/forms/versions/{second}/diff", against=lists.in_force(CONTROLS))
    assert "“工作面一氧化碳浓度”上限由 24 ppm 改为 20 ppm" in {change["zh"] for change in against["changes"]}


def test_what_was_published_never_changes(lists: Lists) -> None:
    sha = adapted(lists)
    with lists.world.reading() as session:
        row = session.get_one(FormVersion, sha)
        assert version(load(row.definition)) == row.id


def test_going_back_to_an_old_version_brings_that_version_back(lists: Lists) -> None:
    with lists.world.store.database.writing() as session:
        old = session.get_one(FormVersion, lists_id(session, CONTROLS))
        definition = versions.definition(session, old.id)
        document = edited(old.definition, ("UG01-03.required", False))
        newer = versions.publish(session, "test", load(document))
        assert (old.state, newer.number) == ("retired", 2)
        assert versions.publish(session, "test", definition) is old
        assert (old.state, newer.state) == ("published", "retired")


def test_loading_the_library_again_changes_nothing_and_a_changed_list_is_noted_with_its_changes(
    lists: Lists,
) -> None:
    own = adapted(lists)
    with lists.world.store.database.writing() as session:
        before = set(session.scalars(select(FormVersion.id)))
        versions.load_library(session)
        assert set(session.scalars(select(FormVersion.id))) == before
        old = session.get_one(FormVersion, lists_id(session, CONTROLS))
        versions.publish(session, "library", load(edited(old.definition, ("UG01-03.risk", "red"))))
    with lists.world.reading() as session:
        noted = session.scalars(
            select(AuditRow).where(AuditRow.act == "form.published").order_by(AuditRow.seq.desc())
        ).first()
        assert noted is not None
        assert noted.data["changes"] == ["“工作面一氧化碳浓度”的风险等级由“橙”改为“红”"]
    assert lists.version(own)["state"] == "published"
    [row] = lists.rows(upgrade="true")
    assert row["version"]["id"] == own


def test_a_server_that_starts_loads_what_ships_with_it(lists: Lists) -> None:
    world = lists.world
    with world.store.database.writing() as session:
        current = session.get_one(FormVersion, lists_id(session, CONTROLS))
        older, key = (
            versions.publish(session, "test", load(edited(current.definition, ("UG01-03.risk", "red")))).id,
            current.id,
        )
        assert current.state == "retired"
    begin(world.store)
    world.drain()
    with world.reading() as session:
        assert session.get_one(FormVersion, older).state == "retired"
        assert lists_id(session, CONTROLS) == key


def lists_id(session: Any, key: str) -> str:
    found = versions.in_force(session, key)
    assert found is not None
    return found.id


# Adaptation


def test_a_mines_own_list_holds_in_place_of_what_it_adapts_and_at_that_mine_alone(lists: Lists) -> None:
    own = adapted(lists)
    world = lists.world
    world.calls_roll("zuanyan")
    forms = {task.form for task in world.tasks("zuanyan")}
    assert own in forms
    assert lists.in_force(CONTROLS) not in forms
    assert own not in {row["version"]["id"] for row in lists.rows("lutian.anquan") if row["version"]}
    assert lists.desk.get("lutian.anquan", f"/forms/versions/{own}").status_code == 404
    held = {row["key"] for row in lists.rows(mine=lists.mine.partition(":")[2])}
    assert (CONTROLS in held, lists.version(own)["key"] in held) == (False, True)


def test_what_weakens_the_base_is_refused_with_the_reason(lists: Lists) -> None:
    draft = lists.adapts(lists.in_force(CONTROLS))
    first, *rest = draft["document"]["sections"][0]["items"]
    document = draft["document"] | {"sections": [draft["document"]["sections"][0] | {"items": rest}]}
    draft = lists.saves("anquan", draft, edited(document, ("UG01-03.frequency", "week")))
    said = {flaw["zh"] for flaw in draft["flaws"]}
    assert f"上级清单的检查项“{first['text']['zh']}”不得删除" in said
    assert "“工作面一氧化碳浓度”的检查频次由“每班”改为“每周”，比上级清单宽，须相同或更严" in said
    path, body = lists.asks("anquan", draft, "submit")
    lists.refused("form.flawed", "anquan", path, body)


def test_a_mine_adapts_its_bureaus_list_but_no_other_mines(lists: Lists) -> None:
    lists.approves(lists.begins("jiancha1", lists.bureau, title="夜查表"), BUREAU, author="jiancha1")
    [row] = lists.rows("anquan", owner="jurisdiction")
    draft = lists.adapts(row["version"]["id"])
    assert draft["base"]["key"] == row["key"]
    own = adapted(lists)
    lists.refused("form.not_adaptable", "anke", *adapting(lists, own))


def test_an_upgrade_keeps_what_the_mine_made_and_lists_what_both_changed(lists: Lists) -> None:
    own = adapted(lists, most=20)
    lists.refused("form.no_upgrade", "anquan", f"/forms/versions/{own}/drafts", {"how": "upgrade"})
    with lists.world.store.database.writing() as session:
        base = session.get_one(FormVersion, lists_id(session, CONTROLS))
        co = next(one for one in base.definition["sections"][0]["items"] if one["id"] == "UG01-03")
        answer = co["answer"] | {"limits": [{"max": 18}]}
        document = edited(base.definition, ("UG01-03.answer", answer), ("UG01-05.severity", "major"))
        versions.publish(session, "library", load(document))
    assert lists.version(own)["upgrade"]["number"] == 2
    draft = lists.drafts(own, "upgrade")
    [conflict] = draft["conflicts"]
    assert (conflict["item"], conflict["field"]) == ("UG01-03", "answer.limits")
    assert (conflict["own"], conflict["base"]) == ([{"max": 20}], [{"max": 18}])
    items = {one["id"]: one for one in draft["document"]["sections"][0]["items"]}
    assert items["UG01-03"]["answer"]["limits"] == [{"max": 18}]
    assert items["UG01-05"]["severity"] == "major"
    assert "OWN-01" in items
    assert draft["flaws"] == []
    lists.approves(draft)
    assert lists.version(lists.in_force(draft["key"]))["upgrade"] is None


def test_whose_the_list_will_be_is_said_with_adapt_and_copy_and_with_nothing_else(lists: Lists) -> None:
    path = f"/forms/versions/{lists.in_force(CONTROLS)}/drafts"
    for body in ({"how": "adapt"}, {"how": "copy"}, {"how": "revise", "owner": lists.mine}):
        refused = lists.refused("request.invalid", "anquan", path, body)
        assert [error["pointer"] for error in refused["errors"]] == ["/owner"]


def test_a_copy_has_nothing_more_to_do_with_where_it_came_from(lists: Lists) -> None:
    sha = lists.in_force(CONTROLS)
    draft = lists.drafts(sha, "copy", owner=lists.mine)
    assert (draft["base"], draft["flaws"]) == (None, [])
    document = edited(draft["document"], ("UG01-03.frequency", "week"))
    assert lists.saves("anquan", draft, document)["flaws"] == []


def test_every_kind_of_list_has_a_name_and_a_chain() -> None:
    assert set(KINDS) == set(CHAIN_OF) == set(definition.KINDS)


def test_the_table_of_lists_is_an_excel_file_too(lists: Lists) -> None:
    lists.begins()
    head, *rows = lists.desk.table("anquan", "/forms.xlsx", owner="mine")
    assert head[0] == "清单"
    assert [row[0] for row in rows] == ["通风巡查表"]
    assert rows[0][head.index("草稿")] == "编制中"
