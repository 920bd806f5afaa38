"""A published version, a list that is due, a submission."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.synced import Synced, wire


class FormVersion(Synced, Base):
    """An immutable version: its id is the sha256 of its canonical definition. names: translations, outside the hash."""

    __tablename__ = "form_version"
    collection = "form"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    def home(self) -> str:
        return f"form:{self.key}"

    def row(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "definition": self.definition,
            "retired": self.retired_at is not None,
        }


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
    state: Mapped[str] = mapped_column(default="open")  # open | done

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

    answers: item id -> answer (docs/adr/0003-form-definition.md).  signatures: role -> who, when, strokes, hash.
    fails, signals: what the server found at the signature; a signal (`limits_differ`: items) is for people to look at.
    A visit's checklist is a submission too: `visit_id` is set, and the visit's team fills it together.
    """

    __tablename__ = "submission"
    collection = "submission"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"), index=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    form: Mapped[str] = mapped_column(ForeignKey("form_version.id"))
    post: Mapped[str | None]
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="draft")  # draft | signed | countersigned
    opened_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    signatures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fails: Mapped[int] = mapped_column(default=0)
    signals: Mapped[dict[str, Any]] = mapped_column(default=dict)

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
            "answers": self.answers,
            "state": self.state,
            "opened_at": wire(self.opened_at),
            "signed_at": wire(self.signed_at),
            "signatures": self.signatures,
        }
