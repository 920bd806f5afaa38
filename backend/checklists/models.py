"""A published version and its draft, a list that is due, a submission with its photos."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, object_session

from backend.kernel.db import Base, Versioned
from backend.kernel.synced import Synced, wire
from backend.sites import operations as sites

OPEN = text("state IN ('draft', 'review')")


LIBRARY = "library"


class FormVersion(Synced, Base):
    """A published version: its id is the sha256 of its canonical definition (Chinese only), and never changes.

    owner: `library`, `jurisdiction:<id>` or `mine:<id>`.  number: the how-maniest version of its key.
    base_id, base_key: the version that it adapts, and that one's key; where both apply, the adaptation does.
    approvals: who signed which step for whom, with strokes and hash.  recall: {reason, by, name, at, replacement}.
    """

    __tablename__ = "form_version"
    collection = "form"
    shape = 2

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(default=LIBRARY, index=True)
    number: Mapped[int] = mapped_column(default=1)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("form_version.id"))
    base_key: Mapped[str | None]
    approvals: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="published")  # published | retired | recalled
    recalled_at: Mapped[datetime | None]
    recall: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def owner_kind(self) -> str:
        return kind_of(self.owner)

    def scopes(self) -> Collection[str]:
        return owner_scopes(self, self.owner)

    def did(self, act: str) -> UUID | None:
        by = self.recall.get("by") if act == "recall" else None
        return UUID(by) if by else None

    def home(self) -> str:
        return f"form:{self.key}"

    def row(self) -> dict[str, Any]:
        """base: the key that this list replaces for who holds both.  recalled: why, once it was called back."""
        return {
            "key": self.key,
            "kind": self.kind,
            "definition": self.definition,
            "retired": self.retired_at is not None,
            "base": self.base_key,
            "number": self.number,
            "published_at": wire(self.published_at),
            "recalled": {name: self.recall[name] for name in ("reason", "at", "replacement")}
            if self.recalled_at
            else None,
        }


class FormDraft(Versioned, Base):
    """A list that is being written or approved. document: as its author left it, perhaps not yet a definition.

    key: given when it is begun; the owner's own, so that no two owners ever share one.
    replaces_id: the version in force when it was begun.  base_id: the version that it adapts.
    source: where an imported list came from: {file, places: {item id: {sheet, row}}}.
    sha: what is being signed, once it was submitted.  chain, step: whose signatures it takes, how many it has.
    conflicts: what an upgrade could not decide.  events: who did what with it, signatures included, oldest first.
    """

    __tablename__ = "form_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="draft")  # draft | review | published | withdrawn
    chain: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    sha: Mapped[str | None]
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("form_version.id"))
    base_id: Mapped[str | None] = mapped_column(ForeignKey("form_version.id"))
    source: Mapped[dict[str, Any]] = mapped_column(default=dict)
    conflicts: Mapped[list[Any]] = mapped_column(default=list)
    events: Mapped[list[Any]] = mapped_column(default=list)
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    begun_at: Mapped[datetime]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_form_draft_open_key", "key", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    @property
    def owner_kind(self) -> str:
        return kind_of(self.owner)

    def scopes(self) -> Collection[str]:
        return owner_scopes(self, self.owner)

    @property
    def turn(self) -> str:
        """Whose signature it waits for, as the table of moves names it."""
        return f"{self.chain}.{self.step}"

    def did(self, act: str) -> UUID | None:
        for event in reversed(self.events):
            if event["act"] == act:
                return UUID(event["by"])
        return None


def kind_of(owner: str) -> str:
    """library, jurisdiction or mine."""
    return owner.partition(":")[0]


def owner_scopes(row: Base, owner: str) -> frozenset[str]:
    """Where a list lies, for policy: with its mine or jurisdiction and all above that; the library's, everywhere."""
    session = object_session(row)
    if session is None:
        raise RuntimeError("a list outside a session has no scopes")
    kind, _, key = owner.partition(":")
    if kind == "mine":
        return sites.lineage(session, UUID(key))
    if kind == "jurisdiction":
        return sites.jurisdictions(session)[UUID(key)]
    return frozenset({"all"})


