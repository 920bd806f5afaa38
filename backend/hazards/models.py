"""A hazard and its events. The row is the truth; a test folds the events and must get the row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from backend.kernel.db import Base
from backend.kernel.synced import Synced, wire
from backend.sites import operations as sites


class Hazard(Synced, Base):
    """found_by: `mine` or `officer`.  plan: person, measures, funds (CNY), deadline, contingency (五落实).

    due_at: by when the next step is owed (operations.owed); None where nobody has set a time, and once it is done.
    known_to_mine_at: for what an officer found: when the mine learned of it; before that its home is the visit.
    photos, photos_after: sha256 names.  doers: who did each move last.  steps: how many events there are.
    """

    __tablename__ = "hazard"
    collection = "hazard"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    where: Mapped[str]
    what: Mapped[str]
    severity: Mapped[str] = mapped_column(default="general")
    suspected_major: Mapped[bool] = mapped_column(default=False)
    major_ref: Mapped[str | None]
    basis: Mapped[list[Any]] = mapped_column(default=list)
    told: Mapped[str | None]
    found_by: Mapped[str] = mapped_column(default="mine")
    state: Mapped[str] = mapped_column(index=True)
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    submission_id: Mapped[UUID | None]
    item: Mapped[str | None]
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"), index=True)
    known_to_mine_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    photos: Mapped[list[Any]] = mapped_column(default=list)
    photos_after: Mapped[list[Any]] = mapped_column(default=list)
    doers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    steps: Mapped[int] = mapped_column(default=0)

    events: Mapped[list[HazardEvent]] = relationship(back_populates="hazard", order_by="HazardEvent.n")

    def home(self) -> str:
        hidden = self.visit_id is not None and self.known_to_mine_at is None
        return f"visit:{self.visit_id}" if hidden else f"mine:{self.mine_id}"

    def scopes(self) -> Collection[str]:
        session = object_session(self)
        if session is None:
            raise RuntimeError("a hazard outside a session has no scopes")
        if self.visit_id is not None and self.known_to_mine_at is None:
            return {self.home()}
        return sites.lineage(session, self.mine_id)

    def did(self, act: str) -> UUID | None:
        doer = self.doers.get(act)
        return UUID(doer) if doer else None

    def row(self) -> dict[str, Any]:
        return {
            "mine": str(self.mine_id),
            "place": str(self.place_id) if self.place_id else None,
            "where": self.where,
            "what": self.what,
            "severity": self.severity,
            "suspected_major": self.suspected_major,
            "major_ref": self.major_ref,
            "basis": self.basis,
            "told": self.told,
            "found_by": self.found_by,
            "state": self.state,
            "reporter": str(self.reporter_id),
            "submission": str(self.submission_id) if self.submission_id else None,
            "item": self.item,
            "visit": str(self.visit_id) if self.visit_id else None,
            "reported_at": wire(self.reported_at),
            "plan": self.plan,
            "photos": self.photos,
            "photos_after": self.photos_after,
            "doers": self.doers,
        }


class HazardEvent(Synced, Base):
    """One thing that happened to a hazard, its n-th: who, when by three clocks, where it went, with what evidence."""

    __tablename__ = "hazard_event"
    collection = "hazard_event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hazard_id: Mapped[UUID] = mapped_column(ForeignKey("hazard.id"), index=True)
    n: Mapped[int]
    act: Mapped[str]
    source: Mapped[str | None]
    target: Mapped[str]
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str]
    at_device: Mapped[datetime | None]
    at_corrected: Mapped[datetime]
    at_server: Mapped[datetime]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scope: Mapped[str]

    hazard: Mapped[Hazard] = relationship(back_populates="events")

    def home(self) -> str:
        return self.scope

    def row(self) -> dict[str, Any]:
        return {
            "hazard": str(self.hazard_id),
            "n": self.n,
            "act": self.act,
            "from": self.source,
            "to": self.target,
            "by": str(self.actor_id),
            "by_name": self.actor_name,
            "at_device": wire(self.at_device),
            "at_corrected": wire(self.at_corrected),
            "at_server": wire(self.at_server),
            "evidence": self.evidence,
        }
