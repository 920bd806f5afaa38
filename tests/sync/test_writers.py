"""Many at once: no log row is missed, no mutation doubled, no digest wrong, on either database."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import insert, select, update

from sync import log, review, tables
from tests.sync import host
from tests.sync.test_push import opened

WRITERS = 8


def in_parallel(work, arguments):
    barrier = threading.Barrier(len(arguments))

    def run(argument):
        barrier.wait()
        return work(argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def test_a_reader_who_follows_the_counter_misses_no_row_of_concurrent_writers(world):
    seen: set[str] = set()
    written: set[str] = set()
    done = threading.Event()

    def follow():
        position = 0
        while True:
            finished = done.is_set()
            with world.reading() as session:
                head = log.head(session)
                entries = session.execute(
                    select(tables.log).where(tables.log.c.lsn.between(position + 1, head))
                )
                seen.update(row.id for row in entries)
            position = head
            if finished:
                return

    def write(number):
        for _ in range(12):
            with world.writing() as session:
                ids = [world.new_id() for _ in range(3)]
                values = {"scope": "site:3", "ver": 1, "data": "{}", "stamps": "{}"}
                session.execute(insert(host.sheet), [{"id": id} | values for id in ids])
                for id in ids:
                    log.note(session, "sheet", id, "site:3")
            written.update(ids)

    reader = threading.Thread(target=follow)
    reader.start()
    in_parallel(write, range(WRITERS))
    done.set()
    reader.join()
    assert len(written) == WRITERS * 36
    assert seen == written
    with world.reading() as session:
        lsns = list(session.scalars(select(tables.log.c.lsn).order_by(tables.log.c.lsn)))
    assert lsns == list(range(1, len(written) + 1))


def test_one_row_changed_by_many_at_once_has_the_digest_of_the_last(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    phone.sync()

    def rewrite(number):
        with world.writing() as session:
            ver = host.sheet.c.ver + 1
            session.execute(
                update(host.sheet).where(host.sheet.c.id == sheet).values(ver=ver, data=f'{{"n":{number}}}')
            )
            log.note(session, "sheet", sheet, "site:3")

    in_parallel(rewrite, range(WRITERS))
    phone.sync()
    assert phone.held["sheet", sheet]["ver"] == 1 + WRITERS


def test_a_row_made_of_parts_that_many_add_to_at_once_has_the_digest_of_all_of_them(world):
    phone = world.phone(world.driller, "site:3")
    roll = world.new_id()

    def add_mark(number):
        with world.writing() as session:
            session.execute(insert(host.mark).values(roll=roll, by=number))
            log.note(session, "roll", roll, "site:3")

    add_mark(-1)
    in_parallel(add_mark, range(WRITERS))
    phone.sync()
    assert phone.rows()[roll]["by"] == list(range(-1, WRITERS))


def test_the_same_batch_from_two_tabs_at_once_takes_effect_once(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    notes = [phone.do("sheet.note@1", sheet, {"text": str(n)}) for n in range(5)]
    request = phone.request()
    answers = in_parallel(lambda _: world.exchange(request, world.driller), range(4))
    assert [world.effects(note) for note in notes] == [1] * 5
    assert sorted(a["results"][0]["status"] for a in answers) == [
        "applied",
        "duplicate",
        "duplicate",
        "duplicate",
    ]


def test_a_bundle_under_the_old_number_and_the_network_under_the_new_never_double(world):
    phone = world.phone(world.driller, "site:3")
    sheet = opened(phone)
    notes = [phone.do("sheet.note@1", sheet, {"text": str(n)}) for n in range(5)]
    carrier = world.phone(world.officer, "site:3")
    by_carrier = carrier.request(sealed=[phone.seal(1, 6)])
    phone.enrol()
    by_phone = phone.request()
    sent = [(by_carrier, world.officer), (by_phone, world.driller)]
    in_parallel(lambda pair: world.exchange(*pair), sent)
    assert [world.effects(note) for note in notes] == [1] * 5


def test_phones_that_write_at_once_end_with_the_same_rows(world):
    phones = [world.phone(world.new_id(), "site:3") for _ in range(6)]
    shared = opened(phones[0])
    for phone in phones:
        phone.exchange()
    for place, phone in enumerate(phones):
        opened(phone)
        for n in range(4):
            found = ("pass", "na", "pass")[place % 3]
            phone.do("sheet.answer@1", shared, {f"item-{n}": {"result": found, "by": phone.user}})
    in_parallel(lambda phone: phone.exchange(), phones)
    for phone in phones:
        phone.sync()
    assert all(phone.rows() == phones[0].rows() for phone in phones)
    assert len(phones[0].rows()) == 7
    assert set(world.ends()) == {"applied", "merged", "conflict"}


def test_of_two_who_decide_about_the_same_mutation_at_once_one_is_told_so(world):
    phone = world.phone(world.driller, "site:3")
    world.withdraw(world.driller, "site:3")
    opened(phone)
    phone.exchange()
    world.grant(world.driller, "site:3")
    with world.reading() as session:
        [waiting] = review.quarantine(session)

    def decide(number):
        try:
            with world.writing() as session:
                review.replay(world.sync, session, waiting.pk)
        except review.NotWaiting:
            return "told"
        return "done"

    assert sorted(in_parallel(decide, range(4))) == ["done", "told", "told", "told"]
    assert world.effects(phone.outbox[1]) == 1
