"""What a kind of document is; each template declares one (templates/<name>.py), render.kinds() lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from backend.documents.layout import Page
from backend.documents.paragraph import Block
from backend.documents.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Kind:
    """word: its 字 in the number (（演示）应急责改〔2026〕12号). signatures: roles, in the order of the page.

    copies: who keeps each copy. data: the dataclass of its data. check: problems beyond shape. story: the page.
    """

    key: str
    word: str
    title_zh: str
    title_en: str
    numbered: bool
    signatures: tuple[str, ...]
    seal: bool
    copies: tuple[str, ...]
    data: type
    check: Callable[[Any], Iterator[Problem]]
    story: Callable[[Any, Page], Iterable[Block]]
