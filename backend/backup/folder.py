"""A backup as it lies on the second disk, and the proof that it is whole.

<folder>/objects/ab/<sha256>            every file once, shared by all backups
<folder>/20260302T183000Z/manifest.json   what this backup is made of, each part with its SHA-256
                          database.sqlite
                          secrets/…       the keys of this installation: whoever has the backup has them
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from backend.backup import problems, snapshot
from backend.kernel import audit

DATABASE, MANIFEST, OBJECTS, SECRETS = "database.sqlite", "manifest.json", "objects", "secrets"
FORMAT = 1
STAMP = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Manifest:
    """made_at: UTC.  schema: the revision of the database.  files: name → SHA-256, relative to the backup.

    rows: by table.  audit: seq and hash of the chain's end.  objects: SHA-256 over their names, one a line, sorted.
    lost: names of objects that the database speaks of and that were nowhere to be found.
    """

    format: int
    made_at: str
    schema: str
    files: dict[str, str]
    rows: dict[str, int]
    audit: list[Any]
    objects: str
    lost: list[str]

    def write(self, folder: Path) -> None:
        write(folder / MANIFEST, json.dumps(asdict(self), indent=1, sort_keys=True).encode())


def made_at(backup: Path) -> datetime:
    return datetime.strptime(backup.name, STAMP).replace(tzinfo=UTC)


def backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, the newest first."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in found if _is_stamp(path.name) and path.is_dir()), reverse=True)


def describe(backup: Path, made: datetime, lost: list[str]) -> Manifest:
    """The manifest of what lies in a folder now."""
    with closing(sqlite3.connect(backup / DATABASE)) as database:
        names = object_names(database)
        return Manifest(
            format=FORMAT,
            made_at=made.isoformat(),
            schema=snapshot.revision_of(database),
            files={name: _sha256(backup / name) for name in _files(backup)},
            rows=snapshot.counts(database),
            audit=_chain_end(database),
            objects=_list_hash(names - set(lost)),
            lost=lost,
        )


def read(backup: Path) -> Manifest:
    """Raises DAMAGED, NEWER."""
    try:
        manifest = Manifest(**json.loads((backup / MANIFEST).read_bytes()))
    except FileNotFoundError as error:
        raise problems.DAMAGED(name=backup.name, what=f"{MANIFEST} is missing") from error
    except (ValueError, TypeError) as error:
        raise problems.DAMAGED(name=backup.name, what=f"{MANIFEST} cannot be read") from error
    if manifest.format > FORMAT:
        raise problems.NEWER(name=backup.name, revision=f"format {manifest.format}")
    return manifest


def verify(backup: Path) -> Manifest:
    """Read all of a backup back. Raises DAMAGED, saying what is not as it was written; NEWER."""
    manifest = read(backup)
    for what in _flaws(backup, manifest):
        raise problems.DAMAGED(name=backup.name, what=what)
    return manifest


def size(backup: Path) -> int:
    """Bytes of all that it takes to restore it, its objects too; an object that is lost counts nothing."""
    with closing(sqlite3.connect(f"file:{backup / DATABASE}?mode=ro", uri=True)) as database:
        paths = [object_path(backup.parent, name) for name in object_names(database)]
    return own_size(backup) + sum(path.stat().st_size for path in paths if path.exists())


def own_size(backup: Path) -> int:
    """Bytes of what only this backup has: its database, its keys, its manifest."""
    return sum(path.stat().st_size for path in backup.rglob("*") if path.is_file())


def object_names(database: sqlite3.Connection) -> set[str]:
    """Every file that the rows speak of, thumbnails too: `sha256:<hex>`."""
    rows = database.execute(
        "SELECT sha FROM blob UNION SELECT thumbnail FROM blob WHERE thumbnail IS NOT NULL"
    )
    return {name for (name,) in rows}


def object_path(folder: Path, name: str) -> Path:
    value = name.removeprefix("sha256:")
    return folder / OBJECTS / value[:2] / value


def write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole, or not at all, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{UNFINISHED}{path.name}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a file or the names in a folder as durable as the disk is."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _flaws(backup: Path, manifest: Manifest) -> Iterator[str]:
    if DATABASE not in manifest.files:
        yield f"{MANIFEST} names no database"
    for name in sorted(set(manifest.files) ^ set(_files(backup))):
        yield f"{name} is missing" if name in manifest.files else f"{name} does not belong to it"
    for name, expected in manifest.files.items():
        if _sha256(backup / name) != expected:
            yield f"{name} does not match its SHA-256"
    if not snapshot.known(manifest.schema):
        raise problems.NEWER(name=backup.name, revision=manifest.schema)
    with closing(sqlite3.connect(f"file:{backup / DATABASE}?mode=ro", uri=True)) as database:
        yield from _flaws_inside(database, manifest)
        yield from _lost_objects(backup.parent, object_names(database) - set(manifest.lost), manifest)
    engine = create_engine(f"sqlite:///file:{backup / DATABASE}?mode=ro&uri=true")
    with Session(engine) as session:
        yield from audit.check(session)
    engine.dispose()


def _flaws_inside(database: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    for (line,) in database.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"{DATABASE}: {line}"
    if snapshot.revision_of(database) != manifest.schema:
        yield f"{DATABASE} is of another schema than {MANIFEST} says"
    rows = snapshot.counts(database)
    for table in sorted(rows.keys() | manifest.rows.keys()):
        if rows.get(table) != manifest.rows.get(table):
            yield f"{table} has {rows.get(table)} rows, and had {manifest.rows.get(table)}"
    if _chain_end(database) != manifest.audit:
        yield "the audit chain ends elsewhere"


def _lost_objects(folder: Path, names: set[str], manifest: Manifest) -> Iterator[str]:
    if _list_hash(names) != manifest.objects:
        yield f"its files are not those that {MANIFEST} speaks of"
    for name in sorted(names):
        path = object_path(folder, name)
        if not path.exists():
            yield f"file {name} is missing"
        elif f"sha256:{_sha256(path)}" != name:
            yield f"file {name} does not match its name"


def _chain_end(database: sqlite3.Connection) -> list[Any]:
    return list(database.execute("SELECT seq, hash FROM audit_head").fetchone())


def _files(backup: Path) -> list[str]:
    found = (path.relative_to(backup).as_posix() for path in backup.rglob("*") if path.is_file())
    return sorted(name for name in found if name != MANIFEST)


def _list_hash(names: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_stamp(name: str) -> bool:
    try:
        datetime.strptime(name, STAMP)  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return True
