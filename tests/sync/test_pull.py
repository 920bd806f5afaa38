"""What a phone is told: its scopes, whole and nothing else, and the same as everybody at rest."""

import base64

from sqlalchemy import select

from sync import log, tables
from sync import pull as pull_module
from sync.engine import begin_epoch
from tests.sync.test_push import opened


def test_a_new_grant_comes_in_pages_and_what_changed_meanwhile_after_them(world, monkeypatch):
    monkeypatch.setattr(pull_module, "MAX_ROWS", 7)
    driller = world.phone(world.driller, "site:3")
    sheets = [opened(driller) for _ in range(25)]
    driller.sync()
    officer = world.phone(world.officer, "site:3")
    first = officer.exchange()
    assert (len(first["changes"]), first["add_scopes"], first["ready_scopes"], first["more"]) == (
        7,
        ["site:3"],
        [],
        True,
    )
    assert first["digest"] == {}
    driller.do("sheet.note@1", min(sheets), {"text": "changed while you read"})
    driller.do("sheet.delete@1", max(sheets))
    driller.sync()
    officer.sync()
    assert officer.rows() == driller.rows()
    assert len(officer.rows()) == 24


def test_a_page_is_bounded_in_bytes_too(world, monkeypatch):
    monkeypatch.setattr(pull_module, "MAX_BYTES", 3000)
    driller = world.phone(world.driller, "site:3")
    for _ in range(5):
        opened(driller, title="x" * 2000)
    driller.sync()
    officer = world.phone(world.officer, "site:3")
    sizes = []
    while True:
        answer = officer.exchange()
        sizes.append(len(answer["changes"]))
        if not answer["more"]:
            break
    assert sizes == [2, 2, 1]
    assert officer.digest == officer.own_digest()


def test_a_row_that_moves_away_leaves_and_one_that_moves_in_comes(world):
    driller = world.phone(world.driller, "site:3", "bureau:1")
    officer = world.phone(world.officer, "site:3")
    section = world.phone(world.colleague, "bureau:1")
    sheet = opened(driller)
    for phone in (driller, officer, section):
        phone.sync()
    assert (list(officer.rows()), list(section.rows())) == ([sheet], [])
    driller.do("sheet.move@1", sheet, {"scope": "bureau:1"})
    driller.sync()
    answer = officer.exchange()
    assert [(c["op"], c["row"]) for c in answer["changes"]] == [("leave", None)]
    section.sync()
    assert (list(officer.rows()), list(section.rows()), list(driller.rows())) == ([], [sheet], [sheet])
    driller.do("sheet.move@1", sheet, {"scope": "site:3"})
    for phone in (driller, officer, section):
        phone.sync()
    assert (list(officer.rows()), list(section.rows())) == ([sheet], [])


