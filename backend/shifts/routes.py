"""/api/v1/mines/<id>/people. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from backend.accounts.web import current_actor
from backend.kernel import excel
from backend.kernel.excel import Column
from backend.kernel.web import Blueprint, reading
from backend.shifts import queries
from backend.shifts.schemas import PeopleSchema
from backend.sites import queries as sites
from forms.library import post_name

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/mines", description="Who works at a mine")

COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("姓名", 12, lambda row: row["name"]),
    Column("职务", 18, lambda row: row["title"]),
    Column("班组", 18, lambda row: row["team"]),
    Column("岗位", 24, lambda row: "、".join(map(post_name, row["posts"]))),
)


@blueprint.get("/<uuid:mine_id>/people")
@blueprint.response(200, PeopleSchema)
def list_people(mine_id: UUID) -> dict[str, Any]:
    """The people of a mine with their posts."""
    return {"items": _people(mine_id)}


@blueprint.get("/<uuid:mine_id>/people.xlsx")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def people_table(mine_id: UUID) -> Response:
    """The same as an Excel file."""
    return Response(**excel.file("人员", COLUMNS, _people(mine_id)))


def _people(mine_id: UUID) -> list[dict[str, Any]]:
    with reading() as session:
        [mine] = sites.mines(session, current_actor(session), sites.READ, mine_id)
        return queries.people(session, mine)
