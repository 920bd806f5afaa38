"""render(): data in, the bytes of a PDF out; the same bytes for the same data, on every machine with the same pack.

What is printed as 校验码 is not the file's own hash, which no file can hold, but the short form of `data_hash`: SHA-256
of the canonical data (RFC 8785), signatures included, state left out, so that a copy marked 作废 still names the
document that it is a copy of (docs/adr/0006-documents.md).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

import reportlab
import segno
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from backend.documents import fonts
from backend.documents.blocks import read_jpeg
from backend.documents.kinds import Kind
from backend.documents.layout import Mark, Page
from backend.documents.problems import DocumentError, Problem
from backend.documents.shape import Json, read, schema, strings
from backend.documents.templates import inspection_record, rectify_order

SHORT = 16  # hexadecimal digits
_KINDS = {kind.key: kind for kind in (inspection_record.KIND, rectify_order.KIND)}
# reportlab's faces keep a reading position: two threads would cut each other's glyphs.
LOCK = Lock()


@dataclass(frozen=True)
class Rendered:
    """A document. sha256: of the whole file. pack, compressor: what must be the same for the same bytes."""

    pdf: bytes
    sha256: str
    pages: int
    data_hash: str
    short: str
    pack: str
    compressor: str
    problems: tuple[Problem, ...]


def kinds() -> Mapping[str, Kind]:
    """Every kind of document, by key, in the order of an inspection."""
    return _KINDS


def data_schema(kind: str) -> Json:
    """The JSON Schema (draft 2020-12) of the kind's data. Raises DocumentError for an unknown kind."""
    found = _kind(kind)
    return {**schema(found.data), "title": found.title_zh}


def check(kind: str, data: Json, *, assets: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Everything that is wrong with the data or should be looked at, blocking or not. Never raises on any JSON."""
    return _read(_kind(kind), data, assets)[1]


def data_hash(kind: str, data: Json) -> str:
    """SHA-256, hexadecimal, of {"kind", "data" without "state"} in canonical JSON (RFC 8785)."""
    named = {"data": {name: value for name, value in data.items() if name != "state"}, "kind": kind}
    # RFC 8785 for what shape.py lets in: ASCII names, no fractions. tests/documents compare it with rfc8785.
    canonical = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def render(kind: str, data: Json, *, assets: Mapping[str, bytes]) -> Rendered:
    """The document. assets: photos (JPEG) by sha256.

    Raises DocumentError with every blocking problem; advisory ones come back in the result.
    """
    found = _kind(kind)
    with LOCK:
        document, problems = _read(found, data, assets)
        if document is None or any(problem.blocking for problem in problems):
            raise DocumentError([problem for problem in problems if problem.blocking])
        digest = data_hash(kind, data)
        number = document.number or f"（{document.bureau.abbr}）{found.word}〔　　〕　　号"
        page = Page(Mark(document.state, number, digest[:SHORT], document.verify_base), assets)
        label = {"kind": kind, "number": document.number or "", "state": document.state, "data_hash": digest}
        pdf, pages = _draw(found, document, page, label)
    return Rendered(
        pdf, hashlib.sha256(pdf).hexdigest(), pages, digest, digest[:SHORT], pack(), compressor(), problems
    )


def _kind(key: str) -> Kind:
    if key not in _KINDS:
        zh, en = f"没有“{key}”这种文书。", f"no such kind of document; there are {', '.join(_KINDS)}"
        raise DocumentError([Problem("", "kind.unknown", zh, en)])
    return _KINDS[key]


def _read(kind: Kind, data: Json, assets: Mapping[str, bytes]) -> tuple[Any, tuple[Problem, ...]]:
    document, problems = read(kind.data, data)
    if document is not None:
        words = strings(data)
        problems += missing_glyphs(words)
        problems += _missing_photos(words, assets)
        problems += kind.check(document)
    return document, tuple(problems)


def missing_glyphs(words: Sequence[tuple[str, str]]) -> list[Problem]:
    """A problem for each character that no font has. words: JSON Pointer and text."""
    problems = []
    for path, text in words:
        for character in fonts.missing(text):
            code = f"U+{ord(character):04X}"
            shown = f"“{character}”（{code}）" if character.isprintable() else f"看不见的字符{code}"
            zh = f"字库中没有{shown}，请删去或改用其他字。"
            problems.append(Problem(path, "glyph.missing", zh, f"no font has {code}; write it otherwise"))
    return problems


def _missing_photos(words: Sequence[tuple[str, str]], assets: Mapping[str, bytes]) -> list[Problem]:
    problems = []
    for path, digest in words:
        if not path.endswith("/sha256"):
            continue
        if digest not in assets:
            zh, en = (
                "照片尚未上传，请先上传或删去。",
                "the photo is not here; upload it first, or leave it out",
            )
            problems.append(Problem(path, "photo.missing", zh, en))
        elif hashlib.sha256(assets[digest]).hexdigest() != digest or not _is_jpeg(assets[digest]):
            zh, en = (
                "照片内容与编号不符或不是JPEG，请重新上传。",
                "not the JPEG of this hash; upload it again",
            )
            problems.append(Problem(path, "photo.wrong", zh, en))
    return problems


def _is_jpeg(data: bytes) -> bool:
    try:
        read_jpeg(data)
    except ValueError:
        return False
    return True


def _draw(kind: Kind, document: Any, page: Page, label: Mapping[str, str]) -> tuple[bytes, int]:
    rl_config.useA85 = 0  # binary streams, a quarter smaller; reportlab has this for the whole process only
    target = BytesIO()
    blocks = list(
        kind.story(document, page)
    )  # loads the fonts; the canvas begins in one of them, not in Helvetica
    first = {"initialFontName": fonts.BOLD.han}
    canvas = Canvas(target, A4, pageCompression=1, invariant=1, pdfVersion=(1, 4), lang="zh-CN", **first)
    canvas.setTitle(f"{document.titled(kind.title_zh)} {label['number']}".strip())
    canvas.setAuthor(document.bureau.name)
    canvas.setSubject(document.mine.name)
    canvas.setCreator("矿检 Kuangjian")
    # The file's own date is the document's: not the clock's, which would make other bytes of the same data.
    canvas.setDateFormatter(lambda *_: f"D:{document.day:%Y%m%d}000000")
    pages = page.draw(canvas, blocks)
    canvas._doc.Catalog.Metadata = _metadata({**label, "pack": pack()})
    canvas.save()
    return target.getvalue(), pages


def _metadata(label: Mapping[str, str]) -> PDFStream:
    """An XMP packet, not compressed, so that verify.py and others find it without reading the PDF's structure."""
    fields = "".join(f"<kj:{name}>{escape(value)}</kj:{name}>" for name, value in label.items())
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:kj="urn:kuangjian:document:1">{fields}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )
    names = PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")})
    return PDFStream(names, packet.encode("utf-8"), filters=[])


@cache
def pack() -> str:
    """SHA-256 of all that decides the bytes but the compressor: this package, its fonts, reportlab, segno."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(f"reportlab {reportlab.Version}\nsegno {segno.__version__}\n".encode())
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".ttf"):
            name = path.relative_to(folder).as_posix()
            digest.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def compressor() -> str:
    """The deflate in use; another one (zlib-ng) makes other bytes of the same page."""
    return f"zlib {zlib.ZLIB_RUNTIME_VERSION}"
