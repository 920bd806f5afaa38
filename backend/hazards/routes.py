"""/api/v1/hazards. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from backend.accounts.web import current_actor
from backend.hazards import operations, queries
from backend.hazards.schemas import (
    HazardFilter,
    HazardMoveSchema,
    HazardPageSchema,
    HazardQuery,
    HazardSchema,
)
from backend.hazards.workflow import MOVES, STATES
from backend.kernel import excel
from backend.kernel.clock import ZONE, Captured
from backend.kernel.db import now
from backend.kernel.excel import Column
from backend.kernel.web import Blueprint, reading, writing

blueprint = Blueprint("hazards", __name__, url_prefix="/api/v1", description="Hazards")

ACTS = ", ".join(dict.fromkeys(move.act for move in MOVES.moves))
SEVERITY = {"general": "一般", "major": "重大"}
FOUND_BY = {"mine": "企业自查", "officer": "执法检查"}

COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("矿山", 24, lambda row: row["mine"]["name"]),
    Column("隐患内容", 44, lambda row: row["what"]),
    Column("位置", 26, lambda row: row["where"]),
    Column("级别", 8, lambda row: SEVERITY[row["severity"]]),
    Column("疑似重大", 10, lambda row: row["suspected_major"]),
    Column("来源", 11, lambda row: FOUND_BY[row["found_by"]]),
    Column("状态", 10, lambda row: STATES[row["state"]][0]),
    Column("发现人", 12, lambda row: row["reporter"]["name"]),
    Column("发现时间", 17, lambda row: row["reported_at"]),
    Column("整改责任人", 12, lambda row: row["responsible"]["name"] if row["responsible"] else None),
    Column("期限", 17, lambda row: row["due_at"]),
    Column("逾期", 7, lambda row: row["overdue"]),
    Column("销号时间", 17, lambda row: row["closed_at"]),
)


@blueprint.get("/hazards")
@blueprint.arguments(HazardQuery, location="query")
@blueprint.response(200, HazardPageSchema)
def list_hazards(query: dict[str, Any]) -> dict[str, Any]:
    """Hazards that I may see, newest first."""
    with reading() as session:
        page = queries.page(session, current_actor(session), query)
        return {"items": queries.rows(session, page.items), "next": page.next}


@blueprint.get("/hazards.xlsx")
@blueprint.arguments(HazardFilter, location="query")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def hazard_table(query: dict[str, Any]) -> Response:
    """The same as an Excel file, all pages."""
    with reading() as session:
        found = list(queries.every(session, current_actor(session), query))
        return Response(**excel.file("隐患台账", COLUMNS, queries.rows(session, found)))


@blueprint.get("/hazards/<uuid:hazard_id>")
@blueprint.response(200, HazardSchema)
def read_hazard(hazard_id: UUID) -> dict[str, Any]:
    """One hazard: what happened to it, and what I may do with it now."""
    with reading() as session:
        actor = current_actor(session)
        return queries.detail(session, actor, queries.find(session, actor, hazard_id))


@blueprint.post(f"/hazards/<uuid:hazard_id>/<any({ACTS}):act>")
@blueprint.arguments(HazardMoveSchema)
@blueprint.response(200, HazardSchema)
def move_hazard(body: dict[str, Any], hazard_id: UUID, act: str) -> dict[str, Any]:
    """Do one of the moves that are open to me."""
    with writing() as session:
        actor = current_actor(session)
        hazard = queries.find(session, actor, hazard_id, seen=body["seen"])
        evidence = _as_kept(body["evidence"])
        operations.move(session, actor, hazard, act, evidence, Captured.at_desk(now(session)))
        session.flush()
        session.refresh(hazard)
        return queries.detail(session, actor, hazard)


def _as_kept(evidence: dict[str, Any]) -> dict[str, Any]:
    """As JSON, the way phones send it."""
    kept = dict(evidence)
    if "person" in kept:
        kept["person"] = str(kept["person"])
    if "deadline" in kept:
        kept["deadline"] = kept["deadline"].astimezone(ZONE).isoformat()
    return kept
