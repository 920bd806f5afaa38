"""Whose signing key it is, in the server's word: for colleagues whom no network reaches (docs/adr/0010-visit-key.md).

{"v":1,"user":…,"signing_key":…,"from":…,"until":…,"key":"<id of the receipt key>","sig":…}, signed with the key that
phones hold since they enrolled to check receipts with.
"""

from sqlalchemy.orm import Session

from sync import clock, envelope, keys, vault
from sync.engine import Engine
from sync.envelope import Json

# A phone asks again when half of it is over: two weeks underground are no reason to be a stranger.
VALID_MS = 30 * 24 * 3600 * 1000


def certify(engine: Engine, session: Session, user: str, signing_key: bytes) -> Json:
    """A certificate from now on. The server must have given out a receipt key, as with every enrolment."""
    key, now = vault.current(engine, session, vault.RECEIPT), engine.now_ms()
    certificate: Json = {
        "v": 1,
        "user": user,
        "signing_key": keys.b64u(signing_key),
        "from": clock.utc_text(now),
        "until": clock.utc_text(now + VALID_MS),
        "key": key.id,
    }
    return certificate | {"sig": keys.sign(key.private, envelope.certificate_message(certificate))}
