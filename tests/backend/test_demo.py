"""The demo county is lived through with the real operations, and everything in it holds."""

from __future__ import annotations

from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import sync.log
from backend.app import Store, open_store
from backend.checklists.models import Submission, Task
from backend.config import Config
from backend.demo import history, make
from backend.enforcement.models import Document
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.verify import check
from sync import tables
from sync.digest import row_digest
from tests.databases import migrate
from tests.world import PHOTO, World


def test_the_demo_county_is_whole_and_full_of_life(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    migrate(url)
    store = open_store(Config.from_env({"KUANGJIAN_DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": url}))
    make(store)
    assert list(check(store)) == []
    with store.database.reading() as session:
        signed = session.scalar(
            select(func.count()).select_from(Submission).where(Submission.state == "signed")
        )
        assert signed is not None
        assert signed > 300
        assert session.scalar(select(func.count()).select_from(Task).where(Task.state == "open"))
        states = {hazard.state for hazard in session.scalars(select(Hazard))}
        assert states >= {"closed", *(state for state, _ in history.LEFT_OPEN)}
        for hazard in session.scalars(select(Hazard).where(Hazard.found_by == "mine")):
            assert hazards.fold(hazard.events) == hazard.state
        assert stale_digests(store, session) == []
        documents = session.scalars(select(Document)).all()
        assert [document.pdf is not None for document in documents] == [True, True]
    store.database.dispose()


def stale_digests(store: Store, session: Session) -> list[tuple[str, str]]:
    """Rows that read otherwise now than when phones were told of them: each would be pulled anew for ever."""
    known = {(row.collection, row.id): row.digest for row in session.execute(select(tables.row))}
    now = sync.log.read(store.engine.registry, session, known)
    return [
        key
        for key, digest in known.items()
        if row_digest(*key, now[key].ver, now[key].data).to_bytes(16, "big") != digest
    ]


def fill_open_lists(world: World) -> None:
    """Everybody fills and signs the lists that are open."""
    with world.store.database.writing() as session:
        for task in session.scalars(select(Task).where(Task.state == "open")):
            history._fill(session, Random(1), task, [PHOTO], iter(()))
