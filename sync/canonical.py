"""Canonical JSON (RFC 8785), total: whatever a JSON parser let through has exactly one form here.

Two rules make it total, the same in both languages: every number is a double, and a lone surrogate is U+FFFD,
as TextEncoder makes it.
"""

import hashlib
import json
import re
from typing import Any

import rfc8785

SAFE = 2**53 - 1
_LONE = re.compile("[\ud800-\udfff]")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a parsed JSON value, UTF-8.

    Raises ValueError for NaN and infinities, and RecursionError beyond the interpreter's depth.
    """
    if _is_plain(value):
        try:
            return _ENCODER.encode(value).encode()
        except UnicodeEncodeError:
            pass
    return rfc8785.dumps(mended(value))


def sha256(data: bytes) -> bytes:
    """SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def _is_plain(value: Any) -> bool:
    """Whether the C encoder's form is the canonical one: keys sort alike, numbers print alike."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, dict):
        # Beyond ASCII, code points and UTF-16 units may sort differently.
        return all(key.isascii() and _is_plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -SAFE <= value <= SAFE
    # repr() and ECMAScript print the same shortest digits, and the same way in this range.
    return isinstance(value, float) and 1e-4 <= abs(value) < 1e15 and not value.is_integer()


def mended(value: Any) -> Any:
    """The value with lone surrogates replaced and numbers beyond ±(2^53 − 1) as doubles."""
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mended(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -SAFE <= value <= SAFE:
        try:
            return float(value)
        except OverflowError:
            raise ValueError("a number beyond the range of a double") from None
    return value
