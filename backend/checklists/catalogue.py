"""What the desk asks about lists: which there are and whose, one version, one draft, and what waits for a signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import drafts, queries, versions
from backend.checklists.flaws import Examined, examine
from backend.checklists.models import LIBRARY, FormDraft, FormVersion, Submission, kind_of
from backend.checklists.workflow import AUTHORS, CHAINS, INSIDERS, MOVES, chain_for
from backend.kernel import policy
from backend.kernel.names import names, ref
from backend.kernel.paging import Page, newest_first
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import NOT_FOUND
from backend.kernel.workflow import Move
from backend.sites import operations as sites
from backend.sites.models import Jurisdiction, Mine
from forms.definition import KINDS
from forms.diff import compare
from forms.library import sources

READ = policy.allow(
    "form.read", policy.MINE_ROLES | policy.BUREAU_ROLES | {Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR}
)
STILL_OPEN = ("draft", "review")
LIBRARY_NAME = "清单库"


def owners(session: Session, actor: Actor) -> set[str]:
    """Whose lists a person may read: the library's, his mines', and those of the jurisdictions above and below him.

    Raises DENIED (403) for who has no role at all.
    """
    held = actor.scopes(READ)
    if not held:
        raise policy.DENIED(act=READ)
    found = {LIBRARY}
    for mine, lineage in sites.lineages(session).items():
        if lineage & held:
            found |= {f"mine:{mine.id}", *filter(versions.owns, lineage)}
    for lineage in sites.jurisdictions(session).values():
        if lineage & held:
            found |= set(filter(versions.owns, lineage))
    return found


def page(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> Page[dict[str, Any]]:
    """One row a list, by key. wanted: owner, kind, state, mine, q, waits, cursor (the last key), limit."""
    rows = [row for row in every(session, actor, wanted) if row["key"] > (wanted["cursor"] or "")]
    items = rows[: wanted["limit"]]
    return Page(items, items[-1]["key"] if len(rows) > len(items) else None)


def every(session: Session, actor: Actor, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All that the filters leave, by key."""
    readable = owners(session, actor)
    latest = _latest(session, readable)
    holding = (
        {row.key for row in versions.for_mine(session, wanted["mine"], KINDS)} if wanted["mine"] else None
    )
    if wanted["mine"] and f"mine:{wanted['mine']}" not in readable:
        raise NOT_FOUND()
    begun = {row.key: row for row in _open_drafts(session, actor)}
    called = owner_names(session, {row.owner for row in (*latest.values(), *begun.values())})
    made = (_row(actor, called, latest, latest.get(key), begun.get(key)) for key in sorted({*latest, *begun}))
    return [row for row in made if _chosen(row, wanted, holding)]


def _chosen(row: Mapping[str, Any], wanted: Mapping[str, Any], holding: set[str] | None) -> bool:
    owner = wanted["owner"]
    states = {part["state"] for part in (row["version"], row["draft"]) if part}
    return (
        (owner is None or owner in (row["owner"]["kind"], row["owner"]["scope"]))
        and (not wanted["kind"] or row["kind"] in wanted["kind"])
        and (not wanted["state"] or bool(states & set(wanted["state"])))
        and (wanted["waits"] is None or wanted["waits"] == bool(row["draft"] and row["draft"]["my_turn"]))
        and (wanted["upgrade"] is None or wanted["upgrade"] == bool(row["base"] and row["base"]["newer"]))
        and (holding is None or row["key"] in holding)
        and (
            not wanted["q"] or wanted["q"].strip() in row["title"]["zh"] or wanted["q"].strip() in row["key"]
        )
    )


def _latest(session: Session, readable: Iterable[str]) -> dict[str, Any]:
    """Of each list the version in force, or the last one. Without definitions: there may be hundreds."""
    columns = (
        *(FormVersion.id, FormVersion.key, FormVersion.kind, FormVersion.owner, FormVersion.number),
        *(FormVersion.state, FormVersion.published_at, FormVersion.base_id, FormVersion.base_key),
        FormVersion.definition["title"].label("title"),
    )
    found: dict[str, Any] = {}
    query = select(*columns).where(FormVersion.owner.in_(list(readable))).order_by(FormVersion.number)
    for row in session.execute(query):
        known = found.get(row.key)
        if known is None or known.state != "published":
            found[row.key] = row
    return found


def _open_drafts(session: Session, actor: Actor) -> list[FormDraft]:
    found = session.scalars(
        select(FormDraft).where(FormDraft.state.in_(STILL_OPEN)).order_by(FormDraft.begun_at)
    )
    return [row for row in found if _insider(actor, row)]


def _insider(actor: Actor, draft: FormDraft) -> bool:
    return not actor.roles(draft.scopes()).isdisjoint(INSIDERS[draft.owner_kind] | {Role.AUDITOR})


def waiting(session: Session, actor: Actor) -> list[FormDraft]:
    """What waits for this person's signature, the longest first: for his worklist."""
    return sorted(
        (row for row in _open_drafts(session, actor) if _my_turn(actor, row)), key=lambda row: row.changed_at
    )


