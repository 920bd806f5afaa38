"""Identifiers: UUID version 7 (RFC 9562), so that rows sort by when they were made and phones can make their own."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> UUID:
    """A new identifier for something made at `at` (aware)."""
    millis = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    tail = secrets.randbits(74)
    return UUID(int=millis << 80 | 0x7 << 76 | (tail >> 62) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1))
