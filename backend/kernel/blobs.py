"""Photos, scans and PDFs: bytes under their own SHA-256, in a folder or on S3, the same code for both.

An object is written before the transaction that speaks of it, never inside: at worst there is an object that no row
names, never a row that names no object. A key says what its bytes are, so writing twice is writing once.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

SHA256 = re.compile(r"^sha256:[0-9a-f]{64}$")


class Blobs:
    """url: `file:///…` or `s3://bucket` (credentials as the cloud's own variables)."""

    def __init__(self, url: str) -> None:
        self.store: ObjectStore = _local(url) if url.startswith("file:") else from_url(url)

    def put(self, data: bytes) -> str:
        """Keep the bytes; returns `sha256:<hex>`."""
        name = digest(data)
        with contextlib.suppress(AlreadyExistsError):
            obstore.put(self.store, _key(name), data, mode="create")
        return name

    def get(self, name: str) -> bytes | None:
        """The bytes, or None when there are none under this name."""
        try:
            return bytes(obstore.get(self.store, _key(name)).bytes())
        except (NotFoundError, FileNotFoundError):
            return None

    def has(self, name: str) -> bool:
        try:
            obstore.head(self.store, _key(name))
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def names(self) -> Iterator[str]:
        for batch in obstore.list(self.store, prefix="sha256/"):
            for entry in batch:
                yield "sha256:" + entry["path"].rsplit("/", 1)[-1]

    def check(self) -> Iterator[str]:
        """Read every object back and yield a sentence for each whose bytes are not what its name says."""
        for name in self.names():
            data = self.get(name)
            if data is None or digest(data) != name:
                yield f"object {name} does not match its name"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _key(name: str) -> str:
    if not SHA256.match(name):
        raise ValueError(f"not a blob name: {name[:80]!r}")
    value = name.removeprefix("sha256:")
    return f"sha256/{value[:2]}/{value}"


def _local(url: str) -> LocalStore:
    folder = Path(unquote(urlparse(url).path))
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder)
