"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload): its version, its extensions, its headers."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable

from backend.kernel.problems import MALFORMED, Problem
from backend.uploads.media import LARGEST

VERSION = "1.0.0"
BODY_TYPE = "application/offset+octet-stream"
ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}
ABOUT = {
    "Tus-Version": VERSION,
    "Tus-Max-Size": str(LARGEST),
    "Tus-Extension": "creation,creation-with-upload,checksum,termination,expiration",
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}

VERSION_UNKNOWN = Problem(
    412,
    "upload.version_unknown",
    "不支持此上传协议版本，请求须带 Tus-Resumable: {version}。",
    "This version of the upload protocol is not spoken here; send Tus-Resumable: {version}.",
)
CHECKSUM_WRONG = Problem(
    460,
    "upload.checksum_wrong",
    "本段数据在传输中损坏，请重新发送。",
    "This part was damaged on its way; send it again.",
)


def metadata(header: str) -> dict[str, str]:
    """Read Upload-Metadata: `key base64,key base64`. Raises ValueError."""
    pairs: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not key or key in pairs:
            raise ValueError(f"key {key!r} is empty or repeated")
        pairs[key] = _decode(value).decode()
    return pairs


def metadata_header(pairs: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def check(data: bytes, header: str) -> None:
    """Raises CHECKSUM_WRONG (460) when the bytes are not those of Upload-Checksum (`sha256 base64`), else MALFORMED."""
    algorithm, _, value = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise MALFORMED(what=f"Upload-Checksum: {' / '.join(ALGORITHMS)}")
    try:
        expected = _decode(value)
    except ValueError as error:
        raise MALFORMED(what="Upload-Checksum: base64") from error
    if ALGORITHMS[algorithm](data) != expected:
        raise CHECKSUM_WRONG()


def _decode(value: str) -> bytes:
    try:
        return base64.b64decode(value.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
