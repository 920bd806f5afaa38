"""The exhaustive small model: the engine gives what the model says, at every crash point."""

import json
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from sync import log
from sync.vectors import generate
from tests.sync import host
from tests.sync.conftest import METADATA
from tests.sync.world import World

STORIES = json.loads((Path(generate.__file__).parent / "model.json").read_text("utf-8"))
PARTS = 4


class Killed(Exception):
    pass


def _dies(_):
    raise Killed


def play(world, officer, story):
    """One story, with a sheet and two enrolments of its own."""
    a, b = world.phone(world.driller), world.phone(world.colleague)
    phones = {"A": a, "B": b}
    sheet = a.handset.new_id()
    officer.do("sheet.open@2", sheet, {"scope": "site:3", "title": ""})
    officer.exchange()
    for phone in phones.values():
        phone.exchange()
    for name, answer, base, fate, sends, asks, results, last_seq, row in story["exchanges"]:
        phone = phones[name]
        if answer is not None:
            done = phone.do("sheet.answer@1", sheet, {"I1": {"result": answer}})
            assert done["base"] == base
        if fate == "kept":
            continue
        seqs = range(sends[0], sends[-1] + 1) if sends else range(0)
        request = phone.request(seqs, ask=asks)
        if fate == "dies":
            world.database.flush = _dies
            if sends:
                with pytest.raises(Killed):
                    phone.exchange(request)
            world.database.flush = partial(log.flush, world.sync)
            continue
        told = world.exchange(request, phone.user)
        if fate == "lost":
            continue
        phone.take(told)
        assert [[r["seq"], r["status"], r["was"], r["ver"]] for r in told["results"]] == results
        assert told["last_seq"] == last_seq
        puts = [c for c in told["changes"] if c["id"] == sheet]
        assert [[c["ver"], c["row"]["answers"].get("I1")] for c in puts] == ([row] if row else [])
    for phone in phones.values():
        held = phone.held["sheet", sheet]
        assert [held["ver"], held["row"]["answers"].get("I1")] == story["row"]
        assert phone.digest == phone.own_digest()
    ends = {name: [p.status(p.outbox[seq]) for seq in sorted(p.results)] for name, p in phones.items()}
    assert ends == story["ends"]


@pytest.mark.parametrize("part", range(PARTS))
def test_two_phones_and_three_acts_come_out_as_the_model_says_whatever_crashes(part, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'model.db'}", connect_args={"check_same_thread": False})
    for metadata in METADATA:
        metadata.create_all(engine)
    world = World(host.Database(engine))
    for user in (world.driller, world.colleague, world.officer):
        world.grant(user, "site:3")
    officer = world.phone(world.officer)
    for number, story in enumerate(STORIES):
        if number % PARTS == part:
            play(world, officer, story)
    engine.dispose()


def test_the_model_is_exhaustive():
    acts = [[line for line in story["exchanges"] if line[1] is not None] for story in STORIES]
    told = {json.dumps([(phone, fate) for phone, _, _, fate, *_ in lines]) for lines in acts}
    assert len(told) == len(STORIES) == 4 + 4 * 8 + 4 * 8 * 8
