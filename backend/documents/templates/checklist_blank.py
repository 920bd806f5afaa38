"""A list as a blank to be filled by hand, where no phone may go: no number, no ledger, no official document.

It reads like the list on the phone, with the same numbers, and each sheet carries a QR code that opens this very list
there, so that what was written is entered beside its photograph. Handwriting with a thick pen gets lines of 10 mm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from backend.documents import fonts
from backend.documents.blocks import SignatureRow, Table, draw_qr
from backend.documents.layout import UNVERIFIED
from backend.documents.pages import Placed, paginate
from backend.documents.paragraph import Block, Run, Style, ZhParagraph
from backend.documents.problems import DocumentError
from backend.documents.render import LOCK, missing_glyphs

SIDE, TOP, BOTTOM = 16 * mm, 13 * mm, 33 * mm
WIDTH, HEIGHT = A4[0] - 2 * SIDE, A4[1] - TOP - BOTTOM
HAND = 10 * mm  # what a line of handwriting takes
INDENT = 9 * mm  # of what belongs to a number
BOX = 4.6 * mm
QR_SIDE, FOOT = 21 * mm, 8 * mm
COLUMNS = 5  # of a repeated section, beside each other
GAP = 4 * mm

TITLE = Style(face=fonts.BOLD, size=18, leading=28, align="center", first=0)
UNDER = Style(face=fonts.SERIF, size=9, leading=16, align="center", first=0)
HEAD = Style(face=fonts.BOLD, size=12.5, leading=25, align="left", first=0)
TEXT = Style(size=12, leading=18, align="left", first=0)
SMALL = Style(size=9.5, leading=14, align="left", first=0)
LABEL = Style(size=11, leading=HAND, align="left", first=0)
TINY = Style(face=fonts.SERIF, size=8, leading=12, align="left", first=0)

Answer = Literal[
    "check", "number", "options", "day", "clock", "moment", "text", "line", "photo", "calculated", "note"
]


@dataclass(frozen=True, kw_only=True)
class Point:
    """One item. number: as on the phone; None: an instruction.  beneath: standard, limits.  options: of a choice.

    judged: no limit decides a reading, so the person does.  exam: a question; none is left out or remarked upon.
    """

    number: int | None
    text: str
    answer: Answer
    beneath: tuple[str, ...] = ()
    unit: str = ""
    options: tuple[str, ...] = ()
    major: bool = False
    judged: bool = False
    exam: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section. rows: blank lines of the table that a repeated one is; None: it is filled once."""

    title: str
    points: tuple[Point, ...]
    rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class Blank:
    """address: what the QR code says before the number of the sheet.  facts: label and what is known of it."""

    title: str
    version: int
    short: str
    address: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    signatures: tuple[str, ...]


def render(blank: Blank) -> bytes:
    """The blank as PDF, A4. Raises DocumentError when a text has a character that no font has."""
    if problems := missing_glyphs(list(_words(blank))):
        raise DocumentError(problems)
    with LOCK:
        return _draw(blank)


def story(d: Blank) -> Iterator[Block]:
    """The blocks, in the order in which the sheets are filled."""
    yield ZhParagraph(d.title, TITLE, keep=True)
    yield ZhParagraph(f"版本 {d.version}　编号 {d.short}", UNDER, keep=True)
    yield from _lines([Rule(label, value=value, least=52 * mm) for label, value in d.facts])
    year, *others = _time("moment")
    yield from _lines([replace(year, label="填写时间"), *others])
    yield ZhParagraph(
        "用黑色笔填写，在□内打√；写错的划去重写，并在旁边签名。填完后用手机扫本页二维码，拍照补录。", SMALL
    )
    for part in d.parts:
        yield ZhParagraph(part.title, HEAD, keep=True)
        yield from _once(part) if part.rows is None else _repeated(part, part.rows)
    if any(UNVERIFIED in text for part in d.parts for point in part.points for text in point.beneath):
        yield ZhParagraph(
            [Run(f"{UNVERIFIED}依据未核", bold=True), Run("：所标条款或规定尚未与原文核对。")], SMALL
        )
    for role in d.signatures:
        row = SignatureRow(f"{role}（签名）", "", "年　月　日")
        row.needs_text = (
            False  # every sheet names its list; a signature without items beside it takes none of them along
        )
        yield row


def _once(part: Part) -> Iterator[Block]:
    for point in part.points:
        head: list[Run] = [Run("重大", bold=True, frame=True), Run("", least=0.3)] if point.major else []
        number = "" if point.number is None else f"{point.number}."
        yield Hung(number, ZhParagraph([*head, Run(point.text)], TEXT), keep=point.answer != "note")
        for text in point.beneath:
            yield Hung("", ZhParagraph(text, SMALL), keep=point.answer != "note")
        yield from _lines(_asked(point), INDENT)


