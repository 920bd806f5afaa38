"""Hazards on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate
from webargs.fields import DelimitedList

from backend.devices.schemas import EvidenceSchema
from backend.hazards.workflow import STATES
from backend.kernel.schemas import MoveSchema, PageQuery, RefSchema
from backend.kernel.web import Schema

Days = validate.Range(min=0, max=36_500)


class HazardFilter(Schema):
    """state: one or several, by comma; `open` is all that are not ended.  person: the responsible one's StaffSchema.id.

    older_than_days, younger_than_days: since it was reported.  q: words of what or where.
    """

    mine = ma.fields.UUID(load_default=None)
    state = DelimitedList(ma.fields.String(validate=validate.OneOf(("open", *STATES))), load_default=[])
    severity = ma.fields.String(load_default=None, validate=validate.OneOf(("general", "major")))
    found_by = ma.fields.String(load_default=None, validate=validate.OneOf(("mine", "officer")))
    overdue = ma.fields.Boolean(load_default=None)
    older_than_days = ma.fields.Integer(load_default=None, validate=Days)
    younger_than_days = ma.fields.Integer(load_default=None, validate=Days)
    person = ma.fields.UUID(load_default=None)
    visit = ma.fields.UUID(load_default=None)
    q = ma.fields.String(load_default=None, validate=validate.Length(max=80))


class HazardQuery(HazardFilter, PageQuery):
    """The filters, and which page."""


class HazardRowSchema(Schema):
    """due_at: by when the next step is owed; None where nobody has set a time.

    untold: found on a visit that has not been explained yet: the mine knows nothing of it.
    """

    id = ma.fields.UUID(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    place = ma.fields.Nested(RefSchema, required=True, allow_none=True)
    where = ma.fields.String(required=True)
    what = ma.fields.String(required=True)
    severity = ma.fields.String(required=True)
    suspected_major = ma.fields.Boolean(required=True)
    found_by = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    reporter = ma.fields.Nested(RefSchema, required=True)
    reported_at = ma.fields.AwareDateTime(required=True)
    closed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    responsible = ma.fields.Nested(RefSchema, required=True, allow_none=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    overdue = ma.fields.Boolean(required=True)
    untold = ma.fields.Boolean(required=True)
    photos = ma.fields.List(ma.fields.String(), required=True)
    photos_after = ma.fields.List(ma.fields.String(), required=True)


class HazardPageSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(HazardRowSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class HazardEventSchema(Schema):
    """One thing that happened, by three clocks: what the phone said, that corrected, when the server had it."""

    id = ma.fields.UUID(required=True)
    act = ma.fields.String(required=True)
    from_state = ma.fields.String(required=True, allow_none=True)
    to_state = ma.fields.String(required=True)
    by = ma.fields.Nested(RefSchema, required=True)
    at_device = ma.fields.AwareDateTime(required=True, allow_none=True)
    at_corrected = ma.fields.AwareDateTime(required=True)
    at_server = ma.fields.AwareDateTime(required=True)
    evidence = ma.fields.Dict(required=True)


class HazardSchema(HazardRowSchema):
    """visit, submission: where it was found, for those who may see that.  moves: what I may do with it now."""

    ver = ma.fields.Integer(required=True)
    basis = ma.fields.List(ma.fields.Raw(), required=True)
    major_ref = ma.fields.String(required=True, allow_none=True)
    told = ma.fields.String(required=True, allow_none=True)
    plan = ma.fields.Dict(required=True)
    submission = ma.fields.UUID(required=True, allow_none=True)
    item = ma.fields.String(required=True, allow_none=True)
    visit = ma.fields.UUID(required=True, allow_none=True)
    known_to_mine_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    events = ma.fields.List(ma.fields.Nested(HazardEventSchema), required=True)
    moves = ma.fields.List(ma.fields.Nested(MoveSchema), required=True)


class HazardMoveSchema(Schema):
    """seen: the version that was looked at; a hazard that changed since is not moved.

    evidence: what the move is done with, as phones send it; which of it a move needs is in the table of moves.
    """

    seen = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    evidence = ma.fields.Nested(EvidenceSchema, load_default={})
