"""The verbs of a draft: begin, adapt, copy, revise, upgrade, save, submit, sign, send back; the last one publishes.

Nobody signs two steps of a chain, unless he signs one of them as somebody's dated deputy: then that one counts as the
signature of the person he stands in for, who cannot sign another step of it himself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import User
from backend.checklists import versions
from backend.checklists.flaws import examine
from backend.checklists.models import LIBRARY, FormDraft, FormVersion, kind_of
from backend.checklists.workflow import CHAINS, MOVES, chain_for
from backend.kernel import audit
from backend.kernel.clock import Captured
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import Actor, Held
from backend.kernel.problems import FieldError, Problem, Refusal
from backend.kernel.workflow import Move
from backend.sites.models import Jurisdiction, Mine
from forms.load import load
from forms.upgrade import upgrade as merge
from forms.version import version

STALE = Problem(
    409,
    "form.stale",
    "清单草稿已由{by}于{at}修改，请对照双方内容后再保存。",
    "{by} changed this draft at {at}; compare both and save again.",
)
OPEN_ALREADY = Problem(
    409,
    "form.draft_open",
    "该清单已有一份未完成的草稿，请在其上继续。",
    "There is an open draft of this list already; go on with that one.",
)
ADAPTED_ALREADY = Problem(
    409,
    "form.adapted_already",
    "已改编过此清单，请修订现有的一份。",
    "You have adapted this list already; revise the one you have.",
)
NOT_ADAPTABLE = Problem(
    422,
    "form.not_adaptable",
    "只能改编产品清单库或本辖区监管部门的现行清单。",
    "Only lists in force of the library or of a bureau above you can be adapted.",
)
NO_UPGRADE = Problem(
    409,
    "form.no_upgrade",
    "所依据的清单没有更新的版本。",
    "The list that this one stands on has no newer version.",
)
FLAWED = Problem(
    422,
    "form.flawed",
    "清单还有 {count} 处问题，请按提示修改后再提交。",
    "The list has {count} problems; mend them as marked and submit it again.",
)
NOTHING_NEW = Problem(
    422,
    "form.nothing_new",
    "内容与现行版本完全相同，无需审批。",
    "This is what is in force already; there is nothing to approve.",
)
SIGNED_OTHER = Problem(
    422,
    "form.signed_other",
    "签字所对应的内容不是正在审批的版本，请重新打开后再签。",
    "The signature is over something else than what is being approved; open it again and sign.",
)
SIGNED_ALREADY = Problem(
    409,
    "form.signed_already",
    "您已签过本次审批的其他环节，本环节须由其他人或其代理人签字。",
    "You have signed another step of this approval; somebody else, or his deputy, signs this one.",
)
BASE_RECALLED = Problem(
    409,
    "form.base_recalled",
    "所依据的清单已被召回（{reason}），请先更新到新版本。",
    "The list that this one stands on was recalled ({reason}); upgrade to a newer version first.",
)


class Stale(Refusal):
    """Somebody saved meanwhile: the answer holds both sides, so that the screen can show them together."""

    def __init__(self, draft: FormDraft, by: str, yours: Mapping[str, Any]) -> None:
        at = draft.changed_at.strftime("%Y-%m-%d %H:%M")
        super().__init__(STALE, {"by": by, "at": f"{at} UTC"}, (), None)
        self.sides = {"theirs": {"ver": draft.ver, "document": draft.document}, "yours": {"document": yours}}

    def body(self, language: str) -> dict[str, Any]:
        return super().body(language) | self.sides


def begin(
    session: Session,
    actor: Actor,
    owner: str,
    kind: str,
    title: str,
    document: Mapping[str, Any] | None = None,
    source: Mapping[str, Any] | None = None,
) -> FormDraft:
    """A new list of a mine or a bureau, empty or as it was imported. Raises DENIED (403), NOT_FOUND (404)."""
    made = new_id(session)
    empty = {"title": {"zh": title}, "sections": [{"id": "s1", "title": {"zh": title}, "items": []}]}
    key = f"{_prefix(owner)}list_{made.hex[-8:]}"
    return _start(session, actor, owner, key, kind, document or empty, source=source or {}, draft_id=made)


def revise(session: Session, actor: Actor, row: FormVersion) -> FormDraft:
    """The next version of a list of one's own, beginning with what this one says."""
    base = session.get(FormVersion, row.base_id) if row.base_id else None
    return _start(session, actor, row.owner, row.key, row.kind, row.definition, base=base)


