"""What happens to a file: declared, received in parts, kept when it is whole and true, referred to, looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.kernel import audit, jobs
from backend.kernel.blobs import Blobs, digest
from backend.kernel.db import Base, new_id, now
from backend.kernel.jobs import Handler, Write
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND, Problem, Refusal
from backend.uploads import media
from backend.uploads.models import Blob, BlobUse, Upload
from sync.enrol import on_same_phones

STAYS = timedelta(days=7)
# A body that began before the end may still be on its way: what it leaves is collected too.
LATE = timedelta(hours=1)
MOST_OPEN = 64
_UPLOADER = "uploader:"
_AT_ONCE = 500  # names in one question: a database takes some ten thousand
LEAST_PART = 16 * media.KIB  # bytes; with it, the largest file has at most 1,280 parts

OFFSET_MOVED = Problem(
    409,
    "upload.offset_moved",
    "服务器已收到 {received} 字节，请从该处继续上传。",
    "The server has {received} bytes; go on from there.",
)
PAST_END = Problem(
    422,
    "upload.past_end",
    "数据超出申报的 {size} 字节，请核对后重新上传。",
    "This goes past the declared {size} bytes; check the file and upload it again.",
)
PART_TOO_SMALL = Problem(
    422,
    "upload.part_too_small",
    "除最后一段外，每段至少 {least} 字节。",
    "Every part but the last has at least {least} bytes.",
)
WRONG_HASH = Problem(
    422,
    "upload.wrong_hash",
    "收到的文件与申报的校验值不符（实为 {found}），已丢弃，请重新上传。",
    "The file that arrived is not the one that was declared (it is {found}); it was dropped, upload it again.",
)
GONE = Problem(
    410,
    "upload.gone",
    "此上传已结束或过期，请重新上传该文件。",
    "This upload has ended or expired; upload the file anew.",
)


@dataclass(frozen=True)
class Part:
    """Bytes that are safe as an object, but not the last of their file."""

    name: str
    size: int


@dataclass(frozen=True)
class Whole:
    """A file that is an object, with what was seen when it was looked at."""

    sha: str
    size: int
    media_type: str
    thumbnail: str | None = None
    width: int | None = None
    height: int | None = None


Arrival = Part | Whole | Refusal


def declare(session: Session, by: UUID, sha: str, size: int, media_type: str) -> Upload:
    """Open an upload. Raises TOO_BIG (413). Of too many open ones of one person, the oldest is given up."""
    media.check_size(media_type, size)
    at = now(session)
    _make_room(session, by)
    upload = Upload(
        id=new_id(session),
        user_id=by,
        sha=sha,
        size=size,
        media_type=media_type,
        received=0,
        parts=[],
        expires_at=at + STAYS,
    )
    session.add(upload)
    _forget_at(session, upload.expires_at + LATE, upload)
    return upload


def find(session: Session, by: UUID, upload_id: UUID, *, lock: bool = False) -> Upload:
    """One's own upload, open or whole. Raises NOT_FOUND (404), GONE (410) for one refused, given up or expired."""
    upload = session.get(Upload, upload_id, with_for_update=lock)
    if upload is None or upload.user_id != by:
        raise NOT_FOUND()
    if not upload.whole and (upload.ended_at or upload.expires_at <= now(session)):
        raise GONE()
    return upload


def expect(upload: Upload, offset: int, length: int) -> None:
    """Raises OFFSET_MOVED (409) unless this is where the next part begins, PAST_END (422) if it is too long."""
    if offset != upload.received:
        raise OFFSET_MOVED(received=upload.received)
    if offset + length > upload.size:
        raise PAST_END(size=upload.size)


def receive(blobs: Blobs, upload: Upload, data: bytes) -> Arrival:
    """Keep what came as an object, before the transaction that tells of it; with the last part, judge the whole.

    The last part is not kept on its own: until the whole is kept, the phone is asked for it again.
    Raises PART_TOO_SMALL (422), which ends nothing. A refusal of the whole is returned, because it must be written.
    """
    if upload.received + len(data) < upload.size:
        if len(data) < LEAST_PART:
            raise PART_TOO_SMALL(least=LEAST_PART)
        return Part(blobs.put_part(upload.id, data), len(data))
    return judge(blobs, upload.sha, upload.media_type, blobs.join(upload.id, upload.parts) + data)


def judge(blobs: Blobs, sha: str, media_type: str, whole: bytes) -> Whole | Refusal:
    """Keep a file of which all is there, if it is the one that was declared. Raises TOO_BIG (413)."""
    media.check_size(media_type, len(whole))
    found = digest(whole)
    if found != sha:
        return WRONG_HASH(found=found)
    try:
        return keep(blobs, whole, media_type)
    except Refusal as refusal:
        return refusal


def keep(blobs: Blobs, data: bytes, media_type: str) -> Whole:
    """Look at a whole file and make it an object, its thumbnail too. Raises NOT_AS_DECLARED, TOO_MANY_PIXELS (422)."""
    seen = media.look(data, media_type)
    sha = blobs.put(data)
    if seen is None:
        return Whole(sha, len(data), media_type)
    return Whole(sha, len(data), media_type, blobs.put(seen.thumbnail), seen.width, seen.height)


def advance(session: Session, by: UUID, upload_id: UUID, offset: int, arrival: Arrival) -> Upload:
    """Write down what arrived at `offset`. Of two that bring the same part, the second gets OFFSET_MOVED (409)."""
    upload = find(session, by, upload_id, lock=True)
    expect(upload, offset, 0)
    write_down(session, by, upload, arrival)
    return upload


