"""A three-page notice, warm, beside reportlab's own paragraphs with the same words, fonts, sizes and leading.

    python bench/bench_notice.py [rounds]            prints medians and their ratio; 30 rounds unless told

Ours does all of it: reads and checks the data, hashes it, breaks and justifies, draws three signatures and a QR code on
each page, counts the pages, embeds the fonts. The peer only sets the words, in reportlab's CJK wrapping, unjustified
and with commas that may begin a line. Every round has other words, so that nothing is kept from the round before; the
two take turns, so that a busy machine is busy for both.
"""

import statistics
import sys
import time
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate

from backend.documents.layout import BOTTOM, LEFT, RIGHT, TOP, Mark, Page
from backend.documents.paragraph import ZhParagraph
from backend.documents.render import kinds, render
from backend.documents.shape import read
from tests.documents.papers import finding, order

LIMIT = 0.1  # seconds: whoever taps “print” must not notice it
STYLE = {"fontName": "FandolFang", "wordWrap": "CJK"}


def notice(number: int) -> dict[str, Any]:
    findings = [finding(at, deadline="2026-03-09") for at in range(13)]
    for at, one in enumerate(findings):
        one["text"] = f"第{number}轮检查第{at}处：{one['text']}"
    return order(findings=findings)


def words(data: dict[str, Any]) -> list[tuple[str, float, float]]:
    """(text, size, leading) of every paragraph of our page."""
    kind = kinds()["rectify_order"]
    document, _ = read(kind.data, data)
    page = Page(Mark("issued", data["number"], "0" * 16, None), {})
    return [
        ("".join(run.text for run in block.runs), block.style.size, block.style.leading)
        for block in kind.story(document, page)
        if isinstance(block, ZhParagraph)
    ]


def plain(paragraphs: list[tuple[str, float, float]]) -> int:
    story = [
        Paragraph(
            escape(text), ParagraphStyle("plain", fontSize=size, leading=leading, firstLineIndent=24, **STYLE)
        )
        for text, size, leading in paragraphs
    ]
    margins = {"topMargin": TOP, "bottomMargin": BOTTOM, "leftMargin": LEFT, "rightMargin": RIGHT}
    document = SimpleDocTemplate(BytesIO(), pagesize=A4, invariant=1, **margins)
    document.build(story)
    pages: int = document.page
    return pages


def main(rounds: int) -> None:
    rl_config.useA85 = 0  # for the peer as for us
    start = time.perf_counter()
    render("rectify_order", notice(0), assets={})
    cold = time.perf_counter() - start
    plain(words(notice(0)))
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(1, rounds + 1):
        data = notice(number)
        said = words(data)
        begun = time.perf_counter()
        pages = render("rectify_order", data, assets={}).pages
        between = time.perf_counter()
        others = plain(said)
        times[0].append(between - begun)
        times[1].append(time.perf_counter() - between)
    ours, peer = map(statistics.median, times)
    print(
        f"notice of {pages} pages, {rounds} rounds: median {ours * 1000:.0f} ms warm, {cold * 1000:.0f} ms cold"
    )
    print(
        f"reportlab Paragraph, same words, {others} pages: {peer * 1000:.0f} ms; ours / peer = {ours / peer:.2f}"
    )
    print(f"limit {LIMIT * 1000:.0f} ms: ours / limit = {ours / LIMIT:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
