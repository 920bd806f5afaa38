"""The least that a server can do with the same bytes: Flask and SQLite, which store them. gunicorn calls create_app.

No sign-in, no signature, no merge, nothing judged, nothing told to anybody else; but as durable: synchronous=FULL, and
a file is on the disk before its row.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

from flask import Flask, request

SCHEMA = """
CREATE TABLE IF NOT EXISTS submission (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS photo (sha TEXT PRIMARY KEY, size INTEGER NOT NULL);
"""
_own = threading.local()


def database(folder: Path) -> sqlite3.Connection:
    """This thread's connection."""
    if not hasattr(_own, "connection"):
        _own.connection = sqlite3.connect(folder / "plain.db", timeout=30, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            _own.connection.execute(f"PRAGMA {pragma}").close()
        _own.connection.executescript(SCHEMA)
    connection: sqlite3.Connection = _own.connection
    return connection


def create_app() -> Flask:
    folder = Path(os.environ["BENCH_FOLDER"])
    database(folder)
    app = Flask("plain")

    @app.post("/submissions")
    def keep() -> dict[str, Any]:
        sent = json.loads(gzip.decompress(request.get_data(cache=False)))
        whole: dict[str, list[Any]] = {}
        for mutation in sent["mutations"]:
            whole.setdefault(mutation["entity"], []).append(mutation["args"])
        rows = [(entity, json.dumps(parts, ensure_ascii=False)) for entity, parts in whole.items()]
        connection = database(folder)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO submission VALUES (?, ?)", rows)
        connection.execute("COMMIT")
        return {"stored": len(rows)}

    @app.post("/photos/<sha>")
    def keep_photo(sha: str) -> dict[str, Any]:
        data = request.get_data(cache=False)
        with (folder / sha.removeprefix("sha256:")).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        database(folder).execute("INSERT INTO photo VALUES (?, ?)", (sha, len(data)))
        return {"stored": len(data)}

    return app
