"""Push and pull in one round trip, with the transactions the host lends.

answer = exchange(engine, body, gzipped=True, user=signed_in, reading=db.reading, writing=db.writing)
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import bundle, certificates, clock, keys, parse, tables, vault
from sync.engine import Engine, epoch, is_postgresql
from sync.envelope import Json
from sync.intake import HELD
from sync.outcome import asked
from sync.parse import Exchange, Sealed
from sync.problems import AuthInvalid, DeviceUnknown, malformed
from sync.pull import pull
from sync.push import Pushed, blobs_due, hand_in, push

MEET_EVERY_MS = 600_000
Transaction = Callable[[], AbstractContextManager[Session]]

_NO_ROWS: Json = {
    "changes": [], "cursor": None, "more": False, "add_scopes": [], "drop_scopes": [], "ready_scopes": [], "digest": {},
}  # fmt: skip


def exchange(
    engine: Engine,
    body: bytes,
    *,
    gzipped: bool,
    user: str | None,
    reading: Transaction,
    writing: Transaction,
) -> Json:
    """The answer to a request, as the envelope has it.

    user: who is signed in with this request, None without a live session; rows are told only to the device's own
    user. Raises any SyncProblem; then nothing of the request was kept.
    """
    request = parse.exchange(body, gzipped=gzipped)
    received_ms = engine.now_ms()
    with reading() as session:
        due = authenticate(session, request, received_ms)
    pushed = Pushed()
    if request.mutations or request.sealed or due:
        with writing() as session:
            pushed = push(engine, session, request, received_ms)
    with reading() as session:
        if is_postgresql(session):
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return _answer(engine, session, request, pushed, user)


def receive_bundle(engine: Engine, text: str, *, writing: Transaction) -> Json:
    """The answer to a bundle. Raises Malformed."""
    segments = [Sealed(*part) for part in bundle.read(text)]
    if len(segments) > parse.MAX_ENTRIES:
        raise malformed("bundle", f"more than {parse.MAX_ENTRIES} segments")
    with writing() as session:
        receipts = hand_in(engine, session, segments)
    return {"server_time": clock.utc_text(engine.now_ms()), "receipts": receipts}


def authenticate(session: Session, request: Exchange, now_ms: int) -> bool:
    """Whether there is something to write even when nothing was sent. Raises DeviceUnknown, AuthInvalid.

    That is: the phone's clocks to be met again, or something held to be looked at again.
    """
    device = _device(session, request.device)
    if not keys.verify(device.transport_key, request.message, request.auth):
        raise AuthInvalid()
    table = tables.meeting
    met = select(table.c.server_ms).where(table.c.phone == device.phone, table.c.boot == request.boot)
    last = session.scalar(met)
    if last is None or now_ms - last > MEET_EVERY_MS:
        return True
    table = tables.mutation
    held = select(table.c.pk).where(table.c.device == request.device, table.c.status == HELD).limit(1)
    return session.scalar(held) is not None


def _answer(engine: Engine, session: Session, request: Exchange, pushed: Pushed, user: str | None) -> Json:
    device = _device(session, request.device)
    live = user is not None and user == device.user and device.revoked_ms is None
    known = {result["seq"] for result in pushed.results}
    more = asked(session, request.device, [seq for seq in request.ask if seq not in known])
    rows = (
        pull(engine, session, request.device, device.user, request.cursor)
        if live and request.pull
        else _NO_ROWS
    )
    return {
        "epoch": epoch(session),
        "server_time": clock.utc_text(engine.now_ms()),
        "live": live,
        "revoked": device.revoked_ms is not None,
        "last_seq": device.last_seq,
        "durable_seq": engine.durable(session, request.device),
        "results": sorted(pushed.results + more, key=lambda result: result["seq"]),
        "receipts": pushed.receipts,
        "missing_blobs": _missing_blobs(engine, session, device),
        **rows,
        "sealing_key": _newer_key(session, request.key),
        "certificate": certificates.certify(engine, session, device.user, device.signing_key)
        if live and request.certify
        else None,
    }


def _newer_key(session: Session, id: str) -> Json | None:
    newest = vault.newest(session, vault.SEALING)
    return None if newest is None or newest.id == id else vault.described(newest.id, newest.public)


def _missing_blobs(engine: Engine, session: Session, device: Row[tuple[object, ...]]) -> list[str]:
    expected = blobs_due(session, device.phone, device.user)
    return sorted(expected - engine.present(session, device.user, expected)) if expected else []


def _device(session: Session, id: str) -> Row[tuple[object, ...]]:
    found = session.execute(select(tables.device).where(tables.device.c.device == id)).first()
    if found is None:
        raise DeviceUnknown(device=id)
    return found
