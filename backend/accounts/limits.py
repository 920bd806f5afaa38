"""How often somebody may try: a token bucket in the database, so that every process counts in one place."""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.accounts.models import Bucket, SignIn, Slip
from backend.kernel.db import now
from backend.kernel.problems import Problem

TOO_MANY = Problem(
    429,
    "rate.too_many",
    "尝试次数过多，请 {seconds} 秒后再试。",
    "Too many attempts; try again in {seconds} seconds.",
)


KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Limit:
    """burst: tries at once.  every: seconds until one more is allowed."""

    name: str
    burst: int
    every: float


SIGN_IN_BY_LOGIN = Limit("sign_in.login", burst=8, every=20)
SIGN_IN_BY_ADDRESS = Limit("sign_in.address", burst=60, every=2)
ENROLMENT_BY_PERSON = Limit("enrolment.person", burst=20, every=600)
BUNDLE_BY_ADDRESS = Limit("bundle.address", burst=60, every=2)
ACTIVATION_BY_ADDRESS = Limit("activation.address", burst=12, every=30)


def take(session: Session, secret: bytes, limit: Limit, value: str) -> None:
    """Use one token. Raises TOO_MANY (429) with the seconds to wait. Values are kept only as keyed hashes."""
    key = hmac.new(secret, f"{limit.name}:{value}".encode(), hashlib.sha256).hexdigest()
    at = now(session)
    bucket = session.get(Bucket, key, with_for_update=True)
    if bucket is None:
        session.add(Bucket(key=key, tokens=limit.burst - 1.0, at=at))
        return
    bucket.tokens = min(limit.burst, bucket.tokens + (at - bucket.at).total_seconds() / limit.every)
    bucket.at = at
    if bucket.tokens < 1:
        seconds = math.ceil((1 - bucket.tokens) * limit.every)
        raise TOO_MANY(seconds=seconds, retry_after=seconds)
    bucket.tokens -= 1


def forget_old(session: Session) -> None:
    """Buckets that are full again, sign-ins and slips that ended long ago say nothing: the tables do not grow.

    Who signed in when stays in the audit.
    """
    at = now(session)
    session.execute(delete(Bucket).where(Bucket.at < at - timedelta(days=1)))
    session.execute(delete(SignIn).where(SignIn.ends_at < at - KEPT))
    session.execute(delete(Slip).where(Slip.ends_at < at - KEPT))
