"""/api/v1/auth: signing in and out. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, make_response, request
from flask_jwt_extended import get_jwt, get_jwt_identity, unset_jwt_cookies, verify_jwt_in_request

from backend.accounts import limits, operations, web
from backend.accounts.schemas import (
    ActivateSchema,
    DeputySchema,
    EndSchema,
    GrantSchema,
    MeSchema,
    ResumeSchema,
    SignedInSchema,
    SignInSchema,
    SlipSchema,
)
from backend.documents import slip
from backend.kernel import excel
from backend.kernel.web import Blueprint, public, reading, writing

blueprint = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in and out")


@blueprint.post("/sign-in")
@public
@blueprint.arguments(SignInSchema)
@blueprint.response(200, SignedInSchema)
def sign_in(body: dict[str, Any]) -> Response:
    """Sign in with login and password."""
    with writing() as session:
        limits.take(session, web.keys(), limits.SIGN_IN_BY_ADDRESS, web.client_address())
        limits.take(session, web.keys(), limits.SIGN_IN_BY_LOGIN, body["login"])
    with writing() as session:
        tokens = operations.sign_in(session, body["login"], body["password"], request.user_agent.string)
        if tokens is None:
            raise operations.WRONG()
        return _answer(*web.signed_in(session, tokens, bearer=body["bearer"]))


@blueprint.post("/activate")
@public
@blueprint.arguments(ActivateSchema)
@blueprint.response(200, SignedInSchema)
def activate(body: dict[str, Any]) -> Response:
    """Use the code of a printed slip: set a password and be signed in."""
    with writing() as session:
        limits.take(session, web.keys(), limits.ACTIVATION_BY_ADDRESS, web.client_address())
    with writing() as session:
        tokens = operations.activate(session, body["code"], body["password"], request.user_agent.string)
        return _answer(*web.signed_in(session, tokens, bearer=False))


@blueprint.post("/refresh")
@public
@blueprint.response(200, SignedInSchema)
def refresh() -> Response:
    """Renew the sign-in; the answer carries new tokens where the old ones came from."""
    verify_jwt_in_request(refresh=True)
    claims = get_jwt()
    with writing() as session:
        tokens = operations.renew(session, UUID(claims["sid"]), claims.get("rid", ""))
    if tokens is None:
        raise operations.ENDED()
    with reading() as session:
        return _answer(*web.signed_in(session, tokens, bearer="Authorization" in request.headers))


@blueprint.post("/resume")
@public
@blueprint.arguments(ResumeSchema)
@blueprint.response(200, SignedInSchema)
def resume(body: dict[str, Any]) -> Response:
    """Go on as a person who signed in on this browser before and was put aside while a colleague used it."""
    sign_in_id = web.put_aside(body["user"])
    with writing() as session:
        tokens = operations.resume(session, sign_in_id) if sign_in_id else None
    if tokens is None:
        raise operations.ENDED()
    with reading() as session:
        return _answer(*web.signed_in(session, tokens, bearer=False))


@blueprint.post("/sign-out")
@blueprint.response(204)
def sign_out() -> Response:
    """End this sign-in, here and now."""
    with writing() as session:
        operations.sign_out(session, web.sign_in_id())
    response = make_response("", 204)
    unset_jwt_cookies(response)
    return response


@blueprint.get("/me")
@blueprint.response(200, MeSchema)
def read_me() -> dict[str, Any]:
    """Who I am and what is granted to me now."""
    with reading() as session:
        return web.me(session, UUID(get_jwt_identity()))


@blueprint.post("/people/<uuid:user_id>/slip")
@blueprint.response(201, SlipSchema)
def print_slip(user_id: UUID) -> dict[str, str]:
    """A new activation code for a person, to be printed and handed over."""
    with writing() as session:
        return {"code": operations.print_slip(session, web.current_actor(session), user_id)}


@blueprint.post("/people/<uuid:user_id>/slip.pdf")
@blueprint.response(201, excel.BODY, content_type="application/pdf")
def print_slip_page(user_id: UUID) -> Response:
    """The same as a page to be printed; the code is on it and nowhere else."""
    address = f"{current_app.extensions['config'].public_url}/field/"
    with writing() as session:
        made = operations.slip_page(session, web.current_actor(session), user_id, address)
        pdf = slip.render(made)
    return Response(pdf, status=201, content_type="application/pdf")


@blueprint.post("/grants/<uuid:grant_id>/end")
@blueprint.arguments(EndSchema)
@blueprint.response(204)
def end_grant(body: dict[str, Any], grant_id: UUID) -> None:
    """End a role, now or at a moment to come."""
    with writing() as session:
        operations.end_grant(session, web.current_actor(session), grant_id, body["at"])


@blueprint.post("/grants/<uuid:grant_id>/deputy")
@blueprint.arguments(DeputySchema)
@blueprint.response(201, GrantSchema)
def appoint_deputy(body: dict[str, Any], grant_id: UUID) -> dict[str, Any]:
    """Let somebody hold a role in another's absence, from a date to a date; one's own, or one that I manage."""
    with writing() as session:
        actor = web.current_actor(session)
        made = operations.appoint_deputy(
            session, actor, grant_id, body["user"], body["starts_at"], body["ends_at"]
        )
        session.flush()
        return {name: getattr(made, name) for name in GrantSchema().fields}


@blueprint.post("/people/<uuid:user_id>/revoke")
@blueprint.response(204)
def revoke(user_id: UUID) -> None:
    """End every sign-in of a person."""
    with writing() as session:
        operations.revoke_all(session, web.current_actor(session), user_id)


def _answer(body: dict[str, Any], cookies: list[tuple[Any, str]]) -> Response:
    response = make_response(SignedInSchema().dump(body))
    for set_cookie, token in cookies:
        set_cookie(response, token)
    return response
