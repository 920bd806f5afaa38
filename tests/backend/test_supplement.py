"""What arrives after a visit was explained: untold until it is told by itself, and on a paper of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from backend.documents.render import data_hash
from backend.enforcement import drafts
from backend.enforcement import operations as enforcement
from backend.enforcement.models import Document, NumberBlock
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.inspections.models import Visit
from backend.kernel.db import new_id
from backend.sites.models import Bureau, Mine
from tests.backend.desk import Desk
from tests.backend.phones import Server
from tests.backend.test_desk_visits import everything_the_mine_can_ask
from tests.backend.test_secrets import OF_THE_MINE, told_to
from tests.databases import migrate
from tests.world import PHOTO, refused

EARLY, LATE = "通风构筑物破损", "局部通风机停运"


class Visited:
    """A visit that two officers make, and what reaches the server of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self.id = self.world.prepares_visit()
        desk.opens(self.id)

    def answer(self, name: str = "褚试行") -> dict[str, Any]:
        """The mine's answer, as a phone takes it."""
        with self.world.writing("kuangzhang") as (_, actor):
            signature = self.world.signature(actor, "site_representative")
        return {"name": name, "position": "矿长", "signature": signature}

    def explains(self, *findings: UUID) -> None:
        named = [str(one) for one in findings]
        self.world.visits("jiancha1", self.id, "explain", representative=self.answer(), findings=named)

    def supplements(self, *findings: UUID, login: str = "jiancha2", name: str = "陈试行") -> str:
        named = [str(one) for one in findings]
        return self.world.visits(
            login, self.id, "supplement", representative=self.answer(name), findings=named
        )

    def arrives(self, key: UUID | None = None, what: str = LATE, login: str = "jiancha2") -> UUID:
        """What this officer found reaches the server."""
        with self.world.writing(login) as (session, actor):
            mine = session.get_one(Mine, self.row().mine_id)
            facts = {"where": "420中段", "what": what, "photos": [PHOTO]}
            found = hazards.report(
                session, actor, key or new_id(session), mine, facts, self.world.now(), visit_id=self.id
            )
            return found.id

    def row(self) -> Visit:
        with self.world.reading() as session:
            return session.get_one(Visit, self.id)

    def known(self, hazard: UUID) -> Any:
        with self.world.reading() as session:
            return session.get_one(Hazard, hazard).known_to_mine_at

    def seen_by(self, login: str) -> list[str]:
        return sorted(
            row["what"] for row in self.desk.json(login, f"/hazards?mine={self.desk.mine_id()}")["items"]
        )

    def issues(
        self,
        kind: str,
        *findings: UUID,
        names: bool = True,
        adds_to: UUID | None = None,
        supersedes: UUID | None = None,
    ) -> UUID:
        """An officer's phone issues a paper that cites these. names: it says so. adds_to: the record it supplements."""
        with self.world.writing("jiancha2") as (session, actor):
            visit = session.get_one(Visit, self.id)
            mine, bureau = session.get_one(Mine, visit.mine_id), session.get_one(Bureau, visit.bureau_id)
            held = select(NumberBlock).where(NumberBlock.user_id == actor.id, NumberBlock.kind == kind)
            block = session.scalars(held).one()
            number = block.pattern.format(year=block.year, n=block.next)
            rows = [{"id": str(one)} | session.get_one(Hazard, one).row() for one in findings]
            hands = {member["user"]: self.world.signature(actor, "inspector") for member in visit.team}
            record = session.get_one(Document, adds_to).number if adds_to else ""
            later: drafts.Supplement | None = None
            if adds_to:
                last = visit.supplements[-1]
                later = {"record": record, "at": last["at"], "representative": last["representative"]}
            common = (visit.row(), mine.row(), bureau.row(), rows, hands, number, "http://localhost/v")
            at = self.world.clock.now().isoformat()
            due = {row["id"]: "2026-03-09" for row in rows}
            data = (
                drafts.inspection_record(*common, ended_at=at, supplement=later)
                if kind == "inspection_record"
                else drafts.rectify_order(*common, issued_at=at, deadlines=due, supplement=later)
            )
            return enforcement.issue(
                session,
                actor,
                new_id(session),
                visit,
                kind,
                block,
                block.next,
                data,
                data_hash(kind, data),
                self.world.now(),
                cites=findings if names else None,
                supersedes=session.get_one(Document, supersedes) if supersedes else None,
            ).id

    def paper(self, key: UUID) -> Document:
        with self.world.reading() as session:
            return session.get_one(Document, key)

    def printed(self, key: UUID) -> str:
        self.world.drain()
        pdf = self.world.store.blobs.get(str(self.paper(key).pdf))
        assert pdf is not None
        pages = PdfReader(BytesIO(pdf)).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


