"""Signing in and out, on shared machines and over networks that lose answers."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.accounts import operations
from backend.accounts.models import User
from backend.app import Store, create_app
from backend.kernel.clock import SetClock
from backend.kernel.db import new_id
from backend.kernel.policy import Actor, Role
from tests.world import refused

MINE = f"mine:{UUID(int=1)}"
PASSWORD = "correct horse"
HASH = operations.hasher.hash(PASSWORD)


@pytest.fixture
def app(store: Store) -> Flask:
    return create_app(store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def person(store: Store, login: str = "ceshi.jia", role: Role = Role.WORKER) -> UUID:
    with store.database.writing() as session:
        user = User(id=new_id(session), login=login, name="测试甲", password_hash=HASH, active=True)
        session.add(user)
        session.flush()
        operations.grant(session, "test", user.id, role, MINE)
        return user.id


def csrf(client: FlaskClient, which: str = "csrf_access_token") -> dict[str, str]:
    cookie = client.get_cookie(which, path="/")
    assert cookie is not None
    return {"X-CSRF-TOKEN": cookie.value}


def sign_in(client: FlaskClient, password: str = PASSWORD, **more: object) -> dict[str, object]:
    response = client.post("/api/v1/auth/sign-in", json={"login": "ceshi.jia", "password": password, **more})
    return {"status": response.status_code} | (response.json or {})


def test_a_browser_signs_in_with_cookies_that_scripts_cannot_read(store: Store, client: FlaskClient) -> None:
    person(store)
    answer = sign_in(client)
    assert answer["status"] == 200
    assert "access_token" not in answer or answer["access_token"] is None
    access = client.get_cookie("access_token_cookie", path="/")
    assert access is not None
    assert access.http_only
    me = client.get("/api/v1/auth/me").json
    assert me is not None
    assert [grant["role"] for grant in me["grants"]] == ["worker"]


def test_a_write_by_cookie_without_the_csrf_token_is_refused(store: Store, client: FlaskClient) -> None:
    person(store)
    sign_in(client)
    assert client.post("/api/v1/auth/sign-out").status_code == 401
    assert client.post("/api/v1/auth/sign-out", headers=csrf(client)).status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(store: Store, client: FlaskClient) -> None:
    person(store)
    wrong = client.post("/api/v1/auth/sign-in", json={"login": "ceshi.jia", "password": "x"})
    unknown = client.post("/api/v1/auth/sign-in", json={"login": "nobody", "password": "x"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json
    assert wrong.content_type == "application/problem+json"


def test_guessing_is_slowed_down_and_the_wait_is_said(
    store: Store, client: FlaskClient, clock: SetClock
) -> None:
    person(store)
    for _ in range(8):
        assert sign_in(client, "guess")["status"] == 401
    stopped = client.post("/api/v1/auth/sign-in", json={"login": "ceshi.jia", "password": PASSWORD})
    assert stopped.status_code == 429
    assert stopped.headers["Retry-After"] == "20"
    clock.forward(seconds=20)
    assert sign_in(client)["status"] == 200


def test_a_lost_renewal_can_be_asked_again_but_a_copied_token_ends_the_sign_in(
    store: Store, clock: SetClock
) -> None:
    user = person(store)
    with store.database.writing() as session:
        first = operations.start(session, session.get_one(User, user), "phone")

    def renew(refresh: str) -> operations.Tokens | None:
        with store.database.writing() as session:
            return operations.renew(session, first.sign_in_id, refresh)

    lost = renew(first.refresh)
    assert lost is not None
    again = renew(first.refresh)
    assert again is not None
    clock.forward(seconds=61)
    assert renew(first.refresh) is None
    assert renew(again.refresh) is None


def test_a_revoked_person_is_out_at_the_next_request(store: Store, client: FlaskClient) -> None:
    user = person(store)
    administrator = person(store, "guanli", Role.MINE_ADMINISTRATOR)
    answer = sign_in(client, bearer=True)
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert client.get("/api/v1/auth/me", headers=bearer).status_code == 200
    with store.database.writing() as session:
        operations.revoke_all(session, operations.actor(session, administrator), user)
    assert client.get("/api/v1/auth/me", headers=bearer).status_code == 401


def test_a_slip_activates_once(store: Store, client: FlaskClient) -> None:
    user = person(store)
    administrator = person(store, "guanli", Role.MINE_ADMINISTRATOR)
    with store.database.writing() as session:
        code = operations.print_slip(session, operations.actor(session, administrator), user)
    short = client.post("/api/v1/auth/activate", json={"code": code, "password": "kurz"})
    assert short.status_code == 422
    typed = code.lower().replace("-", " ")
    assert (
        client.post("/api/v1/auth/activate", json={"code": typed, "password": "new password"}).status_code
        == 200
    )
    again = client.post("/api/v1/auth/activate", json={"code": code, "password": "other password"})
    assert (again.status_code, again.json and again.json["code"]) == (422, "slip.wrong")


def test_two_people_take_turns_on_one_browser_without_typing_passwords(
    store: Store, client: FlaskClient
) -> None:
    first, second = person(store), person(store, "ceshi.yi")
    sign_in(client)
    client.post("/api/v1/auth/sign-in", json={"login": "ceshi.yi", "password": PASSWORD})
    assert me_of(client) == str(second)
    assert client.post("/api/v1/auth/resume", json={"user": str(first)}).status_code == 200
    assert me_of(client) == str(first)
    stranger = client.application.test_client()
    assert stranger.post("/api/v1/auth/resume", json={"user": str(first)}).status_code == 401
    forged = f"{first.hex}.{'0' * 32}.{'0' * 64}"
    stranger.set_cookie(f"resume_{first.hex}", forged, path="/api/v1/auth/resume")
    assert stranger.post("/api/v1/auth/resume", json={"user": str(first)}).status_code == 401


def test_a_sign_in_that_was_revoked_cannot_be_resumed(store: Store, client: FlaskClient) -> None:
    user = person(store)
    administrator = person(store, "guanli", Role.MINE_ADMINISTRATOR)
    sign_in(client)
    with store.database.writing() as session:
        operations.revoke_all(session, operations.actor(session, administrator), user)
    assert client.post("/api/v1/auth/resume", json={"user": str(user)}).status_code == 401


def me_of(client: FlaskClient) -> str:
    answer = client.get("/api/v1/auth/me").json
    assert answer is not None
    return str(answer["id"])


def test_a_worker_cannot_print_slips_for_others(store: Store) -> None:
    user = person(store)
    other = person(store, "ceshi.yi")
    with refused("policy.denied"), store.database.writing() as session:
        operations.print_slip(session, operations.actor(session, user), other)


def test_a_grant_counts_from_its_first_day_to_its_last(store: Store, clock: SetClock) -> None:
    user = person(store)
    start = clock.now()
    with store.database.writing() as session:
        operations.grant(
            session, "test", user, Role.SAFETY_DIRECTOR, MINE, starts=start, ends=start.replace(hour=10)
        )

    def roles() -> frozenset[Role]:
        with store.database.reading() as session:
            actor: Actor = operations.actor(session, user)
            return actor.roles({MINE})

    assert Role.SAFETY_DIRECTOR in roles()
    clock.forward(hours=10)
    assert roles() == {Role.WORKER}


def test_malformed_requests_say_what_is_wrong_and_where(client: FlaskClient) -> None:
    missing = client.post("/api/v1/auth/sign-in", json={"login": "x", "surprise": 1})
    assert missing.status_code == 422
    assert missing.json is not None
    assert {error["pointer"] for error in missing.json["errors"]} == {"/password", "/surprise"}
    assert client.post("/api/v1/auth/sign-in", data="{", content_type="application/json").status_code == 400
    assert client.post("/api/v1/auth/sign-in", data="a=1").status_code == 415
    assert client.get("/api/v1/auth/sign-in").status_code == 405
    assert client.get("/api/v1/nothing").status_code == 404
    huge = client.post("/api/v1/auth/sign-in", data=b" " * 3_000_000, content_type="application/json")
    assert huge.status_code == 413
    english = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})
    assert english.json is not None
    assert english.json["title"] == "Not found, or not yours to see."
