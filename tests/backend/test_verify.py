"""`kuangjian verify`: everything is as it was written, or it is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from backend.documents.render import data_hash
from backend.enforcement.models import Document
from backend.uploads import operations as uploads
from backend.verify import check
from tests.backend.test_documents import document, explained_visit, issue
from tests.world import World


def test_one_flipped_byte_of_an_issued_pdf_is_found(world: World) -> None:
    paper = document(world, issue(world, explained_visit(world)))
    world.drain()
    paper = document(world, paper.id)
    assert list(check(world.store)) == []
    value = str(paper.pdf).removeprefix("sha256:")
    path = world.store.config.data_dir / "objects" / "sha256" / value[:2] / value
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert list(check(world.store)) == [f"object {paper.pdf} does not match its name"]


def test_an_object_that_is_gone_is_named(world: World) -> None:
    whole = uploads.keep(world.store.blobs, b"%PDF-1.4\n%%EOF\n", "application/pdf")
    with world.store.database.writing() as session:
        uploads.enter(session, whole, None)
    value = whole.sha.removeprefix("sha256:")
    (world.store.config.data_dir / "objects" / "sha256" / value[:2] / value).unlink()
    assert list(check(world.store)) == [f"object {whole.sha} is missing"]


def test_a_document_whose_words_were_changed_is_named(world: World) -> None:
    made = issue(world, explained_visit(world))
    world.drain()
    with world.store.database.writing() as session:
        paper = session.get_one(Document, made)
        paper.data = paper.data | {"number": "（演示）应急责改〔2026〕999号"}
        assert data_hash(paper.kind, paper.data) != paper.data_hash
    assert list(check(world.store)) == [
        "document （演示）应急责改〔2026〕1号 says something else than when it was issued"
    ]


def test_the_command_says_so_and_ends_with_two(world: World, tmp_path: Path) -> None:
    env = {
        **os.environ,
        "KUANGJIAN_DATA_DIR": str(world.store.config.data_dir),
        "DATABASE_URL": world.store.config.database_url.replace("+psycopg", ""),
    }

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "backend.cli", "verify"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    whole = run()
    assert (whole.returncode, whole.stdout) == (0, "audit chain, objects and documents are whole\n"), (
        whole.stderr
    )
    name = world.store.blobs.put(b"bytes")
    value = name.removeprefix("sha256:")
    (world.store.config.data_dir / "objects" / "sha256" / value[:2] / value).write_bytes(b"bytez")
    broken = run()
    assert broken.returncode == 2
    assert name in broken.stdout
