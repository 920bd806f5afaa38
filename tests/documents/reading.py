"""What a reader finds in a PDF: its text page by page, without the blanks that a layout makes."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf


def pages(pdf: bytes) -> list[str]:
    return [re.sub(r"\s", "", page.extract_text()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def whole(pdf: bytes) -> str:
    return "".join(pages(pdf))
