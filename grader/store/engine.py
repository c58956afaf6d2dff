"""Opening the database: pragmas of SQLite, transactions that write from their first statement, migrations brought up to date."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from grader.store.errors import StoreError

__all__ = ["HEAD", "WRITES", "migrate", "open_engine"]

HEAD = "0001"  # the newest migration; a test holds it against the folder
WRITES = "viva_writes"  # execution option of a connection that will write
_BUSY_MS = 15_000
_LOCK = 6_218_646  # PostgreSQL's advisory lock while migrating: any number nobody else uses


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://...`; StoreError says what is wrong with the address, without its password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("The database address is none: write sqlite:///folder/viva.db or postgresql://user:password@host/name.") from None
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise StoreError("A database in memory forgets everything: name a file, as in sqlite:///folder/viva.db.")
            return _sqlite(parsed.database)
        case "postgresql":
            try:
                return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=8, hide_parameters=True)
            except (NoSuchModuleError, ImportError) as error:
                raise StoreError(f"PostgreSQL needs psycopg: {error}") from None
        case other:
            raise StoreError(f"{other[:40]!r} is no database Viva knows; it knows sqlite and postgresql.")


def migrate(engine: Engine) -> None:
    """Bring the tables up to date, alone: other processes wait. StoreError where they are newer than this program."""
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            if _revision(connection) != HEAD:
                _upgrade(connection)
    except DBAPIError as error:
        raise StoreError(f"The database {engine.url.render_as_string(hide_password=True)} cannot be used: {error.orig}") from None


def _sqlite(database: str) -> Engine:
    file = Path(database).expanduser()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)  # what candidates said is nobody else's business
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror or error}") from None
    engine = create_engine(URL.create("sqlite", database=str(file)), pool_size=8, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own comes too late
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    _use_wal(connection)
    for pragma in (
        "synchronous = FULL",  # acknowledged means on the disk
        "foreign_keys = ON",
        "secure_delete = ON",  # erased means overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: Any) -> None:
    """Write-ahead logging. Who turns it on needs the file for itself, and SQLite does not wait for that as it does for a write."""
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later may find its snapshot outdated; one that is to write says so at once and waits its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"The database was made by a newer Viva, or is not one of ours: {error}") from None
