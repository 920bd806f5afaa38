"""Lets forms.load judge what was read, and tells each flaw at the cell that it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from forms.definition import Definition
from forms.importing.ledger import Ledger
from forms.importing.lists import Made
from forms.importing.reading import Spot
from forms.load import load
from forms.reader import DefinitionError


def judged(made: Made, number: int, ledger: Ledger) -> Definition | None:
    """The definition, or None with a refusal for every flaw."""
    try:
        return load(made.data)
    except DefinitionError as error:
        for flaw in error.flaws:
            spot = nearest(made.origin, flaw.path)
            ledger.refuse(
                "flaw",
                [spot] if spot else [],
                number,
                flaw.path,
                **{"why": flaw.say("zh"), "why.en": flaw.say("en")},
            )
        return None


def nearest(origin: Mapping[str, Spot], path: str) -> Spot | None:
    """The cell of a pointer, or of the nearest thing that it is part of."""
    while path:
        if path in origin:
            return origin[path]
        path = path.rpartition("/")[0]
    return origin.get("/title")