@pytest.fixture
def visited(desk: Desk) -> Visited:
    return Visited(desk)


def test_the_mine_is_told_of_what_its_representative_was_shown_and_of_nothing_else(visited: Visited) -> None:
    shown, unseen = visited.arrives(what=EARLY), visited.arrives()
    visited.explains(shown)
    assert visited.seen_by("anquan") == [EARLY]
    assert visited.seen_by("kezhang") == sorted([EARLY, LATE])
    assert visited.known(unseen) is None


def test_a_finding_that_was_shown_on_site_is_known_since_then_however_late_it_arrives(
    visited: Visited,
) -> None:
    with visited.world.writing("jiancha2") as (session, _):
        key = new_id(session)
    visited.explains(key)
    told_at = visited.world.clock.now()
    visited.world.clock.forward(hours=30)
    visited.arrives(key)
    assert visited.known(key) == told_at
    assert visited.seen_by("anquan") == [LATE]
    [row] = visited.desk.json("anquan", "/hazards")["items"]
    assert row["overdue"] is True  # 聊城 三(一)9(4): the same day, counted from the mine's knowledge
    events = visited.desk.json("anquan", f"/hazards/{key}")["events"]
    assert [event["act"] for event in events] == ["report"]


def test_a_phone_of_before_that_names_no_findings_tells_what_is_here(visited: Visited) -> None:
    here = visited.arrives(what=EARLY)
    visited.desk.explains(visited.id)
    late = visited.arrives()
    assert visited.row().findings == [str(here)]
    assert visited.seen_by("anquan") == [EARLY]
    assert visited.known(late) is None


@pytest.mark.parametrize("closed", [False, True])
def test_what_came_late_is_told_by_itself_and_every_answer_of_the_mine_is_kept(
    visited: Visited, closed: bool
) -> None:
    shown = visited.arrives(what=EARLY)
    visited.explains(shown)
    first_told = visited.world.clock.now()
    if closed:
        visited.world.visits("jiancha1", visited.id, "close")
    visited.world.clock.forward(hours=5)
    late = visited.arrives()
    assert visited.supplements(late) == "explained"
    row = visited.row()
    assert row.representative["name"] == "褚试行"
    assert [later["representative"]["name"] for later in row.supplements] == ["陈试行"]
    assert (visited.known(shown), visited.known(late)) == (first_told, first_told + timedelta(hours=5))
    assert visited.seen_by("anquan") == sorted([EARLY, LATE])
    assert visited.world.visits("jiancha1", visited.id, "close") == "closed"


def test_a_supplement_is_signed_or_refused_before_a_witness_and_says_what_it_tells(visited: Visited) -> None:
    visited.explains()
    late = visited.arrives()
    with refused("workflow.evidence_lacks"):
        visited.supplements()
    unsigned = {"name": "陈试行", "position": "矿长", "refused": {"reason": "不签"}}
    with refused("visit.representative_incomplete"):
        visited.world.visits(
            "jiancha2", visited.id, "supplement", representative=unsigned, findings=[str(late)]
        )
    with refused("policy.denied"):
        visited.supplements(late, login="kezhang")
    assert visited.known(late) is None


def test_a_visit_is_told_before_anything_is_added_to_it(visited: Visited) -> None:
    late = visited.arrives()
    with refused("workflow.moved_on"):
        visited.supplements(late)


def test_findings_that_nobody_told_wait_on_the_worklist_of_the_team_and_its_head(visited: Visited) -> None:
    def waiting(login: str) -> list[str]:
        groups = {group["key"]: group for group in visited.desk.json(login, "/worklist")["groups"]}
        return [item["id"] for item in groups["visit.untold"]["items"]] if "visit.untold" in groups else []

    team = ("jiancha1", "jiancha2", "kezhang")
    visited.arrives(what=EARLY)
    assert [waiting(login) for login in team] == [[], [], []]  # not explained yet: nothing is late
    visited.desk.explains(visited.id)
    late = visited.arrives()
    visited.world.visits("jiancha1", visited.id, "close")
    assert [waiting(login) for login in team] == [[str(visited.id)]] * 3
    assert waiting("anquan") == []
    page = visited.desk.json("jiancha1", f"/visits/{visited.id}")
    assert (page["untold"], [move["act"] for move in page["moves"]]) == (1, ["supplement"])
    visited.supplements(late)
    assert [waiting(login) for login in team] == [[], [], []]
    page = visited.desk.json("jiancha1", f"/visits/{visited.id}")
    [later] = page["supplements"]
    assert (page["untold"], later["by"]["name"], later["findings"]) == (0, "姜示范", [str(late)])


