"""What goes over the wire about people."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.kernel.web import Schema

Password = validate.Length(min=1, max=256)


class SignInSchema(Schema):
    """bearer: a program asks for its tokens in the answer; a browser gets them as cookies it cannot read."""

    login = ma.fields.String(required=True, validate=validate.Length(min=1, max=80))
    password = ma.fields.String(required=True, validate=Password)
    bearer = ma.fields.Boolean(load_default=False)


class ActivateSchema(Schema):
    """password: none on a phone, where the person's PIN takes its place."""

    code = ma.fields.String(required=True, validate=validate.Length(min=1, max=40))
    password = ma.fields.String(load_default=None, allow_none=True, validate=Password)


class ResumeSchema(Schema):
    user = ma.fields.UUID(required=True)


class GrantSchema(Schema):
    id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True)
    scope = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    deputy_for = ma.fields.UUID(required=True, allow_none=True)


class MeSchema(Schema):
    """The person who is signed in, with the grants that hold now."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    login = ma.fields.String(required=True)
    certificate_no = ma.fields.String(required=True, allow_none=True)
    grants = ma.fields.List(ma.fields.Nested(GrantSchema), required=True)


class SignedInSchema(Schema):
    me = ma.fields.Nested(MeSchema, required=True)
    access_token = ma.fields.String(allow_none=True)
    refresh_token = ma.fields.String(allow_none=True)


class SlipSchema(Schema):
    code = ma.fields.String(required=True)


class EndSchema(Schema):
    """at: now unless told."""

    at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class DeputySchema(Schema):
    """user: the deputy.  starts_at: now unless told; never earlier."""

    user = ma.fields.UUID(required=True)
    starts_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    ends_at = ma.fields.AwareDateTime(required=True)
