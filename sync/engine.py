"""What the engine is given from outside, in one value, and how it stands with the database."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from sync import tables
from sync.ids import uuid7
from sync.registry import Registry


@dataclass(frozen=True)
class Engine:
    """secret: 32 bytes, the same for ever and in every backup: server keys are wrapped with it, cursors sealed.

    now_ms: ms since 1970 UTC. random: n random bytes.
    present: of the given blob names, those that have arrived, as far as this user may know.
    durable: the highest seq of a device that is in a verified backup or replica.
    knows: whether there is such a user.
    """

    registry: Registry
    secret: bytes
    now_ms: Callable[[], int]
    random: Callable[[int], bytes]
    present: Callable[[Session, str, Collection[str]], set[str]]
    durable: Callable[[Session, str], int]
    knows: Callable[[Session, str], bool]

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return uuid7(self.now_ms(), self.random(10))


def epoch(session: Session) -> int:
    """The server's epoch: 1 at first, and greater after every restore from a backup."""
    return session.scalar(select(tables.meta.c.epoch)) or 1


def begin_epoch(session: Session, *, at_least: int = 0) -> int:
    """Starts a new epoch, after a restore: phones then send again what this server does not have.

    at_least: beyond what an earlier restore, of which this database knows nothing, may have begun. Below 2^31.
    """
    fresh = max(epoch(session) + 1, at_least)
    statement = insert(session, tables.meta).values(id=1, epoch=fresh)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"epoch": fresh}))
    return fresh


def is_postgresql(session: Session) -> bool:
    """Whether the session speaks to PostgreSQL (else it is SQLite)."""
    return session.get_bind().dialect.name == "postgresql"


def insert(session: Session, table: Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT; both have the same methods for it."""
    return postgresql_insert(table) if is_postgresql(session) else sqlite_insert(table)
