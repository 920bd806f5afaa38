"""How far a verified backup has the work of each phone."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base


class Durable(Base):
    """device: an enrolment of a phone.  seq: all of its work up to here, photos too, is in a verified backup."""

    __tablename__ = "backup_durable"

    device: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
