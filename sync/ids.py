"""Identifiers: UUID version 7 (RFC 9562 §5.7), lower-case text, made from a given time and given randomness."""

import re
from uuid import UUID

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
UUID7_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def uuid7(ms: int, random: bytes) -> str:
    """The UUIDv7 of a moment.

    ms: milliseconds since 1970-01-01T00:00Z, 48 bits. random: 10 bytes, of which 74 bits are used.
    """
    octets = bytearray(ms.to_bytes(6, "big") + random[:10])
    octets[6] = 0x70 | (octets[6] & 0x0F)
    octets[8] = 0x80 | (octets[8] & 0x3F)
    return str(UUID(bytes=bytes(octets)))


def is_uuid(value: object) -> bool:
    """Whether value is a UUID of any version in the one form the wire allows: lower case, with hyphens."""
    return isinstance(value, str) and UUID_TEXT.match(value) is not None


def is_uuid7(value: object) -> bool:
    """As is_uuid, version 7 only."""
    return isinstance(value, str) and UUID7_TEXT.match(value) is not None


def octets(uuid: str) -> bytes:
    """The 16 bytes of a UUID's text."""
    return UUID(uuid).bytes
