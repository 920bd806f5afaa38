"""What keeps the house simple: short files, behaviour in `operations.py`, nothing of a machine in the tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 450


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def test_every_source_file_can_be_read_in_one_sitting() -> None:
    sources = [path for path in tracked("*.py", "*.ts", "*.vue") if path.name not in ("api.ts",)]
    long = {
        str(path.relative_to(ROOT)): n
        for path in sources
        if (n := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert {name: n for name, n in long.items() if "migrations/versions" not in name} == {}


def test_nothing_of_a_machine_or_a_registry_is_in_the_tree() -> None:
    words = ("pypi.org", "registry.npmjs", "files.pythonhosted", "/root/")
    here = Path(__file__)
    for path in tracked():
        if path.suffix in (".ttf", ".png", ".wasm", ".pdf", ".jpg", ".webp") or path == here:
            continue
        text = path.read_text("utf-8", errors="ignore")
        assert [word for word in words if word in text] == [], path


def test_every_concept_has_an_operations_module() -> None:
    concepts = [path.parent for path in tracked("backend/*/models.py")]
    assert len(concepts) >= 7
    assert [folder.name for folder in concepts if not (folder / "operations.py").exists()] == []
