"""kuangjian forms: lists in and out of the system from a terminal. What is wrong with a file is said in words."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy import select

from backend.accounts import operations as accounts
from backend.accounts.models import User
from backend.app import Store, open_store
from backend.checklists import catalogue, imports, versions
from backend.config import Config
from backend.kernel.problems import Refusal
from forms.definition import KINDS
from forms.exporting import FORMATS, Format, export
from forms.importing import MOST_BYTES, ImportedList, Reading, Remark, read
from forms.load import load

SUFFIX = {"xlsx": "xlsx", "json": "json", "xlsform": "xlsform.xlsx"}


@click.group()
def forms() -> None:
    """Read lists from Excel, CSV, XLSForm or JSON, and write them out again."""


@forms.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="what the lists are; else their titles say it")
@click.option("--by", "login", help="login of the person who keeps them as drafts; needed without --dry-run")
@click.option("--owner", help="mine:ID or jurisdiction:ID; needed when that person writes lists for several")
@click.option("--dry-run", is_flag=True, help="show how every row is read, and keep nothing")
@click.option("--json", "as_json", is_flag=True, help="print the whole reading as JSON")
@click.pass_obj
def import_file(
    config: Config,
    file: Path,
    kind: str | None,
    login: str | None,
    owner: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Keep the lists of FILE as drafts, which go their way of approval. Exit code 2 when anything is refused."""
    try:
        with file.open("rb") as handle, _silent_libraries():
            reading = read(handle.read(MOST_BYTES + 1), file.name, kind)
    except OSError as error:
        _refuse(f"{file}: {error.strerror or error}")
    if as_json:
        click.echo(json.dumps(reading.to_json(), ensure_ascii=False, indent=1))
    else:
        _show(reading, rows=dry_run)
    if reading.refusals:
        sys.exit(2)
    if not dry_run:
        try:
            _keep(config, reading, file.name, login, owner)
        except Refusal as refusal:
            _refuse(refusal.problem.text(_language(), refusal.params))


def _keep(config: Config, reading: Reading, name: str, login: str | None, owner: str | None) -> None:
    with _store(config) as store, store.database.writing() as session:
        user = session.scalar(select(User).where(User.login == login)) if login else None
        if user is None:
            _refuse("who keeps them? give --by LOGIN of a person who may write lists, or --dry-run")
        actor = accounts.actor(session, user.id)
        if owner is None:
            owners = [one["scope"] for one in catalogue.choices(session, actor)["owners"]]
            if len(owners) != 1:
                _refuse(f"for whom? give --owner, one of: {', '.join(owners) or 'none'}")
            owner = owners[0]
        for draft in imports.keep(session, actor, owner, reading, name, None):
            click.echo(f"draft {draft.id}  {catalogue.title(draft)['zh']}", err=True)


def _refuse(words: str) -> NoReturn:
    click.echo(f"! {words}", err=True)
    sys.exit(2)


@forms.command("export")
@click.argument("key")
@click.option("--to", "to", type=click.Choice(FORMATS), default="xlsx", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="else KEY.xlsx and the like")
@click.pass_obj
def export_list(config: Config, key: str, to: Format, output: Path | None) -> None:
    """Write the published list KEY as a file. What the format cannot say is told, and stands on a sheet of its own."""
    with _store(config) as store, store.database.reading() as session:
        row = versions.in_force(session, key)
        if row is None:
            _refuse(f"no list is published under the key {key}")
        exported = export(load(row.definition), to)
    path = output or Path(f"{key}.{SUFFIX[to]}")
    path.write_bytes(exported.data)
    for missing in exported.not_carried:
        click.echo(f"not carried: {missing.item or key} {missing.field} {missing.value}", err=True)
    click.echo(path)


def _show(reading: Reading, *, rows: bool) -> None:
    language = _language()
    for one in reading.lists:
        items = [item for section in one.data["sections"] for item in section["items"]]
        click.echo(f"{one.data['key']}  {one.data['kind']}  {_words(one.data['title'])}  ({len(items)})")
        if rows:
            for line in _rows(one):
                click.echo(line)
        for doubt in one.doubts:
            click.echo(f"  ? {_told(doubt, language)}")
    for doubt in reading.doubts:
        click.echo(f"? {_told(doubt, language)}")
    for refusal in reading.refusals:
        click.echo(f"! {_told(refusal, language)}", err=True)


def _language() -> str:
    return "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


def _rows(one: ImportedList) -> Iterator[str]:
    """Every item with the cell that it was read from."""
    for s, section in enumerate(one.data["sections"]):
        for i, item in enumerate(section["items"]):
            spot = one.origin.get(f"/sections/{s}/items/{i}")
            answer = json.dumps(item["answer"], ensure_ascii=False)
            yield f"  {spot or '-'}  {_words(section['title'])}  {_words(item['text'])}  {answer}"


def _words(text: object) -> str:
    return " ".join(str(text["zh"] if isinstance(text, dict) else text).split())


def _told(remark: Remark, language: str) -> str:
    place = f"{remark.spot}: " if remark.spots else ""
    return f"{place}{remark.what(language)} {remark.mend(language)}"


@contextmanager
def _store(config: Config) -> Iterator[Store]:
    store = open_store(config)
    try:
        yield store
    finally:
        store.database.dispose()


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """A reader written in Rust tells of every damaged file on the terminal, before it raises; we say it in words."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
