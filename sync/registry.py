"""What the host tells the engine: its collections, its operations and who sees which scope.

registry = Registry(scopes=lambda session, user: {"person:" + user})
registry.collection("hazard", shape=1, read=read_hazards)
registry.operation("hazard.report@2", report_hazard)
registry.upcast("hazard.report@1", lambda args: args | {"level": None})
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from sync.merge import Edit


class Row(NamedTuple):
    """A row as phones get it. scope: its one home. ver: counts its changes. data: JSON values."""

    scope: str
    ver: int
    data: dict[str, Any]


class Mutation(NamedTuple):
    """What a person did, as frozen; args already in the newest version of the operation."""

    id: str
    seq: int
    op: str
    entity: str
    base: tuple[int, int] | None
    args: dict[str, Any]
    hlc: str
    blobs: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """Who did it and when. Authority is judged at `at_corrected`; all three times are to be kept.

    at_device: the phone's own time, with its offset. at_corrected, at_received: UTC.
    clock_suspect: the phone's clock was more than 5 min off. hlc: clamped, for merging.
    """

    user: str
    device: str
    phone: str
    epoch: int
    at_device: datetime
    at_corrected: datetime
    at_received: datetime
    clock_suspect: bool
    hlc: str

    def edit(self, mutation: Mutation) -> Edit:
        """The mutation as the merge rules want it."""
        return Edit(mutation.base, self.device, mutation.seq, self.hlc)


class Clash(NamedTuple):
    """One field in conflict: the value shown until a person resolves it, the other one, and why."""

    field: str
    shown: Any
    other: Any
    reason: str


class Outcome(NamedTuple):
    """What became of a mutation. status: applied | merged | conflict. ver: of the row after it, if it has one."""

    status: str = "applied"
    ver: int | None = None
    clashes: tuple[Clash, ...] = ()


class Refused(Exception):
    """Raised by an operation: the domain says no. The mutation is quarantined with code and params (JSON)."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})


Read = Callable[[Session, Sequence[str]], Mapping[str, Row]]
Operation = Callable[[Session, Context, Mutation], Outcome]
Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class Collection(NamedTuple):
    """shape: raised when `data` changes its form; all rows are then sent again. read: ids → the rows there are."""

    name: str
    shape: int
    read: Read


@dataclass
class Registry:
    """scopes: the scopes a user may see now; asked at every exchange."""

    scopes: Callable[[Session, str], set[str]]
    collections: dict[str, Collection] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    upcasts: dict[str, Upcast] = field(default_factory=dict)

    def collection(self, name: str, *, shape: int, read: Read) -> None:
        """Declares a collection. Raises ValueError when there is one of that name."""
        _once(self.collections, name, Collection(name, shape, read))

    def operation(self, op: str, handler: Operation) -> None:
        """Declares what `name@version` does. Raises ValueError when it is declared already."""
        _once(self.operations, op, handler)

    def upcast(self, op: str, change: Upcast) -> None:
        """Declares how the args of `name@n` become those of `name@n+1`. Upcasters stay for ever."""
        _once(self.upcasts, op, change)

    def resolve(self, op: str, args: dict[str, Any]) -> tuple[str, Operation, dict[str, Any]] | None:
        """The newest form of an operation as sent, what does it, and its args; None when nothing does."""
        while op not in self.operations:
            if op not in self.upcasts:
                return None
            args = self.upcasts[op](args)
            name, version = op.split("@")
            op = f"{name}@{int(version) + 1}"
        return op, self.operations[op], args


def _once(table: dict[str, Any], name: str, value: Any) -> None:
    if name in table:
        raise ValueError(f"{name} is declared twice")
    table[name] = value
