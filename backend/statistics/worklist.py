"""What waits for a person, by the roles he holds: each group is counted exactly, and its first few are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import catalogue
from backend.checklists import operations as checklists
from backend.checklists.models import FormVersion, Submission, Task
from backend.devices import conflicts
from backend.devices import queries as quarantine
from backend.devices.problems import reason
from backend.enforcement import operations as enforcement
from backend.enforcement import queries as documents
from backend.enforcement.models import Document
from backend.hazards import operations as hazards
from backend.hazards import queries as hazard_queries
from backend.hazards.models import Hazard
from backend.hazards.workflow import MOVES
from backend.inspections import queries as inspections
from backend.inspections.models import Visit
from backend.kernel.db import now
from backend.kernel.names import names
from backend.kernel.policy import ACTS, Actor, Role
from backend.kernel.workflow import Move
from backend.shifts.models import Shift, Staff
from backend.sites import operations as sites
from sync import clock

NAMED = 8  # items named in a group; the rest is behind its link
RECENT = timedelta(days=7)

# The moves that somebody waits for; the others (send back, reject, reopen) are what he may do instead.
WAITS = ("confirm", "assign", "start", "rectify", "verify", "close")
# These wait for the person whom the plan names, not for everybody with the role.
OF_THE_RESPONSIBLE = ("start", "rectify")


@dataclass(frozen=True)
class Group:
    """key: what is to be done, as `hazard.confirm`.  items: the oldest first."""

    key: str
    count: int
    items: list[dict[str, Any]]


def read(session: Session, actor: Actor) -> list[Group]:
    """Everything that waits for this person; groups with nothing in them are left out."""
    lineages = sites.lineages(session)
    mines = {mine.id: mine.name for mine in lineages}
    roles = {mine.id: actor.roles(scopes) for mine, scopes in lineages.items()}
    desk = _Desk(session, actor, now(session), mines, roles)
    groups = (group for part in PARTS for group in part(desk))
    return [group for group in groups if group.count]


class _Desk(NamedTuple):
    session: Session
    actor: Actor
    at: datetime
    mines: dict[UUID, str]
    roles: dict[UUID, frozenset[Role]]

    def where(self, roles: frozenset[Role] | set[Role]) -> list[UUID]:
        """The mines in which the person holds one of these roles."""
        return [mine for mine, held in self.roles.items() if held & roles]


def _hazards_to_move(desk: _Desk) -> Iterator[Group]:
    """One group an act, straight from the table of moves."""
    known = or_(Hazard.visit_id.is_(None), Hazard.known_to_mine_at.is_not(None))
    for act in WAITS:
        open_to = [_open_to(desk, move) for move in MOVES.moves if move.act == act]
        yield _hazards(desk, f"hazard.{act}", known & or_(false(), *open_to))


def _open_to(desk: _Desk, move: Move) -> ColumnElement[bool]:
    """The row of the table as a condition: which hazards this person may move so."""
    conditions = [Hazard.state == move.source, Hazard.mine_id.in_(desk.where(move.by))]
    conditions += [getattr(Hazard, name) == value for name, value in move.when.items()]
    if move.unless_did:
        doer = Hazard.doers[move.unless_did].as_string()
        conditions.append(or_(doer.is_(None), doer != str(desk.actor.id)))
    if move.act in OF_THE_RESPONSIBLE:
        conditions.append(_given_to(desk))
    return and_(*conditions)


def _given_to(desk: _Desk) -> ColumnElement[bool]:
    """The plan names this person as the responsible one."""
    own = desk.session.scalars(select(Staff.id).where(Staff.user_id == desk.actor.id))
    named: ColumnElement[bool] = Hazard.plan["person"].as_string().in_([str(key) for key in own])
    return named


def _hazards_overdue(desk: _Desk) -> Iterator[Group]:
    """For those who oversee the mine, and for the responsible one; not for everybody who works there."""
    if desk.actor.scopes(hazards.READ):
        oversees = Hazard.mine_id.in_(desk.where(ACTS[hazards.READ] - {Role.WORKER}))
        seen = hazard_queries.visible(desk.session, desk.actor)
        late = seen & or_(oversees, _given_to(desk)) & hazard_queries.overdue(desk.session)
        yield _hazards(desk, "hazard.overdue", late)


def _hazards(desk: _Desk, key: str, condition: ColumnElement[bool]) -> Group:
    query = select(Hazard).where(condition)

    def shown(row: Hazard) -> dict[str, Any]:
        return _item("hazard", row.id, row.what, desk.mines[row.mine_id], row.reported_at, row.due_at)

    return _group(desk, key, query, Hazard.reported_at, shown)


def _lists_to_countersign(desk: _Desk) -> Iterator[Group]:
    """Those of his own team: others may countersign too, but they do not wait for them."""
    teams = desk.session.execute(
        select(Staff.mine_id, Staff.team).where(
            Staff.user_id == desk.actor.id, Staff.mine_id.in_(desk.where({Role.TEAM_LEADER}))
        )
    ).all()
    crew = [and_(Staff.mine_id == mine, Staff.team == team) for mine, team in teams]
    query = (
        select(Submission)
        .join(Staff, (Staff.user_id == Submission.user_id) & (Staff.mine_id == Submission.mine_id))
        .where(
            Submission.state == "signed", Submission.visit_id.is_(None), Submission.user_id != desk.actor.id
        )
        .where(or_(false(), *crew))
    )

    def shown(row: Submission) -> dict[str, Any]:
        person = desk.session.get_one(User, row.user_id).name
        title = desk.session.get_one(FormVersion, row.form).definition["title"]["zh"]
        name = f"{person} · {title}"
        return _item(
            "submission", row.id, name, desk.mines[row.mine_id], row.signed_at or row.opened_at, None
        )

    yield _group(desk, "submission.countersign", query, Submission.signed_at, shown)


def _lists_missed(desk: _Desk) -> Iterator[Group]:
    """Mines in which lists of the last day's shifts were not done: one item a mine and shift."""
    mines = [mine.id for mine in sites.mines_within(desk.session, desk.actor.scopes(checklists.READ))]
    query = (
        select(Shift, func.count(Task.id))
        .join(Task, Task.shift_id == Shift.id)
        .where(Shift.mine_id.in_(mines), Task.state == "open")
        .where(Task.due_at < desk.at, Task.due_at >= desk.at - timedelta(days=1))
        .group_by(Shift.id)
        .order_by(Shift.starts_at)
    )
    found = desk.session.execute(query).all()
    items = [
        _item(
            "coverage", shift.mine_id, shift.name, desk.mines[shift.mine_id], shift.starts_at, shift.ends_at
        )
        | {"count": count, "day": shift.day}
        for shift, count in found
    ]
    yield Group("submission.missed", sum(count for _, count in found), items[:NAMED])


