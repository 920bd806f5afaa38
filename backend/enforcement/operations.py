"""Documents: a number from a standing block, issued once, printed, superseded; what was issued is a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.documents.kinds import Kind
from backend.documents.render import SHORT, data_hash, kinds
from backend.documents.wording import supplementary
from backend.enforcement import drafts
from backend.enforcement.models import Document, NumberBlock, NumberCounter, NumberUse
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.inspections.workflow import LEAST_OFFICERS
from backend.kernel import audit, jobs, policy
from backend.kernel.clock import ZONE, Captured
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import Problem
from backend.sites import operations as sites
from backend.sites.models import Bureau
from backend.uploads import operations as uploads
from sync import review

ISSUE = policy.allow("document.issue", {Role.INSPECTOR})
READ = policy.allow(
    "document.read",
    {
        *(Role.MINE_HEAD, Role.SAFETY_OFFICER, Role.SAFETY_DIRECTOR, Role.PRINCIPAL, Role.CONTROLLER),
        *(Role.INSPECTOR, Role.CLERK, Role.LEGAL_REVIEWER, Role.BUREAU_SECTION, Role.BUREAU_HEAD),
        Role.AUDITOR,
    },
)
BLOCK_SIZE = 20
TOP_UP_BELOW = 8
MOST = 1000  # open conflicts of one visit that are looked at

UNKNOWN_KIND = Problem(
    422, "document.unknown_kind", "没有“{kind}”这种文书。", "There is no document “{kind}”."
)
SAME_SHORT = Problem(
    409,
    "document.same_short",
    "校验码{short}已属于文书{number}，同一校验码不能再签发；请核对内容是否重复。",
    "The check code {short} is that of document {number} already; see whether this is the same paper.",
)
NOT_CURRENT = Problem(
    409,
    "document.not_current",
    "原文书{number}已被替代或作废，不能再次替代。",
    "Document {number} is superseded or void already and cannot be superseded again.",
)


def top_up(session: Session, officer: User, bureau: Bureau, kind: Kind) -> NumberBlock | None:
    """See that an officer holds enough numbers, whether a visit is planned or not: that says nothing to anybody.

    Returns the new block, or None while he still has enough.
    """
    year = now(session).astimezone(ZONE).year
    held = session.scalars(
        select(NumberBlock).where(
            NumberBlock.user_id == officer.id,
            NumberBlock.bureau_id == bureau.id,
            NumberBlock.kind == kind.key,
            NumberBlock.year == year,
        )
    )
    if sum(block.last - block.next + 1 for block in held) >= TOP_UP_BELOW:
        return None
    counter = session.get(NumberCounter, (bureau.id, kind.key, year), with_for_update=True)
    if counter is None:
        counter = NumberCounter(bureau_id=bureau.id, kind=kind.key, year=year, last=0)
        session.add(counter)
    block = NumberBlock(
        id=new_id(session),
        bureau_id=bureau.id,
        user_id=officer.id,
        kind=kind.key,
        year=year,
        pattern=f"（{bureau.abbr}）{kind.word}〔{{year}}〕{{n}}号",
        first=counter.last + 1,
        last=counter.last + BLOCK_SIZE,
        next=counter.last + 1,
    )
    counter.last = block.last
    session.add(block)
    audit.note(
        session, "numbers", "number.block_given", f"user:{officer.id}", kind=kind.key, first=block.first
    )
    return block


def top_up_all(session: Session) -> None:
    """See to every officer of every bureau: whoever goes underground tomorrow holds numbers tonight."""
    above, at = sites.jurisdictions(session), now(session)
    for bureau in session.scalars(select(Bureau).order_by(Bureau.id)):
        for officer in accounts.holders(session, Role.INSPECTOR, above[bureau.jurisdiction_id], at):
            for kind in kinds().values():
                top_up(session, officer, bureau, kind)


TOP_UP = "numbers.top_up"
HANDLERS: dict[str, jobs.Handler] = {TOP_UP: jobs.recurring(TOP_UP, timedelta(hours=1), top_up_all)}


def issue(
    session: Session,
    actor: Actor,
    document_id: UUID,
    visit: Visit,
    kind_key: str,
    block: NumberBlock | None,
    n: int,
    data: dict[str, Any],
    signed_hash: str,
    when: Captured,
    *,
    cites: Sequence[UUID] | None = None,
    supersedes: Document | None = None,
) -> Document:
    """Put an issued document on record. What was issued on site is a fact: it is taken, its number is consumed, and
    the rules that it breaks are listed in `review` for the legal reviewer; they never send it back.

    data: what the document says, in the shape of its template, signatures included.  n: the serial from `block`.
    signed_hash: the hash of that data as the phone printed it; should ours differ, a jurist is told.
    cites: the hazards that it tells of; where a phone does not say, those of the visit whose words stand in it.
    Until the mine is told of all of them the paper stays with the team (`reveal`). The PDF is made by a job.
    Raises DENIED (403), UNKNOWN_KIND (422), NOT_CURRENT, SAME_SHORT (409).
    """
    policy.require(actor, ISSUE, visit.scopes())
    if kind_key not in kinds():
        raise UNKNOWN_KIND(kind=kind_key[:40])
    if supersedes is not None and supersedes.state in ("superseded", "void"):
        raise NOT_CURRENT(number=supersedes.number)
    year = when.corrected.astimezone(ZONE).year
    digest = data_hash(kind_key, data)
    short = digest[:SHORT]
    taken = session.scalar(select(Document.number).where(Document.short == short))
    if taken is not None:  # docs/adr/0006-documents.md: what a QR leads to is one document
        raise SAME_SHORT(short=short, number=taken)
    cited = _read_out(session, visit, data) if cites is None else [str(one) for one in dict.fromkeys(cites)]
    found = list(_review(session, actor, visit, kind_key, block, n, year, when.corrected))
    found += _open_conflicts(session, visit, cited)
    if digest != signed_hash:
        found.append(
            {"rule": "data_hash", "zh": "内容与签发时的校验码不符", "en": "the data does not match its hash"}
        )
    document = Document(
        id=document_id,
        short=short,
        kind=kind_key,
        number=str(data.get("number") or "")[:120],
        bureau_id=visit.bureau_id,
        mine_id=visit.mine_id,
        visit_id=visit.id,
        state="issued",
        data=data,
        data_hash=digest,
        issued_by=actor.id,
        issued_at=when.corrected,
        received_at=when.received,
        known_to_mine_at=when.corrected if _told(visit, cited) else None,
        review=found,
        cites=cited,
        supersedes_id=supersedes.id if supersedes else None,
    )
    session.add(document)
    if supersedes is not None:
        supersedes.state = "superseded"
    _consume(session, visit, kind_key, year, block, n, document)
    jobs.soon(session, "document.render", document=str(document.id))
    audit.note(session, actor.id, "document.issued", f"document:{document.id}", number=document.number)
    return document


def reveal(session: Session, visit: Visit, at: datetime) -> None:
    """The mine learns of the papers whose findings it was all told of: they move from the visit to the mine, with
    their PDFs. One that cites a finding that nobody has told it of stays hidden: it would betray it.
    """
    hidden = (Document.visit_id == visit.id, Document.known_to_mine_at.is_(None))
    for document in session.scalars(select(Document).where(*hidden)).all():
        if _told(visit, document.cites):
            document.known_to_mine_at = at
            if document.pdf is not None:
                uploads.use(session, document.pdf, document.home(), None)


def _told(visit: Visit, cited: Sequence[str]) -> bool:
    return visit.explained_at is not None and all(visit.told(finding) is not None for finding in cited)


def _read_out(session: Session, visit: Visit, data: Mapping[str, Any]) -> list[str]:
    """What a paper of an older phone cites: the visit's hazards that are on the server and whose words it prints."""
    said = data.get("findings")
    texts = {one.get("text") for one in said if isinstance(one, dict)} if isinstance(said, list) else set()
    found = session.scalars(select(Hazard).where(Hazard.visit_id == visit.id).order_by(Hazard.id))
    return [str(row.id) for row in found if drafts.text_of(row.row()) in texts]


