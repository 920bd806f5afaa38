"""Lists: published, due by the roll of a shift, filled on a phone, signed, countersigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.checklists import quality
from backend.checklists.models import LIBRARY, FormVersion, ItemDone, Submission, Task
from backend.checklists.signals import said
from backend.checklists.versions import definition, family, for_mine, may_replace
from backend.inspections.models import Visit
from backend.kernel import audit, policy
from backend.kernel.clock import ZONE, Captured
from backend.kernel.db import get, new_id
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import FieldError, Problem
from backend.shifts.models import RollEntry, Shift, Staff
from backend.sites import operations as sites
from backend.sites.models import Jurisdiction, Mine, Place
from backend.uploads import operations as uploads
from forms.definition import Definition
from forms.due import Situation, due_items, is_remembered
from forms.judge import SubmissionVerdict, judge_submission
from forms.limits import PinnedLimits, differences, resolve
from forms.messages import say
from forms.move import plan
from forms.values import as_instant
from sync.merge import Edit, Merged, merge

FILL = policy.allow("submission.fill", set(policy.MINE_ROLES) | {Role.INSPECTOR, Role.EXPERT})
COUNTERSIGN = policy.allow("submission.countersign", {Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.MINE_HEAD})
READ = policy.allow(
    "submission.read",
    {
        *(Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.MINE_HEAD, Role.SAFETY_DIRECTOR, Role.PRINCIPAL),
        *(Role.INSPECTOR, Role.BUREAU_SECTION, Role.BUREAU_HEAD, Role.AUDITOR),
    },
)

NOT_YOURS = Problem(
    403,
    "submission.not_yours",
    "这份清单由他人填写，您不能更改。",
    "Somebody else fills this list; you cannot change it.",
)
SIGNED = Problem(
    409,
    "submission.signed",
    "清单已签字，不能再改；如有遗漏请另行补充。",
    "This list is signed and cannot be changed; add what is missing as a supplement.",
)
INCOMPLETE = Problem(
    422,
    "submission.incomplete",
    "还有 {count} 处未完成，不能签字。",
    "{count} things are not done yet; it cannot be signed.",
)
UNKNOWN_ITEM = Problem(
    422, "submission.unknown_item", "清单中没有“{item}”这一项。", "This list has no item “{item}”."
)
OTHER_LIST = Problem(
    422,
    "submission.other_list",
    "这不是同一份清单的可用版本，不能换用。",
    "This is no version of the same list to go on with.",
)
NOT_FOR_YOU = Problem(
    403,
    "submission.not_for_you",
    "这份清单不是给您的岗位或职务用的。",
    "This list is not made for a post or role of yours.",
)
DAILY = ("post_duties", "post_controls")
# What the mine's people begin when they go round, train or look themselves over; nobody waits for a roll to ask it.
OWN_ACCORD = ("patrol", "sweep", "drill", "quiz", "scorecard", "register", "acceptance")


def call_roll(session: Session, shift: Shift, entries: list[RollEntry]) -> list[Task]:
    """Put the roll on record; each person owes, for each post he takes, its lists as they hold at this mine."""
    by_post: dict[str, list[tuple[str, Definition]]] = {}
    for row in for_mine(session, shift.mine_id, DAILY):
        parsed = definition(session, row.id)
        for post in parsed.applies_to.posts:
            by_post.setdefault(post, []).append((row.id, parsed))
    tasks = []
    for entry in entries:
        session.add(entry)
        done = _last_done(session, shift.mine_id, entry.post, entry.place_id)
        for form, parsed in by_post.get(entry.post, []):
            asked = due_items(parsed, done, Situation(now=shift.starts_at, shift_started=shift.starts_at))
            if asked:
                tasks.append(_task(session, shift, entry, form, asked))
    session.add_all(tasks)
    return tasks


def _task(session: Session, shift: Shift, entry: RollEntry, form: str, asked: tuple[str, ...]) -> Task:
    return Task(
        id=new_id(session),
        user_id=entry.user_id,
        mine_id=shift.mine_id,
        shift_id=shift.id,
        place_id=entry.place_id,
        post=entry.post,
        form=form,
        asked=list(asked),
        shift_name=shift.name,
        opens_at=shift.starts_at,
        due_at=shift.ends_at,
    )


def _last_done(session: Session, mine_id: UUID, post: str, place_id: UUID | None) -> dict[str, datetime]:
    rows = session.execute(
        select(ItemDone.item, ItemDone.at).where(
            ItemDone.mine_id == mine_id, ItemDone.post == post, ItemDone.place == str(place_id or "")
        )
    )
    return {row.item: row.at for row in rows}


def _remember_done(session: Session, submission: Submission, task: Task, at: datetime) -> None:
    """When each item was last done at this post and place, as far as a later shift is asked by it."""
    answered = {_item_of(key) for key, one in submission.answers.items() if one}
    items = definition(session, submission.form).items()
    done = [item.id for item in items if item.id in answered and is_remembered(item)]
    if not done:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(ItemDone)
    statement = statement.on_conflict_do_update(
        index_elements=["mine_id", "post", "place", "item"], set_={"at": statement.excluded.at}
    )
    place = str(task.place_id or "")
    rows = [
        {"mine_id": task.mine_id, "post": task.post, "place": place, "item": item, "at": at} for item in done
    ]
    session.execute(statement, rows)


def begin(
    session: Session,
    actor: Actor,
    submission_id: UUID,
    task: Task,
    limits: dict[str, Any],
    when: Captured,
    form: str | None = None,
) -> Submission:
    """Start a list with the limits that were in force when it was opened.

    form: the version that the phone had; it stays on that one, whatever was published or recalled meanwhile. Without
    one, the version that the task names. Raises NOT_YOURS (403), NOT_FOUND (404), OTHER_LIST (422).
    """
    if task.user_id != actor.id:
        raise NOT_YOURS()
    asked = task.asked
    if form is not None and form != task.form:
        had = get(session, FormVersion, form)
        if not family(had) & family(session.get_one(FormVersion, task.form)):
            raise OTHER_LIST()
        shift = session.get_one(Shift, task.shift_id)
        done = _last_done(session, task.mine_id, task.post, task.place_id)
        there = Situation(now=shift.starts_at, shift_started=shift.starts_at)
        asked = list(due_items(definition(session, form), done, there))
    submission = Submission(
        id=submission_id,
        task_id=task.id,
        user_id=actor.id,
        mine_id=task.mine_id,
        form=form or task.form,
        post=task.post,
        limits=limits,
        asked=asked,
        opened_at=when.corrected,
        received_at=when.received,
    )
    session.add(submission)
    return submission


def begin_own(
    session: Session,
    actor: Actor,
    submission_id: UUID,
    mine: Mine,
    form: FormVersion,
    limits: dict[str, Any],
    when: Captured,
) -> Submission:
    """Start a list that no roll asked for: a patrol, a drill, a quiz. All of it is asked.

    It must be of a kind for that (OWN_ACCORD), in force at the mine, and made for a post or role of the person there.
    Officers' lists belong to a visit. Raises NOT_FOR_YOU (403).
    """
    if form.kind not in OWN_ACCORD or form.key not in lists_for(session, actor, mine):
        raise NOT_FOR_YOU()
    submission = Submission(
        id=submission_id,
        user_id=actor.id,
        mine_id=mine.id,
        form=form.id,
        limits=limits,
        opened_at=when.corrected,
        received_at=when.received,
    )
    session.add(submission)
    return submission


def lists_for(session: Session, actor: Actor, mine: Mine) -> set[str]:
    """The keys of the lists that are made for a post or a role of this person at this mine, in any version."""
    around = sites.lineage(session, mine)
    staff = session.scalars(select(Staff).where(Staff.user_id == actor.id, Staff.mine_id == mine.id)).first()
    posts = set(staff.posts) if staff else set()
    held = {grant.role for grant in actor.grants if grant.holds(actor.at) and grant.scope in around}
    versions = session.execute(
        select(FormVersion.id, FormVersion.key).where(FormVersion.owner.in_({LIBRARY, *around}))
    )
    return {
        key
        for sha, key in versions
        if (to := definition(session, sha).applies_to)
        and (
            posts & set(to.posts)
            or (held & policy.MINE_ROLES & set(to.roles) and mine.kind in (to.mine_types or {mine.kind}))
        )
    }


def answer(
    session: Session,
    actor: Actor,
    submission: Submission,
    given: Mapping[str, dict[str, Any] | None],
    edit: Edit,
    when: Captured,
) -> dict[str, Merged]:
    """Put answers on a list, by item; of each, result, value, note and photos are one unit. None takes one back.

    Two people who answer the same item without knowing of each other are a conflict: both answers are kept, and the
    graver one is shown until a person resolves it. After the signature nothing changes: what comes late is kept beside.
    An answer to an item that only a version had from which the list was moved is kept aside, not lost.
    Returns what became of each item. Raises NOT_YOURS (403), UNKNOWN_ITEM (422).
    """
    may_fill(actor, submission)
    items = {item.id for item in definition(session, submission.form).items()}
    rule = "answer" if submission.state == "draft" else "signed"
    outcome = {}
    for item, one in given.items():
        at = _written(submission.from_paper, when) if submission.from_paper else _tapped(one or {}, when)
        kept = None if one is None else one | {"by": str(actor.id), "at": at.isoformat()}
        if _item_of(item) not in items:
            if kept:
                _keep_aside(session, submission, item, kept)
            continue
        before = submission.answers.get(item) or {}
        outcome[item] = merge(rule, before, kept or {}, submission.stamp(f"answers/{item}"), edit)
        for picture in _pictures(one or {}):
            uploads.use(session, picture, submission.home(), actor.id)
    submission.answers = submission.answers | {item: merged.value or None for item, merged in outcome.items()}
    return outcome


def _pictures(one: Mapping[str, Any]) -> Iterable[str]:
    """The photos of an answer, and a signature: it is kept as a picture too."""
    yield from one.get("photos", [])
    value = one.get("value")
    if isinstance(value, str) and value.startswith("sha256:"):
        yield value


def _item_of(key: str) -> str:
    """The item that an answer belongs to: `<item>`, or `<item>@<row>` in a repeated section."""
    return key.partition("@")[0]


def _tapped(one: Mapping[str, Any], when: Captured) -> datetime:
    """When a person answered: each tap has its own time on the phone, corrected as the mutation that brought it was."""
    tapped = as_instant(one.get("at"))
    if tapped is None or when.device is None:
        return when.corrected
    return min(tapped + (when.corrected - when.device), when.corrected)


def _written(paper: Mapping[str, Any], when: Captured) -> datetime:
    """When an answer was written by hand: when it was entered says nothing of that."""
    return as_instant(paper["at"]) or when.corrected


def _keep_aside(session: Session, submission: Submission, key: str, one: dict[str, Any]) -> None:
    """Raises UNKNOWN_ITEM (422) for what no version ever had that this list was on."""
    for left in submission.moves:
        if _item_of(key) in {item.id for item in definition(session, left["from"]).items()}:
            aside = {"answer": one, "form": left["from"], "why": "removed"}
            submission.kept = submission.kept | {key: aside}
            return
    raise UNKNOWN_ITEM(item=key[:80])


def move(
    session: Session,
    actor: Actor,
    submission: Submission,
    form: FormVersion,
    limits: dict[str, Any],
    when: Captured,
) -> Submission:
    """Take a list that is being filled to another version of itself: the person asked for it and saw what it does.

    Answers go along by item and type of answer; what has no place is kept aside with the reason (forms/move.py, which
    the phone showed him). limits: as the phone resolved them for that version.
    Raises NOT_YOURS (403), SIGNED (409), OTHER_LIST (422).
    """
    may_fill(actor, submission)
    if submission.state != "draft":
        raise SIGNED()
    before = session.get_one(FormVersion, submission.form)
    if submission.visit_id is not None or not may_replace(before, form):
        raise OTHER_LIST()
    found = plan(before.definition, form.definition, submission.answers)
    aside = {
        key: {"answer": one.answer, "form": before.id, "why": one.why} for key, one in found.kept.items()
    }
    if submission.asked is not None:
        due = {*submission.asked, *found.added}
        submission.asked = [item.id for item in definition(session, form.id).items() if item.id in due]
    submission.answers, submission.kept = found.carried, submission.kept | aside
    submission.form, submission.limits = form.id, limits
    step = {"from": before.id, "to": form.id, "at": when.corrected.isoformat()}
    submission.moves = [*submission.moves, step]
    counts = {"carried": len(found.carried), "kept": len(found.kept), "added": len(found.added)}
    audit.note(session, actor.id, "submission.moved", f"submission:{submission.id}", **step, **counts)
    return submission


def sign(
    session: Session, actor: Actor, submission: Submission, signature: dict[str, Any], when: Captured
) -> Submission:
    """The person signs what he filled; from then on it does not change. His list of the shift is done.

    A visit's checklist is signed by every officer of the team, each for himself, however far they came.
    Raises NOT_YOURS (403), SIGNED (409), INCOMPLETE (422) naming each item that lacks something.
    """
    may_fill(actor, submission)
    if submission.state != "draft":
        raise SIGNED()
    if submission.visit_id is not None:
        return _sign_as_officer(session, actor, submission, signature, when)
    verdict = judged(session, submission)
    if not verdict.complete:
        errors = [FieldError(f"/answers/{item}", say(one), say(one, "en")) for item, one in verdict.lacking]
        raise INCOMPLETE(count=len(verdict.lacking), errors=errors[:50])
    # What is asked while signing is of other lists: this one is written once, whole.
    with session.no_autoflush:
        submission.state, submission.signed_at = "signed", when.corrected
        submission.signatures = submission.signatures | {"filler": _signature(actor, signature, when)}
        _look_again(session, submission, verdict)
        if submission.task_id:
            task = get(session, Task, submission.task_id)
            task.state = "done"
            done_at = _written(submission.from_paper, when) if submission.from_paper else when.corrected
            _remember_done(session, submission, task, done_at)
    audit.note(session, actor.id, "submission.signed", f"submission:{submission.id}", fails=submission.fails)
    return submission


def _sign_as_officer(
    session: Session, actor: Actor, submission: Submission, signature: dict[str, Any], when: Captured
) -> Submission:
    visit = session.get_one(Visit, submission.visit_id)
    name = f"officer:{actor.id}"
    submission.signatures = submission.signatures | {name: _signature(actor, signature, when)}
    if all(f"officer:{member['user']}" in submission.signatures for member in visit.team):
        submission.state, submission.signed_at = "signed", when.corrected
        _look_again(session, submission, judged(session, submission))
    audit.note(session, actor.id, "submission.signed", f"submission:{submission.id}")
    return submission


def countersign(
    session: Session, actor: Actor, submission: Submission, signature: dict[str, Any], when: Captured
) -> Submission:
    """The team leader has seen it. Raises DENIED or NOT_YOURS (403) for one's own list, SIGNED (409)."""
    policy.require(actor, COUNTERSIGN, sites.lineage(session, submission.mine_id))
    if submission.user_id == actor.id:
        raise NOT_YOURS()
    if submission.state != "signed":
        raise SIGNED()
    submission.state = "countersigned"
    submission.signatures = submission.signatures | {"team_leader": _signature(actor, signature, when)}
    audit.note(session, actor.id, "submission.countersigned", f"submission:{submission.id}")
    return submission


