"""The headers of tus, as they are read. Names are theirs."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.kernel.validation import wrong
from backend.kernel.web import Schema
from backend.uploads import tus
from backend.uploads.media import FORMATS


class MetadataSchema(Schema):
    """What a file is declared to be. sha256: hex.  type: its media type."""

    sha256 = ma.fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    type = ma.fields.String(required=True, validate=validate.OneOf(FORMATS))


class Metadata(ma.fields.Field[dict[str, str]]):
    """Upload-Metadata: exactly the fields of MetadataSchema."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> dict[str, str]:
        try:
            pairs = tus.metadata(value)
        except ValueError as error:
            raise wrong("应为 `名称 base64,名称 base64`。", "Give `key base64,key base64`.") from error
        loaded: dict[str, str] = MetadataSchema().load(pairs)
        return loaded


class TusHeaders(Schema):
    """On every request but OPTIONS. Another version is answered 412, before any of this is read."""

    version = ma.fields.String(data_key="Tus-Resumable", required=True, metadata={"enum": [tus.VERSION]})


class PartHeaders(TusHeaders):
    offset = ma.fields.Integer(data_key="Upload-Offset", required=True, validate=validate.Range(min=0))
    checksum = ma.fields.String(data_key="Upload-Checksum", load_default="")


class DeclareHeaders(TusHeaders):
    """A body may follow at once (creation-with-upload), then with a checksum if there is one."""

    length = ma.fields.Integer(data_key="Upload-Length", required=True, validate=validate.Range(min=1))
    metadata = Metadata(data_key="Upload-Metadata", required=True, metadata={"type": "string"})
    checksum = ma.fields.String(data_key="Upload-Checksum", load_default="")


class OverrideHeaders(TusHeaders):
    method = ma.fields.String(
        data_key="X-HTTP-Method-Override", required=True, validate=validate.OneOf(["PATCH", "DELETE"])
    )
