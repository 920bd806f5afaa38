"""A mine's people on the wire."""

from __future__ import annotations

import marshmallow as ma

from backend.kernel.web import Schema


class StaffSchema(Schema):
    """id: the person at this mine, as `person` of a hazard's plan names him.  posts: codes of every post he holds."""

    id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    team = ma.fields.String(required=True)
    posts = ma.fields.List(ma.fields.String(), required=True)


class PeopleSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(StaffSchema), required=True)
