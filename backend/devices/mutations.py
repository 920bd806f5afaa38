"""What a phone's mutations do: each is checked and handed to the same operations that the desk calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy.orm import Session

from backend.accounts import operations as accounts
from backend.checklists import operations as checklists
from backend.checklists import paper
from backend.checklists.models import FormVersion, Submission, Task
from backend.devices import schemas
from backend.devices.targets import find, unused
from backend.documents.problems import DocumentError
from backend.enforcement import operations as enforcement
from backend.enforcement.models import Document, NumberBlock
from backend.enforcement.render import unfit
from backend.hazards import operations as hazards
from backend.hazards.models import Hazard
from backend.hazards.workflow import MOVES as HAZARD_MOVES
from backend.inspections import operations as inspections
from backend.inspections.models import Visit
from backend.kernel import problems
from backend.kernel.clock import Captured
from backend.kernel.policy import Actor
from backend.kernel.problems import NOT_FOUND, Refusal
from backend.kernel.synced import Source
from backend.kernel.validation import field_errors
from backend.kernel.workflow import STATE_MOVED_ON
from backend.sites.models import Mine, Place
from sync.registry import Clash, Context, Mutation, Outcome, Refused, Registry

Args = dict[str, Any]
Handler = Callable[[Session, Actor, UUID, Args, Captured, "Sent"], Outcome]
OPERATIONS: dict[str, tuple[type[ma.Schema], Handler]] = {}


class Sent:
    """The mutation as it came, for what needs more than its arguments."""

    def __init__(self, context: Context, mutation: Mutation) -> None:
        self.context, self.mutation = context, mutation
        self.edit = context.edit(mutation)


def install(registry: Registry) -> None:
    """Tell the sync engine what every operation does."""
    for name, (schema, handler) in OPERATIONS.items():
        registry.operation(name, _guarded(schema(), handler))


def operation(name: str, schema: type[ma.Schema]) -> Callable[[Handler], Handler]:
    def declare(handler: Handler) -> Handler:
        OPERATIONS[name] = (schema, handler)
        return handler

    return declare


def _guarded(schema: ma.Schema, handler: Handler) -> Callable[[Session, Context, Mutation], Outcome]:
    """Check the arguments, act as the person at the time he did it, and turn a refusal into a quarantine reason."""

    def run(session: Session, context: Context, mutation: Mutation) -> Outcome:
        session.info["edit"] = Source(context.epoch, context.device, mutation.seq, context.hlc)
        when = Captured(context.at_corrected, context.at_received, context.at_device.astimezone(UTC))
        try:
            args = schema.load(mutation.args)
            actor = accounts.actor(session, UUID(context.user), context.at_corrected)
            outcome = handler(session, actor, UUID(mutation.entity), args, when, Sent(context, mutation))
            if outcome.clashes:  # a paper that cites it may be out already
                enforcement.contested(session, actor, UUID(mutation.entity))
            session.flush()
            return outcome
        except ma.ValidationError as error:
            raise _quarantine(problems.INVALID(errors=list(field_errors(error.messages)))) from error
        except Refusal as refusal:
            raise _quarantine(refusal) from refusal
        except DocumentError as error:
            raise _quarantine(unfit(error)) from error
        finally:
            session.info.pop("edit", None)

    return run


def _quarantine(refusal: Refusal) -> Refused:
    """The reason in both languages, because the phone shows it without asking the server again."""
    body = refusal.body("zh")
    return Refused(
        refusal.problem.code,
        {
            "zh": body["title"],
            "en": refusal.body("en")["title"],
            "errors": [asdict(error) for error in refusal.errors],
            "named": body.get("params", {}),  # what the words speak of, for programs
        },
    )


@operation("submission.begin@1", schemas.BeginSchema)
def _begin(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, _: Sent) -> Outcome:
    sheets = args["paper"]
    if session.get(Submission, entity) is not None:  # a visit's checklist is there from its preparation
        begun = find(session, actor, Submission, entity, checklists.FILL)
        checklists.may_fill(actor, begun)
        if sheets is None:
            return Outcome("merged", begun.ver)
        return _applied(paper.enter(session, actor, begun, sheets, when))
    if args["task"] is None:
        mine = find(session, actor, Mine, args["mine"], checklists.FILL)
        form = find(session, actor, FormVersion, args["form"], checklists.FILL)
        begun = checklists.begin_own(session, actor, entity, mine, form, args["limits"], when)
    else:
        task = find(session, actor, Task, args["task"], checklists.FILL)
        if args["form"] != task.form:  # the version that he had
            find(session, actor, FormVersion, args["form"], checklists.FILL)
        begun = checklists.begin(session, actor, entity, task, args["limits"], when, args["form"])
    return _applied(paper.enter(session, actor, begun, sheets, when) if sheets else begun)


@operation("submission.answer@1", schemas.AnswersSchema)
def _answer(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, sent: Sent) -> Outcome:
    submission = find(session, actor, Submission, entity, checklists.FILL)
    status, clashes = "applied", []
    outcome = checklists.answer(session, actor, submission, args["answers"], sent.edit, when)
    for item, merged in outcome.items():
        if merged.status == "conflict":
            clashes.append(Clash(f"answers/{item}", merged.value, merged.lost, merged.reason or ""))
        elif merged.status == "merged":
            status = "merged"
    session.flush()
    return Outcome("conflict" if clashes else status, submission.ver, tuple(clashes))


@operation("submission.move@1", schemas.MoveVersionSchema)
def _move(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, _: Sent) -> Outcome:
    submission = find(session, actor, Submission, entity, checklists.FILL)
    if submission.form == args["form"]:
        return Outcome("merged", submission.ver)
    form = find(session, actor, FormVersion, args["form"], checklists.FILL)
    return _applied(checklists.move(session, actor, submission, form, args["limits"], when))


@operation("submission.sign@1", schemas.SignatureSchema)
def _sign(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, _: Sent) -> Outcome:
    counter = args["role"] == "team_leader"
    right = checklists.COUNTERSIGN if counter else checklists.FILL
    submission = find(session, actor, Submission, entity, right)
    sign = checklists.countersign if counter else checklists.sign
    return _applied(sign(session, actor, submission, args, when))


@operation("hazard.report@1", schemas.ReportSchema)
def _report(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, _: Sent) -> Outcome:
    id, mine = unused(session, Hazard, entity), find(session, actor, Mine, args["mine"], hazards.REPORT)
    if args["visit"] and find(session, actor, Visit, args["visit"], hazards.REPORT).mine_id != mine.id:
        raise NOT_FOUND()
    place = session.get(Place, args["place"]) if args["place"] else None
    if args["place"] and (place is None or place.mine_id != mine.id):
        raise NOT_FOUND()
    return _applied(hazards.report(session, actor, id, mine, args, when, visit_id=args["visit"]))


@operation("hazard.move@1", schemas.HazardMoveSchema)
def _move_hazard(
    session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, sent: Sent
) -> Outcome:
    hazard = find(session, actor, Hazard, entity, f"hazard.{args['act']}")
    evidence = sent.mutation.args["evidence"]
    try:
        return _applied(hazards.move(session, actor, hazard, args["act"], evidence, when))
    except Refusal as refusal:
        if refusal.problem is not STATE_MOVED_ON:
            raise
    # Somebody was there first: a stale move never changes the state, but what it brings is not lost.
    targets = {move.target for move in HAZARD_MOVES.moves if move.act == args["act"]}
    hazards.append(session, actor, hazard, args["act"], evidence, when)
    session.flush()
    if hazard.state in targets:
        return Outcome("merged", hazard.ver)
    clash = Clash("state", hazard.state, min(targets, default=args["act"]), "moved_on")
    return Outcome("conflict", hazard.ver, (clash,))


@operation("visit.move@1", schemas.VisitMoveSchema)
def _move_visit(
    session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, sent: Sent
) -> Outcome:
    visit = find(session, actor, Visit, entity, f"visit.{args['act']}")
    evidence = sent.mutation.args["evidence"]
    try:
        return _applied(inspections.move(session, actor, visit, args["act"], evidence, when))
    except Refusal as refusal:
        if refusal.problem is not STATE_MOVED_ON:
            raise
        # Both officers were there, each with his phone. What the mine signed for on the second one adds to the first.
        if args["act"] == "explain" and evidence.get("findings"):
            inspections.move(session, actor, visit, "supplement", evidence, when)
            session.flush()
        elif args["act"] != "open":
            raise
        return Outcome("merged", visit.ver)


@operation("document.issue@1", schemas.IssueSchema)
def _issue(session: Session, actor: Actor, entity: UUID, args: Args, when: Captured, _: Sent) -> Outcome:
    visit, supersedes = find(session, actor, Visit, args["visit"], enforcement.ISSUE), None
    if args["supersedes"]:
        supersedes = find(session, actor, Document, args["supersedes"], enforcement.ISSUE)
        if supersedes.visit_id != visit.id:
            raise NOT_FOUND()
    issued = enforcement.issue(
        session,
        actor,
        unused(session, Document, entity),
        visit,
        args["kind"],
        session.get(NumberBlock, args["block"]),
        args["n"],
        args["data"],
        args["data_hash"],
        when,
        cites=args["cites"],
        supersedes=supersedes,
    )
    return _applied(issued)


def _applied(row: Any) -> Outcome:
    session = Session.object_session(row)
    if session is not None:
        session.flush()
    return Outcome("applied", row.ver)
