"""Many phones at once, on a network that misbehaves, to a server that is killed: the soak, at any scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.kernel.db import new_id
from backend.kernel.policy import Role
from backend.shifts.models import Staff
from tests.faults.field import PATIENCE, Crowd, LivePhone, assert_nothing_lost
from tests.faults.installation import Installation
from tests.faults.proxy import Proxy
from tests.world import World

BATCH = 25  # mutations that a phone has when it finds the network
A_HAZARD_EVERY = 20  # batches; everybody at the mine is told of it


@dataclass
class Numbers:
    """What happened. faults: of the network, by kind."""

    phones: int
    mutations: int
    exchanges: int
    kills: int
    faults: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()) if kind != "pass")
        return (
            f"{self.phones} phones, {self.mutations:,} mutations in {self.exchanges:,} requests, "
            f"{self.kills} kills of server and worker, {faults}, losses = 0, {self.seconds:.0f} s "
            f"({self.mutations / self.seconds:.0f} mutations/s)"
        )


def storm(installation: Installation, *, phones: int, mutations: int, kills: int) -> Numbers:
    """Drillers answer their lists and report hazards, a batch an exchange, until all is sent. Then all is there."""
    world = World(installation.store, installation.store.database.clock)
    logins = [f"soak{number:03}" for number in range(phones)]
    _hire(installation, logins)
    world.calls_roll(*logins)
    planned = str(world.prepares_visit())
    crew = [LivePhone(installation, installation.address, login) for login in logins]
    lists: dict[str, Any] = {}
    for phone in crew:
        phone.patience = PATIENCE * phones / 10  # they are many, and the server serves them in turn
        phone.until_answered(phone.enrol)
        phone.until_answered(phone.sync)
    proxy = Proxy(installation.port, seed=200)
    rounds = mutations // (phones * BATCH)

    def each(phone: LivePhone, number: int) -> None:
        phone.wire.address = proxy.address
        made = 0
        if phone.login not in lists:
            task, row = next(iter(sorted(phone.of("task").items())))
            lists[phone.login] = (phone.handset.new_id(), row["asked"])
            begin = {"task": task, "visit": None, "limits": {}, "opened_at": phone.handset.wall}
            begin |= {name: row[name] for name in ("mine", "form", "post")}
            phone.act("submission.begin@1", lists[phone.login][0], begin)
            made = 1
        if number % A_HAZARD_EVERY == 0:
            phone.report(f"{phone.login} 第{number}处")
            made += 1
        submission, asked = lists[phone.login]
        for place in range(BATCH - made):
            given = {"result": phone.random.choice(["pass", "na"]), "note": f"{number}-{place}"}
            phone.act("submission.answer@1", submission, {"answers": {phone.random.choice(asked): given}})

    begun = monotonic()
    crowd = Crowd(crew)
    crowd.work(rounds, each)
    for kill in range(kills):
        crowd.wait_for(mutations * (kill + 1) // (kills + 1))
        installation.kill()
        installation.start()
    crowd.wait_for_all()
    seconds = monotonic() - begun
    proxy.close()
    assert_nothing_lost(installation, crew, hidden=planned)
    sent = sum(phone.seq for phone in crew)
    assert sum(installation.mutations().values()) == sent
    happened = Counter(proxy.happened)
    return Numbers(phones, sent, sum(happened.values()), kills, dict(happened), seconds)


def _hire(installation: Installation, logins: list[str]) -> None:
    """Drillers of the underground mine, each a crew of his own."""
    with installation.store.database.writing() as session:
        pattern = session.scalars(
            select(Staff).join(User, User.id == Staff.user_id).where(User.login == "zuanyan")
        ).one()
        for login in logins:
            user = User(id=new_id(session), login=login, name=login, active=True)
            session.add(user)
            session.flush()
            accounts.grant(session, "test", user.id, Role.WORKER, f"mine:{pattern.mine_id}")
            copied = {
                column.key: getattr(pattern, column.key)
                for column in Staff.__table__.columns
                if column.key not in ("id", "user_id", "team", "ver", "stamps")
            }
            session.add(Staff(id=new_id(session), user_id=user.id, team=login, **copied))
