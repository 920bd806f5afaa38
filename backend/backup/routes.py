"""/api/v1/backups: how it stands with the backups, for who answers for the server."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import current_app

from backend.accounts.web import current_actor
from backend.backup import operations
from backend.config import Config
from backend.kernel.web import Blueprint, reading

blueprint = Blueprint("backups", __name__, url_prefix="/api/v1/backups", description="Backups of the server")


class WordsSchema(ma.Schema):
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class BackupsSchema(ma.Schema):
    """problem: what must be done, null when all is well.  last: when the last verified one was made."""

    problem = ma.fields.Nested(WordsSchema, required=True, allow_none=True)
    last = ma.fields.AwareDateTime(required=True, allow_none=True)


@blueprint.get("")
@blueprint.response(200, BackupsSchema)
def backups() -> dict[str, Any]:
    """Whether there is a backup that was read back whole, and what to do if not."""
    config: Config = current_app.extensions["config"]
    with reading() as session:
        return operations.overview(session, current_actor(session), config)
