"""/api/v1/sync: enrolment and exchange. The bytes are the engine's business; here is who is signed in, and limits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, current_app, json, request
from flask_jwt_extended import get_jwt, get_jwt_identity, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from marshmallow import validate

import sync.exchange
from backend.accounts import limits, web
from backend.accounts import operations as accounts
from backend.devices import conflicts, enrolments, operations, queries
from backend.devices.problems import told
from backend.kernel.schemas import PageQuery, RefSchema, words
from backend.kernel.validation import wrong
from backend.kernel.web import Blueprint, Schema, public, reading, writing
from sync import enrol
from sync.engine import Engine
from sync.problems import SyncProblem

LONGEST_VALUE = 4000  # characters, of what is put right
LARGEST = 262_144  # bytes as sent, compressed or not; the engine bounds what they inflate to

blueprint = Blueprint(
    "sync", __name__, url_prefix="/api/v1/sync", description="Phones: enrolment and exchange"
)


class ResolveSchema(Schema):
    keep = ma.fields.String(required=True, validate=validate.OneOf(["shown", "other"]))
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))


class ConflictSchema(Schema):
    """clashes: each field with the value shown and the other.  person: whose record it is.  user: who met it."""

    id = ma.fields.UUID(required=True)
    entity = ma.fields.String(required=True)
    user = ma.fields.String(required=True)
    clashes = ma.fields.List(ma.fields.Dict(), required=True)
    kind = ma.fields.String(required=True)
    title = words()
    visit = ma.fields.UUID(required=True, allow_none=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    opened_at = ma.fields.AwareDateTime(required=True)


class ConflictsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ConflictSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class SideSchema(Schema):
    """One value. base: [epoch, version] that its author had before him, where it came late.

    at: when, corrected.  device_at: by his phone's clock.  received_at: when the server had it.
    """

    value = ma.fields.Raw(required=True)
    by = ma.fields.Nested(RefSchema, required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True, allow_none=True)
    device_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    received_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    base = ma.fields.List(ma.fields.Integer(), required=True, allow_none=True)
    photos = ma.fields.List(ma.fields.String(), required=True)
    note = ma.fields.String(required=True, allow_none=True)


class FieldSchema(Schema):
    """shown: what counts until somebody decides.  item: its definition, where it is an answer."""

    field = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    item = ma.fields.Dict(required=True, allow_none=True)
    shown = ma.fields.Nested(SideSchema, required=True)
    other = ma.fields.Nested(SideSchema, required=True)


class BothSidesSchema(ConflictSchema):
    """may_take: the other value can take the place of the one shown; else only this one can be kept."""

    sides = ma.fields.List(ma.fields.Nested(FieldSchema), required=True)
    may_take = ma.fields.Boolean(required=True)


class PhonesQuery(PageQuery):
    """unit: as /units names it.  name: part of the name of who uses the phone.  limit: of phones."""

    unit = ma.fields.String(required=True, validate=validate.Length(max=60))
    name = ma.fields.String(load_default="", validate=validate.Length(max=60))


class EnrolmentSchema(Schema):
    """A person on a phone. received: records that arrived, without a gap.  held: wait for one before them.

    photos: declared, and not arrived.  mates: how many others of the unit use the phone.  replaced: enrolled anew.
    """

    device = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    mates = ma.fields.Integer(required=True)
    client = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    seen_at = ma.fields.AwareDateTime(required=True)
    revoked_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    replaced = ma.fields.Boolean(required=True)
    received = ma.fields.Integer(required=True)
    held = ma.fields.Integer(required=True)
    quarantined = ma.fields.Integer(required=True)
    photos = ma.fields.Integer(required=True)


class EnrolmentsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(EnrolmentSchema), required=True)


class PhonesSchema(EnrolmentsSchema):
    next = ma.fields.String(required=True, allow_none=True)


class QuarantineQuery(Schema):
    """after: `next` of the page before."""

    after = ma.fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class WrongSchema(Schema):
    """pointer: into the arguments (RFC 6901)."""

    pointer = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class ReasonSchema(Schema):
    """params: as the engine keeps it."""

    code = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)
    errors = ma.fields.List(ma.fields.Nested(WrongSchema), required=True)
    params = ma.fields.Dict(required=True)


class QuarantineRowSchema(Schema):
    """op, entity: what was done to which record, where that can be read.  at: when, corrected."""

    id = ma.fields.Integer(required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    device = ma.fields.String(required=True)
    seq = ma.fields.Integer(required=True)
    op = ma.fields.Raw(required=True, allow_none=True)
    entity = ma.fields.Raw(required=True, allow_none=True)
    problem = ma.fields.Nested(ReasonSchema, required=True)
    at = ma.fields.AwareDateTime(required=True)
    received_at = ma.fields.AwareDateTime(required=True)


class QuarantinePageSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(QuarantineRowSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class OpenFieldSchema(Schema):
    """kind: text, whole (a number), moment (ISO 8601), yes (a boolean).  value: as sent."""

    pointer = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    value = ma.fields.Raw(required=True, allow_none=True)
    detail = words()


class HeldThenSchema(Schema):
    """A role of the person. held: it did at the moment in question."""

    role = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    starts_at = ma.fields.AwareDateTime(required=True)
    ends_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    held = ma.fields.Boolean(required=True)


class RightSchema(Schema):
    """The right that was missing. roles: those that have it.  units: where the person is known.  held: what he had."""

    roles = ma.fields.List(ma.fields.String(), required=True)
    units = ma.fields.List(ma.fields.String(), required=True)
    held = ma.fields.List(ma.fields.Nested(HeldThenSchema), required=True)


class QuarantinedSchema(QuarantineRowSchema):
    """body: the mutation as frozen.  words: what the ids in it stand for.  mendable: its open fields."""

    body = ma.fields.Dict(required=True, allow_none=True)
    words = ma.fields.Dict(keys=ma.fields.String(), values=words(), required=True)
    mendable = ma.fields.List(ma.fields.Nested(OpenFieldSchema), required=True)
    right = ma.fields.Nested(RightSchema, required=True, allow_none=True)


def _plain(value: Any) -> None:
    if not isinstance(value, str | int | bool) or len(str(value)) > LONGEST_VALUE:
        raise wrong("应为文字、整数，或是与否。", "Give a text, a whole number, or true or false.")


class ReplayedSchema(Schema):
    """status: applied, merged, conflict, held; or quarantined again, with the problem."""

    status = ma.fields.String(required=True)
    problem = ma.fields.Nested(ReasonSchema, required=True, allow_none=True)


class MendedFieldSchema(Schema):
    pointer = ma.fields.String(required=True, validate=validate.Length(max=300))
    value = ma.fields.Raw(required=True, validate=_plain)


class MendSchema(Schema):
    """changes: each a field that the problem names."""

    changes = ma.fields.List(
        ma.fields.Nested(MendedFieldSchema), required=True, validate=validate.Length(min=1, max=50)
    )
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))


class DiscardSchema(Schema):
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=500))


@blueprint.post("/enrolments")
@blueprint.response(201)
def enrol_phone() -> Response:
    """Enrol this phone for the person who is signed in (docs/adr/0004-sync-envelope.md)."""
    with writing() as session:
        user = str(web.current_actor(session).id)
        limits.take(session, web.keys(), limits.ENROLMENT_BY_PERSON, user)
    with writing() as session:
        try:
            answer = enrol.enrol(_engine(), session, _body(), user)
        except SyncProblem as error:
            raise told(error) from error
    return _json(answer, 201)


@blueprint.post("/exchange")
@public
@blueprint.response(200)
def exchange() -> Response:
    """Push and pull in one round trip. Signed by the phone; rows are told only with a live sign-in."""
    try:
        answer = sync.exchange.exchange(
            _engine(),
            _body(),
            gzipped=request.headers.get("Content-Encoding", "").lower() == "gzip",
            user=_live_user(),
            reading=reading,
            writing=writing,
        )
    except SyncProblem as error:
        raise told(error) from error
    return _json(answer, 200)


@blueprint.post("/bundles")
@public
@blueprint.response(200)
def bundles() -> Response:
    """Hand in sealed segments that somebody carried; receipts go back the same way."""
    with writing() as session:
        limits.take(session, web.keys(), limits.BUNDLE_BY_ADDRESS, web.client_address())
    try:
        answer = sync.exchange.receive_bundle(_engine(), _body().decode("ascii", "replace"), writing=writing)
    except SyncProblem as error:
        raise told(error) from error
    return _json(answer, 200)


@blueprint.get("/phones")
@blueprint.arguments(PhonesQuery, location="query")
@blueprint.response(200, PhonesSchema)
def list_phones(query: dict[str, Any]) -> Any:
    """The phones of a unit's people, and how far each came; the one last heard of first."""
    asked = (query["unit"], query["name"], query["cursor"], query["limit"])
    with reading() as session:
        return enrolments.of_unit(_engine(), session, web.current_actor(session), *asked)


