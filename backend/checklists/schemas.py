"""Filled lists on the wire, and the versions of lists."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate
from webargs.fields import DelimitedList

from backend.devices.schemas import SignatureSchema
from backend.kernel.schemas import MoveSchema, PageQuery, RefSchema, words
from backend.kernel.web import Schema
from forms.definition import KINDS
from forms.exporting import FORMATS

Said = ma.fields.List(ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String()), required=True)


class VerdictSchema(Schema):
    """What the engine says of one answer. danger: the order to stop work, if the reading calls for it."""

    result = ma.fields.String(required=True, validate=validate.OneOf(("pass", "fail", "na", "open")))
    danger = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True, allow_none=True
    )
    reasons = Said
    problems = Said


class FormSchema(Schema):
    """definition: as published, in the form of forms/schema/form-1.json.  number: of the version, among its list's."""

    id = ma.fields.String(required=True)
    key = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    number = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
    definition = ma.fields.Dict(required=True)


class SignalSchema(Schema):
    """Something about how a list was filled that a person can check. It rejects nothing and ranks nobody."""

    code = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)
    numbers = ma.fields.Dict(keys=ma.fields.String(), required=True)


class FromPaperSchema(Schema):
    """at: when the paper was filled, as it says.  photos: of its sheets."""

    at = ma.fields.AwareDateTime(required=True)
    photos = ma.fields.List(ma.fields.String(), required=True)


class SubmissionSchema(Schema):
    """A list as it was filled.

    answers: item id -> answer; `by` names who gave it.  signatures: role -> who, when, strokes.
    kept: item id -> {answer, form, why}, what a move to another version could not carry.  moves: {from, to, at}.
    from_paper: {at, photos} of a list that was filled by hand and entered later.
    people: id -> name of everybody whom answers and signatures name.
    """

    id = ma.fields.UUID(required=True)
    ver = ma.fields.Integer(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    post = ma.fields.String(required=True, allow_none=True)
    visit = ma.fields.UUID(required=True, allow_none=True)
    form = ma.fields.Nested(FormSchema, required=True)
    limits = ma.fields.Dict(required=True)
    answers = ma.fields.Dict(required=True)
    verdicts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(VerdictSchema), required=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    state = ma.fields.String(required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    signed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    received_at = ma.fields.AwareDateTime(required=True)
    signatures = ma.fields.Dict(required=True)
    kept = ma.fields.Dict(keys=ma.fields.String(), required=True)
    moves = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)
    from_paper = ma.fields.Nested(FromPaperSchema, required=True, allow_none=True)
    signals = ma.fields.List(ma.fields.Nested(SignalSchema), required=True)
    people = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    may_countersign = ma.fields.Boolean(required=True)


class CountersignSchema(Schema):
    """seen: the version that was looked at."""

    seen = ma.fields.Integer(required=True, strict=True)
    signature = ma.fields.Nested(SignatureSchema, required=True)


# Lists, their versions and drafts

Sha = validate.Regexp(r"^[0-9a-f]{64}\Z")
Owner = validate.Regexp(r"^(mine|jurisdiction):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
STATES_OF_LISTS = ("draft", "review", "published", "retired", "recalled")


class ListFilter(Schema):
    """owner: library, mine, jurisdiction, or one owner's scope.  kind, state: one or several, by comma.

    mine: only the lists that hold at this mine now.  waits: those that wait for my signature (or, false, the others).
    upgrade: those whose base has a newer version.  q: words of title or key.
    """

    owner = ma.fields.String(load_default=None, validate=validate.Length(max=60))
    kind = DelimitedList(ma.fields.String(validate=validate.OneOf(KINDS)), load_default=[])
    state = DelimitedList(ma.fields.String(validate=validate.OneOf(STATES_OF_LISTS)), load_default=[])
    mine = ma.fields.UUID(load_default=None)
    waits = ma.fields.Boolean(load_default=None)
    upgrade = ma.fields.Boolean(load_default=None)
    q = ma.fields.String(load_default=None, validate=validate.Length(max=80))


class ListQuery(ListFilter, PageQuery):
    """The filters, and which page."""


class OwnerSchema(Schema):
    """scope: `library`, `mine:<id>` or `jurisdiction:<id>`, as `owner` of a request takes it."""

    scope = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, validate=validate.OneOf(("library", "mine", "jurisdiction")))
    name = ma.fields.String(required=True)


class RowVersionSchema(Schema):
    id = ma.fields.String(required=True)
    number = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
    published_at = ma.fields.AwareDateTime(required=True)


class RowDraftSchema(Schema):
    """step of steps have signed; waits_for: whose signature is next; my_turn: it is mine."""

    id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)
    step = ma.fields.Integer(required=True)
    steps = ma.fields.Integer(required=True)
    waits_for = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True, allow_none=True
    )
    my_turn = ma.fields.Boolean(required=True)
    changed_at = ma.fields.AwareDateTime(required=True)


class RowBaseSchema(Schema):
    """newer: what this list stands on has a newer version; an upgrade is possible."""

    key = ma.fields.String(required=True)
    title = words()
    newer = ma.fields.Boolean(required=True)


