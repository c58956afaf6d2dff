"""`grader user` and `grader bank`: what an owner does without the pages. Whoever may read the database may do it; there is no sign-in here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from grader.terminal import ExitStatus, complaints, fail

if TYPE_CHECKING:
    from grader.exchange.formats import Format
    from grader.interviews.accounts import Accounts
    from grader.interviews.bank import Bank
    from grader.interviews.records import Role, User
    from grader.store.store import Store

__all__ = ["Database", "bank", "users"]

Database = Annotated[
    str | None, typer.Option(help="sqlite:///file or postgresql://user:password@host/name; better in VIVA_GRADER_DATABASE.")
]
Kind = Annotated[str, typer.Option("--format", help="csv, jsonl, moodle, gift or qti.")]
users = typer.Typer(name="user", help="Who may use the interviewer's pages.", no_args_is_help=True)
bank = typer.Typer(name="bank", help="The questions to ask, as files of other programs.", no_args_is_help=True)


@users.command("add")
def user_add(
    name: str,
    role: Annotated[str, typer.Option(help="owner, interviewer or viewer.")] = "interviewer",
    database: Database = None,
) -> None:
    """Add a user; the password is asked for, or read from standard input where that is no terminal."""
    with complaints():
        if role not in {"owner", "interviewer", "viewer"}:
            fail(f"--role: owner, interviewer or viewer, got {role!r}")
        _accounts(database).add_user(None, name, _password(), cast("Role", role))
        typer.echo(f"{role} {name} may sign in")


@users.command("password")
def user_password(name: str, database: Database = None) -> None:
    """Set a user's password and end their sessions."""
    with complaints():
        accounts = _accounts(database)
        user = accounts.find(name)
        if user is None:
            fail(f"there is no user {name!r}")
        accounts.change_password(None, user.id, _password())
        typer.echo(f"{user.name} has a new password")


@users.command("list")
def user_list(database: Database = None) -> None:
    """List the users: name, role and whether they may come in, parted by tabs."""
    with complaints():
        for user in _accounts(database).users(None):
            typer.echo("\t".join((user.name, user.role, "disabled" if user.disabled else "active")))


@bank.command("import")
def bank_import(source: Path, kind: Kind = "csv", database: Database = None) -> None:
    """Take the questions of a file, all or none; exit 1 with every wrong row named if one is wrong."""
    from grader.interviews.errors import ImportRefusedError

    with complaints():
        format_ = _format(kind)
        try:
            done = _bank(database).import_questions(_operator(), source.read_bytes(), format_)
        except ImportRefusedError as error:
            for row in error.rows:
                typer.echo(f"{source}: {row}", err=True)
            raise typer.Exit(ExitStatus.BAD_RECORDS) from None
        typer.echo(f"{len(done.added)} new, {len(done.changed)} changed, {len(done.unchanged)} as they were")


@bank.command("export")
def bank_export(
    kind: Kind = "csv",
    target: Annotated[str, typer.Option("--output", "-o", help="File to write, whole or not at all; - is standard output.")] = "-",
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    level: Annotated[str | None, typer.Option(help="Only of this level: junior, mid or senior.")] = None,
    database: Database = None,
) -> None:
    """Write the questions of the corpus and the team's own."""
    from grader.jsonl import open_output

    with complaints():
        data = _bank(database).export_questions(_operator(), _format(kind), topic=topic, level=level)
        with open_output(None if target == "-" else Path(target)) as out:
            out.write(data)


def _store(database: str | None) -> Store:
    from grader.settings import load_settings
    from grader.store.store import Store

    return Store(load_settings(database=database).database.get_secret_value())


def _accounts(database: str | None) -> Accounts:
    from grader.interviews.accounts import Accounts

    return Accounts(_store(database))


def _bank(database: str | None) -> Bank:
    """The bank over the corpus alone: no model is loaded."""
    from types import SimpleNamespace

    from corpus.store import load_corpus
    from grader.interviews.bank import Bank
    from grader.settings import load_settings

    only_corpus: Any = SimpleNamespace(corpus=load_corpus(load_settings().corpus))
    return Bank(_store(database), lambda: only_corpus)


def _operator() -> User:
    """Who acts here, as it stands beside what was done."""
    from grader.interviews.desk import now
    from grader.interviews.records import User

    return User(id="command-line", name="command line", role="owner", created_at=now())


def _format(kind: str) -> Format:
    from grader.exchange.formats import FORMATS

    if kind not in FORMATS:
        fail(f"--format: {', '.join(FORMATS)}, got {kind!r}")
    return kind


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
