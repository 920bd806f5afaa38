"""Backups are made while the server runs, read back, and only then counted; old ones go by a table of dates."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from obstore.exceptions import BaseError
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.backup import folder as folders
from backend.backup import problems, snapshot
from backend.backup.folder import (
    DATABASE,
    OBJECTS,
    SECRETS,
    UNFINISHED,
    backups,
    made_at,
    object_names,
    object_path,
)
from backend.backup.models import Durable
from backend.config import Config
from backend.kernel import audit, jobs
from backend.kernel.audit import AuditRow
from backend.kernel.blobs import Blobs, digest
from backend.kernel.clock import ZONE, local_day
from backend.kernel.db import Database, now
from backend.kernel.jobs import Handler, Write
from backend.kernel.problems import Refusal

KIND = "backup.make"
VERIFIED, FAILED = "backup.verified", "backup.failed"
AT_NIGHT = 2  # o'clock at the mines, between two shifts
AGAIN = timedelta(hours=1)  # after one that failed


class Keep(NamedTuple):
    """For how long the last backup of every such period stays."""

    span: timedelta
    period: Callable[[date], Any]


KEEP = (
    Keep(timedelta(days=8), lambda day: day),
    Keep(timedelta(weeks=5), lambda day: day.isocalendar()[:2]),
    Keep(timedelta(days=400), lambda day: (day.year, day.month)),
)


class Made(NamedTuple):
    """A verified backup. watermark: by device, how far all of its work and its photos are in it.

    size: bytes of all that it needs, also of objects that older ones have too.
    """

    path: Path
    manifest: folders.Manifest
    watermark: dict[str, int]
    size: int


def make(config: Config, database: Database, blobs: Blobs, target: Path) -> Made:
    """Write a backup to `target`, read it back, and prune what the table of dates lets go.

    Under an unfinished name until it is proven: a folder with a date for a name is a backup that was read back whole.
    Raises BUSY, NO_ROOM, NOT_READ, DAMAGED; then nothing is left of it, and the others stand.
    """
    made = database.clock.now()
    with _alone(target), _plain_words(target):
        _sweep(target)
        unfinished = target / f"{UNFINISHED}{made:{folders.STAMP}}"
        backup = target / f"{made:{folders.STAMP}}"
        try:
            _write(config, blobs, unfinished, made)
            manifest = folders.verify(unfinished)
            unfinished.rename(backup)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        folders.sync(target)
        prune(target, made)
        return Made(backup, manifest, {} if manifest.lost else _watermark(backup), folders.size(backup))


def record(session: Session, made: Made) -> None:
    """Tell the phones how far their work is safe. With objects lost, they keep theirs: perhaps they are the last."""
    known = {row.device: row.seq for row in session.scalars(select(Durable))}
    moved = [
        {"device": device, "seq": seq} for device, seq in made.watermark.items() if known.get(device) != seq
    ]
    if moved:
        session.execute(delete(Durable).where(Durable.device.in_([row["device"] for row in moved])))
        session.execute(insert(Durable), moved)
    told = {"rows": sum(made.manifest.rows.values()), "bytes": made.size, "folder": str(made.path.parent)}
    lost = {"lost": len(made.manifest.lost), "first_lost": next(iter(made.manifest.lost), None)}
    audit.note(session, "backup", VERIFIED, f"backup:{made.path.name}", **told, **lost)


def durable(session: Session, device: str) -> int:
    """The highest seq of a device that is in a verified backup; 0 when none is."""
    return session.scalar(select(Durable.seq).where(Durable.device == device)) or 0


def last(session: Session, act: str) -> AuditRow | None:
    """When that was said of a backup last: VERIFIED or FAILED."""
    return session.scalar(select(AuditRow).where(AuditRow.act == act).order_by(AuditRow.seq.desc()).limit(1))


def prune(target: Path, at: datetime) -> None:
    """Drop the backups that no line of KEEP holds, and the objects that only they had. The newest always stays."""
    kept = set(backups(target)[:1])
    for keep in KEEP:
        newest: dict[Any, Path] = {}
        for backup in backups(target):
            if at - made_at(backup) <= keep.span:
                newest.setdefault(keep.period(local_day(made_at(backup))), backup)
        kept |= set(newest.values())
    dropped = set(backups(target)) - kept
    for backup in dropped:
        # Renamed first: what is half deleted must not look like a backup.
        gone = backup.with_name(f"{UNFINISHED}{backup.name}")
        backup.rename(gone)
        shutil.rmtree(gone)
    if dropped:
        _drop_objects(target)


def handlers(config: Config, blobs: Blobs) -> dict[str, Handler]:
    """The jobs of this concept, for the worker."""
    return {KIND: lambda database, _args: _make_and_wait(config, database, blobs)}


def _make_and_wait(config: Config, database: Database, blobs: Blobs) -> Write:
    """The job that keeps itself going: a backup every night, and an hour later when one could not be made."""
    if config.backup_dir is None:
        return lambda _session: None
    with database.reading() as session:
        made = last(session, VERIFIED)
        if made is not None and _next_night(made.at) > now(session):  # asked for at every start of a worker
            due = _next_night(made.at)
            return lambda session: _ask(session, due)
    try:
        fresh = make(config, database, blobs, config.backup_dir)
    except Refusal as refusal:
        if refusal.problem is problems.BUSY:  # whoever is at it comes back himself
            return lambda _session: None
        words = problems.words(refusal)

        def failed(session: Session) -> None:
            audit.note(session, "backup", FAILED, "backup", **words)
            _ask(session, now(session) + AGAIN)

        return failed

    def verified(session: Session) -> None:
        record(session, fresh)
        _ask(session, _next_night(now(session)))

    return verified


def _ask(session: Session, when: datetime) -> None:
    jobs.at(session, when, KIND, key=KIND)


def _next_night(after: datetime) -> datetime:
    local = after.astimezone(ZONE)
    tonight = local.replace(hour=AT_NIGHT, minute=0, second=0, microsecond=0)
    return tonight if tonight > local else tonight + timedelta(days=1)


def _write(config: Config, blobs: Blobs, unfinished: Path, made: datetime) -> None:
    unfinished.mkdir(mode=0o700)
    snapshot.take(config.database_url, unfinished / DATABASE)
    folders.sync(unfinished / DATABASE)
    for secret in (config.data_dir / SECRETS).glob("[!.]*"):
        folders.write(unfinished / SECRETS / secret.name, secret.read_bytes())
    with closing(sqlite3.connect(unfinished / DATABASE)) as database:
        wanted = object_names(database)
    # The rows first, then their objects: an object is there before the row that speaks of it.
    lost = [name for name in sorted(wanted) if not _copy_object(blobs, unfinished.parent, name)]
    folders.describe(unfinished, made, lost).write(unfinished)


def _copy_object(blobs: Blobs, target: Path, name: str) -> bool:
    """Copy what is not there yet; whether it is there now."""
    path = object_path(target, name)
    if path.exists() and digest(path.read_bytes()) == name:
        return True
    data = blobs.get(name)
    if data is None or digest(data) != name:
        return False
    folders.write(path, data)
    return True


def _drop_objects(target: Path) -> None:
    needed: set[str] = set()
    for backup in backups(target):
        with closing(sqlite3.connect(f"file:{backup / DATABASE}?mode=ro", uri=True)) as database:
            needed |= object_names(database)
    for path in (target / OBJECTS).glob("*/*"):
        if f"sha256:{path.name}" not in needed:
            path.unlink()


def _watermark(backup: Path) -> dict[str, int]:
    """By device: below the first mutation that refers to a file which is not here."""
    with closing(sqlite3.connect(f"file:{backup / DATABASE}?mode=ro", uri=True)) as database:
        marks: dict[str, int] = dict(database.execute("SELECT device, last_seq FROM sync_device"))
        due = database.execute(
            "SELECT device, blob FROM sync_blob_due WHERE blob NOT IN (SELECT sha FROM blob) ORDER BY device"
        ).fetchall()
        for device, blob in due:
            bodies = database.execute(
                "SELECT seq, body FROM sync_mutation WHERE device = ? AND seq <= ? AND body IS NOT NULL",
                (device, marks[device]),
            )
            waiting = [seq for seq, body in bodies if blob in (json.loads(body).get("blobs") or [])]
            marks[device] = min([marks[device], *(seq - 1 for seq in waiting)])
    return marks


def _sweep(target: Path) -> None:
    """What a killed backup left: nobody else is at it, so it is nobody's."""
    for path in target.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path)
    for path in target.glob(f"{OBJECTS}/*/{UNFINISHED}*"):
        path.unlink()


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One process at a time writes to a folder; the lock goes with the process. Raises BUSY, NO_ROOM."""
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (target / ".lock").open("w")
    except OSError as error:
        raise problems.NO_ROOM(where=target, why=error.strerror or error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise problems.BUSY(where=target) from error
        yield


@contextmanager
def _plain_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise problems.NO_ROOM(where=target, why=error.strerror or error) from error
    except sqlite3.OperationalError as error:
        full = (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        raise (problems.NO_ROOM(where=target, why=error) if full else problems.NOT_READ(why=error)) from error
    except (sqlite3.Error, psycopg.Error, SQLAlchemyError, BaseError) as error:
        raise problems.NOT_READ(why=str(error).splitlines()[0]) from error
    except Refusal as refusal:
        if refusal.problem is not problems.DAMAGED:
            raise
        raise problems.NOT_READ(why=refusal.params["what"]) from refusal
