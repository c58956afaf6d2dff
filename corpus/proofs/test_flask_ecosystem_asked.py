"""Around Flask: test contexts, Jinja's include and import, SQLAlchemy and Alembic, Flask-Login, Flask-WTF and Werkzeug's helpers."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask, g, render_template_string, request
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField
from jinja2 import DictLoader, Environment
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column
from werkzeug.datastructures import FileStorage
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import secure_filename


class Base(DeclarativeBase):
    """The models of this file."""


class User(Base):
    """An ordinary mapped class."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    active: Mapped[bool | None] = mapped_column(default=True)


class Note(MappedAsDataclass, Base):
    """One mapped as a dataclass."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    text: Mapped[str] = mapped_column(default="new")


def test_request_context_runs_no_hooks() -> None:
    """FLK921: Pushing the context calls neither hook nor view, only teardown; preprocess_request or the client call them."""
    app, seen = Flask(__name__), []
    app.before_request(lambda: seen.append("before"))
    app.add_url_rule("/", "index", lambda: seen.append("view") or "hello")
    app.after_request(lambda answer: seen.append("after") or answer)
    app.teardown_request(lambda error: seen.append("teardown"))
    with app.test_request_context("/"):
        assert (request.endpoint, seen) == ("index", [])
    assert seen == ["teardown"]
    with app.test_request_context("/"):
        app.preprocess_request()
        assert seen == ["teardown", "before"]
        assert app.full_dispatch_request().get_data() == b"hello"
    del seen[:]
    app.test_client().get("/")
    assert seen == ["before", "view", "after", "teardown"]


def test_include_gets_the_context_and_import_does_not() -> None:
    """FLK922: By default include sees variables, of loops too, and import does not; with and without context turn that round."""
    env = Environment(loader=DictLoader({"part": "{{ name }}{% macro show() %}{{ name }}{% endmacro %}"}), autoescape=True)

    def page(source: str) -> str:
        return env.from_string(source).render(name="ann")

    assert page("{% include 'part' %}") == "ann"
    assert page("{% for name in 'xy' %}{% include 'part' %}{% endfor %}") == "xy"
    assert page("{% include 'part' without context %}") == ""
    for tag, call in (("import 'part' as part", "part.show()"), ("from 'part' import show", "show()")):
        assert page(f"{{% {tag} %}}{{{{ {call} }}}}") == ""
        assert page(f"{{% {tag} with context %}}{{{{ {call} }}}}") == "ann"
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"m": "{% macro show() %}{{ request.path }}{{ name }}{% endmacro %}"})
    with app.test_request_context("/site"):
        assert render_template_string("{% import 'm' as m %}{{ m.show() }}", name="ann") == "/site"


def test_flask_sqlalchemy_demands_a_database() -> None:
    """FLK923: No URI and no bind: init_app raises; either of them is enough, and no connection is made there."""
    with pytest.raises(RuntimeError, match="must be set"):
        SQLAlchemy(Flask(__name__))
    for config in ({"SQLALCHEMY_DATABASE_URI": "sqlite:////nowhere/a.db"}, {"SQLALCHEMY_BINDS": {"logs": "sqlite:////nowhere/b.db"}}):
        app = Flask(__name__)
        app.config.update(config)
        SQLAlchemy(app)


def test_column_default_comes_with_the_flush() -> None:
    """FLK924: None before the flush, the default after it and no DEFAULT in the table; in a dataclass it is there at once."""

    engine, user, empty = sa.create_engine("sqlite://"), User(), User(active=None)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([user, empty])
        assert (user.active, Note().text) == (None, "new")
        session.flush()
        assert (user.active, empty.active) == (True, True)
        assert {column["default"] for column in sa.inspect(session.connection()).get_columns("user")} == {None}


def test_autogenerate_notices_a_changed_type() -> None:
    """FLK925: Integer to String is found by default and not with compare_type=False; Flask-Migrate passes True, server defaults wait."""
    engine, old, new = sa.create_engine("sqlite://"), sa.MetaData(), sa.MetaData()
    sa.Table("note", old, sa.Column("text", sa.Integer))
    sa.Table("note", new, sa.Column("text", sa.String, server_default="x"))
    old.create_all(engine)
    with engine.connect() as connection:

        def found(**options: Any) -> list[str]:
            changes = compare_metadata(MigrationContext.configure(connection, opts=options), new)
            return [change[0][0] for change in changes]

        assert found() == ["modify_type"]
        assert found(compare_type=False) == []
        assert found(compare_type=False, compare_server_default=True) == ["modify_default"]
    assert Migrate().alembic_ctx_kwargs["compare_type"] is True


def login_app(active: bool) -> Flask:
    """An app whose only user is active or not, and whose page /login passes the query's arguments to login_user()."""
    app = Flask(__name__)
    app.secret_key = "key"
    user = type("User", (UserMixin,), {"id": "1", "is_active": active})
    LoginManager(app).user_loader(lambda number: user())
    app.add_url_rule("/login", "login", lambda: str(login_user(user(), **dict.fromkeys(request.args, True), **g.get("more", {}))))
    app.add_url_rule("/who", "who", lambda: str(current_user.get_id()))
    return app


