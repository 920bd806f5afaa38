"""Photos, scans and PDFs: bytes under their own SHA-256, in a folder or on S3, the same code for both.

An object is written before the transaction that speaks of it, never inside: at worst there is an object that no row
names, never a row that names no object. A key says what its bytes are, so writing twice is writing once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse
from uuid import UUID

import obstore
from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

SHA256 = re.compile(r"^sha256:[0-9a-f]{64}$")


class Blobs:
    """url: `file:///…` or `s3://bucket` (credentials as the cloud's own variables)."""

    def __init__(self, url: str) -> None:
        self.store: ObjectStore = _local(url) if url.startswith("file:") else _remote(url)

    def put(self, data: bytes) -> str:
        """Keep the bytes; returns `sha256:<hex>`."""
        name = digest(data)
        key = _key(name)
        try:
            obstore.put(self.store, key, data, mode="create")
        except AlreadyExistsError:
            # A power failure can leave a name without all of its bytes: then these are the better ones.
            if self._read(key) != data:
                obstore.put(self.store, key, data)
        self._settle(key)
        return name

    def get(self, name: str) -> bytes | None:
        """The bytes, or None when there are none under this name."""
        return self._read(_key(name))

    def has(self, name: str) -> bool:
        try:
            obstore.head(self.store, _key(name))
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def put_part(self, upload: UUID, data: bytes) -> str:
        """Keep a part of a file that is still arriving. Named by its hash, so that two writers never mix theirs."""
        name = digest(data)
        obstore.put(self.store, _part(upload, name), data)
        return name

    def join(self, upload: UUID, parts: Iterable[str]) -> bytes:
        """The parts in this order. One that is lost is left out; the hash of the whole tells."""
        return b"".join(self._read(_part(upload, name)) or b"" for name in parts)

    def drop_parts(self, upload: UUID) -> None:
        """Forget every part of an upload. Doing it twice, or two at once, is no error."""
        with contextlib.suppress(NotFoundError, FileNotFoundError):
            for batch in obstore.list(self.store, prefix=f"uploads/{upload}/"):
                obstore.delete(self.store, [entry["path"] for entry in batch])

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

    def _read(self, key: str) -> bytes | None:
        try:
            return bytes(obstore.get(self.store, key).bytes())
        except (NotFoundError, FileNotFoundError):
            return None

    def _settle(self, key: str) -> None:
        """On our own disk, bytes and name are made as durable as the row that will speak of them."""
        if isinstance(self.store, LocalStore) and self.store.prefix is not None:
            file = self.store.prefix / key
            for path in (file, *file.parents[:2]):
                opened = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(opened)
                finally:
                    os.close(opened)


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _key(name: str) -> str:
    if not SHA256.fullmatch(name):
        raise ValueError(f"not a blob name: {name[:80]!r}")
    value = name.removeprefix("sha256:")
    return f"sha256/{value[:2]}/{value}"


def _part(upload: UUID, name: str) -> str:
    return f"uploads/{upload}/{name.removeprefix('sha256:')}"


def _local(url: str) -> LocalStore:
    folder = Path(unquote(urlparse(url).path))
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder, automatic_cleanup=True)


def _remote(url: str) -> ObjectStore:
    """A store that does not answer is given up soon: its phone tries again, and others need the thread meanwhile."""
    return from_url(
        url,
        # A plain http endpoint is an intranet's own; whoever names one means it.
        client_options={"connect_timeout": "3s", "timeout": "10s", "allow_http": True},
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=10)},
    )
