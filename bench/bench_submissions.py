"""Submissions of 30 answers as phones send them, with and without a photo, at 8 connections and at 200.

    python -m bench.bench_submissions [sqlite | postgresql]        both unless told; a line for each measurement

A submission is what the field app makes of a shift's list: begun, 30 answers, signed; three mutations, chained and
signed, sent to gunicorn as `kuangjian run` starts it. The server checks sign-in, both signatures and the chain, judges
every answer, writes audit, log and digests, and tells the phone its rows. A photo (200 KB) goes by tus after the
exchange, and an exchange more says that it is there.

CPU: of the web processes and their jobs until none is left, and of PostgreSQL's processes. Memory: the largest resident
sets of the web processes, added up. Again: times that a phone was told to come later (503), and came at once. Lost:
what was acknowledged and does not stand in the database whole.

Peer: ODK Central is no package and is measured by hand (README.md here). In its place plain.py gets the same bytes over
as many connections and only stores them: nothing that stores a submission durably behind Python can be cheaper, so it
is the floor, not a rival.

The load generator is this process, on the same two cores. What it took is in the table as its share of them; the rates
are of what it left. CPU-ms do not depend on it, and are what to compare.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.app import Store, open_store
from backend.checklists.models import Submission
from backend.config import Config
from backend.kernel.jobs import Job
from backend.uploads.models import Blob
from bench.crew import ITEMS, Crew, Filler, Wire, hire, name_of, photos
from bench.processes import Processes
from tests.databases import ROOT, migrate, postgres_server
from tests.world import fill_county

PHOTO = 200_000  # bytes
GUNICORN = ["--workers", "2", "--threads", "4", "--worker-class", "gthread", "--keep-alive", "30"]


class Load(NamedTuple):
    """phones: each on a connection of its own.  batch: submissions in an exchange.  rounds: exchanges of a phone.

    photo: does each submission come with one?
    """

    name: str
    phones: int
    batch: int
    rounds: int
    photo: bool = False


LOADS = (
    Load("one a request", 8, 1, 20),
    Load("one a request", 200, 1, 1),
    Load("twenty a request", 8, 20, 4),
    Load("twenty a request", 200, 20, 1),
    Load("one with a photo", 8, 1, 15, photo=True),
    Load("one with a photo", 200, 1, 1, photo=True),
    Load("five with photos", 8, 5, 4, photo=True),
)
WARM = Load("", 8, 1, 3)  # not counted: a process reads the lists and prepares its statements once
PHONES = max(load.phones for load in LOADS)


@dataclass
class Parcel:
    """What a phone sends at once. body: as it went, for the peer."""

    submissions: list[str]
    seqs: range
    photos: list[bytes]
    body: bytes = b""


@dataclass
class Figures:
    """took: seconds of each parcel, until the server says that it has all of it. others_ms: CPU of this process."""

    sent: int
    seconds: float
    took: list[float]
    cpu_ms: float
    others_ms: float
    peak_mb: float
    again: int
    lost: int

    def line(self, name: str, load: Load) -> str:
        p50, p95 = (1000 * share for share in _percentiles(self.took))
        share = self.others_ms / 1000 / self.seconds / (os.cpu_count() or 1)
        return (
            f"{name:10}  {load.name:16} {load.phones:4}  {self.sent / self.seconds:7.0f}/s  {p50:6.0f}  {p95:6.0f} ms"
            f"  {self.cpu_ms / self.sent:7.2f}  {self.peak_mb:6.0f} MB  {share:5.0%}  {self.again:5}  {self.lost:4}"
        )


HEAD = (
    f"{'':10}  {'':16} conn  {'rate':>9}  {'p50':>6}  {'p95':>9}  {'CPU-ms':>7}  {'peak':>9}  {'load':>5}  again"
    "  lost"
)


def _percentiles(took: list[float]) -> tuple[float, float]:
    parts = statistics.quantiles(took, n=20, method="inclusive")
    return parts[9], parts[18]


def at_once(work: list[Callable[[], list[float]]]) -> tuple[float, list[float]]:
    """Everybody begins together; seconds until the last is done, and what each took."""
    start, took, failed = threading.Barrier(len(work) + 1), [], []

    def run(each: Callable[[], list[float]]) -> None:
        start.wait()
        try:
            took.extend(each())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(each,), daemon=True) for each in work]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failed:
        raise failed[0]
    return seconds, took


class Server(ABC):
    """web: its processes.  all: with those of a database server."""

    def __init__(self, pid: int, database: Sequence[int] = ()) -> None:
        self.web, self.all = Processes(pid), Processes(pid, *database)

    def measure(self, parcels: list[list[Parcel]]) -> Figures:
        """Sends each phone's parcels, all phones at once, and says what it took of the machine."""
        work = [partial(self._each, place, some) for place, some in enumerate(parcels)]
        self.web.forget_peak()
        cpu, own = self.all.cpu_ms(), time.process_time()
        seconds, took = at_once(work)
        own = time.process_time() - own
        self.settle()
        cpu = self.all.cpu_ms() - cpu
        sent = [parcel for some in parcels for parcel in some]
        count = sum(len(parcel.submissions) for parcel in sent)
        lost = count - self.stored(sent)
        return Figures(count, seconds, took, cpu, own * 1000, self.web.peak_mb(), self.again(), lost)

    def _each(self, place: int, parcels: list[Parcel]) -> list[float]:
        send = self.sender(place)
        took = []
        for parcel in parcels:
            begun = time.perf_counter()
            send(parcel)
            took.append(time.perf_counter() - begun)
        return took

    @abstractmethod
    def sender(self, place: int) -> Callable[[Parcel], None]:
        """What phone number `place` does with a parcel, until it is told that the server has all of it."""

    @abstractmethod
    def stored(self, parcels: list[Parcel]) -> int:
        """How many submissions of these stand there whole, their photos too."""

    @abstractmethod
    def again(self) -> int:
        """How often since it was last asked the server was too busy to take something."""

    @abstractmethod
    def settle(self) -> None:
        """Returns when the work that is left for later is done."""


