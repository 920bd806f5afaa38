"""A filled list on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.devices.schemas import SignatureSchema
from backend.kernel.schemas import RefSchema
from backend.kernel.web import Schema

Said = ma.fields.List(ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String()), required=True)


class VerdictSchema(Schema):
    """What the engine says of one answer. danger: the order to stop work, if the reading calls for it."""

    result = ma.fields.String(required=True, validate=validate.OneOf(("pass", "fail", "na", "open")))
    danger = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True, allow_none=True
    )
    reasons = Said
    problems = Said


class FormSchema(Schema):
    """definition: as published, in the form of forms/schema/form-1.json."""

    id = ma.fields.String(required=True)
    key = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    definition = ma.fields.Dict(required=True)


class SubmissionSchema(Schema):
    """A list as it was filled.

    answers: item id -> answer; `by` names who gave it.  signatures: role -> who, when, strokes.
    people: id -> name of everybody whom answers and signatures name.
    """

    id = ma.fields.UUID(required=True)
    ver = ma.fields.Integer(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    post = ma.fields.String(required=True, allow_none=True)
    visit = ma.fields.UUID(required=True, allow_none=True)
    form = ma.fields.Nested(FormSchema, required=True)
    limits = ma.fields.Dict(required=True)
    answers = ma.fields.Dict(required=True)
    verdicts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(VerdictSchema), required=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    state = ma.fields.String(required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    signed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    received_at = ma.fields.AwareDateTime(required=True)
    signatures = ma.fields.Dict(required=True)
    people = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    may_countersign = ma.fields.Boolean(required=True)


class CountersignSchema(Schema):
    """seen: the version that was looked at."""

    seen = ma.fields.Integer(required=True, strict=True)
    signature = ma.fields.Nested(SignatureSchema, required=True)
