"""Who manages a unit's people enters them, gives them roles, and lets them go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts.models import Grant, User
from backend.kernel import audit, policy
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import NOT_FOUND, FieldError, Problem
from backend.shifts.models import Staff
from backend.sites import operations as sites
from backend.sites.models import Place

LOGIN_TAKEN = Problem(
    409,
    "person.login_taken",
    "账号“{login}”已有人使用，请换一个。",
    "The login “{login}” is taken; choose another.",
)
PLACE_UNKNOWN = Problem(
    422,
    "person.place_unknown",
    "所选地点不属于本矿，请重新选择。",
    "This place does not belong to the mine; choose again.",
)
ROLE_ELSEWHERE = Problem(
    422,
    "person.role_elsewhere",
    "本单位不设此角色，请重新选择。",
    "There is no such role in this unit; choose another.",
)
ROLE_HELD = Problem(
    409,
    "person.role_held",
    "{name}已有或将有这一角色，请刷新后查看。",
    "{name} holds this role, or will; reload and look again.",
)
ROLE_DATES = Problem(
    422,
    "person.role_dates",
    "角色须从现在或以后开始，在开始之后结束；补记以前的角色须写明理由，最多补 {days} 天，不能补给自己。",
    "A role begins now or later, and ends after that. One that is entered afterwards takes a reason, goes back "
    "{days} days at most, and is given to somebody else.",
)
SELF = Problem(
    409,
    "person.self",
    "不能停用自己的账号，请由其他管理员办理。",
    "You cannot deactivate your own account; let another administrator do it.",
)

NOT_KNOWN = Problem(
    422,
    "person.not_known",
    "没有可以加入本矿的这名人员：账号与姓名须与其本人在原单位的一致，且不是监管人员。",
    "There is nobody of that login and that name who can join this mine; both must be as his first unit has them, "
    "and he is no official.",
)
HERE_ALREADY = Problem(
    409,
    "person.here_already",
    "{name}已是本矿人员，请刷新后查看。",
    "{name} belongs to this mine already; reload and look again.",
)
AFTERWARDS = timedelta(
    days=90
)  # how far back a role may be entered: a quarter, in which its work may still arrive

# The roles that a unit has, by its kind: what is granted elsewhere would reach nothing, or too much.
ROLES: dict[str, frozenset[Role]] = {
    "mine": policy.MINE_ROLES,
    "enterprise": policy.MINE_ROLES,
    "jurisdiction": policy.BUREAU_ROLES | {Role.AUDITOR},
}


OWN = ("name", "phone", "certificate_no", "certificate_until")  # a person's own facts, wherever he works


class Unit(NamedTuple):
    """kind: mine, enterprise or jurisdiction.  scope: where its people's roles are granted."""

    kind: str
    id: UUID
    scope: str
    name: str


def unit(session: Session, actor: Actor, scope: str) -> Unit:
    """The unit of a scope whose people this person manages.

    Raises DENIED (403) when he manages nobody's, NOT_FOUND (404) for a unit that is not among his.
    """
    if not actor.scopes(accounts.MANAGE):
        raise policy.DENIED(act=accounts.MANAGE)
    kind, _, key = scope.partition(":")
    try:
        found = Unit(kind, UUID(key), f"{kind}:{UUID(key)}", "")
    except ValueError as error:
        raise NOT_FOUND() from error
    name = sites.name_of(session, found.scope) if kind in ROLES else ""
    if not name or not policy.may(actor, accounts.MANAGE, sites.reach(session, found.scope)):
        raise NOT_FOUND()
    return found._replace(name=name)


