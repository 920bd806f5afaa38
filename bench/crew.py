"""Drillers with phones: many in a county, each owing a list of 30 items a shift, and what their phones send."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.accounts import web
from backend.accounts.models import User
from backend.app import Store, create_app
from backend.checklists import versions
from backend.checklists.models import Task
from backend.demo import pictures
from backend.kernel.db import new_id
from backend.kernel.policy import Role
from backend.shifts.models import Shift, Staff
from backend.sites.models import Jurisdiction, Mine
from forms.definition import Definition
from forms.library import load_library
from forms.limits import resolve
from forms.load import load
from sync.canonical import canonical
from sync.envelope import Json
from tests.backend.phones import FieldPhone
from tests.sync.phone import Handset

ITEMS = 30
POST = "UG01"
COMMENT = 1_000  # bytes of a comment in a JPEG
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def list_of_30() -> Definition:
    """A driller's own items, again and again: checks and readings; a photo where something is wrong."""
    own = next(one for one in load_library() if one.key == f"post.{POST}.controls").to_json()
    items = [item for section in own["sections"] for item in section["items"] if _is_plain(item["answer"])]
    many = [
        items[n % len(items)] | {"id": f"N{n:02}", "evidence": {"photo": "on_fail"}} for n in range(ITEMS)
    ]
    sections = [{"id": "all", "title": own["sections"][0]["title"], "items": many}]
    return load(own | {"key": "bench.thirty", "sections": sections})


def _is_plain(answer: Json) -> bool:
    return all("by" not in limit for limit in answer.get("limits", []))


@dataclass
class Driller:
    """Somebody with a phone that he has signed in on. tasks: the lists he owes, which he fills one after another."""

    user: str
    token: str
    tasks: list[str]


@dataclass
class Crew:
    """items, form, limits: of the list that all of them fill.  mine: where."""

    drillers: list[Driller]
    items: list[Json]
    form: str
    mine: str
    limits: Json


def hire(store: Store, owed: list[int]) -> Crew:
    """Drillers of the demo's underground mine; of each, how many lists he owes. One list a day, back from today."""
    definition = list_of_30()
    items = definition.to_json()["sections"][0]["items"]
    with store.database.writing() as session:
        form = versions.publish(session, "bench", definition).id
        pattern = session.scalars(
            select(Staff).join(User, User.id == Staff.user_id).where(User.login == "zuanyan")
        ).one()
        mine = session.get_one(Mine, pattern.mine_id)
        parameters = session.get_one(Jurisdiction, mine.jurisdiction_id).parameters
        limits = resolve(definition, mine.parameters, parameters, datetime.now(UTC).date())
        shifts = [_shift(new_id(session), mine.id, days) for days in range(max(owed))]
        people = [
            User(id=new_id(session), login=f"b{n}", name=f"钻工{n}", active=True) for n in range(len(owed))
        ]
        session.add_all([*shifts, *people])
        session.flush()
        tasks: dict[UUID, list[str]] = {}
        for person, count in zip(people, owed, strict=True):
            _employ(session, person, pattern)
            made = [
                _task(new_id(session), person, shift, form, [item["id"] for item in items])
                for shift in shifts[:count]
            ]
            session.add_all(made)
            tasks[person.id] = [str(task.id) for task in made]
        place = str(mine.id)
    tokens = _signed_in(store, list(tasks))
    drillers = [Driller(str(user), tokens[user], owes) for user, owes in tasks.items()]
    # As a phone has them: its numbers are JavaScript's, 6 and not 6.0.
    return Crew(drillers, items, form, place, json.loads(canonical(dict(limits))))


def _employ(session: Session, person: User, pattern: Staff) -> None:
    accounts.grant(session, "bench", person.id, Role.WORKER, f"mine:{pattern.mine_id}")
    told = {"name": person.name, "title": pattern.title, "team": person.login, "posts": [POST]}
    session.add(Staff(id=new_id(session), user_id=person.id, mine_id=pattern.mine_id, **told))


def _task(id: UUID, person: User, shift: Shift, form: str, asked: list[str]) -> Task:
    return Task(
        id=id, user_id=person.id, mine_id=shift.mine_id, shift_id=shift.id, post=POST, form=form, asked=asked,
        shift_name=shift.name, opens_at=shift.starts_at, due_at=shift.ends_at,
    )  # fmt: skip


def _shift(id: UUID, mine: UUID, days: int) -> Shift:
    starts = datetime.now(UTC) - timedelta(days=days, hours=1)
    return Shift(
        id=id,
        mine_id=mine,
        day=starts.date(),
        name="早班",
        starts_at=starts,
        ends_at=starts + timedelta(hours=8),
    )


