"""Where a line of Chinese may end and how wide it is: kinsoku, squeezed punctuation, the best of two breaks.

Rules of GB/T 15834-2011 (标点符号用法, 5.1 on positions) as typesetters apply them (W3C CLREQ 3.1 and 3.2): closing
punctuation never begins a line, opening punctuation never ends one, —— and …… are never parted, words and numbers stay
whole, the blank half of full-width punctuation is dropped beside other punctuation and at the ends of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

OPENING = frozenset("《〈（【〔〖「『“‘［｛")
CLOSING = frozenset("，。、；：）》〉】〕〗」』”’］｝")  # with a blank right half
NO_START = CLOSING | frozenset("？！…—·～％‰℃％‱々〃※,.:;!?)]}%°′″’")
NO_END = OPENING | frozenset("￥＄№#$([{")
TOGETHER = frozenset("—…")
# 2026年 and 第6.6.1.1条 are read as one word.
AFTER_NUMBER = frozenset("年月日时分秒条款项号章节次人名米吨元％‰℃㎡度台处份个")
BEFORE_NUMBER = frozenset("第附")

PAD = "\0"  # the text of an atom that is only blank, beside what was filled in

BLANK = 0.5  # em of a full-width punctuation mark that carries no ink
AUTOSPACE = 0.125  # em between Han and Latin
MOST_STRETCH = 0.5  # em a gap; beyond it a line stays ragged rather than torn apart
LEAST_BLANK = 0.25  # em of blank that is left inside a line when a line is tightened


class Atom(NamedTuple):
    """What is never parted: one Han character or sign, one Latin word, one blank. Widths in points."""

    text: str
    font: str
    width: float
    em: float
    run: int
    latin: bool = False

    @property
    def is_space(self) -> bool:
        return self.text == " "


@dataclass(frozen=True, slots=True)
class Line:
    """Atoms first..last (exclusive), the natural gap after each, what justification adds to a gap, and the width."""

    first: int
    last: int
    gaps: tuple[float, ...]
    extra: float
    width: float
    lead: float = 0.0  # the blank left half of opening punctuation that is cut off where the line begins


def can_break(before: Atom, after: Atom) -> bool:
    """Whether a line may end between two neighbouring atoms."""
    if after.is_space:
        return False
    if before.is_space:
        return True
    end, start = before.text[-1], after.text[0]
    if start in NO_START or end in NO_END:
        return False
    if before.latin and after.latin:
        return False
    if before.run == after.run and PAD in (end, start):
        return False
    if end.isdecimal() and start in AFTER_NUMBER:
        return False
    return not (end in BEFORE_NUMBER and start.isdecimal())


def _natural_gap(before: Atom, after: Atom) -> float:
    """The gap between two atoms inside a line: negative where blanks meet, positive between Han and Latin."""
    end, start = before.text[-1], after.text[0]
    if end in CLOSING and (start in CLOSING or start in OPENING):
        return -BLANK * before.em
    if end in OPENING and start in OPENING:
        return -BLANK * after.em
    if before.latin != after.latin and not (before.is_space or after.is_space):
        han = start if before.latin else end
        if han.isalpha():  # a Han character, not punctuation: that has its own blank
            return AUTOSPACE * min(before.em, after.em)
    return 0.0


class Breaker:
    """Breaks one paragraph. `measures`: width of the first line, width of the others, in points."""

    def __init__(self, atoms: Sequence[Atom], measures: tuple[float, float], *, justify: bool) -> None:
        self._atoms = atoms
        self._measures = measures
        self._justify = justify
        pairs = list(pairwise(atoms))
        self._gaps = [_natural_gap(before, after) for before, after in pairs] + [0.0]
        self._may = [can_break(before, after) for before, after in pairs] + [True]

    def lines(self) -> list[Line]:
        found: list[Line] = []
        start = 0
        while start < len(self._atoms):
            measure = self._measures[1 if found else 0]
            end = self._end(start, measure, bool(found))
            found.append(self._line(start, end, measure, bool(found)))
            start = end
            while start < len(self._atoms) and self._atoms[start].is_space:
                start += 1
        return found

    def _end(self, start: int, measure: float, inner: bool) -> int:
        """The index after the last atom of the line that begins at start."""
        loose = None  # the last break that fits at natural width
        width = -self._lead(start, inner)
        for index in range(start, len(self._atoms)):
            atom = self._atoms[index]
            width += atom.width
            if self._may[index]:
                short = width - self._trail(index)
                if short <= measure + 1e-6:
                    loose = index + 1
                else:
                    return self._choose(start, loose, index + 1, short, measure, inner)
            width += self._gaps[index]
        return len(self._atoms)

    def _choose(
        self, start: int, loose: int | None, tight: int, short: float, measure: float, inner: bool
    ) -> int:
        """Between a line that must be stretched and one that must be squeezed, the less disturbed."""
        if short - measure <= self._squeezable(start, tight) and (
            loose is None or measure - self._width(start, loose, inner) > self._atoms[start].em
        ):
            return tight
        if loose is not None:
            return loose
        # Nothing may break here, a number of forty digits for one: cut where it is full, at least one atom.
        end = start + 1
        while end < tight and self._width(start, end + 1, inner) <= measure:
            end += 1
        return end

    def _lead(self, index: int, inner: bool) -> float:
        atom = self._atoms[index]
        return BLANK * atom.em if inner and atom.text[0] in OPENING else 0.0

    def _trail(self, index: int) -> float:
        atom = self._atoms[index]
        if atom.is_space:
            return atom.width
        return BLANK * atom.em if atom.text[-1] in CLOSING else 0.0

    def _width(self, start: int, end: int, inner: bool) -> float:
        """Natural width of the atoms as a line, its ends trimmed."""
        total = sum(atom.width for atom in self._atoms[start:end]) + sum(self._gaps[start : end - 1])
        return total - self._lead(start, inner) - self._trail(end - 1)

    def _slack(self, index: int) -> float:
        """How much the gap after an atom inside a line may be tightened."""
        if self._gaps[index] > 0:
            return self._gaps[index]
        if self._gaps[index] == 0 and self._atoms[index].text[-1] in CLOSING:
            return (BLANK - LEAST_BLANK) * self._atoms[index].em
        return 0.0

    def _squeezable(self, start: int, end: int) -> float:
        return sum(self._slack(index) for index in range(start, end - 1))

    def _line(self, start: int, end: int, measure: float, inner: bool) -> Line:
        while end > start + 1 and self._atoms[end - 1].is_space:
            end -= 1
        gaps = self._gaps[start : end - 1]
        width = self._width(start, end, inner)
        extra = 0.0
        if width > measure:
            room = self._squeezable(start, end)
            ratio = min((width - measure) / room, 1.0) if room else 0.0
            gaps = [gap - ratio * self._slack(start + at) for at, gap in enumerate(gaps)]
            width -= ratio * room
        elif self._justify and end < len(self._atoms):
            places = sum(self._stretches(index) for index in range(start, end - 1))
            extra = (measure - width) / places if places else 0.0
            if extra > MOST_STRETCH * self._atoms[start].em:
                extra = 0.0
            else:
                width = measure
        spread = [gap + (extra if self._stretches(start + at) else 0.0) for at, gap in enumerate(gaps)]
        return Line(start, end, (*spread, 0.0), extra, width, self._lead(start, inner))

    def _stretches(self, index: int) -> bool:
        """Whether justification may widen the gap after an atom: not inside ——, nor where there is blank already."""
        before, after = self._atoms[index].text, self._atoms[index + 1].text
        if PAD in (before, after) or after[0] in CLOSING or before[-1] in OPENING:
            return False
        return not (before[-1] in TOGETHER and after[0] == before[-1])
