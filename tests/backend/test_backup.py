"""Backups: made while phones work, read back before they count, restored so that nothing done since is lost."""

from __future__ import annotations

import fcntl
import hashlib
import json
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from backend.app import Store, open_store
from backend.backup import operations, snapshot
from backend.backup.folder import DATABASE, MANIFEST, backups, made_at, object_path, verify
from backend.backup.operations import Made
from backend.backup.restore import restore
from backend.cli import main
from backend.config import Config
from backend.enforcement.models import NumberUse
from backend.hazards.models import Hazard
from backend.kernel import audit
from backend.kernel.audit import AuditRow
from backend.kernel.clock import local_day
from backend.kernel.db import new_id
from backend.kernel.problems import Refusal
from backend.uploads import operations as uploads
from backend.uploads.models import Blob
from backend.verify import check
from backend.worker import begin, drain
from tests.backend.phones import Server
from tests.backend.pictures import photo
from tests.backend.test_phones import report
from tests.databases import migrate
from tests.world import World, refused


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "second disk"


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


def back_up(world: World, target: Path) -> Made:
    made = operations.make(world.store.config, world.store.database, world.store.blobs, target)
    with world.store.database.writing() as session:
        operations.record(session, made)
    return made


def put_back(world: World, source: Path, **options: Any) -> None:
    restore(world.store.config, source, clock=world.clock, **options)


def keep_photo(world: World, data: bytes, login: str = "zuanyan") -> str:
    whole = uploads.keep(world.store.blobs, data, "image/jpeg")
    with world.store.database.writing() as session:
        uploads.enter(session, whole, world.user(session, login).id)
    return whole.sha


def test_only_new_files_are_copied_and_a_rotten_one_is_replaced(world: World, target: Path) -> None:
    first = keep_photo(world, photo(1))
    back_up(world, target)
    path = object_path(target, first)
    copied = path.stat().st_mtime_ns
    world.clock.forward(hours=1)
    keep_photo(world, photo(2))
    back_up(world, target)
    assert path.stat().st_mtime_ns == copied
    assert len(list((target / "objects").glob("*/*"))) == 4  # two photos, two thumbnails
    path.write_bytes(b"rotten")
    world.clock.forward(hours=1)
    made = back_up(world, target)
    assert world.store.blobs.get(first) == path.read_bytes()
    assert verify(made.path) == made.manifest


def test_a_file_that_is_lost_stops_neither_the_backup_nor_is_it_hushed_up(world: World, target: Path) -> None:
    sha = keep_photo(world, photo(1))
    value = sha.removeprefix("sha256:")
    (world.store.config.data_dir / "objects" / "sha256" / value[:2] / value).unlink()
    made = back_up(world, target)
    assert made.manifest.lost == [sha]
    assert made.watermark == {}
    run = command(world, "backup", str(target))
    assert run.exit_code == 2
    assert sha in run.output


