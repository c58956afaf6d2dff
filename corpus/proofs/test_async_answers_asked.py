"""What answers about FastAPI, Celery and SQLAlchemy get wrong: status codes, test clients, validators, limits, joins, expired objects, engines."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest
from celery import Celery
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, field_validator
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.pool import StaticPool


def test_fastapi_answers_200_to_every_method() -> None:
    """API921: POST and DELETE too, until status_code says otherwise."""
    app = FastAPI()
    for method in ("get", "post", "put", "patch", "delete"):
        getattr(app, method)("/")(lambda: {})
    app.post("/made", status_code=201)(lambda: {})
    client = TestClient(app)
    assert {client.request(method, "/").status_code for method in ("GET", "POST", "PUT", "PATCH", "DELETE")} == {200}
    assert client.post("/made").status_code == 201


def test_the_testclient_does_not_need_requests() -> None:
    """API922: It can be used where requests cannot be imported, and its class comes from an httpx."""
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from starlette.testclient import TestClient\n"
        "print([c.__module__.split('.')[0] for c in TestClient.__mro__])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "httpx" in done.stdout and "requests" not in done.stdout


def test_a_field_validator_sees_the_converted_value() -> None:
    """API923: An int by default, the text of the input in mode "before"."""
    seen: dict[str, object] = {}

    class Model(BaseModel):
        after: int
        before: int

        @field_validator("after")
        @classmethod
        def note_after(cls, value: object) -> object:
            seen["after"] = value
            return value

        @field_validator("before", mode="before")
        @classmethod
        def note_before(cls, value: object) -> object:
            seen["before"] = value
            return value

    Model(after="5", before="5")  # type: ignore[arg-type]
    assert seen == {"after": 5, "before": "5"}


def test_celery_serialises_as_json() -> None:
    """TSK911: It sends and accepts nothing else unless told to."""
    conf = Celery("app").conf
    assert conf.task_serializer == "json" and list(conf.accept_content) == ["json"]


def test_celery_has_no_time_limit() -> None:
    """TSK912: Neither a hard nor a soft one."""
    conf = Celery("app").conf
    assert conf.task_time_limit is None and conf.task_soft_time_limit is None


class Base(DeclarativeBase):
    """Of the two tables below."""


class Author(Base):
    """Has books, or none."""

    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    """Is by an author."""

    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


@pytest.fixture
def library() -> Iterator[tuple[Engine, list[str]]]:
    """Two authors, one of them without a book; and the statements sent from then on."""
    engine, sent = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}), []
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Author(name="with", books=[Book()]), Author(name="without")])
        session.commit()
    event.listen(engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
    yield engine, sent
    engine.dispose()


def test_joinedload_keeps_parents_without_children(library: tuple[Engine, list[str]]) -> None:
    """DBS911: An outer join, unless innerjoin=True."""
    engine, sent = library
    for option, names in ((joinedload(Author.books), ["with", "without"]), (joinedload(Author.books, innerjoin=True), ["with"])):
        with Session(engine) as session:
            assert [a.name for a in session.scalars(select(Author).options(option).order_by(Author.id)).unique()] == names
    assert "LEFT OUTER JOIN" in sent[0] and "LEFT OUTER JOIN" not in sent[1]


def test_selectinload_sends_a_second_select(library: tuple[Engine, list[str]]) -> None:
    """DBS912: The first statement has no join, the second an IN."""
    engine, sent = library
    with Session(engine) as session:
        session.scalars(select(Author).options(selectinload(Author.books))).all()
    assert len(sent) == 2 and "JOIN" not in sent[0] and " IN (" in sent[1]


def test_commit_expires_what_was_loaded(library: tuple[Engine, list[str]]) -> None:
    """DBS913: Reading a name after the commit asks the database again, but not with expire_on_commit=False."""
    engine, sent = library
    for expires, further in ((True, 1), (False, 0)):
        with Session(engine, expire_on_commit=expires) as session:
            author = session.scalars(select(Author)).first()
            assert author
            session.commit()
            sent.clear()
            assert author.name == "with" and len(sent) == further


def test_rollback_expires_objects(library: tuple[Engine, list[str]]) -> None:
    """DBS914: The name that was assigned is gone, in memory too."""
    engine, sent = library
    with Session(engine) as session:
        author = session.scalars(select(Author)).first()
        assert author
        author.name = "changed"
        session.rollback()
        sent.clear()
        assert author.name == "with" and len(sent) == 1


def test_threads_share_an_engine(tmp_path: object) -> None:
    """DBS915: Eight threads ask one engine at the same time, each by a connection of its own."""
    engine, found = create_engine(f"sqlite:///{tmp_path}/file.db"), []

    def ask(number: int) -> None:
        with engine.connect() as connection:
            found.append(connection.exec_driver_sql("SELECT ?", (number,)).scalar())

    threads = [Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))
