"""From bytes to a request whose shape is known. What is wrong with a single mutation is not judged here but told."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sync import clock, envelope
from sync.canonical import SAFE, mended
from sync.envelope import Frozen, Json
from sync.hlc import is_hlc
from sync.ids import is_uuid, is_uuid7
from sync.keys import from_b64u, public_key
from sync.problems import TooLarge, VersionUnsupported, malformed
from sync.sealing import MAX_INFLATED, inflate

MAX_SENT = 256 * 1024
MAX_ENTRIES = 1000
MAX_ASKED = 500
MAX_CURSOR = 65_536
MAX_DEPTH = 32

_OP = re.compile(r"(?=.{1,64}\Z)[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+@[1-9][0-9]{0,3}\Z")
_BLOB = re.compile(r"sha256:[0-9a-f]{64}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_CLIENT = re.compile(r"[ -~]{1,64}\Z")
_BOX = re.compile(r"[A-Za-z0-9_-]+\Z")
_KEY_ID = re.compile(r"[0-9a-f]{16}\Z")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}\Z")

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Sealed:
    """A segment as it travels: whose, from and to which seq, and the box."""

    device: str
    first: int
    last: int
    box: str


@dataclass(frozen=True)
class Exchange:
    """A request to exchange, of the right shape; not yet known to be authentic.

    sent_ms: by the phone's clock. message: what `auth` must sign. certify: whether it wants a certificate; the first
    phones did not ask.
    """

    raw: Json
    device: str
    client: str
    boot: str
    mono_ms: int
    sent_ms: int
    cursor: str | None
    pull: bool
    key: str
    mutations: list[Frozen]
    head_sig: str | None
    sealed: list[Sealed]
    ask: list[int]
    auth: str
    message: bytes
    certify: bool


def exchange(body: bytes, *, gzipped: bool) -> Exchange:
    """The request in a body. Raises Malformed, VersionUnsupported or TooLarge."""
    raw = document(body, gzipped=gzipped)
    _members(raw, _EXCHANGE, "exchange")
    if len(raw["mutations"]) + len(raw["sealed"]) > MAX_ENTRIES:
        raise TooLarge(limit="entries", max=MAX_ENTRIES)
    entries(raw["mutations"], "mutations")
    for index, part in enumerate(raw["sealed"]):
        if not isinstance(part, dict):
            raise malformed(f"sealed/{index}", "object")
        _members(part, _SEALED, f"sealed/{index}")
    mutations = frozen(raw["mutations"])
    return Exchange(
        raw=raw,
        sent_ms=clock.to_ms(clock.parse_wall(raw["sent_at"])),
        sealed=[Sealed(part["device"], part["first"], part["last"], part["box"]) for part in raw["sealed"]],
        mutations=mutations,
        message=signed(lambda: envelope.exchange_message(raw, mutations)),
        certify=raw.get("certify") is True,
        **{name: raw[name] for name in _EXCHANGE if name not in ("sent_at", "sealed", "mutations")},
    )


def enrolment(body: bytes) -> Json:
    """The request in a body. Raises Malformed, VersionUnsupported or TooLarge."""
    raw = document(body, gzipped=False)
    _members(raw, _ENROLMENT, "enrolment")
    return raw


def segment(plaintext: bytes, first: int, last: int) -> Json:
    """A sealed segment's contents. Raises Malformed, TooLarge."""
    raw = document(plaintext, gzipped=True)
    _members(raw, {"mutations": _is_list, "head_sig": _is_signature}, "segment")
    if raw.setdefault("author", None) is not None:
        _members(raw["author"] if isinstance(raw["author"], dict) else {}, _AUTHOR, "segment/author")
    found = entries(raw["mutations"], "segment")
    if not found or (found[0]["seq"], found[-1]["seq"]) != (first, last) or len(found) > MAX_ENTRIES:
        raise malformed("segment", "not the seqs on its label")
    return raw


def document(body: bytes, *, gzipped: bool) -> Json:
    """The JSON object of version 1 in a body. Raises Malformed, VersionUnsupported or TooLarge."""
    if len(body) > MAX_SENT:
        raise TooLarge(limit="bytes", max=MAX_SENT)
    try:
        text = (inflate(body) if gzipped else body).decode()
        raw = json.loads(text, parse_constant=_no_constant)
        raw = mended(raw) if "\\ud" in text.lower() else raw
    except OverflowError:
        raise TooLarge(limit="inflated", max=MAX_INFLATED) from None
    except RecursionError:
        raise malformed("body", "nested too deep") from None
    except ValueError:
        raise malformed("body", "gzip" if gzipped else "json") from None
    if not isinstance(raw, dict):
        raise malformed("body", "object")
    if raw.get("v") != 1 or isinstance(raw["v"], bool):
        raise VersionUnsupported(supported=[1])
    return raw