def _consume(
    session: Session,
    visit: Visit,
    kind: str,
    year: int,
    block: NumberBlock | None,
    n: int,
    document: Document,
) -> None:
    if block is not None and block.first <= n <= block.last:
        block.next = max(block.next, n + 1)
    if session.get(NumberUse, (visit.bureau_id, kind, year, n)) is None:
        session.add(
            NumberUse(
                bureau_id=visit.bureau_id,
                kind=kind,
                year=year,
                n=n,
                document_id=document.id,
                state="issued",
                at=document.issued_at,
            )
        )


def _review(
    session: Session,
    actor: Actor,
    visit: Visit,
    kind: str,
    block: NumberBlock | None,
    n: int,
    year: int,
    at: datetime,
) -> Iterator[dict[str, str]]:
    """What a legal reviewer must look at, each with the rule it rests on."""
    valid = [
        row
        for row in visit.team
        if row["role"] != Role.EXPERT
        and row["certificate_until"]
        and datetime.fromisoformat(row["certificate_until"]) > at
    ]
    if len(valid) < LEAST_OFFICERS:
        yield {
            "rule": "two_officers",
            "zh": "持有效执法证的执法人员不足两名",
            "en": "fewer than two officers with valid credentials",
        }
    if block is None or block.user_id != actor.id or not block.first <= n <= block.last:
        yield {
            "rule": "own_block",
            "zh": "文号不在签发人的号段内",
            "en": "the number is not from the issuer's block",
        }
    if session.get(NumberUse, (visit.bureau_id, kind, year, n)) is not None:
        yield {"rule": "number_once", "zh": "文号已被使用", "en": "the number was used before"}


