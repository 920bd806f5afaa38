"""Work for later: a lease table. A job commits with the change that caused it, and a killed worker loses none.

A worker takes a lease, does the heavy part (a PDF, a thumbnail) outside any transaction, then writes the outcome and
the job's end in one; when it dies, the lease runs out and another worker takes the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, delete, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.kernel.db import Base, Database, new_id, now

LEASE = timedelta(minutes=5)
MOST_TRIES = 8
KEPT = timedelta(days=30)
WAITS = text("ended_at IS NULL")

Args = dict[str, Any]
Write = Callable[[Session], None]
Handler = Callable[[Database, Args], Write]


def only_writing(write: Callable[[Session, Args], None]) -> Handler:
    """A job that has no heavy part."""
    return lambda _database, args: lambda session: write(session, args)


def recurring(kind: str, every: timedelta, write: Callable[[Session], None]) -> Handler:
    """A job that asks for itself again. `keep_going` sees to it that there is one."""

    def run(session: Session) -> None:
        write(session)
        at(session, now(session) + every, kind, key=kind)

    return lambda _database, _args: run


class Job(Base):
    """key: the same job asked for twice while it waits is one job.  failed: why the last try did not work."""

    __tablename__ = "job"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str | None]
    args: Mapped[dict[str, Any]]
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    failed: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_job_due", "run_at", sqlite_where=WAITS, postgresql_where=WAITS),
        Index("uq_job_waiting_key", "key", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
    )


def at(session: Session, when: datetime, kind: str, key: str | None = None, **args: Any) -> None:
    """Ask for `kind` to be run at `when`. With a key, an equal job that still waits is moved instead."""
    waiting = key and session.scalar(select(Job).where(Job.key == key, Job.ended_at.is_(None)))
    if waiting:
        waiting.run_at, waiting.args = when, args
    else:
        session.add(Job(id=new_id(session), kind=kind, key=key, args=args, run_at=when, tries=0))


def soon(session: Session, kind: str, key: str | None = None, **args: Any) -> None:
    at(session, now(session), kind, key, **args)


def keep_going(session: Session, *kinds: str) -> None:
    """See that a job of each of these kinds waits, one only, however many processes start at once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    at = now(session)
    for kind in kinds:
        values = {"id": new_id(session), "kind": kind, "key": kind, "args": {}, "run_at": at, "tries": 0}
        session.execute(insert(Job).values(values).on_conflict_do_nothing())


def forget_old(session: Session) -> None:
    """Drop what was done a month ago; what failed for good stays, to be seen."""
    done = (Job.ended_at < now(session) - KEPT, Job.failed.is_(None))
    session.execute(delete(Job).where(*done))


def run_one(database: Database, handlers: Mapping[str, Handler]) -> str | None:
    """Take one job that is due and do it. Returns what it was, or None when nothing is due.

    A failure is kept on the job and tried again later, eight times; then it stays, ended and failed, to be seen.
    """
    taken = _lease(database)
    if taken is None:
        return None
    job_id, kind, args = taken
    try:
        write = handlers[kind](database, args)
        with database.writing() as session:
            job = session.get_one(Job, job_id)
            # Ended before it writes: a job that asks for itself again is not taken for the one that waits.
            job.ended_at, job.failed = now(session), None
            session.flush()
            write(session)
    except Exception as error:
        _failed(database, job_id, error)
        return f"{kind} failed: {type(error).__name__}: {error}"
    return kind


def _lease(database: Database) -> tuple[UUID, str, dict[str, Any]] | None:
    with database.writing() as session:
        at = now(session)
        job = session.scalar(
            select(Job)
            .where(Job.ended_at.is_(None), Job.run_at <= at)
            .where(or_(Job.leased_until.is_(None), Job.leased_until < at))
            .order_by(Job.run_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        job.leased_until, job.tries = at + LEASE, job.tries + 1
        return job.id, job.kind, job.args


def _failed(database: Database, job_id: UUID, error: Exception) -> None:
    with database.writing() as session:
        job = session.get_one(Job, job_id)
        job.failed = f"{type(error).__name__}: {error}"[:500]
        job.leased_until = None
        if job.tries >= MOST_TRIES:
            job.ended_at = now(session)
        else:
            job.run_at = now(session) + timedelta(seconds=2**job.tries)