def enter(session: Session, actor: Actor, at: Unit, facts: Mapping[str, Any]) -> User:
    """Enter a person at a unit: his account, his roles, and at a mine his place with his posts. A slip activates him.

    facts: login, name, phone, roles, certificate_no, certificate_until; at a mine title, team, posts, shifts, place.
    Raises LOGIN_TAKEN (409), PLACE_UNKNOWN or ROLE_ELSEWHERE (422).
    """
    _require_roles(at, facts["roles"])
    if session.scalar(select(User.id).where(User.login == facts["login"])) is not None:
        raise LOGIN_TAKEN(login=facts["login"], errors=[FieldError("/login", "已有人使用", "taken")])
    user = User(id=new_id(session), active=True, login=facts["login"], **{name: facts[name] for name in OWN})
    session.add(user)
    session.flush()
    _put_in(session, actor, at, user, facts, "person.entered")
    return user


def join(session: Session, actor: Actor, at: Unit, facts: Mapping[str, Any]) -> User:
    """Enter somebody of another mine at this one too: the same account, a place and roles of its own here.

    facts: login and name, as his first unit has them; roles, title, team, posts, shifts, place.
    Raises NOT_KNOWN, PLACE_UNKNOWN or ROLE_ELSEWHERE (422), HERE_ALREADY (409).
    """
    _require_roles(at, facts["roles"])
    user = session.scalar(select(User).where(User.login == facts["login"], User.name == facts["name"]))
    if at.kind != "mine" or user is None or not user.active or not _is_miner(session, user):
        raise NOT_KNOWN(errors=[FieldError("/login", "没有", "none")])
    if _place_of(session, at, user) is not None:
        raise HERE_ALREADY(name=user.name)
    _put_in(session, actor, at, user, facts, "person.joined")
    return user


def correct(session: Session, by: Actor, at: Unit, user_id: UUID, facts: Mapping[str, Any]) -> User:
    """Put right what is known of a person: name, telephone, certificate; at a mine his title, team, posts, place.

    His phone follows at its next exchange. What he signed keeps the name that he signed with. His own facts are
    changed by who manages all of his roles; his place at a mine by who manages the people of that mine.
    Raises DENIED (403), PLACE_UNKNOWN (422), MOVED_ON (409).
    """
    user = get(session, User, user_id)
    before = {name: getattr(user, name) for name in OWN}
    if any(facts[name] != was for name, was in before.items()):
        accounts.require_over(session, by, user)
    place = _place_of(session, at, user)
    if place is None and not accounts.manages(session, by, user):
        raise policy.DENIED(act=accounts.MANAGE)
    for name in OWN:
        setattr(user, name, facts[name])
    for row in session.scalars(select(Staff).where(Staff.user_id == user.id)):
        row.name = user.name
    changes = [name for name, was in before.items() if was != facts[name]]
    if place is not None:
        changes += _move(session, at, place, facts)
    if changes:
        told = {"name": [before["name"], user.name]} if "name" in changes else {}
        posts = {"posts": facts["posts"]} if "posts" in changes else {}
        audit.note(
            session,
            by.id,
            "person.corrected",
            f"user:{user.id}",
            at=at.scope,
            fields=changes,
            **told,
            **posts,
        )
    return user


def give(
    session: Session,
    by: Actor,
    at: Unit,
    user_id: UUID,
    role: Role,
    starts: datetime | None,
    ends: datetime | None,
    reason: str = "",
) -> Grant:
    """Give one of his people another role at a unit, from a date (now unless told), to a date or until it is ended.

    reason: of a role that is entered afterwards, for somebody else: work that he did in it and that was set aside can
    then be taken. Raises DENIED (403), ROLE_HELD (409), ROLE_ELSEWHERE or ROLE_DATES (422).
    """
    user = get(session, User, user_id)
    if _place_of(session, at, user) is None or not _is_miner(session, user):
        accounts.require_over(session, by, user)
    if role not in ROLES[at.kind]:
        raise ROLE_ELSEWHERE(errors=[FieldError("/role", "本单位没有", "not of this unit")])
    moment = now(session)
    begins = starts or moment
    afterwards = begins < moment
    refused = afterwards and (not reason or user.id == by.id or moment - begins > AFTERWARDS)
    if refused or (ends is not None and ends <= begins):
        raise ROLE_DATES(days=AFTERWARDS.days)
    for held in user.grants:
        same = (held.role, held.scope, held.deputy_for) == (role, at.scope, None)
        if same and (_covers(held, begins, ends) if afterwards else _meets(held, begins, ends)):
            raise ROLE_HELD(name=user.name)
    return accounts.grant(
        session, by.id, user.id, role, at.scope, starts=begins, ends=ends, reason=reason if afterwards else ""
    )


