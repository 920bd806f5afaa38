"""Shapes that several concepts put on the wire."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.kernel.web import Schema


class RefSchema(Schema):
    """Something that has a name, and an address of its own."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)


class PageQuery(Schema):
    """cursor: `next` of the page before."""

    MOST = 200
    cursor = ma.fields.String(load_default=None, validate=validate.Length(max=200))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST))


def words() -> ma.fields.Dict:
    """A text in its languages; zh is always there."""
    return ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class MoveSchema(Schema):
    """A move that is open to me. needs: names of the evidence it takes.  signed: my signature belongs to it."""

    act = ma.fields.String(required=True)
    to = ma.fields.String(required=True, attribute="target")
    word = words()
    needs = ma.fields.List(ma.fields.String(), required=True)
    signed = ma.fields.Boolean(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return {"zh": obj.zh, "en": obj.en} if attr == "word" else super().get_attribute(obj, attr, default)
