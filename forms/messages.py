"""What the engine has to say, in words. The words are in messages.json, which the phone reads too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from forms.definition import Definition
from forms.values import show

Scalar = float | str


@dataclass(frozen=True, slots=True)
class Problem:
    """A code of messages.json with its parameters."""

    code: str
    params: Mapping[str, Scalar] = field(default_factory=dict)


def say(problem: Problem, language: str = "zh", definition: Definition | None = None) -> str:
    """The problem in words; with the definition at hand, a parameter's title instead of its key."""
    words = messages().get(problem.code)
    if words is None:
        return problem.code
    said = words.get(language, words["zh"])
    for name, value in problem.params.items():
        said = said.replace("{" + name + "}", _shown(name, value, language, definition))
    return re.sub(r" +(?=[ 。，,.]|$)", "", said)  # a reading without a unit leaves a gap


def need(code: str) -> str | None:
    """What the card must ask for when it has this problem: result, value, case, photo or note."""
    return messages().get(code, {}).get("need")


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("messages.json").read_text("utf-8"))
    return data


def _shown(name: str, value: Scalar, language: str, definition: Definition | None) -> str:
    if isinstance(value, str):
        parameter = definition.parameters.get(value) if definition and name == "parameter" else None
        return parameter.title.get(language, parameter.title["zh"]) if parameter else value
    return show(value)