def _open_conflicts(session: Session, visit: Visit, cited: Sequence[str]) -> Iterator[dict[str, Any]]:
    """No document may cite what two people say differently; of the checklist and of each hazard, once."""
    records = [str(visit.submission_id), *cited]
    unsettled = {conflict.entity for conflict in review.open_conflicts(session, entities=records, limit=MOST)}
    for record in records:
        if record in unsettled:
            zh, en = _named(record, cited)
            zh, en = f"{zh}尚有未解决的冲突", f"{en} has an open conflict"
            yield {"rule": "open_conflict", "record": record, "zh": zh, "en": en}


def contested(session: Session, actor: Actor, record: UUID) -> None:
    """A conflict has opened in a record: every paper that holds and cites it is for the legal reviewer again."""
    for document in _citing(session, record):
        if any(row.get("record") == str(record) and not row.get("ended") for row in document.review):
            continue
        zh, en = _named(str(record), document.cites)
        zh, en = f"签发后，{zh}出现冲突，尚未解决", f"after it was issued a conflict opened in {en}"
        found = {"rule": "late_conflict", "record": str(record), "zh": zh, "en": en}
        document.review = [*document.review, found]
        audit.note(session, actor.id, "document.contested", f"document:{document.id}", record=str(record))


def settled(session: Session, actor: Actor, record: UUID, keep: str, why: str) -> None:
    """A conflict in a record was decided; once none is open in it, the papers that cite it say how it ended.

    keep: `shown`, what the papers were issued on, or `other`.
    """
    if review.open_conflicts(session, entities=[str(record)], limit=1):
        return
    did = {
        "shown": ("维持所示内容", "what is shown stays"),
        "other": ("改取另一说法，请核对文书", "the other value holds; look at the paper"),
    }
    for document in _citing(session, record):
        zh, en = _named(str(record), document.cites)
        ended = {
            "ended": True,
            "zh": f"{zh}的冲突已由{actor.name}处理：{did[keep][0]}。理由：{why}",
            "en": f"the conflict in {en} was decided by {actor.name}: {did[keep][1]}. Reason: {why}",
        }
        document.review = [
            row | ended if row.get("record") == str(record) and not row.get("ended") else row
            for row in document.review
        ]


def _citing(session: Session, record: UUID) -> Iterator[Document]:
    """The papers that hold and rest on it: on a visit's checklist all of the visit, on a hazard those that name it."""
    visit = session.scalar(select(Visit.id).where(Visit.submission_id == record))
    hazard = session.get(Hazard, record) if visit is None else None
    of_visit = Document.visit_id == (hazard.visit_id if hazard else visit)
    for document in session.scalars(select(Document).where(of_visit).order_by(Document.id)):
        if document.state not in ("superseded", "void") and (visit or str(record) in document.cites):
            yield document


def _named(record: str, cited: Sequence[str]) -> tuple[str, str]:
    if record not in cited:
        return "检查表", "the checklist"
    place = cited.index(record) + 1
    return f"所列第{place}项隐患", f"item {place}, a hazard,"


def public_view(session: Session, short: str) -> dict[str, Any] | None:
    """What the public page tells of a document: nothing that the paper does not."""
    document = session.scalar(select(Document).where(Document.short == short))
    return _shown(session, document) if document else None


def by_pdf(session: Session, sha: str) -> dict[str, Any] | None:
    """The document whose issued bytes have this SHA-256; None when no such paper was ever issued."""
    document = session.scalar(select(Document).where(Document.pdf == sha))
    return _shown(session, document) if document else None


def _shown(session: Session, document: Document) -> dict[str, Any]:
    by = session.scalar(select(Document.number).where(Document.supersedes_id == document.id))
    return {
        "kind": document.kind,
        "title": title(document)["zh"],
        "number": document.number,
        "issuer": get(session, Bureau, document.bureau_id).name,
        "issued_on": document.issued_at.astimezone(ZONE).date().isoformat(),
        "state": document.state,
        "superseded_by": by,
        "supplements": _supplemented(document),
        "pdf": document.pdf,
        "data_hash": document.data_hash,
    }


def title(document: Document) -> dict[str, str]:
    """What it is called; a supplement says so wherever it is named."""
    kind = kinds()[document.kind]
    if _supplemented(document) is None:
        return {"zh": kind.title_zh, "en": kind.title_en}
    return {"zh": supplementary(kind.title_zh), "en": f"{kind.title_en} (supplement)"}


def _supplemented(document: Document) -> str | None:
    """The number of the record that it supplements. Data of a phone may have any shape."""
    said = document.data.get("supplement")
    return str(said.get("record", ""))[:120] if isinstance(said, dict) else None


def numbers_left(session: Session, user_id: UUID, kind: str) -> int:
    """How many numbers an officer still has for a kind of document."""
    total = session.scalar(
        select(func.sum(NumberBlock.last - NumberBlock.next + 1)).where(
            NumberBlock.user_id == user_id, NumberBlock.kind == kind
        )
    )
    return int(total or 0)
