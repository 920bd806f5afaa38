"""Who manages a unit's people enters them, gives them roles, and lets them go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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
from backend.sites.models import Mine, Place

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
    "角色须从现在或以后开始，在开始之后结束。",
    "A role begins now or later, and ends after that.",
)
SELF = Problem(
    409,
    "person.self",
    "不能停用自己的账号，请由其他管理员办理。",
    "You cannot deactivate your own account; let another administrator do it.",
)

# The roles that a unit has, by its kind: what is granted elsewhere would reach nothing, or too much.
ROLES: dict[str, frozenset[Role]] = {
    "mine": policy.MINE_ROLES,
    "enterprise": policy.MINE_ROLES,
    "jurisdiction": policy.BUREAU_ROLES | {Role.AUDITOR},
}


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
    for number, role in enumerate(facts["roles"]):
        if Role(role) not in ROLES[at.kind]:
            raise ROLE_ELSEWHERE(errors=[FieldError(f"/roles/{number}", "本单位没有 (not of this unit)")])
    if session.scalar(select(User.id).where(User.login == facts["login"])) is not None:
        raise LOGIN_TAKEN(login=facts["login"], errors=[FieldError("/login", "已有人使用 (taken)")])
    known = ("login", "name", "phone", "certificate_no", "certificate_until")
    user = User(id=new_id(session), active=True, **{key: facts[key] for key in known})
    session.add(user)
    session.flush()
    if at.kind == "mine":
        session.add(_place(session, at, user, facts))
    for role in dict.fromkeys(facts["roles"]):
        accounts.grant(session, actor.id, user.id, Role(role), at.scope)
    audit.note(session, actor.id, "person.entered", f"user:{user.id}", at=at.scope, posts=facts["posts"])
    session.flush()
    session.refresh(user)
    return user


def give(
    session: Session,
    by: Actor,
    at: Unit,
    user_id: UUID,
    role: Role,
    starts: datetime | None,
    ends: datetime | None,
) -> Grant:
    """Give one of his people another role at a unit, from a date (now unless told), to a date or until it is ended.

    Raises DENIED (403), ROLE_HELD (409), ROLE_ELSEWHERE or ROLE_DATES (422).
    """
    user = get(session, User, user_id)
    accounts.require_over(session, by, user)
    if role not in ROLES[at.kind]:
        raise ROLE_ELSEWHERE(errors=[FieldError("/role", "本单位没有 (not of this unit)")])
    moment = now(session)
    begins = starts or moment
    if begins < moment or (ends is not None and ends <= begins):
        raise ROLE_DATES()
    for held in user.grants:
        same = (held.role, held.scope, held.deputy_for) == (role, at.scope, None)
        if (
            same
            and (held.ends_at is None or held.ends_at > begins)
            and (ends is None or held.starts_at < ends)
        ):
            raise ROLE_HELD(name=user.name)
    return accounts.grant(session, by.id, user.id, role, at.scope, starts=begins, ends=ends)


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


def _place(session: Session, at: Unit, user: User, facts: Mapping[str, Any]) -> Staff:
    mine = session.get_one(Mine, at.id)
    place = session.get(Place, facts["place"]) if facts["place"] else None
    if facts["place"] and (place is None or place.mine_id != mine.id):
        raise PLACE_UNKNOWN(errors=[FieldError("/place", "不属于本矿 (not of this mine)")])
    words = {key: facts[key] for key in ("title", "team", "posts", "shifts")}
    return Staff(
        id=new_id(session),
        user_id=user.id,
        mine_id=mine.id,
        name=user.name,
        place_id=place and place.id,
        **words,
    )
