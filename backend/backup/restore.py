"""Restoring: all of a verified backup, or nothing; in a new epoch, so that the phones send again what it lacks."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from obstore.exceptions import BaseError
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from backend.app import Store, open_store
from backend.backup import folder as folders
from backend.backup import numbers, problems, snapshot
from backend.backup.folder import DATABASE, MANIFEST, SECRETS, Manifest
from backend.config import Config
from backend.kernel import audit
from backend.kernel.blobs import Blobs
from backend.kernel.clock import Clock
from backend.kernel.db import now
from backend.uploads.models import Upload
from sync.engine import begin_epoch


def restore(config: Config, source: Path, *, force: bool = False, clock: Clock | None = None) -> Manifest:
    """Put a backup in the place of what this installation has. source: a backup, or the folder of them: the newest.

    Objects first (they harm nobody), then the database in one transaction, then the installation's secrets.
    Raises NOT_FOUND, DAMAGED, NEWER, NOT_EMPTY, NO_ROOM; then everything is as it was.
    """
    backup = _chosen(source)
    manifest = folders.verify(backup)
    if not force and not snapshot.is_empty(config.database_url):
        raise problems.NOT_EMPTY()
    with _plain_words(config.data_dir), _workshop(config.data_dir) as workshop:
        file = _prepared(backup, manifest, workshop, clock)
        _put_objects(backup, Blobs(config.object_store_url))
        snapshot.put(file, config.database_url)
        for secret in (workshop / SECRETS).iterdir():
            secret.replace(config.data_dir / SECRETS / secret.name)
    return manifest


def _chosen(source: Path) -> Path:
    if (source / MANIFEST).exists() or (source / DATABASE).exists():
        return source
    found = folders.backups(source)
    if not found:
        raise problems.NOT_FOUND(where=source)
    return found[0]


@contextmanager
def _workshop(data_dir: Path) -> Iterator[Path]:
    """A place on the same disk, so that moving things into place is one step."""
    (data_dir / SECRETS).mkdir(parents=True, exist_ok=True, mode=0o700)
    path = Path(tempfile.mkdtemp(prefix=folders.UNFINISHED, dir=data_dir))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def _prepared(backup: Path, manifest: Manifest, workshop: Path, clock: Clock | None) -> Path:
    """The backup's database, of this program's schema, begun anew: the file that will be put into place."""
    file = workshop / DATABASE
    shutil.copy(backup / DATABASE, file)
    shutil.copytree(backup / SECRETS, workshop / SECRETS)
    url = f"sqlite:///{file}"
    snapshot.migrate(url)
    store = open_store(Config(data_dir=workshop, database_url=url, object_store_url=workshop.as_uri()), clock)
    try:
        _begin_anew(store, backup, datetime.fromisoformat(manifest.made_at))
    finally:
        store.database.dispose()
    return file


def _begin_anew(store: Store, backup: Path, made: datetime) -> None:
    with store.database.writing() as session:
        # After a lost disk nobody knows how often this was restored before: minutes never come twice.
        epoch = begin_epoch(session, at_least=int(now(session).timestamp() // 60))
        numbers.skip(session, made)
        session.execute(delete(Upload).where(Upload.ended_at.is_(None)))  # their parts are not in backups
        audit.note(session, "cli", "backup.restored", f"backup:{backup.name}", epoch=epoch)


def _put_objects(backup: Path, blobs: Blobs) -> None:
    with snapshot.sqlite(backup / DATABASE) as database:
        names = folders.object_names(database)
    for name in sorted(names):
        path = folders.object_path(backup.parent, name)
        if path.exists():  # those that the manifest calls lost were lost before
            blobs.put(path.read_bytes())


@contextmanager
def _plain_words(where: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, SQLAlchemyError, psycopg.Error, BaseError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise problems.NO_ROOM(where=where, why=why) from error
