"""What a reader finds in a PDF: its text, where it stands, and what is drawn with a pen."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf
from pypdf.generic import ContentStream


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without the blanks that a layout makes."""
    return [re.sub(r"\s", "", page.extract_text()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def whole(pdf: bytes) -> str:
    return "".join(pages(pdf))


def words(pdf: bytes) -> list[list[tuple[str, float, float, float]]]:
    """(text, x, baseline, size) of each string shown on each page, in points from the lower left corner."""
    found = []
    for page in pypdf.PdfReader(BytesIO(pdf)).pages:
        shown: list[tuple[str, float, float, float]] = []

        def note(
            text: str, cm: list[float], tm: list[float], _font: object, size: float, shown=shown
        ) -> None:
            if text.strip():
                shown.append((text.strip(), cm[4] + tm[4], cm[5] + tm[5], size))

        page.extract_text(visitor_text=note)
        found.append(shown)
    return found


def curve_ends(pdf: bytes) -> list[list[tuple[float, float]]]:
    """The end of every Bézier curve on each page, in points from the lower left corner."""
    reader = pypdf.PdfReader(BytesIO(pdf))
    found = []
    for page in reader.pages:
        x = y = 0.0
        saved: list[tuple[float, float]] = []
        ends: list[tuple[float, float]] = []
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"q":
                saved.append((x, y))
            elif operator == b"Q":
                x, y = saved.pop()
            elif operator == b"cm":
                x, y = x + float(operands[4]), y + float(operands[5])
            elif operator == b"c":
                ends.append((x + float(operands[4]), y + float(operands[5])))
        found.append(ends)
    return found