def judged(session: Session, submission: Submission, limits: PinnedLimits | None = None) -> SubmissionVerdict:
    """What the engine says of a submission, by its own version and the limits it pinned (or by others)."""
    return judge_submission(
        definition(session, submission.form),
        submission.limits if limits is None else limits,
        submission.answers,
        submission.opened_at,
        submission.asked,
        zones=_zones(session, submission),
    )


def _zones(session: Session, submission: Submission) -> tuple[str, ...]:
    """Of the place where the roll had him: evidence may be waived there by rule."""
    task = session.get(Task, submission.task_id) if submission.task_id else None
    place = session.get(Place, task.place_id) if task and task.place_id else None
    return place.zones if place else ()


def _look_again(session: Session, submission: Submission, verdict: SubmissionVerdict) -> None:
    """Judge by the limits as the server finds them for that day: a phone's are a claim, and a difference is shown.

    verdict: by the phone's. What a person signed underground by other limits stays signed; it is not sent back to him.
    """
    mine = session.get_one(Mine, submission.mine_id)
    jurisdiction = session.get_one(Jurisdiction, mine.jurisdiction_id)
    day = submission.opened_at.astimezone(ZONE).date()
    ours = resolve(definition(session, submission.form), mine.parameters, jurisdiction.parameters, day)
    differ = differences(submission.limits, ours)
    same = submission.limits == ours
    submission.fails = (verdict if same else judged(session, submission, ours)).counts["fail"]
    submission.said = said(submission.answers)
    submission.signals = quality.read(session, submission, differ)


def may_fill(actor: Actor, submission: Submission) -> None:
    if submission.visit_id is not None:
        policy.require(actor, FILL, {submission.home()})
    elif submission.user_id != actor.id:
        raise NOT_YOURS()


def _signature(actor: Actor, signature: dict[str, Any], when: Captured) -> dict[str, Any]:
    return signature | {"by": str(actor.id), "name": actor.name, "at": when.corrected.isoformat()}
