"""The store itself: migrations fit the models, what is sealed cannot be changed, bad addresses are refused in plain words."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from grader.store.engine import HEAD, migrate, open_engine
from grader.store.errors import StoreError
from grader.store.models import Base
from grader.store.store import Store

MIGRATIONS = Path(__file__).resolve().parents[3] / "grader" / "store" / "migrations"


def test_the_migrations_make_the_tables_of_the_models(database):
    """Nobody forgot a migration: after all of them the database has what the models say."""
    engine = open_engine(database)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_the_newest_migration_is_known():
    """The start looks for this revision before it imports Alembic."""
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_two_processes_may_migrate_at_once(database):
    """Workers start together; each opens the same new database."""
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            Store(database).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_database_of_a_newer_viva_is_refused(database):
    """Old code does not write into tables it does not know."""
    engine = open_engine(database)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        migrate(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "forgets everything"),
        ("mysql://u:geheim@h/d", "knows sqlite and postgresql"),
        ("nonsense", "The database address is none"),
        ("sqlite:////proc/nowhere/viva.db", "/proc/nowhere"),
        ("postgresql://u:geheim@127.0.0.1:1/d", "cannot be used"),
    ],
)
def test_a_bad_address_is_refused_without_its_password(url, said):
    """The message says what to write instead."""
    with pytest.raises(StoreError, match=said) as refused:
        Store(url)
    assert "geheim" not in str(refused.value)


def test_the_file_is_for_its_owner_alone(tmp_path):
    """Others on the machine do not read what candidates said."""
    Store(f"sqlite:///{tmp_path / 'deep' / 'viva.db'}").close()
    assert stat.S_IMODE((tmp_path / "deep" / "viva.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_sqlite_writes_ahead_and_through(tmp_path):
    """WAL and FULL: acknowledged means on the disk."""
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()