class Ours(Server):
    """The program, and its phones."""

    def __init__(self, store: Store, crew: Crew, port: int, pid: int, database: Sequence[int]) -> None:
        super().__init__(pid, database)
        self.store = store
        self.fillers = [Filler(crew, driller, port) for driller in crew.drillers]
        self.pictures = photos(PHOTO)

    def enrol(self) -> None:
        """Each phone enrols and takes what there is for it, eight at a time."""
        waiting = SimpleQueue[Filler]()
        for filler in self.fillers:
            waiting.put(filler)

        def some() -> list[float]:
            with suppress(Empty):
                while True:
                    phone = waiting.get_nowait().phone
                    phone.enrol()
                    while phone.exchange()["more"]:
                        pass
            return []

        at_once([some] * 8)

    def prepare(self, load: Load) -> list[list[Parcel]]:
        """What people did on their phones before they had a network."""
        return [
            [self._parcel(filler, load) for _ in range(load.rounds)] for filler in self.fillers[: load.phones]
        ]

    def _parcel(self, filler: Filler, load: Load) -> Parcel:
        shown = [next(self.pictures) if load.photo else None for _ in range(load.batch)]
        first = filler.phone.seq + 1
        filled = [filler.fill(photo) for photo in shown]
        return Parcel(filled, range(first, filler.phone.seq + 1), [photo for photo in shown if photo])

    def sender(self, place: int) -> Callable[[Parcel], None]:
        filler = self.fillers[place]
        phone, wire = filler.phone, filler.wire
        wire.connection.close()  # a kept one has been idle for too long; it connects anew

        def send(parcel: Parcel) -> None:
            phone.exchange(phone.request(parcel.seqs))
            parcel.body = wire.sent
            for photo in parcel.photos:
                wire.upload(name_of(photo), photo)
            if parcel.photos:
                left = phone.exchange(phone.request(range(0)))["missing_blobs"]
                assert not left, left
            ended = {phone.results[seq]["status"] for seq in parcel.seqs}
            assert ended == {"applied"}, [phone.results[seq] for seq in parcel.seqs]

        return send

    def again(self) -> int:
        count = sum(filler.wire.again for filler in self.fillers)
        for filler in self.fillers:
            filler.wire.again = 0
        return count

    def settle(self) -> None:
        due = select(func.count()).where(Job.ended_at.is_(None), Job.run_at <= datetime.now(UTC))
        left = 1
        while left:
            time.sleep(0.1)
            with self.store.database.reading() as session:
                left = session.scalar(due) or 0

    def stored(self, parcels: list[Parcel]) -> int:
        there = 0
        with self.store.database.reading() as session:
            for parcel in parcels:
                ids = [UUID(id) for id in parcel.submissions]
                rows = session.execute(
                    select(Submission.state, Submission.answers).where(Submission.id.in_(ids))
                )
                whole = [row for row in rows if row.state == "signed" and len(row.answers) == ITEMS]
                sizes = {name_of(photo): len(photo) for photo in parcel.photos}
                kept = dict(session.execute(select(Blob.sha, Blob.size).where(Blob.sha.in_(sizes))).all())
                if kept == sizes:
                    there += len(whole)
        return there


