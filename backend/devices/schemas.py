"""What phones send: the arguments of every operation, checked before they reach the concepts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow import validate

from backend.hazards.workflow import MOVES as HAZARD_MOVES
from backend.inspections.workflow import MOVES as VISIT_MOVES
from backend.kernel.validation import Said, wrong
from backend.kernel.web import Schema
from backend.kernel.workflow import Moves

Text = validate.Length(max=4000)
LONGEST_WORD = 120
Word = validate.Length(min=1, max=LONGEST_WORD)
Sha = validate.Regexp(r"^sha256:[0-9a-f]{64}$")
MOST_PHOTOS = 20
MOST_FINDINGS = 1000  # of one visit


def one_of(table: Moves) -> validate.OneOf:
    """An act of the table of moves."""
    return validate.OneOf(sorted({move.act for move in table.moves}))


def photos() -> ma.fields.List[str]:
    return ma.fields.List(
        ma.fields.String(validate=Sha), load_default=list, validate=validate.Length(max=MOST_PHOTOS)
    )


SIDE = 10_000  # of the pad, in its own units: the phone's is 2,000 wide
LONGEST = 86_400_000  # ms: who was called away while signing still signed
MOST_STROKES, MOST_IN_ONE, MOST_POINTS = (
    1_000,
    5_000,
    20_000,
)  # a name of four characters has about 60 and 1,500

Whole = ma.fields.Integer(strict=True)


class StrokesField(ma.fields.List[list[Any]]):
    """Strokes of points [x, y, ms]: hundreds of numbers, so good ones are told at a look and not one by one."""

    def __init__(self, **kwargs: Any) -> None:
        points = ma.fields.List(Whole, validate=validate.Length(equal=3))
        super().__init__(ma.fields.List(points, validate=validate.Length(min=1, max=MOST_IN_ONE)), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        good = type(value) is list and all(map(self._is_stroke, value))
        return value if good else super()._deserialize(value, *args, **kwargs)

    @staticmethod
    def _is_stroke(value: Any) -> bool:
        return (
            type(value) is list
            and 1 <= len(value) <= MOST_IN_ONE
            and all(type(point) is list and len(point) == 3 for point in value)
            and {type(number) for point in value for number in point} == {int}
        )


class StrokesSchema(Schema):
    """A signature as drawn: whole numbers in a viewbox [width, height], a point [x, y, ms] within it."""

    viewbox = ma.fields.List(
        ma.fields.Integer(strict=True, validate=validate.Range(1, SIDE)),
        required=True,
        validate=validate.Length(equal=2),
    )
    strokes = StrokesField(required=True, validate=validate.Length(min=1, max=MOST_STROKES))

    @ma.validates_schema
    def _within(self, data: dict[str, list[Any]], **_: object) -> None:
        """Only what was drawn on the pad: everything else would be stored and set on paper for ever."""
        width, height = data["viewbox"]
        if sum(map(len, data["strokes"])) > MOST_POINTS:
            raise wrong(f"笔迹过多，最多 {MOST_POINTS} 个点。", f"At most {MOST_POINTS} points.", "strokes")
        for place, stroke in enumerate(data["strokes"]):
            if not all(0 <= x <= width and 0 <= y <= height and 0 <= t <= LONGEST for x, y, t in stroke):
                outside = Said(
                    f"有笔迹超出 {width} × {height} 的签字板或一天的时间。",
                    f"A point lies outside of {width} x {height}, or of a day.",
                )
                raise ma.ValidationError({place: [outside]}, "strokes")


class RefusedSchema(Schema):
    reason = ma.fields.String(required=True, validate=Word)
    witness = ma.fields.String(required=True, validate=Word)
    witness_strokes = ma.fields.Nested(StrokesSchema, required=True)


class SignedSchema(Schema):
    """Who signed as what, over which hash: `strokes` or `refused`, each where it is taken."""

    role = ma.fields.String(required=True, validate=Word)
    name = ma.fields.String(required=True, validate=Word)
    at = ma.fields.String(required=True, validate=Word)
    hash = ma.fields.String(required=True, validate=Word)


class SignatureSchema(SignedSchema):
    """Somebody signed."""

    strokes = ma.fields.Nested(StrokesSchema, required=True)


class AnswerSchema(SignedSchema):
    """The mine's answer on a visit's papers: signed, or refused before a witness. Nothing else can be refused so."""

    strokes = ma.fields.Nested(StrokesSchema)
    refused = ma.fields.Nested(RefusedSchema)

    @ma.validates_schema
    def _one_of(self, data: dict[str, object], **_: object) -> None:
        if ("strokes" in data) == ("refused" in data):
            raise wrong("签字和拒签，应有且只有一种。", "Either strokes or refused, one of them.")


class PaperSchema(Schema):
    """at: when it was filled by hand, as the paper says.  photos: of its sheets."""

    at = ma.fields.AwareDateTime(required=True)
    photos = ma.fields.List(
        ma.fields.String(validate=Sha), required=True, validate=validate.Length(1, MOST_PHOTOS)
    )


class BeginSchema(Schema):
    """paper: of a list that was filled by hand and is entered now."""

    task = ma.fields.UUID(required=True, allow_none=True)
    visit = ma.fields.UUID(required=True, allow_none=True)
    mine = ma.fields.UUID(required=True)
    form = ma.fields.String(required=True, validate=validate.Length(equal=64))
    post = ma.fields.String(required=True, allow_none=True, validate=validate.Length(max=20))
    limits = ma.fields.Dict(keys=ma.fields.String(), required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    paper = ma.fields.Nested(PaperSchema, load_default=None)


class AnswersField(ma.fields.Dict):
    """Objects, or None, by item. Good ones are told at a look, as in StrokesField."""

    def __init__(self, **kwargs: Any) -> None:
        keys = ma.fields.String(validate=Word)
        super().__init__(keys=keys, values=ma.fields.Dict(keys=keys, allow_none=True), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        good = self._is_named(value) and all(one is None or self._is_named(one) for one in value.values())
        return value if good else super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]

    @staticmethod
    def _is_named(value: Any) -> bool:
        return type(value) is dict and all(
            type(name) is str and 1 <= len(name) <= LONGEST_WORD for name in value
        )


class AnswersSchema(Schema):
    """Answers by item, each as forms/ judges it; what stands in one is for the engine to say. None takes one back."""

    answers = AnswersField(required=True, validate=validate.Length(min=1, max=1000))


class MoveVersionSchema(Schema):
    """form: the version to go on with.  limits: as the phone resolved them for it."""

    form = ma.fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))
    limits = ma.fields.Dict(keys=ma.fields.String(), required=True)


class BasisSchema(Schema):
    code = ma.fields.String(required=True, validate=validate.Length(min=1, max=100))
    clause = ma.fields.String(allow_none=True, validate=validate.Length(max=60))
    verified = ma.fields.Boolean(load_default=False)


class ReportSchema(Schema):
    """visit: found by officers.  basis, major_ref: of the item that failed; empty for a hazard reported freely."""

    mine = ma.fields.UUID(required=True)
    place = ma.fields.UUID(required=True, allow_none=True)
    where = ma.fields.String(required=True, validate=validate.Length(max=200))
    what = ma.fields.String(required=True, validate=validate.Length(min=1, max=1000))
    suspected_major = ma.fields.Boolean(required=True)
    major_ref = ma.fields.String(required=True, allow_none=True, validate=validate.Length(max=20))
    basis = ma.fields.List(ma.fields.Nested(BasisSchema), required=True, validate=validate.Length(max=20))
    visit = ma.fields.UUID(required=True, allow_none=True)
    told = ma.fields.String(required=True, allow_none=True, validate=validate.Length(max=120))
    submission = ma.fields.UUID(required=True, allow_none=True)
    item = ma.fields.String(required=True, allow_none=True, validate=validate.Length(max=120))
    photos = photos()
    reported_at = ma.fields.AwareDateTime(required=True)


class EvidenceSchema(Schema):
    """What a move of a hazard may bring with it; which of it must be there is in the table of moves."""

    person = ma.fields.UUID()
    person_name = ma.fields.String(validate=Word)
    measures = ma.fields.String(validate=Text)
    funds = ma.fields.Integer(strict=True, validate=validate.Range(0, 10**12))
    deadline = ma.fields.AwareDateTime()
    contingency = ma.fields.String(validate=Text)
    note = ma.fields.String(validate=Text)
    photos = ma.fields.List(ma.fields.String(validate=Sha), validate=validate.Length(max=MOST_PHOTOS))
    signature = ma.fields.Nested(SignatureSchema)


class HazardMoveSchema(Schema):
    act = ma.fields.String(required=True, validate=one_of(HAZARD_MOVES))
    seen = ma.fields.Integer(required=True, strict=True)
    evidence = ma.fields.Nested(EvidenceSchema, required=True)


class RepresentativeSchema(Schema):
    name = ma.fields.String(required=True, validate=Word)
    position = ma.fields.String(required=True, validate=Word)
    signature = ma.fields.Nested(AnswerSchema, required=True)


def findings(**more: Any) -> ma.fields.List[UUID]:
    """Ids of hazards; phones of before 2026-11 do not send them."""
    return ma.fields.List(ma.fields.UUID(), validate=validate.Length(max=MOST_FINDINGS), **more)


class VisitEvidenceSchema(Schema):
    """findings: the hazards that the representative was shown, and is told of by that."""

    at = ma.fields.AwareDateTime(required=True)
    place = ma.fields.String(validate=validate.Length(max=300))
    limits = ma.fields.Dict(keys=ma.fields.String())
    representative = ma.fields.Nested(RepresentativeSchema)
    findings = findings()
    note = ma.fields.String(validate=Text)


class VisitMoveSchema(Schema):
    act = ma.fields.String(required=True, validate=one_of(VISIT_MOVES))
    seen = ma.fields.Integer(required=True, strict=True)
    evidence = ma.fields.Nested(VisitEvidenceSchema, required=True)


class IssueSchema(Schema):
    """data: what the document says, in the shape of its template; whatever stands in it is kept as a fact.

    cites: the hazards that it tells of.
    """

    kind = ma.fields.String(required=True, validate=Word)
    n = ma.fields.Integer(required=True, strict=True, validate=validate.Range(1, 999_999))
    block = ma.fields.UUID(required=True)
    visit = ma.fields.UUID(required=True)
    data = ma.fields.Dict(keys=ma.fields.String(), required=True)
    data_hash = ma.fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    cites = findings(load_default=None, allow_none=True)
    supersedes = ma.fields.UUID(load_default=None, allow_none=True)
