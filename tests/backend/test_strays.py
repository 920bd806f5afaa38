"""At the desk: work whose enrolment a restored server does not know, of somebody who has set a new PIN since."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete

from sync import tables
from sync.bundle import Segment, write
from tests.backend.desk import Desk
from tests.backend.phones import FieldPhone, Server
from tests.backend.test_phones import report


@pytest.fixture
def server(desk: Desk) -> Server:
    return Server(desk.world)


def brought(desk: Desk, server: Server, login: str) -> FieldPhone:
    """A report from before the restore, sealed under a PIN that he forgot, comes with his present enrolment."""
    before = server.phone(login)
    before.sync()
    report(before, str(desk.mine_id()), what="恢复之前上报", photos=[])
    with desk.world.store.database.writing() as session:
        session.execute(delete(tables.device).where(tables.device.c.device == before.device))
    again = server.phone(login, before.handset)
    again.exchange(again.request(sealed=[before.seal(1, 1)]))
    return again


def test_it_stands_in_the_quarantine_of_his_mine_with_what_it_says_and_counts_when_somebody_says_so(
    desk: Desk, server: Server
) -> None:
    brought(desk, server, "zuanyan")
    [row] = desk.json("guanli", "/sync/quarantine")["items"]
    assert (row["person"]["name"], row["op"], row["problem"]["code"]) == (
        "张演示",
        "hazard.report@1",
        "mutation.device_unknown",
    )
    assert "请与本人核对" in row["problem"]["zh"]
    assert desk.json("guanli", f"/sync/quarantine/{row['id']}")["body"]["args"]["what"] == "恢复之前上报"
    assert desk.json("anquan", "/hazards")["items"] == []
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/replay")
    assert (done.status_code, done.json) == (200, {"status": "applied", "problem": None})
    assert [hazard["what"] for hazard in desk.json("anquan", "/hazards")["items"]] == ["恢复之前上报"]


def test_an_officers_stays_with_his_bureau(desk: Desk, server: Server) -> None:
    brought(desk, server, "jiancha1")
    assert desk.json("guanli", "/sync/quarantine")["items"] == []
    assert len(desk.json("kezhang", "/sync/quarantine")["items"]) == 1


def test_what_it_came_under_is_among_his_phones_as_one_that_has_ended(desk: Desk, server: Server) -> None:
    again = brought(desk, server, "zuanyan")
    mine = f"mine:{desk.mine_id()}"
    phones = [
        row
        for row in desk.json("guanli", "/sync/phones", unit=mine)["items"]
        if row["phone"] == again.handset.phone
    ]
    assert sorted((row["revoked_at"] is None, row["quarantined"]) for row in phones) == [
        (False, 1),
        (True, 0),
    ]


def test_what_a_colleague_hands_in_of_it_is_told_apart_and_its_author_must_be_somebody_here(
    desk: Desk, server: Server
) -> None:
    before = server.phone("zuanyan")
    before.sync()
    report(before, str(desk.mine_id()), what="恢复之前上报", photos=[])
    with desk.world.store.database.writing() as session:
        session.execute(delete(tables.device).where(tables.device.c.device == before.device))
    author = {"user": str(UUID(int=7 << 76 | 8 << 60)), "after": before.links[0].hex()}
    nobody = before.seal(1, 1, author=author | {"signing_key": before.sealing_key["public"]})
    text = write([Segment(**before.seal(1, 1)), Segment(**nobody)])
    answer = desk.app.test_client().post("/api/v1/sync/bundles", data=text)
    assert answer.json is not None
    taken, refused = answer.json["receipts"]
    assert [result["status"] for result in taken["results"]] == ["quarantined"]
    assert (refused["problem"]["code"], refused["results"]) == ("sync.device_unknown", [])
    [row] = desk.json("guanli", "/sync/quarantine")["items"]
    assert (row["person"]["name"], row["problem"]["code"]) == ("张演示", "mutation.author_unproven")
    assert "由他人代交" in row["problem"]["zh"]
    assert desk.json("anquan", "/hazards")["items"] == []
    done = desk.post("guanli", f"/sync/quarantine/{row['id']}/replay")
    assert (done.status_code, done.json) == (200, {"status": "applied", "problem": None})
