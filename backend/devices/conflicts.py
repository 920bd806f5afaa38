"""What two people changed without knowing of each other, as a third one needs it to decide: both values, each with who,
when, on which version and with which photos; the graver one is shown to everybody until then.

Who decides about a mine's records are its own people; about what belongs to a visit, its team and its bureau's heads.
Whoever's phone met the conflict may decide too: he has both before him.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission
from backend.devices.problems import CANNOT_TAKE, NOT_WAITING
from backend.devices.scopes import visible_scopes
from backend.enforcement import operations as enforcement
from backend.hazards.models import Hazard
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel import audit, paging, policy
from backend.kernel.names import names, ref
from backend.kernel.policy import ACTS, Actor, Role
from backend.sites import operations as sites
from backend.sites.models import Mine
from sync import clock, review
from sync.engine import Engine

RESOLVE = policy.allow(
    "conflict.resolve",
    {
        *(Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.DEPARTMENT_HEAD, Role.MINE_HEAD, Role.SAFETY_DIRECTOR),
        *(Role.INSPECTOR, Role.BUREAU_SECTION, Role.BUREAU_HEAD),
    },
)
Record = Submission | Hazard
Side = dict[str, Any]
_PAGE = 200


class Open(NamedTuple):
    """A conflict with the record in which it is."""

    conflict: review.Conflict
    record: Record


def page(session: Session, actor: Actor, cursor: str | None, limit: int) -> paging.Page[dict[str, Any]]:
    """Some of those that this person may decide, the oldest first. Raises INVALID (422) for a cursor that is none."""
    after = (0, "")
    if cursor is not None:
        moment, key = paging.read(cursor)
        after = (clock.to_ms(moment), str(key))
    found = list(islice(waiting(session, actor, after), limit + 1))
    rows = [told(session, one) for one in found[:limit]]
    more = len(found) > limit
    return paging.Page(rows, paging.write(rows[-1]["opened_at"], UUID(rows[-1]["id"])) if more else None)


def waiting(session: Session, actor: Actor, after: tuple[int, str] = (0, "")) -> Iterator[Open]:
    """Those that this person may decide, the oldest first. after: (opened_ms, id) of the last that was seen."""
    crew = visible_scopes(session, actor)
    while found := review.open_conflicts(session, after=after, limit=_PAGE):
        for conflict in found:
            record = _record(session, conflict.entity)
            if record is not None and _decides(session, actor, conflict, record, crew):
                yield Open(conflict, record)
        after = (found[-1].opened_ms, found[-1].id)


def find(session: Session, actor: Actor, conflict_id: UUID) -> Open:
    """Raises NOT_WAITING (409), the same for what was decided, never was, or is not his."""
    try:
        conflict = review.open_conflict(session, str(conflict_id))
    except review.NotWaiting as error:
        raise NOT_WAITING() from error
    record = _record(session, conflict.entity)
    if record is None or not _decides(session, actor, conflict, record, visible_scopes(session, actor)):
        raise NOT_WAITING()
    return Open(conflict, record)


def resolve(engine: Engine, session: Session, actor: Actor, conflict_id: UUID, keep: str, why: str) -> None:
    """Decide: the value shown stays, or the other takes its place. Raises NOT_WAITING or CANNOT_TAKE (409)."""
    conflict, record = find(session, actor, conflict_id)
    if keep == "other":
        if not isinstance(record, Submission) or not _may_take(conflict, record):
            raise CANNOT_TAKE()
        taken = {_item(clash["field"]): clash["other"] for clash in conflict.clashes}
        record.answers = record.answers | taken
    review.resolve(engine, session, conflict.id, by=str(actor.id), reason=why)
    enforcement.settled(session, actor, record.id, keep, why)
    audit.note(session, actor.id, "conflict.resolved", f"conflict:{conflict.id}", keep=keep, reason=why)


def told(session: Session, found: Open) -> dict[str, Any]:
    """A conflict in a list."""
    conflict, record = found
    whose = record.user_id if isinstance(record, Submission) else record.reporter_id
    return {
        "id": conflict.id,
        "entity": conflict.entity,
        "user": conflict.user,
        "clashes": conflict.clashes,
        "kind": "submission" if isinstance(record, Submission) else "hazard",
        "title": title(session, record),
        "visit": record.visit_id,
        "mine": ref(session.get_one(Mine, record.mine_id)),
        "person": ref(session.get_one(User, whose)),
        "opened_at": clock.from_ms(conflict.opened_ms),
    }


def detail(session: Session, found: Open) -> dict[str, Any]:
    """With both sides of each field. item: its definition, where the field is an answer; may_take: `other` is open."""
    conflict, record = found
    sides = _sides(session, conflict, record)
    by = names(session, User, {UUID(side["by"]) for pair in sides for side in pair if side["by"]})
    items = {}
    if isinstance(record, Submission):
        definition = session.get_one(FormVersion, record.form).definition
        items = {item["id"]: item for section in definition["sections"] for item in section["items"]}
    fields = [
        {
            "field": clash["field"],
            "reason": clash["reason"],
            "item": items.get(_item(clash["field"])),
            **{
                name: side | {"by": by.get(UUID(side["by"])) if side["by"] else None}
                for name, side in zip(("shown", "other"), pair, strict=True)
            },
        }
        for clash, pair in zip(conflict.clashes, sides, strict=True)
    ]
    return told(session, found) | {"sides": fields, "may_take": _may_take(conflict, record)}


def title(session: Session, record: Record) -> dict[str, str]:
    if isinstance(record, Hazard):
        return {"zh": record.what}
    found: dict[str, str] = session.get_one(FormVersion, record.form).definition["title"]
    return found


def _sides(session: Session, conflict: review.Conflict, record: Record) -> list[tuple[Side, Side]]:
    """Of each field the value shown and the other, with who, when by three clocks, on which version, which photos.

    base: the version that its author had before him, where it came by this phone.
    """
    if isinstance(record, Hazard):
        return [_states(conflict, record, clash) for clash in conflict.clashes]
    values = [clash[which] or {} for clash in conflict.clashes for which in ("shown", "other")]
    authors = {value["by"] for value in values if "by" in value}
    known = review.on_record(session, conflict.entity, authors)
    return [
        (_answer(conflict, known, clash, "shown"), _answer(conflict, known, clash, "other"))
        for clash in conflict.clashes
    ]


def _states(conflict: review.Conflict, record: Hazard, clash: dict[str, Any]) -> tuple[Side, Side]:
    moved = [event for event in record.events if event.target == clash["shown"] != event.source]
    last = moved[-1] if moved else None
    shown = _side(
        clash["shown"],
        by=str(last.actor_id) if last else None,
        at=last.at_corrected if last else None,
        device_at=last.at_device if last else None,
        received_at=last.at_server if last else None,
        evidence=last.evidence if last else {},
    )
    return shown, _side(
        clash["other"],
        by=conflict.user,
        evidence=conflict.body["args"].get("evidence", {}),
        base=conflict.body.get("base"),
        **_times(conflict),
    )


def _answer(conflict: review.Conflict, known: list[review.Told], clash: dict[str, Any], which: str) -> Side:
    """Whose it is and when he tapped it, the answer itself says; when it came, the mutation that brought it."""
    value, item = clash[which] or {}, _item(clash["field"])
    own = _said(value) == _said(conflict.body["args"]["answers"][item])
    brought = conflict if own else _brought(known, item, value)
    times = _times(brought, item) if brought else {}
    return _side(
        value,
        by=value.get("by"),
        evidence=value,
        base=conflict.body.get("base") if own else None,
        **times | ({"at": datetime.fromisoformat(value["at"])} if value.get("at") else {}),
    )


def _brought(known: list[review.Told], item: str, value: dict[str, Any]) -> review.Told | None:
    """The last mutation in which this person gave this answer."""
    for one in known:
        given = one.body["args"].get("answers", {}).get(item)
        if one.user == value.get("by") and _said(given) == _said(value):
            return one
    return None


def _times(brought: review.Conflict | review.Told, item: str | None = None) -> dict[str, datetime]:
    """By the phone's clock, corrected, and when the server had it."""
    given = brought.body["args"].get("answers", {}).get(item) or {}
    return {
        "at": clock.from_ms(brought.corrected_ms),
        "device_at": datetime.fromisoformat(given.get("at") or brought.body["wall"]),
        "received_at": clock.from_ms(brought.received_ms),
    }


