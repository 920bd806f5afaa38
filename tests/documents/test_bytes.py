"""The bytes of the papers: the same everywhere, hashed as said, telling nothing of the machine."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
import rfc8785
from reportlab.pdfbase.ttfonts import TTFontParser

from backend.documents.render import data_hash, kinds, render
from tests.documents.papers import order, record
from tests.documents.reading import whole

ROOT = Path(__file__).parent.parent.parent


def test_the_same_data_give_the_same_bytes_in_a_fresh_process(tmp_path):
    here = render("rectify_order", order(7), assets={})
    program = (
        "import json, sys; from backend.documents.render import render;"
        "print(render('rectify_order', json.load(sys.stdin), assets={}).sha256)"
    )
    for seed in ("1", "2"):
        environment = {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
            "TZ": "America/Lima",
        }
        there = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(order(7)),
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env=environment,
        )
        assert there.stdout.strip() == here.sha256


def test_the_engine_needs_reportlab_and_segno_only_so_that_it_can_run_in_a_browser():
    program = (
        "import sys; before = set(sys.modules); import backend.documents.render, backend.documents.verify;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(ran.stdout.split()) <= {
        "backend",
        "reportlab",
        "segno",
        "PIL",
    }  # PIL: reportlab's own, optional


def test_documents_made_at_the_same_time_do_not_mix(monkeypatch):
    papers = [order(count) for count in (1, 3, 5, 7)] * 2
    alone = [render("rectify_order", paper, assets={}).sha256 for paper in papers]
    seek = TTFontParser.seek

    def seek_and_let_others_run(self, position):
        seek(self, position)
        os.sched_yield()

    monkeypatch.setattr(TTFontParser, "seek", seek_and_let_others_run)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda paper: render("rectify_order", paper, assets={}).sha256, papers))
    assert together == alone


def test_the_code_on_the_paper_is_the_hash_of_the_canonical_data_without_the_state():
    data = order()
    named = {"kind": "rectify_order", "data": {key: value for key, value in data.items() if key != "state"}}
    expected = hashlib.sha256(rfc8785.dumps(named)).hexdigest()
    paper = render("rectify_order", data, assets={})
    assert paper.data_hash == data_hash("rectify_order", data) == expected
    assert paper.short == expected[:16]
    text = whole(paper.pdf)
    assert f"校验码{paper.short.upper()}" in text
    assert f"https://kj.example/v/{paper.short}" in text


def test_the_code_changes_with_every_word_and_every_stroke():
    known = {data_hash("rectify_order", order()), data_hash("inspection_record", record())}
    changed = order()
    changed["officers"][0]["signature"]["ink"]["strokes"][0][0][2] += 1
    known |= {data_hash("rectify_order", changed), data_hash("rectify_order", order(issued_on="2026-03-03"))}
    assert len(known) == 4


def test_the_order_of_keys_in_the_data_does_not_matter():
    data = order()
    assert (
        render("rectify_order", dict(reversed(data.items())), assets={}).sha256
        == render("rectify_order", data, assets={}).sha256
    )


def test_the_file_says_nothing_of_the_machine_and_embeds_every_font():
    paper = render("rectify_order", order(), assets={})
    assert str(ROOT).encode() not in paper.pdf
    assert b"Helvetica" not in paper.pdf
    assert pypdf.PdfReader(BytesIO(paper.pdf)).metadata.creation_date.date().isoformat() == "2026-03-02"


def test_a_three_page_notice_is_small_enough_for_any_channel():
    paper = render("rectify_order", order(13), assets={})
    assert paper.pages == 3
    assert len(paper.pdf) < 200_000


@pytest.mark.parametrize("key", ["inspection_record", "rectify_order"])
def test_the_table_of_kinds_says_what_the_server_must_arrange(key):
    kind = kinds()[key]
    assert kind.key == key
    assert kind.numbered
    assert kind.signatures == ("officer", "officer", "site_representative")
    assert len(kind.copies) == 2
    assert kind.seal == (key == "rectify_order")
    assert (kind.word, kind.title_zh) == {
        "inspection_record": ("应急检记", "现场检查记录"),
        "rectify_order": ("应急责改", "责令限期整改指令书"),
    }[key]