class Task(Synced, Base):
    """A list that one person owes for one post in one shift.

    asked: the items that were due at that post and place when the roll was called; what is weekly is not asked daily.
    """

    __tablename__ = "task"
    collection = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    post: Mapped[str]
    form: Mapped[str] = mapped_column(ForeignKey("form_version.id"))
    asked: Mapped[list[Any]] = mapped_column(default=list)
    shift_name: Mapped[str]
    opens_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")  # open | done | withdrawn

    __table_args__ = (UniqueConstraint("shift_id", "user_id", "post", "form"),)

    def home(self) -> str:
        return f"person:{self.user_id}"

    def row(self) -> dict[str, Any]:
        return {
            "mine": str(self.mine_id),
            "person": str(self.user_id),
            "place": str(self.place_id) if self.place_id else None,
            "post": self.post,
            "form": self.form,
            "asked": self.asked,
            "shift": self.shift_name,
            "opens_at": wire(self.opens_at),
            "due_at": wire(self.due_at),
            "state": self.state,
        }


class ItemDone(Base):
    """When an item was last done at a post and place of a mine: what makes it due again."""

    __tablename__ = "item_done"

    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), primary_key=True)
    post: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Submission(Synced, Base):
    """A list as it was filled. It stays on the version it was begun with; `limits` are pinned when it was opened.

    asked: the items that were due when it was begun (None: all).  answers: item id -> answer (docs/adr/0003).
    kept: answers that a move to another version could not carry: item id -> {answer, form, why}; never dropped.
    moves: {from, to, at} of each explicit move.  signatures: role -> who, when, strokes, hash.
    fails, signals: what the server found at the signature: a signal's code -> its numbers (signals.py), for people to
    look at; nothing is rejected by it.  said: what its answers come to (signals.said), to compare lists by.
    from_paper: {at, photos} of a list that was filled by hand and entered later: the paper's own time, its sheets.
    A visit's checklist is a submission too: `visit_id` is set, and the visit's team fills it together.
    """

    __tablename__ = "submission"
    collection = "submission"
    shape = 3

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    form: Mapped[str] = mapped_column(ForeignKey("form_version.id"))
    post: Mapped[str | None]
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked: Mapped[list[Any] | None]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kept: Mapped[dict[str, Any]] = mapped_column(default=dict)
    moves: Mapped[list[Any]] = mapped_column(default=list)
    from_paper: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(default="draft")  # draft | signed | countersigned
    opened_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    signatures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fails: Mapped[int] = mapped_column(default=0)
    signals: Mapped[dict[str, Any]] = mapped_column(default=dict)
    said: Mapped[str | None]

    __table_args__ = (Index("ix_submission_user_id_form_signed_at", "user_id", "form", "signed_at"),)

    def home(self) -> str:
        return f"visit:{self.visit_id}" if self.visit_id else f"person:{self.user_id}"

    def row(self) -> dict[str, Any]:
        return {
            "task": str(self.task_id) if self.task_id else None,
            "visit": str(self.visit_id) if self.visit_id else None,
            "person": str(self.user_id),
            "mine": str(self.mine_id),
            "form": self.form,
            "post": self.post,
            "limits": self.limits,
            "asked": self.asked,
            "answers": self.answers,
            "kept": self.kept,
            "from_paper": self.from_paper,
            "state": self.state,
            "opened_at": wire(self.opened_at),
            "signed_at": wire(self.signed_at),
            "signatures": self.signatures,
        }


class SubmissionPhoto(Base):
    """Which filled list shows which photo: how a photo is found again at the same mine."""

    __tablename__ = "submission_photo"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    sha: Mapped[str] = mapped_column(primary_key=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"))
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_submission_photo_mine_sha", "mine_id", "sha"),
        Index("ix_submission_photo_sha", "sha"),
    )


class PhotoPrint(Base):
    """What a photo looks like, 64 bits as 16 hex digits (photos.py): alike pictures differ in few of them."""

    __tablename__ = "photo_print"

    sha: Mapped[str] = mapped_column(primary_key=True)
    print: Mapped[str]
