"""A phone that uploads: what it says to the server, and how a test reads the answer."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from backend.accounts import operations as accounts
from backend.accounts import web
from backend.accounts.models import User
from backend.app import Store, create_app
from backend.kernel.db import new_id

PART = 64 * 1024
UPLOADS = "/api/v1/uploads"


@dataclass
class Phone:
    """One signed-in person's phone. Every call answers with the response as it came."""

    client: FlaskClient
    user: UUID
    headers: dict[str, str] = field(default_factory=dict)

    def declare(
        self, data: bytes, media_type: str = "image/jpeg", body: bytes = b"", **more: str
    ) -> TestResponse:
        metadata = {"sha256": hashlib.sha256(data).hexdigest(), "type": media_type}
        return self.call(
            "POST", UPLOADS, body, Upload_Length=len(data), Upload_Metadata=encoded(metadata), **more
        )

    def send(self, url: str, offset: int, body: bytes, **more: str) -> TestResponse:
        return self.call("PATCH", url, body, Upload_Offset=offset, **more)

    def upload(self, data: bytes, media_type: str = "image/jpeg") -> TestResponse:
        """All of it, part by part. Returns the last answer."""
        response = self.declare(data, media_type)
        url = response.headers["Location"]
        for offset in range(0, len(data), PART):
            response = self.send(url, offset, data[offset : offset + PART])
        return response

    def offset(self, url: str) -> int:
        return int(self.call("HEAD", url).headers["Upload-Offset"])

    def call(self, method: str, url: str, body: bytes = b"", **headers: Any) -> TestResponse:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        if body:
            named.setdefault("Content-Type", "application/offset+octet-stream")
        sent = self.headers | {"Tus-Resumable": "1.0.0"} | named
        return self.client.open(url, method=method, data=body, headers=sent)

    def get(self, url: str, method: str = "GET", **headers: str) -> TestResponse:
        return self.client.open(url, method=method, headers=self.headers | headers)

    def breaks_off(self, url: str, offset: int, body: bytes, after: int, **headers: str) -> None:
        """Send a part, of which the connection lets only the first bytes through."""
        environ = {"wsgi.input": io.BytesIO(body[:after]), "CONTENT_LENGTH": str(len(body))}
        sent = self.headers | {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)} | headers
        content_type = "application/offset+octet-stream"
        self.client.patch(url, headers=sent, content_type=content_type, environ_overrides=environ)


def phone(store: Store, login: str = "ceshi.jia") -> Phone:
    with store.database.writing() as session:
        user = User(id=new_id(session), login=login, name="测试甲", active=True)
        session.add(user)
    return signed_in(store, login)


def signed_in(store: Store, login: str = "ceshi.jia") -> Phone:
    """Signed in without a password, which is test_accounts' business and takes its time."""
    app = create_app(store)
    with store.database.writing() as session, app.test_request_context():
        user = session.scalars(select(User).where(User.login == login)).one()
        tokens = accounts.start(session, user, "phone")
        session.flush()
        body, _ = web.signed_in(session, tokens, bearer=True)
        return Phone(app.test_client(), user.id, {"Authorization": f"Bearer {body['access_token']}"})


def encoded(metadata: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def blob_url(data: bytes) -> str:
    return f"/api/v1/blobs/{name_of(data)}"


def name_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def problem(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    return response.status_code, response.json["code"]


def parts_on_disk(store: Store) -> list[Path]:
    return list((store.config.data_dir / "objects").glob("uploads/**/*"))


def count(store: Store, model: type[Any]) -> int:
    with store.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0
