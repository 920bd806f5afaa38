"""Documents on the wire, to those who may read them and to the public."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from backend.documents.render import kinds
from backend.kernel.schemas import PageQuery, RefSchema, words
from backend.kernel.web import Schema

STATES = {
    "issued": ("已签发", "issued"),
    "superseded": ("已被替代", "superseded"),
    "void": ("已作废", "void"),
}


class DocumentFilter(Schema):
    """number: any part of it."""

    mine = ma.fields.UUID(load_default=None)
    visit = ma.fields.UUID(load_default=None)
    kind = ma.fields.String(load_default=None, validate=validate.OneOf(tuple(kinds())))
    state = ma.fields.String(load_default=None, validate=validate.OneOf(tuple(STATES)))
    number = ma.fields.String(load_default=None, validate=validate.Length(max=80))


class DocumentQuery(DocumentFilter, PageQuery):
    """The filters, and which page."""


class ReviewSchema(Schema):
    rule = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class DocumentRowSchema(Schema):
    """short: its public address, as in the QR.  printable: the PDF is made."""

    id = ma.fields.UUID(required=True)
    short = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    title = words()
    number = ma.fields.String(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    bureau = ma.fields.Nested(RefSchema, required=True)
    issuer = ma.fields.Nested(RefSchema, required=True)
    state = ma.fields.String(required=True)
    issued_at = ma.fields.AwareDateTime(required=True)
    printable = ma.fields.Boolean(required=True)
    pages = ma.fields.Integer(required=True, allow_none=True)
    review = ma.fields.List(ma.fields.Nested(ReviewSchema), required=True)


class DocumentPageSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(DocumentRowSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class LinkSchema(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    issued_at = ma.fields.AwareDateTime(required=True)


class DocumentSchema(DocumentRowSchema):
    """data: what it says, as issued.  chain: the documents that took each other's place, the first one first."""

    visit = ma.fields.UUID(required=True, allow_none=True)
    received_at = ma.fields.AwareDateTime(required=True)
    data = ma.fields.Dict(required=True)
    data_hash = ma.fields.String(required=True)
    pdf = ma.fields.String(required=True, allow_none=True)
    chain = ma.fields.List(ma.fields.Nested(LinkSchema), required=True)


class VerifiedSchema(Schema):
    """What the public page tells: nothing that the paper does not. pdf: the name of the issued bytes.

    supplements: the number of the record that it adds to, for what was told later.
    """

    kind = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    issuer = ma.fields.String(required=True)
    issued_on = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    superseded_by = ma.fields.String(required=True, allow_none=True)
    supplements = ma.fields.String(required=True, allow_none=True)
    pdf = ma.fields.String(required=True, allow_none=True)
    data_hash = ma.fields.String(required=True)