def title(draft: FormDraft) -> dict[str, str]:
    """What a draft is called, as far as its author has come."""
    said = draft.document.get("title")
    words = {"zh": said} if isinstance(said, str) else said
    return dict(words) if isinstance(words, dict) and words.get("zh") else {"zh": draft.key}


def moves(actor: Actor, draft: FormDraft) -> list[Move]:
    """What this person may do with a draft now; a step that he may not sign is not his."""
    return [
        row
        for row in MOVES.open_to(actor, draft)
        if not row.signed or drafts.standing(actor, draft, row) is not None
    ]


def _my_turn(actor: Actor, draft: FormDraft) -> bool:
    return any(row.signed for row in moves(actor, draft))


def _row(
    actor: Actor, called: Mapping[str, str], latest: Mapping[str, Any], row: Any, draft: FormDraft | None
) -> dict[str, Any]:
    of: Any = row if row is not None else draft
    base = latest.get(row.base_key) if row is not None and row.base_key else None
    return {
        "key": of.key,
        "owner": _owner(called, of.owner),
        "kind": of.kind,
        "title": row.title if row is not None else title(of),
        "version": row
        and {"id": row.id, "number": row.number, "state": row.state, "published_at": row.published_at},
        "draft": draft
        and {
            "id": draft.id,
            "state": draft.state,
            "step": draft.step,
            "steps": len(CHAINS[draft.chain]),
            "waits_for": _waits_for(draft),
            "my_turn": _my_turn(actor, draft),
            "changed_at": draft.changed_at,
        },
        "base": base
        and {
            "key": base.key,
            "title": base.title,
            "newer": base.state == "published" and base.id != row.base_id,
        },
    }


def _waits_for(draft: FormDraft) -> dict[str, str] | None:
    chain = CHAINS[draft.chain]
    if draft.state != "review" or draft.step >= len(chain):
        return None
    return {"zh": chain[draft.step].zh, "en": chain[draft.step].en}


def _owner(called: Mapping[str, str], scope: str) -> dict[str, str]:
    return {"scope": scope, "kind": kind_of(scope), "name": called[scope]}


def owner_names(session: Session, scopes: Iterable[str]) -> dict[str, str]:
    """What the owners of lists are called, by scope."""
    found = {LIBRARY: LIBRARY_NAME}
    for kind, model in (("mine", Mine), ("jurisdiction", Jurisdiction)):
        ids = [UUID(scope.partition(":")[2]) for scope in scopes if kind_of(scope) == kind]
        found |= {f"{kind}:{key}": row["name"] for key, row in names(session, model, ids).items()}
    return found


# One version


def find_version(session: Session, actor: Actor, sha: str) -> FormVersion:
    """Raises DENIED (403), NOT_FOUND (404), the same whether it is hidden or not there."""
    readable, row = owners(session, actor), session.get(FormVersion, sha)
    if row is None or row.owner not in readable:
        raise NOT_FOUND()
    return row


def version(session: Session, actor: Actor, row: FormVersion) -> dict[str, Any]:
    """One version, its history, who signed it, what became of it, and what may be done with it."""
    base = session.get(FormVersion, row.base_id) if row.base_id else None
    newer = versions.in_force(session, row.base_key) if row.base_key else None
    history = session.scalars(
        select(FormVersion).where(FormVersion.key == row.key).order_by(FormVersion.number.desc())
    )
    begun = session.scalar(
        select(FormDraft).where(FormDraft.key == row.key, FormDraft.state.in_(STILL_OPEN)).limit(1)
    )
    return {
        "id": row.id,
        "ver": row.ver,
        "key": row.key,
        "owner": _owner(owner_names(session, [row.owner]), row.owner),
        "kind": row.kind,
        "number": row.number,
        "state": row.state,
        "published_at": row.published_at,
        "retired_at": row.retired_at,
        "recall": row.recall or None,
        "approvals": row.approvals,
        "definition": row.definition,
        "base": base and _named(base),
        "upgrade": _named(newer) if base and newer and newer.id != base.id else None,
        "versions": [_named(one) for one in history],
        "draft": begun.id if begun and _insider(actor, begun) else None,
        "submissions": _count(session, _touched(session, actor, row)),
        "moves": list(MOVES.open_to(actor, row)),
        "may_revise": begun is None
        and not actor.roles(row.scopes()).isdisjoint(AUTHORS.get(row.owner_kind, ())),
    }


def _named(row: FormVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "number": row.number,
        "state": row.state,
        "title": row.definition["title"],
        "published_at": row.published_at,
    }


def diff(session: Session, row: FormVersion, against: FormVersion | None) -> dict[str, Any]:
    """What a version changed. against: the older one; without it, the one before of the same list, or its base."""
    before = against or session.scalar(
        select(FormVersion).where(FormVersion.key == row.key, FormVersion.number == row.number - 1).limit(1)
    )
    if before is None and row.base_id:
        before = session.get(FormVersion, row.base_id)
    return {
        "old": before and _named(before),
        "new": _named(row),
        "changes": _changes(before, row.definition),
    }


