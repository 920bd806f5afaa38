"""Who may do what: one table of role x act, asked by every endpoint, move and scope. Default: nothing is allowed.

A grant gives a person a role at a scope (`mine:…`, `enterprise:…`, `jurisdiction:…`, `visit:…`) from a date to a
date, in his own right or as somebody's deputy. A thing lies in a set of scopes: a mine's hazard lies in its mine,
that mine's enterprise and every jurisdiction above. State is the third side: a workflow's moves name their roles,
and `allow` enters them here, so that docs, phone and matrix test read one table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from backend.kernel.problems import Problem


class Role(StrEnum):
    """The roles of docs/roles.md; the values are the names on the wire."""

    WORKER = "worker"
    TEAM_LEADER = "team_leader"
    MINE_HEAD = "mine_head"
    CHIEF_ENGINEER = "chief_engineer"
    DISPATCHER = "dispatcher"
    SAFETY_OFFICER = "safety_officer"
    DEPARTMENT_HEAD = "department_head"
    DEPUTY_IN_CHARGE = "deputy_in_charge"
    SAFETY_DIRECTOR = "safety_director"
    PRINCIPAL = "principal"
    CONTROLLER = "controller"
    PARENT_COMPANY = "parent_company"
    MINE_ADMINISTRATOR = "mine_administrator"
    INSPECTOR = "inspector"
    EXPERT = "expert"
    LEGAL_REVIEWER = "legal_reviewer"
    HEARING_CHAIR = "hearing_chair"
    CLERK = "clerk"
    BUREAU_SECTION = "bureau_section"
    BUREAU_HEAD = "bureau_head"
    COMMITTEE_OFFICE = "committee_office"
    OTHER_DEPARTMENT = "other_department"
    AUDITOR = "auditor"
    SYSTEM_ADMINISTRATOR = "system_administrator"


MINE_ROLES = frozenset(list(Role)[: list(Role).index(Role.MINE_ADMINISTRATOR) + 1])
BUREAU_ROLES = frozenset(Role) - MINE_ROLES - {Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR}

# zh, en: how a role is named to people.
ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.WORKER: ("岗位工", "worker"),
    Role.TEAM_LEADER: ("班组长", "team leader"),
    Role.MINE_HEAD: ("矿长", "mine head"),
    Role.CHIEF_ENGINEER: ("总工程师", "chief engineer"),
    Role.DISPATCHER: ("调度员", "dispatcher"),
    Role.SAFETY_OFFICER: ("安全员", "safety officer"),
    Role.DEPARTMENT_HEAD: ("部门负责人", "department head"),
    Role.DEPUTY_IN_CHARGE: ("分管负责人", "deputy in charge"),
    Role.SAFETY_DIRECTOR: ("安全总监", "safety director"),
    Role.PRINCIPAL: ("主要负责人", "principal"),
    Role.CONTROLLER: ("实际控制人", "controller"),
    Role.PARENT_COMPANY: ("上级公司", "parent company"),
    Role.MINE_ADMINISTRATOR: ("矿山管理员", "mine administrator"),
    Role.INSPECTOR: ("执法人员", "inspector"),
    Role.EXPERT: ("专家", "expert"),
    Role.LEGAL_REVIEWER: ("法制审核人员", "legal reviewer"),
    Role.HEARING_CHAIR: ("听证主持人", "hearing chair"),
    Role.CLERK: ("内勤", "clerk"),
    Role.BUREAU_SECTION: ("科室负责人", "section head"),
    Role.BUREAU_HEAD: ("局负责人", "bureau head"),
    Role.COMMITTEE_OFFICE: ("安委办", "committee office"),
    Role.OTHER_DEPARTMENT: ("其他部门", "other department"),
    Role.AUDITOR: ("审计员", "auditor"),
    Role.SYSTEM_ADMINISTRATOR: ("系统管理员", "system administrator"),
}

DENIED = Problem(403, "policy.denied", "您的岗位无权进行此操作。", "Your role does not allow this.")

ACTS: dict[str, frozenset[Role]] = {}


def allow(act: str, roles: Iterable[Role]) -> str:
    """Enter an act into the table. Declared once by the concept it belongs to; returns its name."""
    if act in ACTS:
        raise ValueError(f"act {act} is declared twice")
    ACTS[act] = frozenset(roles)
    return act


@dataclass(frozen=True)
class Held:
    """A grant as policy sees it. deputy_for: the person in whose stead, if any."""

    role: Role
    scope: str
    starts: datetime
    ends: datetime | None
    deputy_for: UUID | None = None

    def holds(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True)
class Actor:
    """A person as he acts: everything granted to him, ever, and the moment at which he acts.

    at: the present for the desk, the corrected capture time for what a phone brings: authority is judged by it.
    """

    id: UUID
    name: str
    grants: tuple[Held, ...]
    at: datetime

    def roles(self, scopes: Collection[str]) -> frozenset[Role]:
        return frozenset(
            grant.role for grant in self.grants if grant.scope in scopes and grant.holds(self.at)
        )

    def scopes(self, act: str) -> frozenset[str]:
        """Where this person may do `act`."""
        allowed = ACTS[act]
        return frozenset(
            grant.scope for grant in self.grants if grant.role in allowed and grant.holds(self.at)
        )


def may(actor: Actor, act: str, scopes: Collection[str]) -> bool:
    return not ACTS[act].isdisjoint(actor.roles(scopes))


def require(actor: Actor, act: str, scopes: Collection[str]) -> None:
    """Raises DENIED (403) unless one of the actor's grants allows `act` in one of these scopes."""
    if not may(actor, act, scopes):
        raise DENIED(act=act)
