"""Who did what, when: rows chained by hash, written in the same transaction as what they tell of.

Each row's hash covers the row before it, so a row that is changed, dropped or slipped in later breaks the chain
from there on. `check` walks it; `kuangjian verify` prints what it finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import BigInteger, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from backend.kernel.db import Base, now

GENESIS = "0" * 64
WAITING = "audit"
MARKS = "audit_marks"


class AuditRow(Base):
    """entity: `hazard:<id>`.  actor: the user's id, or the job's name.  data: what changed, as JSON."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str] = mapped_column(index=True)
    entity: Mapped[str] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
    hash: Mapped[str]


class AuditHead(Base):
    """The one row that says where the chain ends; holding it is what puts writers in a line."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]


def note(session: Session, actor: UUID | str, act: str, entity: str, **data: Any) -> None:
    """Say what happened; it is chained and kept when the transaction ends. `data` must be JSON."""
    session.info.setdefault(WAITING, []).append((str(actor), act, entity, data))


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(MARKS, {})[transaction] = len(session.info.get(WAITING, []))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What was undone with its savepoint did not happen, and is not chained."""
    mark = session.info.get(MARKS, {}).pop(transaction, None)
    if mark is not None:
        del session.info.get(WAITING, [])[mark:]


def flush(session: Session) -> None:
    """Chain what was noted. The head row is locked until commit, so two writers cannot fork the chain."""
    waiting = session.info.pop(WAITING, [])
    if not waiting:
        return
    head = session.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
    if head is None:
        raise RuntimeError("audit_head is missing: the database was not migrated")
    at = now(session)
    for actor, act, entity, data in waiting:
        head.seq += 1
        head.hash = _link(head.hash, head.seq, at, actor, act, entity, data)
        session.add(
            AuditRow(seq=head.seq, at=at, actor=actor, act=act, entity=entity, data=data, hash=head.hash)
        )
    session.flush()


def check(session: Session) -> Iterator[str]:
    """Walk the whole chain and yield a sentence for everything that is wrong with it."""
    previous, expected = GENESIS, 0
    for row in session.scalars(select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)):
        expected += 1
        if row.seq != expected:
            yield f"audit row {expected} is missing (next is {row.seq})"
            expected = row.seq
        if row.hash != _link(previous, row.seq, row.at, row.actor, row.act, row.entity, row.data):
            yield f"audit row {row.seq} ({row.act} {row.entity}, {row.at:%Y-%m-%d %H:%M}) does not match its hash"
        previous = row.hash
    head = session.get(AuditHead, 1)
    if head is None or (head.seq, head.hash) != (expected, previous):
        yield "the end of the audit chain does not match its head: rows were removed at the end"


def _link(
    previous: str, seq: int, at: datetime, actor: str, act: str, entity: str, data: dict[str, Any]
) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    body: Any = {"seq": seq, "at": moment, "actor": actor, "act": act, "entity": entity, "data": data}
    return hashlib.sha256(previous.encode() + rfc8785.dumps(body)).hexdigest()
