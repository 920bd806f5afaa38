"""Places on the wire."""

from __future__ import annotations

import marshmallow as ma

from backend.kernel.web import Schema


class PlaceSchema(Schema):
    """code: what the checkpoint's QR or NFC tag says."""

    id = ma.fields.UUID(required=True)
    mine = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    phones_banned = ma.fields.Boolean(required=True)


class PlacesSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(PlaceSchema), required=True)
