"""Writes docs/reference/ from the tables in the code, so that no list is kept by hand. `make docs`; a test compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from backend import endpoints  # noqa: F401 - declares every problem and act
from backend.checklists.workflow import MOVES as FORM
from backend.cli import main as commands
from backend.config import Config, setting
from backend.hazards.workflow import MOVES as HAZARD
from backend.inspections.workflow import MOVES as VISIT
from backend.kernel import policy, problems
from backend.kernel.workflow import Moves
from backend.tables import metadata

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Made by `make docs` from the code; change it there. -->\n"


def pages() -> dict[str, str]:
    """Every page of the reference, by file name."""
    made = {
        "settings.md": settings(),
        "commands.md": command_list(),
        "problems.md": problem_list(),
        "states.md": "\n".join(
            [*states(HAZARD, "Hazard 隐患"), *states(VISIT, "Visit 检查"), *states(FORM, "List 清单")]
        ),
        "roles.md": roles(),
        "tables.md": tables(),
    }
    return {name: f"{NOTE}\n{text.strip()}\n" for name, text in made.items()}


def settings() -> str:
    lines = ["# Settings", "", "All from the environment; what is not set has its default.", ""]
    lines += [" ".join((Config.__doc__ or "").split()), "", "| variable | default |", "| --- | --- |"]
    for field in fields(Config):
        lines.append(f"| `{setting(field.name)}` | `{field.default}` |")
    return "\n".join(lines)


def command_list() -> str:
    lines = ["# Commands", "", "`kuangjian COMMAND`; `-h` behind any of them tells its options.", ""]
    lines += ["| command | what it does |", "| --- | --- |"]
    for name, command in sorted(commands.commands.items()):
        lines.append(f"| `{name}` | {' '.join((command.help or '').split())} |")
    return "\n".join(lines)


def problem_list() -> str:
    lines = ["# Problems", "", "What the server answers as `application/problem+json` (RFC 9457).", ""]
    lines += ["| code | status | 中文 | English |", "| --- | --- | --- | --- |"]
    for problem in sorted(problems.REGISTRY.values(), key=lambda problem: problem.code):
        lines.append(f"| `{problem.code}` | {problem.status} | {problem.zh} | {problem.en} |")
    return "\n".join(lines)


def states(moves: Moves, title: str) -> Iterator[str]:
    yield from (f"# {title}", "", "```mermaid", "stateDiagram-v2")
    for source, act, target in dict.fromkeys((move.source, move.act, move.target) for move in moves.moves):
        yield f"    {source} --> {target}: {act}"
    yield from (
        "```",
        "",
        "| from | act | to | who | when | needs |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for move in moves.moves:
        who = ", ".join(policy.ROLE_NAMES[role][0] for role in policy.Role if role in move.by)
        when = ", ".join(f"{name} = {value}" for name, value in sorted(move.when.items()))
        needs = [*move.needs, *(["signature"] if move.signed else [])]
        if move.unless_did:
            needs.append(f"another person than did {move.unless_did}")
        yield f"| {moves.states[move.source][0]} `{move.source}` | {move.zh} `{move.act}` | `{move.target}` | {who} | {when} | {', '.join(needs)} |"  # noqa: E501
    yield ""


def roles() -> str:
    lines = [
        "# Roles and acts",
        "",
        "A grant gives a role at a scope from a date to a date. What it allows:",
        "",
    ]
    lines += ["| role | 角色 | acts |", "| --- | --- | --- |"]
    for role in policy.Role:
        acts = sorted(act for act, allowed in policy.ACTS.items() if role in allowed)
        zh, en = policy.ROLE_NAMES[role]
        lines.append(f"| {en} `{role.value}` | {zh} | {', '.join(f'`{act}`' for act in acts) or '-'} |")
    return "\n".join(lines)


def tables() -> str:
    lines = ["# Tables", "", "Solid lines are foreign keys.", "", "```mermaid", "erDiagram"]
    every = sorted(
        (table for part in metadata for table in part.tables.values()), key=lambda table: table.name
    )
    for table in every:
        lines.append(f"    {table.name} {{")
        for column in table.columns:
            kind = column.type.__class__.__name__.lower()
            key = " PK" if column.primary_key else " FK" if column.foreign_keys else ""
            lines.append(f"        {kind} {column.name}{key}")
        lines.append("    }")
    links = {
        f"    {key.column.table.name} ||--o{{ {table.name} : {key.parent.name}"
        for table in every
        for key in table.foreign_keys
    }
    return "\n".join([*lines, *sorted(links), "```"])


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
