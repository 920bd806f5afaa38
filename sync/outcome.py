"""How mutations ended, as the wire tells it."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import tables
from sync.envelope import Json
from sync.intake import DUPLICATE, HELD, QUARANTINED, Taken

# Kept with what took effect only after a person had put it right: what its phone is told.
MENDED = "mended"


def results(session: Session, taken: Iterable[Taken]) -> list[Json]:
    """One for each entry of the runs taken, ascending by seq; of those met before, what became of them then."""
    told: dict[int, Json] = {}
    reread: dict[int, bool] = {}  # pk → whether it was met before; what was held may have been released since
    for found in taken:
        for item in found.fresh:
            if item.status in (HELD, DUPLICATE):
                reread[item.pk] = item.status == DUPLICATE
            else:
                problem = item.problem if item.status == QUARANTINED else None
                told[item.seq] = _result(item.seq, item.status, None, item.ver, item.conflict, problem)
        for seq, pk in found.known.items():
            if seq not in told:
                reread.setdefault(pk, True)
    for row in _stored(session, tables.mutation.c.pk.in_(reread)) if reread else ():
        told[row.seq] = _present(row, met_before=reread[row.pk])
    return [told[seq] for seq in sorted(told)]


def asked(session: Session, device: str, seqs: list[int]) -> list[Json]:
    """The present results of a device's seqs; those the server does not have are left out."""
    table = tables.mutation
    rows = _stored(session, and_(table.c.device == device, table.c.seq.in_(set(seqs)))) if seqs else []
    return [_present(row, met_before=False) for row in sorted(rows, key=lambda row: row.seq)]


def _stored(session: Session, condition: Any) -> list[Row[Any]]:
    """Rows with the outcome of the mutation that they are, or that they repeat."""
    here, first = tables.mutation, tables.mutation.alias("first")
    joined = here.outerjoin(first, and_(first.c.pk == here.c.same_as, here.c.status == DUPLICATE))
    names = ("status", "ver", "conflict", "problem")
    outcome = [func.coalesce(first.c[name], here.c[name]).label(name) for name in names]
    return list(session.execute(select(here.c.pk, here.c.seq, *outcome).select_from(joined).where(condition)))


def _present(row: Row[Any], *, met_before: bool) -> Json:
    status, was = (DUPLICATE, row.status) if met_before else (row.status, None)
    problem = _json(row.problem)
    mended = problem["params"] if problem and problem["code"] == MENDED else None
    why = problem if row.status == QUARANTINED else None
    told = _result(row.seq, status, was, row.ver, _json(row.conflict), why)
    return told | ({"mended": mended} if mended else {})


def _result(
    seq: int,
    status: str | None,
    was: str | None,
    ver: int | None,
    conflict: Json | None,
    problem: Json | None,
) -> Json:
    return {"seq": seq, "status": status, "was": was, "ver": ver, "conflict": conflict, "problem": problem}


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None
