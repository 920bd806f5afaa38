"""Worlds on SQLite and on PostgreSQL, each test on both."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from sync import tables
from tests.databases import postgres_url
from tests.sync import host
from tests.sync.world import World

METADATA = (tables.metadata, host.metadata)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Engine]:
    """A schema of our own, whoever else tests on this server, emptied before each world."""
    schema = f"sync_{uuid4().hex}"
    engine = create_engine(postgres_url(), connect_args={"options": f"-c search_path={schema}"}, pool_size=20)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    for metadata in METADATA:
        metadata.create_all(engine)
    yield engine
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[host.Database]:
    """An empty database with the engine's tables and the small host's."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'sync.db'}", connect_args={"check_same_thread": False})
        opened = host.Database(engine)
        for metadata in METADATA:
            metadata.create_all(engine)
        yield opened
        engine.dispose()
    else:
        engine = request.getfixturevalue("postgresql")
        names = ", ".join(table.name for metadata in METADATA for table in metadata.sorted_tables)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names}"))
        yield host.Database(engine)


@pytest.fixture
def world(database: host.Database) -> World:
    return World(database)
