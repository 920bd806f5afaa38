"""/api/v1/submissions: lists as they were filled. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.accounts.web import current_actor
from backend.checklists import operations, queries
from backend.checklists.schemas import CountersignSchema, SubmissionSchema
from backend.kernel.clock import Captured
from backend.kernel.db import now
from backend.kernel.problems import MOVED_ON
from backend.kernel.web import Blueprint, reading, writing

blueprint = Blueprint("submissions", __name__, url_prefix="/api/v1/submissions", description="Filled lists")


@blueprint.get("/<uuid:submission_id>")
@blueprint.response(200, SubmissionSchema)
def read_submission(submission_id: UUID) -> dict[str, Any]:
    """A list as it was filled."""
    with reading() as session:
        actor = current_actor(session)
        return queries.detail(session, actor, queries.find(session, actor, submission_id))


@blueprint.post("/<uuid:submission_id>/countersign")
@blueprint.arguments(CountersignSchema)
@blueprint.response(200, SubmissionSchema)
def countersign(body: dict[str, Any], submission_id: UUID) -> dict[str, Any]:
    """The team leader has seen it, and signs."""
    with writing() as session:
        actor = current_actor(session)
        submission = queries.find(session, actor, submission_id)
        if submission.ver != body["seen"]:
            raise MOVED_ON()
        when = Captured.at_desk(now(session))
        operations.countersign(session, actor, submission, body["signature"], when)
        session.flush()
        return queries.detail(session, actor, submission)
