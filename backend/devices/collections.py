"""What phones hold, as the sync engine reads it: every Synced model, by its own `home()` and `row()`."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

import backend.tables  # noqa: F401  # declares every model
from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.backup import operations as backup
from backend.devices import mutations
from backend.devices.scopes import visible_scopes
from backend.kernel.clock import Clock
from backend.kernel.synced import COLLECTIONS, Synced
from backend.uploads import operations as uploads
from sync.engine import Engine
from sync.registry import Read, Registry, Row


def registry() -> Registry:
    """The sync engine's view of the program: collections, operations, scopes."""
    made = Registry(scopes=lambda session, user: visible_scopes(session, accounts.actor(session, UUID(user))))
    for name, model in COLLECTIONS.items():
        made.collection(name, shape=model.shape, read=_reader(model))
    mutations.install(made)
    return made


def engine(secret: bytes, clock: Clock) -> Engine:
    """The sync engine as this program uses it."""
    return Engine(
        registry=registry(),
        secret=secret,
        now_ms=lambda: int(clock.now().timestamp() * 1000),
        random=secrets.token_bytes,
        present=_present,
        durable=backup.durable,
        knows=lambda session, user: session.get(User, UUID(user)) is not None,
    )


def _present(session: Session, user: str, names: Collection[str]) -> set[str]:
    person = UUID(user)
    return uploads.present(
        session, person, names, lambda: visible_scopes(session, accounts.actor(session, person))
    )


def _reader(model: type[Synced]) -> Read:
    key: Any = inspect(model).primary_key[0]
    is_uuid = key.type.python_type is UUID

    def read(session: Session, ids: Sequence[str]) -> Mapping[str, Row]:
        wanted = [UUID(value) if is_uuid else value for value in ids]
        rows = [row for id in wanted if (row := _written(session, model, id))]
        known = {row.id for row in rows}
        others = [id for id in wanted if id not in known]
        if others:
            rows += session.scalars(select(model).where(key.in_(others)))
        return {str(row.id): Row(row.home(), row.ver, row.row()) for row in rows}

    return read


def _written(session: Session, model: type[Synced], key: UUID | str) -> Synced | None:
    """The row as this transaction has just written it, which nobody else can have changed since."""
    row = session.identity_map.get(session.identity_key(model, key))
    return row if row is not None and not inspect(row).expired else None
