"""What a visit's papers say, put together from its rows. Twin: pwa/src/field/visits/draft.ts, on the same cases.

The rows are those that a phone holds (`row()` of visit, mine, bureau, hazard), so both twins start from the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from backend.kernel.clock import ZONE

Json = dict[str, Any]


class Supplement(TypedDict):
    """What is told after the visit was explained. record: the number of the record that the paper adds to.

    at: when it was told.  representative: who answered for the mine then.
    """

    record: str
    at: str
    representative: Json


def inspection_record(
    visit: Json,
    mine: Json,
    bureau: Json,
    hazards: Sequence[Json],
    signatures: Mapping[str, Json],
    number: str,
    verify_base: str,
    ended_at: str,
    supplement: Supplement | None = None,
) -> Json:
    """Data of 现场检查记录. signatures: by user id, as the phone took them; the mine's answer is in the visit.

    hazards: those that the paper cites. The inspection of a supplement ended when it was explained, or with the last
    finding.
    """
    ends = [visit["explained_at"], *(row["reported_at"] for row in hazards)] if supplement else [ended_at]
    return _common(visit, mine, bureau, signatures, number, verify_base, supplement) | {
        "place": visit["place"] or mine["name"],
        "start": _minute(visit["opened_at"]),
        "end": _minute(max(ends, key=datetime.fromisoformat)),
        "credentials_shown": True,
        "findings": [_finding(hazard) for hazard in hazards],
    }


def rectify_order(
    visit: Json,
    mine: Json,
    bureau: Json,
    hazards: Sequence[Json],
    signatures: Mapping[str, Json],
    number: str,
    verify_base: str,
    issued_at: str,
    deadlines: Mapping[str, str],
    supplement: Supplement | None = None,
) -> Json:
    """Data of 责令限期整改指令书. deadlines: by hazard id, local dates."""
    return _common(visit, mine, bureau, signatures, number, verify_base, supplement) | {
        "findings": [_finding(hazard) | {"deadline": deadlines[hazard["id"]]} for hazard in hazards],
        "remedies": bureau["remedies"],
        "issued_on": _day(issued_at),
    }


def text_of(hazard: Json) -> str:
    """How a paper words a hazard."""
    where = f"{hazard['where']}：" if hazard["where"] else ""
    return f"{where}{hazard['what']}"


def _common(
    visit: Json,
    mine: Json,
    bureau: Json,
    signatures: Mapping[str, Json],
    number: str,
    verify_base: str,
    supplement: Supplement | None,
) -> Json:
    answered = supplement["representative"] if supplement else visit["representative"]
    said = {
        "state": "issued",
        "bureau": {"name": bureau["name"], "abbr": bureau["abbr"]},
        "number": number,
        "mine": {
            "name": mine["name"],
            "address": mine["address"],
            "legal_person": mine["legal_person"],
            "position": mine["legal_person_position"],
            "phone": mine["phone"],
        },
        # An expert advises; the paper is the officers'.
        "officers": [
            _officer(member, signatures.get(member["user"]))
            for member in visit["team"]
            if member.get("role") != "expert"
        ],
        "site_representative": _representative(answered),
        "verify_base": verify_base,
    }
    if supplement:
        said["supplement"] = {"record": supplement["record"], "told": _minute(supplement["at"])}
    return said


def _officer(member: Json, signature: Json | None) -> Json:
    until = _day(member["certificate_until"])
    officer = {"name": member["name"], "certificate": member["certificate_no"], "valid_until": until}
    return officer | ({"signature": _signature(signature)} if signature else {})


def _representative(given: Json) -> Json:
    person: Json = {"name": given["name"], "position": given["position"]}
    taken = given["signature"]
    refused = taken.get("refused")
    if not refused:
        return person | {"signature": _signature(taken)}
    witness = {"ink": refused["witness_strokes"], "on": _day(taken["at"])}
    return person | {
        "refusal": {
            "reason": refused["reason"],
            "on": _day(taken["at"]),
            "witness": {"name": refused["witness"], "signature": witness},
        }
    }


def _signature(taken: Json) -> Json:
    return {"ink": taken["strokes"], "on": _day(taken["at"])}


def _finding(hazard: Json) -> Json:
    """A hazard as the paper tells it. Photos stay in the case file: paper and stamp need none."""
    return {
        "text": text_of(hazard),
        "bases": [
            {"code": basis["code"], "clause": basis.get("clause"), "verified": bool(basis.get("verified"))}
            for basis in hazard["basis"]
        ],
        "major": hazard["severity"] == "major",
    }


def _minute(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZONE).isoformat(timespec="minutes")


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZONE).date().isoformat()
