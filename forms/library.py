"""The lists that ship with the product: real posts and the unannounced check, with the clause behind every item.

library/*.yaml are kept by hand, one list a YAML document. library/reference/ holds what the lists refer to: the major
hazards and the sources of clauses, the posts, the parameters in which cities differ, the acts that each city strikes at
(of which a register for officers is made here, so that they are written down once), and the English of the lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from forms.definition import Definition
from forms.load import load
from forms.version import translated

# Safe as yaml.SafeLoader, and three times as fast where libyaml is there.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOLDER = Path(__file__).with_name("library")


@dataclass(frozen=True, slots=True)
class MajorHazard:
    """One heading of a major-hazard standard in our own short words; `seen`: full, partial, title or recalled (from
    memory, to be checked before use).
    """

    code: str
    standard: str
    mine_type: str
    title: str
    seen: str
    conditions: tuple[str, ...] = ()
    condition_count: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where clauses come from; `verified`: was the title seen in the document itself? in_force: since which day, where
    we know it.
    """

    code: str
    title: str
    verified: bool
    in_force: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post that lists are made for, by the code that lists and people name it with; mine_type None: at any mine."""

    code: str
    mine_type: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Violation:
    """An act that a city's plan tells its officers to strike at, in the plan's words; `since`: the day of the plan."""

    code: str
    group: str
    text: str
    source: str
    clause: str
    since: str


def load_library() -> list[Definition]:
    """Every list that ships, ordered by file and place in it, with its English laid over."""
    words = english()
    lists = chain(_lists(), map(_register, _reference("violations")))
    return [load(translated(load(data).to_json(), "en", words)) for data in lists]


def english() -> dict[str, str]:
    """The overlay: Chinese → English, out of every reference/en*.yaml (one for each family of lists)."""
    files = sorted((_FOLDER / "reference").glob("en*.yaml"))
    return {zh: en for file in files for zh, en in (_reference(file.stem) or {}).items()}


@cache
def major_hazards() -> Mapping[str, MajorHazard]:
    """The headings that `major_ref` names, by code ("UG-20")."""
    hazards = (
        MajorHazard(
            standard=group["standard"], **{**hazard, "conditions": tuple(hazard.get("conditions", ()))}
        )
        for group in _reference("standards")["major_hazards"]
        for hazard in group["hazards"]
    )
    return {hazard.code: hazard for hazard in hazards}


@cache
def sources() -> Mapping[str, Source]:
    """The documents that `basis` names by code, where their titles are known."""
    known = _reference("standards")
    since = {group["standard"]: group["in_force"] for group in known["major_hazards"]}
    return {one["code"]: Source(**one, in_force=since.get(one["code"])) for one in known["sources"]}


@cache
def jurisdictions() -> Mapping[str, Mapping[str, list[dict[str, Any]]]]:
    """Dated parameters by jurisdiction, as `limits.resolve` takes them."""
    parameters: dict[str, dict[str, list[dict[str, Any]]]] = _reference("jurisdictions")
    return parameters


@cache
def violations() -> Mapping[str, tuple[Violation, ...]]:
    """The acts that each city strikes at (七假五超三瞒三不两包 and its like), by jurisdiction, in the plan's order."""
    return {
        catalogue["jurisdiction"]: tuple(
            Violation(
                group=group["title"],
                source=catalogue["source"],
                clause=group["clause"],
                since=catalogue["from"],
                **entry,
            )
            for group in catalogue["groups"]
            for entry in group["entries"]
        )
        for catalogue in _reference("violations")
    }


@cache
def posts() -> Mapping[str, Post]:
    """What posts are called, by code ("UG01"), in the order of the library."""
    return {entry["code"]: Post(**entry) for entry in _reference("posts")["posts"]}


def post_name(code: str) -> str:
    """What a post is called in Chinese; a mine's own post, which the library does not know, by its code."""
    known = posts().get(code)
    return known.zh if known else code


def _register(catalogue: dict[str, Any]) -> dict[str, Any]:
    """A city's catalogue as a list to be gone through on a visit: each act is found or not."""
    options = [{"id": "none", "text": "未发现"}, {"id": "found", "text": "存在", "fails": True}]
    judged = {
        "answer": {"type": "choice", "options": options},
        "risk": "red",
        "evidence": {"photo": "on_fail", "note": "on_fail"},
        "on_fail": {"hazard": True, "document": "case_filing"},
        "standard": catalogue["consequence"],
        **({"method": catalogue["method"]} if "method" in catalogue else {}),
    }
    return {
        "schema": "form/1",
        "key": f"register.violations.{catalogue['id']}",
        "kind": "register",
        "title": catalogue["title"],
        "applies_to": {"mine_types": catalogue["mine_types"], "roles": ["inspector"]},
        "sections": [
            {
                "id": group["id"],
                "title": group["title"],
                "items": [
                    {
                        "id": entry["code"],
                        "text": entry["text"],
                        "basis": [{"code": catalogue["source"], "clause": group["clause"], "verified": True}],
                        **judged,
                    }
                    for entry in group["entries"]
                ],
            }
            for group in catalogue["groups"]
        ],
        "signatures": [{"role": "inspector", "count": 2}, {"role": "site_representative"}],
    }


def _lists() -> Iterator[Any]:
    for file in sorted(_FOLDER.glob("*.yaml")):
        yield from yaml.load_all(file.read_text("utf-8"), _Loader)


def _reference(name: str) -> Any:
    return yaml.load((_FOLDER / "reference" / f"{name}.yaml").read_text("utf-8"), _Loader)  # noqa: S506
