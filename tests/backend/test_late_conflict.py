"""A conflict that opens when a paper is out already: the legal reviewer is told of it, and of how it ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.enforcement.models import Document
from backend.kernel.audit import AuditRow
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_supplement import EARLY, Visited
from tests.world import PHOTO


@pytest.fixture
def visited(desk: Desk) -> Visited:
    return Visited(desk)


@pytest.fixture
def server(desk: Desk) -> Server:
    return Server(desk.world)


def to_review(visited: Visited, paper: UUID) -> list[str]:
    """What the legal reviewer reads beside the paper."""
    return [row["zh"] for row in visited.desk.json("fazhi", f"/documents/{paper}")["review"]]


def decides(visited: Visited, keep: str, why: str) -> None:
    [conflict] = visited.desk.json("kezhang", "/sync/conflicts/pages")["items"]
    said = {"keep": keep, "reason": why}
    done = visited.desk.post("kezhang", f"/sync/conflicts/{conflict['id']}/resolve", said)
    assert done.status_code == 204


def officers(visited: Visited, server: Server) -> tuple[FieldPhone, FieldPhone, str]:
    """Both with the visit on their phones, and its checklist."""
    one, two = server.phone("jiancha1"), server.phone("jiancha2")
    for phone in (one, two):
        phone.sync()
    return one, two, one.of("visit")[str(visited.id)]["submission"]


def answers(phone: FieldPhone, sheet: str, result: str) -> dict[str, Any]:
    return phone.act("submission.answer@1", sheet, {"answers": {"SC-03": {"result": result}}})


@pytest.mark.parametrize("keep", ["shown", "other"])
def test_a_conflict_in_the_checklist_that_comes_after_the_paper_is_shown_to_the_reviewer_with_its_end(
    visited: Visited, server: Server, keep: str
) -> None:
    one, two, sheet = officers(visited, server)
    answers(one, sheet, "pass")
    one.sync()
    found = visited.arrives(what=EARLY)
    visited.explains(found)
    paper = visited.issues("inspection_record", found)
    assert to_review(visited, paper) == []
    late = answers(two, sheet, "fail")
    two.sync()
    assert two.status(late) == "conflict"
    assert to_review(visited, paper) == ["签发后，检查表出现冲突，尚未解决"]
    decides(visited, keep, "两人一起复查")
    did = {"shown": "维持所示内容", "other": "改取另一说法，请核对文书"}[keep]
    assert to_review(visited, paper) == [f"检查表的冲突已由戚示范处理：{did}。理由：两人一起复查"]
    with visited.world.reading() as session:
        [noted] = session.scalars(select(AuditRow).where(AuditRow.act == "document.contested"))
        assert (noted.entity, noted.data) == (f"document:{paper}", {"record": sheet})


def test_of_two_conflicts_in_one_record_the_paper_waits_for_both(visited: Visited, server: Server) -> None:
    one, two, sheet = officers(visited, server)
    both = {"SC-03": {"result": "pass"}, "SC-04": {"result": "pass"}}
    one.act("submission.answer@1", sheet, {"answers": both})
    one.sync()
    visited.explains()
    paper = visited.issues("inspection_record")
    for item in both:
        two.act("submission.answer@1", sheet, {"answers": {item: {"result": "fail"}}})
    two.sync()
    assert len(to_review(visited, paper)) == 1
    conflicts = visited.desk.json("kezhang", "/sync/conflicts/pages")["items"]
    for conflict, seen in zip(conflicts, ("尚未解决", "处理"), strict=True):
        said = {"keep": "shown", "reason": "复查"}
        visited.desk.post("kezhang", f"/sync/conflicts/{conflict['id']}/resolve", said)
        [told] = to_review(visited, paper)
        assert seen in told


def test_a_paper_is_flagged_for_a_hazard_that_it_names_while_it_holds_and_for_no_other(
    visited: Visited, server: Server
) -> None:
    world, phone = visited.world, server.phone("banzu")
    disputed, other = visited.arrives(what=EARLY), visited.arrives()
    visited.explains(disputed, other)
    cites, apart = (visited.issues("rectify_order", *named) for named in ((other, disputed), (other,)))
    before = visited.issues("rectify_order", disputed)
    world.clock.forward(minutes=1)
    instead = visited.issues("rectify_order", disputed, supersedes=before)
    world.moves("zongjian", disputed, "assign", **world.plan("zuanyan"))
    phone.sync()
    world.moves("zuanyan", disputed, "start")
    world.moves("zuanyan", disputed, "rectify", photos=[PHOTO])
    stale = phone.act("hazard.move@1", str(disputed), {"act": "start", "seen": 1, "evidence": {}})
    phone.sync()
    assert phone.status(stale) == "conflict"
    assert to_review(visited, cites) == ["签发后，所列第2项隐患出现冲突，尚未解决"]
    assert to_review(visited, instead) == ["签发后，所列第1项隐患出现冲突，尚未解决"]
    assert to_review(visited, apart) == to_review(visited, before) == []


def test_a_conflict_that_was_open_when_the_paper_was_issued_tells_its_end_too(
    visited: Visited, server: Server
) -> None:
    one, two, sheet = officers(visited, server)
    answers(one, sheet, "pass")
    answers(two, sheet, "fail")
    one.sync()
    two.sync()
    visited.explains()
    paper = visited.issues("inspection_record")
    assert to_review(visited, paper) == ["检查表尚有未解决的冲突"]
    decides(visited, "shown", "以现场复查为准")
    assert to_review(visited, paper) == ["检查表的冲突已由戚示范处理：维持所示内容。理由：以现场复查为准"]
    with visited.world.reading() as session:
        assert session.get_one(Document, paper).state == "issued"
