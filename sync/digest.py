"""Fingerprints of rows and of scopes: equal on phone and server when both hold the same rows.

A scope's digest is the sum, modulo 2^128, of its rows' digests: it is kept up by adding and taking away.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sync.canonical import canonical, sha256

MODULUS = 2**128
_LIMB = 2**32 - 1


def row_digest(collection: str, id: str, ver: int, row: Mapping[str, Any]) -> int:
    """The first 16 bytes, big-endian, of SHA-256 over the RFC 8785 form of [collection, id, ver, row]."""
    return int.from_bytes(sha256(canonical([collection, id, ver, row]))[:16], "big")


def total(digests: Iterable[int]) -> str:
    """The digest of a scope as the wire has it: 32 hex digits."""
    return f"{sum(digests) % MODULUS:032x}"


def limbs(digest: int) -> tuple[int, int, int, int]:
    """A digest as four 32-bit numbers, lowest first.

    SQL has no 128-bit integers; four 64-bit columns add up alike on every database, without a carry.
    """
    return (digest & _LIMB, digest >> 32 & _LIMB, digest >> 64 & _LIMB, digest >> 96)


def from_limbs(sums: Iterable[int]) -> str:
    """The digest of a scope from the sums of its limbs."""
    return total(part << 32 * place for place, part in enumerate(sums))