def dismiss(session: Session, by: Actor, user_id: UUID) -> None:
    """Let a person go: every role and every sign-in ends now.

    His phones stay enrolled: what he recorded before this moment arrives and counts; what he records after it is set
    aside for people to look at. Raises DENIED (403), SELF (409).
    """
    user = get(session, User, user_id)
    accounts.require_over(session, by, user)
    if user.id == by.id:
        raise SELF()
    moment = now(session)
    for held in user.grants:
        if held.ends_at is None or held.ends_at > moment:
            held.ends_at = max(moment, held.starts_at)
    user.active = False
    accounts.end_sign_ins(session, user.id)
    audit.note(session, by.id, "person.dismissed", f"user:{user.id}")


def reinstate(session: Session, by: Actor, user_id: UUID) -> None:
    """Let a person sign in again who was let go; his roles are given anew. Raises DENIED (403)."""
    user = get(session, User, user_id)
    accounts.require_over(session, by, user)
    user.active = True
    audit.note(session, by.id, "person.reinstated", f"user:{user.id}")


def _require_roles(at: Unit, roles: Sequence[str]) -> None:
    for number, role in enumerate(roles):
        if Role(role) not in ROLES[at.kind]:
            raise ROLE_ELSEWHERE(errors=[FieldError(f"/roles/{number}", "本单位没有", "not of this unit")])


def _put_in(session: Session, actor: Actor, at: Unit, user: User, facts: Mapping[str, Any], act: str) -> None:
    """His place at a mine, and his roles at any unit."""
    if at.kind == "mine":
        place = Staff(id=new_id(session), user_id=user.id, mine_id=at.id, name=user.name)
        _move(session, at, place, facts)
        session.add(place)
    for role in dict.fromkeys(facts["roles"]):
        accounts.grant(session, actor.id, user.id, Role(role), at.scope)
    audit.note(session, actor.id, act, f"user:{user.id}", at=at.scope, posts=facts["posts"])
    session.flush()
    session.refresh(user)


def _move(session: Session, at: Unit, staff: Staff, facts: Mapping[str, Any]) -> list[str]:
    """Put a person at a mine where the facts have him; returns what changed. Raises PLACE_UNKNOWN (422)."""
    place = session.get(Place, facts["place"]) if facts["place"] else None
    if facts["place"] and (place is None or place.mine_id != at.id):
        raise PLACE_UNKNOWN(errors=[FieldError("/place", "不属于本矿", "not of this mine")])
    given = {name: facts[name] for name in ("title", "team", "posts", "shifts")} | {
        "place_id": place and place.id
    }
    changed = [name for name, value in given.items() if getattr(staff, name) != value]
    for name in changed:
        setattr(staff, name, given[name])
    return changed


def _place_of(session: Session, at: Unit, user: User) -> Staff | None:
    return session.scalar(select(Staff).where(Staff.mine_id == at.id, Staff.user_id == user.id))


def _is_miner(session: Session, user: User) -> bool:
    """Whether all that he may still do is of the mines: nobody makes an officer a mine's man."""
    moment = now(session)
    held = (row for row in user.grants if row.ends_at is None or row.ends_at > moment)
    return all(Role(row.role) in policy.MINE_ROLES for row in held)


def _meets(held: Grant, begins: datetime, ends: datetime | None) -> bool:
    return (held.ends_at is None or held.ends_at > begins) and (ends is None or held.starts_at < ends)


def _covers(held: Grant, begins: datetime, ends: datetime | None) -> bool:
    """Whether it was held all that time: what is entered afterwards may overlap, it may not say nothing new."""
    return held.starts_at <= begins and (held.ends_at is None or (ends is not None and ends <= held.ends_at))
