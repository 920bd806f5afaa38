"""The documentation tells what is true: it is made from the code, and what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from backend.published import tables
from docs.generate import FOLDER, pages

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == pages()[name], "run `make docs`"


@pytest.mark.parametrize("name", sorted(tables()))
def test_the_phone_reads_the_tables_of_the_server_in_their_order(name: str) -> None:
    committed = json.loads((ROOT / "pwa" / "src" / "shared" / "tables" / f"{name}.json").read_text("utf-8"))
    assert json.dumps(committed) == json.dumps(tables()[name]), "run `make tables`"


def test_every_reason_to_send_a_record_back_has_words_on_the_phone() -> None:
    """The engine names reasons only; those of the server's operations come with their words."""
    engine = "".join(path.read_text("utf-8") for path in (ROOT / "sync").glob("*.py"))
    reasons = set(re.findall(r'"(mutation\.[a-z_]+)"', engine))
    assert len(reasons) > 9
    for language in ("zh", "en"):
        words = (ROOT / "pwa" / "src" / "field" / "words" / f"{language}.ts").read_text("utf-8")
        assert sorted(reason for reason in reasons if f"'problem.{reason}':" not in words) == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_make_target_and_file_that_a_readme_names_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


def test_what_the_security_page_points_at_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`((?:backend|sync|forms|pwa|tests|deploy)/[^`*]+)`", text))
    assert len(named) > 30
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_english_word_of_the_glossary_has_its_chinese() -> None:
    rows = [
        line.split("|")[1:3]
        for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and "---" not in line
    ]
    assert len(rows) > 40
    assert all(re.search(r"[\u4e00-\u9fff]", zh) and en.strip() for zh, en in rows[1:])
