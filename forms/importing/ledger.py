"""Keeps account of every cell while a file is read, so that none is dropped without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forms.importing.grid import Workbook
from forms.importing.reading import Fate, FateName, Remark, Spot

_RANK: dict[FateName, int] = {"decoration": 0, "carried": 1, "doubt": 2, "refused": 3}


class Ledger:
    """One for each file. Doubts are kept by list (None: of the file), refusals for the whole file."""

    def __init__(self) -> None:
        self.refusals: list[Remark] = []
        self._doubts: dict[int | None, list[Remark]] = {}
        self._fates: dict[Spot, Fate] = {}

    def carry(self, spot: Spot, of: int, path: str) -> None:
        self._mark(spot, "carried", of, path)

    def decorate(self, spots: Iterable[Spot], of: int | None = None) -> None:
        for spot in spots:
            self._mark(spot, "decoration", of)

    def doubt(
        self,
        code: str,
        spots: Sequence[Spot],
        of: int | None = None,
        path: str | None = None,
        **params: object,
    ) -> None:
        """Something that a person must look at. The same doubt of the same list is told once, with all its cells."""
        words = {name: str(value) for name, value in params.items()}
        known = self._doubts.setdefault(of, [])
        for number, old in enumerate(known):
            if path is None and (old.code, old.params, old.path) == (code, words, None):
                known[number] = Remark(code, (*old.spots, *spots), words)
                break
        else:
            known.append(Remark(code, tuple(spots), words, path))
        for spot in spots:
            self._mark(spot, "doubt", of, path)

    def refuse(
        self,
        code: str,
        spots: Sequence[Spot],
        of: int | None = None,
        path: str | None = None,
        **params: object,
    ) -> None:
        words = {name: str(value) for name, value in params.items()}
        refusal = Remark(code, tuple(spots), words, path)
        if refusal not in self.refusals:
            self.refusals.append(refusal)
        for spot in spots:
            self._mark(spot, "refused", of, path)

    def give_up(self, of: int) -> None:
        """No list came of it: what was said of its cells is said of the file."""
        for doubt in self._doubts.pop(of, []):
            if doubt.spots:
                self.doubt(doubt.code, doubt.spots, None, **doubt.params)
        for spot, fate in self._fates.items():
            if fate.list == of:
                self._fates[spot] = Fate(spot, fate.fate, None, None)

    def doubts(self, of: int | None) -> tuple[Remark, ...]:
        return tuple(self._doubts.get(of, ()))

    def close(self, book: Workbook, read: bool) -> tuple[Fate, ...]:
        """Fates in the order of the sheets. What nobody spoke of becomes a doubt: that is the net below the rope.

        read: was any list read? If none was, the file's refusals speak for all of it.
        """
        for sheet in book.sheets:
            forgotten = [spot for spot in sheet.spots() if spot not in self._fates]
            if forgotten and read:
                self.doubt("cells_not_carried", forgotten)
            for spot in forgotten:
                self._mark(spot, "refused", None)
        return tuple(self._fates[spot] for sheet in book.sheets for spot in sheet.spots())

    def _mark(self, spot: Spot, fate: FateName, of: int | None, path: str | None = None) -> None:
        """The graver word stays: what is carried with a doubt is shown as a doubt, with where it went."""
        old = self._fates.get(spot)
        if old is not None and _RANK[old.fate] >= _RANK[fate]:
            if old.path is None and path is not None:
                self._fates[spot] = Fate(spot, old.fate, of, path)
            return
        where = path if path is not None else old.path if old else None
        self._fates[spot] = Fate(spot, fate, of, where)
