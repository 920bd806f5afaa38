"""Restored from a backup: phones send again what was acknowledged after it, and all is there once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.documents.render import kinds
from backend.enforcement.models import Document, NumberBlock
from backend.enforcement.operations import top_up
from backend.hazards.models import Hazard
from backend.sites.models import Bureau
from backend.verify import check
from sync.engine import epoch
from tests.backend.phones import FieldPhone, Server
from tests.backend.pictures import photo
from tests.backend.test_backup import back_up, keep_photo, put_back
from tests.backend.test_documents import explained_visit
from tests.backend.test_phones import report
from tests.backend.uploading import name_of
from tests.faults.field import issue
from tests.world import World


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "second disk"


@pytest.fixture
def server(world: World) -> Server:
    return Server(world)


def deliver(phone: FieldPhone) -> None:
    """As the field app does after a restore: what the server does not have is sent again."""
    phone.exchange()
    phone.sync()


def test_what_phones_delivered_after_the_backup_is_there_once_after_the_restore(
    world: World, server: Server, target: Path
) -> None:
    visit = str(explained_visit(world))
    driller, leader, officer, second = (
        server.phone(login) for login in ("zuanyan", "banzu", "jiancha1", "jiancha2")
    )
    for phone in (driller, leader, officer, second):
        phone.sync()
    mine = next(iter(driller.of("mine")))
    early = report(driller, mine)
    driller.sync()
    back_up(world, target)

    world.clock.forward(hours=9)
    late = [report(driller, mine, what=f"之后的第{n}处") for n in range(7)]
    papers = [issue(officer, visit) for _ in range(15)]
    for phone in (driller, officer):
        phone.sync()
    give_more_numbers(world, "jiancha1")
    officer.sync()
    papers += [issue(officer, visit) for _ in range(10)]
    officer.sync()
    assert {row["status"] for row in officer.results.values()} == {"applied"}
    newcomer = server.phone("baopo")
    newcomer.sync()
    unknown = report(newcomer, mine, what="备份之后才登记的手机")
    newcomer.sync()
    world.clock.forward(hours=1)

    put_back(world, target, force=True)

    server.clients[newcomer.user] = server.sign_in("baopo")
    with world.reading() as session:
        assert {str(row) for row in session.scalars(select(Hazard.id))} >= {early}
        assert session.scalars(select(Document)).all() == []
        assert epoch(session) > 1
    again = [issue(second, visit) for _ in range(2)]  # still underground, with its old block
    enrol_anew(newcomer)
    for phone in (driller, leader, officer, second, newcomer):
        deliver(phone)
    for phone in (officer, second):
        again += [issue(phone, visit) for _ in range(3)]
        deliver(phone)
    for phone in (driller, leader, officer, second, newcomer):
        phone.sync()  # and asserts that the digests are equal
        assert {result["status"] for result in phone.results.values()} <= {"applied", "duplicate"}

    with world.reading() as session:
        hazards = Counter(str(row) for row in session.scalars(select(Hazard.id)))
        assert all(hazards[one] == 1 for one in (early, *late, unknown))
        issued = session.scalars(select(Document)).all()
        assert sorted(str(row.id) for row in issued) == sorted([*papers, *again])
        numbers = Counter(row.number for row in issued)
        assert max(numbers.values()) == 1, numbers
        assert not [row.review for row in issued if "number_once" in str(row.review)]
    world.drain()
    assert list(check(world.store)) == []


def give_more_numbers(world: World, login: str) -> None:
    with world.store.database.writing() as session:
        bureau = session.scalars(select(Bureau)).one()
        assert top_up(session, world.user(session, login), bureau, kinds()["rectify_order"]) is not None


def enrol_anew(phone: FieldPhone) -> None:
    """The restored server knows nothing of this enrolment: 404 `sync.device_unknown`."""
    phone.last_seq, phone.results, phone.device = 0, {}, ""
    phone.enrol()


def test_phones_hear_how_far_their_work_is_safe_and_keep_the_photos_that_are_not(
    world: World, server: Server, target: Path
) -> None:
    phone = server.phone("zuanyan")
    phone.sync()
    mine = next(iter(phone.of("mine")))
    data = photo(5)
    find(phone, mine, [])
    find(phone, mine, [name_of(data)])
    assert phone.exchange()["durable_seq"] == 0
    back_up(world, target)
    assert phone.exchange()["durable_seq"] == 1
    keep_photo(world, data)
    world.clock.forward(hours=1)
    back_up(world, target)
    assert phone.exchange()["durable_seq"] == 2


def find(phone: FieldPhone, mine: str, photos: list[str]) -> str:
    """A hazard with these photos."""
    report(phone, mine)
    phone.seq -= 1  # not that one: the same with other photos
    entry = phone.outbox.pop(phone.seq + 1)
    return str(phone.freeze(entry | {"args": entry["args"] | {"photos": photos}, "blobs": photos})["entity"])


def test_numbers_of_a_year_that_began_after_the_backup_are_skipped_too(world: World, target: Path) -> None:
    world.clock.to(datetime(2026, 12, 31, 4, 0, tzinfo=UTC))
    made = back_up(world, target)
    world.clock.to(datetime(2027, 1, 2, 4, 0, tzinfo=UTC))
    put_back(world, made.path, force=True)
    with world.reading() as session:
        open_blocks = session.scalars(select(NumberBlock).where(NumberBlock.next <= NumberBlock.last)).all()
        assert {block.year for block in open_blocks} == {2027}
        assert min(block.first for block in open_blocks) > 200
