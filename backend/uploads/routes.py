"""/api/v1/uploads (tus 1.0) and /api/v1/blobs. Objects go to the store first, then one transaction, then the answer."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_jwt_extended import get_jwt_identity
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from backend.accounts.web import current_actor
from backend.devices.scopes import visible_scopes
from backend.kernel.blobs import SHA256
from backend.kernel.problems import NOT_FOUND, UNSUPPORTED
from backend.kernel.web import Blueprint, blobs, public, reading, writing
from backend.statistics import files
from backend.uploads import operations, tus
from backend.uploads.media import FORMATS, KIB, THUMBNAIL_TYPE
from backend.uploads.models import Blob, Upload
from backend.uploads.schemas import DeclareHeaders, OverrideHeaders, PartHeaders, TusHeaders

uploads = Blueprint(
    "uploads",
    __name__,
    url_prefix="/api/v1/uploads",
    description="Photos and files on their way in (tus 1.0)",
)
kept = Blueprint("blobs", __name__, url_prefix="/api/v1/blobs", description="Photos and files that arrived")

BYTES = {"type": "string", "format": "binary"}
PART_BODY = {"content": {tus.BODY_TYPE: {"schema": BYTES}}}


@uploads.before_request
def _speak_tus() -> None:
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != tus.VERSION:
        raise tus.VERSION_UNKNOWN(version=tus.VERSION)


@uploads.after_request
def _say_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Tus-Version"] = tus.VERSION
    return response


@uploads.route("", methods=["OPTIONS"])
@public
@uploads.response(204)
def about() -> Response:
    """What of tus is spoken here."""
    return Response(status=204, headers=tus.ABOUT)


@uploads.post("")
@uploads.arguments(DeclareHeaders, location="headers")
@uploads.doc(requestBody=PART_BODY)
@uploads.response(201)
def declare(headers: dict[str, Any]) -> Response:
    """Declare a file; its first bytes may come along, or all of them."""
    data = _body(headers["checksum"])
    declared, size = headers["metadata"], headers["length"]
    sha, media_type = f"sha256:{declared['sha256']}", declared["type"]
    whole = operations.judge(blobs(), sha, media_type, data) if data and len(data) == size else None
    with writing() as session:
        upload = operations.declare(session, _user(), sha, size, media_type)
        if whole:
            operations.write_down(session, _user(), upload, whole)
        upload_id, response = upload.id, _state(upload, 201)
    if whole:
        operations.settle(blobs(), upload_id, whole)
        return response
    return _take(upload_id, 0, data, 201) if data else response


@uploads.route("/<uuid:upload_id>", methods=["HEAD"])
@uploads.arguments(TusHeaders, location="headers")
@uploads.response(204)
def ask(_headers: dict[str, Any], upload_id: UUID) -> Response:
    """How much of it has arrived."""
    with reading() as session:
        upload = operations.find(session, _user(), upload_id)
    response = _state(upload, 204)
    response.headers["Upload-Length"] = str(upload.size)
    declared = {"sha256": upload.sha.removeprefix("sha256:"), "type": upload.media_type}
    response.headers["Upload-Metadata"] = tus.metadata_header(declared)
    return response


@uploads.patch("/<uuid:upload_id>")
@uploads.arguments(PartHeaders, location="headers")
@uploads.doc(requestBody=PART_BODY)
@uploads.response(204)
def take(headers: dict[str, Any], upload_id: UUID) -> Response:
    """The next part. What arrived of a body that was cut off is kept, unless it came with a checksum."""
    return _take(upload_id, headers["offset"], _body(headers["checksum"]), 204)


@uploads.delete("/<uuid:upload_id>")
@uploads.arguments(TusHeaders, location="headers")
@uploads.response(204)
def give_up(_headers: dict[str, Any], upload_id: UUID) -> Response:
    """End it; what had arrived is dropped."""
    with writing() as session:
        operations.give_up(session, _user(), upload_id)
    blobs().drop_parts(upload_id)
    return Response(status=204)


@uploads.post("/<uuid:upload_id>")
@uploads.arguments(OverrideHeaders, location="headers")
@uploads.doc(requestBody=PART_BODY)
@uploads.response(204)
def override(headers: dict[str, Any], upload_id: UUID) -> Response:
    """PATCH or DELETE, for networks that let nothing but GET and POST through (X-HTTP-Method-Override)."""
    view = take if headers["method"] == "PATCH" else give_up
    response: Response = view(upload_id=upload_id)
    return response


@kept.route("/<string:sha>", methods=["GET", "HEAD"])
@kept.doc(responses={200: {"content": {media_type: {"schema": BYTES} for media_type in FORMATS}}})
@kept.response(200)
@kept.alt_response(304)
def read(sha: str) -> Response:
    """A file that one of your scopes refers to, or that you brought. HEAD: whether it is there."""
    blob = _seen(sha)
    return _bytes(blob.sha, blob.media_type, blob.size)


@kept.route("/<string:sha>/thumbnail", methods=["GET"])
@kept.response(200, BYTES, content_type=THUMBNAIL_TYPE)
@kept.alt_response(304)
def read_thumbnail(sha: str) -> Response:
    """Its small picture: WebP, at most 320 pixels a side, upright. A file that is no picture has none."""
    name = _seen(sha).thumbnail
    if name is None:
        raise NOT_FOUND()
    return _bytes(name, THUMBNAIL_TYPE)


def _user() -> UUID:
    return UUID(get_jwt_identity())


def _take(upload_id: UUID, offset: int, data: bytes, status: int) -> Response:
    with reading() as session:
        upload = operations.find(session, _user(), upload_id)
    operations.expect(upload, offset, len(data))
    if not data:
        return _state(upload, status)
    arrival = operations.receive(blobs(), upload, data)
    with writing() as session:
        response = _state(operations.advance(session, _user(), upload_id, offset, arrival), status)
    operations.settle(blobs(), upload_id, arrival)
    return response


def _body(checksum: str) -> bytes:
    """What came of the body: all of it, or what had arrived when the connection broke."""
    data = bytearray()
    length = request.content_length
    with contextlib.suppress(ClientDisconnected):
        # Never asked past its end: behind some servers the stream takes that for a body over the limit.
        while (length is None or len(data) < length) and (piece := request.stream.read(64 * KIB)):
            data += piece
    if data and request.mimetype != tus.BODY_TYPE:
        raise UNSUPPORTED(expected=tus.BODY_TYPE)
    if checksum:
        tus.check(bytes(data), checksum)
    return bytes(data)


def _state(upload: Upload, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Expires"] = http_date(upload.expires_at)
    if status == 201:
        response.headers["Location"] = f"{uploads.url_prefix}/{upload.id}"
    return response


def _seen(sha: str) -> Blob:
    if not SHA256.fullmatch(sha):
        raise NOT_FOUND()
    with reading() as session:
        actor = current_actor(session)
        # The desk's question is the quicker one; where it says no, a phone may still hold the row.
        scopes = files.scopes(session, actor, sha) or visible_scopes(session, actor)
        return operations.see(session, actor, scopes, sha)


def _bytes(name: str, media_type: str, size: int | None = None) -> Response:
    """Bytes that never change, for this person's own cache; no browser may take them for a page."""
    response = Response(content_type=media_type)
    if request.method == "HEAD" and size is not None:
        response.content_length = size
    else:
        data = blobs().get(name)
        if data is None:
            raise RuntimeError(f"object {name} is lost")  # `kuangjian verify` finds it, the backup has it
        response.data = data
    way = "inline" if media_type.startswith("image/") else "attachment"
    filename = f"{name.removeprefix('sha256:')[:16]}.{FORMATS[media_type].suffix}"
    response.headers["Content-Disposition"] = f'{way}; filename="{filename}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.set_etag(name)
    response.make_conditional(request)
    return response
