"""Databases and testing as interviews ask them: UNIQUE and NULL, row order, ACID, sqlite3, ON DELETE, deadlocks, pytest."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from test_testing import QUIET, run


def test_unique_permits_several_nulls() -> None:
    """DBS640: SQLite and DuckDB take three NULLs in a unique column, but no value twice."""
    for connection, error in ((sqlite3.connect(":memory:"), sqlite3.IntegrityError), (duckdb.connect(), duckdb.ConstraintException)):
        connection.execute("CREATE TABLE person (name VARCHAR, phone VARCHAR UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('ann', NULL), ('bob', NULL), ('eve', NULL), ('joe', '123')")
        assert connection.execute("SELECT COUNT(*) FROM person WHERE phone IS NULL").fetchone() == (3,)
        with pytest.raises(error):
            connection.execute("INSERT INTO person VALUES ('tim', '123')")


def test_rows_have_no_order_without_order_by() -> None:
    """DBS641: One query gives its rows in four orders, after a setting and after a new index, but one order with ORDER BY."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT, mayor TEXT, area INTEGER)")
    connection.executemany("INSERT INTO city (id, name) VALUES (?, ?)", [(3, "Rome"), (1, "Lima"), (2, "Bonn")])

    def names(end: str = "") -> str:
        return " ".join(name for (name,) in connection.execute("SELECT name FROM city" + end))

    seen, sorted_by_id = [names()], [names(" ORDER BY id")]
    for change in (
        "PRAGMA reverse_unordered_selects = ON",
        "CREATE INDEX by_name ON city (name)",
        "PRAGMA reverse_unordered_selects = OFF",
    ):
        connection.execute(change)
        seen.append(names())
        sorted_by_id.append(names(" ORDER BY id"))
    assert seen == ["Lima Bonn Rome", "Rome Bonn Lima", "Rome Lima Bonn", "Bonn Lima Rome"]
    assert set(sorted_by_id) == {"Lima Bonn Rome"}
    assert names(" LIMIT 1") == "Bonn"


def test_the_four_letters_of_acid(tmp_path: Path) -> None:
    """DBS642: A failed transfer leaves nothing, a constraint holds, others see nothing unfinished, a commit survives a killed process."""
    path = tmp_path / "bank.db"
    ann, bob = sqlite3.connect(path), sqlite3.connect(path)
    ann.execute("CREATE TABLE account (name TEXT, money INTEGER CHECK (money >= 0))")
    with ann:
        ann.execute("INSERT INTO account VALUES ('ann', 50), ('bob', 0)")
    query = "SELECT money FROM account ORDER BY name"
    ann.execute("UPDATE account SET money = money + 80 WHERE name = 'bob'")
    assert (ann.execute(query).fetchall(), bob.execute(query).fetchall()) == ([(50,), (80,)], [(50,), (0,)])
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        ann.execute("UPDATE account SET money = money - 80 WHERE name = 'ann'")
    ann.rollback()
    assert ann.execute(query).fetchall() == [(50,), (0,)]
    code = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("UPDATE account SET money = 60 WHERE name = 'ann'")
connection.commit()
connection.execute("UPDATE account SET money = 70 WHERE name = 'ann'")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert bob.execute(query).fetchall() == [(60,), (0,)]


def test_with_commits_and_leaves_the_connection_open(tmp_path: Path) -> None:
    """DBS643: After the block the connection works on and the row is saved; an exception undoes, and without commit() nothing stays."""
    path = tmp_path / "shop.db"

    def rows() -> int:
        with closing(sqlite3.connect(path)) as other:
            return other.execute("SELECT COUNT(*) FROM item").fetchone()[0]

    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE item (name TEXT)")
    with connection:
        connection.execute("INSERT INTO item VALUES ('pen')")
    assert rows() == 1
    with pytest.raises(ZeroDivisionError), connection:
        connection.execute("INSERT INTO item VALUES ('ink')")
        _ = 1 / 0
    assert connection.execute("SELECT name FROM item").fetchall() == [("pen",)]
    connection.execute("INSERT INTO item VALUES ('cup')")
    connection.close()
    assert rows() == 1
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_parent_with_children_is_not_deleted_by_default() -> None:
    """DBS646: SQLite and DuckDB refuse to delete the parent; only with ON DELETE CASCADE do the children of SQLite go with it."""
    lite = sqlite3.connect(":memory:")
    lite.execute("PRAGMA foreign_keys = ON")
    for connection, error in ((lite, sqlite3.IntegrityError), (duckdb.connect(), duckdb.ConstraintException)):
        connection.execute("CREATE TABLE author (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE book (author_id INTEGER REFERENCES author (id))")
        connection.execute("INSERT INTO author VALUES (1), (2)")
        connection.execute("INSERT INTO book VALUES (1)")
        with pytest.raises(error):
            connection.execute("DELETE FROM author WHERE id = 1")
        assert connection.execute("SELECT author_id FROM book").fetchall() == [(1,)]
        connection.execute("DELETE FROM author WHERE id = 2")
    assert lite.execute("PRAGMA foreign_key_list(book)").fetchone()[6] == "NO ACTION"
    lite.execute("CREATE TABLE song (author_id INTEGER REFERENCES author (id) ON DELETE CASCADE)")
    lite.execute("INSERT INTO author VALUES (7)")
    lite.execute("INSERT INTO song VALUES (7)")
    lite.execute("DELETE FROM author WHERE id = 7")
    assert lite.execute("SELECT COUNT(*) FROM song").fetchone() == (0,)


