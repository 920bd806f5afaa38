"""/api/v1/documents for the desks, /api/v1/verify for everybody. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response

from backend.accounts import limits
from backend.accounts.web import client_address, current_actor, keys
from backend.documents.render import SHORT
from backend.enforcement import operations, queries
from backend.enforcement.schemas import (
    STATES,
    DocumentFilter,
    DocumentPageSchema,
    DocumentQuery,
    DocumentSchema,
    VerifiedSchema,
)
from backend.kernel import excel
from backend.kernel.excel import Column
from backend.kernel.problems import Problem
from backend.kernel.web import Blueprint, blobs, public, reading, writing

documents = Blueprint("documents", __name__, url_prefix="/api/v1", description="Documents")
verification = Blueprint(
    "verify", __name__, url_prefix="/api/v1/verify", description="Is this paper true? For everybody"
)

LOOKING_UP = limits.Limit("verify.address", burst=40, every=2)
UNKNOWN = Problem(
    404,
    "verify.unknown",
    "查无此件：本系统没有签发过这份文书，请核对网址或文件，或向签发机关查询。",
    "No such document was issued here; check the address or the file, or ask the authority that it names.",
)

COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("文号", 30, lambda row: row["number"]),
    Column("文书", 24, lambda row: row["title"]["zh"]),
    Column("矿山", 24, lambda row: row["mine"]["name"]),
    Column("签发机关", 24, lambda row: row["bureau"]["name"]),
    Column("签发人", 12, lambda row: row["issuer"]["name"]),
    Column("签发时间", 17, lambda row: row["issued_at"]),
    Column("状态", 10, lambda row: STATES[row["state"]][0] if row["state"] in STATES else row["state"]),
    Column("页数", 7, lambda row: row["pages"]),
)


@documents.get("/documents")
@documents.arguments(DocumentQuery, location="query")
@documents.response(200, DocumentPageSchema)
def list_documents(query: dict[str, Any]) -> dict[str, Any]:
    """Documents that I may see, the last issued first."""
    with reading() as session:
        actor = current_actor(session)
        page = queries.page(session, actor, query)
        return {"items": queries.rows(session, actor, page.items), "next": page.next}


@documents.get("/documents.xlsx")
@documents.arguments(DocumentFilter, location="query")
@documents.response(200, excel.BODY, content_type=excel.TYPE)
def document_table(query: dict[str, Any]) -> Response:
    """The same as an Excel file, all pages."""
    with reading() as session:
        actor = current_actor(session)
        found = queries.every(session, actor, query)
        return Response(**excel.file("文书台账", COLUMNS, queries.rows(session, actor, found)))


@documents.get("/documents/<uuid:document_id>")
@documents.response(200, DocumentSchema)
def read_document(document_id: UUID) -> dict[str, Any]:
    """One document: what it says, and what took its place."""
    with reading() as session:
        actor = current_actor(session)
        return queries.detail(session, actor, queries.find(session, actor, document_id))


@documents.get("/documents/<uuid:document_id>/pdf")
@documents.response(200, excel.BODY, content_type="application/pdf")
def read_pdf(document_id: UUID) -> Response:
    """The issued bytes, to be looked at and printed."""
    with reading() as session:
        document = queries.find(session, current_actor(session), document_id)
        name, number = queries.pdf(document), document.number
    data = blobs().get(name)
    if data is None:
        raise RuntimeError(
            f"object {name} is lost"
        )  # `kuangjian verify` finds it; restore it from the backup
    headers = {
        "Content-Disposition": f"inline; filename=\"document.pdf\"; filename*=UTF-8''{quote(number)}.pdf",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",  # the desk shows it in its page
    }
    return Response(data, content_type="application/pdf", headers=headers)


@verification.get(f"/<string(length={SHORT}):short>")
@public
@verification.response(200, VerifiedSchema)
def verify_address(short: str) -> dict[str, Any]:
    """What the document at this address is: the page behind the QR."""
    _limited()
    with reading() as session:
        return _known(operations.public_view(session, short))


@verification.get("/pdf/<string(length=64):sha256>")
@public
@verification.response(200, VerifiedSchema)
def verify_pdf(sha256: str) -> dict[str, Any]:
    """The document whose issued bytes have this hash: the file itself stays with who asks."""
    _limited()
    with reading() as session:
        return _known(operations.by_pdf(session, f"sha256:{sha256}"))


def _limited() -> None:
    with writing() as session:
        limits.take(session, keys(), LOOKING_UP, client_address())


def _known(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise UNKNOWN()
    return found