def write_down(session: Session, by: UUID, upload: Upload, arrival: Arrival) -> None:
    match arrival:
        case Part():
            upload.parts = [*upload.parts, arrival.name]
            upload.received += arrival.size
        case Whole():
            upload.received, upload.ended_at = upload.size, now(session)
            enter(session, arrival, by)
        case Refusal():
            upload.ended_at = now(session)
            audit.note(session, by, "upload.refused", f"blob:{upload.sha}", problem=arrival.problem.code)


def settle(blobs: Blobs, upload_id: UUID, arrival: Arrival) -> None:
    """After the transaction: drop the parts of what has ended. Raises the refusal, if it was one."""
    if not isinstance(arrival, Part):
        blobs.drop_parts(upload_id)
    if isinstance(arrival, Refusal):
        raise arrival


def enter(session: Session, whole: Whole, by: UUID | None) -> None:
    """Let a kept file be known; the same bytes twice are one. by: who brought it, None for the server itself."""
    new = _insert_once(session, Blob, **vars(whole), created_at=now(session), uploaded_by=by)
    if new:
        audit.note(session, by or "server", "blob.kept", f"blob:{whole.sha}", size=whole.size)
        if whole.thumbnail:
            jobs.soon(session, "photo.arrived", key=f"photo.arrived:{whole.sha}", sha=whole.sha)
    if by:
        use(session, whole.sha, uploader(by), by)


def give_up(session: Session, by: UUID, upload_id: UUID) -> None:
    """End one's own upload. Raises NOT_FOUND (404), GONE (410) also when it is whole: a kept file stays."""
    upload = find(session, by, upload_id, lock=True)
    if upload.ended_at:
        raise GONE()
    upload.ended_at = now(session)


def use(session: Session, sha: str, scope: str, by: UUID | None) -> None:
    """Say that a scope refers to a file: who sees the scope may see the file. May come before the bytes do.

    by: whose record says so, None for the server. To name a file is not to have it: his word opens nothing before the
    bytes came from a phone of his.
    """
    _insert_once(session, BlobUse, sha=sha, scope=scope, by=str(by or ""))


def present(
    session: Session, user_id: UUID, shas: Collection[str], scopes: Callable[[], Collection[str]]
) -> set[str]:
    """Which of these files have arrived, whole and verified, as far as this person may know. scopes: those he sees.

    Of a file that is another's, whether it is here cannot be told from its never having come.
    """
    there: set[str] = set()
    names = sorted(set(shas))
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        here = set(session.scalars(select(Blob.sha).where(Blob.sha.in_(some))))
        opened = open_in(session, here)
        own = {sha for sha in here if uploader(user_id) in opened[sha]}
        there |= own
        if here - own:
            seen = frozenset(scopes())
            there |= {sha for sha in here - own if opened[sha] & seen}
    return there


def open_in(session: Session, shas: Collection[str]) -> dict[str, set[str]]:
    """The scopes in which each of these files may be seen; whoever brought it, or shares a phone with him, has his own.

    On a shared phone one person's photos go up while another is signed in.
    """
    uses = session.scalars(select(BlobUse).where(BlobUse.sha.in_(shas))).all()
    brought = [row for row in uses if row.scope == f"{_UPLOADER}{row.by}"]
    mates = on_same_phones(session, {row.by for row in brought})
    have: dict[str, set[str]] = {sha: {""} for sha in shas}
    for row in brought:
        have[row.sha] |= mates[row.by]
    found = {sha: {f"{_UPLOADER}{person}" for person in people if person} for sha, people in have.items()}
    for row in uses:
        if row.by in have[row.sha]:
            found[row.sha].add(row.scope)
    return found


def see(session: Session, actor: Actor, scopes: Collection[str], sha: str) -> Blob:
    """A file that one of these scopes refers to, or that the actor brought himself.

    Raises NOT_FOUND (404), the same whether there is no such file or it is not his to see.
    """
    blob = session.get(Blob, sha)
    if blob is None or open_in(session, [sha])[sha].isdisjoint({*scopes, uploader(actor.id)}):
        raise NOT_FOUND()
    return blob


def uploader(user_id: UUID) -> str:
    """The scope of what a person brought himself. No grant gives it and no row lies in it: nobody else has it."""
    return f"{_UPLOADER}{user_id}"


def expire(blobs: Blobs, upload_id: UUID) -> Write:
    """Forget an upload whose time is over, with every part of it. What became whole stays, as a blob."""
    blobs.drop_parts(upload_id)

    def forget(session: Session) -> None:
        upload = session.get(Upload, upload_id)
        if upload is not None:
            session.delete(upload)

    return forget


def handlers(blobs: Blobs) -> dict[str, Handler]:
    """The jobs of this concept, for the worker."""
    return {"upload.expire": lambda _database, args: expire(blobs, UUID(args["upload"]))}


def _make_room(session: Session, by: UUID) -> None:
    """Answers lost at the edge of coverage leave uploads that nobody will go on with: they must not bar new ones."""
    still_open = (Upload.user_id == by, Upload.ended_at.is_(None), Upload.expires_at > now(session))
    newest_first = select(Upload).where(*still_open).order_by(Upload.expires_at.desc(), Upload.id.desc())
    for stale in session.scalars(newest_first.offset(MOST_OPEN - 1)):
        stale.ended_at = now(session)
        _forget_at(session, now(session) + LATE, stale)


def _forget_at(session: Session, when: datetime, upload: Upload) -> None:
    jobs.at(session, when, "upload.expire", key=f"upload.expire:{upload.id}", upload=str(upload.id))


def _insert_once(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert unless it is there; whether it was new. The key is the lock: nothing is looked up first."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(model).values(**values).on_conflict_do_nothing().returning(*model.__table__.primary_key)
    )
    return session.execute(statement).first() is not None