def _lists_to_sign(desk: _Desk) -> Iterator[Group]:
    """New versions of lists whose approval has come to this person."""
    found = catalogue.waiting(desk.session, desk.actor)
    owners = catalogue.owner_names(desk.session, {row.owner for row in found})
    items = [
        _item("form", row.id, catalogue.title(row)["zh"], owners[row.owner], row.changed_at, None)
        for row in found[:NAMED]
    ]
    yield Group("form.sign", len(found), items)


def _visits(desk: _Desk) -> Iterator[Group]:
    """The visits of his teams, and of the bureau that he heads, by what has to be done next."""
    own = inspections.own(desk.session, desk.actor)

    def shown(row: Visit) -> dict[str, Any]:
        return _item("visit", row.id, row.purpose, desk.mines[row.mine_id], row.prepared_at, None)

    late = Visit.explained_at.is_not(None) & hazard_queries.untold(Visit.id)
    yield _group(desk, "visit.untold", select(Visit).where(own, late), Visit.explained_at, shown)
    for state in ("prepared", "opened", "explained"):
        query = select(Visit).where(own, Visit.state == state)
        yield _group(desk, f"visit.{state}", query, Visit.prepared_at, shown)


def _set_aside(desk: _Desk) -> Iterator[Group]:
    """Work from phones that waits for somebody like him to decide."""
    found = list(quarantine.waits(desk.session, desk.actor))
    people = names(desk.session, User, {UUID(one.user) for one in found[:NAMED]})
    items = [
        _item("quarantine", one.pk, people[UUID(one.user)]["name"], "", clock.from_ms(one.received_ms), None)
        | {"why": {name: reason(one.problem)[name] for name in ("zh", "en")}}
        for one in found[:NAMED]
    ]
    yield Group("quarantine.decide", len(found), items)


def _conflicts(desk: _Desk) -> Iterator[Group]:
    """What two people changed without knowing of each other, where he may decide."""
    found = list(conflicts.waiting(desk.session, desk.actor))
    told = [conflicts.told(desk.session, one) for one in found[:NAMED]]
    items = [
        _item("conflict", one["id"], one["title"]["zh"], one["mine"]["name"], one["opened_at"], None)
        for one in told
    ]
    yield Group("conflict.resolve", len(found), items)


def _documents_superseded(desk: _Desk) -> Iterator[Group]:
    """Papers whose place another one took this week: the old ones must not be worked by any more."""
    if not desk.actor.scopes(enforcement.READ):
        return
    later = select(Document.supersedes_id).where(Document.received_at >= desk.at - RECENT)
    query = select(Document).where(
        Document.state == "superseded", Document.id.in_(later), documents.visible(desk.session, desk.actor)
    )

    def shown(row: Document) -> dict[str, Any]:
        return _item("document", row.id, row.number, desk.mines[row.mine_id], row.issued_at, None)

    yield _group(desk, "document.superseded", query, Document.issued_at, shown)


PARTS: tuple[Callable[[_Desk], Iterator[Group]], ...] = (
    _hazards_overdue,
    _hazards_to_move,
    _lists_to_countersign,
    _lists_missed,
    _lists_to_sign,
    _visits,
    _conflicts,
    _set_aside,
    _documents_superseded,
)


def _group(
    desk: _Desk, key: str, query: Select[Any], at: Any, shown: Callable[[Any], dict[str, Any]]
) -> Group:
    count = desk.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = desk.session.scalars(query.order_by(at).limit(NAMED)) if count else ()
    return Group(key, count, [shown(row) for row in rows])


def _item(
    kind: str, key: UUID | str | int, title: str, mine: str, at: datetime, due_at: datetime | None
) -> dict[str, Any]:
    return {"kind": kind, "id": str(key), "title": title, "mine": mine, "at": at, "due_at": due_at}
