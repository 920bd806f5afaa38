"""What every write rests on: one transaction, one unbroken audit chain, no job lost, no object changed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from backend.app import Store
from backend.kernel import audit, jobs
from backend.kernel.audit import AuditRow
from backend.kernel.blobs import Blobs
from backend.kernel.clock import SetClock, SystemClock
from backend.kernel.db import Database
from backend.kernel.jobs import Job
from tests.databases import ROOT


def test_sixteen_writers_at_once_leave_one_unbroken_chain(store: Store) -> None:
    def write(writer: int) -> None:
        for turn in range(6):
            with store.database.writing() as session:
                audit.note(session, f"writer {writer}", "test.wrote", f"thing:{turn}", turn=turn, share=0.5)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(16)))
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 96
        assert list(audit.check(session)) == []


def test_a_process_killed_while_it_writes_leaves_the_way_free(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'k.db'}"
    holding = f"""
import time
from backend.kernel.clock import SystemClock
from backend.kernel.db import Database
with Database({url!r}, SystemClock()).writing():
    print("writing", flush=True)
    time.sleep(600)
"""
    database = Database(url, SystemClock())
    with subprocess.Popen([sys.executable, "-c", holding], stdout=subprocess.PIPE, cwd=ROOT) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"writing\n"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(_one, database)
            assert not wait([waiting], timeout=0.5).done
            killed.kill()
            assert waiting.result(60) == 1
    database.dispose()


def _one(database: Database) -> int:
    with database.writing() as session:
        return session.scalar(text("SELECT 1")) or 0


def test_a_changed_audit_row_is_named(store: Store) -> None:
    with store.database.writing() as session:
        for turn in range(3):
            audit.note(session, "somebody", "test.wrote", f"thing:{turn}", text="真实")
    with store.database.writing() as session:
        session.execute(update(AuditRow).where(AuditRow.seq == 2).values(data={"text": "改过"}))
    with store.database.reading() as session:
        assert [line.split(" (")[0] for line in audit.check(session)] == ["audit row 2"]


def test_rows_cut_off_at_the_end_of_the_chain_are_noticed(store: Store) -> None:
    with store.database.writing() as session:
        audit.note(session, "somebody", "test.wrote", "thing:1")
        audit.note(session, "somebody", "test.wrote", "thing:2")
    with store.database.writing() as session:
        session.delete(session.get_one(AuditRow, 2))
    with store.database.reading() as session:
        assert len(list(audit.check(session))) == 1


def test_what_fails_leaves_no_audit_row_and_no_job(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.database.writing() as session:
        audit.note(session, "somebody", "test.wrote", "thing:1")
        jobs.soon(session, "test.job")
        raise ZeroDivisionError
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 0
        assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_job_whose_worker_was_killed_is_done_by_the_next(store: Store, clock: SetClock) -> None:
    done: list[str] = []
    handlers = {"test.job": jobs.only_writing(lambda _session, args: done.append(args["what"]))}
    with store.database.writing() as session:
        jobs.soon(session, "test.job", what="sweep")
    assert jobs._lease(store.database) is not None  # taken, and the worker dies here
    assert jobs.run_one(store.database, handlers) is None
    clock.forward(minutes=6)
    assert jobs.run_one(store.database, handlers) == "test.job"
    assert done == ["sweep"]


def test_a_job_that_fails_keeps_its_reason_and_is_tried_again_later(store: Store, clock: SetClock) -> None:
    def fails(_session: object, _args: object) -> None:
        raise OSError("disk full")

    with store.database.writing() as session:
        jobs.soon(session, "test.job")
    assert (
        jobs.run_one(store.database, {"test.job": jobs.only_writing(fails)})
        == "test.job failed: OSError: disk full"
    )
    assert jobs.run_one(store.database, {"test.job": jobs.only_writing(fails)}) is None
    clock.forward(seconds=3)
    assert (
        jobs.run_one(store.database, {"test.job": jobs.only_writing(lambda _session, _args: None)})
        == "test.job"
    )
    with store.database.reading() as session:
        assert session.scalars(select(Job)).one().ended_at == clock.now()


def test_the_same_job_asked_for_twice_waits_once(store: Store, clock: SetClock) -> None:
    with store.database.writing() as session:
        jobs.soon(session, "test.job", key="mine 1")
    with store.database.writing() as session:
        jobs.soon(session, "test.job", key="mine 1")
    with store.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_one_flipped_byte_of_an_object_is_found(tmp_path: Path) -> None:
    blobs = Blobs((tmp_path / "objects").as_uri())
    kept, flipped = blobs.put(b"a photo"), blobs.put(b"another photo")
    assert blobs.put(b"a photo") == kept
    assert list(blobs.check()) == []
    value = flipped.removeprefix("sha256:")
    (tmp_path / "objects" / "sha256" / value[:2] / value).write_bytes(b"another phot0")
    assert list(blobs.check()) == [f"object {flipped} does not match its name"]
    assert blobs.get(kept) == b"a photo"
    assert blobs.get("sha256:" + "0" * 64) is None