def signed(message: Callable[[], bytes]) -> bytes:
    """The message of a request. Raises Malformed when some member of it has no canonical form."""
    try:
        return message()
    except (ValueError, RecursionError):
        raise malformed("body", "a number that is no double, or nested too deep") from None


def entries(found: list[Any], at: str) -> list[Json]:
    """Entries of a run: consecutive, each with a seq and something to hash. Raises Malformed."""
    for index, entry in enumerate(found):
        if not isinstance(entry, dict) or not _is_seq(entry.get("seq")):
            raise malformed(f"{at}/{index}", "seq")
        if "void" in entry and (entry.keys() != {"seq", "void"} or not _is_hash(entry["void"])):
            raise malformed(f"{at}/{index}", "void")
        if entry["seq"] != found[0]["seq"] + index:
            raise malformed(f"{at}/{index}", "consecutive")
    return found


def frozen(found: list[Json]) -> list[Frozen]:
    """Entries with their hashes. Raises Malformed when one holds a number that is no double."""
    try:
        return [envelope.freeze(entry) for entry in found]
    except (ValueError, RecursionError):
        raise malformed("mutations", "a number that is no double, or nested too deep") from None


def flaw(mutation: Json) -> str | None:
    """The first thing wrong with a mutation's form, or None when it may be given to its operation."""
    if mutation.keys() != _MUTATION.keys():
        return ",".join(sorted(mutation.keys() ^ _MUTATION.keys()))[:200]
    return next((name for name, good in _MUTATION.items() if not good(mutation[name])), None)


def _members(raw: Json, checks: dict[str, Check], at: str) -> None:
    for name, good in checks.items():
        if name not in raw or not good(raw[name]):
            raise malformed(f"{at}/{name}", "missing or not of its form")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= SAFE


def _is_seq(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_wall(value: object) -> bool:
    try:
        return isinstance(value, str) and clock.parse_wall(value) is not None
    except ValueError:
        return False


def _is_base(value: object) -> bool:
    return value is None or (isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)))


def _is_args(value: object) -> bool:
    return isinstance(value, dict) and _fit((value,), MAX_DEPTH)


def _fit(values: Iterable[object], depth: int) -> bool:
    """Nested no deeper than depth, and without NUL, which PostgreSQL cannot keep in a text."""
    for value in values:
        if isinstance(value, str):
            if "\0" in value:
                return False
        elif isinstance(value, dict):
            if not depth or "\0" in "".join(value) or not _fit(value.values(), depth - 1):
                return False
        elif isinstance(value, list) and not (depth and _fit(value, depth - 1)):
            return False
    return True


def _is_public(value: object) -> bool:
    try:
        return isinstance(value, str) and public_key(from_b64u(value)) is not None
    except ValueError:
        return False


def _is_proof(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("transport", "signing")
    )


def _text(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


def _listed(good: Check, most: int) -> Check:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(good, value))


def _or_none(good: Check) -> Check:
    return lambda value: value is None or good(value)


_is_hash = _text(_HASH)
_is_signature = _text(_SIGNATURE)

_MUTATION: dict[str, Check] = {
    "seq": _is_seq,
    "id": is_uuid7,
    "op": _text(_OP),
    "entity": is_uuid,
    "base": _is_base,
    "args": _is_args,
    "hlc": is_hlc,
    "wall": _is_wall,
    "mono_ms": _is_count,
    "boot": is_uuid7,
    "deps": _listed(is_uuid7, 100),
    "blobs": _listed(_text(_BLOB), 500),
}
_SEALED: dict[str, Check] = {"device": is_uuid7, "first": _is_seq, "last": _is_seq, "box": _text(_BOX)}
_AUTHOR: dict[str, Check] = {"user": is_uuid, "signing_key": _is_public, "after": _is_hash}
_EXCHANGE: dict[str, Check] = {
    "device": is_uuid7,
    "client": _text(_CLIENT),
    "boot": is_uuid7,
    "mono_ms": _is_count,
    "sent_at": _is_wall,
    "cursor": lambda value: value is None or (isinstance(value, str) and len(value) <= MAX_CURSOR),
    "pull": lambda value: isinstance(value, bool),
    "key": _text(_KEY_ID),
    "mutations": _is_list,
    "head_sig": _or_none(_is_signature),
    "sealed": _is_list,
    "ask": _listed(_is_seq, MAX_ASKED),
    "auth": _is_signature,
}
_ENROLMENT: dict[str, Check] = {
    "phone": is_uuid7,
    "user": is_uuid,
    "transport_key": _is_public,
    "signing_key": _is_public,
    "client": _text(_CLIENT),
    "boot": is_uuid7,
    "mono_ms": _is_count,
    "sent_at": _is_wall,
    "replaces": _or_none(is_uuid7),
    "proof": _is_proof,
}
