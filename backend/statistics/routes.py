"""/api/v1/worklist, mines, coverage, workflow: what the desk opens with. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.accounts.web import current_actor
from backend.kernel import excel, policy
from backend.kernel.excel import Column
from backend.kernel.web import Blueprint, reading
from backend.published import tables
from backend.statistics import coverage, operations, worklist
from backend.statistics.schemas import (
    AgesQuery,
    AgesSchema,
    CoverageQuery,
    CoverageSchema,
    MinesSchema,
    WorkflowSchema,
    WorklistSchema,
)
from forms.library import post_name

blueprint = Blueprint("desk", __name__, url_prefix="/api/v1", description="What the desk opens with")

KINDS = {"underground": "地下矿山", "open_pit": "露天矿山", "tailings": "尾矿库"}
STATES = {
    "open": "未开始",
    "begun": "填写中",
    "missed": "未完成",
    "signed": "已签字",
    "countersigned": "已复核",
}


def _count(kind: str, name: str) -> Any:
    return lambda row: row[kind][name] if row[kind] else None


MINE_COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("矿山", 26, lambda row: row["name"]),
    Column("类型", 12, lambda row: KINDS.get(row["kind"], row["kind"])),
    Column("企业", 28, lambda row: row["enterprise"]),
    Column("辖区", 14, lambda row: row["jurisdiction"]),
    Column("地址", 30, lambda row: row["address"]),
    Column("电话", 16, lambda row: row["phone"]),
    Column("今日应检", 10, _count("lists", "due")),
    Column("今日已检", 10, _count("lists", "done")),
    Column("未销号隐患", 12, _count("hazards", "open")),
    Column("其中逾期", 10, _count("hazards", "overdue")),
    Column("其中重大或疑似重大", 19, _count("hazards", "major")),
)
COVERAGE_COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("矿山", 26, lambda row: row["mine"]["name"]),
    Column("日期", 12, lambda row: row["day"].isoformat()),
    Column("班次", 8, lambda row: row["shift"]),
    Column("班组", 16, lambda row: row["team"]),
    Column("姓名", 12, lambda row: row["person"]["name"]),
    Column("岗位", 20, lambda row: post_name(row["post"])),
    Column("地点", 20, lambda row: row["place"]),
    Column("清单", 34, lambda row: row["title"]["zh"]),
    Column("状态", 10, lambda row: STATES[row["state"]]),
    Column("签字时间", 17, lambda row: row["signed_at"]),
    Column("班后补签", 10, lambda row: row["late"]),
    Column("不合格项", 10, lambda row: row["fails"]),
    Column("班组长", 12, lambda row: row["countersigned_by"]),
)


@blueprint.get("/worklist")
@blueprint.response(200, WorklistSchema)
def read_worklist() -> dict[str, Any]:
    """What waits for me."""
    with reading() as session:
        return {"groups": worklist.read(session, current_actor(session))}


@blueprint.get("/mines")
@blueprint.response(200, MinesSchema)
def list_mines() -> dict[str, Any]:
    """The mines that I may look at, and how each stands today."""
    with reading() as session:
        return {"items": operations.mines(session, current_actor(session))}


@blueprint.get("/mines.xlsx")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def mine_table() -> Response:
    """The same as an Excel file."""
    with reading() as session:
        found = operations.mines(session, current_actor(session))
        return Response(**excel.file("矿山", MINE_COLUMNS, found))


@blueprint.get("/coverage")
@blueprint.arguments(CoverageQuery, location="query")
@blueprint.response(200, CoverageSchema)
def read_coverage(query: dict[str, Any]) -> dict[str, Any]:
    """Who has done their lists on a day: counts of each mine and shift; the people when one mine is asked for."""
    with reading() as session:
        return coverage.read(session, current_actor(session), query)


@blueprint.get("/coverage.xlsx")
@blueprint.arguments(CoverageQuery, location="query")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def coverage_table(query: dict[str, Any]) -> Response:
    """The people of all mines asked for, as an Excel file."""
    with reading() as session:
        found = coverage.everybody(session, current_actor(session), query)
        return Response(**excel.file("班组清单", COVERAGE_COLUMNS, found))


@blueprint.get("/hazards/ages")
@blueprint.arguments(AgesQuery, location="query")
@blueprint.response(200, AgesSchema)
def read_ages(query: dict[str, Any]) -> dict[str, Any]:
    """Open hazards by state and age."""
    with reading() as session:
        return operations.ages(session, current_actor(session), query["mine"])


@blueprint.get("/workflow")
@blueprint.response(200, WorkflowSchema)
def read_workflow() -> dict[str, Any]:
    """The tables of states, moves and roles."""
    return tables() | {"acts": {act: sorted(roles) for act, roles in policy.ACTS.items()}}
