"""A visit's papers: numbered from standing blocks, issued once, printed, superseded, checked by anybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.accounts import operations as accounts
from backend.app import create_app
from backend.demo import pictures
from backend.documents.render import data_hash
from backend.documents.verify import describe
from backend.enforcement import drafts
from backend.enforcement import operations as enforcement
from backend.enforcement.models import Document, NumberBlock, NumberUse
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.kernel.db import new_id
from backend.sites.models import Bureau, Mine
from backend.worker import begin
from tests.world import World, refused

BASE = "http://localhost:8000/v"


def explained_visit(world: World, *, refuses: bool = False) -> UUID:
    """A visit with one finding, explained to the mine's head, who signs or refuses before a witness."""
    visit = world.prepares_visit()
    world.visits("jiancha1", visit, "open", place="420中段")
    with world.writing("jiancha1") as (session, officer):
        mine = world.mine(session)
        facts = {
            "where": "420中段",
            "what": "局部通风机停运",
            "basis": [{"code": "GB 16423-2020", "clause": "6.6.3.7", "verified": True}],
        }
        hazards.report(session, officer, new_id(session), mine, facts, world.now(), visit_id=visit)
        head = world.signature(world.actor(session, "kuangzhang"), "site_representative")
        if refuses:
            del head["strokes"]
            witness = pictures.ink(world.user(session, "anquan").id)
            head["refused"] = {"reason": "对问题有异议", "witness": "陈试行", "witness_strokes": witness}
    answer = {"name": "褚试行", "position": "矿长", "signature": head}
    world.visits("jiancha1", visit, "explain", representative=answer)
    return visit


def issue(
    world: World, visit_id: UUID, *, by: str = "jiancha1", block_of: str = "", supersedes: UUID | None = None
) -> UUID:
    """The officer issues 责令限期整改指令书 with the next number of his block."""
    with world.writing(by) as (session, officer):
        visit = session.get_one(Visit, visit_id)
        holder = world.user(session, block_of or by).id
        block = session.scalars(
            select(NumberBlock).where(NumberBlock.user_id == holder, NumberBlock.kind == "rectify_order")
        ).one()
        rows = [
            {"id": str(hazard.id)} | hazard.row()
            for hazard in session.scalars(select(Hazard).where(Hazard.visit_id == visit_id))
        ]
        signatures = {
            member["user"]: world.signature(accounts.actor(session, UUID(member["user"])), "inspector")
            for member in visit.team
        }
        n = block.next
        number = block.pattern.format(year=block.year, n=n)
        data = drafts.rectify_order(
            visit.row(),
            session.get_one(Mine, visit.mine_id).row(),
            session.get_one(Bureau, visit.bureau_id).row(),
            rows,
            signatures,
            number,
            BASE,
            issued_at=world.clock.now().isoformat(),
            deadlines={row["id"]: "2026-03-09" for row in rows},
        )
        old = session.get_one(Document, supersedes) if supersedes else None
        return enforcement.issue(
            session,
            officer,
            new_id(session),
            visit,
            "rectify_order",
            block,
            n,
            data,
            data_hash("rectify_order", data),
            world.now(),
            supersedes=old,
        ).id


def document(world: World, document_id: UUID) -> Document:
    with world.reading() as session:
        return session.get_one(Document, document_id)


def test_the_order_is_numbered_printed_and_in_the_ledger(world: World) -> None:
    made = issue(world, explained_visit(world))
    world.drain()
    paper = document(world, made)
    assert paper.number == "（演示）应急责改〔2026〕1号"
    assert paper.pdf is not None
    pdf = world.store.blobs.get(paper.pdf)
    assert pdf is not None
    assert pdf.startswith(b"%PDF")
    told = describe(pdf)
    assert (told.kind, told.number) == ("rectify_order", paper.number)
    assert paper.review == []
    with world.reading() as session:
        assert [(use.n, use.state, use.document_id) for use in session.scalars(select(NumberUse))] == [
            (1, "issued", made)
        ]


def test_a_refused_signature_with_a_witness_does_not_stop_the_order(world: World) -> None:
    made = issue(world, explained_visit(world, refuses=True))
    world.drain()
    paper = document(world, made)
    assert paper.pdf is not None
    assert paper.data["site_representative"]["refusal"]["reason"] == "对问题有异议"


def test_a_refusal_without_a_witness_is_not_taken(world: World) -> None:
    visit = world.prepares_visit()
    world.visits("jiancha1", visit, "open")
    answer = {"name": "褚试行", "position": "矿长", "refused": {"reason": "不签"}}
    with refused("visit.representative_incomplete"):
        world.visits("jiancha1", visit, "explain", representative=answer)


