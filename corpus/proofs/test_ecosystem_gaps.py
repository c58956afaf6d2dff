"""The Flask ecosystem: sessions and relationships of SQLAlchemy, WTForms, Flask-Login, JWTs, Socket.IO, caching and the test client."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_caching import Cache
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, get_jwt_identity, jwt_required
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_socketio import SocketIO, emit
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError, InvalidRequestError, NoForeignKeysError, PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, Session, relationship
from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired


@pytest.fixture
def base() -> Iterator[Any]:
    """A fresh declarative base, whose classes are forgotten afterwards, so that a wrong one spoils no other test."""
    fresh = type("Base", (DeclarativeBase,), {})
    yield fresh
    fresh.registry.dispose()


def test_flask_sqlalchemy_discards_what_was_not_committed() -> None:
    """EXT640: A request that only adds leaves nothing behind, one that commits does; each context gets a session of its own."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["SQLALCHEMY_COMMIT_ON_TEARDOWN"] = True
    db, seen = SQLAlchemy(app), []
    note = type("Note", (db.Model,), {"id": db.Column(db.Integer, primary_key=True)})

    def page() -> str:
        seen.append(db.session())
        db.session.add(note())
        db.session.flush()
        if "commit" in request.args:
            db.session.commit()
        return str(db.session.query(note).count())

    app.add_url_rule("/", "page", page)
    with app.app_context():
        db.create_all()
    assert [app.test_client().get(url).text for url in ("/", "/", "/?commit=1", "/")] == ["1", "1", "1", "2"]
    assert len({id(session) for session in seen}) == 4
    assert all(not session.in_transaction() and not list(session) for session in seen)


def test_failed_flush_demands_a_rollback(base: Any) -> None:
    """EXT641: After the IntegrityError queries and a commit raise PendingRollbackError; after rollback() or a savepoint all is well."""
    columns = {"id": sa.Column(sa.Integer, primary_key=True), "mail": sa.Column(sa.Text, unique=True)}
    user = type("User", (base,), {"__tablename__": "user", **columns})
    engine = sa.create_engine("sqlite://")
    base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([user(mail="a"), user(mail="a")])
        with pytest.raises(IntegrityError):
            session.flush()
        for step in (lambda: session.scalars(sa.select(user)).all(), lambda: session.get(user, 1), session.commit):
            with pytest.raises(PendingRollbackError):
                step()
        session.rollback()
        assert session.scalars(sa.select(user)).all() == []
        session.add(user(mail="a"))
        session.commit()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(user(mail="a"))
        assert session.scalars(sa.select(user.mail)).all() == ["a"]


def family(base: Any, children: Any, parent: Any) -> tuple[Any, Any]:
    """A class Parent and a class Child with the given relationships, which may be None."""
    key = {"id": sa.Column(sa.Integer, primary_key=True)}
    link = {"id": sa.Column(sa.Integer, primary_key=True), "parent_id": sa.Column(sa.ForeignKey("parent.id"))}
    one, many = ({"children": children} if children else {}), ({"parent": parent} if parent else {})
    first = type("Parent", (base,), {"__tablename__": "parent", **key, **one})
    return first, type("Child", (base,), {"__tablename__": "child", **link, **many})


def test_backref_takes_one_side_and_back_populates_both(base: Any) -> None:
    """EXT642: backref gives both attributes by one declaration; back_populates works on both sides and on one alone is an error."""
    explicit, lonely = type("Explicit", (DeclarativeBase,), {}), type("Lonely", (DeclarativeBase,), {})
    both = relationship("Child", back_populates="parent"), relationship("Parent", back_populates="children")
    for parent, child in (family(base, relationship("Child", backref="parent"), None), family(explicit, *both)):
        parent.registry.configure()
        one = child()
        assert parent(children=[one]) is one.parent
        assert {column.name for column in child.__table__.columns} == {"id", "parent_id"}
    explicit.registry.dispose()
    _, other = family(lonely, relationship("Child", back_populates="parent"), None)
    with pytest.raises(InvalidRequestError, match="has no property 'parent'"):
        lonely.registry.configure()
    assert not hasattr(other, "parent")
    lonely.registry.dispose()