@blueprint.post("/phones/<uuid:phone>/lost")
@blueprint.response(200, EnrolmentsSchema)
def phone_lost(phone: UUID) -> dict[str, Any]:
    """A phone is lost: end the enrolments on it and every sign-in of who used it."""
    with writing() as session:
        return {"items": enrolments.lost(_engine(), session, web.current_actor(session), str(phone))}


@blueprint.post("/enrolments/<uuid:device>/revoke")
@blueprint.response(200, EnrolmentSchema)
def revoke_enrolment(device: UUID) -> dict[str, Any]:
    """End one person's use of a phone; what it still sends waits for people."""
    with writing() as session:
        return enrolments.revoke(_engine(), session, web.current_actor(session), str(device))


@blueprint.get("/conflicts")
@blueprint.response(200, ConflictSchema(many=True))
def list_conflicts() -> Any:
    """The oldest conflicts that I may decide, as phones of before 2026-11 ask for them: a list, and no pages."""
    with reading() as session:
        return conflicts.page(session, web.current_actor(session), None, PageQuery.MOST).items


@blueprint.get("/conflicts/pages")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ConflictsSchema)
def page_conflicts(query: dict[str, Any]) -> Any:
    """What two people changed without knowing of each other, where I may decide; the oldest first."""
    with reading() as session:
        return conflicts.page(session, web.current_actor(session), query["cursor"], query["limit"])


