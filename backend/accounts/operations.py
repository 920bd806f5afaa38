"""What people do with their account: sign in, stay signed in, be activated, be let go."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from backend.accounts.models import Grant, SignIn, Slip, User
from backend.documents import slip as paper
from backend.kernel import audit, policy
from backend.kernel.clock import local_day
from backend.kernel.db import get, new_id, now
from backend.kernel.policy import ACTS, Actor, Role
from backend.kernel.problems import NOT_FOUND, Problem
from backend.sites import operations as sites

STAYS = timedelta(days=30)
# Long enough for a phone that lost the answer to ask again, short enough to be of no use to a thief.
GRACE = timedelta(seconds=60)
SLIP_STAYS = timedelta(days=14)
# No 0/O, 1/I/L: it is typed from paper with cold fingers.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

WRONG = Problem(401, "sign_in.wrong", "账号或密码不正确。", "The login or the password is not right.")
ENDED = Problem(
    401, "sign_in.ended", "登录已失效，请重新登录。", "You are no longer signed in; sign in again."
)
SLIP_WRONG = Problem(
    422,
    "slip.wrong",
    "激活码无效、已用过或已过期，请向本矿管理员重新领取。",
    "This code is wrong, used or expired; ask your mine's administrator for a new slip.",
)
WEAK = Problem(422, "password.weak", "密码至少 {least} 位。", "A password has at least {least} characters.")
GRANT_ENDED = Problem(
    409,
    "grant.ended",
    "该授权已经结束，请刷新后查看。",
    "This role has ended already; reload and look again.",
)
OWN_GRANT = Problem(
    409,
    "grant.own",
    "不能结束自己的管理员授权，请由其他管理员办理。",
    "You cannot end your own administrator's role; let another administrator do it.",
)
GRANT_DATES = Problem(
    422,
    "grant.dates",
    "结束时间须在现在以后，且不晚于原定期限。",
    "A role ends now or later, and no later than it was to end already.",
)
DEPUTY_DATES = Problem(
    422,
    "deputy.dates",
    "代理须从现在或以后开始，在开始之后结束，不超过一年，也不超过被代理人的授权期限。",
    "A deputy begins now or later, ends after that, within a year, and within the role that he holds for another.",
)
NOT_A_COLLEAGUE = Problem(
    422,
    "deputy.not_a_colleague",
    "代理人须是同一单位在岗的其他人员，且不能再转代理。",
    "A deputy is another person with a role in the same unit, and deputises for nobody's deputy.",
)
LONGEST_DEPUTY = timedelta(days=366)
LEAST_LENGTH = 8

MANAGE = policy.allow("account.manage", {Role.MINE_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR})

hasher = PasswordHasher()
# Verified against when there is no such login, so that the time does not tell who has an account.
_NOBODY = hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class Tokens:
    """What a new or renewed sign-in carries. refresh: the id that the next renewal must bring."""

    user_id: UUID
    sign_in_id: UUID
    refresh: str


def actor(session: Session, user_id: UUID, at: datetime | None = None) -> Actor:
    """The person with all that was ever granted, acting at `at` (now, or when his phone captured it)."""
    user = get(session, User, user_id)
    return Actor(user.id, user.name, tuple(grant.held() for grant in user.grants), at or now(session))


def sign_in(session: Session, login: str, password: str, agent: str) -> Tokens | None:
    """A new sign-in, or None when login and password do not belong together."""
    user = session.scalar(select(User).where(User.login == login))
    known = user.password_hash if user and user.active and user.password_hash else _NOBODY
    if not _matches(known, password) or user is None or known == _NOBODY:
        return None
    if hasher.check_needs_rehash(known):
        user.password_hash = hasher.hash(password)
    tokens = start(session, user, agent)
    audit.note(session, user.id, "account.signed_in", f"sign_in:{tokens.sign_in_id}", agent=agent[:120])
    return tokens


def start(session: Session, user: User, agent: str) -> Tokens:
    at = now(session)
    row = SignIn(
        id=new_id(session),
        user_id=user.id,
        agent=agent[:120],
        created_at=at,
        ends_at=at + STAYS,
        refresh=_token(),
    )
    session.add(row)
    return Tokens(user.id, row.id, row.refresh)


def renew(session: Session, sign_in_id: UUID, refresh: str) -> Tokens | None:
    """Rotate the refresh token. The one before stays good for a moment: its answer may have been lost.

    A token older than that was copied: the sign-in is revoked at once, and None is returned.
    """
    row = session.get(SignIn, sign_in_id, with_for_update=True)
    at = now(session)
    if row is None or row.revoked_at or row.ends_at <= at:
        return None
    in_grace = refresh == row.previous and row.previous_until is not None and at < row.previous_until
    if refresh != row.refresh and not in_grace:
        row.revoked_at = at
        audit.note(session, row.user_id, "account.refresh_reused", f"sign_in:{row.id}")
        return None
    row.previous, row.previous_until = row.refresh, at + GRACE
    row.refresh, row.ends_at = _token(), at + STAYS
    return Tokens(row.user_id, row.id, row.refresh)


def resume(session: Session, sign_in_id: UUID) -> Tokens | None:
    """Go on with a sign-in of this browser that was put aside while a colleague used it. None when it has ended."""
    row = session.get(SignIn, sign_in_id, with_for_update=True)
    if row is None or not is_live(session, sign_in_id):
        return None
    row.previous, row.previous_until = row.refresh, now(session) + GRACE
    row.refresh = _token()
    return Tokens(row.user_id, row.id, row.refresh)


def is_live(session: Session, sign_in_id: UUID) -> bool:
    """Whether this sign-in still holds: asked at every request, so that revoking works at once."""
    row = session.execute(
        select(SignIn.revoked_at, SignIn.ends_at, User.active)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.id == sign_in_id)
    ).one_or_none()
    return row is not None and row.revoked_at is None and row.ends_at > now(session) and row.active


def sign_out(session: Session, sign_in_id: UUID) -> None:
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(revoked_at=now(session)))


def revoke_all(session: Session, by: Actor, user_id: UUID) -> None:
    """End every sign-in of a person whose phone was lost or who left. Raises DENIED unless `by` manages him."""
    user = get(session, User, user_id)
    require_over(session, by, user)
    end_sign_ins(session, user.id)
    audit.note(session, by.id, "account.revoked", f"user:{user.id}")


def end_sign_ins(session: Session, user_id: UUID) -> None:
    live = (SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
    session.execute(update(SignIn).where(*live).values(revoked_at=now(session)))


def print_slip(session: Session, by: Actor, user_id: UUID) -> str:
    """A code for a printed slip: the person sets a new password or PIN with it, once, within 14 days.

    Slips printed before are void. Raises DENIED (403).
    """
    user = get(session, User, user_id)
    require_over(session, by, user)
    unused = (Slip.user_id == user.id, Slip.used_at.is_(None), Slip.ends_at > now(session))
    session.execute(update(Slip).where(*unused).values(ends_at=now(session)))
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(12))
    session.add(Slip(code_hash=_code_hash(code), user_id=user.id, ends_at=now(session) + SLIP_STAYS))
    audit.note(session, by.id, "account.slip_printed", f"user:{user.id}")
    return "-".join((code[:4], code[4:8], code[8:]))


def slip_page(session: Session, by: Actor, user_id: UUID, address: str) -> paper.Slip:
    """What is printed on a slip. address: where the phone opens the application. Raises as `print_slip`."""
    code, user = print_slip(session, by, user_id), get(session, User, user_id)
    used = select(Slip.code_hash).where(Slip.user_id == user.id, Slip.used_at.is_not(None))
    return paper.Slip(
        unit=sites.name_of(session, user.grants[0].scope) if user.grants else "",
        name=user.name,
        login=user.login,
        code=code,
        until=local_day(now(session) + SLIP_STAYS),
        address=address,
        again=user.password_hash is not None or session.scalar(used.limit(1)) is not None,
    )


def activate(session: Session, code: str, password: str | None, agent: str) -> Tokens:
    """Use a slip: sign in, and set a password where one is given; a phone needs none, it has the person's PIN.

    A new password ends every sign-in that there was.
    Raises SLIP_WRONG or WEAK (422).
    """
    if password is not None and len(password) < LEAST_LENGTH:
        raise WEAK(least=LEAST_LENGTH)
    slip = session.get(Slip, _code_hash(code), with_for_update=True)
    if slip is None or slip.used_at or slip.ends_at <= now(session):
        raise SLIP_WRONG()
    slip.used_at = now(session)
    user = get(session, User, slip.user_id)
    if password is not None:
        user.password_hash = hasher.hash(password)
        end_sign_ins(session, user.id)  # who knew the password before is out
    audit.note(session, user.id, "account.activated", f"user:{user.id}")
    return start(session, user, agent)


def grant(
    session: Session,
    by: UUID | str,
    user_id: UUID,
    role: Role,
    scope: str,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
    deputy_for: UUID | None = None,
    reason: str = "",
) -> Grant:
    """Give a role at a scope, dated; as somebody's deputy where `deputy_for` names him.

    reason: why it is entered afterwards.
    """
    row = Grant(
        id=new_id(session),
        user_id=user_id,
        role=role,
        scope=scope,
        starts_at=starts or now(session),
        ends_at=ends,
        deputy_for=deputy_for,
    )
    session.add(row)
    afterwards = {"starts": row.starts_at.isoformat(), "reason": reason} if reason else {}
    audit.note(session, by, "account.granted", f"user:{user_id}", role=role, scope=scope, **afterwards)
    return row


def end_grant(session: Session, by: Actor, grant_id: UUID, ends: datetime | None = None) -> Grant:
    """End a role now, or at a moment to come; what was done under it stays judged by it.

    Raises DENIED (403), GRANT_ENDED or OWN_GRANT (409), GRANT_DATES (422).
    """
    row = _managed(session, by, grant_id)
    if row.user_id == by.id and row.role in ACTS[MANAGE]:
        raise OWN_GRANT()
    at = ends or now(session)
    if at < now(session) or (row.ends_at is not None and at > row.ends_at):
        raise GRANT_DATES()
    row.ends_at = max(at, row.starts_at)
    audit.note(session, by.id, "account.grant_ended", f"user:{row.user_id}", role=row.role, scope=row.scope)
    return row


def appoint_deputy(
    session: Session, by: Actor, grant_id: UUID, deputy_id: UUID, starts: datetime | None, ends: datetime
) -> Grant:
    """Let somebody hold a role in another's absence, from a date (now unless told) to a date.

    Appointed by who manages the role's people, or by its holder himself. The deputy must have a role of the same side
    in the same mine, enterprise or jurisdiction. Nothing is dated back: what was done without right stays so.
    Raises DENIED (403), GRANT_ENDED (409), DEPUTY_DATES or NOT_A_COLLEAGUE (422).
    """
    row = _managed(session, by, grant_id, or_holder=True)
    at = now(session)
    begins = starts or at
    if begins < at or not begins < ends <= (row.ends_at or ends) or ends - begins > LONGEST_DEPUTY:
        raise DEPUTY_DATES()
    deputy = get(session, User, deputy_id)
    reaches = sites.reach(session, row.scope)
    colleague = any(
        held.holds(at)
        and (held.role in policy.MINE_ROLES) == (row.role in policy.MINE_ROLES)
        and (held.scope in reaches or row.scope in sites.reach(session, held.scope))
        for held in (other.held() for other in deputy.grants)
    )
    if row.deputy_for or deputy.id == row.user_id or not deputy.active or not colleague:
        raise NOT_A_COLLEAGUE()
    return grant(
        session, by.id, deputy.id, Role(row.role), row.scope, starts=begins, ends=ends, deputy_for=row.user_id
    )


def _managed(session: Session, by: Actor, grant_id: UUID, *, or_holder: bool = False) -> Grant:
    """A grant that still holds, for who may change it. What belongs to a visit is the visit's: NOT_FOUND (404)."""
    row = get(session, Grant, grant_id)
    if row.scope.startswith("visit:"):
        raise NOT_FOUND()
    if not (or_holder and row.user_id == by.id):
        policy.require(by, MANAGE, sites.reach(session, row.scope))
    if row.ends_at is not None and row.ends_at <= now(session):
        raise GRANT_ENDED()
    return row


