"""What a visit's papers say, put together from its rows. Twin: pwa/src/field/visits/draft.ts, on the same cases.

The rows are those that a phone holds (`row()` of visit, mine, bureau, hazard), so both twins start from the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.kernel.clock import ZONE

Json = dict[str, Any]


def inspection_record(
    visit: Json,
    mine: Json,
    bureau: Json,
    hazards: Sequence[Json],
    signatures: Mapping[str, Json],
    number: str,
    verify_base: str,
    ended_at: str,
) -> Json:
    """Data of 现场检查记录. signatures: by user id, as the phone took them; the mine's answer is in the visit."""
    return _common(visit, mine, bureau, signatures, number, verify_base) | {
        "place": visit["place"] or mine["name"],
        "start": _minute(visit["opened_at"]),
        "end": _minute(ended_at),
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
) -> Json:
    """Data of 责令限期整改指令书. deadlines: by hazard id, local dates."""
    return _common(visit, mine, bureau, signatures, number, verify_base) | {
        "findings": [_finding(hazard) | {"deadline": deadlines[hazard["id"]]} for hazard in hazards],
        "remedies": bureau["remedies"],
        "issued_on": _day(issued_at),
    }


def _common(
    visit: Json, mine: Json, bureau: Json, signatures: Mapping[str, Json], number: str, verify_base: str
) -> Json:
    return {
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
        "site_representative": _representative(visit["representative"]),
        "verify_base": verify_base,
    }


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
    where = f"{hazard['where']}：" if hazard["where"] else ""
    return {
        "text": f"{where}{hazard['what']}",
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
