"""Phones on the wire, and what people do on them while things break."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from time import monotonic, time
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import select

import sync.tables
from backend.accounts import operations as accounts
from backend.demo import pictures
from backend.devices.scopes import visible_scopes
from backend.documents.render import data_hash
from backend.enforcement import drafts
from backend.enforcement.models import Document
from backend.hazards.models import Hazard
from backend.verify import check
from sync.envelope import Json
from tests.backend.phones import FieldPhone
from tests.faults.installation import Installation
from tests.sync.phone import Handset

PATIENCE = 90.0  # seconds that anything here may take before the test fails
BASE = "http://localhost:8000/v"


class Away(Exception):
    """No answer, or one that says "not now"."""


class Wire:
    """The way from one phone to the server: `address` may be the server's, or a proxy's in between."""

    def __init__(self, installation: Installation, address: str, login: str) -> None:
        self.address = address
        self.user, token = installation.token(login)
        # One request a connection: whatever breaks, breaks one request.
        self.headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        self.refusals: Counter[str] = Counter()

    def enrol(self, request: Json, user: str) -> Json:
        return self._post("/api/v1/sync/enrolments", json.dumps(request).encode(), {})

    def exchange(self, request: Json, user: str | None) -> Json:
        body = gzip.compress(json.dumps(request).encode(), 1)
        return self._post("/api/v1/sync/exchange", body, {"Content-Encoding": "gzip"})

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> Json:
        sent = self.headers | {"Content-Type": "application/json"} | headers
        try:
            response = requests.post(self.address + path, body, headers=sent, timeout=PATIENCE)
            answer: Json = response.json()
        except (requests.RequestException, ValueError) as error:
            raise Away(str(error)) from error
        if response.status_code >= 500:
            self.refusals[answer["code"]] += 1
            raise Away(answer["code"])
        assert response.ok, answer
        return answer


class LivePhone(FieldPhone):
    """A phone by the real time, that tries again until it is answered."""

    def __init__(self, installation: Installation, address: str, login: str, name: str = "") -> None:
        wire = Wire(installation, address, login)
        super().__init__(wire, Handset(name or login, lambda: int(time() * 1000)), wire.user)  # type: ignore[arg-type]
        self.login, self.wire = login, wire
        self.random = Random(name or login)
        self.made: list[str] = []
        self.patience = PATIENCE

    def until_answered(self, act: Callable[[], Any]) -> Any:
        """Full-jitter back-off, as the field app has it, only faster."""
        begun, wait = monotonic(), 0.02
        while True:
            try:
                return act()
            except Away as reason:
                if monotonic() - begun > self.patience:
                    raise AssertionError(f"{self.login} was never answered: {reason}") from reason
                threading.Event().wait(self.random.random() * wait)
                wait = min(wait * 2, 1.0)

    def report(self, what: str, photos: tuple[str, ...] = (), **facts: Any) -> str:
        """A hazard, frozen; it goes with the next exchange."""
        hazard = self.handset.new_id()
        args = {
            "mine": next(iter(self.of("mine"))), "place": None, "where": "420中段", "what": what,
            "suspected_major": False, "major_ref": None, "basis": [], "visit": None, "told": "班长",
            "submission": None, "item": None, "photos": list(photos), "reported_at": self.handset.wall,
        }  # fmt: skip
        self.act("hazard.report@1", hazard, args | facts, blobs=list(photos))
        self.made.append(hazard)
        return hazard


class Crowd:
    """Phones that work at once, each in its own thread, and count what the server acknowledged."""

    def __init__(self, phones: list[LivePhone]) -> None:
        self.phones = phones
        self.acknowledged = 0
        self.working = len(phones)
        self.changed = threading.Condition()
        self.failures: list[BaseException] = []

    def work(self, rounds: int, each: Callable[[LivePhone, int], None]) -> None:
        """Start them; `each` is what a phone does in a round before it exchanges."""
        for phone in self.phones:
            threading.Thread(target=self._run, args=(phone, rounds, each), daemon=True).start()

    def _run(self, phone: LivePhone, rounds: int, each: Callable[[LivePhone, int], None]) -> None:
        try:
            for number in range(rounds):
                each(phone, number)
                before = len(phone.results)
                phone.until_answered(phone.exchange)
                with self.changed:
                    self.acknowledged += len(phone.results) - before
                    self.changed.notify_all()
        except BaseException as error:
            self.failures.append(error)
        finally:
            with self.changed:
                self.working -= 1
                self.changed.notify_all()

    def wait_for(self, acknowledged: int) -> None:
        """Until so many mutations were acknowledged, or all phones are through."""
        self._wait(lambda: self.acknowledged >= acknowledged or self.working == 0)

    def wait_for_all(self) -> None:
        self._wait(lambda: self.working == 0)
        for failure in self.failures:
            raise failure

    def _wait(self, done: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(done, timeout=600), "the phones got nowhere"


def issue(phone: FieldPhone, visit: str) -> str:
    """The officer's phone prints an order with the next number it holds, without any network."""
    used = {
        (entry["args"]["block"], entry["args"]["n"])
        for entry in phone.outbox.values()
        if entry.get("op") == "document.issue@1"
    }
    key, block, n = min(
        (
            (key, block, n)
            for key, block in phone.of("number_block").items()
            for n in range(block["next"], block["last"] + 1)
            if block["kind"] == "rectify_order" and (key, n) not in used
        ),
        key=lambda found: found[2],
    )
    row = phone.of("visit")[visit]
    hazards = [{"id": key} | row for key, row in phone.of("hazard").items() if row["visit"] == visit]
    signatures = {
        member["user"]: {
            "role": "inspector", "name": member["name"], "at": phone.handset.wall, "hash": "0" * 64,
            "strokes": pictures.ink(UUID(member["user"])),
        }
        for member in row["team"]
    }  # fmt: skip
    data = drafts.rectify_order(
        row,
        phone.of("mine")[row["mine"]],
        next(iter(phone.of("bureau").values())),
        hazards,
        signatures,
        block["pattern"].format(year=block["year"], n=n),
        BASE,
        issued_at=phone.handset.wall,
        deadlines={hazard["id"]: "2030-03-09" for hazard in hazards},
    )
    document = phone.handset.new_id()
    args = {"visit": visit, "kind": "rectify_order", "block": key, "n": n, "supersedes": None}
    phone.act(
        "document.issue@1", document, args | {"data": data, "data_hash": data_hash("rectify_order", data)}
    )
    return document


