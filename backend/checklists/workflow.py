"""What may happen to a list from its first draft to its recall, who may do it, and who has to sign it, in which order.

The chain of the 一岗两清单 is 聊城 三(一)1(3): department → 分管负责人 → safety department → 安全总监 → 主要负责人. The
sources ask for no chain of the other kinds: ours are shorter, and end with whoever answers for the thing at the mine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.kernel.policy import Role
from backend.kernel.workflow import Move, Moves

STATES = {
    "draft": ("编制中", "draft"),
    "review": ("审批中", "under approval"),
    "published": ("已发布", "published"),
    "retired": ("已停用", "retired"),
    "recalled": ("已召回", "recalled"),
    "withdrawn": ("已撤销", "withdrawn"),
}
# What each kind of list is called (forms/definition.py).
KINDS: Mapping[str, tuple[str, str]] = {
    "post_duties": ("岗位职责清单", "Post: duties"),
    "post_controls": ("岗位风险管控措施清单", "Post: risk controls"),
    "patrol": ("巡查表", "Patrol"),
    "spot_check": ("四不两直检查表", "Unannounced check"),
    "sweep": ("重大隐患排查表", "Major-hazard sweep"),
    "reinspection": ("复查表", "Re-inspection"),
    "acceptance": ("验收表", "Acceptance"),
    "drill": ("演练记录", "Drill record"),
    "quiz": ("考试题", "Quiz"),
    "scorecard": ("评分表", "Scorecard"),
    "register": ("台账", "Register"),
    "card": ("操作卡、处置卡", "Operation or emergency card"),
}


@dataclass(frozen=True)
class Step:
    """One signature of a chain. by: any of these roles, held in his own right or as a dated deputy."""

    by: frozenset[Role]
    zh: str
    en: str


DEPARTMENT = Step(frozenset({Role.DEPARTMENT_HEAD, Role.MINE_HEAD}), "部门负责人", "department")
IN_CHARGE = Step(frozenset({Role.DEPUTY_IN_CHARGE}), "分管负责人", "deputy in charge")
SAFETY = Step(frozenset({Role.SAFETY_OFFICER}), "安全管理部门", "safety department")
ENGINEER = Step(frozenset({Role.CHIEF_ENGINEER}), "总工程师", "chief engineer")
DIRECTOR = Step(frozenset({Role.SAFETY_DIRECTOR}), "安全总监", "safety director")
PRINCIPAL = Step(frozenset({Role.PRINCIPAL}), "主要负责人", "principal")
SECTION = Step(frozenset({Role.BUREAU_SECTION}), "科室负责人", "section head")
HEAD = Step(frozenset({Role.BUREAU_HEAD}), "局负责人", "bureau head")

CHAINS: Mapping[str, tuple[Step, ...]] = {
    "post": (DEPARTMENT, IN_CHARGE, SAFETY, DIRECTOR, PRINCIPAL),
    "check": (SAFETY, DIRECTOR, PRINCIPAL),  # what the mine examines itself by
    "technical": (DEPARTMENT, ENGINEER, DIRECTOR),  # how work is done, and what to do when it goes wrong
    "training": (SAFETY, DIRECTOR),  # what is asked, drilled and kept
    "bureau": (SECTION, HEAD),
}
# Which chain a mine's list of each kind goes through; whatever a bureau owns goes through its own.
CHAIN_OF: Mapping[str, str] = {
    "post_duties": "post",
    "post_controls": "post",
    "patrol": "check",
    "spot_check": "check",
    "sweep": "check",
    "reinspection": "check",
    "acceptance": "check",
    "scorecard": "check",
    "card": "technical",
    "drill": "training",
    "quiz": "training",
    "register": "training",
}

MINE, BUREAU, LIBRARY = ({"owner_kind": kind} for kind in ("mine", "jurisdiction", "library"))
AUTHORS: Mapping[str, frozenset[Role]] = {
    "mine": frozenset(
        {
            *(Role.DEPARTMENT_HEAD, Role.SAFETY_OFFICER, Role.CHIEF_ENGINEER),
            *(Role.SAFETY_DIRECTOR, Role.MINE_HEAD),
        }
    ),
    "jurisdiction": frozenset({Role.INSPECTOR, Role.CLERK, Role.BUREAU_SECTION}),
}
# Who may stop a list: the last two of its chain. What ships with the program only its operator can call back.
STOPS: Mapping[str, frozenset[Role]] = {
    "mine": frozenset({Role.SAFETY_DIRECTOR, Role.PRINCIPAL}),
    "jurisdiction": frozenset({Role.BUREAU_SECTION, Role.BUREAU_HEAD}),
    "library": frozenset({Role.SYSTEM_ADMINISTRATOR}),
}


def chain_for(owner_kind: str, kind: str) -> str:
    return "bureau" if owner_kind == "jurisdiction" else CHAIN_OF[kind]


def _writing() -> list[Move]:
    moves = []
    for owner, by in AUTHORS.items():
        when = {"owner_kind": owner}
        moves += [
            Move("draft", "edit", "draft", by, "编辑", "Edit", when=when),
            Move("draft", "submit", "review", by, "提交审批", "Submit for approval", when=when),
            Move("draft", "withdraw", "withdrawn", by, "撤销", "Withdraw", when=when),
            Move("review", "withdraw", "withdrawn", by, "撤销", "Withdraw", when=when),
        ]
    return moves


def _signing() -> list[Move]:
    """A row for each step of each chain. turn: the chain and how many have signed; the last signature publishes."""
    moves = []
    for name, chain in CHAINS.items():
        for number, step in enumerate(chain):
            when = {"turn": f"{name}.{number}"}
            if step is chain[-1]:
                act = Move(
                    "review",
                    "publish",
                    "published",
                    step.by,
                    "签字发布",
                    "Sign and publish",
                    when,
                    signed=True,
                )
            else:
                act = Move("review", "sign", "review", step.by, "签字同意", "Sign", when, signed=True)
            moves += [
                act,
                Move("review", "return", "draft", step.by, "退回修改", "Send back", when, needs=("note",)),
            ]
    return moves


def _stopping() -> list[Move]:
    moves = []
    for owner, by in STOPS.items():
        when = {"owner_kind": owner}
        moves += [
            Move("published", "retire", "retired", by, "停用", "Retire", when, needs=("note",)),
            Move("published", "recall", "recalled", by, "召回", "Recall", when, needs=("note",)),
            Move("retired", "recall", "recalled", by, "召回", "Recall", when, needs=("note",)),
        ]
    return moves


MOVES = Moves("form", STATES, (*_writing(), *_signing(), *_stopping()))

# Who has anything to do with a list of this owner before it is published; nobody else sees a draft.
INSIDERS: Mapping[str, frozenset[Role]] = {
    owner: AUTHORS[owner].union(
        *(
            step.by
            for name, chain in CHAINS.items()
            for step in chain
            if (name == "bureau") == (owner != "mine")
        )
    )
    for owner in AUTHORS
}
