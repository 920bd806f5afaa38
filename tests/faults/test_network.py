"""A network that loses, cuts, repeats and reorders, with eight phones and their photos on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend.app import open_store
from backend.kernel.clock import SetClock
from backend.uploads.models import Upload
from backend.worker import drain
from tests.backend.pictures import photo
from tests.backend.test_documents import explained_visit
from tests.faults.field import Crowd, LivePhone, assert_nothing_lost, issue
from tests.faults.installation import Installation
from tests.faults.photos import Photo
from tests.faults.proxy import FAULTS, Proxy
from tests.world import World

CAST = ("zuanyan", "baopo", "chanyun", "banzu", "anquan", "kuangzhang", "jiancha1", "jiancha2")
ROUNDS = 6


@pytest.fixture
def proxy(installation: Installation) -> Iterator[Proxy]:
    made = Proxy(installation.port, seed=4)
    yield made
    made.close()


def test_whatever_the_network_does_everything_arrives_once(installation: Installation, proxy: Proxy) -> None:
    world = World(installation.store, installation.store.database.clock)
    visit, planned = str(explained_visit(world)), str(world.prepares_visit())
    phones = [LivePhone(installation, proxy.address, login) for login in CAST]
    for phone in phones:
        phone.wire.address = installation.address
        phone.enrol()
        phone.sync()
        phone.wire.address = proxy.address
    photos: list[Photo] = []

    def each(phone: LivePhone, number: int) -> None:
        if phone.login.startswith("jiancha"):
            phone.made.append(issue(phone, visit))
        elif number % 3 == 0:
            picture = Photo(phone, photo(len(phone.login) * 100 + number, size=(300, 200)))
            phone.report(f"{phone.login} 第{number}处", photos=(picture.sha,))
            phone.until_answered(picture.send)
            photos.append(picture)
        else:
            phone.report(f"{phone.login} 第{number}处")

    crowd = Crowd(phones)
    crowd.work(ROUNDS, each)
    crowd.wait_for_all()
    proxy.close()  # and what it still held arrives, long after what came later
    assert_nothing_lost(installation, phones, hidden=planned)
    assert all(picture.kept() == picture.data for picture in photos)
    assert {
        blob for phone in phones for blob in phone.until_answered(phone.exchange)["missing_blobs"]
    } == set()
    assert set(proxy.happened) == set(FAULTS)
    assert_no_part_stays_for_ever(installation)


def assert_no_part_stays_for_ever(installation: Installation) -> None:
    """Uploads whose answer was lost were declared again; the first of each goes when its time is over."""
    later = open_store(installation.store.config, SetClock(datetime.now(UTC) + timedelta(days=8)))
    drain(later)
    with later.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
    objects = installation.store.config.data_dir / "objects"
    assert [path for path in objects.glob("uploads/**/*") if path.is_file()] == []
    later.database.dispose()