def test_many_to_many_needs_a_declared_table(base: Any) -> None:
    """EXT643: Lists on both sides are an error without keys; with secondary the table is made, filled and emptied."""
    wrong = type("Wrong", (DeclarativeBase,), {})
    type("Tag", (wrong,), {"__tablename__": "tag", "id": sa.Column(sa.Integer, primary_key=True), "posts": relationship("Post")})
    type("Post", (wrong,), {"__tablename__": "post", "id": sa.Column(sa.Integer, primary_key=True), "tags": relationship("Tag")})
    with pytest.raises(NoForeignKeysError):
        wrong.registry.configure()
    assert set(wrong.metadata.tables) == {"tag", "post"}
    wrong.registry.dispose()
    keys = (
        sa.Column("post_id", sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("tag_id", sa.ForeignKey("tag.id"), primary_key=True),
    )
    link = sa.Table("post_tag", base.metadata, *keys)
    tag = type("Tag", (base,), {"__tablename__": "tag", "id": sa.Column(sa.Integer, primary_key=True)})
    tags = relationship(tag, secondary=link)
    post = type("Post", (base,), {"__tablename__": "post", "id": sa.Column(sa.Integer, primary_key=True), "tags": tags})
    engine = sa.create_engine("sqlite://")
    base.metadata.create_all(engine)
    with Session(engine) as session:
        entry = post(tags=[tag(), tag()])
        session.add(entry)
        session.flush()
        assert len(session.execute(sa.select(link)).all()) == 2
        del entry.tags[0]
        session.flush()
        assert len(session.execute(sa.select(link)).all()) == 1
        assert session.query(tag).count() == 2


def test_data_required_looks_at_the_converted_value() -> None:
    """EXT644: 0 and blanks fail DataRequired and pass InputRequired; both refuse an empty or missing value."""

    def passes(validator: Any, field: Any, *sent: str) -> bool:
        form = type("F", (Form,), {"x": field(validators=[validator])})
        return form(MultiDict([("x", value) for value in sent])).validate()

    cases = [(IntegerField, "0"), (StringField, "   "), (StringField, "0"), (IntegerField, "7"), (StringField, ""), (StringField,)]
    assert [passes(DataRequired(), *case) for case in cases] == [False, False, True, True, False, False]
    assert [passes(InputRequired(), *case) for case in cases] == [True, True, True, True, False, False]


def test_user_loader_gets_a_string_and_may_return_none() -> None:
    """EXT645: Called in later requests, on access to current_user, with a str; None makes the visitor anonymous."""
    app, seen = Flask(__name__), []
    app.secret_key = "key"
    users = {"1": type("User", (UserMixin,), {"id": 1})()}

    @LoginManager(app).user_loader
    def load(number: Any) -> Any:
        seen.append(number)
        return users.get(number)

    app.add_url_rule("/login", "login", lambda: str(login_user(users["1"])))
    app.add_url_rule("/who", "who", lambda: f"{current_user.is_authenticated} {current_user.is_anonymous}")
    app.add_url_rule("/public", "public", lambda: "hello")
    client = app.test_client()
    assert client.get("/who").text == "False True"
    assert (client.get("/login").text, client.get("/public").text, seen) == ("True", "hello", [])
    assert (client.get("/who").text, client.get("/who").text, seen) == ("True False", "True False", ["1", "1"])
    del users["1"]
    answer = client.get("/who")
    assert (answer.status_code, answer.text, seen) == (200, "False True", ["1", "1", "1"])


def test_refresh_tokens_have_routes_of_their_own() -> None:
    """EXT646: Each route takes one kind and answers 422 to the other; the names of version 3 are gone."""
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = "k" * 40
    JWTManager(app)
    app.add_url_rule("/data", "data", jwt_required()(get_jwt_identity))
    app.add_url_rule("/refresh", "refresh", jwt_required(refresh=True)(lambda: create_access_token(get_jwt_identity())))
    app.add_url_rule("/open", "open", jwt_required(optional=True)(lambda: str(get_jwt_identity())))
    with app.app_context():
        access, refresh = create_access_token("ann"), create_refresh_token("ann")

    def ask(url: str, token: str) -> Any:
        return app.test_client().get(url, headers={"Authorization": f"Bearer {token}"})

    assert [ask(url, access).status_code for url in ("/data", "/refresh")] == [200, 422]
    assert [ask(url, refresh).status_code for url in ("/data", "/refresh")] == [422, 200]
    assert ask("/data", ask("/refresh", refresh).text).text == "ann"
    assert app.test_client().get("/open").text == "None"
    for name in ("jwt_refresh_token_required", "jwt_optional", "fresh_jwt_required"):
        with pytest.raises(ImportError):
            exec(f"from flask_jwt_extended import {name}")


def test_emit_in_a_handler_answers_the_sender() -> None:
    """EXT648: emit() reaches the sender alone, with broadcast=True everyone, with include_self=False the rest; socketio.emit() all."""
    app = Flask(__name__)
    app.secret_key = "key"
    server = SocketIO(app, async_mode="threading")
    server.on_event("own", lambda: emit("news"))
    server.on_event("all", lambda: emit("news", broadcast=True))
    server.on_event("rest", lambda: emit("news", broadcast=True, include_self=False))
    server.on_event("method", lambda: server.emit("news"))
    ann, bob = server.test_client(app), server.test_client(app)

    def heard() -> list[bool]:
        return [bool(client.get_received()) for client in (ann, bob)]

    for event, expected in (("own", [True, False]), ("all", [True, True]), ("rest", [False, True]), ("method", [True, True])):
        ann.emit(event)
        assert heard() == expected
    server.emit("news")
    assert heard() == [True, True]


def test_test_client_stays_at_the_redirect() -> None:
    """EXT649: Without follow_redirects the 302 itself comes back, also after a POST; with it the last page and a history."""
    app = Flask(__name__)
    app.add_url_rule("/old", "old", lambda: redirect("/new"), methods=["GET", "POST"])
    app.add_url_rule("/new", "new", lambda: "here")
    client = app.test_client()
    for call in (client.get, client.post):
        assert (call("/old").status_code, call("/old").location) == (302, "/new")
        last = call("/old", follow_redirects=True)
        assert (last.status_code, last.text, last.request.path, [step.status_code for step in last.history]) == (200, "here", "/new", [302])


def test_memoize_counts_arguments_and_cached_does_not() -> None:
    """EXT650: In one request cached() gives the first result for every argument, memoize() one result for each."""
    app = Flask(__name__)
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    shared = cache.cached(key_prefix="double")(lambda number: number * 2)
    by_path = cache.cached()(lambda number: number * 3)
    own = cache.memoize()(lambda number: number * 2)
    with app.test_request_context("/"):
        assert [shared(1), shared(5)] == [2, 2]
        assert [by_path(1), by_path(5)] == [3, 3]
        assert [own(1), own(5)] == [2, 10]
