"""/api/v1/visits. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from backend.accounts.web import current_actor
from backend.inspections import operations, queries
from backend.inspections.schemas import (
    ChoicesSchema,
    PrepareSchema,
    VisitFilter,
    VisitMoveSchema,
    VisitPageSchema,
    VisitQuery,
    VisitSchema,
)
from backend.inspections.workflow import MOVES, STATES
from backend.kernel import excel, policy
from backend.kernel.clock import Captured
from backend.kernel.db import now
from backend.kernel.excel import Column
from backend.kernel.problems import MOVED_ON
from backend.kernel.web import Blueprint, reading, writing

blueprint = Blueprint("visits", __name__, url_prefix="/api/v1", description="Visits")

ACTS = ", ".join(dict.fromkeys(move.act for move in MOVES.moves))

COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("矿山", 24, lambda row: row["mine"]["name"]),
    Column("检查方式", 14, lambda row: row["kind"]),
    Column("检查机关", 24, lambda row: row["bureau"]["name"]),
    Column("检查组", 30, lambda row: "、".join(member["name"] for member in row["team"])),
    Column("检查表", 34, lambda row: row["form"]["title"]["zh"]),
    Column("事由", 34, lambda row: row["purpose"]),
    Column("状态", 10, lambda row: STATES[row["state"]][0]),
    Column("准备时间", 17, lambda row: row["prepared_at"]),
    Column("开启时间", 17, lambda row: row["opened_at"]),
    Column("告知时间", 17, lambda row: row["explained_at"]),
)


@blueprint.get("/visits")
@blueprint.arguments(VisitQuery, location="query")
@blueprint.response(200, VisitPageSchema)
def list_visits(query: dict[str, Any]) -> dict[str, Any]:
    """Visits that I may see, the last prepared first."""
    with reading() as session:
        page = queries.page(session, current_actor(session), query)
        return {"items": queries.rows(session, page.items), "next": page.next}


@blueprint.get("/visits.xlsx")
@blueprint.arguments(VisitFilter, location="query")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def visit_table(query: dict[str, Any]) -> Response:
    """The same as an Excel file, all pages."""
    with reading() as session:
        wanted = query | {"limit": excel.MOST_ROWS + 1}
        page = queries.page(session, current_actor(session), wanted)
        return Response(**excel.file("检查台账", COLUMNS, queries.rows(session, page.items)))


@blueprint.get("/visits/choices")
@blueprint.response(200, ChoicesSchema)
def read_choices() -> dict[str, Any]:
    """What I can prepare a visit from: mines, bureaus, checklists, officers."""
    with reading() as session:
        return queries.choices(session, current_actor(session))


@blueprint.post("/visits")
@blueprint.arguments(PrepareSchema)
@blueprint.response(201, VisitSchema)
def prepare_visit(body: dict[str, Any]) -> dict[str, Any]:
    """Prepare a visit. Its team and the bureau's heads can see it from now on, and nobody else."""
    with writing() as session:
        actor = current_actor(session)
        if not actor.scopes(operations.PREPARE):
            raise policy.DENIED(act=operations.PREPARE)
        named = queries.plan(session, body)
        visit = operations.prepare(session, actor, *named, kind=body["kind"], purpose=body["purpose"])
        session.flush()
        return queries.detail(session, actor, visit)


@blueprint.get("/visits/<uuid:visit_id>")
@blueprint.response(200, VisitSchema)
def read_visit(visit_id: UUID) -> dict[str, Any]:
    """One visit, and what I may do with it now."""
    with reading() as session:
        actor = current_actor(session)
        return queries.detail(session, actor, queries.find(session, actor, visit_id))


@blueprint.post(f"/visits/<uuid:visit_id>/<any({ACTS}):act>")
@blueprint.arguments(VisitMoveSchema)
@blueprint.response(200, VisitSchema)
def move_visit(body: dict[str, Any], visit_id: UUID, act: str) -> dict[str, Any]:
    """Do one of the moves that are open to me."""
    with writing() as session:
        actor = current_actor(session)
        visit = queries.find(session, actor, visit_id)
        if visit.ver != body["seen"]:
            raise MOVED_ON()
        operations.move(session, actor, visit, act, body["evidence"], Captured.at_desk(now(session)))
        session.flush()
        return queries.detail(session, actor, visit)
