"""The rows that a phone's operation names, as far as its person may know of them.

Of a row that is hidden from him and of one that never was he is told the same, to the byte: ids travel on slips and in
photographs, and a planned visit must not be told from none by trying one. What his role never allows is said first,
without looking at the row, as the desk's addresses do.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from backend.checklists import operations as checklists
from backend.checklists.models import LIBRARY, FormVersion, Submission, Task
from backend.devices.scopes import visible_scopes
from backend.enforcement import operations as enforcement
from backend.enforcement.models import Document
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.kernel import policy
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND
from backend.sites import operations as sites
from backend.sites import queries
from backend.sites.models import Mine

Target = TypeVar("Target", Submission, Task, FormVersion, Mine, Hazard, Visit, Document)
# Who reads what lies in a mine, at the desk too: he may act from a phone on what that phone does not hold.
_READ = {
    Mine: queries.READ,
    Submission: checklists.READ,
    Hazard: hazards.READ,
    Document: enforcement.READ,
}


def find(session: Session, actor: Actor, model: type[Target], key: UUID | str, act: str) -> Target:
    """The row, which the person knows of. act: what he wants to do.

    Raises NOT_FOUND (404), the same whether it is hidden or not there; DENIED (403), for both, where he may do it
    nowhere.
    """
    row = session.get(model, key)
    if row is not None and knows(session, actor, row):
        return row
    if not actor.scopes(act):
        raise policy.DENIED(act=act)
    raise NOT_FOUND()


def unused(session: Session, model: type[Target], key: UUID) -> UUID:
    """A new row's id. Raises NOT_FOUND (404) where there is one, which tells neither whose it is nor what it says."""
    if session.get(model, key) is not None:
        raise NOT_FOUND()
    return key


def knows(session: Session, actor: Actor, row: Target) -> bool:
    """Whether his phone may hold the row, or the desk shows it to him, as he stood when he acted."""
    home = row.home()
    return (
        home == f"person:{actor.id}"
        or bool(actor.roles({home}))
        or _reads(session, actor, row)
        or home in visible_scopes(session, actor)
    )


def _reads(session: Session, actor: Actor, row: Target) -> bool:
    if isinstance(row, FormVersion):
        return row.owner == LIBRARY or bool(actor.roles(row.scopes()))
    if row.home().startswith("visit:") or type(row) not in _READ:
        return False
    around = sites.lineage(session, row if isinstance(row, Mine) else row.mine_id)
    return policy.may(actor, _READ[type(row)], around)
