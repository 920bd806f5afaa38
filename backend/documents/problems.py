"""What is wrong with a document's data: where, what, and how to mend it, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """path: JSON Pointer (RFC 6901) into the data. blocking: no document is made; otherwise a person should look."""

    path: str
    code: str
    zh: str
    en: str
    blocking: bool = True


class DocumentError(ValueError):
    """The data cannot become a document. `problems` holds every blocking problem, in the order of the page."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path or '/'}: {p.en}" for p in self.problems))
