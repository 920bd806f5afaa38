"""A list on paper: what a blank says of a version or of somebody's list for a shift, and how it is entered later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists.models import FormVersion, Submission, Task
from backend.checklists.operations import READ, SIGNED, may_fill
from backend.checklists.versions import definition
from backend.documents.layout import UNVERIFIED
from backend.documents.templates.checklist_blank import Answer, Blank, Part, Point
from backend.kernel import audit
from backend.kernel.clock import ZONE, Captured, local_day
from backend.kernel.db import get, now
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND
from backend.sites import operations as sites
from backend.sites.models import Jurisdiction, Mine, Place
from backend.uploads import operations as uploads
from forms.definition import Basis, Definition, Item, Section
from forms.library import post_name
from forms.limits import Pinned, PinnedLimits, describe, resolve
from forms.messages import say

SHORT = 16  # hexadecimal digits of a version's hash, as in print
ROWS = 10  # blank lines for a repeated section; as many as must be filled, where that is more
SIGNERS = {
    "filler": "填表人",
    "team_leader": "班组长",
    "inspector": "检查人员",
    "site_representative": "现场负责人",
}
ANSWERS: dict[str, Answer] = {
    **{"check": "check", "number": "number", "text": "text", "choice": "options", "choices": "options"},
    **{"date": "day", "time": "clock", "datetime": "moment", "person": "line", "place": "line"},
    **{"photo": "photo", "signature": "line", "calculated": "calculated", "note": "note"},
}


def blank(session: Session, actor: Actor, form: FormVersion, task_id: UUID | None, field: str) -> Blank:
    """The blank of a version; of a task: with whose it is, where and when, and the items that are due.

    field: the address of the app for phones. Raises NOT_FOUND (404) for a task that is hidden or of another version.
    """
    task = _task(session, actor, form, task_id) if task_id else None
    parsed = definition(session, form.id)
    mine = get(session, Mine, task.mine_id) if task else _owner(session, form)
    limits = _limits(session, parsed, mine)
    address = f"{field}#/paper/{form.id[:SHORT]}{f'/{task.id}' if task else ''}"
    signers = dict.fromkeys(("filler", *(one.role for one in parsed.signatures for _ in range(one.count))))
    return Blank(
        title=parsed.title["zh"],
        version=form.number,
        short=" ".join(form.id[at : at + 4] for at in range(0, SHORT, 4)).upper(),
        address=address,
        facts=tuple(_facts(session, mine, task)),
        parts=tuple(_parts(parsed, task.asked if task else None, limits)),
        signatures=tuple(SIGNERS[role] for role in signers),
    )


def enter(
    session: Session, actor: Actor, submission: Submission, paper: Mapping[str, Any], when: Captured
) -> Submission:
    """What was filled by hand is entered beside its photographs. paper: {at, photos}; a later word adds sheets.

    The paper's time stands as it was written, not later than now. Raises NOT_YOURS (403), SIGNED (409).
    """
    may_fill(actor, submission)
    if submission.signed_at is not None:
        raise SIGNED()
    sheets = [*(submission.from_paper or {}).get("photos", []), *paper["photos"]]
    at = min(paper["at"], when.corrected)
    submission.from_paper = {"at": at.isoformat(), "photos": list(dict.fromkeys(sheets))}
    for photo in submission.from_paper["photos"]:
        uploads.use(session, photo, submission.home(), actor.id)
    audit.note(
        session, actor.id, "submission.from_paper", f"submission:{submission.id}", **submission.from_paper
    )
    return submission


def _task(session: Session, actor: Actor, form: FormVersion, task_id: UUID) -> Task:
    task = session.get(Task, task_id)
    if task is None or task.form != form.id:
        raise NOT_FOUND()
    mines = {mine.id for mine in sites.mines_within(session, actor.scopes(READ))}
    if task.user_id != actor.id and task.mine_id not in mines:
        raise NOT_FOUND()
    return task


def _owner(session: Session, form: FormVersion) -> Mine | None:
    kind, _, owner = form.owner.partition(":")
    return session.get(Mine, UUID(owner)) if kind == "mine" else None


def _limits(session: Session, parsed: Definition, mine: Mine | None) -> PinnedLimits:
    """As they stand today; without a mine, what its design says is not known, and the paper says so."""
    today = local_day(now(session))
    if mine is None:
        return resolve(parsed, {}, {}, today)
    jurisdiction = session.get_one(Jurisdiction, mine.jurisdiction_id)
    return resolve(parsed, mine.parameters, jurisdiction.parameters, today)


def _facts(session: Session, mine: Mine | None, task: Task | None) -> Iterator[tuple[str, str]]:
    place = session.get(Place, task.place_id) if task and task.place_id else None
    opens = task.opens_at.astimezone(ZONE) if task else None
    yield "单位", mine.name if mine else ""
    yield "填表人", get(session, User, task.user_id).name if task else ""
    yield "岗位", post_name(task.post) if task else ""
    yield "地点", place.name if place else ""
    yield "班次", f"{opens.month}月{opens.day}日 {task.shift_name}" if task and opens else ""


def _parts(parsed: Definition, asked: Collection[str] | None, limits: PinnedLimits) -> Iterator[Part]:
    """Sections with something to do; numbers run through the list as on the phone (ItemList.vue)."""
    number = 0
    for section in parsed.sections:
        points = []
        for item in section.items:
            if asked is not None and item.id not in asked and item.answer.type != "note":
                continue
            number += item.answer.type != "note"
            points.append(_point(parsed, section, item, number, limits.get(item.id, [])))
        if any(point.number is not None for point in points):
            rows = max(ROWS, section.repeat.min) if section.repeat else None
            yield Part(title=section.title["zh"], points=tuple(points), rows=rows)


def _point(parsed: Definition, section: Section, item: Item, number: int, limits: list[Pinned]) -> Point:
    sometimes = item.relevant is not None or section.relevant is not None
    return Point(
        number=None if item.answer.type == "note" else number,
        text=item.text["zh"] + ("（视情况填写）" if sometimes else ""),
        answer=ANSWERS[item.answer.type],
        beneath=tuple(_beneath(parsed, item, limits)),
        unit=item.answer.unit or "",
        options=tuple(option.text["zh"] for option in item.answer.options),
        major=item.severity == "major",
        judged=item.answer.type == "number"
        and not any("value" in limit or "by" in limit for limit in limits),
        exam=parsed.kind == "quiz",
    )


def _beneath(parsed: Definition, item: Item, limits: list[Pinned]) -> Iterator[str]:
    if parsed.kind == "quiz":
        return  # the clause would give the answer away
    bases = "；".join(map(_cited, item.basis))
    if item.standard:
        yield f"标准：{item.standard['zh']}" + (f"（{bases}）" if bases else "")
    elif bases:
        yield f"依据：{bases}"
    plain = [limit for limit in limits if "by" not in limit]
    if plain:
        yield "限值：" + "，".join(say(one, "zh", parsed) for one in describe(item, plain))
    for limit in limits:
        if "by" in limit:
            yield "限值按情形（在备注中写明是哪种）：" + "；".join(_cases(parsed, item, limit))


def _cases(parsed: Definition, item: Item, limit: Pinned) -> Iterator[str]:
    names = {case.id: case.text["zh"] for one in item.answer.limits for case in getattr(one, "cases", ())}
    for case, bounds in limit["cases"].items():
        yield f"{names.get(case, case)} " + "，".join(
            say(one, "zh", parsed) for one in describe(item, bounds)
        )


def _cited(basis: Basis) -> str:
    """The clause, with ※ unless somebody read it in its source."""
    return " ".join(filter(None, (basis.code, basis.clause))) + ("" if basis.verified else UNVERIFIED)
