"""What the ids in a mutation stand for, so that a person can read what a phone sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission, Task
from backend.hazards.models import Hazard
from backend.shifts.models import Staff
from backend.sites.models import Mine, Place

Words = dict[str, str]


def words(session: Session, body: dict[str, Any]) -> dict[str, Words]:
    """By id: people, mines, places, hazards their mine knows of, lists with every item. Nothing for unknown ids."""
    texts = {text for text in _texts([body.get("entity"), body.get("args")]) if len(text) in (36, 64)}
    found = {key: {"zh": name} for key, name in _named(session, set(_uuids(texts)))}
    for version in session.scalars(select(FormVersion).where(FormVersion.id.in_(_forms(session, texts)))):
        found[version.id] = version.definition["title"]
        for section in version.definition["sections"]:
            found |= {item["id"]: item["text"] for item in section["items"]}
    return found


def _named(session: Session, keys: set[UUID]) -> Iterator[tuple[str, str]]:
    for model in (User, Mine, Place, Staff):
        for key, name in session.execute(select(model.id, model.name).where(model.id.in_(keys))):
            yield str(key), name
    for hazard in session.scalars(select(Hazard).where(Hazard.id.in_(keys))):
        if hazard.home().startswith("mine:"):
            yield str(hazard.id), hazard.what


def _forms(session: Session, texts: set[str]) -> set[str]:
    """The versions named, and those of the lists named."""
    keys = set(_uuids(texts))
    filled = session.scalars(select(Submission.form).where(Submission.id.in_(keys)))
    due = session.scalars(select(Task.form).where(Task.id.in_(keys)))
    return {*texts, *filled, *due}


def _uuids(texts: set[str]) -> Iterator[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:
            continue


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
