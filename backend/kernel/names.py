"""What a row refers to, by id and name: plain values, because answers are written after their session has ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session


class Named(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


Ref = dict[str, Any]


def ref(row: Named) -> Ref:
    return {"id": row.id, "name": row.name}


def names(session: Session, model: type[Any], ids: Collection[UUID]) -> dict[UUID, Ref]:
    """The refs of several rows at once, by id."""
    found = session.execute(select(model.id, model.name).where(model.id.in_(set(ids))))
    return {key: {"id": key, "name": name} for key, name in found}
