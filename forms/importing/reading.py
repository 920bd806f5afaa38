"""What an import gives back: lists, what is doubtful about them, and what was refused, each at its cell.

Every cell that is not empty has a fate: carried into a definition, in a doubt, in a refusal, or a recognised
decoration (a title line, a signature line, an answer column). Nothing is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from forms.definition import Definition

SETTINGS_SHEET = "清单设置"  # what an export keeps of a list that has no column
NOT_CARRIED_SHEET = "未带出的内容"  # what an export tells of, for people

Json = Any
FateName = Literal["carried", "doubt", "refused", "decoration"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell by sheet, row (from 1) and column letters. Row 0: the whole sheet; no sheet: the whole file."""

    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.sheet or "-"
        return f"{self.sheet}!{self.column}{self.row}" if self.sheet else f"{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt that a person must confirm, or a refusal. code: of remarks.yaml. spots: the first is where to look.

    path: RFC 6901 pointer to what it is about in the definition's data.
    """

    code: str
    spots: tuple[Spot, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    path: str | None = None

    @property
    def spot(self) -> Spot:
        return self.spots[0] if self.spots else Spot()

    def what(self, language: str = "zh") -> str:
        return self._say(0, language)

    def mend(self, language: str = "zh") -> str:
        return self._say(1, language)

    def to_json(self) -> dict[str, Json]:
        return {
            "code": self.code,
            **_place(self.spot),
            "cells": [f"{spot.column}{spot.row}" for spot in self.spots if spot.row],
            "path": self.path,
            "what": {language: self.what(language) for language in ("zh", "en")},
            "mend": {language: self.mend(language) for language in ("zh", "en")},
        }

    def _say(self, part: int, language: str) -> str:
        texts = _words()[self.code]
        said = texts.get(language, texts["zh"])[part]
        for name, value in self.params.items():
            said = said.replace("{" + name + "}", self._param(name, value, language))
        return said

    def _param(self, name: str, value: str, language: str) -> str:
        """A parameter `why` may be told in the reader's language: `why.en` beside `why`."""
        return self.params.get(f"{name}.{language}", value)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one cell. path: where in the definition it was carried to; list: the number of that list."""

    spot: Spot
    fate: FateName
    list: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedList:
    """One list. data: form/1 as JSON, for forms.load. origin: pointer into data → the cell it was read from.

    definition: what forms.load made of the data; None where it was refused.
    """

    data: dict[str, Json]
    origin: Mapping[str, Spot]
    doubts: tuple[Remark, ...]
    definition: Definition | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read. doubts: those that belong to no list. Import nothing of it while there is a refusal."""

    lists: tuple[ImportedList, ...] = ()
    refusals: tuple[Remark, ...] = ()
    doubts: tuple[Remark, ...] = ()
    fates: tuple[Fate, ...] = ()

    def all_doubts(self) -> Iterable[Remark]:
        yield from self.doubts
        for one in self.lists:
            yield from one.doubts

    def to_json(self) -> dict[str, Json]:
        """The preview: every row's reading, every doubt, every refusal."""
        return {
            "lists": [
                {
                    "definition": one.data,
                    "origin": {path: _place(spot) for path, spot in one.origin.items()},
                    "doubts": [doubt.to_json() for doubt in one.doubts],
                }
                for one in self.lists
            ],
            "doubts": [doubt.to_json() for doubt in self.doubts],
            "refusals": [refusal.to_json() for refusal in self.refusals],
            "cells": [
                {**_place(fate.spot), "fate": fate.fate, "list": fate.list, "path": fate.path}
                for fate in self.fates
            ],
        }


class Refused(Exception):
    """The file cannot be read at all, or not further."""

    def __init__(self, code: str, spot: Spot | None = None, **params: object) -> None:
        self.remark = Remark(
            code, (spot,) if spot else (), {name: str(value) for name, value in params.items()}
        )
        super().__init__(self.remark.what("en"))


def _place(spot: Spot) -> dict[str, Json]:
    return {"sheet": spot.sheet, "row": spot.row, "column": spot.column}


@cache
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    """code → language → [what is so, how to mend or confirm it]"""
    words: dict[str, dict[str, list[str]]] = yaml.safe_load(
        Path(__file__).with_name("remarks.yaml").read_text("utf-8")
    )
    return words