def _said(answer: dict[str, Any] | None) -> dict[str, Any]:
    """Without who and when, which the server writes."""
    return {name: part for name, part in (answer or {}).items() if name not in ("by", "at")}


def _side(
    value: Any,
    *,
    by: str | None,
    evidence: dict[str, Any],
    at: datetime | None = None,
    device_at: datetime | None = None,
    received_at: datetime | None = None,
    base: Any = None,
) -> Side:
    times = {"at": at, "device_at": device_at, "received_at": received_at}
    photos = list(evidence.get("photos") or [])
    return {"value": value, "by": by, "base": base, "photos": photos, "note": evidence.get("note")} | times


def _may_take(conflict: review.Conflict, record: Record) -> bool:
    """Only answers can be swapped, before the signature, and only while what is shown is what was shown then.

    A state moves on by a move, a signed record by an amendment: never by a decision on sync.
    """
    if not isinstance(record, Submission) or record.state != "draft":
        return False
    return all(
        clash["field"].startswith("answers/") and record.answers.get(_item(clash["field"])) == clash["shown"]
        for clash in conflict.clashes
    )


def _decides(
    session: Session, actor: Actor, conflict: review.Conflict, record: Record, crew: set[str]
) -> bool:
    if conflict.user == str(actor.id):
        return True
    if record.visit_id is not None:
        own = inspections.own(session, actor, RESOLVE)
        if session.scalar(select(Visit.id).where(Visit.id == record.visit_id, own)) is not None:
            return True
        if isinstance(record, Submission) or record.known_to_mine_at is None:
            return False
    mine = {
        scope for scope in sites.lineage(session, record.mine_id) if not scope.startswith("jurisdiction:")
    }
    held = actor.roles(mine) & ACTS[RESOLVE] & policy.MINE_ROLES
    if isinstance(record, Submission) and held == {Role.TEAM_LEADER}:
        return record.home() in crew
    return bool(held)


def _record(session: Session, entity: str) -> Record | None:
    key = UUID(entity)
    return session.get(Submission, key) or session.get(Hazard, key)


def _item(field: str) -> str:
    return field.partition("/")[2]
