"""What the desk asks about visits. Until it is opened, a visit is there for its team and its bureau's heads only.

Every list that could betray a visit (hazards found, papers drawn up, sheets filled) takes its condition from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists.models import LIBRARY, FormVersion
from backend.hazards import operations as hazards
from backend.inspections import operations
from backend.inspections.models import Visit
from backend.inspections.operations import PREPARE, READ
from backend.inspections.workflow import MOVES
from backend.kernel import policy
from backend.kernel.db import get, now
from backend.kernel.names import names, ref
from backend.kernel.paging import Page, newest_first
from backend.kernel.policy import ACTS, Actor, Role
from backend.kernel.problems import NOT_FOUND
from backend.sites import queries as sites
from backend.sites.models import Bureau, Mine

HEADS = frozenset({Role.BUREAU_SECTION, Role.BUREAU_HEAD})
CHECKED_ON_SITE = ("spot_check", "sweep", "reinspection", "acceptance")
KINDS = (
    *("四不两直", "双随机", "专项", "突击夜查", "暗访", "交叉", "专家会诊", "回马枪", "线上巡查"),
    *("首次许可核查", "复工复产验收"),
)


def visible(session: Session, actor: Actor, act: str = READ) -> ColumnElement[bool]:
    """The visits that lend a person `act`: his own, and once they are opened those of every bureau where his role
    allows it. Nobody of a mine holds such a role.
    """
    bureaus = _bureaus(session, actor, ACTS[act] - policy.MINE_ROLES)
    return or_(own(session, actor, act), Visit.bureau_id.in_(bureaus) & Visit.opened_at.is_not(None))


def own(session: Session, actor: Actor, act: str = READ) -> ColumnElement[bool]:
    """The visits of his teams, and those of the bureaus in which he heads: prepared ones too."""
    teams = [UUID(scope.removeprefix("visit:")) for scope in actor.scopes(act) if scope.startswith("visit:")]
    return or_(Visit.id.in_(teams), Visit.bureau_id.in_(_bureaus(session, actor, HEADS & ACTS[act])))


def find(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """The visit. Raises NOT_FOUND (404), the same for one that is hidden and one that is not there."""
    visit = session.scalar(select(Visit).where(Visit.id == visit_id, visible(session, actor)))
    if visit is None:
        raise NOT_FOUND()
    return visit


def page(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Page[Visit]:
    """wanted: mine, state, cursor, limit. Raises DENIED (403) for those whose role reads no visits."""
    if not actor.scopes(READ):
        raise policy.DENIED(act=READ)
    query = select(Visit).where(visible(session, actor))
    if wanted.get("mine"):
        query = query.where(Visit.mine_id == wanted["mine"])
    if wanted.get("state"):
        query = query.where(Visit.state.in_(wanted["state"]))
    return newest_first(session, query, Visit.prepared_at, Visit.id, wanted.get("cursor"), wanted["limit"])


def rows(session: Session, visits: Sequence[Visit]) -> list[dict[str, Any]]:
    mines = names(session, Mine, {visit.mine_id for visit in visits})
    bureaus = names(session, Bureau, {visit.bureau_id for visit in visits})
    titles = _titles(session, {visit.form for visit in visits})
    return [
        {
            "id": visit.id,
            "kind": visit.kind,
            "mine": mines[visit.mine_id],
            "bureau": bureaus[visit.bureau_id],
            "form": {"id": visit.form, "title": titles[visit.form]},
            "state": visit.state,
            "team": visit.team,
            "purpose": visit.purpose,
            "prepared_at": visit.prepared_at,
            "opened_at": visit.opened_at,
            "explained_at": visit.explained_at,
        }
        for visit in visits
    ]


def detail(session: Session, actor: Actor, visit: Visit) -> dict[str, Any]:
    [row] = rows(session, [visit])
    tellers = names(session, User, {UUID(later["by"]) for later in visit.supplements})
    return row | {
        "ver": visit.ver,
        "place": visit.place,
        "representative": visit.representative,
        "supplements": [
            later
            | {"at": datetime.fromisoformat(later["at"]), "by": tellers[UUID(later["by"])]}
            | {"findings": [UUID(finding) for finding in later["findings"]]}
            for later in visit.supplements
        ],
        "untold": len(hazards.untold(session, visit.id)) if visit.explained_at else 0,
        "prepared_by": ref(get(session, User, visit.prepared_by)),
        "submission": visit.submission_id,
        "moves": list(MOVES.open_to(actor, visit)),
    }


def choices(session: Session, actor: Actor) -> dict[str, Any]:
    """What a visit can be prepared from. Raises DENIED (403)."""
    mines = sites.mines(session, actor, PREPARE)
    bureaus = sites.bureaus(session, actor.scopes(PREPARE))
    # A mine's own list is what it checks itself by, not what it is checked by.
    forms = session.scalars(
        select(FormVersion)
        .where(FormVersion.kind.in_(CHECKED_ON_SITE), FormVersion.retired_at.is_(None))
        .where(or_(FormVersion.owner == LIBRARY, FormVersion.owner.startswith("jurisdiction:")))
        .order_by(FormVersion.key)
    )
    people = {
        officer.id: officer
        for bureau in bureaus
        for officer in operations.entitled(session, bureau, Role.INSPECTOR)
    }
    at = now(session)
    return {
        "kinds": KINDS,
        "mines": [{"id": row.id, "name": row.name, "kind": row.kind} for row in mines],
        "bureaus": [ref(bureau) for bureau in bureaus],
        "forms": [
            {
                "id": row.id,
                "kind": row.kind,
                "title": row.definition["title"],
                "mine_types": row.definition.get("applies_to", {}).get("mine_types", []),
            }
            for row in forms
        ],
        "officers": [
            {
                "id": row.id,
                "name": row.name,
                "certificate_no": row.certificate_no,
                "valid": bool(row.certificate_until and row.certificate_until > at),
            }
            for row in sorted(people.values(), key=lambda row: (row.name, row.id))
        ],
    }


def plan(session: Session, body: Mapping[str, Any]) -> tuple[Mine, Bureau, FormVersion, list[UUID]]:
    """The mine, bureau, checklist and team that a request names, once they go together.

    Raises NOT_FOUND (404).
    """
    mine, bureau = get(session, Mine, body["mine"]), get(session, Bureau, body["bureau"])
    return mine, bureau, get(session, FormVersion, body["form"]), body["team"]


def _bureaus(session: Session, actor: Actor, roles: frozenset[Role]) -> list[UUID]:
    """The bureaus in whose jurisdiction he holds one of these roles now."""
    scopes = frozenset(held.scope for held in actor.grants if held.role in roles and held.holds(actor.at))
    return [bureau.id for bureau in sites.bureaus(session, scopes)]


def _titles(session: Session, forms: set[str]) -> dict[str, dict[str, str]]:
    found = session.execute(
        select(FormVersion.id, FormVersion.definition["title"]).where(FormVersion.id.in_(forms))
    )
    return dict(found.all())
