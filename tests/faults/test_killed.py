"""`kill -9` of the server and the worker while eight phones send."""

from __future__ import annotations

from tests.backend.test_documents import explained_visit
from tests.faults.field import Crowd, LivePhone, assert_nothing_lost, issue
from tests.faults.installation import Installation
from tests.world import World

CAST = ("zuanyan", "baopo", "chanyun", "banzu", "anquan", "kuangzhang", "jiancha1", "jiancha2")
KILLS, ROUNDS = 3, 8


def test_eight_phones_lose_and_double_nothing_while_the_server_is_killed(installation: Installation) -> None:
    world = World(installation.store, installation.store.database.clock)
    visit, planned = str(explained_visit(world)), str(world.prepares_visit())
    phones = [LivePhone(installation, installation.address, login) for login in CAST]
    for phone in phones:
        phone.until_answered(phone.enrol)
        phone.until_answered(phone.sync)
    officers = [phone for phone in phones if phone.login.startswith("jiancha")]

    def each(phone: LivePhone, number: int) -> None:
        if phone in officers:
            phone.made.append(issue(phone, visit))
        else:
            for place in range(3):
                phone.report(f"{phone.login} 第{number}-{place}处")

    crowd = Crowd(phones)
    crowd.work(ROUNDS, each)
    share = ROUNDS * (6 * 3 + 2) // (KILLS + 1)
    for kill in range(KILLS):
        crowd.wait_for(share * (kill + 1))
        installation.kill()
        installation.start()
    crowd.wait_for_all()
    assert_nothing_lost(installation, phones, hidden=planned)
    assert sum(installation.mutations().values()) == ROUNDS * (6 * 3 + 2)
