"""What is taken for a signature: drawn on a pad, of a size that a pad gives."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest

from backend.devices import schemas
from backend.kernel.validation import field_errors
from tests.backend.desk import Desk

DRAWN = {"viewbox": [2000, 800], "strokes": [[[0, 0, 0], [2000, 800, 86_400_000]], [[1, 1, 1]]]}
SAID = {"role": "filler", "name": "张演示", "at": "2026-03-02T08:00:00Z", "hash": "0" * 64}
REFUSED = {"reason": "不愿签字", "witness": "陈试行", "witness_strokes": DRAWN}
ANSWER = {"name": "褚试行", "position": "矿长"}


def wrong(schema: ma.Schema, given: Any) -> list[str]:
    """Where the schema finds fault."""
    try:
        schema.load(given)
    except ma.ValidationError as error:
        return [found.pointer for found in field_errors(error.messages)]
    return []


def test_what_a_pad_gives_is_taken() -> None:
    assert wrong(schemas.SignatureSchema(), SAID | {"strokes": DRAWN}) == []


@pytest.mark.parametrize(
    ("strokes", "where"),
    [
        ({"viewbox": [2000, 800], "strokes": []}, "/strokes"),
        ({"viewbox": [2000, 800], "strokes": [[]]}, "/strokes/0"),
        ({"viewbox": [0, 800], "strokes": [[[0, 0, 0]]]}, "/viewbox/0"),
        ({"viewbox": [2000, 10**30], "strokes": [[[0, 0, 0]]]}, "/viewbox/1"),
        ({"viewbox": [2000, 800], "strokes": [[[1, 1, 1]], [[1, 801, 0]]]}, "/strokes/1"),
        ({"viewbox": [2000, 800], "strokes": [[[-1, 0, 0]]]}, "/strokes/0"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0, 10**30]]]}, "/strokes/0"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0, 0.5]]]}, "/strokes/0/0/2"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0]]]}, "/strokes/0/0"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0, 0]] * 5001]}, "/strokes/0"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0, 0]] * 5000] * 5}, "/strokes"),
        ({"viewbox": [2000, 800], "strokes": [[[0, 0, 0]]] * 1001}, "/strokes"),
    ],
)
def test_what_no_pad_gives_is_named(strokes: dict[str, Any], where: str) -> None:
    assert wrong(schemas.StrokesSchema(), strokes) == [where]


def test_only_the_mines_answer_on_a_visit_can_be_a_refusal() -> None:
    refused = SAID | {"refused": REFUSED}
    assert wrong(schemas.RepresentativeSchema(), ANSWER | {"signature": refused}) == []
    assert set(wrong(schemas.SignatureSchema(), refused)) == {"/refused", "/strokes"}
    moved = {"act": "close", "seen": 1, "evidence": {"signature": refused}}
    assert set(wrong(schemas.HazardMoveSchema(), moved)) == {
        "/evidence/signature/refused",
        "/evidence/signature/strokes",
    }


def test_a_desk_that_sends_a_scrawl_beyond_the_pad_is_told_where(desk: Desk) -> None:
    hazard = desk.world.reports("zuanyan")
    signature = SAID | {"strokes": {"viewbox": [10, 10], "strokes": [[[11, 0, 0]]]}}
    answer = desk.post(
        "anquan", f"/hazards/{hazard}/close", {"seen": 1, "evidence": {"signature": signature}}
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/evidence/signature/strokes/strokes/0"