def test_a_deadlock_costs_one_transaction(tmp_path: Path) -> None:
    """DBS647: Two readers want to write: one fails at once despite its long timeout, the other goes on, and a second try succeeds."""
    first, second = (sqlite3.connect(tmp_path / "stock.db", timeout=600, isolation_level=None) for _ in range(2))
    first.execute("CREATE TABLE stock (n INTEGER)")
    first.execute("INSERT INTO stock VALUES (5)")
    for connection in (first, second):
        connection.execute("BEGIN")
        assert connection.execute("SELECT n FROM stock").fetchall() == [(5,)]
    first.execute("UPDATE stock SET n = n - 1")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        second.execute("UPDATE stock SET n = n - 1")
    second.execute("ROLLBACK")
    first.execute("COMMIT")
    second.execute("BEGIN")
    second.execute("UPDATE stock SET n = n - 1")
    second.execute("COMMIT")
    assert first.execute("SELECT n FROM stock").fetchall() == [(3,)]


def test_units_may_pass_where_the_parts_do_not_fit(tmp_path: Path) -> None:
    """TST640: Both unit tests pass, one with its dependency replaced; the test of both parts together finds that they disagree."""
    files = {
        "shop.py": """
        class Store:
            def price(self, name):
                return {"pen": "3"}[name]
        def total(store, names):
            return sum(store.price(name) for name in names)
        """,
        "test_units.py": """
        from unittest.mock import Mock
        from shop import Store, total
        def test_store():
            assert Store().price("pen") == "3"
        def test_total():
            assert total(Mock(price=Mock(return_value=3)), ["pen", "pen"]) == 6
        """,
        "test_together.py": """
        from shop import Store, total
        def test_total_of_the_store():
            assert total(Store(), ["pen", "pen"]) == 6
        """,
    }
    assert "2 passed" in run(tmp_path, files, *QUIET, "test_units.py").stdout
    together = run(tmp_path, {}, *QUIET, "test_together.py").stdout
    assert "1 failed" in together
    assert "TypeError: unsupported operand" in together


def test_code_after_yield_runs_after_a_failed_test(tmp_path: Path) -> None:
    """TST641: The teardown comes after the test, failed or not, once per scope, and is left out if the set-up itself failed."""
    test = """
    import pytest
    @pytest.fixture(scope="module")
    def wide():
        yield
        print("<wide down>")
    @pytest.fixture
    def good():
        yield 1
        print("<good down>")
    @pytest.fixture
    def broken():
        raise OSError
        yield
        print("<broken down>")
    def test_failing(wide, good):
        print("<test>")
        assert good == 2
    def test_passing(wide, good):
        print("<test>")
    def test_broken(broken):
        print("<test>")
    """
    done = run(tmp_path, {"test_yield.py": test}, *QUIET, "-s", "--tb=no")
    assert "1 failed, 1 passed, 1 error" in done.stdout
    steps = [part.split(">")[0] for part in done.stdout.split("<")[1:]]
    assert steps == ["test", "good down", "test", "good down", "wide down"]


@pytest.fixture
def collected(tmp_path: Path) -> Callable[..., set[str]]:
    def collect(files: dict[str, str], *names: str) -> set[str]:
        out = run(tmp_path, files, *QUIET, "--collect-only", *names).stdout
        return {line for line in out.splitlines() if "::" in line and "Warning" not in line}

    return collect


def test_pytest_goes_by_the_names(collected: Callable[..., set[str]]) -> None:
    """TST642: Names decide: other files, functions and classes and a class with __init__ are left out, silently."""
    text = """
    def test_a(): pass
    def check_b(): assert False
    class TestC:
        def test_c(self): pass
        def check_c(self): assert False
    class Checks:
        def test_d(self): assert False
    class TestE:
        def __init__(self): self.n = 1
        def test_e(self): assert False
    """
    files = dict.fromkeys(("test_one.py", "two_test.py", "tests.py", "three.py", "testfour.py"), text)
    expected = {f"{name}::{test}" for name in ("test_one.py", "two_test.py") for test in ("test_a", "TestC::test_c")}
    assert collected(files) == expected
    assert collected({}, "three.py") == {"three.py::test_a", "three.py::TestC::test_c"}
