"""One installation as it really runs: gunicorn on a socket, a worker beside it, and ways to hurt both."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

import sync.tables
from backend.accounts import operations as accounts
from backend.accounts import web
from backend.accounts.models import User
from backend.app import Store, create_app, open_store
from backend.config import Config
from backend.devices import upkeep
from backend.kernel import jobs
from backend.kernel.clock import SetClock
from backend.kernel.jobs import Job
from backend.kernel.log import configure_log
from backend.serve import Server
from backend.worker import drain, work

# The program is imported once; each server is forked from there, and is a process like any other from then on.
_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["backend.serve", "backend.worker"])


class OnOurSocket(Server):
    """The server as it is, on a socket that outlives it."""

    def __init__(self, config: Config, listening: socket.socket) -> None:
        self.listening = listening
        super().__init__(config)

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("bind", f"fd://{self.listening.fileno()}")


def _serve(settings: Mapping[str, str], log: Path, listening: socket.socket) -> None:
    _begin(settings, log)
    OnOurSocket(Config.from_env(settings), listening).run()


def _work(settings: Mapping[str, str], log: Path) -> None:
    _begin(settings, log)
    work(open_store(Config.from_env(settings)), threading.Event())


def _begin(settings: Mapping[str, str], log: Path) -> None:
    os.setsid()
    os.environ.update(settings)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    configure_log()


class Process:
    """A process group of ours, in a session of its own, so that it can be killed as a machine kills it."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        self.process = _fork.Process(target=target, args=args, daemon=True)
        self.process.start()

    def kill(self) -> None:
        """All of it at once, no goodbye."""
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.join(timeout=30)

    def members(self) -> list[int]:
        """Every process of the group."""
        found = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
        return [pid for pid in found if _group(pid) == self.process.pid]


class Installation:
    """The socket is ours and stays open, so that phones wait in it while the server is dead."""

    def __init__(self, url: str, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.settings = {
            "KUANGJIAN_DATA_DIR": str(folder / "var"),
            "DATABASE_URL": url.replace("+psycopg", ""),
            **(settings or {}),
        }
        self.log = folder / "server.log"
        self.store: Store = open_store(Config.from_env(self.settings))
        self.app = create_app(self.store)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = f"http://127.0.0.1:{self.port}"
        self.server: Process | None = None
        self.worker: Process | None = None

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def __enter__(self) -> Installation:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.socket.close()
        self.store.database.dispose()

    def start(self) -> None:
        self.server = Process(_serve, self.settings, self.log, self.socket)
        self.worker = Process(_work, self.settings, self.log)

    def kill(self) -> None:
        for process in (self.server, self.worker):
            if process is not None:
                process.kill()
        self.server = self.worker = None

    def token(self, login: str) -> tuple[str, str]:
        """The user's id and a bearer token of a new sign-in; passwords are test_accounts' business."""
        with self.store.database.writing() as session, self.app.test_request_context():
            user = session.scalars(select(User).where(User.login == login)).one()
            tokens = accounts.start(session, user, "phone")
            session.flush()
            body, _ = web.signed_in(session, tokens, bearer=True)
            return str(user.id), str(body["access_token"])

    def user_id(self, login: str) -> UUID:
        with self.store.database.reading() as session:
            return session.scalars(select(User.id).where(User.login == login)).one()

    @contextmanager
    def no_room(self, size: int) -> Iterator[None]:
        """No file of the server can be written past `size`, as on a full disk; needs no rights and no real disk."""
        pids = [pid for process in (self.server, self.worker) if process for pid in process.members()]
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            for pid in pids:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def finish_jobs(self) -> None:
        """Do what is due, and what a killed worker held: in an hour its lease has run out. None may have failed."""
        later = SetClock(datetime.now(UTC) + timedelta(hours=1))
        store = open_store(self.store.config, later)
        drain(store)
        with store.database.reading() as session:
            assert session.scalars(select(Job.failed).where(Job.failed.is_not(None))).all() == []
        store.database.dispose()

    def wait_for_the_worker(self) -> None:
        """Until a job that is asked for now was done by the processes that run here: they outlived what happened."""
        with self.store.database.writing() as session:
            jobs.soon(session, upkeep.RESHAPE, key="probe")
        deadline = monotonic() + 60
        while True:
            with self.store.database.reading() as session:
                if session.scalars(select(Job.ended_at).where(Job.key == "probe")).one():
                    return
            assert monotonic() < deadline, "nobody does jobs any more"
            threading.Event().wait(0.1)

    def mutations(self) -> dict[str, int]:
        """How many mutations ended how."""
        table = sync.tables.mutation
        with self.store.database.reading() as session:
            rows = session.execute(select(table.c.status, func.count()).group_by(table.c.status))
            return {row.status: row[1] for row in rows}


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
