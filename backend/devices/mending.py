"""What of quarantined work a person at the desk may put right: a plain field that the problem names, and nothing else.

What somebody signed by hand is never mended for him, nor a paper, nor anything that the problem does not speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

import marshmallow as ma

from backend.devices.mutations import OPERATIONS
from backend.devices.problems import places
from sync.review import Waiting

# What a desk can ask for in one line, by the field of the operation's schema.
_KINDS: tuple[tuple[type[ma.fields.Field[Any]], str], ...] = (
    (ma.fields.UUID, ""),  # an id is nothing that a person types
    (ma.fields.Boolean, "yes"),
    (ma.fields.Integer, "whole"),
    (ma.fields.AwareDateTime, "moment"),
    (ma.fields.String, "text"),
)
_BY_HAND = frozenset({"signature", "strokes", "data_hash"})


class Field(NamedTuple):
    """pointer: into the arguments (RFC 6901).  kind: text, whole, moment, yes.  value: as sent, None where it lacks."""

    pointer: str
    kind: str
    value: Any
    detail: dict[str, str]


def open_fields(waiting: Waiting) -> list[Field]:
    """The fields that the problem names and that may be put right, each once."""
    body = waiting.body
    if body is None or body.get("op") not in OPERATIONS or _by_hand(body["args"]):
        return []
    schema = OPERATIONS[body["op"]][0]()
    named = [(_within(schema, error["pointer"]), error) for error in places(waiting.problem)]
    found = {
        pointer: Field(pointer, kind, _at(body["args"], pointer), {"zh": error["zh"], "en": error["en"]})
        for pointer, error in named
        if (kind := _kind(schema, pointer))
    }
    return list(found.values())


def changed(waiting: Waiting, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with other values at these pointers, which are of `open_fields`."""
    args: dict[str, Any] = deepcopy(waiting.body["args"]) if waiting.body else {}
    for pointer, value in changes.items():
        *way, last = _tokens(pointer)
        place = args
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value
    return args


def _within(schema: ma.Schema, pointer: str) -> str:
    """A pointer into the arguments: the table of moves names evidence as if it were all that there is."""
    first = _tokens(pointer)[0]
    evidence = schema.fields.get("evidence")
    if (
        first not in schema.fields
        and isinstance(evidence, ma.fields.Nested)
        and first in evidence.schema.fields
    ):
        return f"/evidence{pointer}"
    return pointer


def _kind(schema: ma.Schema, pointer: str) -> str:
    """Empty for what is no plain field of the schema."""
    field: Any = None
    fields: Mapping[str, Any] = schema.fields
    for name in _tokens(pointer):
        field = fields.get(name)
        fields = field.schema.fields if isinstance(field, ma.fields.Nested) else {}
    return next((kind for of, kind in _KINDS if isinstance(field, of)), "")


def _by_hand(value: Any) -> bool:
    if isinstance(value, dict):
        return not _BY_HAND.isdisjoint(value) or any(map(_by_hand, value.values()))
    return isinstance(value, list) and any(map(_by_hand, value))


def _at(args: Any, pointer: str) -> Any:
    for name in _tokens(pointer):
        args = args.get(name) if isinstance(args, dict) else None
    return args


def _tokens(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]] or [""]


def difference(waiting: Waiting, changes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each change for the audit: where, what was sent, what is put there."""
    for pointer, value in changes.items():
        yield {"at": pointer, "was": _at(waiting.body["args"] if waiting.body else {}, pointer), "now": value}
