"""The server's engine behind a pipe, for tests in another language: `python -m tests.sync.driven`.

One request a line on stdin, one answer a line on stdout, both JSON: [call, arguments…] → the call's result. A world is
the one of tests/sync/world.py, on SQLite; its time moves only when told.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select

from sync import log, review, tables, upkeep
from sync.enrol import revoke
from sync.envelope import Json
from sync.exchange import receive_bundle
from sync.problems import SyncProblem
from tests.sync import host
from tests.sync.world import World


class Killed(Exception):
    """The server died before it could commit."""


class Driven:
    """What may be called, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.world: World | None = None
        self.backups: list[Any] = []

    def new(self, ms: int) -> None:
        """An empty county at a moment."""
        if self.world is not None:
            self.world.database.engine.dispose()
        self.count += 1
        engine = create_engine(
            f"sqlite:///{self.folder / f'{self.count}.db'}", connect_args={"check_same_thread": False}
        )
        database = host.Database(engine)
        for metadata in (tables.metadata, host.metadata):
            metadata.create_all(engine)
        self.world, self.backups = World(database), []
        self.world.ms = ms

    def at(self, ms: int) -> None:
        self._world.ms = ms

    def grant(self, user: str, scopes: list[str]) -> None:
        """What a user sees from now on; nothing else."""
        for scope in self._granted(user):
            self._world.withdraw(user, scope)
        if scopes:
            self._world.grant(user, *scopes)

    def send(self, path: str, body: str, gzipped: bool, user: str | None, fate: str) -> Json:
        """A request as it would come over HTTP. fate `dies`: the server is killed before it commits.

        Returns its status (0: no answer) and the body of the answer.
        """
        raw = base64.b64decode(body)
        self._world.database.flush = _die if fate == "dies" else partial(log.flush, self._world.sync)
        try:
            answer = self._answered(path, raw, gzipped, user)
        except SyncProblem as error:
            return {"status": error.status, "body": {"code": error.code, "params": error.params}}
        except Killed:
            return {"status": 0, "body": None}
        return {"status": 200, "body": answer}

    def _answered(self, path: str, raw: bytes, gzipped: bool, user: str | None) -> Json:
        if path == "enrolments":
            return self._world.enrol(json.loads(raw), user or "")
        if path == "bundles":
            return receive_bundle(self._world.sync, raw.decode(), writing=self._world.writing)
        return self._world.send(raw, user, gzipped=gzipped)

    def backup(self) -> None:
        """A verified backup: phones are told that all until now is in it."""
        self.backups.append(self._world.backup())
        with self._world.reading() as session:
            table = tables.device
            self._world.durable = {row.device: row.last_seq for row in session.execute(select(table))}

    def restore(self) -> None:
        if self.backups:
            self._world.restore(self.backups[-1])

    def upkeep(self) -> None:
        with self._world.writing() as session:
            upkeep.look_again(self._world.sync, session)

    def lost(self, device: str) -> None:
        """The phone of an enrolment was reported lost."""
        with self._world.writing() as session:
            revoke(self._world.sync, session, device)

    def quarantine(self) -> list[Json]:
        """What waits for people, as they see it."""
        with self._world.reading() as session:
            found = review.quarantine(session)
            return [{"user": one.user, "code": one.problem["code"], "body": one.body} for one in found]

    def devices(self) -> list[str]:
        with self._world.reading() as session:
            return list(session.scalars(select(tables.device.c.device)))

    def state(self) -> Json:
        """What the server has: how mutations ended, by hash; how often each took effect; where each sheet is."""
        table = tables.mutation
        with self._world.reading() as session:
            ends = session.execute(select(table.c.hash, table.c.status, table.c.body)).all()
            count = select(host.effect.c.mutation, func.count().label("times"))
            effects = session.execute(count.group_by(host.effect.c.mutation)).all()
            sheets = session.execute(select(host.sheet.c.id, host.sheet.c.scope)).all()
            grants = session.execute(select(host.grant.c.user, host.grant.c.scope)).all()
            return {
                "ends": [
                    [row.hash.hex(), row.status, json.loads(row.body or "{}").get("id")] for row in ends
                ],
                "effects": {row.mutation: row.times for row in effects},
                "sheets": {row.id: row.scope for row in sheets},
                "grants": [list(row) for row in grants],
            }

    def _granted(self, user: str) -> set[str]:
        with self._world.reading() as session:
            return host.scopes(session, user)

    @property
    def _world(self) -> World:
        assert self.world is not None, "new() first"
        return self.world


def _die(_: Any) -> None:
    raise Killed


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        driven = Driven(Path(folder))
        for line in sys.stdin:
            name, *given = json.loads(line)
            call: Callable[..., Any] = getattr(driven, name)
            sys.stdout.write(json.dumps(call(*given)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
