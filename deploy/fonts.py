"""Makes the three font files that every document is set in; `make fonts` calls it.

    python deploy/fonts.py FANDOLFANG.otf NOTOSERIFSC-REGULAR.ttf NOTOSERIFSC-BOLD.ttf UNIHAN_OTHERMAPPINGS.txt[.bz2]

The sources are named in backend/documents/fonts/README.md. The same sources and the same fontTools give the same
bytes, so that anybody can check that the committed files are what they claim to be.

Characters kept: all of GB 2312-1980, all 8,105 of 通用规范汉字表 (2013; its third table is the one of names and
places), ASCII, and the signs that standards and readings use. FandolFang has GB 2312 only: what it lacks is set in
Noto Serif SC (backend/documents/fonts/__init__.py).
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import re
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

TARGET = Path(__file__).parent.parent / "backend" / "documents" / "fonts"
LARGEST = 6_500_000
SIGNS = (
    "–—―…‘’“”′″‰‱※℃℉№℡·•°±×÷µ²³¹¼½¾√∞∠∥∩∪≈≠≡≤≥⊥→←↑↓⇒─│┌┐└┘├┤┬┴┼■□▲△▼▽◆◇○●◎★☆☐☑☒✓✗〇㎎㎏㎜㎝㎞㎡㎥㏄"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ〈〉《》「」『』【】〔〕〖〗﹏￥"
)
# In thousandths of an em, 0.01 pt at body size: finer than any printer, and FandolFang still fits under LARGEST.
CURVE_ERROR = 0.8


def gb2312() -> set[int]:
    kept = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                kept.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:  # an empty cell of the standard
                continue
    return kept


def standard_characters(unihan: Path) -> set[int]:
    """The code points of 通用规范汉字表, from Unihan's kTGH property (UAX #38)."""
    data = unihan.read_bytes()
    text = (bz2.decompress(data) if unihan.suffix == ".bz2" else data).decode("utf-8")
    kept = {int(code, 16) for code in re.findall(r"^U\+([0-9A-F]+)\tkTGH\t", text, re.MULTILINE)}
    if len(kept) != 8105:
        raise SystemExit(
            f"{unihan}: {len(kept)} characters with kTGH, 8105 expected; is it Unihan_OtherMappings?"
        )
    return kept


def to_quadratic(font: TTFont) -> None:
    """Replaces CFF outlines by glyf ones: reportlab embeds only these."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    table = newTable("glyf")
    table.glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
    table.glyphOrder = order
    font["glyf"], font["loca"] = table, newTable("loca")
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    # 1.0 tables want all of these; only the recalculated ones matter without instructions.
    counts = ("Zones", "TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements")
    sizes = ("SizeOfInstructions", "ComponentElements", "Points", "Contours")
    composites = ("CompositePoints", "CompositeContours", "ComponentDepth")
    for field in (*counts, *sizes, *composites):
        setattr(maxp, f"max{field}", 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0


def make(source: Path, name: str, characters: set[int]) -> None:
    font = TTFont(source, recalcTimestamp=False)
    options = Options(hinting=False, glyph_names=False, notdef_outline=True, recalc_timestamp=False)
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "VORG", "vhea", "vmtx", "gasp", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if "CFF " in font:
        to_quadratic(font)
    target = TARGET / name
    font.save(target, reorderTables=True)
    size = target.stat().st_size
    print(f"{name}: {len(font.getBestCmap())} characters, {size:,} bytes")
    if size > LARGEST:
        raise SystemExit(f"{name} has {size:,} bytes, more than {LARGEST:,}; keep fewer characters")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for argument in ("fandolfang", "regular", "bold", "unihan"):
        parser.add_argument(argument, type=Path)
    arguments = parser.parse_args()
    characters = (
        gb2312() | standard_characters(arguments.unihan) | set(range(0x20, 0x7F)) | set(map(ord, SIGNS))
    )
    make(arguments.fandolfang, "FandolFang.ttf", characters)
    make(arguments.regular, "NotoSerifSC-Regular.ttf", characters)
    make(arguments.bold, "NotoSerifSC-Bold.ttf", characters)
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(TARGET.glob("*.ttf"))
    ]
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


if __name__ == "__main__":
    main()