def _asked(point: Point) -> list[Box | Rule]:
    """Where the answer is written, and room for a remark."""
    remark = Rule("备注", least=40 * mm)
    waived = Box("不涉及")
    match point.answer:
        case "note":
            return []
        case "check":
            return [Box("合格"), Box("不合格"), waived, remark]
        case "number":
            verdict = (Box("合格"), Box("不合格")) if point.judged else ()
            return [Rule("读数", unit=point.unit, least=34 * mm), *verdict, waived, remark]
        case "options":
            return [*map(Box, point.options), *(() if point.exam else (waived, remark))]
        case "day" | "clock" | "moment":
            return [*_time(point.answer), remark]
        case "text":
            return [Rule("", least=WIDTH - INDENT), Rule("", least=WIDTH - INDENT)]
        case "photo":
            return [Box("已另拍照片"), remark]
        case "calculated":
            return [Rule("计算值", unit=point.unit, least=34 * mm), remark]
        case "line":
            return [Rule("", least=70 * mm), remark]


def _time(what: Literal["day", "clock", "moment"]) -> Iterator[Rule]:
    """____年__月__日__时__分"""
    for unit in {"day": "年月日", "clock": "时分", "moment": "年月日时分"}[what]:
        yield Rule("", unit=unit, least=(18 if unit == "年" else 11) * mm)


