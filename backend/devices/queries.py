"""What people see of quarantined work: whose it is, what is wrong with it, and, for those it concerns, what it says.

Three rows of the policy table. Who decides about a mine's people are the mine's own: its administrator, its safety
director. Who decides about officers is their bureau's section or its head: what an officer recorded may betray a visit
that nobody of a mine may know of. The system administrator has no case data: he sees that something waits and why,
and may try it again after he has mended the server; he neither reads nor discards it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Grant, User
from backend.checklists.models import Submission
from backend.devices import mending, plain
from backend.devices.problems import NOT_WAITING, reason
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.kernel import policy
from backend.kernel.names import ref
from backend.kernel.policy import MINE_ROLES, Actor, Role
from backend.shifts.models import Staff
from backend.sites import operations as sites
from backend.sites.models import Bureau
from sync import clock, review
from sync.review import NotWaiting, Waiting

DECIDE = {Role.MINE_ADMINISTRATOR, Role.SAFETY_DIRECTOR, Role.BUREAU_SECTION, Role.BUREAU_HEAD}
LIST = policy.allow("quarantine.list", DECIDE | {Role.SYSTEM_ADMINISTRATOR})
READ = policy.allow("quarantine.read", DECIDE)
REPLAY = policy.allow("quarantine.replay", DECIDE | {Role.SYSTEM_ADMINISTRATOR})
MEND = policy.allow("quarantine.mend", DECIDE)
DISCARD = policy.allow("quarantine.discard", DECIDE)

_PAGE = 200


def page(session: Session, actor: Actor, after: int, limit: int) -> dict[str, Any]:
    """What waits in the person's scopes, the oldest first. Raises DENIED (403) for those who decide nothing."""
    if not actor.scopes(LIST):
        raise policy.DENIED(act=LIST)
    items: list[dict[str, Any]] = []
    for waiting, scopes in _waiting(session, after):
        if policy.may(actor, LIST, scopes):
            if len(items) == limit:
                return {"items": items, "next": items[-1]["id"]}
            items.append(_row(session, waiting))
    return {"items": items, "next": None}


def find(session: Session, actor: Actor, pk: int, act: str) -> Waiting:
    """Raises NOT_WAITING (409), the same for what was decided, never was, or is not his to see; DENIED (403)."""
    try:
        waiting = review.quarantined(session, pk)
    except NotWaiting as error:
        raise NOT_WAITING() from error
    scopes = concerned(session, UUID(waiting.user), _mine_of(session, waiting))
    if not policy.may(actor, LIST, scopes):
        raise NOT_WAITING()
    policy.require(actor, act, scopes)
    return waiting


def detail(session: Session, waiting: Waiting) -> dict[str, Any]:
    """With what the phone sent, as it was frozen (None where nothing readable came), and what the ids in it mean.

    mendable: what can be put right.  right: where one was missing, which roles have it and what he held.
    """
    return _row(session, waiting) | {
        "body": waiting.body,
        "words": plain.words(session, waiting.body) if waiting.body else {},
        "mendable": [field._asdict() for field in mending.open_fields(waiting)],
        "right": _right(session, waiting) if waiting.problem["code"] == policy.DENIED.code else None,
    }


def _right(session: Session, waiting: Waiting) -> dict[str, Any]:
    """Which right was missing: the roles that have it, and what this person held, before and after that moment.

    What a visit gives is left out: of that nobody learns here.
    """
    at, user = clock.from_ms(waiting.corrected_ms), UUID(waiting.user)
    act = waiting.problem["params"].get("named", {}).get("act", "")
    grants = select(Grant).where(Grant.user_id == user, Grant.scope.not_like("visit:%"))
    rows = session.scalars(grants.order_by(Grant.starts_at, Grant.id)).all()
    employed = session.scalars(select(Staff.mine_id).where(Staff.user_id == user))
    return {
        "roles": [role.value for role in Role if role in policy.ACTS.get(act, ())],
        "units": sorted({row.scope for row in rows} | {f"mine:{mine}" for mine in employed}),
        "held": [
            {
                "role": row.role,
                "unit": sites.name_of(session, row.scope),
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "held": row.held().holds(at),
            }
            for row in rows
        ],
    }


def waits(session: Session, actor: Actor) -> Iterator[Waiting]:
    """All that waits in the person's scopes, the oldest first; nothing for those who decide nothing."""
    if actor.scopes(LIST):
        for waiting, scopes in _waiting(session, 0):
            if policy.may(actor, LIST, scopes):
                yield waiting


def concerned(session: Session, user_id: UUID, mine: UUID | None) -> frozenset[str]:
    """The scopes whose people decide about a person's work: his bureau's if he ever was an officer, else his mine's.

    mine: that of the work, where it tells. Who works at two has each decide about its own part.
    """
    grants = session.execute(select(Grant.role, Grant.scope).where(Grant.user_id == user_id)).all()
    official = [scope for role, scope in grants if Role(role) not in MINE_ROLES]
    if official:
        above = sites.jurisdictions(session)
        return frozenset({"all"}).union(
            *(above[key] for key in _jurisdictions(session, official) if key in above)
        )
    employed = session.scalars(select(Staff.mine_id).where(Staff.user_id == user_id))
    scopes = {scope for _, scope in grants} | {f"mine:{mine}" for mine in employed}
    mines = sites.mines_within(session, frozenset(scopes))
    ours = [one for one in mines if one.id == mine] or mines
    own = frozenset().union(*(sites.lineage(session, one) for one in ours))
    return frozenset({"all"} | {scope for scope in own if not scope.startswith("jurisdiction:")})


def _mine_of(session: Session, waiting: Waiting) -> UUID | None:
    """The mine that quarantined work is about, by its record or by what it says itself; None where neither tells."""
    body: dict[str, Any] = waiting.body or {}
    try:
        entity = UUID(body["entity"])
        record = session.get(Submission, entity) or session.get(Hazard, entity)
        return record.mine_id if record else UUID(body["args"]["mine"])
    except (KeyError, TypeError, ValueError, AttributeError):  # whatever a phone sent
        return None


def _jurisdictions(session: Session, scopes: list[str]) -> Iterator[UUID]:
    for scope in scopes:
        kind, _, key = scope.partition(":")
        if kind == "jurisdiction":
            yield UUID(key)
        elif kind == "visit":
            of_visit = select(Bureau.jurisdiction_id).join(Visit, Visit.bureau_id == Bureau.id)
            yield from session.scalars(of_visit.where(Visit.id == UUID(key)))


def _waiting(session: Session, after: int) -> Iterator[tuple[Waiting, frozenset[str]]]:
    known: dict[tuple[str, UUID | None], frozenset[str]] = {}
    while found := review.quarantine(session, after=after, limit=_PAGE):
        for waiting in found:
            whose = waiting.user, _mine_of(session, waiting)
            if whose not in known:
                known[whose] = concerned(session, UUID(waiting.user), whose[1])
            yield waiting, known[whose]
        after = found[-1].pk


def _row(session: Session, waiting: Waiting) -> dict[str, Any]:
    return {
        "id": waiting.pk,
        "person": ref(session.get_one(User, UUID(waiting.user))),
        "device": waiting.device,
        "seq": waiting.seq,
        "op": waiting.body.get("op") if waiting.body else None,
        "entity": waiting.body.get("entity") if waiting.body else None,
        "problem": reason(waiting.problem),
        "at": clock.from_ms(waiting.corrected_ms),
        "received_at": clock.from_ms(waiting.received_ms),
    }
