"""Alembic's entry: the tables of every concept and of the sync engine, on whichever database is configured."""

from __future__ import annotations

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from backend.config import Config
from backend.kernel.db import Json, Moment, make_engine
from backend.tables import metadata


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write our column types as plain ones, so that an old migration needs none of today's code."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Json:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _run(connection: Connection) -> None:
    # SQLite cannot alter a column in place: batch mode makes a new table and copies.
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_render,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with make_engine(Config.from_env(os.environ).database_url).connect() as connection:
        _run(connection)
        connection.commit()
