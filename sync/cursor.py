"""How far a phone has been told, sealed so that it says nothing (docs/adr/0005-cursor.md).

Per scope the counter up to which all was told; and for one being paged, the row after which the next page begins.
"""

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.engine import Engine
from sync.ids import octets
from sync.keys import b64u, from_b64u
from sync.vault import derive

_INFO = b"kuangjian/cursor/1\n"


class Paging(NamedTuple):
    """A scope being sent anew: collection and id of the last row sent."""

    collection: str
    id: str


@dataclass
class Position:
    """told: counter per scope. paging: those whose rows are still being sent; their counter is where that began."""

    epoch: int
    told: dict[str, int] = field(default_factory=dict)
    paging: dict[str, Paging] = field(default_factory=dict)


def seal(engine: Engine, device: str, position: Position) -> str:
    """The cursor of a position, for this device only. Counters are of one width, so its length tells nothing."""
    told = {scope: f"{lsn:016x}" for scope, lsn in position.told.items()}
    plain = json.dumps([position.epoch, told, position.paging], separators=(",", ":")).encode()
    nonce = engine.random(12)
    return b64u(nonce + _aead(engine).encrypt(nonce, plain, octets(device)))


def unseal(engine: Engine, device: str, text: str | None) -> Position:
    """The position of a cursor; the beginning (epoch 0), when it is none of ours or of another device."""
    if text is None:
        return Position(0)
    try:
        data = from_b64u(text)
        written, told, paging = json.loads(_aead(engine).decrypt(data[:12], data[12:], octets(device)))
    except (ValueError, InvalidTag):
        return Position(0)
    return Position(
        written,
        {scope: int(lsn, 16) for scope, lsn in told.items()},
        {scope: Paging(*after) for scope, after in paging.items()},
    )


def _aead(engine: Engine) -> AESGCM:
    return AESGCM(derive(engine.secret, _INFO))