def _repeated(part: Part, rows: int) -> Iterator[Block]:
    """A table with a blank line for each of what is repeated; a wide one goes on in a second, lines numbered alike."""
    asked = [point for point in part.points if point.answer != "note"]
    for point in part.points:
        if point.answer == "note":
            yield ZhParagraph(point.text, SMALL, keep=True)
    if any(point.answer == "check" for point in asked):
        yield ZhParagraph("表内：√ 合格　× 不合格　／ 不涉及", SMALL, keep=True)
    tables = -(-len(asked) // COLUMNS)
    wide = -(-len(asked) // tables) if tables else 1
    for start in range(0, len(asked), wide):
        shown = asked[start : start + wide]
        head: list[Block] = [
            ZhParagraph("行", SMALL),
            *(_column(point) for point in shown),
            ZhParagraph("备注", SMALL),
        ]
        blank = [
            [ZhParagraph(str(row), SMALL), *(Blankness() for _ in range(len(shown) + 1))]
            for row in range(1, rows + 1)
        ]
        yield Table([head, *blank], (0.35, *(1.0 for _ in shown), 0.8))
        yield Blankness(GAP)


def _column(point: Point) -> Block:
    unit = f"（{point.unit}）" if point.unit else ""
    choices = "；".join(point.options)
    return ZhParagraph(
        "\n".join(filter(None, (f"{point.number}. {point.text}{unit}", *point.beneath, choices))), SMALL
    )


# --- what is written on --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """To be ticked."""

    label: str


@dataclass(frozen=True)
class Rule:
    """To be written on. value: what is known already.  least: its length, in points; it takes what the line leaves."""

    label: str
    least: float
    unit: str = ""
    value: str = ""


class Blankness(Block):
    """Room to write, or between things."""

    def __init__(self, tall: float = HAND - 8) -> None:
        super().__init__()
        self._tall = tall

    def tall(self, width: float) -> float:  # noqa: ARG002
        return self._tall

    def draw(self) -> None:
        """Nothing."""


class Hung(Block):
    """A paragraph with its number at the left of it."""

    is_text = True

    def __init__(self, number: str, text: ZhParagraph, *, keep: bool) -> None:
        super().__init__()
        self._number, self._text, self.keep = number, text, keep

    def tall(self, width: float) -> float:
        return self._text.tall(width - INDENT) + (4 if self._number else 0)

    def least(self, width: float) -> float:
        return self._text.least(width - INDENT) + (4 if self._number else 0)

    def split(self, width: float, height: float) -> list[Block]:
        parts = self._text.split(width - INDENT, height - 4)
        numbers = (self._number, "")
        return [
            Hung(number, part, keep=self.keep)
            for number, part in zip(numbers, parts, strict=False)
            if isinstance(part, ZhParagraph)
        ]

    def draw(self) -> None:
        tall = self._text.wrapOn(self.canv, self.width - INDENT, self.height)[1]
        if self._number:
            self.canv.setLineWidth(0.3)
            self.canv.line(0, self.height - 1, self.width, self.height - 1)
            number = ZhParagraph(self._number, replace(self._text.style, face=fonts.BOLD))
            number.wrapOn(self.canv, INDENT, 0)
            number.drawOn(self.canv, 0, tall - number.height)
        self._text.drawOn(self.canv, INDENT, 0)


class Line(Block):
    """A line of boxes and rules. pieces: each with its left and its width."""

    is_text = True

    def __init__(self, pieces: Sequence[tuple[Box | Rule, float, float]], *, keep: bool) -> None:
        super().__init__()
        self._pieces, self.keep = pieces, keep

    def tall(self, width: float) -> float:  # noqa: ARG002
        # Only an option may be longer than a line: it stands alone then (_lines).
        alone = self._pieces[0]
        if len(self._pieces) > 1 or not isinstance(alone[0], Box):
            return float(HAND)
        room = float(alone[2] - BOX - 1.5 * mm)
        return ZhParagraph(alone[0].label, LABEL).tall(room)

    def draw(self) -> None:
        base, top = 0.27 * HAND, self.height
        for piece, left, width in self._pieces:
            if isinstance(piece, Box):
                self.canv.setLineWidth(0.9)
                self.canv.rect(left, top - (HAND + BOX) / 2 - 0.4, BOX, BOX)
                self._write(piece.label, left + BOX + 1.5 * mm, width - BOX - 1.5 * mm)
                continue
            start, end = left + _wide(piece.label), left + width - _wide(piece.unit)
            self._write(piece.label, left, _wide(piece.label))
            self._write(piece.unit, end + 1, _wide(piece.unit))
            self._write(piece.value, start + 1.5 * mm, WIDTH)
            self.canv.setLineWidth(0.6)
            self.canv.line(start + 1, base, end - 1, base)

    def _write(self, text: str, x: float, width: float) -> None:
        words = ZhParagraph(text, LABEL)
        words.wrapOn(self.canv, width, 0)
        words.drawOn(self.canv, x, self.height - words.height)


def _wide(text: str) -> float:
    """Width of a label and the blank after it."""
    widths: list[float] = [line.width for _, line in ZhParagraph(text, LABEL).lines(1e6)]
    return float(max(widths) + 1.5 * mm) if text else 0.0


def _lines(pieces: Sequence[Box | Rule], indent: float = 0.0) -> Iterator[Line]:
    """The pieces on as few lines as hold them; each line's last rule takes what is left."""
    rows: list[list[tuple[Box | Rule, float, float]]] = [[]]
    x = indent
    for piece in pieces:
        fixed = BOX + 1.5 * mm if isinstance(piece, Box) else piece.least + _wide(piece.unit)
        wide = fixed + _wide(piece.label)
        if isinstance(piece, Rule):
            wide = max(wide, _wide(piece.label) + _wide(piece.value) + _wide(piece.unit) + 3 * mm)
        wide = min(wide, WIDTH - indent)
        if rows[-1] and x + wide > WIDTH + 0.1:
            rows.append([])
            x = indent
        rows[-1].append((piece, x, wide))
        x += (
            wide + (0.4 if isinstance(piece, Rule) and piece.unit in "年月日时" and piece.unit else 1.0) * GAP
        )
    for place, row in enumerate(rows):
        if row and isinstance(row[-1][0], Rule) and not row[-1][0].unit:
            piece, left, _ = row[-1]
            row[-1] = (piece, left, WIDTH - left)
        if row:
            yield Line(row, keep=place + 1 < len(rows))


# --- the sheets ----------------------------------------------------------------------------------------------------


def _draw(blank: Blank) -> bytes:
    target = BytesIO()
    pages = paginate(story(blank), WIDTH, HEIGHT)
    canvas = Canvas(target, A4, pageCompression=1, invariant=1, lang="zh-CN", initialFontName=fonts.BOLD.han)
    canvas.setTitle(f"{blank.title}（纸质）")
    canvas.setCreator("矿检 Kuangjian")
    for number, page in enumerate(pages, 1):
        _sheet(canvas, blank, page, number, len(pages))
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _sheet(canvas: Any, blank: Blank, page: Iterable[Placed], number: int, total: int) -> None:
    for block, top in page:
        tall = block.wrapOn(canvas, WIDTH, HEIGHT)[1]
        block.drawOn(canvas, SIDE, A4[1] - TOP - top - tall)
    canvas.saveState()
    canvas.translate(SIDE, FOOT)
    draw_qr(canvas, sheet_address(blank.address, number), QR_SIDE)
    canvas.restoreState()
    beside = ZhParagraph(
        f"第 {number} 页  共 {total} 页\n{blank.title}\n版本 {blank.version}　编号 {blank.short}\n"
        "本表为清单的纸质填写件，以手机补录并附照片为准，不是执法文书。",
        TINY,
    )
    left = SIDE + QR_SIDE + 4 * mm
    beside.wrapOn(canvas, A4[0] - SIDE - left, 0)
    beside.drawOn(canvas, left, FOOT + (QR_SIDE - beside.height) / 2)


def sheet_address(address: str, number: int) -> str:
    """What the QR code of a sheet says."""
    return f"{address}?sheet={number}"


def _words(blank: Blank) -> Iterator[tuple[str, str]]:
    """Every text that comes from outside, with a JSON Pointer."""
    yield "/title", blank.title
    for place, fact in enumerate(blank.facts):
        yield from ((f"/facts/{place}", text) for text in fact)
    for i, part in enumerate(blank.parts):
        yield f"/parts/{i}/title", part.title
        for j, point in enumerate(part.points):
            for text in (point.text, *point.beneath, point.unit, *point.options):
                yield f"/parts/{i}/points/{j}", text
