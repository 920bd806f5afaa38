"""kuangjian: what is done with the server from a terminal. Errors say what to do; exit code 2 means refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import select

from backend.app import Store, create_app, open_store
from backend.backup.problems import NONE, OBJECTS_LOST
from backend.config import Config, ConfigError
from backend.forms_cli import forms
from backend.kernel.log import configure_log
from backend.kernel.problems import Refusal

ROOT = Path(__file__).parent


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """矿检 Kuangjian: offline mine-safety inspection."""
    configure_log()
    try:
        context.obj = Config.from_env(os.environ)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


main.add_command(forms)


@main.command()
@click.option(
    "--revision", default="head", show_default=True, help="`head`, a revision, or `-1` to go back one"
)
@click.pass_obj
def migrate(config: Config, revision: str) -> None:
    """Bring the database to a revision, up or down."""
    _migrate(config, revision)
    click.echo(f"database is at {revision}")


@main.command()
@click.pass_obj
def serve(config: Config) -> None:
    """Serve the application; each web process also does jobs."""
    from backend.serve import serve as run

    _warn_of_backups(config)
    run(config)


@main.command()
@click.pass_obj
def worker(config: Config) -> None:
    """Do jobs until interrupted; start as many as the load asks for."""
    from backend.worker import work

    stop = threading.Event()
    try:
        work(open_store(config), stop)
    except KeyboardInterrupt:
        stop.set()


@main.command()
@click.option("--quiet", is_flag=True, help="do not print the sign-ins")
@click.pass_obj
def demo(config: Config, quiet: bool) -> None:
    """Fill an empty database with the demo county: a bureau, an enterprise with three mines, 14 days of history."""
    from backend.demo import make

    store = open_store(config)
    if not _is_empty(store):
        raise click.ClickException("the database is not empty; the demo goes into an empty one only")
    make(store)
    if not quiet:
        _print_people()


@main.command()
@click.pass_obj
def run(config: Config) -> None:
    """Migrate, make the demo county if there is nothing yet, and serve: what `make run` does."""
    from backend.serve import serve as run_server

    _migrate(config, "head")
    store = open_store(config)
    empty = _is_empty(store)
    store.database.dispose()
    if empty:
        click.echo("making the demo county (once, under a minute) …")
        # In a process of its own: the object store's threads do not survive the fork into web processes.
        subprocess.run([sys.executable, "-m", "backend.cli", "demo", "--quiet"], check=True)
    click.echo(f"\n矿检 Kuangjian   {config.public_url}")
    click.echo(f"  phone    {config.public_url}/field/")
    click.echo(f"  desk     {config.public_url}/console/")
    _print_people()
    _warn_of_backups(config)
    run_server(config)


@main.command()
@click.pass_obj
def verify(config: Config) -> None:
    """Prove the audit chain, every stored object and every document. Exit code 2 when anything is not as it was."""
    from backend.verify import check

    found = 0
    for line in check(open_store(config)):
        found += 1
        click.echo(line)
    if found:
        click.echo(f"{found} problems", err=True)
        sys.exit(2)
    click.echo("audit chain, objects and documents are whole")


@main.command()
@click.argument("target", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def backup(config: Config, target: Path | None) -> None:
    """Back everything up to TARGET (else KUANGJIAN_BACKUP_DIR) while the server runs, and read it back.

    Exit code 2 when files are lost.
    """
    from backend.backup import operations, queries

    target = target or config.backup_dir
    if target is None:
        raise _stop(NONE())
    store = open_store(config)
    try:
        made = operations.make(config, store.database, store.blobs, target)
        with store.database.writing() as session:
            operations.record(session, made)
    except Refusal as refusal:
        raise _stop(refusal) from refusal
    finally:
        store.database.dispose()
    click.echo(f"{made.path}: {sum(made.manifest.rows.values())} rows, read back and whole")
    for warning in queries.on_same_disk(config, target):
        _warn(warning)
    if made.manifest.lost:
        _warn(OBJECTS_LOST(count=len(made.manifest.lost), first=made.manifest.lost[0]))
        sys.exit(2)


@main.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="replace what the database holds")
@click.pass_obj
def restore(config: Config, source: Path, force: bool) -> None:
    """Restore a backup, or the newest in a folder of them. Stop the server first; phones send again what it lacks."""
    from backend.backup.restore import restore as put_back

    try:
        manifest = put_back(config, source, force=force)
    except Refusal as refusal:
        raise _stop(refusal) from refusal
    click.echo(f"restored what was there on {manifest.made_at}; start the server, and let the phones connect")


@main.command()
@click.pass_obj
def openapi(config: Config) -> None:
    """Print the API's description (OpenAPI 3.1)."""
    app = create_app(open_store(config))
    click.echo(json.dumps(app.extensions["api"].spec.to_dict(), ensure_ascii=False, indent=1, sort_keys=True))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def tables(folder: Path) -> None:
    """Write the tables that the phone reads (states, roles, documents, posts) as JSON into a folder."""
    from backend.published import tables as published

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in published().items():
        # In the order in which they are written: states run from the first to the last.
        text = json.dumps(table, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        click.echo(folder / f"{name}.json")


@main.command()
@click.argument("login")
@click.argument("name")
@click.pass_obj
def administrator(config: Config, login: str, name: str) -> None:
    """Make the first system administrator and print the slip that activates him."""
    from backend.accounts import operations
    from backend.accounts.models import User
    from backend.kernel.db import new_id
    from backend.kernel.policy import Role

    with open_store(config).database.writing() as session:
        if session.scalar(select(User).where(User.login == login)):
            raise click.ClickException(f"the login {login} is taken; choose another")
        user = User(id=new_id(session), login=login, name=name, active=True)
        session.add(user)
        session.flush()
        operations.grant(session, "cli", user.id, Role.SYSTEM_ADMINISTRATOR, "all")
        session.flush()
        session.expire(user)
        code = operations.print_slip(session, operations.actor(session, user.id), user.id)
    click.echo(f"login {login}, activation code {code}")


def _stop(refusal: Refusal) -> click.ClickException:
    return click.ClickException("\n".join(refusal.body(language)["title"] for language in ("zh", "en")))


def _warn_of_backups(config: Config) -> None:
    from backend.backup.queries import set_up

    for refusal in set_up(config):
        _warn(refusal)


def _warn(refusal: Refusal) -> None:
    for language in ("zh", "en"):
        click.secho(refusal.body(language)["title"], fg="red", err=True)


def _migrate(config: Config, revision: str) -> None:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    from backend.kernel.db import make_engine

    engine = make_engine(config.database_url)
    with engine.connect() as connection:
        alembic.attributes["connection"] = connection
        (command.downgrade if revision.startswith("-") or revision == "base" else command.upgrade)(
            alembic, revision
        )
        connection.commit()
    engine.dispose()


def _is_empty(store: Store) -> bool:
    from backend.accounts.models import User

    with store.database.reading() as session:
        return session.scalar(select(User.id).limit(1)) is None


def _print_people() -> None:
    from backend.demo.people import PASSWORD, SHOWN

    click.echo(f"\nDemo sign-ins, password {PASSWORD}:")
    for login, what in SHOWN:
        click.echo(f"  {login:<16}{what}")
    click.echo("")


if __name__ == "__main__":
    main()
