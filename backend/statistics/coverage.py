"""Who has done their lists. Coverage = lists done / lists due by the roll; people are listed, never ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission, Task
from backend.checklists.operations import READ
from backend.kernel.clock import local_day
from backend.kernel.db import now
from backend.kernel.names import ref
from backend.kernel.policy import Actor
from backend.shifts.models import Shift, Staff
from backend.sites import queries as sites
from backend.sites.models import Mine, Place

# Of several submissions of one list the one that went furthest is shown.
FURTHEST = ("draft", "signed", "countersigned")


def read(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """wanted: mine, day (default: today), shift (its name). Rows of persons only when one mine is asked for.

    Raises DENIED (403), NOT_FOUND (404) for a mine that is not among the actor's.
    """
    mines = sites.mines(session, actor, READ, wanted["mine"])
    day = wanted["day"] or local_day(now(session))
    return {
        "day": day,
        "summary": summary(session, mines, day, wanted["shift"]),
        "rows": rows(session, mines, day, wanted["shift"]) if wanted["mine"] else [],
    }


def everybody(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of every mine asked for, for a file. Raises as `read` does."""
    mines = sites.mines(session, actor, READ, wanted["mine"])
    return rows(session, mines, wanted["day"] or local_day(now(session)), wanted["shift"])


def summary(session: Session, mines: Sequence[Mine], day: date, shift: str | None) -> list[dict[str, Any]]:
    """Per mine and shift: how many lists are due by the roll, done, countersigned, and how many points failed."""
    done, seen = Task.state == "done", Submission.state == "countersigned"
    query = (
        select(
            Shift.mine_id,
            Shift.name,
            func.count(Task.id.distinct()),
            func.count(case((done, Task.id)).distinct()),
            func.count(case((seen, Task.id)).distinct()),
            func.coalesce(func.sum(Submission.fails), 0),
        )
        .join(Task, Task.shift_id == Shift.id)
        .outerjoin(Submission, Submission.task_id == Task.id)
        .where(Shift.mine_id.in_([mine.id for mine in mines]), Shift.day == day, Task.state != "withdrawn")
        .group_by(Shift.mine_id, Shift.name, Shift.starts_at)
        .order_by(Shift.starts_at)
    )
    if shift:
        query = query.where(Shift.name == shift)
    found: dict[UUID, list[Any]] = {}
    for mine_id, *counts in session.execute(query):
        found.setdefault(mine_id, []).append(counts)
    return [
        {
            "mine": ref(mine),
            "shift": name,
            "due": due,
            "done": done_count,
            "countersigned": countersigned,
            "fails": fails,
        }
        for mine in mines
        for name, due, done_count, countersigned, fails in found.get(mine.id, [])
    ]


def rows(session: Session, mines: Sequence[Mine], day: date, shift: str | None) -> list[dict[str, Any]]:
    """Per person and post: which list, how far it is, when it was signed, what failed, who countersigned."""
    query = (
        select(
            Task,
            Mine.name.label("mine"),
            Shift.day,
            User.name.label("person"),
            Staff.team,
            Place.name.label("place"),
            Submission.id.label("submission"),
            Submission.state,
            Submission.signed_at,
            Submission.fails,
            Submission.signatures["team_leader"]["name"].as_string().label("countersigned_by"),
        )
        .join(Shift, Task.shift_id == Shift.id)
        .join(Mine, Task.mine_id == Mine.id)
        .join(User, Task.user_id == User.id)
        .outerjoin(Staff, (Staff.user_id == Task.user_id) & (Staff.mine_id == Task.mine_id))
        .outerjoin(Place, Task.place_id == Place.id)
        .outerjoin(Submission, Submission.task_id == Task.id)
        .where(Shift.mine_id.in_([mine.id for mine in mines]), Shift.day == day, Task.state != "withdrawn")
        .order_by(Mine.name, Shift.starts_at, Staff.team, User.name, Task.post, Task.id)
    )
    if shift:
        query = query.where(Shift.name == shift)
    found = session.execute(query).all()
    titles = _titles(session, {row.Task.form for row in found})
    at = now(session)
    return [_shown(row, titles[row.Task.form], at) for row in _one_a_task(found)]


def _one_a_task(found: Iterable[Any]) -> Iterable[Any]:
    furthest: dict[UUID, Any] = {}
    for row in found:
        known = furthest.get(row.Task.id)
        if known is None or FURTHEST.index(row.state) > FURTHEST.index(known.state):
            furthest[row.Task.id] = row
    return furthest.values()


def _shown(row: Any, title: dict[str, str], at: datetime) -> dict[str, Any]:
    task: Task = row.Task
    return {
        "task": task.id,
        "submission": row.submission,
        "mine": {"id": task.mine_id, "name": row.mine},
        "day": row.day,
        "shift": task.shift_name,
        "person": {"id": task.user_id, "name": row.person},
        "team": row.team or "",
        "post": task.post,
        "place": row.place,
        "title": title,
        "due_at": task.due_at,
        "state": _state(task, row.state, at),
        "signed_at": row.signed_at,
        "late": row.signed_at is not None and row.signed_at > task.due_at,
        "fails": row.fails if row.state not in (None, "draft") else None,
        "countersigned_by": row.countersigned_by,
    }


def _state(task: Task, submission: str | None, at: datetime) -> str:
    """open, begun, missed (its shift is over), signed, countersigned."""
    if submission in ("signed", "countersigned"):
        return submission
    if task.due_at < at:
        return "missed"
    return "begun" if submission == "draft" else "open"


def _titles(session: Session, forms: set[str]) -> dict[str, dict[str, str]]:
    found = session.execute(
        select(FormVersion.id, FormVersion.definition["title"]).where(FormVersion.id.in_(forms))
    )
    return dict(found.all())