def test_nothing_the_mine_can_ask_betrays_a_late_finding_before_it_is_told(visited: Visited) -> None:
    desk, server = visited.desk, Server(visited.world)
    phones = {login: server.phone(login) for login in OF_THE_MINE}
    visited.explains(visited.arrives(what=EARLY))
    for phone in phones.values():
        phone.sync()
    held = {login: (dict(phone.held), dict(phone.digest)) for login, phone in phones.items()}
    asked = everything_the_mine_can_ask(desk, str(visited.id))
    late = visited.arrives()
    paper = visited.issues("rectify_order", late)
    visited.world.drain()
    assert everything_the_mine_can_ask(desk, str(visited.id)) == asked
    made = visited.paper(paper)
    secrets = [str(late), LATE, str(paper), made.number, made.short, str(made.pdf)]
    for login, phone in phones.items():
        answer = phone.exchange()
        assert answer["changes"] == answer["missing_blobs"] == []
        assert (phone.held, phone.digest) == held[login]
        assert not [secret for secret in secrets if any(secret in said for said in told_to(desk, login))]
        assert desk.get(login, f"/hazards/{late}").status_code in (403, 404)
        assert desk.get(login, f"/documents/{paper}").status_code in (403, 404)
        assert desk.get(login, f"/blobs/{made.pdf}").status_code == 404
    visited.supplements(late)
    phones["anquan"].sync()
    assert str(late) in phones["anquan"].of("hazard")
    assert str(paper) in phones["anquan"].of("document")
    assert desk.get("anquan", f"/blobs/{made.pdf}").status_code == 200


def test_a_paper_of_a_phone_that_does_not_say_what_it_cites_is_read(visited: Visited) -> None:
    shown, late = visited.arrives(what=EARLY), visited.arrives()
    visited.explains(shown)
    open_paper = visited.issues("rectify_order", shown, names=False)
    hidden = visited.issues("rectify_order", shown, late, names=False)
    assert visited.paper(open_paper).cites == [str(shown)]
    assert visited.paper(hidden).cites == sorted([str(shown), str(late)])
    assert visited.desk.get("anquan", f"/documents/{open_paper}").status_code == 200
    assert visited.desk.get("anquan", f"/documents/{hidden}").status_code == 404


@pytest.mark.parametrize("kind", ["inspection_record", "rectify_order"])
def test_a_supplementary_paper_says_what_it_adds_to_and_tells_of_the_late_findings_only(
    visited: Visited, kind: str
) -> None:
    shown = visited.arrives(what=EARLY)
    visited.explains(shown)
    record = visited.issues("inspection_record", shown)
    visited.world.clock.forward(hours=5)
    late = visited.arrives()
    visited.supplements(late)
    added = visited.issues(kind, late, adds_to=record)
    first, paper = visited.paper(record), visited.paper(added)
    assert (first.state, paper.state, paper.supersedes_id) == ("issued", "issued", None)
    assert paper.review == []
    assert paper.number != first.number
    printed = visited.printed(added)
    title = {"inspection_record": "现场检查记录", "rectify_order": "责令限期整改指令书"}[kind]
    assert f"{title}（补充）" in printed
    assert f"系对{first.number}《现场检查记录》" in printed
    assert "已于2026年3月2日13时00分补充告知你单位" in printed
    assert LATE in printed
    assert EARLY not in printed
    assert "陈试行" in printed
    public = visited.desk.json("anquan", f"/verify/{paper.short}")
    assert (public["title"], public["supplements"]) == (f"{title}（补充）", first.number)
    [row] = visited.desk.json("anquan", f"/documents?number={paper.number}")["items"]
    assert row["title"]["zh"] == f"{title}（补充）"


def test_a_supplement_is_corrected_by_itself_and_leaves_the_first_record_in_force(visited: Visited) -> None:
    visited.explains(visited.arrives(what=EARLY))
    record = visited.issues("inspection_record")
    late = visited.arrives()
    visited.supplements(late)
    added = visited.issues("inspection_record", late, adds_to=record)
    visited.world.clock.forward(minutes=10)
    corrected = visited.issues("inspection_record", late, adds_to=record, supersedes=added)
    states = [visited.paper(key).state for key in (record, added, corrected)]
    assert states == ["issued", "superseded", "issued"]


