"""A visit and its team. Until it is opened it lives in its own scope, and nobody of the mine can tell that it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.synced import Synced, wire


class Visit(Synced, Base):
    """kind: 四不两直, 双随机, …  team: {user, role, name, certificate_no, certificate_until} of each, the lead first.

    submission_id: the checklist that the team fills together.
    representative: who answered for the mine: name, position, signature, or refusal with reason and witness.
    findings: ids of the hazards that he was told of, whether they have reached the server or not.
    supplements: what was told later, in the order of arrival: {at, by, findings, representative} of each.
    """

    __tablename__ = "visit"
    collection = "visit"
    shape = 2

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    mine_id: Mapped[UUID] = mapped_column(ForeignKey("mine.id"), index=True)
    bureau_id: Mapped[UUID] = mapped_column(ForeignKey("bureau.id"), index=True)
    form: Mapped[str] = mapped_column(ForeignKey("form_version.id"))
    submission_id: Mapped[UUID]
    state: Mapped[str]
    team: Mapped[list[Any]] = mapped_column(default=list)
    purpose: Mapped[str]
    prepared_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    prepared_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    explained_at: Mapped[datetime | None]
    place: Mapped[str | None]
    representative: Mapped[dict[str, Any]] = mapped_column(default=dict)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    supplements: Mapped[list[Any]] = mapped_column(default=list)
    doers: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def home(self) -> str:
        return f"visit:{self.id}"

    def scopes(self) -> Collection[str]:
        return {self.home()}

    def did(self, act: str) -> UUID | None:
        doer = self.doers.get(act)
        return UUID(doer) if doer else None

    def told(self, finding: UUID | str) -> datetime | None:
        """When the mine's representative was told of a hazard; None for one that nobody has told him of."""
        if str(finding) in self.findings:
            return self.explained_at
        times = (later["at"] for later in self.supplements if str(finding) in later["findings"])
        return next(map(datetime.fromisoformat, times), None)

    def row(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "mine": str(self.mine_id),
            "form": self.form,
            "submission": str(self.submission_id),
            "state": self.state,
            "team": self.team,
            "purpose": self.purpose,
            "opened_at": wire(self.opened_at),
            "explained_at": wire(self.explained_at),
            "place": self.place,
            "representative": self.representative,
            "findings": self.findings,
            "supplements": self.supplements,
        }
