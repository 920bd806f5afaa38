"""What a checklist is: the typed model of `form/1` (forms/schema/form-1.json is the same thing for editors).

An item is the unit of mine safety: what to look at, the standard it must meet, the clause that says so, the limit,
how grave a failure is, what evidence it needs and what happens next. A definition is immutable; `load.py` makes it
from untrusted data, `to_json()` gives back the one published form that `version.py` hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args

Json = Any
Tree = Any  # an expression, frozen (forms/expression); None: there is none
Text = Mapping[str, str]  # language → words; "zh" always there and the only one that is hashed

Kind = Literal[
    "post_duties",
    "post_controls",
    "patrol",
    "spot_check",
    "sweep",
    "reinspection",
    "acceptance",
    "drill",
    "quiz",
    "scorecard",
    "register",
    "card",
]
MineType = Literal["underground", "open_pit", "tailings", "coal"]
AnswerType = Literal[
    "check",
    "number",
    "text",
    "choice",
    "choices",
    "date",
    "time",
    "datetime",
    "person",
    "place",
    "photo",
    "signature",
    "calculated",
    "note",
]
Bound = Literal["min", "max", "above", "below", "equals", "max_age_days"]
When = Literal["never", "on_fail", "always"]
Severity = Literal["general", "major"]
Risk = Literal["red", "orange", "yellow", "blue"]
Season = Literal["winter"]
Call = Literal["dispatch"]
Role = Literal["filler", "team_leader", "inspector", "site_representative"]
DocumentKey = Literal["rectify_order", "measures_decision", "case_filing", "case_transfer", "recheck_opinion"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MINE_TYPES: tuple[MineType, ...] = get_args(MineType)
BOUNDS: tuple[Bound, ...] = get_args(Bound)
SCHEMA = "form/1"
MAX_PHOTOS = 4
FULL_MARKS = 100.0
MOST_ROWS = 100  # of a repeated section: more is no list that a person fills


@dataclass(frozen=True, slots=True)
class SiteRef:
    """The mine's design value of that name, times a factor (1 % of the employees: times=0.01)."""

    site_ref: str
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class JurisdictionRef:
    """A dated parameter of the jurisdiction; `default` where it has set none."""

    jurisdiction_ref: str
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound that a reading must keep. `above` and `below` exclude the bound itself."""

    bound: Bound
    value: float | SiteRef | JurisdictionRef


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    text: Text
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """Limits by case: the site's parameter picks it; where the site says nothing, the person does, in the card."""

    param: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """share: the part of the item's weight that it earns (0..1; None: 1, or 0 if it fails). correct: in a quiz."""

    id: str
    text: Text
    fails: bool = False
    correct: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """What the instrument can show at all: outside it a reading is mistyped, not a finding."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """How an item is answered. Fields beside `type` belong to the types that `load.py` allows them for."""

    type: AnswerType
    reading: Text | None = None
    unit: str | None = None
    decimals: int | None = None
    range: Range | None = None
    limits: tuple[Limit | CaseLimit, ...] = ()
    max_length: int | None = None
    options: tuple[Option, ...] = ()
    formula: Tree = None


@dataclass(frozen=True, slots=True)
class Basis:
    """Where the standard comes from; `verified`: was the clause read in the standard's own text?"""

    code: str
    clause: str | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Danger:
    """An answer that must stop work, e.g. `. > 50`."""

    when: Tree
    act: Text
    call: Call
    verified: bool


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must hold of an answer that is given, or it is to be mended: `. >= ${start}`."""

    when: Tree
    message: Text


@dataclass(frozen=True, slots=True)
class Evidence:
    """not_in: zones of the mine where no photo is asked for, e.g. "blasting", where phones are banned."""

    photo: When = "never"
    note: When = "never"
    max_photos: int = MAX_PHOTOS
    waivable: bool = True
    not_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnFail:
    hazard: bool = False
    document: DocumentKey | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """weight: of its part in the score; 0 leaves it out. explain: shown once it is answered (quizzes, training)."""

    id: str
    text: Text
    answer: AnswerSpec
    code: str | None = None
    standard: Text | None = None
    method: Text | None = None
    required: bool = True
    basis: tuple[Basis, ...] = ()
    frequency: str | None = None
    season: Season | None = None
    severity: Severity = "general"
    risk: Risk | None = None
    major_ref: str | None = None
    danger: Danger | None = None
    evidence: Evidence = Evidence()
    on_fail: OnFail = OnFail()
    relevant: Tree = None
    constraint: Constraint | None = None
    weight: float = 1.0
    explain: Text | None = None

    @property
    def number(self) -> str:
        """What is printed before the text: the source's number, shared by items that were one point there."""
        return self.code or self.id

    @property
    def verified(self) -> bool:
        return bool(self.basis) and all(basis.verified for basis in self.basis)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The section is filled once for each of something, `label` (a face, a vehicle); min and max rows."""

    min: int = 0
    max: int = 20
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: Text
    items: tuple[Item, ...]
    relevant: Tree = None
    repeat: Repeat | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    title: Text
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    role: Role
    count: int = 1


@dataclass(frozen=True, slots=True)
class AppliesTo:
    mine_types: tuple[MineType, ...] = ()
    posts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """From this score up it is called so: 优秀."""

    from_: float
    text: Text


@dataclass(frozen=True, slots=True)
class Score:
    """full × Σ weight·share / Σ weight over what counts. pass_: the least that passes. veto: items whose failure alone
    makes it 0.
    """

    full: float = FULL_MARKS
    pass_: float | None = None
    levels: tuple[Level, ...] = ()
    veto: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    kind: Kind
    title: Text
    sections: tuple[Section, ...]
    applies_to: AppliesTo = AppliesTo()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    header: tuple[Text, ...] = ()
    signatures: tuple[SignatureRequest, ...] = ()
    score: Score | None = None

    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    def to_json(self) -> dict[str, Json]:
        """The published form: JSON of form-1.json with every default left out, so that one meaning has one hash."""
        return {"schema": SCHEMA, **_json(self)}


def _json(value: Any) -> Json:
    if isinstance(value, Limit):
        return {value.bound: _json(value.value)}
    if isinstance(value, CaseLimit):
        return {"by": {"param": value.param, "cases": _json(value.cases)}}
    if is_dataclass(value):
        return {
            f.name.rstrip("_"): _json(v)
            for f in fields(value)
            if not _is_default(f, v := getattr(value, f.name))
        }
    if isinstance(value, Mapping):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_json(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_default(spec: Field[Any], value: Any) -> bool:
    if value is None or value == spec.default:
        return True
    return spec.default_factory is not MISSING and value == spec.default_factory()