@blueprint.get("/conflicts/<uuid:conflict_id>")
@blueprint.response(200, BothSidesSchema)
def read_conflict(conflict_id: UUID) -> dict[str, Any]:
    """One of them, both sides of each field beside each other."""
    with reading() as session:
        return conflicts.detail(session, conflicts.find(session, web.current_actor(session), conflict_id))


@blueprint.post("/conflicts/<uuid:conflict_id>/resolve")
@blueprint.arguments(ResolveSchema)
@blueprint.response(204)
def resolve(body: dict[str, str], conflict_id: UUID) -> None:
    """Say which value holds, and why."""
    with writing() as session:
        actor = web.current_actor(session)
        conflicts.resolve(_engine(), session, actor, conflict_id, body["keep"], body["reason"])


@blueprint.get("/quarantine")
@blueprint.arguments(QuarantineQuery, location="query")
@blueprint.response(200, QuarantinePageSchema)
def list_quarantine(query: dict[str, Any]) -> dict[str, Any]:
    """Work that was set aside and waits for somebody like me to decide, the oldest first."""
    with reading() as session:
        return queries.page(session, web.current_actor(session), query["after"], query["limit"])


@blueprint.get("/quarantine/<int:pk>")
@blueprint.response(200, QuarantinedSchema)
def read_quarantined(pk: int) -> dict[str, Any]:
    """One of them, with what the phone sent."""
    with reading() as session:
        waiting = queries.find(session, web.current_actor(session), pk, queries.READ)
        return queries.detail(session, waiting)


@blueprint.post("/quarantine/<int:pk>/replay")
@blueprint.response(200, ReplayedSchema)
def replay(pk: int) -> dict[str, Any]:
    """Try it again, unchanged, once what was in its way is mended."""
    with writing() as session:
        actor = web.current_actor(session)
        waiting = queries.find(session, actor, pk, queries.REPLAY)
        return operations.replay(_engine(), session, actor, waiting)


@blueprint.post("/quarantine/<int:pk>/mend")
@blueprint.arguments(MendSchema)
@blueprint.response(200, ReplayedSchema)
def mend(body: dict[str, Any], pk: int) -> dict[str, Any]:
    """Put right what the problem names and have it take effect; what was signed stays on record beside it."""
    changes = {change["pointer"]: change["value"] for change in body["changes"]}
    with writing() as session:
        actor = web.current_actor(session)
        waiting = queries.find(session, actor, pk, queries.MEND)
        return operations.mend(_engine(), session, actor, waiting, changes, body["reason"])


@blueprint.post("/quarantine/<int:pk>/discard")
@blueprint.arguments(DiscardSchema)
@blueprint.response(204)
def discard(body: dict[str, str], pk: int) -> None:
    """Close it for good, and say why; it stays on record."""
    with writing() as session:
        actor = web.current_actor(session)
        waiting = queries.find(session, actor, pk, queries.DISCARD)
        operations.discard(_engine(), session, actor, waiting, body["reason"])


def _engine() -> Engine:
    found: Engine = current_app.extensions["engine"]
    return found


def _body() -> bytes:
    request.max_content_length = LARGEST
    return request.get_data(cache=False)


def _live_user() -> str | None:
    """Who is signed in with this request; None when nobody is any more. Work is taken either way."""
    try:
        if verify_jwt_in_request(optional=True) is None:
            return None
        sign_in = UUID(get_jwt()["sid"])
        user = str(get_jwt_identity())
    except (JWTExtendedException, PyJWTError, KeyError, ValueError):
        return None
    with reading() as session:
        return user if accounts.is_live(session, sign_in) else None


def _json(answer: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), status=status, content_type="application/json")
