"""Canonical JSON (RFC 8785), total: whatever a JSON parser let through has exactly one form here.

Two rules make it total, the same in both languages: every number is a double, and a lone surrogate is U+FFFD,
as TextEncoder makes it.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import rfc8785

SAFE = 2**53 - 1
_LONE = re.compile("[\ud800-\udfff]")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a parsed JSON value, UTF-8.

    Raises ValueError for NaN and infinities, and RecursionError beyond the interpreter's depth.
    """
    if _are_plain((value,)):
        try:
            return _ENCODER.encode(value).encode()
        except UnicodeEncodeError:
            pass
    return rfc8785.dumps(mended(value))


def sha256(data: bytes) -> bytes:
    """SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def _are_plain(values: Iterable[Any]) -> bool:
    """Whether the C encoder's form is the canonical one: keys sort alike, numbers print alike."""
    # All that is exchanged comes through here: one call for each object and list, none for what stands in it.
    for value in values:
        kind = type(value)
        if kind is str or kind is bool or value is None:
            continue
        if kind is dict:
            # Beyond ASCII, code points and UTF-16 units may sort differently.
            if not (all(map(str.isascii, value)) and _are_plain(value.values())):
                return False
        elif kind is list or kind is tuple:
            if not _are_plain(value):
                return False
        elif not _is_plain_number(value):
            return False
    return True


def _is_plain_number(value: Any) -> bool:
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