def adapt(session: Session, actor: Actor, row: FormVersion, owner: str) -> FormDraft:
    """A list of one's own that stands on this one: its items stay, and others are added.

    Raises DENIED (403), NOT_ADAPTABLE (422), ADAPTED_ALREADY or OPEN_ALREADY (409).
    """
    key = f"{_prefix(owner)}{_local(row)}"
    draft = _start(session, actor, owner, key, row.kind, row.definition, base=row)
    above = row.owner == LIBRARY or (row.owner != owner and row.owner in draft.scopes())
    if not above or row.state != "published" or kind_of(row.owner) == "mine":
        raise NOT_ADAPTABLE()
    if versions.in_force(session, key) is not None:
        raise ADAPTED_ALREADY()
    return draft


def copy(session: Session, actor: Actor, row: FormVersion, owner: str) -> FormDraft:
    """A list of one's own that begins with what this one says, and has nothing more to do with it."""
    made = new_id(session)
    key = f"{_prefix(owner)}list_{made.hex[-8:]}"
    return _start(session, actor, owner, key, row.kind, row.definition, draft_id=made)


def upgrade(session: Session, actor: Actor, row: FormVersion) -> FormDraft:
    """The newer version of what this list stands on, with what was changed and added here on it.

    conflicts of the draft: where both sides changed the same; the base's word stands until a person decides.
    Raises DENIED (403), NO_UPGRADE or OPEN_ALREADY (409).
    """
    base = versions.in_force(session, row.base_key) if row.base_key else None
    if base is None or base.id == row.base_id:
        raise NO_UPGRADE()
    old = get(session, FormVersion, row.base_id or "")
    document, conflicts = merge(old.definition, base.definition, row.definition)
    found = [conflict.to_json() for conflict in conflicts]
    return _start(session, actor, row.owner, row.key, row.kind, document, base=base, conflicts=found)


def save(
    session: Session, actor: Actor, draft: FormDraft, document: Mapping[str, Any], seen: int
) -> FormDraft:
    """Keep what the author has so far; it need not be a definition yet. Key and kind stay what they were.

    seen: the version of the draft that he edited. Raises DENIED (403), Stale or STATE_MOVED_ON (409).
    """
    MOVES.check(actor, draft, "edit", {})
    if seen != draft.ver:
        raise Stale(draft, session.get_one(User, draft.changed_by).name, document)
    draft.document = _own(document, draft.key, draft.kind)
    draft.changed_by, draft.changed_at = actor.id, now(session)
    return draft


def move(
    session: Session, actor: Actor, draft: FormDraft, act: str, evidence: Mapping[str, Any], when: Captured
) -> FormDraft:
    """Do one move of the table: submit, sign, publish, return, withdraw.

    Raises DENIED (403), STATE_MOVED_ON, SIGNED_ALREADY, BASE_RECALLED or RECALLED (409), EVIDENCE_LACKS, FLAWED,
    NOTHING_NEW or SIGNED_OTHER (422).
    """
    row = MOVES.check(actor, draft, act, evidence)
    stands_for = None
    if act == "submit":
        _freeze(session, draft)
    elif row.signed:
        stands_for = standing(actor, draft, row)
        if stands_for is None:
            raise SIGNED_ALREADY()
        if evidence["signature"]["hash"] != draft.sha:
            raise SIGNED_OTHER()
    elif act == "return":
        draft.sha = None
    draft.events = [*draft.events, _event(session, actor, draft, row, evidence, stands_for, when)]
    draft.step = draft.step + 1 if row.signed else 0
    draft.state = row.target
    draft.changed_by, draft.changed_at = actor.id, when.corrected
    audit.note(
        session,
        actor.id,
        f"form.{act}",
        f"form_draft:{draft.id}",
        key=draft.key,
        to=draft.state,
        sha=draft.sha,
    )
    if act == "publish":
        _publish(session, actor, draft)
    return draft


def standing(actor: Actor, draft: FormDraft, row: Move) -> Held | None:
    """The grant by which a person may sign this step: his own before a deputy's; None when whoever he would sign for
    has signed a step of this round.
    """
    signed = {event["for"] for event in this_round(draft) if event.get("signature")}
    grants = [
        grant
        for grant in actor.grants
        if grant.role in row.by and grant.scope in draft.scopes() and grant.holds(actor.at)
    ]
    grants.sort(key=lambda grant: grant.deputy_for is not None)
    return next((grant for grant in grants if str(grant.deputy_for or actor.id) not in signed), None)


def this_round(draft: FormDraft) -> list[dict[str, Any]]:
    """What happened since the list was submitted last: who signed before it was sent back signs again."""
    acts = [event["act"] for event in draft.events]
    begins = len(acts) - acts[::-1].index("submit") if "submit" in acts else len(acts)
    return draft.events[begins:]


