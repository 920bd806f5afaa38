"""Which documents there are in enforcement: how each is numbered, who must sign, what it follows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """word: the 字 in its number.  officers: signatures of officers it needs.  zh, en: its name."""

    key: str
    word: str
    zh: str
    en: str
    officers: int = 2

    def pattern(self, abbr: str) -> str:
        """The number's form in a bureau, with {year} and {n} still open."""
        return f"（{abbr}）应急{self.word}〔{{year}}〕{{n}}号"


KINDS = {
    kind.key: kind
    for kind in (
        Kind("inspection_record", "检记", "现场检查记录", "Record of on-site inspection"),
        Kind("rectify_order", "责改", "责令限期整改指令书", "Order to rectify by a date"),
    )
}
