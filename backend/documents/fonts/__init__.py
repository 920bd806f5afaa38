"""The three fonts of every document, and which of them sets which character.

Body text is FandolFang (仿宋), which has exactly GB 2312; Latin letters and digits, titles, and the characters of
通用规范汉字表 beyond GB 2312 (㛃, 𬱟, 䶮) are Noto Serif SC. A stretch of Han characters is never set in two fonts:
a name with one rare character is set in Noto Serif as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics, ttfonts

FOLDER = Path(__file__).parent
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


class MissingGlyph(ValueError):
    """No font has the character. Never print a box in its place: the reader would not know what stood there."""

    def __init__(self, character: str) -> None:
        self.character = character
        super().__init__(f"no font has {character!r} (U+{ord(character):04X})")


class Font(ttfonts.TTFont):  # type: ignore[misc]  # reportlab has no types
    """reportlab's TrueType font with a ToUnicode map that is right beyond U+FFFF, so that 𬱟 can be searched."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802  # reportlab's name
        subsets = self.state[doc].subsets
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = f"{ttfonts.SUBSETN(number).decode()}+{self.face.name.decode()}{self.face.subfontNameX.decode()}"
            doc.idToObject[f"toUnicodeCMap:{name}"].content = _to_unicode(name, subset)


def _to_unicode(name: str, subset: list[int]) -> str:
    """A ToUnicode CMap (ISO 32000-1, 9.10.3): UTF-16BE, at most 100 entries a block; code 0 stands for nothing."""
    entries = [
        f"<{code:02X}> <{chr(char).encode('utf-16-be').hex().upper()}>" for code, char in enumerate(subset)
    ]
    blocks = [entries[start : start + 100] for start in range(1, len(entries), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])


@cache
def _load(name: str) -> Font:
    # asciiReadable would put 95 Latin glyphs into every file, used or not.
    font = Font(name, str(FOLDER / f"{name}.ttf"), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(font)
    return font


def is_latin(character: str) -> bool:
    """Set in proportional width, in words: everything before the general punctuation but the · of 买买提·测试."""
    return character < "\u2000" and character != "·"


def _is_other(character: str) -> bool:
    """Not set in FandolFang though it has it: Latin, and … whose dots stand unevenly there when doubled."""
    return character == "…" or is_latin(character)


@dataclass(frozen=True)
class Face:
    """How one role of text chooses fonts. han: its first font; other: Latin, digits, signs and rare characters.

    scale: size of `other` beside `han`; FandolFang's characters fill less of their em than Noto's.
    """

    han: str
    other: str
    scale: float = 1.0

    def size(self, font: str, size: float) -> float:
        return size if font == self.han else size * self.scale

    def pieces(self, text: str) -> list[tuple[str, str]]:
        """(font name, text) of neighbouring characters set in the same font. Raises MissingGlyph."""
        if self.han == self.other or _covers(self.han, text):
            chosen = [self.other if _is_other(character) else self.han for character in text]
        else:
            chosen = self._with_rare(text)
        pieces: list[tuple[str, str]] = []
        for font, character in zip(chosen, text, strict=True):
            if character not in _characters(font):
                raise MissingGlyph(character)
            if pieces and pieces[-1][0] == font:
                pieces[-1] = (font, pieces[-1][1] + character)
            else:
                pieces.append((font, character))
        return pieces

    def _with_rare(self, text: str) -> list[str]:
        chosen = [
            self.han if _covers(self.han, char) and not _is_other(char) else self.other for char in text
        ]
        for stretch in _HAN.finditer(text):
            if not _covers(self.han, stretch.group()):
                chosen[stretch.start() : stretch.end()] = [self.other] * len(stretch.group())
        return chosen


BODY = Face("FandolFang", "NotoSerifSC-Regular", 0.92)
SERIF = Face("NotoSerifSC-Regular", "NotoSerifSC-Regular")
BOLD = Face("NotoSerifSC-Bold", "NotoSerifSC-Bold")


@cache
def _characters(name: str) -> frozenset[str]:
    return frozenset(map(chr, _load(name).face.charToGlyph))


def _covers(name: str, text: str) -> bool:
    return _characters(name).issuperset(text)


@cache
def advances(name: str) -> dict[str, float]:
    """Advance width of each character of the font, in units of the font size."""
    return {chr(code): width / 1000 for code, width in _load(name).face.charWidths.items()}


def missing(text: str) -> list[str]:
    """The characters of text that no font has, each once, in order; the line feed is not printed."""
    known = _characters(SERIF.han)
    return list(
        dict.fromkeys(character for character in text if character not in known and character != "\n")
    )