def _signed_in(store: Store, users: list[UUID]) -> dict[UUID, str]:
    """A bearer token of a new sign-in each, without a password: argon2 is not what is measured."""
    tokens = {}
    with store.database.writing() as session, create_app(store).test_request_context():
        for user in users:
            started = accounts.start(session, session.get_one(User, user), "bench")
            session.flush()
            tokens[user] = web.signed_in(session, started, bearer=True)[0]["access_token"]
    return tokens


class Wire:
    """One kept connection to a server, as a phone has it."""

    def __init__(self, port: int, token: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.sent = b""  # the body of the last exchange that brought something
        self.again = 0  # times that the server was too busy (503), and was asked again

    def enrol(self, request: Json, _user: str) -> Json:
        return self._json("/api/v1/sync/enrolments", json.dumps(request).encode(), {})

    def exchange(self, request: Json, _user: str | None) -> Json:
        body = gzip.compress(json.dumps(request, ensure_ascii=False).encode(), 6)
        if request["mutations"]:
            self.sent = body
        return self._json("/api/v1/sync/exchange", body, {"Content-Encoding": "gzip"})

    def upload(self, sha: str, data: bytes) -> None:
        """One request of tus: declared, with all of its bytes."""
        named = {"sha256": sha.removeprefix("sha256:"), "type": "image/jpeg"}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in named.items()
        )
        headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        self.post("/api/v1/uploads", data, headers)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        status = 503
        while status == 503:
            self.connection.request("POST", path, body, self.headers | headers)
            response = self.connection.getresponse()
            status, answer = response.status, response.read()
            self.again += status == 503
        if status >= 300:
            raise AssertionError(f"{path}: {status} {answer[:500].decode(errors='replace')}")
        return answer

    def _json(self, path: str, body: bytes, headers: dict[str, str]) -> Json:
        answer: Json = json.loads(self.post(path, body, {"Content-Type": "application/json"} | headers))
        return answer


class Filler:
    """A driller, his phone, and the lists that he has filled and not sent."""

    def __init__(self, crew: Crew, driller: Driller, port: int) -> None:
        self.crew, self.driller = crew, driller
        self.wire = Wire(port, driller.token)
        handset = Handset(driller.user, lambda: time.time_ns() // 1_000_000)
        self.phone = FieldPhone(self.wire, handset, driller.user)  # type: ignore[arg-type]
        self.owed = iter(driller.tasks)

    def fill(self, photo: bytes | None) -> str:
        """Begin, answer and sign a list, as the app freezes it: three mutations. Returns its id."""
        phone, crew = self.phone, self.crew
        submission = phone.handset.new_id()
        opened = phone.handset.true_ms() - 600_000
        begin = {"task": next(self.owed), "visit": None, "mine": crew.mine, "form": crew.form, "post": POST}
        phone.act(
            "submission.begin@1", submission, begin | {"limits": crew.limits, "opened_at": _wall(opened)}
        )
        answers = {
            item["id"]: _answer(item["answer"], n) | {"at": _wall(opened + (n + 1) * 15_000)}
            for n, item in enumerate(crew.items)
        }
        shown = [name_of(photo)] if photo else []
        answers["N00"] |= {"photos": shown}
        phone.act("submission.answer@1", submission, {"answers": answers}, blobs=shown)
        signature = {
            "role": "filler", "name": "钻工", "at": phone.handset.wall, "hash": "0" * 64,
            "strokes": pictures.ink(UUID(phone.user)),
        }  # fmt: skip
        phone.act("submission.sign@1", submission, signature)
        return submission


def _answer(kind: Json, number: int) -> Json:
    if kind["type"] == "check":
        note = {"note": f"第{number}处已查看，支护完好，无松石"} if number % 5 == 0 else {}
        return {"result": ("pass", "pass", "na")[number % 3], "photos": [], **note}
    limit = kind["limits"][0]
    return {
        "value": round(limit["min"] + 0.3, 2) if "min" in limit else round(limit["max"] - 0.3, 2),
        "photos": [],
    }


def _wall(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def photos(size: int) -> Iterator[bytes]:
    """JPEGs of about `size` bytes, each another one, of the most pixels that the app leaves a photo (1,600 × 1,200)."""
    grain = Image.frombytes("RGB", (200, 150), random.Random(1).randbytes(200 * 150 * 3))
    picture = grain.resize((1600, 1200), Image.Resampling.BICUBIC)
    for quality in range(95, 5, -5):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() < size - COMMENT:
            break
    start, rest = out.getvalue()[:2], out.getvalue()[2:]
    for number in itertools.count():
        # Comments fill it up, and make each another file.
        text = f"{number:08}".encode().ljust(COMMENT - 4, b".")
        comment = b"\xff\xfe" + (COMMENT - 2).to_bytes(2, "big") + text
        yield start + comment * ((size - out.tell()) // COMMENT) + rest


def name_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
