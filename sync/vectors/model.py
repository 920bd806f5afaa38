"""The exhaustive small model: two phones, up to three acts on one answer, every crash point of every exchange.

Not the engine: a few dictionaries that say what must come out. tests/sync/test_model.py holds the engine to it,
pwa/src/sync/model.test.ts the phone. A story is acts, each followed by an exchange that meets one fate:

kept  the phone does not speak yet          dies  the server dies before it commits
lost  it commits, the answer is lost        told  the answer arrives

and four exchanges at the end, in turn, that are told. An exchange is written
[phone, what it answers or null, base, fate, seqs sent, seqs asked, results, last_seq, row told or null], a result
[seq, status, was, ver], a row [ver, answer]; what comes back is null where nothing does.
"""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

from sync.merge import Edit, Stamp, merge

FATES = ("kept", "dies", "lost", "told")
PHONES = ("A", "B")
ACTS = 3
# In turn; the two phones clash, and come to agree.
ANSWERS = {"A": ("pass", "na", "pass"), "B": ("fail", "na", "pass")}
EPOCH = 1


@dataclass
class Server:
    ver: int = 1
    answer: Any = None
    stamp: Stamp | None = None
    ends: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: {"A": [], "B": []})

    def take(self, phone: str, seq: int, answer: str, base: tuple[int, int]) -> list[Any]:
        """One entry: its result."""
        known = self.ends[phone]
        if seq <= len(known):
            return [seq, "duplicate", *known[seq - 1]]
        edit = Edit(base, phone, seq, f"{len(known)}")
        merged = merge("answer", self.answer, {"result": answer}, self.stamp, edit)
        self.ver, self.answer = self.ver + 1, merged.value
        if merged.status == "applied":
            self.stamp = Stamp(EPOCH, self.ver, phone, seq, edit.hlc)
        known.append((merged.status, self.ver))
        return [seq, merged.status, None, self.ver]

    def copy(self) -> "Server":
        return Server(
            self.ver, self.answer, self.stamp, {phone: [*ends] for phone, ends in self.ends.items()}
        )


@dataclass
class Phone:
    """frozen: answer and base by seq. ends: what it was told of them. ver: of the row it holds."""

    frozen: list[tuple[str, tuple[int, int]]] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    last_seq: int = 0
    ver: int = 1


class Story:
    """Plays a story and writes it down."""

    def __init__(self) -> None:
        self.server = Server()
        self.phones = {name: Phone() for name in PHONES}
        self.written: list[Any] = []

    def step(self, name: str, fate: str, *, acts: bool) -> None:
        phone = self.phones[name]
        answer = base = None
        if acts:
            answer, base = ANSWERS[name][len(phone.frozen)], (EPOCH, phone.ver)
            phone.frozen.append((answer, base))
        sends = [seq for seq in range(1, len(phone.frozen) + 1) if seq not in phone.ends]
        asks = [seq for seq, status in phone.ends.items() if status == "conflict"]
        line = [name, answer, base and list(base), fate, sends, asks]
        self.written.append([*line, *(self._exchanged(phone, name, fate, sends, asks))])

    def _exchanged(self, phone: Phone, name: str, fate: str, sends: list[int], asks: list[int]) -> list[Any]:
        server = self.server.copy()
        results = [server.take(name, seq, *phone.frozen[seq - 1]) for seq in sends]
        results += [[seq, server.ends[name][seq - 1][0], None, server.ends[name][seq - 1][1]] for seq in asks]
        if fate in ("lost", "told"):
            self.server = server
        if fate != "told":
            return [None, None, None]
        results.sort()
        phone.ends |= {seq: was or status for seq, status, was, _ in results}
        phone.last_seq = len(server.ends[name])
        row = [server.ver, server.answer] if server.ver > phone.ver else None
        phone.ver = server.ver
        return [results, phone.last_seq, row]


def model_cases() -> list[Any]:
    """Every story: its exchanges, the row in the end, and how each phone's mutations ended."""
    return [_played(steps) for steps in _stories()]


def _stories() -> list[tuple[tuple[str, str], ...]]:
    step = list(product(PHONES, FATES))
    first = [("A", fate) for fate in FATES]  # the phones are alike: the first act is A's
    return [(begin, *rest) for more in range(ACTS) for begin in first for rest in product(step, repeat=more)]


def _played(steps: tuple[tuple[str, str], ...]) -> Any:
    story = Story()
    for phone, fate in steps:
        story.step(phone, fate, acts=True)
    for phone in PHONES * 2:
        story.step(phone, "told", acts=False)
    ends = {name: [phone.ends[seq] for seq in sorted(phone.ends)] for name, phone in story.phones.items()}
    return {"exchanges": story.written, "row": [story.server.ver, story.server.answer], "ends": ends}
