"""Lets forms.load judge what was read, and tells each flaw at the cell that it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping

from forms.definition import Definition
from forms.importing.ledger import Ledger
from forms.importing.lists import Made
from forms.importing.reading import ImportedList, Reading, Remark, Spot
from forms.load import load
from forms.reader import DefinitionError, Flaw


def judged(made: Made, number: int, ledger: Ledger) -> Definition | None:
    """The definition, or None with a refusal for every flaw."""
    try:
        definition = load(made.data)
    except DefinitionError as error:
        known = [refusal.path for refusal in ledger.refusals if refusal.path]
        for flaw in error.flaws:
            if any(f"{flaw.path}/".startswith(f"{path}/") for path in known):
                continue  # what the import refused there says it better
            spot = nearest(made.origin, flaw.path)
            ledger.refuse("flaw", [spot] if spot else [], number, flaw.path, **_words(flaw))
        return None
    return definition


def from_json(data: bytes) -> Reading:
    """A definition as an export writes it, with what it says of verified clauses: its approval looks at it again."""
    try:
        source = json.loads(data)
    except (ValueError, RecursionError) as error:
        return Reading(refusals=(Remark("file_not_json", params={"why": str(error)[:120]}),))
    try:
        definition = load(source)
    except DefinitionError as error:
        flaws = tuple(Remark("flaw_at", (), _words(flaw), flaw.path) for flaw in error.flaws)
        return Reading(refusals=flaws)
    return Reading(lists=(ImportedList(definition.to_json(), {}, (), definition),))


def _words(flaw: Flaw) -> dict[str, str]:
    return {"why": flaw.say("zh"), "why.en": flaw.say("en"), "at": flaw.path or "/"}


def nearest(origin: Mapping[str, Spot], path: str) -> Spot | None:
    """The cell of a pointer, or of the nearest thing that it is part of."""
    while path:
        if path in origin:
            return origin[path]
        path = path.rpartition("/")[0]
    return origin.get("/title")
