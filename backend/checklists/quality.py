"""What a signed list is compared with to find its signals: the shift, the checkpoint, earlier lists, other photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.checklists import photos
from backend.checklists.models import FormVersion, PhotoPrint, Submission, SubmissionPhoto, Task
from backend.checklists.signals import Facts, Numbers, Seen, Spot, say, settings
from backend.checklists.signals import read as find
from backend.kernel.blobs import Blobs
from backend.kernel.clock import local_day
from backend.kernel.db import Database, now
from backend.kernel.jobs import Args, Handler, Write
from backend.sites.models import Jurisdiction, Mine, Place
from backend.uploads.models import Blob

OF_PHOTOS = ("photo_again", "photo_similar")
MOST_PRINTS = 20_000  # pictures that one is compared with: the newest
MOST_ALIKE = 100  # of them that are told of


def read(session: Session, submission: Submission, differ: Sequence[str]) -> dict[str, Numbers]:
    """The signals of a list that is being signed. differ: items whose limits the phone pinned otherwise."""
    _enter_photos(session, submission)
    found = _find(session, submission)
    if differ:
        found["limits_differ"] = {"count": len(differ), "items": list(differ)}
    return found


def shown(session: Session, submission: Submission) -> list[dict[str, Any]]:
    """{code, zh, en, numbers} of each, for people. That its version was recalled is asked of the version, now."""
    found: dict[str, Numbers] = dict(submission.signals)
    form = session.get_one(FormVersion, submission.form)
    if form.recalled_at:
        found["recalled"] = {"reason": form.recall["reason"], "replacement": form.recall["replacement"]}
    return [
        {"code": code, "zh": say(code, numbers, "zh"), "en": say(code, numbers, "en"), "numbers": numbers}
        for code, numbers in found.items()
    ]


def handlers(blobs: Blobs) -> dict[str, Handler]:
    """The jobs of this concept, for the worker."""
    return {"photo.arrived": lambda database, args: _arrived(database, blobs, args)}


def _arrived(database: Database, blobs: Blobs, args: Args) -> Write:
    """What a photo looks like, from its small picture; lists that were signed before it came are looked at again."""
    sha = args["sha"]
    with database.reading() as session:
        blob = session.get(Blob, sha)
        thumbnail = blob and blob.thumbnail
    data = blobs.get(thumbnail) if thumbnail else None
    printed = photos.fingerprint(data) if data else None

    def write(session: Session) -> None:
        if printed is None:
            return
        _insert_once(session, PhotoPrint, [{"sha": sha, "print": printed}])
        ids = select(SubmissionPhoto.submission_id).where(SubmissionPhoto.sha == sha)
        for submission in session.scalars(select(Submission).where(Submission.id.in_(ids))):
            others = {code: of for code, of in submission.signals.items() if code not in OF_PHOTOS}
            submission.signals = others | _find_photos(session, submission)

    return write


def _find(session: Session, submission: Submission) -> dict[str, Numbers]:
    lines = _lines(session, submission)
    task = session.get(Task, submission.task_id) if submission.task_id else None
    place = session.get(Place, task.place_id) if task and task.place_id else None
    facts = Facts(
        answers=submission.answers,
        opened_at=submission.opened_at,
        signed_at=submission.signed_at or now(session),
        shift=(task.opens_at, task.due_at) if task else None,
        place=Spot(str(place.id), place.name, place.latitude, place.longitude) if place else None,
        places=_places(session, submission),
        earlier=_earlier(session, submission, Submission.said, int(lines["signal.alike_lists"])),
        before=lambda: _earlier(session, submission, Submission.answers, 1)[0],
        on_paper=submission.from_paper is not None,
        seen=_seen(session, submission, lines),
    )
    return find(facts, lines)


def _find_photos(session: Session, submission: Submission) -> dict[str, Numbers]:
    """Only what its photos tell: the rest was found when it was signed."""
    lines = _lines(session, submission)
    signed_at, seen = submission.signed_at or now(session), _seen(session, submission, lines)
    return find(Facts(submission.answers, submission.opened_at, signed_at, seen=seen), lines, OF_PHOTOS)


def _lines(session: Session, submission: Submission) -> dict[str, float]:
    mine = session.get_one(Mine, submission.mine_id)
    jurisdiction = session.get_one(Jurisdiction, mine.jurisdiction_id)
    return settings(jurisdiction.parameters, local_day(submission.opened_at))


def _places(session: Session, submission: Submission) -> dict[str, str]:
    """Names of the mine's checkpoints, if any was scanned."""
    if not any(one.get("place") for one in _given(submission).values()):
        return {}
    found = session.execute(select(Place.id, Place.name).where(Place.mine_id == submission.mine_id))
    return {str(key): name for key, name in found}