class ListRowSchema(Schema):
    """One list. version: the one in force, or the last.  draft: what is being written or approved."""

    key = ma.fields.String(required=True)
    owner = ma.fields.Nested(OwnerSchema, required=True)
    kind = ma.fields.String(required=True)
    title = words()
    version = ma.fields.Nested(RowVersionSchema, required=True, allow_none=True)
    draft = ma.fields.Nested(RowDraftSchema, required=True, allow_none=True)
    base = ma.fields.Nested(RowBaseSchema, required=True, allow_none=True)


class ListPageSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ListRowSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class StandardSchema(Schema):
    """A source of clauses. in_force: since which day, where we know it.  verified: was its text read?"""

    code = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    in_force = ma.fields.String(required=True, allow_none=True)
    verified = ma.fields.Boolean(required=True)


class ListChoicesSchema(Schema):
    """owners: for whom I may write lists.  chains: owner kind -> list kind -> whose signatures it takes, in order.

    standards: those that items may be based on; any other may be named too.
    """

    owners = ma.fields.List(ma.fields.Nested(OwnerSchema), required=True)
    kinds = ma.fields.List(ma.fields.String(), required=True)
    chains = ma.fields.Dict(keys=ma.fields.String(), required=True)
    standards = ma.fields.List(ma.fields.Nested(StandardSchema), required=True)


class NamedVersionSchema(RowVersionSchema):
    key = ma.fields.String(required=True)
    title = words()


class ApprovalSchema(Schema):
    """A signature of the chain: who signed which step, for whom (himself, or whose deputy he is), over which hash."""

    act = ma.fields.String(required=True)
    by = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    at = ma.fields.String(required=True)
    step = ma.fields.Integer(required=True)
    word = words()
    role = ma.fields.String(required=True)
    for_ = ma.fields.UUID(required=True, data_key="for", attribute="for")
    for_name = ma.fields.String(required=True)
    note = ma.fields.String()
    signature = ma.fields.Dict(required=True)


class RecallSchema(Schema):
    reason = ma.fields.String(required=True)
    by = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    at = ma.fields.String(required=True)
    replacement = ma.fields.String(required=True, allow_none=True)


class VersionSchema(Schema):
    """One published version.

    upgrade: the newer version of what it stands on.  versions: all of this list, newest first.  draft: the open one.
    submissions: how many lists were begun or filled on it, of those that I may see.
    """

    id = ma.fields.String(required=True)
    ver = ma.fields.Integer(required=True)
    key = ma.fields.String(required=True)
    owner = ma.fields.Nested(OwnerSchema, required=True)
    kind = ma.fields.String(required=True)
    number = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
    published_at = ma.fields.AwareDateTime(required=True)
    retired_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    recall = ma.fields.Nested(RecallSchema, required=True, allow_none=True)
    approvals = ma.fields.List(ma.fields.Nested(ApprovalSchema), required=True)
    definition = ma.fields.Dict(required=True)
    base = ma.fields.Nested(NamedVersionSchema, required=True, allow_none=True)
    upgrade = ma.fields.Nested(NamedVersionSchema, required=True, allow_none=True)
    versions = ma.fields.List(ma.fields.Nested(NamedVersionSchema), required=True)
    draft = ma.fields.UUID(required=True, allow_none=True)
    submissions = ma.fields.Integer(required=True)
    moves = ma.fields.List(ma.fields.Nested(MoveSchema), required=True)
    may_revise = ma.fields.Boolean(required=True)


class AgainstQuery(Schema):
    """against: the older version; the one before it when it is left out."""

    against = ma.fields.String(load_default=None, validate=Sha)


class FileQuery(Schema):
    to = ma.fields.String(load_default="xlsx", validate=validate.OneOf(FORMATS))


class ChangeSchema(Schema):
    """One difference, as a sentence. item, section: where it is; none for the head of the list."""

    code = ma.fields.String(required=True)
    item = ma.fields.String(required=True, allow_none=True)
    section = ma.fields.String(required=True, allow_none=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class DiffSchema(Schema):
    old = ma.fields.Nested(NamedVersionSchema, required=True, allow_none=True)
    new = ma.fields.Nested(NamedVersionSchema, required=True)
    changes = ma.fields.List(ma.fields.Nested(ChangeSchema), required=True)


class TouchedRowSchema(Schema):
    id = ma.fields.UUID(required=True)
    mine = ma.fields.Nested(RefSchema, required=True)
    person = ma.fields.Nested(RefSchema, required=True)
    post = ma.fields.String(required=True, allow_none=True)
    state = ma.fields.String(required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    signed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    fails = ma.fields.Integer(required=True)


class TouchedPageSchema(Schema):
    """count: of all, not of this page."""

    items = ma.fields.List(ma.fields.Nested(TouchedRowSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    count = ma.fields.Integer(required=True)


class StopEvidenceSchema(Schema):
    """replacement: of a recall, the version to work by instead."""

    note = ma.fields.String(validate=validate.Length(max=1000))
    replacement = ma.fields.String(validate=Sha, allow_none=True)


class StopSchema(Schema):
    """seen: `ver` of the version that was looked at."""

    seen = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    evidence = ma.fields.Nested(StopEvidenceSchema, load_default={})
