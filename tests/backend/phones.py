"""Phones that speak to the real server over HTTP: the simulator of tests/sync with the county's people on it."""

from __future__ import annotations

import gzip
import json
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from backend.app import create_app
from backend.demo.people import PASSWORD
from sync.envelope import Json
from tests.sync.phone import Handset, Phone
from tests.world import World

ROW_OF = {
    "submission": "submission",
    "hazard": "hazard",
    "visit": "visit",
    "document": "document",
}


class Server:
    """What a phone's exchanges go to: one signed-in client for each person."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app: Flask = create_app(world.store)
        self.clients: dict[str, FlaskClient] = {}

    def phone(self, login: str, handset: Handset | None = None) -> FieldPhone:
        """A phone that this person has enrolled; several may share a handset."""
        user = str(self.world.user_id(login))
        self.clients[user] = self.sign_in(login)
        handset = handset or Handset(login, lambda: int(self.world.clock.now().timestamp() * 1000))
        phone = FieldPhone(self, handset, user)
        phone.enrol()
        return phone

    def sign_in(self, login: str) -> FlaskClient:
        client = self.app.test_client()
        response = client.post("/api/v1/auth/sign-in", json={"login": login, "password": PASSWORD})
        assert response.status_code == 200
        cookie = client.get_cookie("csrf_access_token", path="/")
        assert cookie is not None
        client.environ_base["HTTP_X_CSRF_TOKEN"] = cookie.value
        return client

    def enrol(self, request: Json, user: str) -> Json:
        response = self.clients[user].post("/api/v1/sync/enrolments", json=request)
        assert response.status_code == 201, response.json
        answer: Json = response.json
        return answer

    def exchange(self, request: Json, user: str | None) -> Json:
        client = self.clients[user] if user else self.app.test_client()
        response = client.post(
            "/api/v1/sync/exchange",
            data=gzip.compress(json.dumps(request).encode()),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
        assert response.status_code == 200, response.json
        answer: Json = response.json
        return answer


class FieldPhone(Phone):
    """A phone of our field app: it knows which row a mutation was made on."""

    def act(self, op: str, entity: str | UUID, args: Json, **members: Any) -> Json:
        held = self.held.get((ROW_OF[op.partition(".")[0]], str(entity)))
        base = [held["epoch"], held["ver"]] if held else None
        return self.do(op, str(entity), args, base=base, **members)

    def of(self, collection: str) -> dict[str, Json]:
        """The rows of a collection that this phone holds, by id."""
        return {key: row["row"] for (name, key), row in self.held.items() if name == collection}

    def problem(self, mutation: Json) -> str | None:
        found = self.results[mutation["seq"]]["problem"]
        return found and str(found["code"])
