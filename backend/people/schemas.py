"""A unit's people on the wire."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.kernel.policy import Role
from backend.kernel.schemas import RefSchema
from backend.kernel.web import Schema
from backend.shifts.schemas import StaffSchema

Word = validate.Length(min=1, max=60)
Code = validate.Length(min=1, max=20)
Login = validate.Regexp(r"^[a-z0-9][a-z0-9._-]{1,39}\Z")
KnownRole = validate.OneOf([role.value for role in Role])


class UnitSchema(Schema):
    """kind: mine, enterprise, jurisdiction.  scope: how it is asked for.  roles: those that can be given there.

    mine_kind, shifts: of a mine.
    """

    kind = ma.fields.String(required=True)
    id = ma.fields.UUID(required=True)
    scope = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    mine_kind = ma.fields.String(required=True, allow_none=True)
    shifts = ma.fields.List(ma.fields.String(), required=True)


class UnitsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(UnitSchema), required=True)


class RoleSchema(Schema):
    """A role at the unit. deputy_for: whose, in his absence.  held: it holds now."""

    id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    deputy_for = ma.fields.Nested(RefSchema, required=True, allow_none=True)
    held = ma.fields.Boolean(required=True)


class HereSchema(StaffSchema):
    """His place at the mine. shifts: those he usually works.  place: where."""

    shifts = ma.fields.List(ma.fields.String(), required=True)
    place = ma.fields.UUID(required=True, allow_none=True)


class PersonSchema(RefSchema):
    """A person as who manages him sees him. activated: he has used a slip, or has a password.

    slip_until: a slip is out that he has not used.  signed_in_at: when he last signed in anywhere.
    managed: all of his roles are of my units, so that his name, his slip and his leaving are mine to see to.
    """

    login = ma.fields.String(required=True)
    phone = ma.fields.String(required=True, allow_none=True)
    certificate_no = ma.fields.String(required=True, allow_none=True)
    certificate_until = ma.fields.AwareDateTime(required=True, allow_none=True)
    active = ma.fields.Boolean(required=True)
    activated = ma.fields.Boolean(required=True)
    slip_until = ma.fields.AwareDateTime(required=True, allow_none=True)
    signed_in_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    staff = ma.fields.Nested(HereSchema, required=True, allow_none=True)
    managed = ma.fields.Boolean(required=True)
    grants = ma.fields.List(ma.fields.Nested(RoleSchema), required=True)


class AccountsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(PersonSchema), required=True)


class PlaceSchema(Schema):
    """At a mine: posts: codes (一人多岗).  shifts: the names of those he usually works.  place: where."""

    title = ma.fields.String(load_default="", validate=validate.Length(max=60))
    team = ma.fields.String(load_default="", validate=validate.Length(max=60))
    posts = ma.fields.List(ma.fields.String(validate=Code), load_default=[], validate=validate.Length(max=10))
    shifts = ma.fields.List(
        ma.fields.String(validate=Code), load_default=[], validate=validate.Length(max=10)
    )
    place = ma.fields.UUID(load_default=None, allow_none=True)


class CorrectSchema(PlaceSchema):
    """All that is known of a person, as it is to be. certificate_no, certificate_until: an officer's 执法证."""

    name = ma.fields.String(required=True, validate=Word)
    phone = ma.fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    certificate_no = ma.fields.String(load_default=None, allow_none=True, validate=Word)
    certificate_until = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class JoinSchema(PlaceSchema):
    """login, name: as his first unit has them.  roles: one or more, here."""

    login = ma.fields.String(required=True, validate=Login)
    name = ma.fields.String(required=True, validate=Word)
    roles = ma.fields.List(
        ma.fields.String(validate=KnownRole), required=True, validate=validate.Length(min=1, max=6)
    )


class EnterSchema(CorrectSchema):
    """roles: one or more."""

    login = ma.fields.String(required=True, validate=Login)
    roles = ma.fields.List(
        ma.fields.String(validate=KnownRole), required=True, validate=validate.Length(min=1, max=6)
    )


class GiveSchema(Schema):
    """starts_at: now unless told.  ends_at: none until it is ended.  reason: of one that is entered afterwards."""

    role = ma.fields.String(required=True, validate=KnownRole)
    starts_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    ends_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    reason = ma.fields.String(load_default="", validate=validate.Length(max=500))
