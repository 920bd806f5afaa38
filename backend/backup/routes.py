"""/api/v1/backups: how it stands with the backups, for who answers for the server."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import current_app

from backend.accounts.web import current_actor
from backend.backup import queries
from backend.config import Config
from backend.kernel.web import Blueprint, reading

blueprint = Blueprint("backups", __name__, url_prefix="/api/v1/backups", description="Backups of the server")


class TroubleSchema(ma.Schema):
    """What must be done, by the code of its problem."""

    code = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class VerifiedBackupSchema(ma.Schema):
    """A backup that was read back whole. size: bytes, its objects too.  lost: objects that were nowhere to be found."""

    at = ma.fields.AwareDateTime(required=True)
    name = ma.fields.String(required=True)
    folder = ma.fields.String(required=True, allow_none=True)
    size = ma.fields.Integer(required=True, allow_none=True)
    rows = ma.fields.Integer(required=True)
    lost = ma.fields.Integer(required=True)


class FailedBackupSchema(ma.Schema):
    at = ma.fields.AwareDateTime(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class KeptBackupSchema(ma.Schema):
    """size: bytes of what only it has, without the objects that backups share.  rows: null when it is damaged."""

    name = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    size = ma.fields.Integer(required=True)
    rows = ma.fields.Integer(required=True, allow_none=True)


class BackupsSchema(ma.Schema):
    """problems: empty when all is well.  setting: the name of the one that says where backups go; folder: what it says.

    last, failed: the last that was verified, that failed.  kept: what lies in the folder, null when it cannot be
    opened; free: bytes.  phones: enrolments that have sent anything; told: those that know some of it in a backup.
    """

    problems = ma.fields.List(ma.fields.Nested(TroubleSchema), required=True)
    setting = ma.fields.String(required=True)
    folder = ma.fields.String(required=True, allow_none=True)
    last = ma.fields.Nested(VerifiedBackupSchema, required=True, allow_none=True)
    failed = ma.fields.Nested(FailedBackupSchema, required=True, allow_none=True)
    kept = ma.fields.List(ma.fields.Nested(KeptBackupSchema), required=True, allow_none=True)
    free = ma.fields.Integer(required=True, allow_none=True)
    phones = ma.fields.Integer(required=True)
    told = ma.fields.Integer(required=True)


@blueprint.get("")
@blueprint.response(200, BackupsSchema)
def backups() -> dict[str, Any]:
    """What backups there are, how old the last one is, and what to do where something is wrong."""
    config: Config = current_app.extensions["config"]
    with reading() as session:
        return queries.overview(session, current_actor(session), config)
