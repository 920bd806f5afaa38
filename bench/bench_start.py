"""`make run` from the moment everything is installed: how long until the address is printed, and until it answers.

    python bench/bench_start.py

The first start migrates and makes the demo county; the second finds it there, and has 5 s.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from urllib.error import URLError
from urllib.request import urlopen

LIMIT = 5.0  # seconds, for a second start to print the address


def start(folder: str) -> tuple[float, float]:
    """Seconds until the address is printed, and until the server says that it is ready; then it is stopped."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    env = os.environ | {"KUANGJIAN_DATA_DIR": folder, "PORT": str(port), "KUANGJIAN_PUBLIC_URL": address}
    begun = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "run"], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if address in line:
                break
        printed = time.perf_counter() - begun
        while not _answers(f"{address}/readyz"):
            assert running.poll() is None, "the server ended"
            time.sleep(0.02)
        return printed, time.perf_counter() - begun
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for which in ("first", "second", "third"):
            printed, ready = start(folder)
            ratio = f"{printed / LIMIT:.2f} of {LIMIT:.0f} s" if which != "first" else "no limit"
            print(f"{which} start: address after {printed:.2f} s ({ratio}), answers after {ready:.2f} s")


if __name__ == "__main__":
    main()
