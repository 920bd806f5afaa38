"""The job that makes a document's PDF: rendered and kept first, then one short transaction names its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from backend.documents import render as engine
from backend.documents.problems import DocumentError, Problem
from backend.enforcement.models import Document
from backend.kernel import audit, jobs
from backend.kernel import problems as refusals
from backend.kernel.blobs import Blobs
from backend.kernel.db import Database
from backend.uploads import operations as uploads

UNFIT = refusals.Problem(
    422,
    "document.unfit",
    "文书内容还不能成文，请按提示修改。",
    "This cannot become a document yet; mend it as marked.",
)


def unfit(error: DocumentError) -> refusals.Refusal:
    """What the template found, as a refusal: every place with its reason."""
    errors = [refusals.FieldError(found.path or "/", found.zh, found.en) for found in error.problems]
    return UNFIT(errors=errors)


def handlers(blobs: Blobs) -> dict[str, jobs.Handler]:
    def make(database: Database, args: jobs.Args) -> jobs.Write:
        """Idempotent: the same data gives the same bytes, and bytes once named are never replaced."""
        with database.reading() as session:
            document = session.get_one(Document, UUID(args["document"]))
            kind, data = document.kind, document.data
        try:
            made = engine.render(kind, data, assets={})
        except DocumentError as error:
            return partial(_unprintable, document_id=document.id, problems=error.problems)
        whole = uploads.keep(blobs, made.pdf, "application/pdf")
        return partial(_printable, document_id=document.id, whole=whole, made=made)

    return {"document.render": make}


def _printable(session: Session, document_id: UUID, whole: uploads.Whole, made: engine.Rendered) -> None:
    document = session.get_one(Document, document_id)
    if document.pdf is not None:
        return
    uploads.enter(session, whole, None)
    uploads.use(session, whole.sha, document.home(), None)
    uploads.use(session, whole.sha, f"visit:{document.visit_id}", None)
    document.pdf, document.pages, document.pack = whole.sha, made.pages, made.pack
    audit.note(session, "documents", "document.rendered", f"document:{document.id}", pdf=whole.sha)


def _unprintable(session: Session, document_id: UUID, problems: Sequence[Problem]) -> None:
    """The paper was issued on site and stands; that our template cannot print it is for people to mend."""
    document = session.get_one(Document, document_id)
    found = [{"rule": problem.code, "zh": problem.zh, "en": problem.en} for problem in problems]
    document.review = [*document.review, *found]
    audit.note(session, "documents", "document.unprintable", f"document:{document.id}")