def test_a_county_moves_to_another_database_by_its_backup(
    world: World, server: Server, target: Path, tmp_path: Path
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    report(phone, next(iter(phone.of("mine"))))
    phone.sync()
    sha = keep_photo(world, photo(3))
    made = back_up(world, target)
    elsewhere = Config.from_env({"KUANGJIAN_DATA_DIR": str(tmp_path / "new machine")})
    restore(elsewhere, made.path, clock=world.clock)
    store = open_store(elsewhere, world.clock)
    assert list(check(store)) == []
    assert store.blobs.get(sha) == world.store.blobs.get(sha)
    for name in ("sync", "jwt", "rate"):
        assert elsewhere.secret(name) == world.store.config.secret(name)
    with store.database.reading() as there, world.reading() as here:
        for model in (Hazard, Blob, NumberUse):
            key = list(model.__table__.primary_key)
            assert there.execute(select(model.__table__).order_by(*key)).all() == (
                here.execute(select(model.__table__).order_by(*key)).all()
            )
    store.database.dispose()


def test_a_restore_into_a_database_that_holds_something_is_refused(world: World, target: Path) -> None:
    made = back_up(world, target)
    with refused("backup.not_empty"):
        put_back(world, made.path)
    run = command(world, "restore", str(target))
    assert run.exit_code == 1
    assert "--force" in run.output


def cut_database(backup: Path) -> None:
    path = backup / DATABASE
    path.write_bytes(path.read_bytes()[:-4096])


def edit_database(backup: Path) -> None:
    with sqlite3.connect(backup / DATABASE) as database:
        database.execute("UPDATE user_account SET name = '别人' WHERE login = 'jiancha1'")


def edit_database_and_its_hash(backup: Path) -> None:
    """Whoever mends the manifest too is found by the audit chain."""
    with sqlite3.connect(backup / DATABASE) as database:
        database.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1")
    database.close()
    text = json.loads((backup / MANIFEST).read_bytes())
    data = (backup / DATABASE).read_bytes()
    text["files"][DATABASE] = hashlib.sha256(data).hexdigest()
    (backup / MANIFEST).write_text(json.dumps(text))


def drop_manifest(backup: Path) -> None:
    (backup / MANIFEST).unlink()


def cut_manifest(backup: Path) -> None:
    (backup / MANIFEST).write_bytes((backup / MANIFEST).read_bytes()[:100])


def drop_secret(backup: Path) -> None:
    (backup / "secrets" / "sync").unlink()


def drop_object(backup: Path) -> None:
    next((backup.parent / "objects").glob("*/*")).unlink()


def edit_object(backup: Path) -> None:
    path = next((backup.parent / "objects").glob("*/*"))
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_database, "database.sqlite does not match"),
        (edit_database, "database.sqlite does not match"),
        (edit_database_and_its_hash, "audit row 1"),
        (drop_manifest, "manifest.json is missing"),
        (cut_manifest, "manifest.json cannot be read"),
        (drop_secret, "secrets/sync is missing"),
        (drop_object, "is missing"),
        (edit_object, "does not match its name"),
    ],
)
def test_a_damaged_backup_restores_nothing_and_says_what_is_wrong(
    world: World, target: Path, spoil: Any, says: str
) -> None:
    keep_photo(world, photo(1))
    made = back_up(world, target)
    mark(world, "after")
    spoil(made.path)
    with pytest.raises(Refusal) as caught:
        put_back(world, made.path, force=True)
    assert caught.value.problem.code == "backup.damaged"
    assert says in caught.value.params["what"]
    assert acts(world)[-1] == "after"


def mark(world: World, act: str) -> None:
    with world.store.database.writing() as session:
        audit.note(session, "test", act, "test")


def acts(world: World) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.seq)))


def test_a_backup_of_a_newer_program_is_refused(world: World, target: Path) -> None:
    made = back_up(world, target)
    text = json.loads((made.path / MANIFEST).read_bytes())
    (made.path / MANIFEST).write_text(json.dumps(text | {"schema": "9999"}))
    with refused("backup.newer"):
        put_back(world, made.path, force=True)
    (made.path / MANIFEST).write_text(json.dumps(text | {"format": 2}))
    with refused("backup.newer"):
        put_back(world, made.path, force=True)


def test_a_backup_of_an_older_schema_is_migrated_up(store: Store, target: Path, tmp_path: Path) -> None:
    for revision in ("base", "0001"):
        migrate(store.config.database_url, revision)
    with store.database.writing() as session:
        session.execute(
            text("INSERT INTO enterprise (id, name) VALUES (:id, '旧版本的企业')"),
            {"id": new_id(session).hex},
        )
        audit.note(session, "test", "before", "test")
    made = operations.make(store.config, store.database, store.blobs, target)
    assert made.manifest.schema == "0001"
    config = Config.from_env({"KUANGJIAN_DATA_DIR": str(tmp_path / "new machine")})
    restore(config, target)
    opened = open_store(config)
    with opened.database.reading() as session:
        assert session.scalars(text("SELECT name FROM enterprise")).all() == ["旧版本的企业"]
        now = session.scalars(text("SELECT version_num FROM alembic_version")).one()
        assert snapshot.known(now)
        assert now != "0001"
    assert list(check(opened)) == []
    opened.database.dispose()


def test_no_folder_of_backups_is_named_as_such(world: World, target: Path) -> None:
    target.mkdir()
    with refused("backup.not_found"):
        put_back(world, target, force=True)


