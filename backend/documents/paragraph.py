"""ZhParagraph: Chinese text as a clerk expects to see it set.

A paragraph is a sequence of runs in one style. Lines break by linebreak.py, are justified by character spacing, and are
drawn with reportlab. A paragraph that does not fit a page is split with at least two lines on each side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from reportlab.platypus.flowables import Flowable

from backend.documents import fonts
from backend.documents.linebreak import PAD, Atom, Breaker, Line

LEAST_LINES = 2  # on each side of a page break
# A word: a reading with its unit (30 ppm), other Latin, or one character.
_LATIN = r"[!-~\u00a1-\u00b6\u00b8-\u1fff]"
_WORDS = re.compile(rf"{_LATIN}*[0-9] [a-zA-Zµ%°/²³]{{1,5}}(?!{_LATIN})|{_LATIN}+|.")
ASCENT = 0.38  # em from the baseline to the middle of a Han glyph
UNDERLINE_DEPTH, RULE = 0.24, 0.05  # em below the baseline; em thick

SetLine = tuple[Sequence[Atom], Line]


@dataclass(frozen=True)
class Run:
    """Text set alike. least: width in em that it takes at least, centred, as the blank of a printed form."""

    text: str
    bold: bool = False
    underline: bool = False
    least: float = 0.0
    frame: bool = False  # a thin box around it, for 重大


@dataclass(frozen=True)
class Style:
    """size and leading in points; first: indent of a first line in em; grey: 0 black to 1 white."""

    face: fonts.Face = fonts.BODY
    size: float = 12
    leading: float = 28
    align: Literal["justify", "left", "center", "right"] = "justify"
    first: float = 2
    grey: float = 0.0


class Block(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A reportlab flowable with what pages.py asks of it.

    is_text: body text, so that its page may carry a seal. needs_text: never on a page without body text.
    keep: stays on the page of the block that follows.
    """

    is_text = False
    needs_text = False
    keep = False

    def tall(self, width: float) -> float:
        """The height of the block at a width, in points."""
        raise NotImplementedError

    def least(self, width: float) -> float:
        """The height that must be free for the block to begin on a page."""
        return self.tall(width)

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002  # reportlab's protocol
        self.width, self.height = width, self.tall(width)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Block]:  # noqa: ARG002
        return []


@lru_cache(maxsize=1024)
def _atoms_of(text: str, face: fonts.Face, size: float, run: int) -> tuple[Atom, ...]:
    """The atoms of plain text; kept, since the fixed wording of a template is the same in every document."""
    atoms = []
    for font, piece in face.pieces(text.replace("\u00a0", " ")):
        advances = fonts.advances(font)
        em = face.size(font, size)
        for word in _WORDS.findall(piece):
            width = em * sum(advances[character] for character in word)
            atoms.append(Atom(word, font, width, em, run, latin=word != " " and fonts.is_latin(word[0])))
    return tuple(atoms)


