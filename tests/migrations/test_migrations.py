"""Each migration goes up and down, on both databases, and leads to what the models say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from backend.kernel.db import make_engine
from backend.tables import metadata
from tests.databases import migrate


def test_the_migrated_tables_are_those_of_the_models(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []  # type: ignore[arg-type]
    engine.dispose()


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    migrate(database_url, "base")
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT seq, length(hash) FROM audit_head")).one() == (0, 64)
    engine.dispose()
