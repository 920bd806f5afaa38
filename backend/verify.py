"""Proof that nothing was changed behind the program's back: audit chain, objects, documents."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.app import Store
from backend.documents.render import data_hash
from backend.enforcement.models import Document
from backend.kernel import audit
from backend.uploads.models import Blob


def check(store: Store) -> Iterator[str]:
    """A sentence for everything that is not as it was written."""
    with store.database.reading() as session:
        yield from audit.check(session)
        yield from store.blobs.check()
        for names in session.execute(select(Blob.sha, Blob.thumbnail)):
            for name in filter(None, names):
                if not store.blobs.has(name):
                    yield f"object {name} is missing"
        for document in session.scalars(select(Document)):
            if document.pdf and data_hash(document.kind, document.data) != document.data_hash:
                yield f"document {document.number} says something else than when it was issued"
