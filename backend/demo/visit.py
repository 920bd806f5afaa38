"""The demo's one visit: prepared unseen, opened, two findings, explained, two papers issued."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.app import Store
from backend.checklists import operations as checklists
from backend.checklists.models import FormVersion, Submission
from backend.demo import pictures
from backend.demo.county import County
from backend.documents.render import data_hash
from backend.enforcement import drafts
from backend.enforcement import operations as enforcement
from backend.enforcement.models import NumberBlock
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections import operations as inspections
from backend.inspections.models import Visit
from backend.kernel.clock import ZONE, Captured, SetClock
from backend.kernel.db import new_id
from backend.sites.models import Bureau, Mine
from sync.merge import Edit

FORM = "spot_check.underground"
FINDINGS = (
    ("SC-03", "420中段采掘工程平面图未按期更新，现场巷道与图纸不符"),
    ("SC-21", "3号掘进面通风构筑物破损，风流短路"),
)


def make(store: Store, clock: SetClock, county: County, photos: list[str]) -> None:
    """Live through the visit: the morning it is prepared, the afternoon it is made."""
    with store.database.writing() as session:
        head = accounts.actor(session, county.users["kezhang"])
        mine = session.get_one(Mine, county.mines["u"])
        bureau = session.get_one(Bureau, county.bureau)
        form = session.get_one(FormVersion, county.forms[FORM])
        team = [county.users["jiancha1"], county.users["jiancha2"]]
        visit = inspections.prepare(
            session,
            head,
            mine,
            bureau,
            form,
            team,
            kind="四不两直",
            purpose="采掘与通风专项",
        )
        visit_id = visit.id
    clock.forward(hours=2)
    with store.database.writing() as session:
        officer = accounts.actor(session, county.users["jiancha1"])
        visit = session.get_one(Visit, visit_id)
        when = Captured.at_desk(officer.at)
        inspections.move(session, officer, visit, "open", {"place": "地下采区420中段"}, when)
        mine = session.get_one(Mine, visit.mine_id)
        submission = session.get_one(Submission, visit.submission_id)
        items = {
            item["id"]: item
            for section in session.get_one(FormVersion, visit.form).definition["sections"]
            for item in section["items"]
        }
        known = [item for item in items.values() if item["answer"]["type"] == "check"]
        failed = [item for item in known if item["id"] in {code for code, _ in FINDINGS}] or known[:2]
        texts = dict(zip([item["id"] for item in failed], [text for _, text in FINDINGS], strict=False))
        for index, item in enumerate(known):
            by = accounts.actor(session, team[index % 2])
            result: dict[str, Any] = {"result": "fail" if item["id"] in texts else "pass", "photos": []}
            if item["id"] in texts:
                result |= {"note": texts[item["id"]], "photos": [photos[index % len(photos)]]}
                facts = {
                    "where": "420中段",
                    "what": texts[item["id"]],
                    "photos": result["photos"],
                    "submission": submission.id,
                    "item": item["id"],
                    "basis": item.get("basis", []),
                }
                hazards.report(session, by, new_id(session), mine, facts, when, visit_id=visit.id)
            checklists.answer(session, by, submission, {item["id"]: result}, Edit(None, "demo", 1, ""), when)
    clock.forward(hours=3)
    with store.database.writing() as session:
        _explain_and_issue(session, clock, county, visit_id)


def _explain_and_issue(session: Any, clock: SetClock, county: County, visit_id: Any) -> None:
    officers = [accounts.actor(session, county.users[login]) for login in ("jiancha1", "jiancha2")]
    visit = session.get_one(Visit, visit_id)
    mine, bureau = session.get_one(Mine, visit.mine_id), session.get_one(Bureau, visit.bureau_id)
    when = Captured.at_desk(clock.now())

    def sign(name: str, role: str, hand: Any) -> dict[str, Any]:
        at = clock.now().isoformat()
        return {"role": role, "name": name, "at": at, "hash": "demo", "strokes": pictures.ink(hand)}

    head = sign("褚试行", "site_representative", county.users["kuangzhang"])
    answer = {"representative": {"name": "褚试行", "position": "矿长", "signature": head}}
    inspections.move(session, officers[0], visit, "explain", answer, when)
    submission = session.get_one(Submission, visit.submission_id)
    signatures = {}
    for officer in officers:
        signatures[str(officer.id)] = sign(officer.name, "inspector", officer.id)
        checklists.sign(session, officer, submission, signatures[str(officer.id)], when)
    found = list(session.scalars(select(Hazard).where(Hazard.visit_id == visit.id).order_by(Hazard.id)))
    rows = [{"id": str(hazard.id)} | hazard.row() for hazard in found]
    at, base = clock.now().isoformat(), "http://localhost:8000/v"
    due = (clock.now().astimezone(ZONE).date() + timedelta(days=7)).isoformat()
    for kind in ("inspection_record", "rectify_order"):
        block = session.scalars(
            select(NumberBlock).where(NumberBlock.user_id == officers[0].id, NumberBlock.kind == kind)
        ).first()
        number = block.pattern.format(year=block.year, n=block.next)
        common = (visit.row(), mine.row(), bureau.row(), rows, signatures, number, base)
        data = (
            drafts.inspection_record(*common, ended_at=at)
            if kind == "inspection_record"
            else drafts.rectify_order(*common, issued_at=at, deadlines={row["id"]: due for row in rows})
        )
        enforcement.issue(
            session,
            officers[0],
            new_id(session),
            visit,
            kind,
            block,
            block.next,
            data,
            data_hash(kind, data),
            when,
        )
