"""What the desk counts, on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.kernel.schemas import RefSchema, words
from backend.kernel.web import Schema


class ListCountsSchema(Schema):
    due = ma.fields.Integer(required=True)
    done = ma.fields.Integer(required=True)


class HazardCountsSchema(Schema):
    """major: major, or suspected of it."""

    open = ma.fields.Integer(required=True)
    overdue = ma.fields.Integer(required=True)
    major = ma.fields.Integer(required=True)


class MineSchema(Schema):
    """lists, hazards: counts of today; null where my role reads no such thing."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    enterprise = ma.fields.String(required=True)
    jurisdiction = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    dispatch_phone = ma.fields.String(required=True)
    lists = ma.fields.Nested(ListCountsSchema, required=True, allow_none=True)
    hazards = ma.fields.Nested(HazardCountsSchema, required=True, allow_none=True)


class MinesSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(MineSchema), required=True)


class CoverageQuery(Schema):
    """day: local; today when it is left out.  shift: its name."""

    mine = ma.fields.UUID(load_default=None)
    day = ma.fields.Date(load_default=None)
    shift = ma.fields.String(load_default=None, validate=validate.Length(max=20))


class CoverageSumSchema(Schema):
    mine = ma.fields.Nested(RefSchema, required=True)
    shift = ma.fields.String(required=True)
    due = ma.fields.Integer(required=True)
    done = ma.fields.Integer(required=True)
    countersigned = ma.fields.Integer(required=True)
    fails = ma.fields.Integer(required=True)


class CoverageRowSchema(Schema):
    """One list that one person owes for one post. late: signed after its shift.  fails: points that did not conform."""

    task = ma.fields.UUID(required=True)
    submission = ma.fields.UUID(required=True, allow_none=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    day = ma.fields.Date(required=True)
    shift = ma.fields.String(required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    team = ma.fields.String(required=True)
    post = ma.fields.String(required=True)
    place = ma.fields.String(required=True, allow_none=True)
    title = words()
    due_at = ma.fields.AwareDateTime(required=True)
    state = ma.fields.String(
        required=True, validate=validate.OneOf(("open", "begun", "missed", "signed", "countersigned"))
    )
    signed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    late = ma.fields.Boolean(required=True)
    fails = ma.fields.Integer(required=True, allow_none=True)
    countersigned_by = ma.fields.String(required=True, allow_none=True)


class CoverageSchema(Schema):
    """rows: only when one mine is asked for."""

    day = ma.fields.Date(required=True)
    summary = ma.fields.List(ma.fields.Nested(CoverageSumSchema), required=True)
    rows = ma.fields.List(ma.fields.Nested(CoverageRowSchema), required=True)


class AgesQuery(Schema):
    mine = ma.fields.UUID(load_default=None)


class StateAgesSchema(Schema):
    state = ma.fields.String(required=True)
    counts = ma.fields.List(ma.fields.Integer(), required=True)
    overdue = ma.fields.Integer(required=True)


class AgesSchema(Schema):
    """days: upper ends of the age buckets; `counts` has one more, for what is older."""

    days = ma.fields.List(ma.fields.Integer(), required=True)
    states = ma.fields.List(ma.fields.Nested(StateAgesSchema), required=True)


class WaitingSchema(Schema):
    """One thing that waits. kind: hazard, submission, coverage (id is the mine's), form (a draft), visit,
    document, conflict, quarantine.  why: what is wrong with work that was set aside.
    """

    kind = ma.fields.String(required=True)
    id = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    mine = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    count = ma.fields.Integer()
    day = ma.fields.Date()
    why = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class GroupSchema(Schema):
    """key: what is to be done, as `hazard.confirm`.  count: of all; `items` are the oldest few."""

    key = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    items = ma.fields.List(ma.fields.Nested(WaitingSchema), required=True)


class WorklistSchema(Schema):
    groups = ma.fields.List(ma.fields.Nested(GroupSchema), required=True)


class WorkflowSchema(Schema):
    """The tables that decide what may happen, as the server reads them. acts: act -> roles that may do it."""

    hazard = ma.fields.Dict(required=True)
    visit = ma.fields.Dict(required=True)
    form = ma.fields.Dict(required=True)
    roles = ma.fields.Dict(required=True)
    documents = ma.fields.Dict(required=True)
    acts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()), required=True)
