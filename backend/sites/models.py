"""Jurisdictions, bureaus, enterprises, mines, places."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.synced import Synced


class MineKind(StrEnum):
    UNDERGROUND = "underground"  # 地下矿山
    OPEN_PIT = "open_pit"  # 露天矿山
    TAILINGS = "tailings"  # 尾矿库


class Jurisdiction(Base):
    """A city or county. parameters: its dated limits (`levels_at_once`, …), never constants in code."""

    __tablename__ = "jurisdiction"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("jurisdiction.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Bureau(Synced, Base):
    """An authority that inspects. abbr: as in document numbers. remedies: whom a party may turn to (dated data)."""

    __tablename__ = "bureau"
    collection = "bureau"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    abbr: Mapped[str]
    jurisdiction_id: Mapped[UUID] = mapped_column(ForeignKey("jurisdiction.id"))
    remedies: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def home(self) -> str:
        return f"bureau:{self.id}"

    def row(self) -> dict[str, Any]:
        return {"name": self.name, "abbr": self.abbr, "remedies": self.remedies}


class Enterprise(Base):
    __tablename__ = "enterprise"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"))


class Mine(Synced, Base):
    """parameters: the mine's design values that limits refer to (`site_ref`), e.g. {"cage_rated": 18}.

    shifts: when its shifts begin, local: [{"name": "早班", "hour": 8, "hours": 8}]; none for a mine that stands still.
    """

    __tablename__ = "mine"
    collection = "mine"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    jurisdiction_id: Mapped[UUID] = mapped_column(ForeignKey("jurisdiction.id"))
    address: Mapped[str]
    legal_person: Mapped[str]
    legal_person_position: Mapped[str]
    phone: Mapped[str]
    dispatch_phone: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shifts: Mapped[list[Any]] = mapped_column(default=list)

    def home(self) -> str:
        return f"mine:{self.id}"

    def row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "address": self.address,
            "legal_person": self.legal_person,
            "legal_person_position": self.legal_person_position,
            "phone": self.phone,
            "dispatch_phone": self.dispatch_phone,
            "parameters": self.parameters,
        }


class Place(Synced, Base):
    """A checkpoint in a mine. code: what its QR or NFC tag says. phones_banned: near blasting no photo is asked.

    latitude, longitude: degrees (WGS 84), where it lies under the open sky.
    """

    __tablename__ = "place"
    collection = "place"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    phones_banned: Mapped[bool] = mapped_column(default=False)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    @property
    def zones(self) -> tuple[str, ...]:
        """As `evidence.not_in` of a list names them. The phone finds the same: pwa/src/field/lists/zones.ts."""
        return ("blasting",) if self.phones_banned else ()

    def home(self) -> str:
        return f"mine:{self.mine_id}"

    def row(self) -> dict[str, Any]:
        return {
            "mine": str(self.mine_id),
            "name": self.name,
            "code": self.code,
            "phones_banned": self.phones_banned,
        }