def test_login_user_refuses_an_inactive_user() -> None:
    """FLK926: False and nobody logged in, no exception; with force=True, or for an active user, it is True."""
    for active, url, answers in (
        (False, "/login", ["False", "None"]),
        (False, "/login?force", ["True", "1"]),
        (True, "/login", ["True", "1"]),
    ):
        client = login_app(active).test_client()
        assert [client.get(one).text for one in (url, "/who")] == answers


def test_remember_cookie_lasts_a_year() -> None:
    """FLK927: 365 days, whatever the session's lifetime; the setting and the argument change it; no cookie without remember."""

    def days(more: dict[str, Any], url: str = "/login?remember", **config: Any) -> int | None:
        app = login_app(True)
        app.config.update(config)
        app.before_request(lambda: setattr(g, "more", more))
        client = app.test_client()
        client.get(url)
        cookie = client.get_cookie("remember_token")
        return cookie and round((cookie.expires - datetime.now(UTC)) / timedelta(days=1))

    assert days({}) == days({}, PERMANENT_SESSION_LIFETIME=timedelta(days=5)) == 365
    assert days({}, REMEMBER_COOKIE_DURATION=timedelta(days=14)) == 14
    assert days({"duration": timedelta(days=3)}, REMEMBER_COOKIE_DURATION=timedelta(days=14)) == 3
    assert days({}, "/login") is None


def test_file_allowed_looks_at_the_extension_only() -> None:
    """FLK928: A script named x.php.JPG passes, whatever its content type; a true PNG named x.txt fails; no file at all passes."""

    class Upload(FlaskForm):
        photo = FileField(validators=[FileAllowed(["jpg", "png"])])

    app = Flask(__name__)
    app.config["WTF_CSRF_ENABLED"] = False
    app.secret_key = "key"
    app.add_url_rule("/", "index", lambda: str(Upload().validate_on_submit()), methods=["POST"])

    def passes(*file: Any) -> bool:
        data = {"photo": (io.BytesIO(file[0]), *file[1:])} if file else {"other": "1"}
        return app.test_client().post("/", data=data, content_type="multipart/form-data").text == "True"

    assert passes(b"<?php evil(); ?>", "x.php.JPG", "application/x-php")
    assert passes(b"", "empty.png")
    assert passes()
    assert not passes(b"\x89PNG\r\n\x1a\n", "x.txt", "image/png")


def test_secure_filename_may_be_empty_or_taken(tmp_path: Path) -> None:
    """FLK929: Chinese names and dots leave nothing, two names become one, and saving under it replaces the file there."""
    assert [secure_filename(name) for name in ("文件", "..", "文件.txt", "résumé.pdf")] == ["", "", "txt", "resume.pdf"]
    target = tmp_path / secure_filename("my photo.png")
    for name, content in (("my photo.png", b"one"), ("my_photo.png", b"two")):
        FileStorage(io.BytesIO(content), name).save(tmp_path / secure_filename(name))
    assert (target.read_bytes(), len(list(tmp_path.iterdir()))) == (b"two", 1)


def test_proxyfix_trusts_for_and_proto_by_default() -> None:
    """FLK930: Without arguments X-Forwarded-For and -Proto count; -Host, -Port and -Prefix do so only once they are given a number."""
    forwarded = {"For": "1.1.1.1", "Proto": "https", "Host": "shop.example", "Port": "8443", "Prefix": "/shop"}
    headers = {f"X-Forwarded-{name}": value for name, value in forwarded.items()}

    def seen(**trusted: int) -> str:
        app = Flask(__name__)
        app.add_url_rule("/", "index", lambda: f"{request.remote_addr} {request.url}")
        app.wsgi_app = ProxyFix(app.wsgi_app, **trusted)
        return app.test_client().get("/", headers=headers).text

    assert seen() == "1.1.1.1 https://localhost/"
    assert seen(x_host=1) == "1.1.1.1 https://shop.example/"
    assert seen(x_host=1, x_port=1, x_prefix=1) == "1.1.1.1 https://shop.example:8443/shop/"
    assert seen(x_for=0, x_proto=0) == "127.0.0.1 http://localhost/"
