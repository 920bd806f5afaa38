"""What a paper says, from the rows that a phone holds: the cases that the phone's own draft.ts is judged by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.documents.render import check, data_hash
from backend.enforcement import drafts

CASES = json.loads(
    (Path(__file__).parents[2] / "pwa/src/field/visits/drafts.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_a_paper_says_is_what_the_phone_would_have_it_say(case: dict[str, Any]) -> None:
    said = (case["visit"], case["mine"], case["bureau"], case["hazards"], case["signatures"])
    common = (*said, case["number"], case["verify_base"])
    later = case.get("supplement")
    made = (
        drafts.rectify_order(*common, issued_at=case["at"], deadlines=case["deadlines"], supplement=later)
        if case["kind"] == "rectify_order"
        else drafts.inspection_record(*common, ended_at=case["at"], supplement=later)
    )
    assert made == case["data"]
    assert data_hash(case["kind"], made) == case["data_hash"]
    wrong = [one for one in check(case["kind"], made, assets={}) if one.blocking]
    unsigned = case["name"] == "a record before the officers signed"
    assert bool(wrong) == unsigned
