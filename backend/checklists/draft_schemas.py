"""A draft of a list on the wire, and a file that lists are read from."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload
from marshmallow import validate
from werkzeug.datastructures import FileStorage

from backend.checklists.schemas import ApprovalSchema, ChangeSchema, NamedVersionSchema, Owner, OwnerSchema
from backend.devices.schemas import SignatureSchema
from backend.kernel.schemas import MoveSchema, RefSchema, words
from backend.kernel.validation import wrong
from backend.kernel.web import Schema
from forms.definition import KINDS


class BeginSchema(Schema):
    """owner: `mine:<id>` or `jurisdiction:<id>`.  document: what the list says already, in the form of form-1.json."""

    owner = ma.fields.String(required=True, validate=Owner)
    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    title = ma.fields.String(required=True, validate=validate.Length(min=1, max=200))
    document = ma.fields.Dict(keys=ma.fields.String())


NEXT, OWN = ("revise", "upgrade"), ("adapt", "copy")


class FromSchema(Schema):
    """how: its next version (`revise`; `upgrade`: with the newer version of what it stands on), or a list of `owner`'s
    that stands on it (`adapt`) or has nothing more to do with it (`copy`).  owner: `mine:<id>` or `jurisdiction:<id>`.
    """

    how = ma.fields.String(required=True, validate=validate.OneOf(NEXT + OWN))
    owner = ma.fields.String(validate=Owner)

    @ma.validates_schema
    def _whose(self, data: dict[str, str], **_: object) -> None:
        if ("owner" in data) != (data["how"] in OWN):
            raise wrong(
                "改编或另立时必填，其他时候不填。", "With adapt and copy, and only with them.", "owner"
            )


class SaveSchema(Schema):
    """seen: `ver` of the draft that was edited. It need not be a definition yet."""

    seen = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    document = ma.fields.Dict(keys=ma.fields.String(), required=True)


class LookSchema(Schema):
    """document: what is on the screen, not saved."""

    document = ma.fields.Dict(keys=ma.fields.String(), required=True)


class DraftEvidenceSchema(Schema):
    """note: why it is sent back, or a word with a signature.  signature: over `sha` of the draft."""

    note = ma.fields.String(validate=validate.Length(max=1000))
    signature = ma.fields.Nested(SignatureSchema)


class DraftMoveSchema(Schema):
    seen = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    evidence = ma.fields.Nested(DraftEvidenceSchema, load_default={})


class FlawSchema(Schema):
    """Something that hinders submitting. path: JSON pointer into the document.  sheet, row, column: where the item was
    imported from.
    """

    path = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)
    item = ma.fields.String(required=True, allow_none=True)
    sheet = ma.fields.String(required=True, allow_none=True)
    row = ma.fields.Integer(required=True, allow_none=True)
    column = ma.fields.String(required=True, allow_none=True)


class LookedAtSchema(Schema):
    """definition: the published form of the document, with its conditions as trees; none while there are flaws.

    changes: against the version that it replaces, or else its base.
    """

    flaws = ma.fields.List(ma.fields.Nested(FlawSchema), required=True)
    definition = ma.fields.Dict(required=True, allow_none=True)
    changes = ma.fields.List(ma.fields.Nested(ChangeSchema), required=True)


class UpgradeConflictSchema(Schema):
    """Both the base's new version and the mine changed this; the document has the base's. field: none for an item."""

    item = ma.fields.String(required=True, allow_none=True)
    field = ma.fields.String(required=True, allow_none=True)
    base = ma.fields.Raw(required=True, allow_none=True)
    own = ma.fields.Raw(required=True, allow_none=True)
    zh = ma.fields.String(required=True)
    en = ma.fields.String(required=True)


class StepSchema(Schema):
    """signed: by whom, in this round.  turn: this signature is next."""

    word = words()
    roles = ma.fields.List(ma.fields.String(), required=True)
    signed = ma.fields.Nested(ApprovalSchema, required=True, allow_none=True)
    turn = ma.fields.Boolean(required=True)


class DraftSchema(Schema):
    """A draft. document: as its author left it.  sha: what is signed, once it was submitted.

    events: {act, by, name, at, note?, step?, word?, role?, for?, for_name?, signature?}, the oldest first.
    """

    id = ma.fields.UUID(required=True)
    ver = ma.fields.Integer(required=True)
    key = ma.fields.String(required=True)
    owner = ma.fields.Nested(OwnerSchema, required=True)
    kind = ma.fields.String(required=True)
    title = words()
    state = ma.fields.String(required=True)
    document = ma.fields.Dict(required=True)
    sha = ma.fields.String(required=True, allow_none=True)
    flaws = ma.fields.List(ma.fields.Nested(FlawSchema), required=True)
    changes = ma.fields.List(ma.fields.Nested(ChangeSchema), required=True)
    conflicts = ma.fields.List(ma.fields.Nested(UpgradeConflictSchema), required=True)
    file = ma.fields.String(required=True, allow_none=True)
    base = ma.fields.Nested(NamedVersionSchema, required=True, allow_none=True)
    replaces = ma.fields.Nested(NamedVersionSchema, required=True, allow_none=True)
    chain = ma.fields.List(ma.fields.Nested(StepSchema), required=True)
    events = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)
    begun_by = ma.fields.Nested(RefSchema, required=True)
    changed_by = ma.fields.Nested(RefSchema, required=True)
    changed_at = ma.fields.AwareDateTime(required=True)
    moves = ma.fields.List(ma.fields.Nested(MoveSchema), required=True)


class File(Upload):  # type: ignore[misc]
    """Its bytes and its name; not a text of a form."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise wrong("请选择一个文件。", "Choose a file.")
        return value


class FileSchema(Schema):
    """file: a workbook as safety officers keep it, XLSForm, or CSV; at most 20 MiB.  kind: of all its lists, when the
    person says so; else it is taken from each title.
    """

    file = File(required=True)
    kind = ma.fields.String(validate=validate.OneOf(KINDS))


class SaveFileSchema(FileSchema):
    """lists: which of the file's lists to keep, by number from 0; all when it is left out."""

    owner = ma.fields.String(required=True, validate=Owner)
    lists = ma.fields.List(ma.fields.Integer(validate=validate.Range(min=0, max=10_000)))


class PreviewSchema(Schema):
    """What was read: {definition, origin, doubts} of each list; doubts and refusals with sheet, row, column."""

    lists = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)
    doubts = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)
    refusals = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)
    cells = ma.fields.List(ma.fields.Dict(keys=ma.fields.String()), required=True)


class KeptDraftSchema(Schema):
    id = ma.fields.UUID(required=True)
    title = words()
    kind = ma.fields.String(required=True)
    flaws = ma.fields.Integer(required=True)


class KeptSchema(Schema):
    """The drafts that were made of a file."""

    items = ma.fields.List(ma.fields.Nested(KeptDraftSchema), required=True)
