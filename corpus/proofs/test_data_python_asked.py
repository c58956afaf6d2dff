"""SQLAlchemy's engine, loaders and pool, conditions of outer joins, and waiting in threads and coroutines."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, QueuePool, create_engine, event, select, text
from sqlalchemy.exc import InvalidRequestError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload


def test_create_engine_opens_no_connection(tmp_path: Path) -> None:
    """DBS801: A wrong password, a dead server and a missing file are noticed by connect(), not by create_engine()."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        engine = create_engine(f"postgresql+psycopg://ann:wrong@127.0.0.1:{port}/shop")
        with pytest.raises(TimeoutError):
            server.accept()  # nobody called
        assert engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    with pytest.raises(OperationalError):
        engine.connect()
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER)"))
    assert (tmp_path / "new.db").exists()


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship()
    prizes: Mapped[list["Prize"]] = relationship()


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class Prize(Base):
    __tablename__ = "prize"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


def test_joinedload_of_collections_multiplies_rows() -> None:
    """DBS802: Two authors with 5 books and 4 prizes each are 40 rows in one query, or 2 + 10 + 8 in three; unique() is asked for."""
    Base.metadata.create_all(engine := create_engine("sqlite://"))
    with Session(engine) as session:
        session.add_all([Author(books=[Book() for _ in range(5)], prizes=[Prize() for _ in range(4)]) for _ in range(2)])
        session.flush()
        sent: list[tuple[str, Any]] = []
        event.listen(engine, "before_cursor_execute", lambda *call: sent.append((call[2], call[3])))

        def rows(load: Callable[..., Any]) -> list[int]:
            session.expunge_all()
            sent.clear()
            found = session.scalars(select(Author).options(load(Author.books), load(Author.prizes))).unique().all()
            assert [(len(one.books), len(one.prizes)) for one in found] == [(5, 4)] * 2
            return [len(session.connection().exec_driver_sql(*one).all()) for one in list(sent)]

        assert rows(joinedload) == [40]
        assert sorted(rows(selectinload)) == [2, 8, 10]
        with pytest.raises(InvalidRequestError, match="unique"):
            session.scalars(select(Author).options(joinedload(Author.books))).all()


def pooled(folder: Path, **options: Any) -> tuple[Engine, list[str], list[sqlite3.Connection]]:
    """An engine with a pool, a list that grows by "new" for each connection and by "ping" for each test of one, and the connections."""
    raw: list[sqlite3.Connection] = []

    def creator() -> sqlite3.Connection:
        raw.append(sqlite3.connect(folder / "test.db", check_same_thread=False))
        return raw[-1]

    engine, seen = create_engine("sqlite://", creator=creator, poolclass=QueuePool, **options), list[str]()
    event.listen(engine, "connect", lambda *_: seen.append("new"))
    ping = engine.dialect.do_ping

    def noted(connection: Any) -> bool:
        seen.append("ping")
        return ping(connection)

    vars(engine.dialect)["do_ping"] = noted
    return engine, seen, raw


def use(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def test_pre_ping_tests_and_recycle_looks_at_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DBS803: A ping at each checkout saves from a dead connection; recycling pings never, and replaces an old one at checkout."""
    engine, seen, raw = pooled(tmp_path, pool_pre_ping=True)
    for _ in range(3):
        use(engine)
    assert seen == ["new", "ping", "ping"]
    raw[-1].close()  # behind the pool's back
    use(engine)
    assert seen[3:] == ["ping", "new"]
    engine, seen, raw = pooled(tmp_path, pool_recycle=100)
    use(engine)
    use(engine)
    later = time.time() + 101
    monkeypatch.setattr("sqlalchemy.pool.base.time.time", lambda: later)
    assert seen == ["new"]  # nothing happens before the next checkout
    use(engine)
    assert seen == ["new", "new"]
    raw[-1].close()
    with pytest.raises(ProgrammingError, match="closed"):
        use(engine)


def test_a_condition_in_where_undoes_a_left_join() -> None:
    """DBS804: In ON the condition keeps all users, in WHERE only those with a match, as an inner join does."""
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE user (id, active); INSERT INTO user VALUES (1, 1), (2, 1), (3, 0);"
        "CREATE TABLE item (user_id, state); INSERT INTO item VALUES (1, 'paid'), (2, 'open')"
    )

    def found(rest: str) -> list[tuple[int, str | None]]:
        return database.execute(f"SELECT id, state FROM user {rest} ORDER BY id").fetchall()

    joined = "JOIN item ON user.id = item.user_id"
    assert found(f"LEFT {joined} AND state = 'paid'") == [(1, "paid"), (2, None), (3, None)]
    assert found(f"LEFT {joined} WHERE state = 'paid'") == found(f"{joined} AND state = 'paid'") == [(1, "paid")]
    assert found(f"LEFT {joined} AND active = 0") == [(1, None), (2, None), (3, None)]  # nor does ON filter the left table
    assert found(f"LEFT {joined} WHERE state IS NULL") == [(3, None)]


def test_threads_overlap_blocking_waits() -> None:
    """PYT801: Eight waits for a silent peer take eight threads about as long as one wait; in a loop they take eight times as long."""

    def wait(_: int) -> None:
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(0.1)
            with pytest.raises(TimeoutError):
                here.recv(1)

    started = time.perf_counter()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(wait, range(8)))
    overlapped = time.perf_counter() - started
    for number in range(8):
        wait(number)
    assert overlapped < (time.perf_counter() - started - overlapped) / 2


def test_async_def_makes_no_call_asynchronous() -> None:
    """PYT802: While a coroutine sleeps by time.sleep() no other one gets its turn; with to_thread() or asyncio.sleep() others do."""

    async def blocking() -> None:
        time.sleep(0.2)

    async def in_thread() -> None:
        await asyncio.to_thread(time.sleep, 0.2)

    async def turns_of_another(job: Callable[[], Awaitable[None]]) -> int:
        turns, task = 0, asyncio.ensure_future(job())
        while not task.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(turns_of_another(blocking)) == 1
    assert asyncio.run(turns_of_another(in_thread)) > 2
    assert asyncio.run(turns_of_another(lambda: asyncio.sleep(0.2))) > 2
