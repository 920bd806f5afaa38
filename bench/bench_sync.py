"""5,000 documents from a phone to the server, to another phone, and one edit; beside PouchDB and pouchdb-server.

    python -m bench.bench_sync        at 0 and at 300 ms round trip, over HTTP through the same wire

Ours: signed exchanges, SQLite with synchronous=FULL or PostgreSQL as it comes, two gunicorn workers. Theirs: unsigned,
no fsync, LevelDB.
What a phone does when somebody taps (hash and freeze; `put`) is done before; what it does to send is measured.
The peer is fetched by name from npm into a temporary folder, once.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine

from bench.bench_exchange import Phone, Server, durable_sqlite, mutations, postgresql
from bench.wire import Wire
from sync.parse import MAX_ENTRIES

COUNT = 5_000
FIRST, QUICK = 500, 2.0  # entries to begin with, seconds: as pwa/src/sync/loop.ts has them
SERVER_PORT, PEER_PORT = 5985, 5984
PACKAGES = ("pouchdb@9", "pouchdb-server@4")


def create_app() -> Callable[..., Any]:
    """The host of bench_exchange.py behind HTTP; gunicorn calls it."""
    server = Server(opened(os.environ["BENCH_DATABASE"]))

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = json.dumps(server.exchange(body), ensure_ascii=False).encode() if body else b"{}"
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]

    return app


def opened(url: str) -> Engine:
    """The database at this address, durable on either."""
    return durable_sqlite(Path(url)) if url.startswith("/") else create_engine(url)


class Remote:
    """The server at the other end of a wire, over one kept connection as a phone's."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def exchange(self, body: bytes) -> dict[str, Any]:
        self.connection.request("POST", "/", body)
        answer: dict[str, Any] = json.loads(self.connection.getresponse().read())
        return answer


def ours(name: str, round_trip: float, url: str) -> None:
    local = Server(opened(url))
    first, second = Phone(local), Phone(local)
    documents = mutations(COUNT)
    environ = {**os.environ, "BENCH_DATABASE": url}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers",
        "2",
        "--threads",
        "4",
        "--worker-class",
        "gthread",
    ]
    command += ["--log-level", "error", "--bind", f"127.0.0.1:{SERVER_PORT}", "bench.bench_sync:create_app()"]
    with running(command, SERVER_PORT, environ), Wire(SERVER_PORT, round_trip) as wire:
        remote = Remote(wire.port)

        def push() -> None:
            sent, size = 0, FIRST
            while sent < COUNT:
                part, begun = documents[sent : sent + size], time.perf_counter()
                sent += len(part)
                if remote.exchange(first.push(part))["last_seq"] != sent:
                    raise AssertionError(sent)
                size = min(MAX_ENTRIES if time.perf_counter() - begun < QUICK else FIRST, size * 2)

        def pull() -> None:
            cursor, rows = None, 0
            while rows < COUNT:
                answer = remote.exchange(second.request(cursor=cursor))
                cursor, rows = answer["cursor"], rows + len(answer["changes"])

        for step, work in (("push", push), ("pull", pull)):
            report(name, step, round_trip, timed(work), COUNT, wire)
        edit = mutations(1, first=COUNT + 1)
        report(name, "edit", round_trip, timed(lambda: remote.exchange(first.push(edit))), 1, wire)


def theirs(round_trip: float, folder: Path, modules: Path) -> None:
    folder = folder / f"pouch-{round_trip}"
    folder.mkdir()
    documents = [{"id": m["entity"], **m["args"]} for m in mutations(COUNT)]
    (folder / "documents.json").write_text(json.dumps(documents, ensure_ascii=False))
    command = [
        str(modules / ".bin" / "pouchdb-server"),
        "--port",
        str(PEER_PORT),
        "--dir",
        str(folder),
        "--no-stdout-logs",
    ]
    with running(command, PEER_PORT, dict(os.environ), folder), Wire(PEER_PORT, round_trip) as wire:
        client = [
            "node",
            str(Path(__file__).with_name("pouch.mjs")),
            str(modules),
            f"http://127.0.0.1:{wire.port}/{folder.name.replace('.', '-')}",
        ]
        with subprocess.Popen(
            [*client, str(folder / "documents.json"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as phone:
            assert phone.stdin is not None
            assert phone.stdout is not None
            for line in phone.stdout:
                told = json.loads(line)
                report("PouchDB", told["step"], round_trip, told["seconds"], told["documents"], wire)
                if told["step"] != "edit":
                    phone.stdin.write("\n")
                    phone.stdin.flush()


def report(who: str, step: str, round_trip: float, seconds: float, documents: int, wire: Wire) -> None:
    speed = f"{documents:5} in {seconds:6.2f} s {documents / seconds:7.0f}/s"
    size = f"up {wire.up / 1e6:.2f} MB   down {wire.down / 1e6:.2f} MB"
    print(
        f"{who:10} {step:5} at {round_trip * 1000:3.0f} ms  {speed}   {wire.requests:4} requests   {size}",
        flush=True,
    )
    wire.reset()


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def running(
    command: list[str], port: int, environ: dict[str, str], folder: Path | None = None
) -> Iterator[None]:
    with subprocess.Popen(
        command, env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            process.kill() if folder else process.terminate()  # the peer waits for its log file otherwise


def fetched() -> Path:
    """The peer's packages."""
    folder = Path(tempfile.gettempdir()) / "kuangjian-bench-pouchdb"
    modules = folder / "node_modules"
    if not (modules / "pouchdb-server").exists():
        folder.mkdir(exist_ok=True)
        install = [
            "npm",
            "install",
            "--prefix",
            str(folder),
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            *PACKAGES,
        ]
        subprocess.run(install, check=True, stdout=sys.stderr)
    return modules


def main() -> None:
    modules = fetched()
    with tempfile.TemporaryDirectory() as name:
        for round_trip in (0.0, 0.3):
            ours("SQLite", round_trip, f"{name}/ours-{round_trip}.db")
            database = postgresql(str(Path(tempfile.gettempdir()) / "kuangjian-bench-pg"))
            ours("PostgreSQL", round_trip, database.url.render_as_string(hide_password=False))
            database.dispose()
            theirs(round_trip, Path(name), modules)


if __name__ == "__main__":
    main()
