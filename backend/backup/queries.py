"""How it stands with the backups, for who answers for the server: what there is, what is wrong, how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, make_url, select
from sqlalchemy.orm import Session

from backend.backup import folder as folders
from backend.backup import problems
from backend.backup.models import Durable
from backend.backup.operations import FAILED, VERIFIED, last
from backend.config import Config, setting
from backend.kernel import policy
from backend.kernel.audit import AuditRow
from backend.kernel.clock import ZONE
from backend.kernel.db import now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import Refusal
from sync import tables
from sync.clock import to_ms

WATCH = policy.allow("server.watch", {Role.SYSTEM_ADMINISTRATOR})
TOO_OLD = timedelta(hours=26)  # a night, and two hours for the machine to be restarted in

DiskOf = Callable[[Path], int]


def disk_of(path: Path) -> int:
    """The number of the disk on which a path lies, or would lie. Two partitions of one disk have two."""
    return next(place for place in (path, *path.absolute().parents) if place.exists()).stat().st_dev


def set_up(config: Config, disk_of: DiskOf = disk_of) -> Iterator[Refusal]:
    """What is wrong with where backups go, as far as the settings tell."""
    if config.backup_dir is None:
        yield problems.NONE()
    else:
        yield from on_same_disk(config, config.backup_dir, disk_of)


def on_same_disk(config: Config, target: Path, disk_of: DiskOf = disk_of) -> Iterator[Refusal]:
    """A backup beside what it is to save: said, not refused, because it is better than none."""
    where = make_url(config.database_url)
    kept = [config.data_dir]
    if where.get_backend_name() == "sqlite":
        kept.append(Path(str(where.database)))
    if disk_of(target) in map(disk_of, kept):
        yield problems.SAME_DISK(where=target)


def troubles(session: Session, config: Config, disk_of: DiskOf = disk_of) -> list[dict[str, str]]:
    """Everything that somebody must do something about, as code, zh and en. None: all is well."""
    found = [problems.words(refusal) for refusal in set_up(config, disk_of)]
    good, bad = last(session, VERIFIED), last(session, FAILED)
    if bad is not None and (good is None or bad.seq > good.seq):
        found.append({name: bad.data[name] for name in ("code", "zh", "en")})
    if good is not None:
        found += [problems.words(refusal) for refusal in _of_the_last(session, good)]
    elif config.backup_dir is not None:
        found.append(problems.words(problems.NOT_YET()))
    return found


def overview(session: Session, actor: Actor, config: Config) -> dict[str, Any]:
    """What `troubles` says, and all that there is. Raises DENIED (403)."""
    policy.require(actor, WATCH, {"all"})
    good, bad = last(session, VERIFIED), last(session, FAILED)
    sent, told = _phones(session, before=now(session))
    return {
        "problems": troubles(session, config),
        "setting": setting("backup_dir"),
        "folder": config.backup_dir and str(config.backup_dir),
        "last": good and _verified(good),
        "failed": bad and {"at": bad.at, "zh": bad.data["zh"], "en": bad.data["en"]},
        "phones": sent,
        "told": told,
        **(_folder(config.backup_dir) if config.backup_dir else {"kept": [], "free": None}),
    }


def _of_the_last(session: Session, good: AuditRow) -> Iterator[Refusal]:
    if now(session) - good.at > TOO_OLD:
        yield problems.TOO_OLD(when=f"{good.at.astimezone(ZONE):%Y-%m-%d %H:%M}")
    if good.data["lost"]:
        yield problems.OBJECTS_LOST(count=good.data["lost"], first=good.data.get("first_lost") or "-")
    sent, _ = _phones(session, before=good.at)
    if sent and session.scalar(select(Durable.device).limit(1)) is None:
        yield problems.NO_WATERMARK()


def _phones(session: Session, before: datetime) -> tuple[int, int]:
    """How many enrolments had sent anything by then, and how many of these know that some of it is in a backup."""
    device, mutation = tables.device, tables.mutation
    first = exists().where(mutation.c.device == device.c.device, mutation.c.seq == 1)
    sent = select(device.c.device).where(first.where(mutation.c.received_ms < to_ms(before)))
    told = select(func.count()).where(Durable.device.in_(sent), Durable.seq > 0)
    return session.scalar(select(func.count()).select_from(sent.subquery())) or 0, session.scalar(told) or 0


def _verified(row: AuditRow) -> dict[str, Any]:
    """size, folder: null for one that an earlier version of the program made."""
    return {
        "at": row.at,
        "name": row.entity.removeprefix("backup:"),
        "folder": row.data.get("folder"),
        "size": row.data.get("bytes"),
        "rows": row.data["rows"],
        "lost": row.data["lost"],
    }


def _folder(folder: Path) -> dict[str, Any]:
    """kept: null when the folder cannot be looked into, as when its disk is not there."""
    try:
        kept = [_kept(backup) for backup in folders.backups(folder)] if folder.is_dir() else None
        return {"kept": kept, "free": shutil.disk_usage(folder).free if folder.is_dir() else None}
    except OSError:
        return {"kept": None, "free": None}


def _kept(backup: Path) -> dict[str, Any]:
    """rows: null when its manifest can no longer be read."""
    try:
        rows = sum(folders.read(backup).rows.values())
    except Refusal:
        rows = None
    return {
        "name": backup.name,
        "at": folders.made_at(backup),
        "size": folders.own_size(backup),
        "rows": rows,
    }
