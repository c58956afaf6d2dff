"""Flask's session, flash messages, cookies and configuration."""

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from http.cookiejar import Cookie, CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from flask import Flask, flash, get_flashed_messages, make_response, redirect, render_template_string, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from serving import serve


def session_app(key: str | None = "secret") -> Flask:
    """An app that writes one value into the session and reads it back."""
    app = Flask(__name__)
    app.secret_key = key

    @app.get("/write/<value>")
    def write(value: str) -> str:
        session["user"] = value
        return "written"

    @app.get("/read")
    def read() -> str:
        return str(session.get("user"))

    return app


def cookie_of(app: Flask, path: str = "/write/ann") -> str:
    client = app.test_client()
    assert client.get(path).status_code == 200
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def read_with(app: Flask, cookie: str) -> str:
    client = app.test_client()
    client.set_cookie("session", cookie)
    return client.get("/read").text


def payload_of(cookie: str) -> Any:
    """What the cookie says, decoded without any key."""
    text = cookie.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return json.loads(zlib.decompress(raw) if cookie.startswith(".") else raw)


def test_session_lives_in_the_cookie() -> None:
    """FLK012: The whole session is in the signed cookie: another app object with the same key can read it."""
    cookie = cookie_of(session_app())
    assert read_with(session_app(), cookie) == "ann"
    assert read_with(session_app("another key"), cookie) == "None"
    app = session_app()
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    assert serializer.loads(cookie) == {"user": "ann"}
    assert app.test_client().get("/read").text == "None"  # the server itself has kept nothing


def test_session_cookie_is_readable_but_not_changeable() -> None:
    """FLK013: Anyone decodes the cookie without the key, but a changed one is refused and the session starts empty."""
    app = session_app()
    cookie = cookie_of(app)
    assert payload_of(cookie) == {"user": "ann"}
    assert read_with(app, cookie) == "ann"
    forged_payload = base64.urlsafe_b64encode(b'{"user":"eve"}').decode().rstrip("=")
    forged = ".".join([forged_payload, *cookie.split(".")[1:]])
    assert payload_of(forged) == {"user": "eve"}
    assert read_with(app, forged) == "None"
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    with pytest.raises(BadSignature):
        serializer.loads(forged)


def test_session_needs_a_secret_key() -> None:
    """FLK018: Without a secret key (the default) writing to the session raises RuntimeError; with one it works."""
    app = session_app(key=None)
    assert Flask(__name__).secret_key is None
    app.testing = True  # lets the exception through to the test
    client = app.test_client()
    with pytest.raises(RuntimeError, match="secret key"):
        client.get("/write/ann")
    assert client.get("/read").text == "None"
    app.secret_key = "now there is one"
    assert client.get("/write/ann").status_code == 200
    assert client.get("/read").text == "ann"


def test_flash_keeps_the_message_in_the_session() -> None:
    """FLK105: flash() writes to the session; the message stays there until get_flashed_messages() fetches it."""
    app = Flask(__name__)
    app.secret_key = "secret"

    @app.get("/save")
    def save() -> Any:
        flash("Saved.")
        return redirect("/plain")

    app.add_url_rule("/plain", "plain", lambda: "no messages read here")
    app.add_url_rule("/show", "show", lambda: render_template_string("{{ get_flashed_messages()|join('+') }}"))
    app.add_url_rule("/fetch", "fetch", get_flashed_messages)
    client = app.test_client()
    client.get("/save", follow_redirects=True)
    with client.session_transaction() as stored:
        assert stored["_flashes"] == [("message", "Saved.")]
    client.get("/save")
    assert client.get("/plain").text == "no messages read here"
    assert client.get("/show").text == "Saved.+Saved."
    assert client.get("/show").text == ""
    with client.session_transaction() as stored:
        assert "_flashes" not in stored
    client.get("/save")
    assert client.get("/fetch").json == ["Saved."]
    assert client.get("/fetch").json == []


def test_session_ends_with_the_browser_unless_permanent() -> None:
    """FLK112: The cookie of a plain session has no expiry, so a client drops it at its end; a permanent one lasts 31 days."""
    app = session_app()

    @app.get("/stay")
    def stay() -> str:
        session.permanent = True
        session["user"] = "ann"
        return "written"

    def cookie_after(base: str, path: str) -> tuple[Cookie, str]:
        """The cookie that a client keeps, and what the app reads once that client was closed and opened again."""
        jar = CookieJar()
        browser = build_opener(HTTPCookieProcessor(jar))
        browser.open(base + path).close()
        assert browser.open(base + "/read").read() == b"ann"
        (cookie,) = jar
        jar.clear_session_cookies()
        return cookie, browser.open(base + "/read").read().decode()

    with serve(app, threaded=False) as port:
        base = f"http://127.0.0.1:{port}"
        cookie, later = cookie_after(base, "/write/ann")
        assert cookie.discard
        assert cookie.expires is None
        assert later == "None"
        cookie, later = cookie_after(base, "/stay")
        assert later == "ann"
        assert cookie.expires is not None
        lifetime = datetime.fromtimestamp(cookie.expires, UTC) - datetime.now(UTC)
        assert abs(lifetime - timedelta(days=31)) < timedelta(minutes=1)
        app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=2)
        cookie, _ = cookie_after(base, "/stay")
        assert cookie.expires is not None
        lifetime = datetime.fromtimestamp(cookie.expires, UTC) - datetime.now(UTC)
        assert abs(lifetime - timedelta(hours=2)) < timedelta(minutes=1)


def test_cookies_are_set_on_the_response_and_read_from_the_request() -> None:
    """FLK213: set_cookie() belongs to the response; request.cookies holds what came in and cannot be written to."""
    app = Flask(__name__)

    @app.get("/set")
    def set_it() -> Any:
        response = make_response(f"before: {request.cookies.get('lang')}")
        response.set_cookie("lang", "de")
        assert "lang" not in request.cookies
        return response

    @app.get("/write-to-request")
    def write_to_request() -> str:
        request.cookies["lang"] = "fr"  # type: ignore[index]
        return "never reached"

    app.add_url_rule("/get", "get", lambda: request.cookies.get("lang", "no cookie"))
    client = app.test_client()
    assert client.get("/get").text == "no cookie"
    answer = client.get("/set")
    assert answer.text == "before: None"
    assert answer.headers["Set-Cookie"] == "lang=de; Path=/"
    assert client.get("/get").text == "de"
    assert not hasattr(app.request_class, "set_cookie")
    app.testing = True
    with pytest.raises(TypeError, match="immutable"):
        client.get("/write-to-request")
    assert client.get("/get").text == "de"


def test_config_takes_over_upper_case_names_only(tmp_path: Path) -> None:
    """FLK101: from_object and from_pyfile take DATABASE_URL and leave database_url and Database_Url out."""

    class Settings:
        DATABASE_URL = "object"
        database_url = "lower"
        Database_Url = "mixed"

    app = Flask(__name__)
    before = set(app.config)
    app.config.from_object(Settings)
    assert set(app.config) - before == {"DATABASE_URL"}
    assert app.config["DATABASE_URL"] == "object"
    file = tmp_path / "settings.py"
    file.write_text("helper = 'x'\nMixed = 1\nFROM_FILE = helper + 'y'\n")
    app.config.from_pyfile(str(file))
    assert set(app.config) - before == {"DATABASE_URL", "FROM_FILE"}
    assert app.config["FROM_FILE"] == "xy"
