"""What pages about Flask and its extensions get wrong: filters and first rows, bodies and limits, statuses of refusals, hooks after errors."""

from io import BytesIO
from typing import Any

import engineio
import pytest
from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import create_engine
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Of the one model below."""


class User(Base):
    """A table with names."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def names() -> Session:
    """A session on a database in memory with Ann and Bob."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    session = Session(engine)
    session.add_all([User(name="Ann"), User(name="Bob")])
    session.flush()
    return session


def test_filter_by_takes_keywords_and_filter_expressions() -> None:
    """FLK981: Each refuses what the other takes."""
    with names() as session:
        query: Any = session.query(User)
        assert query.filter_by(name="Ann").one() is query.filter(User.name == "Ann").one()
        with pytest.raises(TypeError):
            query.filter(name="Ann")
        with pytest.raises(TypeError):
            query.filter_by(User.name == "Ann")


def test_first_gives_none_where_one_raises() -> None:
    """FLK982: Without a row, and with two rows first() complains just as little."""
    with names() as session:
        nobody = session.query(User).filter_by(name="Eve")
        assert nobody.first() is None and session.query(User).order_by(User.id).first().name == "Ann"
        with pytest.raises(NoResultFound):
            nobody.one()


def test_request_data_is_empty_for_a_form() -> None:
    """FLK983: For JSON and plain text it holds the bytes that were sent."""
    app = Flask("app")
    app.post("/", endpoint="post")(lambda: request.data)
    client = app.test_client()
    assert client.post("/", data={"name": "Ann"}).data == b"" == client.post("/", data={"f": (BytesIO(b"x"), "x.txt")}).data
    assert client.post("/", json=[1]).data == b"[1]" and client.post("/", data="text", content_type="text/plain").data == b"text"


def test_request_values_joins_args_and_form_alone() -> None:
    """FLK984: Neither the cookie nor JSON is among them, and the query string comes first."""
    app = Flask("app")
    app.add_url_rule("/", "read", lambda: dict(request.values.items()), methods=["GET", "POST"])
    client = app.test_client()
    client.set_cookie("taste", "sweet")
    assert client.post("/?a=1&b=2", data={"b": "3", "c": "4"}).json == {"a": "1", "b": "2", "c": "4"}
    assert client.post("/", json={"d": 5}).json == {} == client.get("/", data={"e": "6"}).json


def test_a_body_over_the_limit_is_413() -> None:
    """FLK985: As soon as the view reads the form."""
    app = Flask("app")
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.post("/", endpoint="post")(lambda: dict(request.form.items()))
    client = app.test_client()
    assert client.post("/", data={"a": "1"}).status_code == 200
    answer = client.post("/", data={"a": "1" * 20})
    assert answer.status_code == 413 and answer.status.lower() == "413 request entity too large"


def test_a_missing_csrf_token_is_400() -> None:
    """FLK986: The view is not called."""
    app = Flask("app")
    app.secret_key = "k"
    CSRFProtect(app)
    app.post("/", endpoint="post")(lambda: "done")
    client = app.test_client()
    assert client.post("/").status_code == 400 == client.post("/", data={"csrf_token": "wrong"}).status_code == CSRFError.code


def test_a_limit_exceeded_is_429() -> None:
    """FLK987: The second call within a minute."""
    app = Flask("app")
    limiter = Limiter(lambda: "everyone", app=app, storage_uri="memory://")
    app.get("/", endpoint="get")(limiter.limit("1 per minute")(lambda: "done"))
    client = app.test_client()
    assert [client.get("/").status for _ in range(2)] == ["200 OK", "429 TOO MANY REQUESTS"]


def test_after_request_runs_after_a_crash() -> None:
    """FLK989: With the response 500; in testing the exception goes through and it does not run."""
    app, seen = Flask("app"), []
    app.get("/", endpoint="get")(lambda: str(1 // 0))

    @app.after_request
    def note(response: Response) -> Response:
        seen.append(response.status_code)
        return response

    assert app.test_client().get("/").status_code == 500 and seen == [500]
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/")
    assert seen == [500]


def test_socket_io_begins_with_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK990: The client goes straight to WebSocket only when no other transport is allowed."""
    used: list[str] = []
    for name in ("polling", "websocket"):
        monkeypatch.setattr(engineio.Client, f"_connect_{name}", lambda *_, transport=name: used.append(transport))
    engineio.Client().connect("http://127.0.0.1:1")
    engineio.Client().connect("http://127.0.0.1:1", transports=["websocket"])
    assert used == ["polling", "websocket"]
