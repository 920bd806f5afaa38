"""/api/v1/units: the people of a unit. Nothing is decided here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from backend.accounts.web import current_actor
from backend.kernel import excel
from backend.kernel.excel import Column
from backend.kernel.policy import ROLE_NAMES, Actor, Role
from backend.kernel.web import Blueprint, reading, writing
from backend.people import operations, queries
from backend.people.schemas import (
    AccountsSchema,
    CorrectSchema,
    EnterSchema,
    GiveSchema,
    JoinSchema,
    PersonSchema,
    UnitsSchema,
)
from forms.library import post_name

blueprint = Blueprint(
    "units", __name__, url_prefix="/api/v1/units", description="The people of a unit, for who manages them"
)


def _staff(name: str) -> Any:
    return lambda row: row["staff"][name] if row["staff"] else None


def _roles(row: dict[str, Any]) -> str:
    held = (grant for grant in row["grants"] if grant["held"])
    return "、".join(
        ROLE_NAMES[Role(grant["role"])][0]
        + (f"（代{grant['deputy_for']['name']}）" if grant["deputy_for"] else "")
        for grant in held
    )


def _state(row: dict[str, Any]) -> str:
    return "已停用" if not row["active"] else "已激活" if row["activated"] else "未激活"


COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("姓名", 12, lambda row: row["name"]),
    Column("账号", 16, lambda row: row["login"]),
    Column("职务", 18, _staff("title")),
    Column("班组", 18, _staff("team")),
    Column(
        "岗位", 24, lambda row: "、".join(map(post_name, row["staff"]["posts"])) if row["staff"] else None
    ),
    Column("角色", 24, _roles),
    Column("执法证号", 16, lambda row: row["certificate_no"]),
    Column("状态", 10, _state),
    Column("最近登录", 17, lambda row: row["signed_in_at"]),
)


@blueprint.get("")
@blueprint.response(200, UnitsSchema)
def list_units() -> dict[str, Any]:
    """The units whose people I manage."""
    with reading() as session:
        return {"items": queries.units(session, current_actor(session))}


@blueprint.get("/<scope>/people")
@blueprint.response(200, AccountsSchema)
def list_accounts(scope: str) -> dict[str, Any]:
    """The people of a unit with their sign-ins and roles."""
    return {"items": _people(scope)}


@blueprint.get("/<scope>/people.xlsx")
@blueprint.response(200, excel.BODY, content_type=excel.TYPE)
def accounts_table(scope: str) -> Response:
    """The same as an Excel file."""
    return Response(**excel.file("人员", COLUMNS, _people(scope)))


@blueprint.post("/<scope>/people")
@blueprint.arguments(EnterSchema)
@blueprint.response(201, PersonSchema)
def enter_person(body: dict[str, Any], scope: str) -> dict[str, Any]:
    """Enter a person with his roles, at a mine with his posts; a printed slip then activates him."""
    with writing() as session:
        actor = current_actor(session)
        at = operations.unit(session, actor, scope)
        return _one(session, actor, at, operations.enter(session, actor, at, body).id)


@blueprint.post("/<scope>/people/join")
@blueprint.arguments(JoinSchema)
@blueprint.response(201, PersonSchema)
def join_unit(body: dict[str, Any], scope: str) -> dict[str, Any]:
    """Enter somebody of another mine at this one too, with a place and roles of his own here."""
    with writing() as session:
        actor = current_actor(session)
        at = operations.unit(session, actor, scope)
        return _one(session, actor, at, operations.join(session, actor, at, body).id)


@blueprint.put("/<scope>/people/<uuid:user_id>")
@blueprint.arguments(CorrectSchema)
@blueprint.response(200, PersonSchema)
def correct_person(body: dict[str, Any], scope: str, user_id: UUID) -> dict[str, Any]:
    """Put right what is known of a person; what he signed keeps the name that he signed with."""
    with writing() as session:
        actor = current_actor(session)
        at = operations.unit(session, actor, scope)
        operations.correct(session, actor, at, user_id, body)
        return _one(session, actor, at, user_id)


@blueprint.post("/<scope>/people/<uuid:user_id>/roles")
@blueprint.arguments(GiveSchema)
@blueprint.response(201, PersonSchema)
def give_role(body: dict[str, Any], scope: str, user_id: UUID) -> dict[str, Any]:
    """Give a person another role, also one that he should have had already."""
    with writing() as session:
        actor = current_actor(session)
        at = operations.unit(session, actor, scope)
        role, dates = Role(body["role"]), (body["starts_at"], body["ends_at"])
        operations.give(session, actor, at, user_id, role, *dates, body["reason"])
        return _one(session, actor, at, user_id)


@blueprint.post("/<scope>/people/<uuid:user_id>/dismiss")
@blueprint.response(200, PersonSchema)
def dismiss(scope: str, user_id: UUID) -> dict[str, Any]:
    """Let a person go: his roles and sign-ins end now; what he recorded before still arrives and counts."""
    return _after(operations.dismiss, scope, user_id)


@blueprint.post("/<scope>/people/<uuid:user_id>/reinstate")
@blueprint.response(200, PersonSchema)
def reinstate(scope: str, user_id: UUID) -> dict[str, Any]:
    """Let him sign in again; his roles are given anew."""
    return _after(operations.reinstate, scope, user_id)


def _after(act: Any, scope: str, user_id: UUID) -> dict[str, Any]:
    with writing() as session:
        actor = current_actor(session)
        at = operations.unit(session, actor, scope)
        act(session, actor, user_id)
        return _one(session, actor, at, user_id)


def _one(session: Session, actor: Actor, at: operations.Unit, user_id: UUID) -> dict[str, Any]:
    session.flush()
    [now] = queries.people(session, actor, at, user_id)
    return now


def _people(scope: str) -> list[dict[str, Any]]:
    with reading() as session:
        actor = current_actor(session)
        return queries.people(session, actor, operations.unit(session, actor, scope))
