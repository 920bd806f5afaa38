"""Two ways to the database, `reading()` and `writing()`, the same on SQLite and PostgreSQL.

SQLite runs WAL with synchronous=FULL, and every `writing()` begins IMMEDIATE: with deferred BEGIN, 16 writers saw
51 % "locked", and the audit chain forked 380 times in 1,536; with IMMEDIATE neither happened. Who waits for SQLite asks
again and again, ever more seldom, and whoever comes by chance goes first; so writers stand in a queue of the system's.
At the exit of `writing()` the audit rows are chained and then the sync counter is bumped, in that order, last:
whoever reads past the counter can miss nothing (docs/adr/0004-sync-envelope.md).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    UOWTransaction,
    declared_attr,
    mapped_column,
)
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from backend.kernel.clock import Clock
from backend.kernel.ids import uuid7
from backend.kernel.problems import MOVED_ON, NOT_FOUND


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. A naive one is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


class Versioned:
    """A row that is changed by compare-and-swap: `ver` counts its changes, and a stale write is refused."""

    ver: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.ver}


class Database:
    """flushers: what is written at the very end of a transaction, in order (audit chain, then sync counter)."""

    def __init__(self, url: str, clock: Clock, flushers: tuple[Callable[[Session], None], ...] = ()) -> None:
        self.clock = clock
        self.flushers = flushers
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(begin="IMMEDIATE")
        self._reader = self.engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self._reader, info={"clock": self.clock}, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it is kept, or nothing. Raises MOVED_ON (409) when a row changed meanwhile."""
        with (
            _turn(self.engine),
            Session(self._writer, info={"clock": self.clock, "writing": True}) as session,
        ):
            session.connection()  # BEGIN IMMEDIATE before the first read: what is read is what will be changed
            try:
                yield session
                session.flush()
                for flush in self.flushers:
                    flush(session)
                session.commit()
            except StaleDataError as error:
                raise MOVED_ON() from error

    def dispose(self) -> None:
        self.engine.dispose()


@event.listens_for(Session, "after_flush")
def _keep_written(session: Session, _: UOWTransaction) -> None:
    """Hold on to what a transaction made or changed, until it ends.

    SQLAlchemy knows what to forget at a rolled-back savepoint by weak references: a row that was made or changed, let
    go and read again inside one would outlive it as it was inside, and doing the same again would change nothing.
    """
    session.info.setdefault("held", []).extend((*session.new, *session.dirty))


@event.listens_for(Session, "loaded_as_persistent")
def _keep_read(session: Session, row: object) -> None:
    """Hold on to what a writing transaction read: an exchange asks for the same person, mine and list many times."""
    if session.info.get("writing"):
        session.info.setdefault("held", []).append(row)


@event.listens_for(Session, "after_soft_rollback")
def _read_again(session: Session, ended: SessionTransaction) -> None:
    """What was read inside a savepoint that is rolled back may be of what is no more."""
    if ended.nested:
        session.expire_all()


def make_engine(url: str) -> Engine:
    """hide_parameters: an error is logged with its statement, never with what people wrote or a password's hash."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, hide_parameters=True)
    engine = create_engine(
        url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for one's turn to write, among the threads and processes that have this SQLite file open.

    The lock is of a file beside it: to open and close SQLite's own would drop the locks that SQLite has on it.
    """
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        yield
        return
    file = os.open(f"{name}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)  # and with it the lock; so does a process that is killed


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is in _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def now(session: Session) -> datetime:
    clock: Clock = session.info["clock"]
    return clock.now()


def new_id(session: Session) -> UUID:
    return uuid7(now(session))


Row = TypeVar("Row", bound=Base)


def get(session: Session, model: type[Row], key: UUID | str) -> Row:
    """The row with this key. Raises NOT_FOUND (404)."""
    row = session.get(model, key)
    if row is None:
        raise NOT_FOUND()
    return row
