"""The tables that phone and desk read, from the one place where each is written."""

from __future__ import annotations

from typing import Any

from backend.checklists.workflow import KINDS
from backend.checklists.workflow import MOVES as FORM
from backend.documents.render import kinds
from backend.hazards.workflow import MOVES as HAZARD
from backend.inspections.workflow import MOVES as VISIT
from backend.kernel import policy
from forms.library import posts


def tables() -> dict[str, Any]:
    """By file name. `make tables` writes them; a test sees that what is committed is what is true."""
    return {
        "hazard": HAZARD.table(),
        "visit": VISIT.table(),
        "form": FORM.table(),
        "kinds": {kind: {"zh": zh, "en": en} for kind, (zh, en) in KINDS.items()},
        "roles": {role.value: {"zh": zh, "en": en} for role, (zh, en) in policy.ROLE_NAMES.items()},
        "documents": {
            kind.key: {"zh": kind.title_zh, "en": kind.title_en, "word": kind.word}
            for kind in kinds().values()
        },
        "posts": {
            post.code: {"zh": post.zh, "en": post.en, "mine_type": post.mine_type}
            for post in posts().values()
        },
    }
