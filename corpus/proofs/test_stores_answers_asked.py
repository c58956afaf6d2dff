"""What answers about parsers, sessions and stores get wrong: jobs of Flask's dependencies, arguments of reqparse, weak references, times to live."""

import gc
from pathlib import Path

import click
import pytest
import redis
from blinker import NamedSignal
from flask import Flask, request_started
from flask.cli import FlaskGroup
from flask.sessions import SecureCookieSessionInterface
from flask_restful import reqparse
from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from test_tasks import Redis
from werkzeug.exceptions import BadRequest


def test_each_dependency_of_flask_has_its_job() -> None:
    """FLK974: The session's serializer is of itsdangerous, the template's output of markupsafe, the commands of click, the signals of blinker."""
    app = Flask("app")
    app.secret_key = "key"
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert isinstance(signer, URLSafeTimedSerializer) and signer.loads(signer.dumps({"a": 1})) == {"a": 1}
    with pytest.raises(BadSignature):
        signer.loads("x" + str(signer.dumps({"a": 1})))
    assert Markup.escape("<b>") == "&lt;b&gt;" == Environment(autoescape=True).from_string("{{ x }}").render(x="<b>")
    assert issubclass(FlaskGroup, click.Group) and isinstance(app.cli, click.Group)
    assert isinstance(request_started, NamedSignal)


def test_reqparse_arguments_are_optional_unless_required() -> None:
    """FLK976: What is missing is None; a required argument that is missing and a word for a number are both 400."""
    app, parser = Flask("app"), reqparse.RequestParser()
    parser.add_argument("age", type=int, location="args")
    parser.add_argument("name", required=True, location="args")
    with app.test_request_context("/?name=Ann"):
        assert dict(parser.parse_args()) == {"age": None, "name": "Ann"}
    for query, fault in (("age=3", "name"), ("name=Ann&age=ten", "age")):
        with app.test_request_context(f"/?{query}"), pytest.raises(BadRequest) as caught:
            parser.parse_args()
        assert caught.value.code == 400 and list(caught.value.data["message"]) == [fault]  # type: ignore[attr-defined]


def test_identity_map_refers_weakly() -> None:
    """DBS916: Of two loaded objects without a variable the changed one stays until it is flushed, the other goes."""

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(id=1, name="a"), User(id=2, name="b")])
        session.flush()
        session.expunge_all()
        clean, changed = session.get_one(User, 1), session.get_one(User, 2)
        changed.name = "c"
        assert len(session.identity_map) == 2
        del clean, changed
        gc.collect()
        assert [key[1] for key in session.identity_map] == [(2,)]
        session.flush()
        gc.collect()
        assert len(session.identity_map) == 0
    engine.dispose()


def test_redis_changes_in_place_keep_the_time_to_live(tmp_path: Path) -> None:
    """TSK913: INCR, APPEND and others leave it as it is, and so does RPUSH to a list; SET without KEEPTTL removes it."""
    server = Redis(tmp_path)
    client = redis.Redis(unix_socket_path=str(server.path))
    client.set("n", 1, ex=1000)
    client.incr("n")
    client.incrby("n", 5)
    client.append("n", "0")
    assert client.get("n") == b"70" and 990 < client.ttl("n") <= 1000
    client.rpush("list", "a")
    client.expire("list", 1000)
    client.rpush("list", "b")
    client.hset("hash", "a", "1")
    client.expire("hash", 1000)
    client.hset("hash", "b", "2")
    assert client.ttl("list") > 990 and client.ttl("hash") > 990
    client.incr("fresh")
    assert client.ttl("fresh") == -1
    client.set("n", 1)
    assert client.ttl("n") == -1
    server.kill()
