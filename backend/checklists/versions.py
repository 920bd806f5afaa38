"""The verbs of a published version: publish, retire, recall; which lists hold for a mine; what ships as the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.checklists.models import LIBRARY, FormVersion, Submission, Task
from backend.checklists.workflow import MOVES
from backend.kernel import audit
from backend.kernel.clock import Captured
from backend.kernel.db import Database, get, now
from backend.kernel.jobs import Args, Handler, Write
from backend.kernel.policy import Actor
from backend.kernel.problems import FieldError, Problem
from backend.sites import operations as sites
from backend.sites.models import Mine
from forms.definition import Definition
from forms.diff import compare
from forms.library import load_library as shipped
from forms.load import load
from forms.version import version

MOST_PARSED = 500
NOTED = 20  # changes that an audit row names; the rest is counted
_PARSED: dict[str, Definition] = {}

RECALLED = Problem(
    409,
    "form.recalled",
    "此内容与已召回的版本相同（召回原因：{reason}），不能再发布。",
    "This is what was recalled ({reason}); it cannot be published again.",
)
NO_REPLACEMENT = Problem(
    422,
    "form.not_a_replacement",
    "替代版本须是同一清单的、未被召回的版本。",
    "The replacement must be a version of the same list that was not recalled.",
)


def definition(session: Session, form: str) -> Definition:
    """A version, parsed. It never changes, so it is parsed once in a process."""
    found = _PARSED.get(form)
    if found is None:
        found = _PARSED[form] = load(get(session, FormVersion, form).definition)
        if len(_PARSED) > MOST_PARSED:
            del _PARSED[next(iter(_PARSED))]
    return found


def publish(
    session: Session,
    by: UUID | str,
    new: Definition,
    *,
    owner: str = LIBRARY,
    base: FormVersion | None = None,
    approvals: Sequence[Mapping[str, Any]] = (),
) -> FormVersion:
    """Bring a definition into force: phones get it, and the version before it is retired, in one transaction.

    Idempotent. What was in force once and is published again comes back into force as the version that it was.
    Raises RECALLED (409).
    """
    sha = version(new)
    known = session.get(FormVersion, sha)
    if known is not None and known.recalled_at:
        raise RECALLED(reason=known.recall["reason"])
    if known is not None and known.retired_at is None:
        _translate(session, by, known, new)
        return known
    before = in_force(session, new.key)
    if before is not None:
        _stop(before, "retired", now(session))
    if known is None:
        last = session.scalar(select(func.max(FormVersion.number)).where(FormVersion.key == new.key))
        known = FormVersion(
            id=sha,
            key=new.key,
            kind=new.kind,
            definition=new.to_json(),
            published_at=now(session),
            owner=owner,
            number=(last or 0) + 1,
            base_id=base and base.id,
            base_key=base and base.key,
            approvals=list(approvals),
        )
        session.add(known)
    else:
        _resume(known)
        known.published_at, known.approvals = now(session), list(approvals)
        _translate(session, by, known, new)
    session.flush()
    told = _told(before, known)
    audit.note(session, by, "form.published", f"form:{sha}", key=new.key, owner=owner, **told)
    return known


def _told(before: FormVersion | None, new: FormVersion) -> dict[str, Any]:
    if before is None:
        return {}
    changes = [change.say("zh") for change in compare(before.definition, new.definition)]
    return {"replaces": before.id, "changes": changes[:NOTED], "more": max(0, len(changes) - NOTED)}


def _translate(session: Session, by: UUID | str, known: FormVersion, new: Definition) -> None:
    """Translations lie outside the hash: the same version may get better words, and needs no signature for it."""
    words = new.to_json()
    if known.definition != words:
        known.definition = words
        _PARSED.pop(known.id, None)
        audit.note(session, by, "form.translated", f"form:{known.id}", key=known.key)


def load_library(
    session: Session, by: UUID | str = LIBRARY, lists: Iterable[Definition] | None = None
) -> list[FormVersion]:
    """Publish what ships with the program, as far as it is new. Idempotent; lists that others adapted are not touched.

    A list that was recalled here stays recalled. Whoever adapted a list sees that its base has a newer version.
    lists: as they were read already.
    """
    made = []
    for new in shipped() if lists is None else lists:
        known = session.get(FormVersion, version(new))
        if known is None or not known.recalled_at:
            made.append(publish(session, by, new))
    return made


def _load_library(_: Database, __: Args) -> Write:
    """Reading and checking the lists takes seconds: not inside a transaction that holds up every writer."""
    lists = shipped()

    def write(session: Session) -> None:
        load_library(session, lists=lists)

    return write


LOAD = "library.load"
HANDLERS: dict[str, Handler] = {LOAD: _load_library}


def in_force(session: Session, key: str) -> FormVersion | None:
    """The version of a list that is published and neither retired nor recalled."""
    return session.scalar(
        select(FormVersion).where(FormVersion.key == key, FormVersion.retired_at.is_(None)).limit(1)
    )


def for_mine(session: Session, mine: Mine | UUID, kinds: Iterable[str]) -> list[FormVersion]:
    """The lists of these kinds that hold at a mine: the library's, those of its jurisdictions, and its own.

    Where somebody nearer to the mine adapted one, his holds in its place.
    """
    owners = {LIBRARY, *(scope for scope in sites.lineage(session, mine) if owns(scope))}
    found = list(
        session.scalars(
            select(FormVersion)
            .where(FormVersion.kind.in_(list(kinds)), FormVersion.retired_at.is_(None))
            .where(FormVersion.owner.in_(owners))
            .order_by(FormVersion.key)
        )
    )
    adapted = {row.base_key for row in found if row.base_key}
    return [row for row in found if row.key not in adapted]


def owns(scope: str) -> bool:
    """Whether lists may belong to this scope."""
    return scope.startswith(("mine:", "jurisdiction:"))


def may_replace(old: FormVersion, new: FormVersion) -> bool:
    """Whether a draft on `old` may be moved to `new`: a version of the same list, of its base, or of an adaptation."""
    return new.recalled_at is None and bool(family(old) & family(new))


def family(row: FormVersion) -> set[str]:
    return {row.key, row.base_key or row.key}


def retire(
    session: Session, actor: Actor, row: FormVersion, evidence: Mapping[str, Any], when: Captured
) -> None:
    """Take a list out of force. What is owed on it stays owed, and what comes in on it is accepted.

    Raises DENIED (403), STATE_MOVED_ON (409), EVIDENCE_LACKS (422).
    """
    MOVES.check(actor, row, "retire", evidence)
    _stop(row, "retired", when.corrected)
    audit.note(session, actor.id, "form.retire", f"form:{row.id}", key=row.key, note=evidence["note"])


def recall(
    session: Session, actor: Actor, row: FormVersion, evidence: Mapping[str, Any], when: Captured
) -> int:
    """Call a version back because it is wrong: phones are told why, and what was filled on it is flagged.

    evidence: note, the reason; replacement, the version to work by instead (else the one in force, if another is).
    A list that nobody has begun goes to the replacement, or is withdrawn when there is none: nobody begins by a wrong
    limit. What was begun stays on its version; the person moves it himself, or signs it, and it is flagged.
    Returns how many filled lists it touches.
    Raises DENIED (403), STATE_MOVED_ON (409), EVIDENCE_LACKS or NO_REPLACEMENT (422).
    """
    MOVES.check(actor, row, "recall", evidence)
    other = _replacement(session, row, evidence.get("replacement"))
    row.recalled_at = when.corrected
    _stop(row, "recalled", row.retired_at or when.corrected)
    row.recall = {
        "reason": evidence["note"],
        "by": str(actor.id),
        "name": actor.name,
        "at": when.corrected.isoformat(),
        "replacement": other and other.id,
    }
    if other is not None:
        _resume(other)
    session.flush()
    moved, withdrawn = _hand_over(session, row, other)
    touched = count_touched(session, row)
    audit.note(
        session,
        actor.id,
        "form.recall",
        f"form:{row.id}",
        key=row.key,
        note=evidence["note"],
        replacement=other and other.id,
        touched=touched,
        moved=moved,
        withdrawn=withdrawn,
    )
    return touched


def _stop(row: FormVersion, state: str, at: datetime) -> None:
    row.state, row.retired_at = state, at


def _resume(row: FormVersion) -> None:
    row.state, row.retired_at = "published", None


def count_touched(session: Session, row: FormVersion) -> int:
    """How many lists were begun or filled on this version."""
    return session.scalar(select(func.count()).where(Submission.form == row.id)) or 0


def _replacement(session: Session, row: FormVersion, named: str | None) -> FormVersion | None:
    current = in_force(session, row.key)
    if named is None:
        return current if current is not row else None
    other = session.get(FormVersion, named)
    errors = [
        FieldError("/replacement", "同一清单、未召回的版本", "a version of the same list, not recalled")
    ]
    if other is None or other.key != row.key or other is row or other.recalled_at:
        raise NO_REPLACEMENT(errors=errors)
    if current is not None and current not in (row, other):
        raise NO_REPLACEMENT(
            errors=[FieldError("/replacement", f"第 {current.number} 版", f"version {current.number}")]
        )
    return other


def _hand_over(session: Session, row: FormVersion, other: FormVersion | None) -> tuple[int, int]:
    """Open tasks that nobody has begun: how many went to the replacement, and how many were withdrawn."""
    begun = select(Submission.task_id).where(Submission.form == row.id, Submission.task_id.is_not(None))
    tasks = session.scalars(
        select(Task).where(Task.form == row.id, Task.state == "open", Task.id.not_in(begun))
    ).all()
    old = {item.id for item in definition(session, row.id).items()}
    new = [item.id for item in definition(session, other.id).items()] if other else []
    moved = 0
    for task in tasks:
        twin = other and session.scalar(
            select(Task.id).where(
                Task.shift_id == task.shift_id,
                Task.user_id == task.user_id,
                Task.post == task.post,
                Task.form == other.id,
            )
        )
        if other is None or twin is not None:
            task.state = "withdrawn"
            continue
        # What was due stays due; what the old version did not have is asked.
        task.asked = [key for key in new if key in task.asked or key not in old]
        task.form = other.id
        moved += 1
    return moved, len(tasks) - moved
