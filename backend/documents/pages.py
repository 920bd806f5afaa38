"""Pagination: which block stands on which page, and at what height.

Blocks follow reportlab's protocol (wrap, split, drawOn). Pages are laid out before anything is drawn, so that
“第 n 页 共 m 页” is known, and so that no page carries a signature or a seal without body text on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from backend.documents.paragraph import LEAST_LINES, Block, ZhParagraph


class Placed(NamedTuple):
    """A block and its top, in points below the top of the type area."""

    block: Block
    top: float


class NewPage(Block):
    """What follows begins on a new page."""

    def tall(self, width: float) -> float:  # noqa: ARG002
        return 0.0


def paginate(blocks: Iterable[Block], width: float, height: float) -> list[list[Placed]]:
    """Lays the blocks out on pages of width × height points. Raises ValueError for a block taller than a page."""
    waiting = deque(blocks)
    pages: list[list[Placed]] = [[]]
    top = 0.0
    while waiting:
        block = waiting.popleft()
        if isinstance(block, NewPage):
            pages.append([])
            top = 0.0
            continue
        tall, room = block.tall(width), height - top
        if tall <= room + 1e-6 and (not pages[-1] or _followers_fit(block, waiting, width, room)):
            pages[-1].append(Placed(block, top))
            top += tall
            continue
        parts = block.split(width, room)
        if parts:
            waiting.extendleft(reversed(parts))
            continue
        if not pages[-1]:
            raise ValueError(
                f"{type(block).__name__} of {tall:.0f} pt does not fit a page of {height:.0f} pt"
            )
        waiting.appendleft(block)
        if block.needs_text:
            waiting.extendleft(_body_text_for(pages[-1], width))
        pages.append([])
        top = 0.0
    return [page for page in pages if page]


def _followers_fit(block: Block, waiting: Sequence[Block], width: float, room: float) -> bool:
    """Whether a block that keeps with the next one leaves room for that one to begin."""
    need = block.tall(width)
    for follower in waiting:
        if not block.keep:
            return True
        need += follower.tall(width) if follower.keep else follower.least(width)
        if need > room + 1e-6:
            return False
        block = follower
    return True


def _body_text_for(page: list[Placed], width: float) -> list[Block]:
    """Takes from the end of a full page what the next one needs so that its seal does not stand alone.

    That is everything after the last body text, and its last two lines, or all of it if it is short. The result is in
    reverse order. A page is never emptied: then nothing is taken.
    """
    texts = [place for place, placed in enumerate(page) if placed.block.is_text]
    if not texts:
        return []
    place = texts[-1]
    last, top = page[place]
    lines = len(last.lines(width)) if isinstance(last, ZhParagraph) else 0
    if lines < 2 * LEAST_LINES and place == 0:
        return []
    taken = [placed.block for placed in reversed(page[place + 1 :])]
    del page[place:]
    if lines < 2 * LEAST_LINES:
        return [*taken, last]
    head, tail = last.cut(lines - LEAST_LINES, width)
    page.append(Placed(head, top))
    return [*taken, tail]