def test_a_deleted_row_is_deleted_everywhere_and_may_come_again(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    sheet = opened(driller)
    driller.sync()
    officer.sync()
    driller.do("sheet.delete@1", sheet)
    driller.sync()
    assert [c["op"] for c in officer.exchange()["changes"]] == ["delete"]
    driller.do("sheet.open@2", sheet, {"scope": "site:3", "title": "again"})
    driller.sync()
    officer.sync()
    assert officer.rows()[sheet]["title"] == "again"


def test_a_withdrawn_grant_takes_its_rows_with_it(world):
    driller = world.phone(world.driller, "site:3", "site:4")
    kept = opened(driller, "site:4")
    opened(driller)
    driller.sync()
    world.withdraw(world.driller, "site:3")
    answer = driller.exchange()
    assert (answer["drop_scopes"], answer["changes"], list(driller.rows())) == (["site:3"], [], [kept])
    assert driller.digest == driller.own_digest()


def test_nothing_of_another_scope_can_be_told_from_an_exchange(world):
    """A planned visit must be invisible: two worlds, with and without it, answer alike to the byte but for nonces."""
    driller = world.phone(world.driller, "site:3")
    opened(driller)
    driller.sync()
    quiet = driller.exchange()
    officer = world.phone(world.officer, "visit:9")
    for _ in range(300):
        opened(officer, "visit:9", "planned")
    officer.sync()
    busy = driller.exchange()
    same = [name for name in busy if name not in ("cursor", "server_time")]
    assert {name: busy[name] for name in same} == {name: quiet[name] for name in same}
    assert len(busy["cursor"]) == len(quiet["cursor"])
    assert busy["cursor"] != quiet["cursor"]
    plain = base64.urlsafe_b64decode(busy["cursor"] + "==")
    assert b"site" not in plain


def test_a_cursor_is_of_no_use_to_another_device(world):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:4")
    opened(driller)
    driller.sync()
    officer.cursor = driller.cursor
    answer = officer.exchange()
    assert (answer["add_scopes"], answer["changes"]) == (["site:4"], [])
    driller.cursor = "not a cursor"
    driller.sync()


def test_without_a_live_session_of_its_user_a_device_gets_results_and_no_rows(world):
    driller = world.phone(world.driller, "site:3", "site:4")
    for user in (None, world.officer):
        opened(driller)
        answer = driller.exchange(user=user)
        assert [r["status"] for r in answer["results"]] == ["applied"]
        assert (answer["live"], answer["changes"], answer["cursor"], answer["add_scopes"]) == (
            False,
            [],
            None,
            [],
        )
    locked = driller.exchange(driller.request(pull=False))
    assert (locked["live"], locked["changes"], locked["cursor"]) == (True, [], None)
    driller.sync()
    assert len(driller.rows()) == 2


def test_the_digest_finds_a_row_that_went_wrong_on_the_phone(world):
    driller = world.phone(world.driller, "site:3")
    sheet = opened(driller)
    driller.sync()
    driller.held["sheet", sheet]["row"]["title"] = "forged"
    assert driller.digest != driller.own_digest()
    driller.cursor = None
    driller.sync()
    assert driller.rows()[sheet]["title"] == "A"


def test_a_scope_made_empty_has_the_digest_of_nothing(world):
    driller = world.phone(world.driller, "site:3")
    sheet = opened(driller)
    driller.do("sheet.delete@1", sheet)
    driller.sync()
    assert driller.digest == {"site:3": "0" * 32}


def test_what_did_not_change_is_not_told_again(world):
    driller = world.phone(world.driller, "site:3")
    sheet = opened(driller)
    driller.sync()
    with world.writing() as session:
        log.note(session, "sheet", sheet, "site:3")
    assert driller.exchange()["changes"] == []


def test_after_a_restore_phones_start_anew_and_send_again(world):
    driller = world.phone(world.driller, "site:3")
    sheet = opened(driller)
    driller.sync()
    with world.writing() as session:
        begin_epoch(session)
    answer = driller.exchange()
    assert (answer["epoch"], answer["add_scopes"], answer["ready_scopes"]) == (2, ["site:3"], ["site:3"])
    driller.do("sheet.note@1", sheet, {"text": "in the new epoch"})
    driller.sync()
    assert driller.held["sheet", sheet]["epoch"] == 2
    assert driller.status(driller.outbox[2]) == "applied"


def test_a_server_restored_from_a_backup_gets_the_work_again(world):
    driller = world.phone(world.driller, "site:3")
    first = opened(driller)
    driller.sync()
    backup = world.backup()
    second = opened(driller)
    driller.sync()
    world.restore(backup)
    driller.exchange()
    assert driller.last_seq == 1
    driller.sync()
    assert set(driller.rows()) == {first, second}


def test_an_answer_is_of_one_moment_though_others_write_meanwhile(world, monkeypatch):
    driller, officer = world.phone(world.driller, "site:3"), world.phone(world.officer, "site:3")
    opened(driller)
    driller.sync()
    original = pull_module._digests

    def written_between(session, scopes):
        monkeypatch.setattr(pull_module, "_digests", original)
        opened(driller)
        driller.exchange()
        return original(session, scopes)

    monkeypatch.setattr(pull_module, "_digests", written_between)
    answer = officer.exchange()
    assert (len(answer["changes"]), officer.digest) == (1, officer.own_digest())
    officer.sync()
    assert len(officer.rows()) == 2


def test_the_log_keeps_references_only(world):
    driller = world.phone(world.driller, "site:3")
    sheet = opened(driller)
    driller.sync()
    with world.reading() as session:
        entries = session.execute(select(tables.log)).all()
    assert [(e.lsn, e.scope, e.collection, e.id) for e in entries] == [(1, "site:3", "sheet", sheet)]


def test_a_grant_that_ended_while_the_server_was_restored_takes_its_rows_all_the_same(world):
    driller = world.phone(world.driller, "site:3", "site:4")
    opened(driller)
    kept = opened(driller, "site:4")
    driller.sync()
    world.withdraw(world.driller, "site:3")
    with world.writing() as session:
        begin_epoch(session)
    answer = driller.exchange()
    assert (answer["drop_scopes"], answer["add_scopes"]) == (["site:3"], ["site:4"])
    world.grant(world.driller, "site:3")
    driller.sync()
    world.withdraw(world.driller, "site:3")
    driller.cursor = None
    driller.sync()
    assert list(driller.rows()) == [kept]
