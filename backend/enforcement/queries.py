"""What the desk asks about documents. A mine sees a paper once the visit was explained to it, never before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased

from backend.accounts.models import User
from backend.enforcement import operations
from backend.enforcement.models import Document
from backend.enforcement.operations import READ
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel.db import get
from backend.kernel.excel import MOST_ROWS
from backend.kernel.names import names
from backend.kernel.paging import Page, newest_first
from backend.kernel.policy import MINE_ROLES, Actor
from backend.kernel.problems import NOT_FOUND, Problem
from backend.sites import queries as sites
from backend.sites.models import Bureau, Mine

PDF_PENDING = Problem(
    409,
    "document.pdf_pending",
    "PDF 正在生成，请稍候几秒后再打开。",
    "The PDF is being made; open it again in a few seconds.",
)


def visible(session: Session, actor: Actor, mine: UUID | None = None) -> ColumnElement[bool]:
    """What the person's mines were told of, and the papers of visits that he may see.

    Raises DENIED (403) when his role reads no documents, NOT_FOUND (404) for a mine that is not among his.
    """
    mines = [row.id for row in sites.mines(session, actor, READ, mine)]
    seen = select(Visit.id).where(inspections.visible(session, actor, READ))
    of_visits = Document.visit_id.in_(seen)
    return or_(
        Document.mine_id.in_(mines) & Document.known_to_mine_at.is_not(None),
        of_visits & (Document.mine_id == mine) if mine else of_visits,
    )


def find(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Raises NOT_FOUND (404), the same whether it is hidden or not there."""
    document = session.scalar(select(Document).where(Document.id == document_id, visible(session, actor)))
    if document is None:
        raise NOT_FOUND()
    return document


def page(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Page[Document]:
    query = chosen(session, actor, wanted)
    return newest_first(session, query, Document.issued_at, Document.id, wanted["cursor"], wanted["limit"])


def every(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Sequence[Document]:
    query = chosen(session, actor, wanted).order_by(Document.issued_at.desc(), Document.id.desc())
    return session.scalars(query.limit(MOST_ROWS + 1)).all()


def chosen(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Select[Document]:
    query = select(Document).where(visible(session, actor, wanted["mine"]))
    for name in ("kind", "state"):
        if wanted[name]:
            query = query.where(getattr(Document, name) == wanted[name])
    if wanted["visit"]:
        query = query.where(Document.visit_id == wanted["visit"])
    if wanted["number"]:
        query = query.where(Document.number.contains(wanted["number"].strip(), autoescape=True))
    return query


def rows(session: Session, actor: Actor, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Each as a row of a table. review: what a legal reviewer must look at, for the bureau's people only."""
    mines = names(session, Mine, {row.mine_id for row in documents})
    bureaus = names(session, Bureau, {row.bureau_id for row in documents})
    issuers = names(session, User, {row.issued_by for row in documents})
    inside = _is_of_a_bureau(actor)
    return [
        {
            "id": row.id,
            "short": row.short,
            "kind": row.kind,
            "title": operations.title(row),
            "number": row.number,
            "mine": mines[row.mine_id],
            "bureau": bureaus[row.bureau_id],
            "issuer": issuers[row.issued_by],
            "state": row.state,
            "issued_at": row.issued_at,
            "printable": row.pdf is not None,
            "pages": row.pages,
            "review": row.review if inside else [],
        }
        for row in documents
    ]


def detail(session: Session, actor: Actor, document: Document) -> dict[str, Any]:
    [row] = rows(session, actor, [document])
    seen = inspections.visible(session, actor)
    return row | {
        "visit": session.scalar(select(Visit.id).where(Visit.id == document.visit_id, seen)),
        "received_at": document.received_at,
        "data": document.data,
        "data_hash": document.data_hash,
        "pdf": document.pdf,
        "chain": _chain(session, actor, document),
    }


def pdf(document: Document) -> str:
    """The name of the issued bytes. Raises PDF_PENDING (409) while they are being made."""
    if document.pdf is None:
        raise PDF_PENDING(retry_after=3)
    return document.pdf


def _chain(session: Session, actor: Actor, document: Document) -> list[dict[str, Any]]:
    """The documents that took each other's place, the first one first; those among them that the person may see."""
    first = document
    while first.supersedes_id is not None:
        first = get(session, Document, first.supersedes_id)
    chain, later = [first], aliased(Document)
    while (follower := session.scalar(select(later).where(later.supersedes_id == chain[-1].id))) is not None:
        chain.append(follower)
    ids = [row.id for row in chain]
    seen = set(session.scalars(select(Document.id).where(Document.id.in_(ids), visible(session, actor))))
    return [
        {"id": row.id, "number": row.number, "state": row.state, "issued_at": row.issued_at}
        for row in chain
        if row.id in seen
    ]


def _is_of_a_bureau(actor: Actor) -> bool:
    return any(held.role not in MINE_ROLES and held.holds(actor.at) for held in actor.grants)
