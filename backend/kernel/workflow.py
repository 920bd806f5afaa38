"""States as tables of data: what may happen to a thing, who may do it, and what must be there.

A move is plain data, so the server, the phone (as JSON), the docs and the matrix test read the same table. Where two
cases differ (general or major, found by the mine or by an officer) they are two rows with different `when`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from backend.kernel import policy
from backend.kernel.policy import Actor, Role
from backend.kernel.problems import FieldError, Problem

STATE_MOVED_ON = Problem(
    409,
    "workflow.moved_on",
    "当前状态为“{state}”，不能“{act}”，请查看最新情况后再操作。",
    "It is “{state}” now, where “{act}” is not possible; look at what happened and try again.",
)
SAME_PERSON = Problem(
    409,
    "workflow.same_person",
    "“{act}”须由其他人完成：您已做过“{done}”。",
    "“{act}” must be done by somebody else: you did “{done}”.",
)
EVIDENCE_LACKS = Problem(
    422, "workflow.evidence_lacks", "“{act}”还缺少必填内容。", "“{act}” still lacks something."
)


class Subject(Protocol):
    """What has a state."""

    state: str

    def scopes(self) -> Collection[str]:
        """Where it lies, for policy."""

    def did(self, act: str) -> UUID | None:
        """Who did this move last."""


@dataclass(frozen=True)
class Move:
    """One row of the table.

    when: attributes of the subject that must be so for this row to apply.  needs: evidence that must be given.
    unless_did: the move whose doer may not do this one.  signed: whether the doer's signature is needed, drawn by him.
    zh, en: the word on the button.
    """

    source: str
    act: str
    target: str
    by: frozenset[Role]
    zh: str
    en: str
    when: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    unless_did: str | None = None
    signed: bool = False


def drawn(signature: Any) -> bool:
    """Whether somebody signed: with strokes. A refusal before a witness answers a visit's papers, and nothing else."""
    return isinstance(signature, Mapping) and bool(signature.get("strokes")) and not signature.get("refused")


class Moves:
    """The table of one kind of thing. Its acts enter the policy table as `<kind>.<act>`."""

    def __init__(self, kind: str, states: Mapping[str, tuple[str, str]], moves: Iterable[Move]) -> None:
        self.kind, self.states, self.moves = kind, dict(states), tuple(moves)
        for move in self.moves:
            unknown = {move.source, move.target} - self.states.keys()
            if unknown:
                raise ValueError(f"{kind}.{move.act}: unknown state {unknown}")
        for act in dict.fromkeys(move.act for move in self.moves):
            policy.allow(
                f"{kind}.{act}", {role for move in self.moves if move.act == act for role in move.by}
            )

    def open_to(self, actor: Actor, subject: Subject) -> Iterator[Move]:
        """What this person may do with it now."""
        for move in self.moves:
            barred = move.unless_did and subject.did(move.unless_did) == actor.id
            if self._applies(move, subject) and move.by & actor.roles(subject.scopes()) and not barred:
                yield move

    def find(self, subject: Subject, act: str) -> Move:
        """The row that applies. Raises STATE_MOVED_ON (409) when there is none in this state."""
        for move in self.moves:
            if move.act == act and self._applies(move, subject):
                return move
        raise STATE_MOVED_ON(state=self.states[subject.state][0], act=self.word(act))

    def check(self, actor: Actor, subject: Subject, act: str, evidence: Mapping[str, Any]) -> Move:
        """The row, once state, role, person and evidence agree. Raises the problem of the first that does not."""
        policy.require(actor, f"{self.kind}.{act}", subject.scopes())
        move = self.find(subject, act)
        if not move.by & actor.roles(subject.scopes()):
            raise policy.DENIED(act=f"{self.kind}.{act}")
        if move.unless_did and subject.did(move.unless_did) == actor.id:
            raise SAME_PERSON(act=self.word(act), done=self.word(move.unless_did))
        lacking = [name for name in move.needs if evidence.get(name) in (None, "", [], {})]
        if move.signed and not drawn(evidence.get("signature")):
            lacking.append("signature")
        if lacking:
            errors = [FieldError(f"/{name}", "必填", "required") for name in lacking]
            raise EVIDENCE_LACKS(act=self.word(act), errors=errors)
        return move

    def word(self, act: str) -> str:
        return next((move.zh for move in self.moves if move.act == act), act)

    def table(self) -> dict[str, Any]:
        """The table as JSON, for the phone and the docs."""
        return {
            "kind": self.kind,
            "states": {state: {"zh": zh, "en": en} for state, (zh, en) in self.states.items()},
            "moves": [
                {
                    "from": move.source,
                    "act": move.act,
                    "to": move.target,
                    "by": sorted(move.by),
                    "word": {"zh": move.zh, "en": move.en},
                    "when": dict(move.when),
                    "needs": list(move.needs),
                    "unless_did": move.unless_did,
                    "signed": move.signed,
                }
                for move in self.moves
            ],
        }

    @staticmethod
    def _applies(move: Move, subject: Subject) -> bool:
        return move.source == subject.state and all(
            getattr(subject, name) == value for name, value in move.when.items()
        )