def test_the_next_order_takes_the_next_number_and_officers_hold_different_ones(world: World) -> None:
    visit = explained_visit(world)
    first, second = issue(world, visit), issue(world, visit)
    other = issue(world, visit, by="jiancha2")
    assert [document(world, one).number for one in (first, second, other)] == [
        "（演示）应急责改〔2026〕1号",
        "（演示）应急责改〔2026〕2号",
        "（演示）应急责改〔2026〕21号",
    ]


def test_numbers_are_topped_up_every_hour_before_they_run_out(world: World) -> None:
    def held() -> list[tuple[int, int]]:
        with world.reading() as session:
            user = world.user(session, "jiancha1")
            blocks = select(NumberBlock.first, NumberBlock.last).where(
                NumberBlock.user_id == user.id, NumberBlock.kind == "rectify_order"
            )
            return sorted((first, last) for first, last in session.execute(blocks))

    begin(world.store)
    world.drain()
    assert held() == [(1, 20)]  # enough: 21-40 are the other officer's
    with world.writing("jiancha1") as (session, officer):
        block = session.scalars(
            select(NumberBlock).where(NumberBlock.user_id == officer.id, NumberBlock.kind == "rectify_order")
        ).one()
        block.next = block.last - 3
    world.clock.forward(hours=1, minutes=1)
    world.drain()
    assert held() == [(1, 20), (41, 60)]


def test_a_corrected_order_takes_the_place_of_the_first_which_stays_readable(world: World) -> None:
    visit = explained_visit(world)
    first = issue(world, visit)
    second = issue(world, visit, supersedes=first)
    world.drain()
    assert document(world, first).state == "superseded"
    assert document(world, first).pdf is not None
    assert document(world, second).supersedes_id == first
    with refused("document.not_current"):
        issue(world, visit, supersedes=first)


def test_what_breaks_a_rule_on_site_is_taken_as_a_fact_and_goes_to_legal_review(world: World) -> None:
    visit = explained_visit(world)
    issue(world, visit)
    with world.writing("jiancha1") as (session, officer):
        data: dict[str, Any] = session.scalars(select(Document.data)).one() | {"issued_on": "2026-03-03"}
        made = enforcement.issue(
            session,
            officer,
            new_id(session),
            session.get_one(Visit, visit),
            "rectify_order",
            None,
            1,
            data,
            "0" * 64,
            world.now(),
        )
        assert [reason["rule"] for reason in made.review] == ["own_block", "number_once", "data_hash"]


def test_two_papers_never_share_what_their_qr_leads_to(world: World) -> None:
    visit = explained_visit(world)
    first = document(world, issue(world, visit))
    with refused("document.same_short"), world.writing("jiancha1") as (session, officer):
        enforcement.issue(
            session,
            officer,
            new_id(session),
            session.get_one(Visit, visit),
            "rectify_order",
            None,
            2,
            first.data,
            first.data_hash,
            world.now(),
        )
    with pytest.raises(IntegrityError), world.writing("jiancha1") as (session, _):
        copied = {column.key: getattr(first, column.key) for column in Document.__table__.columns}
        session.add(Document(**copied | {"id": new_id(session)}))


def test_only_officers_of_the_visit_issue(world: World) -> None:
    visit = explained_visit(world)
    with refused("policy.denied"):
        issue(world, visit, by="kezhang", block_of="jiancha1")


@pytest.mark.parametrize("where", ["short", "pdf"])
def test_anybody_can_ask_what_a_paper_is_and_learns_no_more_than_it_says(world: World, where: str) -> None:
    visit = explained_visit(world)
    first = issue(world, visit)
    issue(world, visit, supersedes=first)
    world.drain()
    paper = document(world, first)
    path = (
        f"/api/v1/verify/{paper.short}"
        if where == "short"
        else f"/api/v1/verify/pdf/{str(paper.pdf).removeprefix('sha256:')}"
    )
    answer = create_app(world.store).test_client().get(path)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["number"] == "（演示）应急责改〔2026〕1号"
    assert answer.json["state"] == "superseded"
    assert answer.json["superseded_by"] == "（演示）应急责改〔2026〕2号"
    assert answer.json["issuer"] == "演示县应急管理局"
    assert "通风机" not in answer.get_data(as_text=True)
    assert create_app(world.store).test_client().get("/api/v1/verify/aaaaaaaaaa").status_code == 404
