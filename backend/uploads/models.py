"""A file that has arrived, the scopes that refer to it, and a file that is still arriving."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base


class Blob(Base):
    """A whole file, verified. sha: `sha256:<hex>`, its name everywhere.  size: bytes.

    media_type: what its bytes are, looked at and not only declared.  uploaded_by: None for what the server made.
    thumbnail: the name of its small picture.  width, height: pixels as a person sees it, after EXIF orientation.
    """

    __tablename__ = "blob"

    sha: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    created_at: Mapped[datetime]
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    thumbnail: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]


class BlobUse(Base):
    """Somebody's word that a scope refers to a file; it counts once he, or his phone, has brought the bytes.

    by: the person, empty for the server.  No foreign key: records go first, so the use is often there before the bytes.
    """

    __tablename__ = "blob_use"

    sha: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)


class Upload(Base):
    """A file that is arriving. sha, size, media_type: as declared; all three are verified when it is whole.

    received: bytes that are safe here, so where the next part begins.  parts: the names of their objects, in order.
    ended_at: it is whole (received = size), or it was refused or given up; either way nothing more is taken.
    """

    __tablename__ = "upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    sha: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    received: Mapped[int] = mapped_column(default=0)
    parts: Mapped[list[Any]] = mapped_column(default=list)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_upload_user_id", "user_id"),)

    @property
    def whole(self) -> bool:
        return self.received == self.size
