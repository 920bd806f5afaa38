"""A phone, as the envelope wants it: it freezes, chains, signs, seals, sends and keeps what it is told. No store."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from sync import envelope, keys, sealing
from sync.canonical import canonical, sha256
from sync.clock import from_ms, to_ms
from sync.digest import row_digest, total
from sync.envelope import Json
from sync.hlc import Hlc, send
from sync.ids import uuid7
from sync.keys import b64u, from_b64u, raw_public
from sync.problems import DeviceForked
from sync.vectors.client import apply_answer

ACKNOWLEDGED = ("applied", "merged", "conflict", "quarantined", "duplicate", "held")


class Handset:
    """The hardware: its clocks, its randomness, its profile. Persons enrol on it."""

    def __init__(self, name: str, true_ms: Callable[[], int]) -> None:
        self.name, self.true_ms = name, true_ms
        self.drawn = 0
        self.wall_error_ms = 0
        self.asleep_ms = 0
        self.phone = self.new_id()
        self.restart()

    def restart(self) -> None:
        self.boot, self.booted_ms, self.asleep_ms = self.new_id(), self.true_ms(), 0

    def random(self, count: int) -> bytes:
        self.drawn += 1
        return sha256(f"{self.name} {self.drawn}".encode())[:count]

    def new_id(self) -> str:
        return uuid7(self.wall_ms, self.random(10))

    def key(self) -> keys.PrivateKey:
        return keys.private_key(int.from_bytes(self.random(31), "big") + 1)

    @property
    def wall_ms(self) -> int:
        return self.true_ms() + self.wall_error_ms

    @property
    def mono_ms(self) -> int:
        return self.true_ms() - self.booted_ms - self.asleep_ms

    @property
    def wall(self) -> str:
        moment = from_ms(self.wall_ms + 8 * 3600_000)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+08:00"


class Phone:
    """A person on a handset: one enrolment, one outbox, one copy of the rows."""

    def __init__(self, world: Any, handset: Handset, user: str) -> None:
        self.world, self.handset, self.user = world, handset, user
        self.signing = handset.key()
        self.held: dict[tuple[str, str], Json] = {}
        self.stale: set[tuple[str, str]] = set()
        self.cursor: str | None = None
        self.digest: Json = {}
        self.epoch = 1
        self.outbox: dict[int, Json] = {}
        self.results: dict[int, Json] = {}
        self.last_seq = 0
        self.receipts: list[Json] = []
        self.device = ""

    # Enrolment

    def enrolment(self, **changes: Any) -> Json:
        request: Json = {
            "v": 1, "phone": self.handset.phone, "user": self.user,
            "transport_key": b64u(raw_public(self.transport.public_key())),
            "signing_key": b64u(raw_public(self.signing.public_key())), "client": "test/1",
            "boot": self.handset.boot, "mono_ms": self.handset.mono_ms, "sent_at": self.handset.wall,
            "replaces": self.device or None,
        } | changes  # fmt: skip
        message = envelope.enrol_message(request)
        return request | {
            "proof": {
                "transport": keys.sign(self.transport, message),
                "signing": keys.sign(self.signing, message),
            }
        }

    def enrol(self) -> "Phone":
        """A new enrolment; after a fork, everything not acknowledged is issued again under it."""
        self.transport = self.handset.key()
        answer = self.world.enrol(self.enrolment(), self.user)
        again = [
            self.outbox[seq] for seq in sorted(self.outbox) if seq > self.last_seq or seq not in self.results
        ]
        again = [entry for entry in again if "void" not in entry]
        self.device = answer["device"]
        self.sealing_key = answer["sealing_key"]
        self.receipt_key = from_b64u(answer["receipt_key"]["public"])
        self.hlc = Hlc(0, 0, int(self.device[-8:], 16))
        self.seq, self.last_seq = 0, 0
        self.links = {0: envelope.genesis(self.device)}
        self.outbox, self.results = {}, {}
        for mutation in again:
            self.freeze(mutation)
        return self

    # Freezing

    def do(self, op: str, entity: str, args: Json | None = None, /, **members: Any) -> Json:
        """Freezes a mutation. Its base is the row as this phone has it."""
        self.hlc = send(self.hlc, self.handset.wall_ms)
        row = self.held.get(("sheet", entity))
        mutation = {
            "id": self.handset.new_id(), "op": op, "entity": entity,
            "base": [row["epoch"], row["ver"]] if row else None, "args": args or {}, "hlc": str(self.hlc),
            "wall": self.handset.wall, "mono_ms": max(0, self.handset.mono_ms), "boot": self.handset.boot,
            "deps": [], "blobs": [],
        } | members  # fmt: skip
        return self.freeze(mutation)

    def freeze(self, mutation: Json) -> Json:
        self.seq += 1
        entry = mutation | {"seq": self.seq}
        self.outbox[self.seq] = entry
        self.links[self.seq] = envelope.link(self.links[self.seq - 1], self.seq, envelope.body_hash(entry))
        return entry

    def lose(self, seq: int) -> None:
        """The store is damaged: only the hash is left of a mutation."""
        self.outbox[seq] = {"seq": seq, "void": envelope.body_hash(self.outbox[seq]).hex()}

    def signature(self, seq: int) -> str:
        return keys.sign(self.signing, envelope.head_message(self.links[seq]))

    def seal(self, first: int, last: int, **members: Any) -> Json:
        """A segment of the outbox, sealed to the server."""
        segment = {
            "v": 1,
            "mutations": [self.outbox[s] for s in range(first, last + 1)],
            "head_sig": self.signature(last),
            "author": {
                "user": self.user,
                "signing_key": b64u(raw_public(self.signing.public_key())),
                "after": self.links[first - 1].hex(),
            },
        } | members
        aad = sealing.associated(self.device, first, last)
        plaintext = gzip.compress(json.dumps(segment).encode())
        box = sealing.seal(from_b64u(self.sealing_key["public"]), self.handset.key(), plaintext, aad)
        return {"device": self.device, "first": first, "last": last, "box": box}

    # Exchanging

    def request(self, seqs: range | None = None, **members: Any) -> Json:
        """A signed request with everything not acknowledged, or with these seqs."""
        if seqs is None:
            unsaid = [seq for seq in range(1, self.seq + 1) if seq > self.last_seq or seq not in self.results]
            seqs = range(unsaid[0], min(self.seq, unsaid[0] + 99) + 1) if unsaid else range(0)
        held = [seq for seq, result in self.results.items() if result["status"] == "held"]
        request: Json = {
            "v": 1, "device": self.device, "client": "test/1", "boot": self.handset.boot,
            "mono_ms": max(0, self.handset.mono_ms), "sent_at": self.handset.wall, "cursor": self.cursor, "pull": True,
            "key": self.sealing_key["id"], "mutations": [self.outbox[seq] for seq in seqs],
            "head_sig": self.signature(seqs[-1]) if seqs else None, "sealed": [], "ask": held,
        } | members  # fmt: skip
        return self.authenticated(request)

    def authenticated(self, request: Json) -> Json:
        frozen = [envelope.freeze(entry) for entry in request["mutations"]]
        return request | {"auth": keys.sign(self.transport, envelope.exchange_message(request, frozen))}

    def exchange(self, request: Json | None = None, *, user: str | None = "", lost: bool = False) -> Json:
        """One round trip; with lost, the server's answer never arrives. Raises the server's problems."""
        request = request or self.request()
        answer: Json = self.world.exchange(request, self.user if user == "" else user)
        if not lost:
            self.take(answer)
        return answer

    def take(self, answer: Json) -> None:
        if answer["last_seq"] > self.seq:  # this phone was set back: the server knows more of it than it does
            raise DeviceForked(device=self.device, seq=self.seq, last_seq=answer["last_seq"])
        self.last_seq, self.epoch = answer["last_seq"], answer["epoch"]
        self.results |= {result["seq"]: result for result in answer["results"]}
        self.receipts += answer["receipts"]
        if answer["cursor"] is None:
            return
        before = dict(self.held)
        apply_answer(self.held, self.stale, answer)
        for key, row in self.held.items():
            if row is not before.get(key):
                row["epoch"] = answer["epoch"]
        self.cursor, self.digest = answer["cursor"], answer["digest"]

    def sync(self) -> None:
        """Exchanges until everything is sent and told, and everybody agrees on it."""
        while True:
            answer = self.exchange()
            if not answer["more"] and self.last_seq >= self.seq and len(self.results) == self.seq:
                break
        assert self.digest == self.own_digest()

    def own_digest(self) -> Json:
        found = {scope: [] for scope in self.digest}
        for (collection, id), row in self.held.items():
            found.setdefault(row["scope"], []).append(row_digest(collection, id, row["ver"], row["row"]))
        return {scope: total(digests) for scope, digests in found.items()}

    def status(self, mutation: Json) -> str:
        result = self.results[mutation["seq"]]
        return result["was"] or result["status"]

    def rows(self) -> dict[str, Any]:
        return {id: row["row"] for (_, id), row in self.held.items()}


__all__ = ["ACKNOWLEDGED", "Handset", "Phone", "canonical", "to_ms"]
