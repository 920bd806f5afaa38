"""What is hashed, chained and signed, byte for byte (docs/adr/0004-sync-envelope.md)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.canonical import canonical, sha256
from sync.ids import octets

CHAIN = b"kuangjian/chain/1\n"
HEAD = b"kuangjian/head/1\n"
EXCHANGE = b"kuangjian/exchange/1\n"
ENROL = b"kuangjian/enrol/1\n"
RECEIPT = b"kuangjian/receipt/1\n"

Json = dict[str, Any]


def body_hash(mutation: Mapping[str, Any]) -> bytes:
    """SHA-256 of the mutation without its seq; a void entry states the hash of what is gone.

    Raises ValueError when a void does not state 64 hex digits.
    """
    if "void" in mutation:
        stated = bytes.fromhex(mutation["void"])
        if len(stated) != 32:
            raise ValueError("a void states a hash of 32 bytes")
        return stated
    return sha256(canonical({name: value for name, value in mutation.items() if name != "seq"}))


def genesis(device: str) -> bytes:
    """link_0 of a device's chain."""
    return sha256(CHAIN + octets(device))


def link(previous: bytes, seq: int, digest: bytes) -> bytes:
    """link_n = SHA-256(link_{n-1} ‖ n as 8 bytes big-endian ‖ hash_n)."""
    return sha256(previous + seq.to_bytes(8, "big") + digest)


def head_message(head: bytes) -> bytes:
    """What the person's signing key signs: the chain up to and with this link."""
    return HEAD + head


def skeleton(request: Mapping[str, Any], hashes: Sequence[bytes]) -> Json:
    """A request with each mutation replaced by its hash and each box by its digest, without `auth`."""
    mutations = [
        [entry["seq"], digest.hex(), *(["void"] if "void" in entry else [])]
        for entry, digest in zip(request["mutations"], hashes, strict=True)
    ]
    sealed = [
        [part["device"], part["first"], part["last"], sha256(part["box"].encode()).hex()]
        for part in request["sealed"]
    ]
    rest = {name: value for name, value in request.items() if name != "auth"}
    return rest | {"mutations": mutations, "sealed": sealed}


def exchange_message(request: Mapping[str, Any], hashes: Sequence[bytes]) -> bytes:
    """What the transport key signs of an exchange. hashes: of its mutations, in order."""
    return EXCHANGE + sha256(canonical(skeleton(request, hashes)))


def enrol_message(request: Mapping[str, Any]) -> bytes:
    """What both keys sign of an enrolment, to prove that the phone holds them."""
    return ENROL + sha256(canonical({name: value for name, value in request.items() if name != "proof"}))


def receipt_message(receipt: Mapping[str, Any]) -> bytes:
    """What the server's receipt key signs."""
    return RECEIPT + sha256(canonical({name: value for name, value in receipt.items() if name != "sig"}))