def _freeze(session: Session, draft: FormDraft) -> None:
    """From here on it is known what is being signed."""
    found = examine(session, draft)
    if found.definition is None or found.flaws:
        errors = [FieldError(flaw["path"] or "/", flaw["zh"], flaw["en"]) for flaw in found.flaws]
        raise FLAWED(count=len(found.flaws), errors=errors[:100])
    sha = version(found.definition)
    known = session.get(FormVersion, sha)
    if known is not None and known.recalled_at:
        raise versions.RECALLED(reason=known.recall["reason"])
    if known is not None and known.retired_at is None:
        raise NOTHING_NEW()
    draft.document, draft.sha = found.definition.to_json(), sha


def _publish(session: Session, actor: Actor, draft: FormDraft) -> None:
    base = session.get(FormVersion, draft.base_id) if draft.base_id else None
    if base is not None and base.recalled_at:
        raise BASE_RECALLED(reason=base.recall["reason"])
    signed = [event for event in this_round(draft) if event.get("signature")]
    definition = load(draft.document)
    versions.publish(session, actor.id, definition, owner=draft.owner, base=base, approvals=signed)


def _event(
    session: Session,
    actor: Actor,
    draft: FormDraft,
    row: Move,
    evidence: Mapping[str, Any],
    held: Held | None,
    when: Captured,
) -> dict[str, Any]:
    """for: in whose name he signed, himself or the person whose deputy he is."""
    event: dict[str, Any] = {
        "act": row.act,
        "by": str(actor.id),
        "name": actor.name,
        "at": when.corrected.isoformat(),
    }
    if evidence.get("note"):
        event["note"] = evidence["note"]
    if held is not None:
        step = CHAINS[draft.chain][draft.step]
        stands_for = session.get_one(User, held.deputy_for) if held.deputy_for else None
        event |= {
            "step": draft.step,
            "word": {"zh": step.zh, "en": step.en},
            "role": held.role.value,
            "for": str(held.deputy_for or actor.id),
            "for_name": stands_for.name if stands_for else actor.name,
            "signature": dict(evidence["signature"]),
        }
    return event


def _start(
    session: Session,
    actor: Actor,
    owner: str,
    key: str,
    kind: str,
    document: Mapping[str, Any],
    *,
    base: FormVersion | None = None,
    source: Mapping[str, Any] | None = None,
    conflicts: Sequence[Mapping[str, Any]] = (),
    draft_id: UUID | None = None,
) -> FormDraft:
    """Raises DENIED (403), NOT_FOUND (404), OPEN_ALREADY (409)."""
    owner_kind, _, owner_id = owner.partition(":")
    get(session, Mine if owner_kind == "mine" else Jurisdiction, UUID(owner_id))
    at, replaced = now(session), versions.in_force(session, key)
    draft = FormDraft(
        id=draft_id or new_id(session),
        owner=owner,
        key=key,
        kind=kind,
        document=_own(document, key, kind),
        chain=chain_for(owner_kind, kind),
        state="draft",
        step=0,
        replaces_id=replaced and replaced.id,
        base_id=base and base.id,
        source=dict(source or {}),
        conflicts=list(conflicts),
        events=[],
        begun_by=actor.id,
        begun_at=at,
        changed_by=actor.id,
        changed_at=at,
    )
    still_open = select(FormDraft.id).where(FormDraft.key == key, FormDraft.state.in_(("draft", "review")))
    known = session.scalar(still_open)
    session.add(draft)
    with session.no_autoflush:
        MOVES.check(actor, draft, "edit", {})
    if known is not None:
        session.expunge(draft)
        raise OPEN_ALREADY(errors=[FieldError("/draft", str(known), str(known))])
    session.flush()
    audit.note(session, actor.id, "form.begun", f"form_draft:{draft.id}", key=key, base=draft.base_id)
    return draft


def _own(document: Mapping[str, Any], key: str, kind: str) -> dict[str, Any]:
    return {**deepcopy(dict(document)), "schema": "form/1", "key": key, "kind": kind}


def _prefix(owner: str) -> str:
    """Every owner has keys of his own: equal lists of two mines are two lists, and no phone of one holds the other's.

    The last 12 hex digits of a UUIDv7 are random, the first tell the time.
    """
    kind, _, key = owner.partition(":")
    return f"{'mine' if kind == 'mine' else 'bureau'}.{UUID(key).hex[-12:]}."


def _local(row: FormVersion) -> str:
    """The key without its owner's prefix."""
    return row.key.removeprefix(_prefix(row.owner)) if versions.owns(row.owner) else row.key
