"""A small host of the engine, as the real one is: sheets in scopes, operations on them, people with grants."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, delete, event, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from sync import log
from sync.engine import Engine as SyncEngine
from sync.merge import Stamp, merge
from sync.registry import Clash, Context, Mutation, Outcome, Refused, Registry, Row

metadata = MetaData()
sheet = Table(
    "host_sheet",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("scope", String, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Column("stamps", Text, nullable=False),
)
grant = Table("host_grant", metadata, Column("user", String), Column("scope", String))
effect = Table(
    "host_effect", metadata, Column("mutation", String(36)), Column("user", String), Column("at", String)
)
mark = Table("host_mark", metadata, Column("roll", String(36)), Column("by", Integer))
blob = Table("host_blob", metadata, Column("name", String, primary_key=True))


class Database:
    """The two ways to the database, as the host has them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.flush: Callable[[Session], None] = lambda session: None
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(begin="IMMEDIATE")) as session:
            session.connection()
            yield session
            session.flush()
            self.flush(session)
            session.commit()


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def registry() -> Registry:
    made = Registry(scopes=scopes)
    made.collection("sheet", shape=1, read=read)
    made.collection("roll", shape=1, read=read_rolls)
    made.operation("sheet.open@2", open_sheet)
    made.upcast("sheet.open@1", lambda args: {"scope": args["site"], "title": args["title"]})
    for op, handler in [
        ("sheet.note@1", write_note), ("sheet.answer@1", answer), ("sheet.move@1", move), ("sheet.delete@1", remove),
        ("sheet.refuse@1", refuse), ("sheet.crash@1", crash), ("sheet.break@1", break_constraint),
    ]:  # fmt: skip
        made.operation(op, handler)
    return made


def scopes(session: Session, user: str) -> set[str]:
    return set(session.scalars(select(grant.c.scope).where(grant.c.user == user)))


def read(session: Session, ids: Sequence[str]) -> dict[str, Row]:
    rows = session.execute(select(sheet).where(sheet.c.id.in_(ids)))
    return {row.id: Row(row.scope, row.ver, json.loads(row.data)) for row in rows}


def read_rolls(session: Session, ids: Sequence[str]) -> dict[str, Row]:
    """Rolls are made of their marks, as a list is of its answers: no one row is locked by who adds a mark."""
    marks = session.execute(
        select(mark.c.roll, mark.c.by).where(mark.c.roll.in_(ids)).order_by(mark.c.by)
    ).all()
    by_roll = {roll: [by for r, by in marks if r == roll] for roll, _ in marks}
    return {roll: Row("site:3", len(found), {"by": found}) for roll, found in by_roll.items()}


def present(session: Session, _user: str, names: Any) -> set[str]:
    return set(session.scalars(select(blob.c.name).where(blob.c.name.in_(names))))


def open_sheet(session: Session, context: Context, mutation: Mutation) -> Outcome:
    if mutation.args["scope"] not in scopes(session, context.user):
        raise Refused("policy.denied", {"scope": mutation.args["scope"]})
    _took_effect(session, context, mutation)
    data = json.dumps({"title": mutation.args["title"], "note": "", "answers": {}})
    session.execute(
        insert(sheet).values(id=mutation.entity, scope=mutation.args["scope"], ver=1, data=data, stamps="{}")
    )
    log.note(session, "sheet", mutation.entity, mutation.args["scope"])
    return Outcome("applied", 1)


def write_note(session: Session, context: Context, mutation: Mutation) -> Outcome:
    return _edit(session, context, mutation, {"note": ("note", mutation.args["text"])})


def answer(session: Session, context: Context, mutation: Mutation) -> Outcome:
    return _edit(
        session, context, mutation, {item: ("answer", given) for item, given in mutation.args.items()}
    )


def _edit(
    session: Session, context: Context, mutation: Mutation, fields: dict[str, tuple[str, Any]]
) -> Outcome:
    row = _get(session, mutation.entity)
    data, stamps, ver = json.loads(row.data), json.loads(row.stamps), row.ver + 1
    status, clashes, edit = "applied", [], context.edit(mutation)
    for name, (rule, value) in fields.items():
        place = data if rule == "note" else data["answers"]
        stamp = Stamp(*stamps[name]) if name in stamps else None
        merged = merge(rule, place.get(name), value, stamp, edit)
        place[name] = merged.value
        if merged.status != "applied":
            status = "conflict" if "conflict" in (status, merged.status) else "merged"
        if merged.status == "conflict":
            clashes.append(Clash(name, merged.value, merged.lost, merged.reason or ""))
        else:
            stamps[name] = [context.epoch, ver, context.device, mutation.seq, context.hlc]
    _took_effect(session, context, mutation)
    values = {"data": json.dumps(data), "stamps": json.dumps(stamps), "ver": ver}
    session.execute(update(sheet).where(sheet.c.id == mutation.entity).values(values))
    log.note(session, "sheet", mutation.entity, row.scope)
    return Outcome(status, ver, tuple(clashes))


def move(session: Session, context: Context, mutation: Mutation) -> Outcome:
    row, scope = _get(session, mutation.entity), mutation.args["scope"]
    session.execute(update(sheet).where(sheet.c.id == mutation.entity).values(scope=scope, ver=row.ver + 1))
    log.note(session, "sheet", mutation.entity, scope)
    _took_effect(session, context, mutation)
    return Outcome("applied", row.ver + 1)


def remove(session: Session, context: Context, mutation: Mutation) -> Outcome:
    row = _get(session, mutation.entity)
    session.execute(delete(sheet).where(sheet.c.id == mutation.entity))
    log.note(session, "sheet", mutation.entity, row.scope)
    _took_effect(session, context, mutation)
    return Outcome()


def refuse(session: Session, context: Context, mutation: Mutation) -> Outcome:
    _took_effect(session, context, mutation)
    raise Refused("sheet.refused", {"why": mutation.args.get("why", "")})


def crash(session: Session, context: Context, mutation: Mutation) -> Outcome:
    _took_effect(session, context, mutation)
    raise ZeroDivisionError


def break_constraint(session: Session, context: Context, mutation: Mutation) -> Outcome:
    _took_effect(session, context, mutation)
    session.execute(insert(sheet).values(id=mutation.entity, scope=None, ver=1, data="", stamps=""))
    return Outcome()


def _get(session: Session, id: str) -> Any:
    found = session.execute(select(sheet).where(sheet.c.id == id).with_for_update()).first()
    if found is None:
        raise Refused("sheet.not_found", {"id": id})
    return found


def _took_effect(session: Session, context: Context, mutation: Mutation) -> None:
    at = context.at_corrected.isoformat()
    session.execute(insert(effect).values(mutation=mutation.id, user=context.user, at=at))


__all__ = ["Database", "SyncEngine", "metadata", "present", "registry"]
