"""Sign-in at the edge: tokens in cookies that scripts cannot read, or as Bearer; every request looks up its sign-in."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    set_access_cookies,
    set_refresh_cookies,
    verify_jwt_in_request,
)
from sqlalchemy.orm import Session

from backend.accounts import operations
from backend.accounts.models import User
from backend.accounts.operations import ENDED, Tokens
from backend.kernel.db import now
from backend.kernel.policy import Actor
from backend.kernel.web import answer, reading

ACCESS_STAYS = timedelta(minutes=15)


def protect(app: Flask, secret: bytes, *, secure: bool) -> None:
    """Refuse every view that is not marked public unless a live sign-in comes with the request."""
    app.config.update(
        JWT_SECRET_KEY=secret.hex(),
        JWT_TOKEN_LOCATION=["cookies", "headers"],
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_STAYS,
        JWT_REFRESH_TOKEN_EXPIRES=operations.STAYS,
        JWT_COOKIE_SECURE=secure,
        JWT_COOKIE_SAMESITE="Strict",
        JWT_SESSION_COOKIE=False,
        JWT_REFRESH_COOKIE_PATH="/api/v1/auth",
        JWT_CSRF_IN_COOKIES=True,
    )
    manager = JWTManager(app)
    for refused in ("unauthorized_loader", "invalid_token_loader"):
        getattr(manager, refused)(lambda _reason: answer(ENDED()))
    for refused in ("expired_token_loader", "revoked_token_loader"):
        getattr(manager, refused)(lambda _header, _payload: answer(ENDED()))

    @app.before_request
    def _only_signed_in() -> Response | None:
        view = app.view_functions.get(request.endpoint or "")
        # OPTIONS tells what an address takes, which the published description tells too; it carries no token.
        if view is None or getattr(view, "public", False) or request.method == "OPTIONS":
            return None
        verify_jwt_in_request()
        with reading() as session:
            if not operations.is_live(session, sign_in_id()):
                return answer(ENDED())
        return None


def sign_in_id() -> UUID:
    return UUID(get_jwt()["sid"])


def current_actor(session: Session) -> Actor:
    """The person this request comes from, acting now."""
    return operations.actor(session, UUID(get_jwt_identity()))


def signed_in(
    session: Session, tokens: Tokens, *, bearer: bool
) -> tuple[dict[str, Any], list[tuple[Any, str]]]:
    """The answer's body, and the cookies to set (none for a Bearer client)."""
    claims = {"sid": str(tokens.sign_in_id)}
    access = create_access_token(str(tokens.user_id), additional_claims=claims)
    refresh = create_refresh_token(str(tokens.user_id), additional_claims=claims | {"rid": tokens.refresh})
    body: dict[str, Any] = {"me": me(session, tokens.user_id)}
    if bearer:
        return body | {"access_token": access, "refresh_token": refresh}, []
    return body, [(set_access_cookies, access), (set_refresh_cookies, refresh), (_set_aside, _aside(tokens))]


def _aside(tokens: Tokens) -> str:
    return f"{tokens.user_id.hex}.{tokens.sign_in_id.hex}"


def _set_aside(response: Response, value: str) -> None:
    """Several people share one phone: each one's sign-in stays in a cookie of his own, to be resumed with his PIN.

    It is good at one address only, and no script can read it.
    """
    user, _, _ = value.partition(".")
    response.set_cookie(
        f"resume_{user}",
        f"{value}.{_signed(value)}",
        max_age=operations.STAYS,
        path="/api/v1/auth/resume",
        secure=current_app.config["JWT_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )


def put_aside(user_id: UUID) -> UUID | None:
    """The sign-in that this browser keeps for a person; None when it keeps none, or not one of ours."""
    value, _, signature = request.cookies.get(f"resume_{user_id.hex}", "").rpartition(".")
    user, _, sign_in = value.partition(".")
    if not hmac.compare_digest(signature, _signed(value)) or user != user_id.hex:
        return None
    return UUID(sign_in)


def _signed(value: str) -> str:
    return hmac.new(keys(), f"resume:{value}".encode(), hashlib.sha256).hexdigest()


def me(session: Session, user_id: UUID) -> dict[str, Any]:
    user = session.get_one(User, user_id)
    at = now(session)
    return {
        "id": user.id,
        "name": user.name,
        "login": user.login,
        "certificate_no": user.certificate_no,
        "grants": [grant for grant in user.grants if grant.held().holds(at)],
    }


def client_address() -> str:
    return request.remote_addr or "unknown"


def keys() -> bytes:
    secret: bytes = current_app.extensions["rate_secret"]
    return secret