def _changes(before: FormVersion | None, after: Any) -> list[dict[str, Any]]:
    if before is None or after is None:
        return []
    # An adaptation has its owner's key: that is no change of the list.
    return [change.to_json() for change in compare(before.definition | {"key": after["key"]}, after)]


def touched(session: Session, actor: Actor, row: FormVersion, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The lists that were begun or filled on this version, as far as the person may see them: what a recall touches."""
    condition = _touched(session, actor, row)
    found = newest_first(
        session,
        select(Submission).where(condition),
        Submission.opened_at,
        Submission.id,
        wanted["cursor"],
        wanted["limit"],
    )
    mines = names(session, Mine, {one.mine_id for one in found.items})
    people = names(session, User, {one.user_id for one in found.items})
    items = [
        {
            "id": one.id,
            "mine": mines[one.mine_id],
            "person": people[one.user_id],
            "post": one.post,
            "state": one.state,
            "opened_at": one.opened_at,
            "signed_at": one.signed_at,
            "fails": one.fails,
        }
        for one in found.items
    ]
    return {"items": items, "next": found.next, "count": _count(session, condition)}


def _touched(session: Session, actor: Actor, row: FormVersion) -> ColumnElement[bool]:
    return (Submission.form == row.id) & queries.visible(session, actor)


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Submission).where(condition)) or 0


# One draft


def find_draft(session: Session, actor: Actor, draft_id: UUID) -> FormDraft:
    """Raises NOT_FOUND (404), the same whether it is hidden or not there."""
    row = session.get(FormDraft, draft_id)
    if row is None or not _insider(actor, row):
        raise NOT_FOUND()
    return row


def draft(session: Session, actor: Actor, row: FormDraft) -> dict[str, Any]:
    """One draft: what it says, what is wrong with it, what it changes, how far its approval is, what I may do now."""
    seen = looked_at(session, row, examine(session, row))
    base = session.get(FormVersion, row.base_id) if row.base_id else None
    replaced = session.get(FormVersion, row.replaces_id) if row.replaces_id else None
    signed = {event["step"]: event for event in drafts.this_round(row) if event.get("signature")}
    return {
        "id": row.id,
        "ver": row.ver,
        "key": row.key,
        "owner": _owner(owner_names(session, [row.owner]), row.owner),
        "kind": row.kind,
        "title": title(row),
        "state": row.state,
        "document": row.document,
        "sha": row.sha,
        "flaws": seen["flaws"],
        "changes": seen["changes"],
        "conflicts": row.conflicts,
        "file": row.source.get("file"),
        "base": base and _named(base),
        "replaces": replaced and _named(replaced),
        "chain": [
            {
                "word": {"zh": step.zh, "en": step.en},
                "roles": sorted(step.by),
                "signed": signed.get(number),
                "turn": row.state == "review" and number == row.step,
            }
            for number, step in enumerate(CHAINS[row.chain])
        ],
        "events": row.events,
        "begun_by": ref(session.get_one(User, row.begun_by)),
        "changed_by": ref(session.get_one(User, row.changed_by)),
        "changed_at": row.changed_at,
        "moves": moves(actor, row),
    }


def looked_at(session: Session, row: FormDraft, found: Examined) -> dict[str, Any]:
    """What is wrong with a document, and what it would change of the version that it replaces, or else of its base."""
    key = row.replaces_id or row.base_id
    new = found.definition.to_json() if found.definition else None
    before = session.get(FormVersion, key) if key else None
    return {"flaws": found.flaws, "definition": new, "changes": _changes(before, new)}


def require_author(session: Session, actor: Actor) -> None:
    """Raises DENIED (403) for who may write no list at all: he need not have a file read for him."""
    if not choices(session, actor)["owners"]:
        raise policy.DENIED(act="form.edit")


def choices(session: Session, actor: Actor) -> dict[str, Any]:
    """For whom this person may write lists, their kinds, whose signatures each takes, and the known standards."""
    readable = owners(session, actor)
    scopes = sites.jurisdictions(session)
    lineages = {f"mine:{mine.id}": lineage for mine, lineage in sites.lineages(session).items()}
    lineages |= {f"jurisdiction:{key}": lineage for key, lineage in scopes.items()}
    writable = [
        scope
        for scope, lineage in lineages.items()
        if scope in readable and actor.roles(lineage) & AUTHORS[kind_of(scope)]
    ]
    called = owner_names(session, writable)
    return {
        "owners": [_owner(called, scope) for scope in writable],
        "kinds": list(KINDS),
        "chains": {
            owner: {
                kind: [{"zh": step.zh, "en": step.en} for step in CHAINS[chain_for(owner, kind)]]
                for kind in KINDS
            }
            for owner in AUTHORS
        },
        "standards": [
            {"code": one.code, "title": one.title, "in_force": one.in_force, "verified": one.verified}
            for one in sources().values()
        ],
    }
