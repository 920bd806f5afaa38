"""What who answers for the server is told of its backups: what there is, what is wrong, how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.app import Store
from backend.backup import queries
from backend.backup.folder import MANIFEST, backups
from backend.config import Config
from backend.worker import begin, drain
from tests.backend.desk import Desk
from tests.backend.phones import Server
from tests.backend.pictures import photo
from tests.backend.test_backup import back_up, command, keep_photo
from tests.backend.test_phones import report
from tests.world import World


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "second disk"


def apart(target: Path) -> Callable[[Path], int]:
    """Two disks: the backups on one, all else on the other."""
    return lambda path: 2 if path.is_relative_to(target) else 1


def codes(world: World, config: Config, target: Path) -> list[str]:
    with world.reading() as session:
        return [trouble["code"] for trouble in queries.troubles(session, config, apart(target))]


def at_night(store: Store, target: Path) -> Store:
    return store._replace(config=replace(store.config, backup_dir=target))


def test_nothing_is_wrong_only_with_a_fresh_verified_backup_on_another_disk(
    world: World, target: Path
) -> None:
    store = at_night(world.store, target)
    assert codes(world, world.store.config, target) == ["backup.none"]
    assert codes(world, store.config, target) == ["backup.not_yet"]
    begin(store)
    drain(store)
    assert codes(world, store.config, target) == []
    world.clock.forward(hours=26)
    assert codes(world, store.config, target) == []
    world.clock.forward(minutes=1)
    assert codes(world, store.config, target) == ["backup.too_old"]


def test_a_backup_that_failed_says_why_until_one_went_well(world: World, target: Path) -> None:
    store = at_night(world.store, target)
    target.write_text("in the way")
    begin(store)
    drain(store)
    assert codes(world, store.config, target) == ["backup.no_room", "backup.not_yet"]
    with world.reading() as session:
        assert str(target) in queries.troubles(session, store.config)[-2]["zh"]
    target.unlink()
    world.clock.forward(hours=1)
    drain(store)
    assert codes(world, store.config, target) == []


def test_a_folder_on_the_disk_of_the_data_is_said_to_be_none_of_another(world: World, target: Path) -> None:
    config = replace(world.store.config, backup_dir=target / "not there yet")
    data = config.data_dir
    on_two = apart(target)
    assert list(queries.set_up(config, on_two)) == []
    [said] = queries.set_up(replace(config, backup_dir=data / "backups"), on_two)
    assert said.problem.code == "backup.same_disk"
    beside = replace(config, database_url=f"sqlite:///{target / 'kuangjian.db'}")
    assert [one.problem.code for one in queries.set_up(beside, on_two)] == ["backup.same_disk"]
    elsewhere = replace(config, database_url="postgresql+psycopg://far/away")
    assert list(queries.set_up(elsewhere, on_two)) == []


def test_the_command_backs_up_to_the_same_disk_and_says_so(world: World, target: Path) -> None:
    run = command(world, "backup", str(target))
    assert run.exit_code == 0, run.output
    assert "read back and whole" in run.output
    assert "同一块磁盘" in run.output
    assert len(backups(target)) == 1


def test_the_disk_of_what_is_not_there_yet_is_that_of_the_folder_it_would_be_in(tmp_path: Path) -> None:
    assert queries.disk_of(tmp_path / "a" / "b") == tmp_path.stat().st_dev
    assert queries.disk_of(Path("/proc/self")) != tmp_path.stat().st_dev


def test_phones_that_are_told_of_no_backup_and_files_that_are_lost_are_named(
    world: World, target: Path
) -> None:
    server = Server(world)
    phone = server.phone("zuanyan")
    phone.sync()
    sha = keep_photo(world, photo(1))
    report(phone, next(iter(phone.of("mine"))), photos=[])
    phone.sync()
    world.clock.forward(minutes=1)
    config = replace(world.store.config, backup_dir=target)
    value = sha.removeprefix("sha256:")
    stored = config.data_dir / "objects" / "sha256" / value[:2] / value
    data = stored.read_bytes()
    stored.unlink()
    back_up(world, target)
    assert codes(world, config, target) == ["backup.objects_lost", "backup.no_watermark"]
    stored.write_bytes(data)
    world.clock.forward(hours=1)
    back_up(world, target)
    assert codes(world, config, target) == []
    server.phone("baopo").sync()
    assert codes(world, config, target) == []


def told(desk: Desk, target: Path | None) -> dict[str, Any]:
    desk.app.extensions["config"] = replace(desk.world.store.config, backup_dir=target)
    found: dict[str, Any] = desk.json("xitong", "/backups")
    return found


def test_the_administrator_sees_every_backup_that_is_kept_and_nobody_else_does(
    desk: Desk, target: Path
) -> None:
    none = told(desk, None)
    assert [one["code"] for one in none["problems"]] == ["backup.none"]
    assert (none["setting"], none["folder"], none["last"], none["kept"]) == (
        "KUANGJIAN_BACKUP_DIR",
        None,
        None,
        [],
    )
    first = back_up(desk.world, target)
    desk.world.clock.forward(days=1)
    second = back_up(desk.world, target)
    found = told(desk, target)
    assert [one["name"] for one in found["kept"]] == [second.path.name, first.path.name]
    assert found["kept"][0]["rows"] == sum(second.manifest.rows.values())
    assert found["kept"][0]["size"] > (second.path / "database.sqlite").stat().st_size
    assert found["last"] | {"rows": 0} == {
        "at": "2026-03-03T00:00:00+00:00",
        "name": second.path.name,
        "folder": str(target),
        "size": second.size,
        "rows": 0,
        "lost": 0,
    }
    assert found["folder"] == str(target)
    for login in ("guanli", "kezhang", "shenji", "zuanyan"):
        assert desk.get(login, "/backups").status_code == 403


def test_a_damaged_one_is_shown_as_such_and_a_folder_that_is_gone_too(desk: Desk, target: Path) -> None:
    made = back_up(desk.world, target)
    (made.path / MANIFEST).unlink()
    assert [one["rows"] for one in told(desk, target)["kept"]] == [None]
    shutil.rmtree(target)
    gone = told(desk, target)
    assert (gone["kept"], gone["free"]) == (None, None)
