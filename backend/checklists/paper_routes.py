"""/api/v1/forms/versions/<sha>/blank.pdf: a list to be printed and filled by hand."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, current_app

from backend.accounts.web import current_actor
from backend.checklists import catalogue, paper
from backend.documents.templates import checklist_blank
from backend.kernel import excel
from backend.kernel.web import Blueprint, Schema, reading

blueprint = Blueprint(
    "paper", __name__, url_prefix="/api/v1/forms/versions", description="Lists to be filled by hand"
)
PDF = "application/pdf"


class BlankQuery(Schema):
    """task: the list that one person owes for a shift; without it the whole version."""

    task = ma.fields.UUID(load_default=None)


@blueprint.get("/<string:sha>/blank.pdf")
@blueprint.arguments(BlankQuery, location="query")
@blueprint.response(200, excel.BODY, content_type=PDF)
def print_blank(query: dict[str, Any], sha: str) -> Response:
    """The list as a blank with its QR code, A4; of a task: with the person and the items that are due."""
    field = f"{current_app.extensions['config'].public_url}/field/"
    with reading() as session:
        actor = current_actor(session)
        form = catalogue.find_version(session, actor, sha)
        made = paper.blank(session, actor, form, query["task"], field)
    return Response(checklist_blank.render(made), content_type=PDF)
