"""Number blocks, the ledger of numbers, and documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.synced import Synced, wire


class NumberBlock(Synced, Base):
    """Numbers that one officer holds, whether a visit is planned or not: topped up when few are left.

    first, last: both included.  next: the first that no document has used as far as the server knows.
    """

    __tablename__ = "number_block"
    collection = "number_block"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bureau_id: Mapped[UUID] = mapped_column(ForeignKey("bureau.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]
    year: Mapped[int]
    pattern: Mapped[str]
    first: Mapped[int]
    last: Mapped[int]
    next: Mapped[int]

    def home(self) -> str:
        return f"person:{self.user_id}"

    def row(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "year": self.year,
            "pattern": self.pattern,
            "first": self.first,
            "last": self.last,
            "next": self.next,
        }


class NumberUse(Base):
    """The ledger: every number that left the counter of a bureau, kind and year. Never deleted, never reused.

    state: issued | void | unaccounted.
    """

    __tablename__ = "number_ledger"

    bureau_id: Mapped[UUID] = mapped_column(ForeignKey("bureau.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime]


class NumberCounter(Base):
    """How far the numbers of a bureau, kind and year have been given out in blocks."""

    __tablename__ = "number_counter"

    bureau_id: Mapped[UUID] = mapped_column(ForeignKey("bureau.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Document(Synced, Base):
    """A document as it was issued. data: what it says, pinned; the PDF's bytes are the original for ever.

    short: its address on the public page, the first digits of data_hash, as its QR has it.
    cites: ids of the hazards that it tells of, whether they have reached the server or not.
    known_to_mine_at: when the mine learned of it; before its representative was told of all that it cites, its home is
    the visit.
    pdf: sha256 of the bytes, None while they are being made.  review: what a jurist must look at, each with its rule.
    supersedes_id: the document that this one takes the place of; that one's state becomes `superseded`.
    """

    __tablename__ = "document"
    collection = "document"
    shape = 2

    id: Mapped[UUID] = mapped_column(primary_key=True)
    short: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    number: Mapped[str]
    bureau_id: Mapped[UUID] = mapped_column(ForeignKey("bureau.id"))
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    state: Mapped[str]
    data: Mapped[dict[str, Any]]
    data_hash: Mapped[str]
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[datetime]
    received_at: Mapped[datetime]
    known_to_mine_at: Mapped[datetime | None]
    pdf: Mapped[str | None]
    pages: Mapped[int | None]
    pack: Mapped[str | None]
    review: Mapped[list[Any]] = mapped_column(default=list)
    cites: Mapped[list[Any]] = mapped_column(default=list)
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))

    __table_args__ = (Index("ix_document_number", "bureau_id", "kind", "number"),)

    def home(self) -> str:
        return f"visit:{self.visit_id}" if self.known_to_mine_at is None else f"mine:{self.mine_id}"

    def row(self) -> dict[str, Any]:
        return {
            "short": self.short,
            "kind": self.kind,
            "number": self.number,
            "mine": str(self.mine_id),
            "visit": str(self.visit_id),
            "state": self.state,
            "data": self.data,
            "data_hash": self.data_hash,
            "issued_at": wire(self.issued_at),
            "pdf": self.pdf,
            "pages": self.pages,
            "cites": self.cites,
            "supersedes": str(self.supersedes_id) if self.supersedes_id else None,
        }
