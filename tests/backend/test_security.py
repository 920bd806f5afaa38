"""What holds for every answer, whoever asks: headers, cookies, limits, what the log may not say (docs/security.md)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from backend.accounts import operations
from backend.accounts.models import User
from backend.app import Store, create_app
from backend.config import Config
from backend.kernel.db import new_id
from backend.kernel.web import CSP, HEADERS
from tests.backend.test_accounts import PASSWORD, person, sign_in

EVERYWHERE = (
    *(
        "/",
        "/field/",
        "/console/",
        "/console/hazards/1",
        "/v/0123456789abcdef",
        "/healthz",
        "/readyz",
        "/schemas/form-1.json",
    ),
    *("/nothing", "/assets/nothing.js", "/v/", "/api/v1/nothing", "/api/v1/auth/me", "/api/v1/hazards"),
    *("/api/v1/verify/0123456789abcdef", "/api/v1/openapi.json", "/api/v1/sync/exchange"),
)


@pytest.fixture
def app(store: Store) -> Flask:
    return create_app(store)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_says_what_a_browser_may_do_with_it(app: Flask, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = app.test_client().open(path, method=method)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, method
        assert "Server" not in answer.headers or "Python" not in answer.headers["Server"]
        if path.startswith("/api/"):
            assert answer.headers["Cache-Control"] == "no-store"
        answer.close()


def test_no_script_runs_that_is_not_ours_and_nothing_can_frame_a_page() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in CSP.split(";"))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert (rules["object-src"], rules["base-uri"], rules["frame-ancestors"]) == ("'none'",) * 3
    assert rules["default-src"] == "'self'"


@pytest.fixture
def behind_tls(store: Store) -> Flask:
    """The same installation, told that browsers reach it by https."""
    env = {
        "KUANGJIAN_DATA_DIR": str(store.config.data_dir),
        "DATABASE_URL": store.config.database_url,
        "KUANGJIAN_PUBLIC_URL": "https://kuangjian.example",
    }
    return create_app(store._replace(config=Config.from_env(env)))


def test_behind_tls_cookies_stay_on_it_and_browsers_remember(store: Store, behind_tls: Flask) -> None:
    person(store)
    client = behind_tls.test_client()
    answer = client.post("/api/v1/auth/sign-in", json={"login": "ceshi.jia", "password": PASSWORD})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 5
    for cookie in cookies:
        assert "Secure" in cookie
        assert "SameSite=Strict" in cookie
        assert ("HttpOnly" in cookie) == (not cookie.startswith("csrf_"))


def test_a_sign_in_is_a_new_one_whatever_the_browser_brought(store: Store, app: Flask) -> None:
    person(store)
    client = app.test_client()
    seen = set()
    for _ in range(2):
        sign_in(client)
        cookie = client.get_cookie("access_token_cookie", path="/")
        assert cookie is not None
        seen.add(cookie.value)
    forged = app.test_client()
    forged.set_cookie("access_token_cookie", "chosen-by-somebody", path="/")
    sign_in(forged)
    cookie = forged.get_cookie("access_token_cookie", path="/")
    assert cookie is not None
    assert cookie.value not in {*seen, "chosen-by-somebody"}
    assert len(seen) == 2


def test_a_new_password_ends_the_sign_ins_that_there_were(store: Store, app: Flask) -> None:
    user = person(store)
    thief = app.test_client()
    sign_in(thief)
    assert thief.get("/api/v1/auth/me").status_code == 200
    with store.database.writing() as session:
        operations.grant(session, "test", user, operations.Role.MINE_ADMINISTRATOR, "all")
    with store.database.writing() as session:
        code = operations.print_slip(session, operations.actor(session, user), user)
    owner = app.test_client()
    body = {"code": code, "password": "a new one entirely"}
    assert owner.post("/api/v1/auth/activate", json=body).status_code == 200
    assert thief.get("/api/v1/auth/me").status_code == 401
    assert owner.get("/api/v1/auth/me").status_code == 200


def test_what_anybody_may_send_is_counted(app: Flask) -> None:
    client = app.test_client()
    answers = [client.post("/api/v1/sync/bundles", data=b"x").status_code for _ in range(61)]
    assert set(answers[:60]) == {400}
    assert answers[60] == 429


def test_an_error_of_the_database_does_not_tell_what_people_wrote(store: Store) -> None:
    person(store)
    with pytest.raises(IntegrityError) as caught, store.database.writing() as session:
        session.add(
            User(
                id=new_id(session),
                login="ceshi.jia",
                name="机密姓名",
                password_hash="$argon2id$x",
                active=True,
            )
        )
    assert "机密姓名" not in str(caught.value)
    assert "argon2id" not in str(caught.value)