def _earlier(session: Session, submission: Submission, column: Any, most: int) -> list[Any]:
    """A column of this person's earlier lists on this version at this post, the newest first.

    Of lists that a visit's team fills there is none: each visit is another day at another mine.
    """
    if submission.visit_id is not None:
        return []
    lines = {name: getattr(submission, name) for name in ("user_id", "form", "post", "signed_at")}
    return list(session.scalars(_EARLIER[column], lines | {"most": most}))


def _before(column: Any) -> Select[Any]:
    """Made once: to put the statement together takes longer than to run it."""
    return (
        select(column)
        .where(Submission.user_id == bindparam("user_id"), Submission.form == bindparam("form"))
        .where(Submission.visit_id.is_(None), Submission.post.is_not_distinct_from(bindparam("post")))
        .where(Submission.signed_at < bindparam("signed_at"))
        .order_by(Submission.signed_at.desc())
        .limit(bindparam("most"))
    )


_EARLIER = {column: _before(column) for column in (Submission.said, Submission.answers)}


def _given(submission: Submission) -> dict[str, dict[str, Any]]:
    return {item: one for item, one in submission.answers.items() if isinstance(one, dict)}


def _pictures(submission: Submission) -> Iterator[tuple[str, str]]:
    """(item, photo) of each answer and, of a list that was filled by hand, of its sheets: one sheet is one list."""
    shown = {item: one.get("photos") or [] for item, one in _given(submission).items()}
    shown["paper"] = (submission.from_paper or {}).get("photos", [])
    for item, taken in shown.items():
        yield from ((item, sha) for sha in dict.fromkeys(taken) if isinstance(sha, str))


def _enter_photos(session: Session, submission: Submission) -> None:
    rows = [
        {
            "submission_id": submission.id,
            "item": item,
            "sha": sha,
            "mine_id": submission.mine_id,
            "at": submission.signed_at,
        }
        for item, sha in _pictures(submission)
    ]
    if rows:
        _insert_once(session, SubmissionPhoto, rows)


def _seen(session: Session, submission: Submission, lines: Mapping[str, float]) -> list[Seen]:
    """Photos of this list that earlier lists of the mine show: the same file ever, one that looks like it lately."""
    return list(_look(session, submission, lines["signal.photo_days"], int(lines["signal.photo_bits"])))


def _look(session: Session, submission: Submission, days: float, most: int) -> Iterator[Seen]:
    own = {sha: item for item, sha in _pictures(submission)}
    if not own:
        return
    others = (
        (SubmissionPhoto.mine_id == submission.mine_id)
        & (SubmissionPhoto.submission_id != submission.id)
        & (SubmissionPhoto.at <= submission.signed_at)
    )
    same = select(SubmissionPhoto).where(others, SubmissionPhoto.sha.in_(own)).order_by(SubmissionPhoto.at)
    for row in session.scalars(same.limit(MOST_ALIKE)):
        yield Seen(own[row.sha], row.sha, str(row.submission_id), row.at)
    prints = dict(
        session.execute(select(PhotoPrint.sha, PhotoPrint.print).where(PhotoPrint.sha.in_(own))).all()
    )
    if not prints or submission.signed_at is None:
        return
    lately = SubmissionPhoto.at >= submission.signed_at - timedelta(days=days)
    # Of thousands of pictures only what they look like is read; who showed them, of the few that are alike.
    known = session.execute(
        select(SubmissionPhoto.sha, PhotoPrint.print)
        .join(PhotoPrint, PhotoPrint.sha == SubmissionPhoto.sha)
        .where(others, lately, SubmissionPhoto.sha.not_in(own))
        .order_by(SubmissionPhoto.at.desc())
        .limit(MOST_PRINTS)
    ).all()
    for sha, printed in prints.items():
        far = ((other, photos.distance(printed, its)) for other, its in known)
        alike = dict(islice(((other, bits) for other, bits in far if bits <= most), MOST_ALIKE))
        shown = select(SubmissionPhoto).where(others, lately, SubmissionPhoto.sha.in_(alike))
        for row in session.scalars(shown) if alike else ():
            yield Seen(own[sha], sha, str(row.submission_id), row.at, alike[row.sha])


def _insert_once(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    insert: Callable[..., Any] = (
        postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    session.execute(insert(model).on_conflict_do_nothing(), rows)
