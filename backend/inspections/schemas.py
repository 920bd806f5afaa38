"""Visits on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate
from webargs.fields import DelimitedList

from backend.devices.schemas import VisitEvidenceSchema
from backend.inspections.queries import KINDS
from backend.inspections.workflow import STATES
from backend.kernel.schemas import MoveSchema, PageQuery, RefSchema, words
from backend.kernel.web import Schema

Sha = validate.Regexp(r"^[0-9a-f]{64}\Z")


class VisitQuery(PageQuery):
    mine = ma.fields.UUID(load_default=None)
    state = DelimitedList(ma.fields.String(validate=validate.OneOf(tuple(STATES))), load_default=[])


class VisitFilter(VisitQuery):
    """For a file: all pages."""

    class Meta:
        exclude = ("cursor", "limit")


class FormRefSchema(Schema):
    id = ma.fields.String(required=True)
    title = words()


class MemberSchema(Schema):
    """An officer or expert of the team, with the credential that he held when the visit was prepared."""

    user = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    certificate_no = ma.fields.String(required=True, allow_none=True)
    certificate_until = ma.fields.String(required=True, allow_none=True)


class VisitRowSchema(Schema):
    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    bureau = ma.fields.Nested(RefSchema, required=True)
    form = ma.fields.Nested(FormRefSchema, required=True)
    state = ma.fields.String(required=True)
    team = ma.fields.List(ma.fields.Nested(MemberSchema), required=True)
    purpose = ma.fields.String(required=True)
    prepared_at = ma.fields.AwareDateTime(required=True)
    opened_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    explained_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class VisitPageSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(VisitRowSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class SupplementSchema(Schema):
    """What the mine was told after the explanation: when, of which hazards, and who answered for it."""

    at = ma.fields.AwareDateTime(required=True)
    by = ma.fields.Nested(RefSchema, required=True)
    findings = ma.fields.List(ma.fields.UUID(), required=True)
    representative = ma.fields.Dict(required=True)


class VisitSchema(VisitRowSchema):
    """submission: the checklist that the team fills.  moves: what I may do with the visit now.

    untold: how many findings came after the explanation and were not told to the mine yet.
    """

    ver = ma.fields.Integer(required=True)
    place = ma.fields.String(required=True, allow_none=True)
    representative = ma.fields.Dict(required=True)
    supplements = ma.fields.List(ma.fields.Nested(SupplementSchema), required=True)
    untold = ma.fields.Integer(required=True)
    prepared_by = ma.fields.Nested(RefSchema, required=True)
    submission = ma.fields.UUID(required=True)
    moves = ma.fields.List(ma.fields.Nested(MoveSchema), required=True)


class PrepareSchema(Schema):
    """team: officers and experts, the lead first."""

    mine = ma.fields.UUID(required=True)
    bureau = ma.fields.UUID(required=True)
    form = ma.fields.String(required=True, validate=Sha)
    team = ma.fields.List(ma.fields.UUID(), required=True, validate=validate.Length(min=1, max=20))
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    purpose = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))


class AtDeskSchema(VisitEvidenceSchema):
    """As phones send it, but without the time: at a desk it is now."""

    class Meta:
        exclude = ("at",)


class VisitMoveSchema(Schema):
    """seen: the version that was looked at; a visit that changed since is not moved."""

    seen = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    evidence = ma.fields.Nested(AtDeskSchema, load_default={})


class MineChoiceSchema(RefSchema):
    kind = ma.fields.String(required=True)


class FormChoiceSchema(FormRefSchema):
    kind = ma.fields.String(required=True)
    mine_types = ma.fields.List(ma.fields.String(), required=True)


class OfficerSchema(RefSchema):
    """valid: his credential is in force today."""

    certificate_no = ma.fields.String(required=True, allow_none=True)
    valid = ma.fields.Boolean(required=True)


class ChoicesSchema(Schema):
    """What a visit can be prepared from."""

    kinds = ma.fields.List(ma.fields.String(), required=True)
    mines = ma.fields.List(ma.fields.Nested(MineChoiceSchema), required=True)
    bureaus = ma.fields.List(ma.fields.Nested(RefSchema), required=True)
    forms = ma.fields.List(ma.fields.Nested(FormChoiceSchema), required=True)
    officers = ma.fields.List(ma.fields.Nested(OfficerSchema), required=True)
