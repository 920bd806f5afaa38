"""`kuangjian forms import | export`: exit code 0 or 2, always words, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from backend.checklists.models import FormDraft
from backend.cli import main
from forms.importing import read
from tests.forms.importing.test_files import CSV, ROWS, XLSX
from tests.forms.importing.xls import xls
from tests.library import BY_KEY
from tests.world import World

LIST = BY_KEY["post.UG01.controls"]


def environment(world: World) -> dict[str, str]:
    return {
        "LANG": "zh_CN.UTF-8",
        "KUANGJIAN_DATA_DIR": str(world.store.config.data_dir),
        "DATABASE_URL": world.store.config.database_url.replace("+psycopg", ""),
    }


def run(world: World, folder: Path, command: str, file: str, *options: str) -> Result:
    arguments = ["forms", command, str(folder / file) if command == "import" else file, *options]
    return CliRunner().invoke(main, arguments, env=environment(world))


def test_a_list_is_shown_row_by_row_with_what_is_doubtful(world: World, tmp_path: Path) -> None:
    (tmp_path / "通风.xlsx").write_bytes(XLSX)
    shown = run(world, tmp_path, "import", "通风.xlsx", "--dry-run")
    assert shown.exit_code == 0
    assert "Sheet1!C4  通风  一氧化碳" in shown.stdout
    assert "? Sheet1!D4: 读作数字项，限值 ≤24 ppm" in shown.stdout
    assert shown.stderr == ""


def test_a_program_gets_the_reading_as_json(world: World, tmp_path: Path) -> None:
    (tmp_path / "通风.csv").write_text(CSV, encoding="gb18030")
    shown = run(world, tmp_path, "import", "通风.csv", "--dry-run", "--json", "--kind", "sweep")
    reading = json.loads(shown.stdout)
    assert shown.exit_code == 0
    assert reading["lists"][0]["definition"]["kind"] == "sweep"
    assert reading["refusals"] == []


BROKEN = {
    "空.xlsx": b"",
    "截断.xlsx": XLSX[:3000],
    "截断.xls": xls(ROWS, [], "通风")[:2500],
    "图片.xlsx": b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
    "乱码.csv": bytes(range(256)) * 9,
    "大.xlsx": b"PK" + b"\0" * (21 * 1024 * 1024),
}


def test_a_file_that_is_no_list_ends_with_two_and_one_line_that_says_how_to_mend_it(
    world: World, tmp_path: Path
) -> None:
    for name, data in BROKEN.items():
        (tmp_path / name).write_bytes(data)
        shown = run(world, tmp_path, "import", name, "--dry-run")
        assert (name, shown.exit_code) == (name, 2)
        [line] = shown.stderr.splitlines()
        assert line.startswith("! ")
        assert "请" in line


def test_what_a_library_says_of_a_damaged_file_does_not_reach_the_terminal(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "a.xls").write_bytes(BROKEN["截断.xls"])
    command = [sys.executable, "-m", "backend.cli", "forms", "import", str(tmp_path / "a.xls"), "--dry-run"]
    env = {**os.environ, **environment(world)}
    shown = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert shown.returncode == 2
    assert len(shown.stderr.splitlines()) == 1


def test_the_lists_of_a_file_become_drafts_of_the_person_who_answers_for_them(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "通风.xlsx").write_bytes(XLSX)
    kept = run(world, tmp_path, "import", "通风.xlsx", "--by", "anquan")
    assert kept.exit_code == 0, kept.stderr
    with world.reading() as session:
        [draft] = session.scalars(select(FormDraft)).all()
        assert draft.state == "draft"
        assert draft.document["title"] in ("井下通风检查表", {"zh": "井下通风检查表"})
        assert {"sheet": "Sheet1", "row": 4, "column": "C"} in [
            {name: place[name] for name in ("sheet", "row", "column")}
            for place in draft.source["places"].values()
        ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "--by LOGIN"), (("--by", "nobody"), "--by LOGIN"), (("--by", "zuanyan"), "--owner")],
)
def test_nothing_is_kept_for_who_may_not_write_lists(
    world: World, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "通风.xlsx").write_bytes(XLSX)
    kept = run(world, tmp_path, "import", "通风.xlsx", *arguments)
    assert kept.exit_code == 2
    assert words in kept.stderr
    assert "Traceback" not in kept.stderr
    with world.reading() as session:
        assert session.scalars(select(FormDraft)).all() == []


def test_a_published_list_is_written_and_reads_back(world: World, tmp_path: Path) -> None:
    excel, odk = tmp_path / "list.xlsx", tmp_path / "odk.xlsx"
    assert run(world, tmp_path, "export", LIST.key, "--output", str(excel)).exit_code == 0
    [one] = read(excel.read_bytes(), "x.xlsx").lists
    assert [item["id"] for item in one.data["sections"][0]["items"]] == [item.id for item in LIST.items()]
    written = run(world, tmp_path, "export", LIST.key, "--to", "xlsform", "--output", str(odk))
    assert written.exit_code == 0
    assert "not carried: UG01-03 danger" in written.stderr
    assert odk.exists()


def test_a_key_that_nobody_published_is_said(world: World, tmp_path: Path) -> None:
    shown = run(world, tmp_path, "export", "post.nobody")
    assert shown.exit_code == 2
    assert shown.stderr == "! no list is published under the key post.nobody\n"
