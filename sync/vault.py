"""The server's own keys: to one of them phones seal, with another it signs receipts. None is ever forgotten.

Private keys lie in the database, wrapped with a key derived from the installation's secret; so a backup of the
database and the secret is a backup of them.
"""

from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import insert, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from sync import tables
from sync.engine import Engine
from sync.keys import PrivateKey, b64u, private_key, raw_public
from sync.sealing import key_id

SEALING, RECEIPT = "sealing", "receipt"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)


class ServerKey(NamedTuple):
    """id: 16 hex digits. public: raw point."""

    id: str
    public: bytes
    private: PrivateKey


def derive(secret: bytes, info: bytes) -> bytes:
    """A key of 32 bytes for one use, from the installation's secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def described(id: str, public: bytes) -> dict[str, str]:
    """A key as phones get it."""
    return {"id": id, "public": b64u(public)}


def current(engine: Engine, session: Session, purpose: str) -> ServerKey:
    """The newest key of a purpose; the first is made when there is none (so the session must be a writing one)."""
    found = newest(session, purpose)
    return _unwrapped(engine, found) if found else rotate(engine, session, purpose)


def newest(session: Session, purpose: str) -> Row[Any] | None:
    """The row of the newest key of a purpose, its private half still wrapped."""
    query = select(tables.key).where(tables.key.c.purpose == purpose)
    return session.execute(query.order_by(tables.key.c.created_ms.desc(), tables.key.c.id).limit(1)).first()


def rotate(engine: Engine, session: Session, purpose: str) -> ServerKey:
    """Makes a new key and hands it out from now on; the old ones go on opening what was sealed to them."""
    scalar = int.from_bytes(engine.random(40), "big") % (_ORDER - 1) + 1
    private = private_key(scalar)
    public = raw_public(private.public_key())
    made = ServerKey(key_id(public), public, private)
    nonce = engine.random(12)
    wrapped = nonce + _wrapper(engine).encrypt(nonce, scalar.to_bytes(32, "big"), made.id.encode())
    values = {"id": made.id, "purpose": purpose, "public": public, "wrapped": wrapped}
    session.execute(insert(tables.key).values(values | {"created_ms": engine.now_ms()}))
    return made


def sealing_key(engine: Engine, session: Session, id: str) -> ServerKey | None:
    """Any sealing key ever handed out."""
    found = session.execute(
        select(tables.key).where(tables.key.c.id == id, tables.key.c.purpose == SEALING)
    ).first()
    return _unwrapped(engine, found) if found else None


def _wrapper(engine: Engine) -> AESGCM:
    return AESGCM(derive(engine.secret, b"kuangjian/server-key/1\n"))


def _unwrapped(engine: Engine, found: Row[Any]) -> ServerKey:
    scalar = _wrapper(engine).decrypt(found.wrapped[:12], found.wrapped[12:], found.id.encode())
    return ServerKey(found.id, found.public, private_key(int.from_bytes(scalar, "big")))
