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


def drawn(pdf: bytes) -> list[list[tuple[bytes, list[float], tuple[float, float]]]]:
    """Rectangles and lines of each page: operator, operands, where the origin was moved to."""
    reader = pypdf.PdfReader(BytesIO(pdf))
    found = []
    for page in reader.pages:
        at, saved, shapes = (0.0, 0.0), [], []
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"q":
                saved.append(at)
            elif operator == b"Q":
                at = saved.pop()
            elif operator == b"cm":
                at = (at[0] + float(operands[4]), at[1] + float(operands[5]))
            elif operator in (b"re", b"l"):
                shapes.append((operator, [float(one) for one in operands], at))
        found.append(shapes)
    return found


def qr_code(pdf: bytes, page: int) -> list[list[bool]]:
    """The QR code of a page, dark or not by row, from what is filled in its lower left corner."""
    rects = [of for op, of, at in drawn(pdf)[page] if op == b"re" and at[1] < 40 and of[3] < 3]
    side = min(of[3] for of in rects)
    modules = round(max(of[1] + of[3] for of in rects) / side)
    cells = [[False] * modules for _ in range(modules)]
    for x, y, wide, tall in rects:
        row = modules - round((y + tall) / side)
        for column in range(round(x / side), round((x + wide) / side)):
            cells[row][column] = True
    return cells
