"""/api/v1/mines/<id>/places. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from backend.accounts.web import current_actor
from backend.kernel import excel
from backend.kernel.excel import Column
from backend.kernel.web import Blueprint, reading
from backend.sites import queries
from backend.sites.schemas import PlacesSchema

blueprint = Blueprint("places", __name__, url_prefix="/api/v1/mines", description="The checkpoints in a mine")

COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("地点", 28, lambda row: row["name"]),
    Column("编码", 20, lambda row: row["code"]),
    Column("禁带手机", 10, lambda row: row["phones_banned"]),
)


@blueprint.get("/<uuid:mine_id>/places")
@blueprint.response(200, PlacesSchema)
def list_places(mine_id: UUID) -> dict[str, Any]:
    """The checkpoints of a mine."""
    return {"items": _places(mine_id)}


@blueprint.get("/<uuid:mine_id>/places.xlsx")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def places_table(mine_id: UUID) -> Response:
    """The same as an Excel file."""
    return Response(**excel.file("地点", COLUMNS, _places(mine_id)))


def _places(mine_id: UUID) -> list[dict[str, Any]]:
    with reading() as session:
        [mine] = queries.mines(session, current_actor(session), queries.READ, mine_id)
        return queries.places(session, mine)
