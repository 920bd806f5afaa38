"""What may happen to a visit, and who may do it."""

from __future__ import annotations

from backend.kernel.policy import Role
from backend.kernel.workflow import Move, Moves

OFFICER = frozenset({Role.INSPECTOR})
LEAST_OFFICERS = 2  # 行政处罚法 42: at least two officers with credentials

STATES = {
    "prepared": ("待开展", "prepared"),
    "opened": ("检查中", "opened on site"),
    "explained": ("已告知", "explained and signed"),
    "closed": ("已办结", "closed"),
    "cancelled": ("已取消", "cancelled"),
}

MOVES = Moves(
    "visit",
    STATES,
    (
        Move("prepared", "open", "opened", OFFICER, "现场开启", "Open on site"),
        Move("prepared", "cancel", "cancelled", OFFICER, "取消", "Cancel", needs=("note",)),
        # The site representative signs, or refuses with a reason and a witness; either way the visit goes on.
        Move(
            "opened",
            "explain",
            "explained",
            OFFICER,
            "告知并签字",
            "Explain and sign",
            needs=("representative",),
        ),
        # What a colleague's phone brings after that is told and signed for by itself, also in a visit that was closed.
        Move(
            "explained",
            "supplement",
            "explained",
            OFFICER,
            "补充告知",
            "Tell what came late",
            needs=("findings", "representative"),
        ),
        Move(
            "closed",
            "supplement",
            "explained",
            OFFICER,
            "补充告知",
            "Tell what came late",
            needs=("findings", "representative"),
        ),
        Move("explained", "close", "closed", OFFICER, "办结", "Close"),
    ),
)
