"""What is hashed, chained and signed, byte for byte (docs/adr/0004-sync-envelope.md)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sync.canonical import canonical, sha256
from sync.ids import octets

CHAIN = b"kuangjian/chain/1\n"
HEAD = b"kuangjian/head/1\n"
EXCHANGE = b"kuangjian/exchange/1\n"
ENROL = b"kuangjian/enrol/1\n"
RECEIPT = b"kuangjian/receipt/1\n"
CERTIFICATE = b"kuangjian/certificate/1\n"

Json = dict[str, Any]


class Frozen(NamedTuple):
    """An entry as sent, its body in canonical form (None for a void), and its hash."""

    entry: Json
    body: bytes | None
    hash: bytes

    @property
    def seq(self) -> int:
        """Its place in the chain."""
        return int(self.entry["seq"])


def freeze(entry: Json) -> Frozen:
    """Hashes an entry: SHA-256 of the mutation without its seq; a void states the hash of what is gone.

    Raises ValueError when a void does not state hex digits.
    """
    if "void" in entry:
        return Frozen(entry, None, bytes.fromhex(entry["void"]))
    body = canonical({name: value for name, value in entry.items() if name != "seq"})
    return Frozen(entry, body, sha256(body))


def body_hash(entry: Json) -> bytes:
    """The hash of an entry."""
    return freeze(entry).hash


def genesis(device: str) -> bytes:
    """link_0 of a device's chain."""
    return sha256(CHAIN + octets(device))


def link(previous: bytes, seq: int, digest: bytes) -> bytes:
    """link_n = SHA-256(link_{n-1} ‖ n as 8 bytes big-endian ‖ hash_n)."""
    return sha256(previous + seq.to_bytes(8, "big") + digest)


def head_message(head: bytes) -> bytes:
    """What the person's signing key signs: the chain up to and with this link."""
    return HEAD + head


def skeleton(request: Mapping[str, Any], frozen: Sequence[Frozen]) -> Json:
    """A request with each mutation replaced by its hash and each box by its digest, without `auth`."""
    mutations = [[each.seq, each.hash.hex(), *(["void"] if each.body is None else [])] for each in frozen]
    sealed = [
        [part["device"], part["first"], part["last"], sha256(part["box"].encode()).hex()]
        for part in request["sealed"]
    ]
    rest = {name: value for name, value in request.items() if name != "auth"}
    return rest | {"mutations": mutations, "sealed": sealed}


def exchange_message(request: Mapping[str, Any], frozen: Sequence[Frozen]) -> bytes:
    """What the transport key signs of an exchange. frozen: its mutations, in order."""
    return EXCHANGE + sha256(canonical(skeleton(request, frozen)))


def enrol_message(request: Mapping[str, Any]) -> bytes:
    """What both keys sign of an enrolment, to prove that the phone holds them."""
    return ENROL + _rest(request, "proof")


def receipt_message(receipt: Mapping[str, Any]) -> bytes:
    """What the server's receipt key signs."""
    return RECEIPT + _rest(receipt, "sig")


def certificate_message(certificate: Mapping[str, Any]) -> bytes:
    """What the server's receipt key signs of whose signing key it is."""
    return CERTIFICATE + _rest(certificate, "sig")


def _rest(signed: Mapping[str, Any], signature: str) -> bytes:
    return sha256(canonical({name: value for name, value in signed.items() if name != signature}))
