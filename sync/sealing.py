"""Sealing to the server: ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM. Who carries a box reads nothing.

box = 0x01 ‖ key id (8) ‖ ephemeral public key (65) ‖ ciphertext ‖ tag (16), base64url.
"""

import gzip
import json
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.canonical import sha256
from sync.ids import octets
from sync.keys import PrivateKey, b64u, from_b64u, public_key, raw_public

SEALED = b"kuangjian/sealed/1\n"
VERSION = 1
MAX_INFLATED = 2 * 1024 * 1024
_HEADER = 1 + 8 + 65


def key_id(raw: bytes) -> str:
    """The id of a public key: the first 8 bytes of SHA-256 over its raw point, 16 hex digits."""
    return sha256(raw)[:8].hex()


def associated(device: str, first: int, last: int) -> bytes:
    """What the tag binds beside the ciphertext: whose segment it is, and which numbers."""
    return SEALED + octets(device) + first.to_bytes(8, "big") + last.to_bytes(8, "big")


def seal(recipient: bytes, ephemeral: PrivateKey, plaintext: bytes, aad: bytes) -> str:
    """Seals plaintext (gzip of the segment's JSON) to a raw public key. An ephemeral key is used once only."""
    epk = raw_public(ephemeral.public_key())
    key, nonce = _derive(ephemeral.exchange(ECDH(), public_key(recipient)), epk, recipient)
    header = bytes([VERSION]) + bytes.fromhex(key_id(recipient)) + epk
    return b64u(header + AESGCM(key).encrypt(nonce, plaintext, aad))


def addressed_to(box: str) -> str:
    """The id of the key a box was sealed to; raises ValueError when it is no box of this version."""
    return _parts(box)[0]


def open_box(private: PrivateKey, box: str, aad: bytes) -> bytes:
    """The plaintext of a box; raises ValueError when the key, the label or a single bit is not the right one."""
    _, epk, ciphertext = _parts(box)
    own = raw_public(private.public_key())
    key, nonce = _derive(private.exchange(ECDH(), public_key(epk)), epk, own)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise ValueError("the box does not open") from None


def pack(segment: Any) -> bytes:
    """The plaintext of a segment: its JSON, gzipped (RFC 1952)."""
    return gzip.compress(json.dumps(segment, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def inflate(data: bytes, limit: int = MAX_INFLATED) -> bytes:
    """The contents of one whole gzip member; raises ValueError if it is not one, OverflowError beyond limit."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(data, limit + 1)
    except zlib.error:
        raise ValueError("not gzip") from None
    if len(plain) > limit:
        raise OverflowError("inflates beyond the limit")
    if not inflater.eof or inflater.unused_data:
        raise ValueError("cut short, or something follows")
    return plain


def _parts(box: str) -> tuple[str, bytes, bytes]:
    data = from_b64u(box)
    if len(data) < _HEADER + 16 or data[0] != VERSION:
        raise ValueError("not a box of version 1")
    return data[1:9].hex(), data[9:_HEADER], data[_HEADER:]


def _derive(shared: bytes, epk: bytes, recipient: bytes) -> tuple[bytes, bytes]:
    material = HKDF(algorithm=SHA256(), length=44, salt=None, info=SEALED + epk + recipient).derive(shared)
    return material[:32], material[32:]
