"""A mine's people on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.kernel.policy import MINE_ROLES, Role
from backend.kernel.schemas import RefSchema
from backend.kernel.web import Schema

Word = validate.Length(min=1, max=60)
Code = validate.Length(min=1, max=20)


class StaffSchema(Schema):
    """id: the person at this mine, as `person` of a hazard's plan names him.  posts: codes of every post he holds."""

    id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    team = ma.fields.String(required=True)
    posts = ma.fields.List(ma.fields.String(), required=True)


class RoleSchema(Schema):
    """A role at the mine. deputy_for: whose, in his absence.  held: it holds now."""

    id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    deputy_for = ma.fields.Nested(RefSchema, required=True, allow_none=True)
    held = ma.fields.Boolean(required=True)


class PersonSchema(RefSchema):
    """A person as who manages the mine's people sees him. activated: he has used a slip, or has a password."""

    login = ma.fields.String(required=True)
    active = ma.fields.Boolean(required=True)
    activated = ma.fields.Boolean(required=True)
    staff = ma.fields.Nested(StaffSchema, required=True, allow_none=True)
    grants = ma.fields.List(ma.fields.Nested(RoleSchema), required=True)


class AccountsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(PersonSchema), required=True)


class EmploySchema(Schema):
    """posts: codes, one or more (一人多岗).  shifts: the names of those he usually works.  place: where."""

    login = ma.fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9._-]{1,39}\Z"))
    name = ma.fields.String(required=True, validate=Word)
    phone = ma.fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    title = ma.fields.String(required=True, validate=Word)
    team = ma.fields.String(required=True, validate=Word)
    posts = ma.fields.List(ma.fields.String(validate=Code), load_default=[], validate=validate.Length(max=10))
    shifts = ma.fields.List(
        ma.fields.String(validate=Code), load_default=[], validate=validate.Length(max=10)
    )
    place = ma.fields.UUID(load_default=None, allow_none=True)
    role = ma.fields.String(
        required=True, validate=validate.OneOf([role.value for role in Role if role in MINE_ROLES])
    )


class PeopleSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(StaffSchema), required=True)
