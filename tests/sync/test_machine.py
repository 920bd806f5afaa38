"""A deterministic county in which everything goes wrong that can, in any order; afterwards the promises hold.

Promises of the engine's design: every frozen mutation comes to an end (1), once (2); at rest phones and server agree
(3); no phone holds a row outside its scopes (5); a restored server gets the work again (7).
"""

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from sync import tables, upkeep
from sync.problems import DeviceForked, DeviceUnknown
from tests.sync import host
from tests.sync.conftest import METADATA
from tests.sync.phone import Handset, Phone
from tests.sync.world import DAY, HOUR, MINUTE, World

SITES = ("site:3", "site:4", "bureau:1")
phones = st.integers(0, 3)
sites = st.sampled_from(SITES)
ENDS = {"applied", "merged", "conflict", "held", "quarantined", "duplicate"}


class County(RuleBasedStateMachine):
    """Three people on three handsets, one of them on two; mutations are kept by id to be asked for at the end."""

    @initialize()
    def open_up(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        engine = create_engine(
            f"sqlite:///{Path(self.folder.name) / 'county.db'}", connect_args={"check_same_thread": False}
        )
        database = host.Database(engine)
        for metadata in METADATA:
            metadata.create_all(engine)
        self.world = world = World(database)
        people = (world.driller, world.officer, world.colleague)
        handsets = [Handset(f"handset {n}", lambda: world.ms) for n in range(3)]
        world.grant(world.driller, "site:3")
        world.grant(world.officer, "site:3", "site:4", "bureau:1")
        world.grant(world.colleague, "site:4")
        self.phones = [world.phone(p, handset=h) for p, h in zip(people, handsets, strict=True)]
        self.phones.append(world.phone(world.colleague, handset=handsets[0]))
        self.frozen: dict[str, Phone] = {}
        self.lost: set[str] = set()
        self.sheets: list[str] = []
        self.requests: list[tuple[Any, str]] = []
        self.backups: list[Any] = []

    def _does(self, phone: Phone, op: str, entity: str, args: Any, **members: Any) -> None:
        self.frozen[phone.do(op, entity, args, **members)["id"]] = phone

    def _exchanges(self, phone: Phone, act: Callable[[], Any]) -> None:
        """As a phone does: a fork, or a server that does not know it any more, makes it enrol anew."""
        try:
            act()
        except DeviceForked:
            phone.enrol()
        except DeviceUnknown:
            phone.device, phone.last_seq = "", 0
            phone.enrol()

    @rule(which=phones, scope=sites)
    def opens_a_sheet(self, which: int, scope: str) -> None:
        sheet = self.phones[which].handset.new_id()
        self.sheets.append(sheet)
        self._does(self.phones[which], "sheet.open@2", sheet, {"scope": scope, "title": scope})

    @precondition(lambda self: self.sheets)
    @rule(which=phones, sheet=st.integers(0, 50), text=st.sampled_from("甲乙丙"), after=st.booleans())
    def writes_a_note(self, which: int, sheet: int, text: str, after: bool) -> None:
        deps = [list(self.frozen)[-1]] if after else []
        self._does(self.phones[which], "sheet.note@1", self._sheet(sheet), {"text": text}, deps=deps)

    @precondition(lambda self: self.sheets)
    @rule(which=phones, sheet=st.integers(0, 50), result=st.sampled_from(["pass", "fail", "na"]))
    def answers_an_item(self, which: int, sheet: int, result: str) -> None:
        self._does(self.phones[which], "sheet.answer@1", self._sheet(sheet), {"UG01-01": {"result": result}})

    @precondition(lambda self: self.sheets)
    @rule(which=phones, sheet=st.integers(0, 50), scope=sites)
    def moves_a_sheet(self, which: int, sheet: int, scope: str) -> None:
        self._does(self.phones[which], "sheet.move@1", self._sheet(sheet), {"scope": scope})

    @precondition(lambda self: self.sheets)
    @rule(
        which=phones,
        sheet=st.integers(0, 50),
        op=st.sampled_from(["delete@1", "crash@1", "refuse@1", "unknown@9"]),
    )
    def does_what_ends_badly(self, which: int, sheet: int, op: str) -> None:
        self._does(self.phones[which], f"sheet.{op}", self._sheet(sheet), {})

    def _sheet(self, index: int) -> str:
        return self.sheets[index % len(self.sheets)]

    @rule(which=phones, lost=st.booleans())
    def exchanges(self, which: int, lost: bool) -> None:
        phone = self.phones[which]
        request = phone.request()
        self.requests.append((request, phone.user))
        self._exchanges(phone, lambda: phone.exchange(request, lost=lost))

    @rule(which=phones, skip=st.integers(1, 3))
    def sends_a_later_batch_first(self, which: int, skip: int) -> None:
        phone = self.phones[which]
        first = phone.last_seq + 1 + skip
        if first <= phone.seq:
            self._exchanges(phone, lambda: phone.exchange(phone.request(range(first, phone.seq + 1))))

    @precondition(lambda self: self.requests)
    @rule(index=st.integers(0, 100))
    def an_old_request_arrives_again(self, index: int) -> None:
        request, user = self.requests[index % len(self.requests)]
        with contextlib.suppress(DeviceForked, DeviceUnknown):  # nobody hears it
            self.world.exchange(request, user)

    @rule(which=phones, by=phones, lost=st.booleans())
    def another_carries_the_sealed_work(self, which: int, by: int, lost: bool) -> None:
        phone, carrier = self.phones[which], self.phones[by]
        if phone.seq > phone.last_seq:
            sealed = [phone.seal(phone.last_seq + 1, phone.seq)]
            self._exchanges(carrier, lambda: carrier.exchange(carrier.request(sealed=sealed), lost=lost))

    @rule(which=phones)
    def a_phone_is_set_back_to_what_the_server_knew(self, which: int) -> None:
        phone = self.phones[which]
        for seq in range(phone.last_seq + 1, phone.seq + 1):
            self.lost.add(phone.outbox.pop(seq).get("id", ""))
            phone.results.pop(seq, None)
        phone.seq = phone.last_seq

    @rule(which=phones)
    def a_record_is_damaged(self, which: int) -> None:
        phone = self.phones[which]
        if phone.seq > phone.last_seq:
            self.lost.add(phone.outbox[phone.seq].get("id", ""))
            phone.lose(phone.seq)

    @rule(ms=st.sampled_from([1, MINUTE, HOUR, DAY]), which=phones, error=st.sampled_from([0, -DAY, HOUR]))
    def time_passes(self, ms: int, which: int, error: int) -> None:
        self.phones[which].handset.wall_error_ms = error
        self.world.later(ms)

    @rule(which=phones)
    def a_phone_is_started_anew(self, which: int) -> None:
        self.phones[which].handset.restart()

    @rule(which=phones, scope=sites, given=st.booleans())
    def a_grant_changes(self, which: int, scope: str, given: bool) -> None:
        user = self.phones[which].user
        self.world.withdraw(user, scope)
        if given:
            self.world.grant(user, scope)

    @rule()
    def a_backup_is_made(self) -> None:
        self.backups.append(self.world.backup())

    @precondition(lambda self: self.backups)
    @rule()
    def the_server_is_restored(self) -> None:
        self.world.restore(self.backups[-1])

    @rule()
    def upkeep_runs(self) -> None:
        with self.world.writing() as session:
            upkeep.look_again(self.world.sync, session)

    @invariant()
    def nothing_took_effect_twice(self) -> None:
        if hasattr(self, "world"):
            with self.world.reading() as session:
                count = select(func.count()).select_from(host.effect).group_by(host.effect.c.mutation)
                assert all(number == 1 for number in session.scalars(count))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._all_is_well_at_rest()
        finally:
            self.world.database.engine.dispose()
            self.folder.cleanup()

    def _all_is_well_at_rest(self) -> None:
        for _ in range(2):
            for phone in self.phones:
                self._exchanges(phone, phone.sync)
        for phone in self.phones:
            phone.sync()
        with self.world.reading() as session:
            ends = dict(session.execute(select(tables.mutation.c.id, tables.mutation.c.status)).all())
            sheets = session.execute(select(host.sheet.c.id, host.sheet.c.scope)).all()
            for phone in self.phones:
                scopes = host.scopes(session, phone.user)
                assert set(phone.rows()) == {id for id, scope in sheets if scope in scopes}
            self._held_for_a_reason(session, ends)
        assert self.frozen.keys() - self.lost <= ends.keys()
        assert set(ends.values()) <= ENDS

    def _held_for_a_reason(self, session: Session, ends: dict[str, str]) -> None:
        table, device = tables.mutation, tables.device
        reached = dict(session.execute(select(device.c.device, device.c.last_seq)).all())
        held = select(table).where(table.c.status == "held").order_by(table.c.device, table.c.seq)
        waiting: set[tuple[str, str]] = set()
        for row in session.execute(held):
            if row.seq > reached[row.device]:
                continue
            deps = json.loads(row.body)["deps"]
            unmet = [dep for dep in deps if ends.get(dep) not in ("applied", "merged", "conflict")]
            assert unmet or (row.device, row.entity) in waiting
            waiting.add((row.device, row.entity))


County.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=40)
test_whatever_goes_wrong_the_promises_hold = County.TestCase