class ZhParagraph(Block):
    """text: a string or runs; a line feed begins a new line with its own indent.

    Raises fonts.MissingGlyph when it is made, not when it is drawn.
    """

    is_text = True

    def __init__(self, text: str | Sequence[Run], style: Style | None = None, *, keep: bool = False) -> None:
        super().__init__()
        self.style = style or Style()
        self.keep = keep
        self.runs = (Run(text),) if isinstance(text, str) else tuple(text)
        self._sections = list(self._read())
        self._lines: dict[float, list[SetLine]] = {}

    def _read(self) -> Iterator[list[Atom]]:
        """The atoms between line feeds."""
        section: list[Atom] = []
        for number, run in enumerate(self.runs):
            for index, text in enumerate(run.text.split("\n")):
                if index:
                    yield section
                    section = []
                section += self._atoms(text, run, number)
        yield section

    def _atoms(self, text: str, run: Run, number: int) -> Sequence[Atom]:
        size, face = self.style.size, fonts.BOLD if run.bold else self.style.face
        atoms = _atoms_of(text, face, size, number)
        pad = 0.15 * size if run.frame else (run.least * size - sum(atom.width for atom in atoms)) / 2
        if pad <= 0:
            return atoms
        blank = Atom(PAD, face.han, pad, size, number)
        return [blank, *atoms, blank]

    def lines(self, width: float) -> list[SetLine]:
        """The paragraph set to a width, in points."""
        if width not in self._lines:
            first = width - self.style.first * self.style.size
            sections = [_cut_words(section, first) for section in self._sections]
            self._lines[width] = [(one, line) for one in sections for line in self._break(one, first, width)]
        return self._lines[width]

    def _break(self, section: Sequence[Atom], first: float, width: float) -> list[Line]:
        lines = Breaker(section, (first, width), justify=self.style.align == "justify").lines()
        if self.style.align != "center" or len(lines) < 2:
            return lines
        # Centred lines are of about one length: 安全监督管 over 理局 is no title.
        even, step = sum(line.width for line in lines) / len(lines), self.style.size / 2
        while even < width:
            closer = Breaker(section, (even, even), justify=False).lines()
            if len(closer) == len(lines):
                return closer
            even += step
        return lines

    def tall(self, width: float) -> float:
        return len(self.lines(width)) * self.style.leading

    def least(self, width: float) -> float:
        count = len(self.lines(width))
        return (count if count < 2 * LEAST_LINES else LEAST_LINES) * self.style.leading

    def split(self, width: float, height: float) -> list[Block]:
        fit = int((height + 1e-6) / self.style.leading)
        count = len(self.lines(width))
        at = min(fit, count - LEAST_LINES)
        return list(self.cut(at, width)) if at >= LEAST_LINES else []

    def cut(self, at: int, width: float) -> tuple[ZhParagraph, ZhParagraph]:
        """The first `at` lines and the others, set as they were."""
        lines = self.lines(width)
        return self._part(lines[:at], width, keep=False), self._part(lines[at:], width, keep=self.keep)

    def _part(self, lines: list[SetLine], width: float, *, keep: bool) -> ZhParagraph:
        part = ZhParagraph("", self.style, keep=keep)
        part.runs, part._lines = self.runs, {width: lines}
        part.is_text, part.needs_text = self.is_text, self.needs_text
        return part

    def draw(self) -> None:
        style, y = self.style, self.height
        text = self.canv.beginText()
        text.setFillGray(style.grey)
        marks: list[tuple[Run, float, float, float]] = []
        for section, line in self.lines(self.width):
            baseline = y - style.leading / 2 - ASCENT * style.size
            shift = {"center": 0.5, "right": 1.0}.get(style.align, 0.0) * (self.width - line.width)
            x = shift + (style.first * style.size if line.first == 0 else 0.0) - line.lead
            marks += _set_line(text, self.runs, section, line, x, baseline)
            y -= style.leading
        self.canv.drawText(text)
        for run, start, end, baseline in marks:
            self._mark(run, start, end, baseline)

    def _mark(self, run: Run, start: float, end: float, baseline: float) -> None:
        canvas, size = self.canv, self.style.size
        canvas.setLineWidth(RULE * size)
        if run.underline:
            canvas.line(start, baseline - UNDERLINE_DEPTH * size, end, baseline - UNDERLINE_DEPTH * size)
        if run.frame:
            canvas.rect(start, baseline - 0.2 * size, end - start, 1.16 * size)


def _cut_words(atoms: Sequence[Atom], measure: float) -> Sequence[Atom]:
    """The atoms, those that are wider than a whole line cut into characters: nothing ever leaves the page."""
    if all(atom.width <= measure for atom in atoms):
        return atoms
    cut: list[Atom] = []
    for atom in atoms:
        if atom.width <= measure:
            cut.append(atom)
        else:
            advances = fonts.advances(atom.font)
            cut += [atom._replace(text=char, width=advances[char] * atom.em) for char in atom.text]
    return cut


def _set_line(
    text: Any, runs: Sequence[Run], section: Sequence[Atom], line: Line, x: float, baseline: float
) -> list[tuple[Run, float, float, float]]:
    """Shows one line in the text object; returns the (run, start, end, baseline) that must be ruled or framed."""
    marks: list[tuple[Run, float, float, float]] = []
    together: list[Atom] = []  # single characters of one font with the same space between them, shown at once
    start, space, gap_before = x, 0.0, 0.0
    for atom, gap in zip(section[line.first : line.last], line.gaps, strict=True):
        if not (_one_string(together, atom) and (len(together) == 1 or gap_before == space)):
            _show(text, together, start, baseline, space)
            together, start, gap_before = [], x, 0.0
        together.append(atom)
        if len(together) == 2:
            space = gap_before
        gap_before = gap
        run = runs[atom.run]
        if run.underline or run.frame:
            begin = marks.pop()[1] if marks and marks[-1][0] is run else x
            marks.append((run, begin, x + atom.width, baseline))
        x += atom.width + gap
    _show(text, together, start, baseline, space)
    return marks


def _one_string(together: Sequence[Atom], atom: Atom) -> bool:
    """Whether an atom may be shown in one string with those before it: no space must come into a word."""
    if not together or together[-1].font != atom.font or PAD in (together[-1].text, atom.text):
        return False
    return max(len(together[-1].text), len(atom.text)) == 1


def _show(text: Any, together: Sequence[Atom], x: float, baseline: float, space: float) -> None:
    shown = "".join(atom.text for atom in together if atom.text != PAD)
    if shown:
        text.setFont(together[0].font, together[0].em)
        text.setCharSpace(space if len(together) > 1 else 0.0)
        text.setTextOrigin(x, baseline)
        text.textOut(shown)
