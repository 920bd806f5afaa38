"""Disk full, database restarted, object store away: said in words, waited out, and nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.backend.pictures import photo
from tests.databases import Templates, migrate, postgres_server
from tests.faults.field import Away, Crowd, LivePhone, assert_nothing_lost
from tests.faults.installation import Installation
from tests.faults.photos import Photo
from tests.world import fill_county

MINERS = ("zuanyan", "baopo", "chanyun", "banzu")


def enrolled(installation: Installation, *logins: str) -> list[LivePhone]:
    phones = [LivePhone(installation, installation.address, login) for login in logins]
    for phone in phones:
        phone.until_answered(phone.enrol)
        phone.until_answered(phone.sync)
    return phones


def refusal(attempt: Photo | LivePhone) -> str:
    """What the server says instead of taking it."""
    with pytest.raises(Away) as caught:
        if isinstance(attempt, Photo):
            attempt.send()
        else:
            attempt.exchange()
    return str(caught.value)


def test_on_a_full_disk_phones_keep_their_work_and_send_it_once_there_is_room(
    templates: Templates, tmp_path: Path
) -> None:
    with (
        templates.database("sqlite", tmp_path, "county", fill_county) as url,
        Installation(url, tmp_path) as installation,
    ):
        phones = enrolled(installation, *MINERS)
        picture = Photo(phones[0], photo(1))
        with installation.no_room(4096):
            for phone in phones:
                phone.report(f"{phone.login} 磁盘已满时")
                assert refusal(phone) == "server.no_room"
                assert phone.results == {}
            assert "server.no_room" in refusal(picture)
            assert requests.get(f"{installation.address}/readyz", timeout=60).ok
        for phone in phones:
            phone.until_answered(phone.exchange)
        phones[0].until_answered(picture.send)
        assert picture.kept() == picture.data
        installation.wait_for_the_worker()
        assert_nothing_lost(installation, phones)


def test_where_only_photos_have_no_room_records_still_sync(templates: Templates, tmp_path: Path) -> None:
    with (
        templates.database("postgresql", tmp_path, "county", fill_county) as url,
        Installation(url, tmp_path) as installation,
    ):
        (phone,) = enrolled(installation, "zuanyan")
        picture = Photo(phone, photo(1))
        phone.report("照片存不下", photos=(picture.sha,))
        with installation.no_room(4096):
            assert "server.no_room" in refusal(picture)
            assert phone.exchange()["missing_blobs"] == [picture.sha]
        phone.until_answered(picture.send)
        assert phone.exchange()["missing_blobs"] == []
        assert_nothing_lost(installation, [phone])


def test_while_the_object_store_is_away_records_sync_and_photos_wait_and_say_so(
    installation: Installation,
) -> None:
    (phone,) = enrolled(installation, "zuanyan")
    picture = Photo(phone, photo(1))
    phone.report("照片库断开", photos=(picture.sha,))
    objects = installation.store.config.data_dir / "objects"
    away = objects.rename(objects.with_name("unmounted"))
    objects.write_bytes(b"")
    assert "server.objects_away" in refusal(picture)
    assert phone.exchange()["missing_blobs"] == [picture.sha]
    assert phone.results[1]["status"] == "applied"
    objects.unlink()
    away.rename(objects)
    phone.until_answered(picture.send)
    assert phone.exchange()["missing_blobs"] == []
    assert_nothing_lost(installation, [phone])


@pytest.fixture
def silent_store() -> Iterator[dict[str, str]]:
    """An S3 that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as store:
        yield {
            "OBJECT_STORE_URL": "s3://photos",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{store.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "test",
        }


def test_a_remote_store_that_hangs_is_given_up_in_time_for_the_records(
    templates: Templates, tmp_path: Path, silent_store: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in silent_store.items():
        monkeypatch.setenv(name, value)
    with (
        templates.database("sqlite", tmp_path, "county", fill_county) as url,
        Installation(url, tmp_path, silent_store) as installation,
    ):
        (phone,) = enrolled(installation, "zuanyan")
        picture = Photo(phone, photo(1))
        phone.report("照片库无响应", photos=(picture.sha,))
        assert "server.objects_away" in refusal(picture)
        assert phone.exchange()["missing_blobs"] == [picture.sha]
        assert phone.results[1]["status"] == "applied"


@pytest.fixture
def postgres() -> Iterator[Any]:
    """A server of this test's own, because it will crash. Not in pytest's folder: it runs as another user."""
    with tempfile.TemporaryDirectory(prefix="kuangjian-pg-") as folder:
        Path(folder).chmod(0o755)
        server = postgres_server(Path(folder) / "data")
        yield server
        server.stop()


def crash(server: Any) -> None:
    """As `pg_ctl stop -m immediate`: nothing is written out, every connection is gone; the next start recovers."""
    process = server.get_postmaster_info().process
    os.kill(process.pid, signal.SIGQUIT)
    process.wait(30)


def test_the_database_may_crash_and_come_back_under_load(postgres: Any, tmp_path: Path) -> None:
    url = str(postgres.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
    migrate(url)
    fill_county(url)
    with Installation(url, tmp_path) as installation:
        phones = enrolled(installation, *MINERS)
        crowd = Crowd(phones)
        crowd.work(10, lambda phone, number: phone.report(f"{phone.login} 第{number}处") and None)
        for acknowledged in (8, 20):
            crowd.wait_for(acknowledged)
            crash(postgres)
            postgres.start()
        crowd.wait_for_all()
        installation.wait_for_the_worker()
        assert_nothing_lost(installation, phones)
        assert sum(phone.wire.refusals["server.database_away"] for phone in phones) > 0