def assert_nothing_lost(installation: Installation, phones: list[LivePhone], hidden: str = "") -> None:
    """Queues empty, digests equal, every acknowledged write there once, every number once, no row out of its scope.

    hidden: the id of something that only officers may know of.
    """
    installation.finish_jobs()
    for phone in phones:
        phone.wire.address = installation.address
        phone.until_answered(phone.sync)  # sends what is left, and compares the digests
    for phone in phones:
        phone.until_answered(phone.sync)
        assert {result["was"] or result["status"] for result in phone.results.values()} <= {
            "applied",
            "merged",
        }
    table = sync.tables.mutation
    with installation.store.database.reading() as session:
        stored = Counter(session.scalars(select(table.c.device)))
        assert [stored[phone.device] for phone in phones] == [phone.seq for phone in phones]
        made = Counter(str(row) for row in session.scalars(select(Hazard.id)))
        made.update(str(row) for row in session.scalars(select(Document.id)))
        assert [one for phone in phones for one in phone.made if made[one] != 1] == []
        numbers = Counter(session.scalars(select(Document.number)))
        assert [number for number, times in numbers.items() if times > 1] == []
        for phone in phones:
            mine = visible_scopes(session, accounts.actor(session, UUID(phone.user)))
            assert {row["scope"] for row in phone.held.values()} <= mine
            if hidden and not phone.login.startswith("jiancha"):
                assert hidden not in json.dumps(phone.rows())
    assert list(check(installation.store)) == []
