"""What a PDF says of itself. The public page looks its SHA-256 up in the ledger; this only tells what was dropped."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from xml.sax.saxutils import unescape

_END = re.compile(rb"startxref\r?\n([0-9]{1,12})\r?\n%%EOF(?:\r\n|\r|\n)?")
_PACKET = re.compile(rb'xmlns:kj="urn:kuangjian:document:1">(.{0,4096}?)</rdf:Description>', re.DOTALL)
_FIELD = re.compile(r"<kj:([a-z_]{1,20})>([^<]{0,300})</kj:\1>")


@dataclass(frozen=True)
class Description:
    """sha256: of all bytes. ours: carries our mark, which anybody can copy: only the ledger tells what is genuine.

    appended: bytes follow the end of the file as first written (an incremental update, or something hidden).
    original_sha256: of the bytes up to there; equal to sha256 when nothing was appended; None without such an end.
    """

    sha256: str
    ours: bool
    kind: str | None
    number: str | None
    state: str | None
    data_hash: str | None
    pack: str | None
    appended: bool
    original_sha256: str | None


def describe(pdf: bytes) -> Description:
    """Never raises, whatever the bytes are."""
    label = _label(pdf)
    end = _first_end(pdf)
    return Description(
        sha256=hashlib.sha256(pdf).hexdigest(),
        ours=pdf.startswith(b"%PDF-") and "kind" in label and "data_hash" in label,
        kind=label.get("kind"),
        number=label.get("number") or None,
        state=label.get("state"),
        data_hash=label.get("data_hash"),
        pack=label.get("pack"),
        appended=end is not None and end != len(pdf),
        original_sha256=None if end is None else hashlib.sha256(pdf[:end]).hexdigest(),
    )


def _label(pdf: bytes) -> dict[str, str]:
    packet = _PACKET.search(pdf)
    if packet is None:
        return {}
    text = packet.group(1).decode("utf-8", "replace")
    return {name: unescape(value) for name, value in _FIELD.findall(text)}


def _first_end(pdf: bytes) -> int | None:
    """Where the file ended when it was first written: after the first %%EOF whose startxref points to a table."""
    for match in _END.finditer(pdf):
        start = int(match.group(1))
        if start < match.start() and pdf[start : start + 4] == b"xref":
            return match.end()
    return None
