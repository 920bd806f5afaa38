"""Blocks other than running text: labelled fields, signatures, the place of the seal, photos, the QR code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import accumulate, groupby
from typing import Any, NamedTuple

import segno
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFImageXObject

from backend.documents.paragraph import ASCENT, RULE, UNDERLINE_DEPTH, Block, Style, ZhParagraph
from backend.documents.parts import Ink

LINE = Style(first=0, align="left")


@dataclass(frozen=True)
class Field:
    """A label and what is filled in after it on a rule; None leaves the rule empty."""

    label: str
    value: str | None


class _Cell(NamedTuple):
    """A field as it is set: row, left of the label, left and length of the rule, in points."""

    label: ZhParagraph
    value: ZhParagraph
    row: int
    left: float
    rule: float
    length: float


class FieldRow(Block):
    """Labelled fields beside each other, as many as fit on a row; a value too long for a row goes on below it."""

    is_text = True
    LABEL = (
        6.25 * LINE.size
    )  # at least, of a row's first label, so that the rules of several rows begin together
    LEAST = 4 * LINE.size  # of a rule
    PAD = 0.25 * LINE.size  # between a rule's end and what stands on it

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__()
        self._fields = [(ZhParagraph(f"{f.label}：", LINE), ZhParagraph(f.value or "", LINE)) for f in fields]

    def _cells(self, width: float) -> list[_Cell]:
        cells: list[_Cell] = []
        row, waiting, x = 0, list[_Cell](), 0.0
        for label, value in self._fields:
            named = _natural(label) + LINE.size / 2
            asked = max(_natural(value) + 4 * self.PAD, self.LEAST)
            if waiting and x + named + asked > width:
                cells += self._spread(waiting, width - x + LINE.size)
                row, waiting, x = cells[-1].row + self._rows(cells[-1]), [], 0.0
            named = named if waiting else max(named, self.LABEL)
            length = min(asked, width - x - named)
            waiting.append(_Cell(label, value, row, x, x + named, length))
            x += named + length + LINE.size
        return cells + self._spread(waiting, width - x + LINE.size)

    @staticmethod
    def _spread(row: list[_Cell], free: float) -> list[_Cell]:
        """The cells of a row, their rules made longer by what is free."""
        each = free / len(row)
        return [
            cell._replace(
                left=cell.left + place * each, rule=cell.rule + place * each, length=cell.length + each
            )
            for place, cell in enumerate(row)
        ]

    def _rows(self, cell: _Cell) -> int:
        return max(1, len(cell.value.lines(cell.length - 2 * self.PAD)))

    def tall(self, width: float) -> float:
        return max(cell.row + self._rows(cell) for cell in self._cells(width)) * LINE.leading

    def draw(self) -> None:
        for cell in self._cells(self.width):
            top = self.height - cell.row * LINE.leading
            _top(self.canv, cell.label, cell.left, cell.rule - cell.left, top)
            _top(self.canv, cell.value, cell.rule + self.PAD, cell.length - 2 * self.PAD, top)
            for row in range(self._rows(cell)):
                _rule(self.canv, cell.rule, cell.rule + cell.length, top - row * LINE.leading)


def _natural(block: ZhParagraph) -> float:
    """Width of a paragraph set on one line."""
    return max((line.width for _, line in block.lines(1e6)), default=0.0)


def _top(canvas: Any, block: ZhParagraph, x: float, width: float, top: float) -> None:
    """Draws a paragraph so that it hangs from top."""
    tall = block.wrapOn(canvas, width, 0)[1]
    block.drawOn(canvas, x, top - tall)


def _rule(canvas: Any, left: float, right: float, top: float) -> None:
    """The rule under a line of body text that hangs from top."""
    y = top - LINE.leading / 2 - (ASCENT + UNDERLINE_DEPTH) * LINE.size
    canvas.setLineWidth(RULE * LINE.size)
    canvas.line(left, y, right, y)


class SignatureRow(Block):
    """One person's signature: label, ink over a rule, what is printed beside it, the day at the right.

    label: at most two lines. ink: None leaves a blank to sign by hand. stated: printed in place of ink (拒绝签名).
    """

    needs_text = True
    LABEL, INK, DAY = 124.0, 108.0, 80.0
    TALL = 46.0
    BASE = 13.0  # of the baseline above the foot of the row

    def __init__(
        self, label: str, beside: str, day: str, *, ink: Ink | None = None, stated: str = ""
    ) -> None:
        super().__init__()
        self._label = ZhParagraph(f"{label}：", replace(LINE, leading=16))
        self._beside = ZhParagraph(beside, replace(LINE, size=10, leading=14))
        self._day = ZhParagraph(day, replace(LINE, leading=16, align="right"))
        self._stated = ZhParagraph(stated, replace(LINE, leading=16, align="center")) if stated else None
        self._ink = ink

    def tall(self, width: float) -> float:
        beside = self._beside.tall(width - self.LABEL - self.INK - self.DAY - 8)
        return max(self.TALL, self._label.tall(self.LABEL) + 6, beside + 10)

    def draw(self) -> None:
        left, right = self.LABEL, self.LABEL + self.INK
        _hang(self.canv, self._label, 0, self.LABEL, self.BASE)
        if self._stated:
            _hang(self.canv, self._stated, left, self.INK, self.BASE)
        _hang(self.canv, self._beside, right + 8, self.width - self.DAY - right - 8, self.BASE)
        _hang(self.canv, self._day, self.width - self.DAY, self.DAY, self.BASE)
        rule = self.BASE - UNDERLINE_DEPTH * LINE.size
        self.canv.setLineWidth(RULE * LINE.size)
        self.canv.line(left, rule, right, rule)
        if self._ink:
            draw_ink(self.canv, self._ink, left + 4, rule + 1, self.INK - 8, self.TALL - 13)


def _hang(canvas: Any, block: ZhParagraph, x: float, width: float, baseline: float) -> None:
    """Draws a paragraph so that its last line stands on the baseline."""
    block.wrapOn(canvas, width, 0)
    block.drawOn(canvas, x, baseline - block.style.leading / 2 + ASCENT * block.style.size)


class SealPlace(Block):
    """Office and date, centred on each other at the lower right, with the room of a 42 mm seal around them."""

    needs_text = True
    SEAL: float = 42 * mm
    WIDEST = 220.0

    def __init__(self, office: str, day: str, *, keep: bool) -> None:
        super().__init__()
        self.keep = keep
        self._text = ZhParagraph(f"{office}\n{day}", replace(LINE, align="center"))

    def _room(self) -> float:
        return max(self.SEAL, *(line.width for _, line in self._text.lines(self.WIDEST))) + 0.1

    def tall(self, width: float) -> float:  # noqa: ARG002  # its own width is the seal's
        return max(self.SEAL, self._text.tall(self._room()) + 24)

    def draw(self) -> None:
        tall = self._text.wrapOn(self.canv, self._room(), 0)[1]
        left = self.width - self._room() - 2 * LINE.size
        self._text.drawOn(self.canv, left, (self.height - tall) / 2)


def read_jpeg(jpeg: bytes) -> Any:
    """The picture as the PDF holds it, its bytes unchanged. Raises ValueError unless it is a grey or RGB JPEG."""
    image = PDFImageXObject(f"photo.{hashlib.sha256(jpeg).hexdigest()}")
    if (
        not image.loadImageFromJPEG(BytesIO(jpeg))
        or image.colorSpace == "DeviceCMYK"
        or not image.width * image.height
    ):
        raise ValueError("not a grey or colour JPEG")
    return image


class PhotoBlock(Block):
    """A JPEG fitted into the width and `tall` points, with its caption beneath. Raises ValueError if it is no JPEG."""

    is_text = True

    def __init__(self, jpeg: bytes, caption: str, tall: float) -> None:
        super().__init__()
        self._image = read_jpeg(jpeg)
        self._caption = ZhParagraph(caption, replace(LINE, size=10, leading=15))
        self._tall = tall

    def tall(self, width: float) -> float:
        return self._tall + self._caption.tall(width)

    def draw(self) -> None:
        image, canvas = self._image, self.canv
        scale = min(self.width / image.width, self._tall / image.height)
        wide, tall = image.width * scale, image.height * scale
        document = canvas._doc
        if not document.hasForm(image.name):
            document.addForm(image.name, image)
        canvas.saveState()
        canvas.translate((self.width - wide) / 2, self.height - self._tall + (self._tall - tall) / 2)
        canvas.scale(wide, tall)
        canvas.doForm(image.name)
        canvas.restoreState()
        self._caption.wrapOn(canvas, self.width, 0)
        self._caption.drawOn(canvas, 0, 0)


class Table(Block):
    """Ruled rows of blocks; between rows it may go on on the next page. widths: shares of the width."""

    is_text = True
    MARGIN = 4.0

    def __init__(self, rows: Sequence[Sequence[Block]], shares: Sequence[float]) -> None:
        super().__init__()
        self._rows, self._shares = rows, shares

    def _columns(self, width: float) -> list[float]:
        return [share * width / sum(self._shares) for share in self._shares]

    def _heights(self, width: float) -> list[float]:
        rooms = [column - 2 * self.MARGIN for column in self._columns(width)]
        return [
            max(cell.tall(room) for cell, room in zip(row, rooms, strict=False)) + 2 * self.MARGIN
            for row in self._rows
        ]

    def tall(self, width: float) -> float:
        return sum(self._heights(width))

    def least(self, width: float) -> float:
        return self._heights(width)[0]

    def split(self, width: float, height: float) -> list[Block]:
        ends = accumulate(self._heights(width))
        fit = sum(1 for end in ends if end <= height + 1e-6)
        return [Table(rows, self._shares) for rows in (self._rows[:fit], self._rows[fit:])] if fit else []

    def draw(self) -> None:
        top = self.height
        self.canv.setLineWidth(0.5)
        for row, tall in zip(self._rows, self._heights(self.width), strict=True):
            x = 0.0
            for index, column in enumerate(self._columns(self.width)):
                self.canv.rect(x, top - tall, column, tall)
                if index < len(row):
                    cell = row[index]
                    cell.wrapOn(self.canv, column - 2 * self.MARGIN, tall)
                    cell.drawOn(self.canv, x + self.MARGIN, top - self.MARGIN - cell.height)
                x += column
            top -= tall


def draw_ink(canvas: Any, ink: Ink, x: float, y: float, width: float, height: float) -> None:
    """Draws the strokes as smooth curves, as large as fits the box whose lower left corner is x, y."""
    points = [point for stroke in ink.strokes for point in stroke]
    if not points:
        return
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    # Never larger than the canvas it was written on would be: a dot stays a dot.
    scale = min(
        width / max(right - left, 0.35 * ink.viewbox[0]),
        height / max(bottom - top, 0.35 * ink.viewbox[1]),
    )
    x += (width - (right - left) * scale) / 2
    y += (height - (bottom - top) * scale) / 2
    path = canvas.beginPath()
    for stroke in ink.strokes:
        _curve(path, [(x + (px - left) * scale, y + (bottom - py) * scale) for px, py, _ in stroke])
    canvas.setLineWidth(1.1)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    canvas.drawPath(path)


def _curve(path: Any, points: Sequence[tuple[float, float]]) -> None:
    """A Catmull-Rom spline through the points, as Bézier curves; a single point is a dot."""
    if not points:
        return
    path.moveTo(*points[0])
    if len(points) < 3:
        path.lineTo(*points[-1])
        return
    padded = [points[0], *points, points[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        path.curveTo(
            start[0] + (end[0] - before[0]) / 6,
            start[1] + (end[1] - before[1]) / 6,
            end[0] - (after[0] - start[0]) / 6,
            end[1] - (after[1] - start[1]) / 6,
            *end,
        )


def draw_qr(canvas: Any, text: str, side: float) -> None:
    """Draws a QR code (error level M) as one filled path, without the quiet zone, its lower left corner at 0, 0."""
    matrix = segno.make(text, error="m", micro=False, boost_error=False).matrix
    module = side / len(matrix)
    path = canvas.beginPath()
    for row, line in enumerate(matrix):
        for value, cells in groupby(enumerate(line), key=lambda cell: cell[1]):
            if value:
                run = [column for column, _ in cells]
                path.rect(run[0] * module, side - (row + 1) * module, len(run) * module, module)
    canvas.drawPath(path, stroke=0, fill=1)