def test_a_paper_that_cites_a_hazard_in_open_conflict_goes_to_legal_review(visited: Visited) -> None:
    world = visited.world
    phone = Server(world).phone("banzu")
    disputed, other = visited.arrives(what=EARLY), visited.arrives()
    visited.explains(disputed, other)
    world.moves("zongjian", disputed, "assign", **world.plan("zuanyan"))
    phone.sync()
    world.moves("zuanyan", disputed, "start")
    world.moves("zuanyan", disputed, "rectify", photos=[PHOTO])
    stale = {"act": "start", "seen": 1, "evidence": {}}
    late = phone.act("hazard.move@1", str(disputed), stale)
    phone.sync()
    assert phone.status(late) == "conflict"
    settled = visited.issues("rectify_order", other)
    cited = visited.issues("rectify_order", other, disputed)
    unnamed = visited.issues("rectify_order", disputed, names=False)
    assert visited.paper(settled).review == []
    assert [one["zh"] for one in visited.paper(cited).review] == ["所列第2项隐患尚有未解决的冲突"]
    assert [one["rule"] for one in visited.paper(unnamed).review] == ["open_conflict"]


@pytest.mark.parametrize("named", [["x"], "all", [None], ["00000000-0000-7000-8000-000000000000"] * 1001])
def test_findings_that_are_no_ids_are_not_taken(visited: Visited, named: Any) -> None:
    phone = Server(visited.world).phone("jiancha1")
    phone.sync()
    evidence = {"at": phone.handset.wall, "representative": visited.answer(), "findings": named}
    sent = phone.act("visit.move@1", str(visited.id), {"act": "explain", "seen": 1, "evidence": evidence})
    phone.sync()
    assert (phone.status(sent), phone.problem(sent)) == ("quarantined", "request.invalid")
    assert visited.row().state == "opened"


def test_a_phone_explains_and_adds_what_came_late(visited: Visited) -> None:
    late = visited.arrives()
    phone = Server(visited.world).phone("jiancha1")
    phone.sync()
    for act, findings in (("explain", []), ("supplement", [str(late)])):
        evidence = {"at": phone.handset.wall, "representative": visited.answer(), "findings": findings}
        sent = phone.act("visit.move@1", str(visited.id), {"act": act, "seen": 1, "evidence": evidence})
        phone.sync()
        assert phone.status(sent) == "applied"
    row = phone.of("visit")[str(visited.id)]
    assert (row["findings"], [later["findings"] for later in row["supplements"]]) == ([], [[str(late)]])
    assert row["supplements"][0]["by"] == phone.user
    assert visited.seen_by("anquan") == [LATE]


def test_who_comes_to_the_bureau_is_told_there(visited: Visited) -> None:
    visited.explains(visited.arrives(what=EARLY))
    late = visited.arrives()
    path = f"/visits/{visited.id}"
    evidence = {"representative": visited.answer("陈试行"), "findings": [str(late)]}
    body = {"seen": visited.desk.json("jiancha1", path)["ver"], "evidence": evidence}
    assert visited.desk.post("kezhang", f"{path}/supplement", body).status_code == 403
    told = visited.desk.post("jiancha1", f"{path}/supplement", body)
    assert told.json is not None
    assert (told.status_code, told.json["untold"]) == (200, 0)
    assert [later["findings"] for later in told.json["supplements"]] == [[str(late)]]
    assert visited.seen_by("anquan") == sorted([EARLY, LATE])


def test_where_two_officers_told_the_mine_each_of_his_own_both_answers_count(visited: Visited) -> None:
    mine, his = visited.arrives(what=EARLY, login="jiancha1"), visited.arrives()
    phones = [Server(visited.world).phone(login) for login in ("jiancha1", "jiancha2")]
    for phone in phones:
        phone.sync()
    told: list[tuple[Any, datetime]] = []
    for phone, finding, name in zip(phones, (mine, his), ("褚试行", "陈试行"), strict=True):
        visited.world.clock.forward(minutes=20)
        evidence = {
            "at": phone.handset.wall,
            "representative": visited.answer(name),
            "findings": [str(finding)],
        }
        sent = phone.act("visit.move@1", str(visited.id), {"act": "explain", "seen": 1, "evidence": evidence})
        told.append((sent, visited.world.clock.now()))
    visited.world.clock.forward(hours=2)
    for phone, (sent, _) in zip(phones, told, strict=True):
        phone.sync()
        assert phone.status(sent) in ("applied", "merged")
    row = visited.row()
    assert row.representative["name"] == "褚试行"
    assert [later["representative"]["name"] for later in row.supplements] == ["陈试行"]
    assert [visited.known(mine), visited.known(his)] == [at for _, at in told]


def test_what_was_told_and_cited_before_this_was_kept_is_found_again(visited: Visited) -> None:
    shown = visited.arrives(what=EARLY)
    visited.desk.explains(visited.id)
    paper = visited.issues("rectify_order", shown)
    late = visited.arrives()
    url = visited.world.store.config.database_url
    visited.world.store.database.dispose()
    migrate(url, "-1")
    migrate(url)
    assert visited.row().findings == [str(shown)]
    assert visited.paper(paper).cites == [str(shown)]
    assert visited.known(late) is None