class Plain(Server):
    """The peer. It gets what the server of ours got, byte by byte."""

    def __init__(self, folder: Path, port: int, pid: int) -> None:
        super().__init__(pid)
        self.folder, self.port = folder, port

    def sender(self, place: int) -> Callable[[Parcel], None]:  # noqa: ARG002 - to it, all phones are one
        wire = Wire(self.port)

        def send(parcel: Parcel) -> None:
            wire.post("/submissions", parcel.body, {})
            for photo in parcel.photos:
                wire.post(f"/photos/{name_of(photo)}", photo, {})

        return send

    def again(self) -> int:
        return 0

    def settle(self) -> None:
        pass

    def stored(self, parcels: list[Parcel]) -> int:
        with closing(sqlite3.connect(self.folder / "plain.db")) as connection:
            kept = {row[0] for row in connection.execute("SELECT id FROM submission")}
            sizes = dict(connection.execute("SELECT sha, size FROM photo").fetchall())
        return sum(
            len(kept.intersection(parcel.submissions))
            for parcel in parcels
            if all(sizes.get(name_of(photo)) == len(photo) for photo in parcel.photos)
        )


@contextmanager
def serving(command: list[str], environ: dict[str, str], port: int, path: str) -> Iterator[int]:
    """The process id of a server that answers."""
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not _answers(f"http://127.0.0.1:{port}{path}"):
                if process.poll() is not None:
                    raise RuntimeError(f"{command} ended")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def compare(name: str, url: str, folder: Path, database: list[int]) -> None:
    """A line of ours and one of the peer for each load. database: processes of a database server, counted with ours."""
    migrate(url)
    fill_county(url)
    environ = {"KUANGJIAN_DATA_DIR": str(folder / "var"), "DATABASE_URL": url.replace("+psycopg", "")}
    store = open_store(Config.from_env(environ))
    owed = [
        sum(load.batch * load.rounds for load in (WARM, *LOADS) if person < load.phones)
        for person in range(PHONES)
    ]
    crew = hire(store, owed)
    port, plain_port = free_port(), free_port()
    own = [sys.executable, "-m", "backend.cli", "serve"]
    plain = [
        sys.executable,
        "-m",
        "gunicorn",
        *GUNICORN,
        "--bind",
        f"127.0.0.1:{plain_port}",
        "bench.plain:create_app()",
    ]
    with (
        serving(own, os.environ | environ | {"PORT": str(port)}, port, "/readyz") as pid,
        serving(plain, os.environ | {"BENCH_FOLDER": str(folder)}, plain_port, "/") as plain_pid,
    ):
        ours, peer = Ours(store, crew, port, pid, database), Plain(folder, plain_port, plain_pid)
        ours.enrol()
        ours.measure(ours.prepare(WARM))
        for load in LOADS:
            parcels = ours.prepare(load)
            print(ours.measure(parcels).line(name, load), flush=True)
            print(peer.measure(parcels).line("plain", load), flush=True)
    store.database.dispose()


def on_sqlite(folder: Path) -> None:
    compare("SQLite", f"sqlite:///{folder / 'bench.db'}", folder, [])


def on_postgresql(folder: Path) -> None:
    """A server of our own, as durable as it is by default, and a fresh database in it."""
    server = postgres_server(Path(tempfile.gettempdir()) / "kuangjian-bench-pg")
    name = f"bench_{uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    url = str(server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://", 1)
    postmaster = int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0])
    compare("PostgreSQL", url, folder, [postmaster])
    server.psql(f"DROP DATABASE {name} WITH (FORCE);")


def main() -> None:
    kinds = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    print(HEAD)
    for kind in sys.argv[1:] or kinds:
        with tempfile.TemporaryDirectory() as folder:
            kinds[kind](Path(folder))


if __name__ == "__main__":
    main()
