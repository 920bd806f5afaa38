"""A county in small, with its own time: a server on a real database, and the phones that speak to it."""

import gzip
import json
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from sync import log, tables
from sync.canonical import sha256
from sync.clock import parse_wall, to_ms
from sync.engine import Engine as SyncEngine
from sync.engine import begin_epoch, epoch
from sync.enrol import enrol
from sync.envelope import Json
from sync.exchange import exchange
from sync.ids import uuid7
from tests.sync import host
from tests.sync.phone import Handset, Phone

MORNING = to_ms(parse_wall("2026-03-02T08:00:00.000+08:00"))
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


class World:
    """People are ids; `grant` says what they see. Time moves only when told."""

    def __init__(self, database: host.Database) -> None:
        self.ms = MORNING
        self.drawn = 0
        self.database = database
        self.durable: dict[str, int] = {}
        self.sync = SyncEngine(
            registry=host.registry(),
            secret=sha256(b"the installation's secret"),
            now_ms=lambda: self.ms,
            random=self.random,
            present=host.present,
            durable=lambda _, device: self.durable.get(device, 0),
            knows=lambda _, user: user in (self.driller, self.officer, self.colleague),
        )
        self.database.flush = partial(log.flush, self.sync)
        self.driller, self.officer, self.colleague = (self.new_id() for _ in range(3))

    def random(self, count: int) -> bytes:
        self.drawn += 1
        return (sha256(f"server {self.drawn}".encode()) * 2)[:count]

    def new_id(self) -> str:
        return uuid7(self.ms, self.random(10))

    def later(self, ms: int) -> None:
        self.ms += ms

    def reading(self) -> AbstractContextManager[Session]:
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Session]:
        return self.database.writing()

    def grant(self, user: str, *scopes: str) -> None:
        with self.writing() as session:
            session.execute(insert(host.grant), [{"user": user, "scope": scope} for scope in scopes])

    def withdraw(self, user: str, scope: str) -> None:
        with self.writing() as session:
            session.execute(delete(host.grant).where(host.grant.c.user == user, host.grant.c.scope == scope))

    def phone(self, user: str, *scopes: str, handset: Handset | None = None) -> Phone:
        """An enrolled phone of somebody who sees these scopes."""
        if scopes:
            self.grant(user, *scopes)
        handset = handset or Handset(f"handset {self.drawn}", lambda: self.ms)
        return Phone(self, handset, user).enrol()

    def enrol(self, request: Json, user: str) -> Json:
        with self.writing() as session:
            return enrol(self.sync, session, json.dumps(request).encode(), user)

    def exchange(self, request: Any, user: str | None) -> Json:
        return self.send(gzip.compress(json.dumps(request).encode()), user)

    def send(self, body: bytes, user: str | None, *, gzipped: bool = True) -> Json:
        answer = exchange(
            self.sync, body, gzipped=gzipped, user=user, reading=self.reading, writing=self.writing
        )
        decoded: Json = json.loads(json.dumps(answer))
        return decoded

    def effects(self, mutation: Json) -> int:
        """How often a mutation has had an effect."""
        with self.reading() as session:
            return len(
                session.execute(select(host.effect).where(host.effect.c.mutation == mutation["id"])).all()
            )

    def captured(self, mutation: Json) -> str:
        with self.reading() as session:
            at = select(host.effect.c.at).where(host.effect.c.mutation == mutation["id"])
            return session.scalars(at).one()

    def backup(self) -> dict[Any, list[dict[str, Any]]]:
        """Everything the server has."""
        every = [*tables.metadata.sorted_tables, *host.metadata.sorted_tables]
        with self.reading() as session:
            return {table: [row._asdict() for row in session.execute(select(table))] for table in every}

    def restore(self, backup: dict[Any, list[dict[str, Any]]]) -> None:
        """The server as it was then, in a new epoch."""
        with self.writing() as session:
            before = epoch(session)
            for table, rows in backup.items():
                session.execute(table.delete())
                if rows:
                    session.execute(insert(table), rows)
            while begin_epoch(session) <= before:
                pass

    def ends(self) -> list[str]:
        """The status of every mutation that ever arrived."""
        with self.reading() as session:
            return list(session.scalars(select(tables.mutation.c.status)))
