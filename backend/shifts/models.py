"""A mine's people with their posts, and the shifts with their roll."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base, Versioned
from backend.kernel.synced import Synced


class Staff(Synced, Base):
    """A person at a mine. posts: the codes of every post he holds (一人多岗: a list for each).

    shifts, place_id: on which shifts and where he usually works; a shift's roll begins with that.
    """

    __tablename__ = "staff"
    collection = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    name: Mapped[str]
    title: Mapped[str]
    team: Mapped[str]
    posts: Mapped[list[Any]] = mapped_column(default=list)
    shifts: Mapped[list[Any]] = mapped_column(default=list)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))

    __table_args__ = (UniqueConstraint("user_id", "mine_id"),)

    def home(self) -> str:
        return f"mine:{self.mine_id}"

    def row(self) -> dict[str, Any]:
        return {
            "user": str(self.user_id),
            "mine": str(self.mine_id),
            "name": self.name,
            "title": self.title,
            "team": self.team,
            "posts": self.posts,
        }


class Shift(Versioned, Base):
    """name: 早班, 中班, 夜班.  day: the local date on which it begins."""

    __tablename__ = "shift"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"))
    day: Mapped[date]
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("mine_id", "day", "name"),)


class RollEntry(Base):
    """Who is here, at which post and place. covering: whose place he takes today."""

    __tablename__ = "shift_roll"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    post: Mapped[str] = mapped_column(primary_key=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    covering: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
