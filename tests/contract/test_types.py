"""The console is compiled against the server's own description: what is committed is what the routes say now."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from backend.app import create_app
from backend.kernel.clock import SetClock
from tests.databases import ROOT, Templates
from tests.world import BEGINS, open_world


def test_the_types_of_the_console_are_those_of_the_routes(templates: Templates, tmp_path: Path) -> None:
    with templates.database("sqlite", tmp_path) as url:
        store = open_world(url, tmp_path / "var", SetClock(BEGINS))
        spec = create_app(store).extensions["api"].spec.to_dict()
        store.database.dispose()
    described, made = tmp_path / "openapi.json", tmp_path / "api.ts"
    described.write_text(json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    npx = Path(sys.executable).parent / "npx"
    command = [npx, "--no-install", "openapi-typescript", described, "-o", made]
    subprocess.run(command, cwd=ROOT / "pwa", check=True, capture_output=True)
    committed = (ROOT / "pwa" / "src" / "shared" / "api.ts").read_text("utf-8")
    assert committed == made.read_text("utf-8"), "run `make api`"
