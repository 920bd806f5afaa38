"""A desk in a test: whoever sits at it asks the server as a signed-in browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from flask_jwt_extended import create_access_token
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.app import create_app
from backend.checklists import operations as checklists
from backend.checklists import versions
from backend.checklists.models import Submission, Task
from backend.demo import answers
from backend.documents.render import data_hash
from backend.enforcement import drafts
from backend.enforcement import operations as enforcement
from backend.enforcement.models import NumberBlock
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.kernel.db import new_id
from backend.kernel.policy import Role
from backend.sites.models import Bureau, Jurisdiction, Mine
from forms.limits import resolve
from sync.merge import Edit
from tests.world import PHOTO, UNDERGROUND, World


@dataclass
class Desk:
    world: World
    app: Flask = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = create_app(self.world.store)

    def get(self, login: str | None, path: str, **query: Any) -> TestResponse:
        return self._ask("GET", login, path, query_string=query or None)

    def post(self, login: str | None, path: str, body: Any = None) -> TestResponse:
        return self._ask("POST", login, path, json=body if body is not None else {})

    def put(self, login: str | None, path: str, body: Any) -> TestResponse:
        return self._ask("PUT", login, path, json=body)

    def upload(self, login: str | None, path: str, form: dict[str, Any]) -> TestResponse:
        return self._ask("POST", login, path, data=form, content_type="multipart/form-data")

    def json(self, login: str, path: str, **query: Any) -> Any:
        """What the server answers, which must be 200."""
        answer = self.get(login, path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def table(self, login: str, path: str, **query: Any) -> list[tuple[Any, ...]]:
        """The rows of an Excel answer, its head first."""
        answer = self.get(login, path, **query)
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return list(load_workbook(BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))

    def _ask(self, method: str, login: str | None, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token(login)}"} if login else {}
        with self.app.test_client() as client:
            return client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def token(self, login: str) -> str:
        if login not in self.tokens:
            with self.world.store.database.writing() as session, self.app.app_context():
                user = self.world.user(session, login)
                signed_in = accounts.start(session, user, "test")
                claims = {"sid": str(signed_in.sign_in_id)}
                self.tokens[login] = create_access_token(
                    str(user.id), additional_claims=claims, expires_delta=False
                )
        return self.tokens[login]

    # What is on record before anybody sits down

    def person(self, login: str, role: Role | None, scope: str, *, certificate: str | None = None) -> UUID:
        """Somebody more than the demo county has: of the neighbours, of another team, with no role at all."""
        with self.world.store.database.writing() as session:
            user = User(
                id=new_id(session),
                login=login,
                name=f"外人{login}",
                active=True,
                certificate_no=certificate,
                certificate_until=datetime(2029, 1, 1, tzinfo=UTC) if certificate else None,
            )
            session.add(user)
            session.flush()
            if role:
                accounts.grant(session, "test", user.id, role, scope)
            return user.id

    def county_scope(self) -> str:
        with self.world.reading() as session:
            return f"jurisdiction:{session.scalars(select(Bureau)).one().jurisdiction_id}"

    def neighbours(self) -> str:
        """Another county with a section head of its own; returns his login."""
        with self.world.store.database.writing() as session:
            other = Jurisdiction(id=new_id(session), name="邻县", parameters={})
            session.add(other)
            scope = f"jurisdiction:{other.id}"
        self.person("linxian", Role.BUREAU_SECTION, scope)
        return "linxian"

    def mine_id(self, name: str = UNDERGROUND) -> UUID:
        with self.world.reading() as session:
            return self.world.mine(session, name).id

    def fills(self, login: str, task_id: UUID, *, fails: int = 0, note: str = "浮石未处理") -> UUID:
        """A list filled and signed as its person does it; the first `fails` points that can do not conform."""
        with self.world.writing(login) as (session, actor):
            task = session.get_one(Task, task_id)
            form = versions.definition(session, task.form)
            mine, today = session.get_one(Mine, task.mine_id), actor.at.date()
            limits = resolve(form, mine.parameters, {}, today)
            filled = checklists.begin(session, actor, new_id(session), task, limits, self.world.now())
            session.flush()
            asked = [item for item in form.items() if item.id in task.asked]
            failing = [item.id for item in asked if item.answer.type == "check"][:fails]
            given = {
                item.id: answers.answer(
                    item, limits.get(item.id, []), [PHOTO], today, fails=item.id in failing, random=Random(1)
                )
                for item in asked
            }
            for item in failing:
                given[item]["note"] = note
            checklists.answer(session, actor, filled, given, Edit(None, "test", 1, ""), self.world.now())
            checklists.sign(session, actor, filled, self.world.signature(actor, "filler"), self.world.now())
            return filled.id

    def opens(self, visit_id: UUID, login: str = "jiancha1") -> None:
        self.world.visits(login, visit_id, "open", place="420中段")

    def finds(self, visit_id: UUID, what: str = "通风构筑物破损", login: str = "jiancha1") -> UUID:
        """An officer finds something on the visit."""
        with self.world.writing(login) as (session, actor):
            mine = session.get_one(Mine, session.get_one(Visit, visit_id).mine_id)
            facts = {"where": "420中段", "what": what}
            found = hazards.report(
                session, actor, new_id(session), mine, facts, self.world.now(), visit_id=visit_id
            )
            return found.id

    def explains(self, visit_id: UUID, login: str = "jiancha1") -> None:
        with self.world.writing(login) as (_, actor):
            signature = self.world.signature(actor, "site_representative")
        answer = {"name": "褚试行", "position": "矿长", "signature": signature}
        self.world.visits(login, visit_id, "explain", representative=answer)

    def issues(self, visit_id: UUID, login: str = "jiancha1", supersedes: UUID | None = None) -> UUID:
        """The officer issues the order for what was found."""
        with self.world.writing(login) as (session, actor):
            visit = session.get_one(Visit, visit_id)
            mine, bureau = session.get_one(Mine, visit.mine_id), session.get_one(Bureau, visit.bureau_id)
            found = session.scalars(select(Hazard).where(Hazard.visit_id == visit.id).order_by(Hazard.id))
            rows = [{"id": str(row.id)} | row.row() for row in found]
            block = session.scalars(
                select(NumberBlock).where(
                    NumberBlock.user_id == actor.id, NumberBlock.kind == "rectify_order"
                )
            ).first()
            assert block is not None
            number = block.pattern.format(year=block.year, n=block.next)
            at = self.world.clock.now().isoformat()
            deadline = (self.world.clock.now() + timedelta(days=7)).date().isoformat()
            hands = {member["user"]: self.world.signature(actor, "inspector") for member in visit.team}
            said = visit.representative or {
                "name": "褚试行",
                "position": "矿长",
                "signature": self.world.signature(actor),
            }
            data = drafts.rectify_order(
                visit.row() | {"representative": said},
                mine.row(),
                bureau.row(),
                rows,
                hands,
                number,
                "http://localhost/v",
                issued_at=at,
                deadlines={row["id"]: deadline for row in rows},
            )
            old = session.get(enforcement.Document, supersedes) if supersedes else None
            issued = enforcement.issue(
                session,
                actor,
                new_id(session),
                visit,
                "rectify_order",
                block,
                block.next,
                data,
                data_hash("rectify_order", data),
                self.world.now(),
                supersedes=old,
            )
            return issued.id

    def submission_of(self, visit_id: UUID) -> UUID:
        with self.world.reading() as session:
            return session.scalars(select(Submission.id).where(Submission.visit_id == visit_id)).one()
