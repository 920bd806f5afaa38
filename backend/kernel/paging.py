"""Pages of a long list by key, not by number: what is added meanwhile neither repeats a row nor hides one."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.kernel.problems import INVALID, FieldError

Row = TypeVar("Row")


class Page(NamedTuple, Generic[Row]):
    """next: what to ask with for the rows after these; None at the end."""

    items: list[Row]
    next: str | None


def newest_first(
    session: Session,
    query: Select[Row],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    cursor: str | None,
    limit: int,
) -> Page[Row]:
    """The rows of `query` after `cursor`, newest first; `key` parts those of one moment. Raises INVALID (422)."""
    if cursor is not None:
        moment, last = read(cursor)
        query = query.where(or_(at < moment, and_(at == moment, key < last)))
    found = list(session.scalars(query.order_by(at.desc(), key.desc()).limit(limit + 1)))
    rows = found[:limit]
    more = len(found) > limit
    return Page(rows, write(_value(rows[-1], at), _value(rows[-1], key)) if more else None)


def _value(row: Any, column: InstrumentedAttribute[Any]) -> Any:
    return getattr(row, column.key)


def write(at: datetime, key: UUID) -> str:
    """A cursor that stands behind this row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{key.hex}".encode()).decode()


def read(cursor: str) -> tuple[datetime, UUID]:
    """The row behind which a cursor stands. Raises INVALID (422)."""
    try:
        at, _, key = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(key)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise INVALID(
            errors=[FieldError("/cursor", "请从第一页重新开始。", "Start from the first page.")]
        ) from error