def manages(session: Session, by: Actor, user: User) -> bool:
    """Who manages a person must manage every role that he has: else a mine's administrator, by a slip for somebody who
    once worked there, would become an officer.
    """
    at = now(session)
    held = [row.scope for row in user.grants if row.ends_at is None or row.ends_at > at]
    scopes = {*held} or {row.scope for row in user.grants} or {"all"}
    return all(policy.may(by, MANAGE, sites.reach(session, scope)) for scope in scopes)


def require_over(session: Session, by: Actor, user: User) -> None:
    """Raises DENIED (403) unless `by` manages this person."""
    if not manages(session, by, user):
        raise policy.DENIED(act=MANAGE)


def holders(session: Session, role: Role, scopes: Collection[str], at: datetime) -> list[User]:
    """Who holds a role in one of these scopes at this moment, deputies included."""
    found = session.scalars(
        select(Grant)
        .where(Grant.role == role, Grant.scope.in_(scopes), Grant.starts_at <= at)
        .where((Grant.ends_at.is_(None)) | (Grant.ends_at > at))
        .options(selectinload(Grant.user))
    )
    return list({row.user.id: row.user for row in found if row.user.active}.values())


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _token() -> str:
    return secrets.token_urlsafe(24)


def _code_hash(code: str) -> str:
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"slip:{letters}".encode()).hexdigest()
