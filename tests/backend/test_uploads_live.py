"""The server as it runs (gunicorn on a socket), and the tus clients that we did not write."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient

from backend.app import Store, open_store
from tests.backend.pictures import photo
from tests.backend.uploading import PART, Phone, phone

SERVE = """
import os, sys
from backend.config import Config
from backend.serve import Server

class OnOurSocket(Server):
    def load_config(self):
        super().load_config()
        self.cfg.set("bind", f"fd://{sys.argv[1]}")

OnOurSocket(Config.from_env(os.environ)).run()
"""


class Served:
    """The socket is ours and stays open, so that a client can wait in it while the server is dead."""

    def __init__(self, store: Store) -> None:
        self.config = store.config
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        settings = {
            "KUANGJIAN_DATA_DIR": str(self.config.data_dir),
            "DATABASE_URL": self.config.database_url,
            "KUANGJIAN_WORKERS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.socket.fileno())],
            env={**os.environ, **settings},
            pass_fds=[self.socket.fileno()],
            start_new_session=True,
        )

    def kill(self) -> None:
        """As the machine would: the whole group at once, no goodbye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@pytest.fixture
def live(store: Store) -> Iterator[Store]:
    """The same installation by the real time, in which the served process lives."""
    opened = open_store(store.config)
    yield opened
    opened.database.dispose()


@pytest.fixture
def served(live: Store) -> Iterator[Served]:
    server = Served(live)
    yield server
    server.kill()
    server.socket.close()


@pytest.fixture
def jia(live: Store) -> Phone:
    return phone(live)


def test_another_tus_client_goes_on_after_the_server_was_killed(served: Served, jia: Phone) -> None:
    data = photo()
    client = TusClient(f"{served.address}/api/v1/uploads", headers=jia.headers)
    metadata = {"sha256": hashlib.sha256(data).hexdigest(), "type": "image/jpeg"}
    options = {"chunk_size": PART, "metadata": metadata, "upload_checksum": True}
    first = client.uploader(file_stream=io.BytesIO(data), **options)
    first.upload_chunk()
    first.upload_chunk()
    served.kill()
    served.start()
    second = client.uploader(file_stream=io.BytesIO(data), url=first.url, **options)
    assert second.offset == 2 * PART
    second.upload()
    name = f"sha256:{metadata['sha256']}"
    kept = requests.get(f"{served.address}/api/v1/blobs/{name}", headers=jia.headers, timeout=30)
    assert kept.content == data


def tus_js(served: Served, jia: Phone, file: Path, sha256: str, *, stop: int = 0, url: str = "") -> str:
    """tus-js-client sends a file, or a part of it. Returns the upload's address; fails in its words."""
    metadata = json.dumps({"sha256": sha256, "type": "image/jpeg"})
    script = Path(__file__).with_name("tus_client.mjs")
    told = [f"{served.address}/api/v1/uploads", str(file), metadata, jia.headers["Authorization"], str(stop)]
    done = subprocess.run(["node", script, *told, url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_javascript_tus_client_goes_on_after_the_server_was_killed(
    served: Served, jia: Phone, tmp_path: Path
) -> None:
    data = photo()
    assert len(data) > 2 * PART
    file, name = tmp_path / "photo.jpg", hashlib.sha256(data).hexdigest()
    file.write_bytes(data)
    url = tus_js(served, jia, file, name, stop=2 * PART)
    assert jia.offset(url.removeprefix(served.address)) == 2 * PART
    served.kill()
    served.start()
    assert tus_js(served, jia, file, name, url=url) == url
    kept = requests.get(f"{served.address}/api/v1/blobs/sha256:{name}", headers=jia.headers, timeout=30)
    assert kept.content == data


def test_the_javascript_tus_client_is_told_of_bytes_that_are_not_what_was_declared(
    served: Served, jia: Phone, tmp_path: Path
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo())
    with pytest.raises(AssertionError, match="422"):
        tus_js(served, jia, file, "0" * 64)
    kept = requests.get(f"{served.address}/api/v1/blobs/sha256:{'0' * 64}", headers=jia.headers, timeout=30)
    assert kept.status_code == 404


def test_what_arrived_before_the_network_went_is_kept(served: Served, jia: Phone) -> None:
    """Under gunicorn a body that ends early is no error, so its length has to be counted."""
    data = photo()
    declared = jia.declare(data)
    head = {
        "PATCH": f"{declared.headers['Location']} HTTP/1.1",
        "Host:": f"127.0.0.1:{served.port}",
        "Authorization:": jia.headers["Authorization"],
        "Tus-Resumable:": "1.0.0",
        "Upload-Offset:": "0",
        "Content-Type:": "application/offset+octet-stream",
        "Content-Length:": str(PART),
    }
    lines = "".join(f"{name} {value}\r\n" for name, value in head.items())
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(lines.encode() + b"\r\n" + data[:40_000])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 204")
    assert jia.offset(declared.headers["Location"]) == 40_000
