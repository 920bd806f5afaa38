"""The whole database as one SQLite file, whichever database it is: one form of backup, which a county's can be restored
from into a province's PostgreSQL, and which can be read in thirty years without this program.

Values are copied as the databases keep them, column by column, so that a schema older than this program's can be too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, make_url
from sqlalchemy.engine import URL

from backend.kernel.db import make_engine

BATCH = 5000
REVISIONS = "alembic_version"
PEOPLE = "user_account"
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def take(url: str, file: Path) -> None:
    """Write what the database holds at one moment to a new SQLite file, while others go on reading and writing."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        with sqlite(Path(str(where.database))) as source, sqlite(file) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        return
    with psycopg.connect(_postgres(where)) as source:
        source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        source.read_only = True
        revision = source.execute(sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(REVISIONS)))
        migrate(f"sqlite:///{file}", str((revision.fetchone() or ("base",))[0]))
        with sqlite(file) as target:
            target.execute("PRAGMA journal_mode=DELETE")
            for table in tables(target):
                _fetch(source, target, table)
            target.commit()


def put(file: Path, url: str) -> None:
    """Make the database hold what the file does, and nothing else, in one transaction."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        path = Path(str(where.database))
        _set_aside_unreadable(path)
        with sqlite(file) as source, sqlite(path) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
        return
    engine = make_engine(url)
    try:
        with sqlite(file) as source, engine.begin() as connection:
            _put_postgres(source, connection)
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether nobody has an account in it: a new database, migrated or not. One that cannot be read is not empty."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        path = Path(str(where.database))
        if not path.exists():
            return True
        try:
            with sqlite(path) as database:
                return counts(database).get(PEOPLE, 0) == 0
        except sqlite3.DatabaseError:
            return False
    with psycopg.connect(_postgres(where)) as connection:
        if connection.execute("SELECT to_regclass(%s)", [PEOPLE]).fetchone() == (None,):
            return True
        people = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(PEOPLE)))
        return people.fetchone() == (0,)


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, as `kuangjian migrate` does."""
    engine = make_engine(url)
    with engine.begin() as connection:
        _upgrade(connection, revision)
    engine.dispose()


def known(revision: str) -> bool:
    """Whether this program has the migrations up to a revision."""
    scripts = ScriptDirectory.from_config(_alembic())
    return revision in {script.revision for script in scripts.walk_revisions()}


def revision_of(database: sqlite3.Connection) -> str:
    return str(database.execute(f"SELECT version_num FROM {REVISIONS}").fetchone()[0])  # noqa: S608 - a constant


def tables(database: sqlite3.Connection) -> list[str]:
    """Every table but the one that keeps the revision, by name."""
    rows = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(name for (name,) in rows if name != REVISIONS)


def counts(database: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - from sqlite_master
        for table in tables(database)
    }


@contextmanager
def sqlite(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        yield connection


def _postgres(where: URL) -> str:
    return where.set(drivername="postgresql").render_as_string(hide_password=False)


def _fetch(source: psycopg.Connection[Any], target: sqlite3.Connection, table: str) -> None:
    columns = [(name, kind) for _, name, kind, *_ in target.execute(f'PRAGMA table_info("{table}")')]
    # JSON as text: a null inside it and no value at all would otherwise come out alike.
    wanted = [
        sql.SQL("{}::text" if kind == "JSON" else "{}").format(sql.Identifier(name)) for name, kind in columns
    ]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    marks = ", ".join("?" * len(columns))
    target.execute(f'DELETE FROM "{table}"')  # noqa: S608 - what a migration put there; names are from sqlite_master
    with source.cursor(name="rows") as cursor:
        cursor.itersize = BATCH
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(wanted), sql.Identifier(table)))
        while rows := cursor.fetchmany(BATCH):
            target.executemany(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - as above
                [[_kept(value) for value in row] for row in rows],
            )


def _kept(value: Any) -> Any:
    """A value of PostgreSQL as SQLAlchemy keeps it in SQLite."""
    match value:
        case UUID():
            return value.hex
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
        case date():
            return value.isoformat()
        case _:
            return value


def _put_postgres(source: sqlite3.Connection, connection: Connection) -> None:
    run = connection.exec_driver_sql
    run("SET LOCAL TimeZone = 'UTC'")  # in which SQLite's times are kept
    there = (
        run("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()")
        .scalars()
        .all()
    )
    if there:
        run(f"DROP TABLE {', '.join(there)} CASCADE")
    _upgrade(connection, revision_of(source))
    rows = counts(source)
    run("TRUNCATE " + ", ".join(f'"{table}"' for table in rows))
    # Rows may refer to rows that come after them; all must be there at the end.
    links = run(
        "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    ).all()
    for table, link in links:
        run(f"ALTER TABLE {table} ALTER CONSTRAINT {link} DEFERRABLE INITIALLY DEFERRED")
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("PostgreSQL is spoken to through psycopg")
    for table, count in rows.items():
        _copy(source, driver, table)
        if run(f'SELECT count(*) FROM "{table}"').scalar_one() != count:  # noqa: S608 - from sqlite_master
            raise RuntimeError(f"{table} did not arrive whole")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table, link in links:
        run(f"ALTER TABLE {table} ALTER CONSTRAINT {link} NOT DEFERRABLE")
    _set_sequences(connection)


def _copy(source: sqlite3.Connection, target: psycopg.Connection[Any], table: str) -> None:
    columns = [name for _, name, *_ in source.execute(f'PRAGMA table_info("{table}")')]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with target.cursor() as cursor, cursor.copy(into) as copy:
        for row in source.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - from sqlite_master
            copy.write_row(row)


def _set_sequences(connection: Connection) -> None:
    run = connection.exec_driver_sql
    numbered = run(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND (column_default LIKE 'nextval(%%' OR is_identity = 'YES')"
    ).all()
    for table, column in numbered:
        run(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), "  # noqa: S608 - from the catalogue
            f'(SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"), false)'
        )


def _set_aside_unreadable(path: Path) -> None:
    """A file that is no database any more is kept under another name; nothing is deleted that somebody may yet mend."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    try:
        with sqlite(path) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(path.with_name(f"{path.name}.damaged-{stamp}{suffix}"))


def _upgrade(connection: Connection, revision: str) -> None:
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
