"""What may happen to a hazard, and who may do it. Docs, phone and matrix test read this table."""

from __future__ import annotations

from backend.kernel.policy import Role
from backend.kernel.workflow import Move, Moves

WORKS_THERE = frozenset(
    {
        Role.WORKER,
        Role.TEAM_LEADER,
        Role.SAFETY_OFFICER,
        Role.MINE_HEAD,
        Role.CHIEF_ENGINEER,
        Role.SAFETY_DIRECTOR,
        Role.DEPUTY_IN_CHARGE,
        Role.PRINCIPAL,
        Role.DISPATCHER,
        Role.DEPARTMENT_HEAD,
    }
)
CONFIRMS = frozenset({Role.SAFETY_OFFICER, Role.MINE_HEAD, Role.SAFETY_DIRECTOR})
LEADS = frozenset({Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.SAFETY_DIRECTOR})
DIRECTOR = frozenset({Role.SAFETY_DIRECTOR})
VERIFIES = frozenset({Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.SAFETY_DIRECTOR})
CLOSES = frozenset({Role.TEAM_LEADER, Role.SAFETY_OFFICER, Role.SAFETY_DIRECTOR})

PLAN = ("person", "measures", "deadline")
FIVE = ("person", "measures", "funds", "deadline", "contingency")  # 五落实: 聊城 三(一)4(2), 晋城 三.8
MINE = {"found_by": "mine"}
OFFICER = {"found_by": "officer"}
GENERAL = {"severity": "general"}
MAJOR = {"severity": "major"}

STATES = {
    "reported": ("待确认", "reported"),
    "confirmed": ("已确认", "confirmed"),
    "assigned": ("已派发", "assigned"),
    "rectifying": ("整改中", "being rectified"),
    "rectified": ("待验收", "rectified"),
    "verified": ("待销号", "verified"),
    "closed": ("已销号", "closed"),
    "rejected": ("不成立", "rejected"),
}

MOVES = Moves(
    "hazard",
    STATES,
    (
        # What an officer found is confirmed by his finding, and never rejected by the mine.
        Move("reported", "confirm", "confirmed", CONFIRMS, "确认", "Confirm", when=MINE),
        Move("reported", "reject", "rejected", CONFIRMS, "不成立", "Reject", when=MINE, needs=("note",)),
        Move("confirmed", "assign", "assigned", LEADS, "派发整改", "Assign", when=MINE | GENERAL, needs=PLAN),
        # 聊城 三(一)9(4): what the regulator found is assigned by the safety director, the same day.
        Move(
            "confirmed",
            "assign",
            "assigned",
            DIRECTOR,
            "派发整改",
            "Assign",
            when=OFFICER | GENERAL,
            needs=PLAN,
        ),
        Move("confirmed", "assign", "assigned", DIRECTOR, "派发整改", "Assign", when=MAJOR, needs=FIVE),
        Move("assigned", "start", "rectifying", WORKS_THERE, "开始整改", "Start"),
        Move("rectifying", "rectify", "rectified", WORKS_THERE, "整改完成", "Rectified", needs=("photos",)),
        Move("rectified", "verify", "verified", VERIFIES, "验收合格", "Verify", unless_did="rectify"),
        Move("rectified", "return", "rectifying", VERIFIES, "退回整改", "Send back", needs=("note",)),
        Move("verified", "close", "closed", CLOSES, "签字销号", "Close", when=MINE | GENERAL, signed=True),
        Move("closed", "reopen", "confirmed", CONFIRMS, "重新打开", "Reopen", when=MINE, needs=("note",)),
    ),
)
