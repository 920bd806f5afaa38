"""Lists: published, due by the roll of a shift, filled on a phone, signed, countersigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.checklists.models import FormVersion, ItemDone, Submission, Task
from backend.inspections.models import Visit
from backend.kernel import audit, policy
from backend.kernel.clock import Captured
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import FieldError, Problem
from backend.shifts.models import RollEntry, Shift
from backend.sites import operations as sites
from backend.sites.models import Jurisdiction, Mine
from backend.uploads import operations as uploads
from forms.definition import Definition
from forms.due import Situation, due_items
from forms.judge import SubmissionVerdict, judge_submission
from forms.limits import PinnedLimits, differences, resolve
from forms.load import load
from forms.messages import say
from forms.version import version
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
ZONE = ZoneInfo("Asia/Shanghai")
MOST_PARSED = 500
_PARSED: dict[str, Definition] = {}
DAILY = ("post_duties", "post_controls")


def publish(session: Session, by: UUID | str, new: Definition) -> FormVersion:
    """Make a definition a version that phones get; the version before it is retired. Idempotent."""
    sha = version(new)
    known = session.get(FormVersion, sha)
    if known is not None:
        return known
    for old in session.scalars(
        select(FormVersion).where(FormVersion.key == new.key, FormVersion.retired_at.is_(None))
    ):
        old.retired_at = now(session)
    made = FormVersion(
        id=sha,
        key=new.key,
        kind=new.kind,
        definition=new.to_json(),
        published_at=now(session),
    )
    session.add(made)
    audit.note(session, by, "form.published", f"form:{sha}", key=new.key)
    return made


def definition(session: Session, form: str) -> Definition:
    """A version, parsed. It never changes, so it is parsed once in a process."""
    found = _PARSED.get(form)
    if found is None:
        found = _PARSED[form] = load(get(session, FormVersion, form).definition)
        if len(_PARSED) > MOST_PARSED:
            del _PARSED[next(iter(_PARSED))]
    return found


def call_roll(session: Session, shift: Shift, entries: list[RollEntry]) -> list[Task]:
    """Put the roll on record; each person owes, for each post he takes, the lists of that post."""
    versions = session.scalars(
        select(FormVersion.id).where(FormVersion.kind.in_(DAILY), FormVersion.retired_at.is_(None))
    )
    by_post: dict[str, list[tuple[str, Definition]]] = {}
    for form in versions:
        parsed = definition(session, form)
        for post in parsed.applies_to.posts:
            by_post.setdefault(post, []).append((form, parsed))
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


def _remember_done(session: Session, task: Task, items: Iterable[str], at: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(ItemDone)
    statement = statement.on_conflict_do_update(
        index_elements=["mine_id", "post", "place", "item"], set_={"at": statement.excluded.at}
    )
    place = str(task.place_id or "")
    rows = [
        {"mine_id": task.mine_id, "post": task.post, "place": place, "item": item, "at": at} for item in items
    ]
    session.execute(statement, rows)


def begin(
    session: Session, actor: Actor, submission_id: UUID, task: Task, limits: dict[str, Any], when: Captured
) -> Submission:
    """Start a list on the version that the task names, with the limits that were in force when it was opened.

    Raises NOT_YOURS (403).
    """
    if task.user_id != actor.id:
        raise NOT_YOURS()
    submission = Submission(
        id=submission_id,
        task_id=task.id,
        user_id=actor.id,
        mine_id=task.mine_id,
        form=task.form,
        post=task.post,
        limits=limits,
        opened_at=when.corrected,
        received_at=when.received,
    )
    session.add(submission)
    return submission


def answer(
    session: Session,
    actor: Actor,
    submission: Submission,
    given: Mapping[str, dict[str, Any]],
    edit: Edit,
    when: Captured,
) -> dict[str, Merged]:
    """Put answers on a list, by item; of each, result, value, note and photos are one unit.

    Two people who answer the same item without knowing of each other are a conflict: both answers are kept, and the
    graver one is shown until a person resolves it. After the signature nothing changes: what comes late is kept beside.
    Returns what became of each item. Raises NOT_YOURS (403), UNKNOWN_ITEM (422).
    """
    _may_fill(actor, submission)
    items = {item.id for item in definition(session, submission.form).items()}
    rule = "answer" if submission.state == "draft" else "signed"
    outcome = {}
    for item, one in given.items():
        if item not in items:
            raise UNKNOWN_ITEM(item=item[:80])
        kept = one | {"by": str(actor.id), "at": when.corrected.isoformat()}
        before = submission.answers.get(item) or {}
        outcome[item] = merge(rule, before, kept, submission.stamp(f"answers/{item}"), edit)
        for photo in one.get("photos", []):
            uploads.use(session, photo, submission.home(), actor.id)
    submission.answers = submission.answers | {item: merged.value for item, merged in outcome.items()}
    return outcome


def sign(
    session: Session, actor: Actor, submission: Submission, signature: dict[str, Any], when: Captured
) -> Submission:
    """The person signs what he filled; from then on it does not change. His list of the shift is done.

    A visit's checklist is signed by every officer of the team, each for himself, however far they came.
    Raises NOT_YOURS (403), SIGNED (409), INCOMPLETE (422) naming each item that lacks something.
    """
    _may_fill(actor, submission)
    if submission.state != "draft":
        raise SIGNED()
    if submission.visit_id is not None:
        return _sign_as_officer(session, actor, submission, signature, when)
    verdict = judged(session, submission)
    if not verdict.complete:
        errors = [FieldError(f"/answers/{item}", say(problem)) for item, problem in verdict.lacking]
        raise INCOMPLETE(count=len(verdict.lacking), errors=errors[:50])
    submission.state, submission.signed_at = "signed", when.corrected
    _look_again(session, submission)
    submission.signatures = submission.signatures | {"filler": _signature(actor, signature, when)}
    if submission.task_id:
        task = get(session, Task, submission.task_id)
        task.state = "done"
        _remember_done(session, task, submission.answers, when.corrected)
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
        _look_again(session, submission)
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
    task = session.get(Task, submission.task_id) if submission.task_id else None
    return judge_submission(
        definition(session, submission.form),
        submission.limits if limits is None else limits,
        submission.answers,
        submission.opened_at,
        task.asked if task else None,
    )


def _look_again(session: Session, submission: Submission) -> None:
    """Judge by the limits as the server finds them for that day: a phone's are a claim, and a difference is shown.

    What a person signed underground by other limits stays signed; it is not sent back to him.
    """
    mine = session.get_one(Mine, submission.mine_id)
    jurisdiction = session.get_one(Jurisdiction, mine.jurisdiction_id)
    day = submission.opened_at.astimezone(ZONE).date()
    ours = resolve(definition(session, submission.form), mine.parameters, jurisdiction.parameters, day)
    differ = differences(submission.limits, ours)
    submission.fails = judged(session, submission, ours).counts["fail"]
    submission.signals = {"limits_differ": differ} if differ else {}


def _may_fill(actor: Actor, submission: Submission) -> None:
    if submission.visit_id is not None:
        policy.require(actor, FILL, {submission.home()})
    elif submission.user_id != actor.id:
        raise NOT_YOURS()


def _signature(actor: Actor, signature: dict[str, Any], when: Captured) -> dict[str, Any]:
    return signature | {"by": str(actor.id), "name": actor.name, "at": when.corrected.isoformat()}
