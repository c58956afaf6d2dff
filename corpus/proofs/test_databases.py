"""Databases: SQL itself (in SQLite and DuckDB), SQLAlchemy's session and relationships, and Alembic."""

import importlib.metadata
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateTableOp, DropTableOp
from sqlalchemy import Column, Connection, Engine, ForeignKey, Integer, MetaData, String, Table, create_engine, event, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


def new_database(folder: Path) -> Engine:
    engine = create_engine(f"sqlite:///{folder / 'test.db'}")
    Base.metadata.create_all(engine)
    return engine


def record(engine: Engine) -> list[str]:
    """A list that grows by the first word of each statement sent to the database."""
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: sent.append(statement.split()[0]))
    return sent


def users_seen_by_others(engine: Engine) -> int:
    with engine.connect() as other:
        return len(other.execute(text("SELECT id FROM user")).all())


def test_sqlalchemy_is_independent_of_flask(tmp_path: Path) -> None:
    """DBS001: SQLAlchemy works with no Flask about, keeps data in a database of another make, and Flask does not bring it."""
    code = """
import sys
sys.modules["flask"] = None  # any import of Flask would fail
from sqlalchemy import create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = "user"
    name: Mapped[str] = mapped_column(primary_key=True)
engine = create_engine("sqlite:///users.db")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(User(name="ann"))
    session.commit()
with engine.connect() as connection:
    print(connection.execute(text("SELECT name FROM user")).scalar())
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "ann\n", done.stderr
    database = sqlite3.connect(tmp_path / "users.db")  # the rows lie in SQLite
    assert database.execute("SELECT name FROM user").fetchall() == [("ann",)]
    database.close()
    assert not any("sqlalchemy" in need.lower() for need in importlib.metadata.requires("flask") or ())
    assert not any("flask" in need.lower() for need in importlib.metadata.requires("sqlalchemy") or ())


def test_create_all_does_not_alter_tables(tmp_path: Path) -> None:
    """DBS002: create_all() adds missing tables and leaves the columns of existing ones; Alembic sees the difference."""
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    def build(with_email: bool) -> tuple[Flask, SQLAlchemy]:
        app, db = Flask(__name__), SQLAlchemy()
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'app.db'}"
        db.init_app(app)
        columns = [db.Column("id", db.Integer, primary_key=True)]
        db.Table("member", db.metadata, *columns, *([db.Column("email", db.String)] if with_email else []))
        if with_email:
            db.Table("brand_new", db.metadata, db.Column("id", db.Integer, primary_key=True))
        return app, db

    for with_email in (False, True):
        app, db = build(with_email)
        with app.app_context():
            db.create_all()
            names = inspect(db.engine).get_table_names()
            columns = [column["name"] for column in inspect(db.engine).get_columns("member")]
            with db.engine.connect() as connection:
                missing = produce_migrations(MigrationContext.configure(connection), db.metadata).upgrade_ops
            db.engine.dispose()
    assert names == ["brand_new", "member"]
    assert columns == ["id"]
    assert missing is not None
    assert [diff[0] for diff in missing.as_diffs()] == ["add_column"]


def test_session_needs_commit(tmp_path: Path) -> None:
    """DBS100: add() only places an object in the session; commit() saves it."""
    engine = new_database(tmp_path)
    sent = record(engine)
    for commit, stored in ((False, 0), (True, 1)):
        with Session(engine) as session:
            session.add(User(name="ann"))
            assert "INSERT" not in sent
            assert len(session.new) == 1
            if commit:
                session.commit()
        assert users_seen_by_others(engine) == stored
    assert sent.count("INSERT") == 1
    engine.dispose()


def test_relationships_are_lazy_by_default(tmp_path: Path) -> None:
    """DBS101: A relationship is queried at first access; eager loading must be asked for."""
    engine = new_database(tmp_path)
    with Session(engine) as session:
        session.add_all([User(name=name, posts=[Post(), Post()]) for name in ("ann", "bob", "cat")])
        session.commit()
    sent = record(engine)
    with Session(engine) as session:
        users = session.scalars(select(User)).all()
        assert len(sent) == 1
        assert [len(user.posts) for user in users] == [2, 2, 2]
        assert len(sent) == 1 + 3
        assert [len(user.posts) for user in users] == [2, 2, 2]
        assert len(sent) == 1 + 3  # loaded once
    for eager, queries in ((joinedload(User.posts), 1), (selectinload(User.posts), 2)):
        sent.clear()
        with Session(engine) as session:
            users = session.scalars(select(User).options(eager)).unique().all()
            assert len(sent) == queries
            assert [len(user.posts) for user in users] == [2, 2, 2]
            assert len(sent) == queries
    engine.dispose()


def test_flush_is_not_commit(tmp_path: Path) -> None:
    """DBS200: flush() sends the SQL inside the open transaction; commit() flushes, then commits."""
    engine = new_database(tmp_path)
    sent, commits = record(engine), []
    event.listen(engine, "commit", lambda connection: commits.append(list(sent)))
    with Session(engine) as session:
        user = User(name="ann")
        session.add(user)
        session.flush()
        assert sent == ["INSERT"]
        assert user.id == 1
        assert commits == []
        assert session.in_transaction()
        assert users_seen_by_others(engine) == 0
        session.rollback()
        assert session.scalars(select(User)).all() == []
        session.add(User(name="bob"))
        sent.clear()
        session.commit()
    assert commits == [["INSERT"]]  # the INSERT went out first
    assert users_seen_by_others(engine) == 1
    engine.dispose()


def test_sqlite_has_one_writer_at_a_time(tmp_path: Path) -> None:
    """DBS102: Many connections read at once, while a second writer gets 'database is locked', in WAL mode too."""
    for mode in ("delete", "wal"):
        connections = [sqlite3.connect(tmp_path / f"{mode}.db", timeout=0, isolation_level=None) for _ in range(5)]
        writer, other, *readers = connections
        writer.execute(f"PRAGMA journal_mode = {mode}")
        writer.execute("CREATE TABLE t (x)")
        writer.execute("INSERT INTO t VALUES (1)")
        for reader in readers:
            reader.execute("BEGIN")
            assert reader.execute("SELECT x FROM t").fetchall() == [(1,)]  # all these read transactions are open at once
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES (2)")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("INSERT INTO t VALUES (3)")
        assert [reader.execute("SELECT x FROM t").fetchall() for reader in readers] == [[(1,)]] * 3
        for reader in readers:
            reader.execute("COMMIT")
        writer.execute("COMMIT")
        other.execute("INSERT INTO t VALUES (3)")
        assert readers[0].execute("SELECT count(*) FROM t").fetchone() == (3,)
        for connection in connections:
            connection.close()


def test_sqlite_foreign_keys_are_off_by_default(tmp_path: Path) -> None:
    """DBS201: SQLite ignores a bad reference until the connection sets PRAGMA foreign_keys, and each has to."""
    first = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    first.executescript("CREATE TABLE customer (id INTEGER PRIMARY KEY); CREATE TABLE purchase (customer REFERENCES customer (id));")
    first.execute("INSERT INTO purchase VALUES (99)")
    first.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        first.execute("INSERT INTO purchase VALUES (99)")
    second = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    second.execute("INSERT INTO purchase VALUES (98)")
    assert second.execute("SELECT customer FROM purchase").fetchall() == [(99,), (98,)]
    first.close()
    second.close()


def test_one_primary_key_and_several_unique_keys() -> None:
    """DBS202: A table takes one primary key, also of several columns and never NULL, and many unique keys, which admit NULL."""
    with duckdb.connect() as database:
        for sql in (
            "CREATE TABLE bad (a INT PRIMARY KEY, b INT PRIMARY KEY)",
            "CREATE TABLE bad (a INT PRIMARY KEY, b INT, PRIMARY KEY (b))",
        ):
            with pytest.raises(duckdb.Error, match="more than one primary key"):
                database.execute(sql)
        database.execute("CREATE TABLE member (team INT, number INT, email TEXT UNIQUE, phone TEXT UNIQUE, PRIMARY KEY (team, number))")
        database.execute("INSERT INTO member VALUES (1, 1, NULL, NULL), (1, 2, NULL, NULL), (2, 1, 'a@example.com', '1')")
        for row in ("(NULL, 5, 'b', '2')", "(5, NULL, 'b', '2')", "(1, 1, 'b', '2')", "(5, 5, 'a@example.com', '2')", "(5, 5, 'b', '1')"):
            with pytest.raises(duckdb.ConstraintException):
                database.execute(f"INSERT INTO member VALUES {row}")
        assert database.execute("SELECT count(*) FROM member").fetchone() == (3,)
    with pytest.raises(sqlite3.OperationalError, match="more than one primary key"):
        sqlite3.connect(":memory:").execute("CREATE TABLE bad (a INT PRIMARY KEY, b INT PRIMARY KEY)")


def test_inner_join_matches_and_left_join_keeps() -> None:
    """DBS203: INNER JOIN gives pairs only; LEFT JOIN keeps every left row and puts NULL where nothing matches."""
    database = sqlite3.connect(":memory:")
    database.executescript(
        """CREATE TABLE author (id, name); INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob');
        CREATE TABLE book (author, title); INSERT INTO book VALUES (1, 'One'), (1, 'Two'), (9, 'Nobody''s');"""
    )
    query = "SELECT name, title FROM author {} book ON book.author = author.id ORDER BY name, title"
    found = {join: database.execute(query.format(join)).fetchall() for join in ("INNER JOIN", "JOIN", "LEFT JOIN")}
    assert found["INNER JOIN"] == found["JOIN"] == [("Ann", "One"), ("Ann", "Two")]
    assert found["LEFT JOIN"] == [("Ann", "One"), ("Ann", "Two"), ("Bob", None)]
    database.close()


def migration(connection: Connection, metadata: MetaData) -> list[str]:
    """What autogenerate would write, an operation by its name."""
    script = produce_migrations(MigrationContext.configure(connection), metadata)
    assert script.upgrade_ops is not None
    operations = script.upgrade_ops.ops
    if all(isinstance(operation, CreateTableOp | DropTableOp) for operation in operations):
        return sorted(type(operation).__name__ for operation in operations)
    return sorted(diff[0] for diff in script.upgrade_ops.as_diffs())


def test_autogenerate_does_not_detect_renames() -> None:
    """DBS204: For a renamed column or table, autogenerate writes a drop and an add, which would lose the data."""
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY, nick VARCHAR)"))
        columns = [Column("id", Integer, primary_key=True), Column("nickname", String)]
        renamed_column, renamed_table, same = MetaData(), MetaData(), MetaData()
        Table("user", renamed_column, *columns)
        Table("member", renamed_table, Column("id", Integer, primary_key=True), Column("nick", String))
        Table("user", same, Column("id", Integer, primary_key=True), Column("nick", String))
        assert migration(connection, same) == []
        assert migration(connection, renamed_column) == ["add_column", "remove_column"]
        assert migration(connection, renamed_table) == ["CreateTableOp", "DropTableOp"]


def test_truncate_empties_a_table_without_where() -> None:
    """DBS205: TRUNCATE takes no WHERE, removes all rows and keeps the table; DELETE can choose rows."""
    with duckdb.connect() as database:
        database.execute("CREATE TABLE log (day INT)")
        database.execute("INSERT INTO log VALUES (1), (2), (3)")
        database.execute("DELETE FROM log WHERE day = 1")
        assert database.execute("SELECT day FROM log ORDER BY day").fetchall() == [(2,), (3,)]
        with pytest.raises(duckdb.ParserException):
            database.execute("TRUNCATE log WHERE day = 2")
        assert database.execute("SELECT count(*) FROM log").fetchone() == (2,)
        database.execute("TRUNCATE log")
        assert database.execute("SELECT day FROM log").fetchall() == []
        database.execute("INSERT INTO log VALUES (4)")  # the table is still there
        assert database.execute("SELECT day FROM log").fetchall() == [(4,)]