def test_a_disk_that_is_full_in_the_middle_leaves_no_half_backup(
    world: World, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = back_up(world, target)
    size = (good.path / DATABASE).stat().st_size
    world.clock.forward(hours=1)
    with files_no_larger_than(size // 2), refused("backup.no_room"):
        back_up(world, target)
    assert backups(target) == [good.path]
    assert list(target.glob(".unfinished*")) == []
    assert verify(good.path) == good.manifest
    run = command(world, "backup", "/proc/nowhere")
    assert run.exit_code == 1
    assert "/proc/nowhere" in run.output


def test_a_disk_that_is_full_in_the_middle_of_a_restore_leaves_everything_as_it_was(
    world: World, target: Path
) -> None:
    made = back_up(world, target)
    mark(world, "after")
    size = (made.path / DATABASE).stat().st_size
    with files_no_larger_than(size // 2), refused("backup.no_room"):
        put_back(world, made.path, force=True)
    assert acts(world)[-1] == "after"
    assert list(world.store.config.data_dir.glob(".unfinished*")) == []


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The operating system refuses to write past this size, as it does on a full disk, to whoever asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_database_file_that_is_no_database_any_more_is_set_aside_and_replaced(
    tmp_path: Path, world: World, target: Path
) -> None:
    made = back_up(world, target)
    config = Config.from_env({"KUANGJIAN_DATA_DIR": str(tmp_path / "damaged")})
    config.data_dir.mkdir()
    (config.data_dir / "kuangjian.db").write_bytes(b"\0 garbage " * 1000)
    with refused("backup.not_empty"):
        restore(config, made.path, clock=world.clock)
    restore(config, made.path, clock=world.clock, force=True)
    assert not snapshot.is_empty(config.database_url)
    assert len(list(config.data_dir.glob("kuangjian.db.damaged-*"))) == 1


def test_what_is_kept_thins_out_with_age(target: Path) -> None:
    now = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    for hours in range(0, 500 * 24, 12):
        made = target / f"{now - timedelta(hours=hours):%Y%m%dT%H%M%SZ}"
        made.mkdir(parents=True)
        sqlite3.connect(made / DATABASE).execute("CREATE TABLE blob (sha, thumbnail)").connection.close()
    operations.prune(target, now)
    days = [(local_day(now) - local_day(made_at(path))).days for path in backups(target)]
    assert days[:8] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert (
        4 <= len([day for day in days if 8 < day <= 35]) <= 5
    )  # of five weeks, and a month may end there too
    assert 10 <= len([day for day in days if day > 35]) <= 13
    assert max(days) <= 400


def test_the_worker_backs_up_every_night_and_an_hour_after_it_could_not(world: World, target: Path) -> None:
    store = world.store._replace(config=replace(world.store.config, backup_dir=target))
    begin(store)
    begin(store)
    assert drain(store).count("backup.make") == 1
    begin(store)  # the machine is started again in the afternoon
    drain(store)
    assert len(backups(target)) == 1
    world.clock.forward(hours=23)
    assert drain(store).count("backup.make") == 1
    assert len(backups(target)) == 2

    shutil.rmtree(target)
    target.write_text("in the way")
    world.clock.forward(days=1)
    drain(store)
    assert acts(world)[-1] == "backup.failed"
    target.unlink()
    world.clock.forward(hours=1)
    drain(store)
    assert acts(world)[-1] == "backup.verified"
    assert len(backups(target)) == 1


def test_two_processes_never_write_one_backup_folder_at_once(world: World, target: Path) -> None:
    target.mkdir()
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with refused("backup.busy"):
            back_up(world, target)
    back_up(world, target)


def test_processes_that_start_together_read_the_same_secret(tmp_path: Path) -> None:
    for attempt in range(30):
        config = Config.from_env({"KUANGJIAN_DATA_DIR": str(tmp_path / str(attempt))})
        together = Barrier(4)

        def read(config: Config = config, together: Barrier = together) -> bytes:
            together.wait()
            return config.secret("sync")

        with ThreadPoolExecutor(4) as pool:
            found = [one.result() for one in [pool.submit(read) for _ in range(4)]]
        assert len(set(found)) == 1
        assert len(found[0]) == 32
        assert [path.name for path in (config.data_dir / "secrets").iterdir()] == ["sync"]


def command(world: World, *arguments: str) -> Result:
    env = {
        "KUANGJIAN_DATA_DIR": str(world.store.config.data_dir),
        "DATABASE_URL": world.store.config.database_url.replace("+psycopg", ""),
    }
    return CliRunner().invoke(main, arguments, env=env)
