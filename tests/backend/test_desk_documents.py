"""Documents at the desk, and the public page that tells whether a paper is true."""

from __future__ import annotations

import hashlib
from uuid import UUID

from backend.documents.render import SHORT
from backend.uploads import operations as uploads
from tests.backend.desk import Desk
from tests.backend.pictures import photo

NEVER_ISSUED = "/verify/" + "a" * SHORT
BYTES_OF_ANOTHER = hashlib.sha256(b"another").hexdigest()


def told_visit(desk: Desk) -> UUID:
    visit = desk.world.prepares_visit()
    desk.opens(visit)
    desk.finds(visit)
    desk.explains(visit)
    return visit


def test_a_document_is_found_by_its_number_and_opened_as_the_issued_bytes(desk: Desk) -> None:
    issued = desk.issues(told_visit(desk))
    early = desk.get("anquan", f"/documents/{issued}/pdf")
    assert early.json is not None
    assert (early.status_code, early.json["code"], early.headers["Retry-After"]) == (
        *(409, "document.pdf_pending"),
        "3",
    )
    desk.world.drain()
    [row] = desk.json("anquan", "/documents", number="责改〔2026〕1号")["items"]
    assert (row["id"], row["printable"], row["state"]) == (str(issued), True, "issued")
    pdf = desk.get("anquan", f"/documents/{issued}/pdf")
    assert (pdf.content_type, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert pdf.headers["Content-Disposition"].startswith("inline;")
    shown = desk.json("kezhang", f"/documents/{issued}")
    assert shown["pdf"] == f"sha256:{hashlib.sha256(pdf.data).hexdigest()}"
    assert desk.json("anquan", "/documents", kind="inspection_record")["items"] == []
    assert desk.json("anquan", "/documents", state="superseded")["items"] == []


def test_what_took_a_papers_place_is_shown_as_a_chain_and_waits_to_be_noticed(desk: Desk) -> None:
    visit = told_visit(desk)
    first = desk.issues(visit)
    desk.world.clock.forward(hours=1)
    second = desk.issues(visit, supersedes=first)
    for document in (first, second):
        chain = desk.json("anquan", f"/documents/{document}")["chain"]
        assert [(link["id"], link["state"]) for link in chain] == [
            (str(first), "superseded"),
            (str(second), "issued"),
        ]
    groups = {group["key"]: group for group in desk.json("anquan", "/worklist")["groups"]}
    assert [item["id"] for item in groups["document.superseded"]["items"]] == [str(first)]


def test_only_the_bureau_reads_what_its_jurist_must_look_at(desk: Desk) -> None:
    visit = told_visit(desk)
    desk.world.clock.forward(days=4 * 365)  # the credentials of both officers have run out by then
    issued = desk.issues(visit)
    seen = desk.json("kezhang", f"/documents/{issued}")
    assert [row["rule"] for row in seen["review"]][:1] == ["two_officers"]
    assert seen["visit"] == str(visit)
    shown = desk.json("anquan", f"/documents/{issued}")
    assert (shown["review"], shown["visit"]) == ([], None)


def test_anybody_can_ask_what_a_paper_is_and_learns_nothing_that_it_does_not_say(desk: Desk) -> None:
    issued = desk.issues(told_visit(desk))
    desk.world.drain()
    short = desk.json("kezhang", f"/documents/{issued}")["short"]
    page = desk.get(None, f"/verify/{short}")
    assert page.status_code == 200
    assert page.json is not None
    assert page.json["number"] == "（演示）应急责改〔2026〕1号"
    assert set(page.json) == {
        *("kind", "title", "number", "issuer", "issued_on", "state", "superseded_by", "supplements", "pdf"),
        "data_hash",
    }
    dropped = hashlib.sha256(desk.get("kezhang", f"/documents/{issued}/pdf").data).hexdigest()
    by_file = desk.get(None, f"/verify/pdf/{dropped}")
    assert by_file.json == page.json


def test_a_paper_that_was_never_issued_is_unknown_whatever_is_asked(desk: Desk) -> None:
    for place in (NEVER_ISSUED, f"/verify/pdf/{BYTES_OF_ANOTHER}", "/verify/'%20or%201=1"):
        answer = desk.get(None, place)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["code"] in ("verify.unknown", "not_found")


def test_asking_again_and_again_is_slowed_down(desk: Desk) -> None:
    for _ in range(40):
        assert desk.get(None, NEVER_ISSUED).status_code == 404
    stopped = desk.get(None, NEVER_ISSUED)
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "2")
    desk.world.clock.forward(seconds=2)
    assert desk.get(None, NEVER_ISSUED).status_code == 404


def test_photos_open_for_whom_the_record_opens(desk: Desk) -> None:
    """A section head holds no phone scope of any mine, and yet looks at what was photographed there."""
    world = desk.world
    kept = uploads.keep(world.store.blobs, photo(), "image/jpeg")
    with world.store.database.writing() as session:
        uploads.enter(session, kept, world.user(session, "zuanyan").id)
    world.reports("zuanyan", photos=[kept.sha])
    desk.neighbours()
    for login, status in (("kezhang", 200), ("anquan", 200), ("lutian.anquan", 404), ("linxian", 404)):
        assert desk.get(login, f"/blobs/{kept.sha}/thumbnail").status_code == status, login
    visit = world.prepares_visit()
    desk.opens(visit)
    secret = uploads.keep(world.store.blobs, photo(2), "image/jpeg")
    with world.writing("jiancha1") as (session, _):
        uploads.enter(session, secret, None)
        uploads.use(session, secret.sha, f"visit:{visit}", None)
    for login, status in (("kezhang", 200), ("jiancha2", 200), ("anquan", 404)):
        assert desk.get(login, f"/blobs/{secret.sha}").status_code == status, login
