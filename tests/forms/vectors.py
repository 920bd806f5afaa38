"""The cases that both twins must pass: forms/vectors/*.json, read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import forms
from forms.definition import Definition
from forms.load import load

FOLDER = Path(forms.__file__).parent / "vectors"


def read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return data


def form(items: list[dict[str, Any]], parameters: dict[str, Any] | None = None) -> Definition:
    """A one-section list around some items."""
    return load(
        {
            "schema": "form/1",
            "key": "vectors",
            "kind": "patrol",
            "title": "用例",
            "parameters": parameters or {},
            "sections": [{"id": "all", "title": "全部", "items": items}],
        }
    )
