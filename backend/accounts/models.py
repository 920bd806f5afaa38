"""A person, the grants that give him roles, his sign-ins, and the slips that activate him."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.db import Base, Versioned
from backend.kernel.policy import Held, Role


class User(Versioned, Base):
    """A person. login: what he types to sign in.  password_hash: argon2id, None until a slip was used.

    certificate_no, certificate_until: the 执法证 of an officer, printed on every document he signs.
    """

    __tablename__ = "user_account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    certificate_no: Mapped[str | None]
    certificate_until: Mapped[datetime | None]

    grants: Mapped[list[Grant]] = relationship(foreign_keys="Grant.user_id", back_populates="user")


class Grant(Base):
    """A role at a scope from a date to a date. It is ended, never deleted: what was done under it stays judged by it.

    scope: `mine:<id>`, `enterprise:<id>`, `jurisdiction:<id>`, `visit:<id>` or `all`.
    deputy_for: whose role is held in his absence.
    """

    __tablename__ = "user_grant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str]
    scope: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    deputy_for: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="grants")

    __table_args__ = (
        Index("ix_user_grant_scope_role", "scope", "role"),
        Index("ix_user_grant_user", "user_id"),
    )

    def held(self) -> Held:
        return Held(Role(self.role), self.scope, self.starts_at, self.ends_at, self.deputy_for)


class SignIn(Base):
    """One signed-in browser or client. Revoking it works at the next request: every request looks here.

    refresh: the id of the refresh token that is good now.  previous: the one before, good for a moment longer,
    because the answer that brought the new one may have been lost underway.
    """

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    agent: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    refresh: Mapped[str]
    previous: Mapped[str | None]
    previous_until: Mapped[datetime | None]


class Bucket(Base):
    """A token bucket for one key (a login, an address), shared by every process. The key is a keyed hash."""

    __tablename__ = "rate_bucket"

    key: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    at: Mapped[datetime]


class Slip(Base):
    """A printed slip that lets a person set his password once. Only the hash of its code is kept."""

    __tablename__ = "activation_slip"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
