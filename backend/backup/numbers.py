"""Document numbers after a restore: every one that may have left the server since the backup is skipped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.documents.render import kinds
from backend.enforcement import operations as enforcement
from backend.enforcement.models import NumberBlock, NumberCounter
from backend.kernel import audit
from backend.kernel.clock import local_day
from backend.kernel.db import now
from backend.sites.models import Bureau

BLOCKS_A_DAY = 2  # that an officer is given of one kind at the very most: that is a dozen papers and more


def skip(session: Session, made: datetime) -> None:
    """made: of the backup.

    What a phone still holds of a block may have been printed since, so all blocks are closed; papers from them are
    taken when they arrive. New blocks begin beyond all that may have been given since, in each year since.
    """
    blocks = session.scalars(select(NumberBlock).where(NumberBlock.next <= NumberBlock.last)).all()
    for block in blocks:
        block.next = block.last + 1
    officers = {bureau: _officers(session, bureau.id) for bureau in session.scalars(select(Bureau))}
    first_day, today = local_day(made), local_day(now(session))
    days = (today - first_day).days + 1
    for bureau, holders in officers.items():
        jump = enforcement.BLOCK_SIZE * BLOCKS_A_DAY * days * max(1, len(holders))
        for kind in kinds():
            for year in range(first_day.year, today.year + 1):
                _advance(session, bureau.id, kind, year, jump)
    session.flush()
    for block in blocks:
        officer, bureau = session.get_one(User, block.user_id), session.get_one(Bureau, block.bureau_id)
        if block.kind in kinds():
            enforcement.top_up(session, officer, bureau, kinds()[block.kind])
            session.flush()


def _officers(session: Session, bureau_id: UUID) -> set[UUID]:
    return set(session.scalars(select(NumberBlock.user_id).where(NumberBlock.bureau_id == bureau_id)))


def _advance(session: Session, bureau_id: UUID, kind: str, year: int, jump: int) -> None:
    counter = session.get(NumberCounter, (bureau_id, kind, year))
    if counter is None:
        counter = NumberCounter(bureau_id=bureau_id, kind=kind, year=year, last=0)
        session.add(counter)
    skipped = {"kind": kind, "year": year, "first": counter.last + 1, "last": counter.last + jump}
    counter.last += jump
    audit.note(session, "cli", "number.skipped", f"bureau:{bureau_id}", **skipped)
