"""Flask-Login, Flask-Admin, Flask-Caching and bcrypt: what they guard, and what they leave to the application."""

import importlib.metadata
import warnings
from pathlib import Path
from typing import Any

import pytest


def test_flask_login_stores_no_users() -> None:
    """EXT100: Flask-Login keeps an id in the session; users, their class, the loader and passwords are the app's."""
    import flask_login
    from flask import Flask, session
    from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

    class User(UserMixin):
        def __init__(self, name: str) -> None:
            self.id = name

    users = {"ann": User("ann")}
    app = Flask(__name__)
    app.secret_key, app.testing = "secret", True
    manager = LoginManager(app)
    app.add_url_rule("/login", "login", lambda: str(login_user(users["ann"])))  # no password was asked for, none is checked
    app.add_url_rule("/me", "me", login_required(lambda: f"{current_user.id} {session['_user_id']} {'password' in session}"))
    client = app.test_client()
    with pytest.raises(Exception, match="Missing user_loader"):
        client.get("/me")
    manager.user_loader(users.get)
    assert client.get("/me").status_code == 401
    assert client.get("/login").data == b"True"
    assert client.get("/me").data == b"ann ann False"
    users.clear()  # the application forgets its users, and Flask-Login knows of no other
    assert client.get("/me").status_code == 401
    needs = " ".join(importlib.metadata.requires("flask-login") or ()).lower()
    assert not any(word in needs for word in ("sqlalchemy", "bcrypt", "argon2", "passlib"))
    assert not any("password" in name.lower() for name in dir(flask_login))


@pytest.mark.release("bcrypt==4.3.0")
def test_bcrypt_uses_at_most_72_bytes() -> None:
    """EXT200: bcrypt takes 72 bytes; since 5.0 a longer password raises ValueError, before the rest was ignored."""
    import bcrypt

    salt = bcrypt.gensalt(rounds=4)
    assert bcrypt.checkpw(b"a" * 72, bcrypt.hashpw(b"a" * 72, salt))
    assert not bcrypt.checkpw(b"a" * 71 + b"b", bcrypt.hashpw(b"a" * 72, salt))  # the 72nd byte counts
    long, emoji = b"a" * 72 + b"one end", "\N{SNOWMAN}".encode() * 25  # 25 characters, 75 bytes
    if int(importlib.metadata.version("bcrypt").split(".")[0]) >= 5:
        for password in (long, emoji):
            with pytest.raises(ValueError, match="72"):
                bcrypt.hashpw(password, salt)
    else:
        assert bcrypt.checkpw(b"a" * 72 + b"another end", bcrypt.hashpw(long, salt))
        assert bcrypt.checkpw(emoji[:72], bcrypt.hashpw(emoji, salt))


def test_flask_caching_stores_nothing_by_default() -> None:
    """EXT202: Without CACHE_TYPE Flask-Caching is a NullCache: the view runs each time, until a backend is configured."""
    from flask import Flask
    from flask_caching import Cache
    from flask_caching.backends import NullCache

    def visit_twice(config: dict[str, Any]) -> tuple[Cache, int, object]:
        app, runs = Flask(__name__), []
        cache = Cache(app, config=config)
        app.add_url_rule("/", "index", cache.cached()(lambda: str(runs.append(1))))
        client = app.test_client()
        client.get("/")
        client.get("/")
        with app.app_context():
            cache.set("key", "value")
            assert isinstance(cache.cache, NullCache) is not bool(config)
            return cache, len(runs), cache.get("key")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert visit_twice({})[1:] == (2, None)
    assert any("effectively disabled" in str(warning.message) for warning in caught)
    assert visit_twice({"CACHE_TYPE": "SimpleCache"})[1:] == (1, "value")


def test_flask_admin_is_open_to_everyone(tmp_path: Path) -> None:
    """EXT204: Flask-Admin asks nobody for a login: a stranger edits tables, until is_accessible is overridden."""
    from flask import Flask
    from flask_admin import Admin
    from flask_admin.contrib.sqla import ModelView
    from flask_babel import Babel
    from flask_sqlalchemy import SQLAlchemy

    class Closed(ModelView):
        def is_accessible(self) -> bool:
            return False

    app = Flask(__name__)
    app.secret_key = "secret"
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'app.db'}"
    db = SQLAlchemy(app)
    Babel(app)  # the admin's pages are translated as soon as Flask-Babel is installed

    class Note(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        text = db.Column(db.String(50))

    admin = Admin(app)
    admin.add_view(ModelView(Note, db, endpoint="open", url="open"))
    admin.add_view(Closed(Note, db, endpoint="closed", url="closed"))
    stranger = app.test_client()
    with app.app_context():
        db.create_all()
        assert stranger.get("/admin/").status_code == 200
        assert stranger.get("/admin/login").status_code == 404
        assert not any("login" in rule.rule for rule in app.url_map.iter_rules())
        assert stranger.post("/admin/open/new/", data={"text": "by a stranger"}).status_code == 302
        assert db.session.query(Note.text).all() == [("by a stranger",)]
        assert stranger.post("/admin/open/delete/", data={"id": "1"}).status_code == 302
        assert db.session.query(Note.text).all() == []
        assert stranger.get("/admin/closed/").status_code == 403
        assert stranger.post("/admin/closed/new/", data={"text": "by a stranger"}).status_code == 403
        assert db.session.query(Note.text).all() == []
        db.engine.dispose()
