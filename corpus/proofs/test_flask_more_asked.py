"""Flask: what the command finds and loads, how settings are typed, and what hooks, handlers, signals and test clients get."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, request, request_started, session, url_for
from flask.cli import load_dotenv
from itsdangerous import BadSignature
from werkzeug.exceptions import InternalServerError


def test_the_command_calls_a_factory_it_finds(tmp_path: Path) -> None:
    """FLK901: create_app and make_app in app.py or wsgi.py are called, other names, needy factories and files are not."""
    head, body = "from flask import Flask\n", "\n    app = Flask(__name__)\n    print('made')\n    return app\n"

    def tried(file: str, signature: str, more: str = "", *options: str) -> tuple[bool, bool]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / file).write_text(f"{head}def {signature}:{body}{more}")
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("FLASK")}
        command = [sys.executable, "-m", "flask", *options, "routes"]
        done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
        return done.returncode == 0, "made" in done.stdout

    assert tried("app.py", "create_app()") == tried("wsgi.py", "make_app()") == (True, True)
    assert tried("hello.py", "create_app()", "", "--app", "hello") == (True, True)
    assert tried("app.py", "build_app()") == tried("app.py", "create_app(config)") == tried("factory.py", "create_app()") == (False, False)
    assert tried("app.py", "create_app()", "app = Flask(__name__)\n") == (True, False)


def test_prefixed_variables_are_parsed_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK902: What is JSON becomes a number, boolean, list or None, the rest stays text; loads=str leaves all of it text."""
    texts = {"SIZE": "20", "ON": "false", "BIG": "True", "HOSTS": "[1,2]", "NONE": "null", "WORD": "plain", "CODE": "007", "Q": '"20"'}
    for name, text in (texts | {"DAY": "2026-10-05", "YES": "yes"}).items():
        monkeypatch.setenv(f"VIVA_{name}", text)
    app = Flask(__name__)
    app.config.from_prefixed_env("VIVA")
    assert [app.config[name] for name in texts] == [20, False, "True", [1, 2], None, "plain", "007", "20"]
    assert (type(app.config["SIZE"]), app.config["ON"], app.config["DAY"], app.config["YES"]) == (int, False, "2026-10-05", "yes")
    app.config.from_prefixed_env("VIVA", loads=str)
    assert [app.config[name] for name in texts] == list(texts.values())


@pytest.mark.parametrize(("setting", "sent"), [(..., None), (None, None), ("Lax", "Lax"), ("Strict", "Strict"), ("None", "None")])
def test_the_session_cookie_names_no_samesite(setting: Any, sent: str | None) -> None:
    """FLK903: The default is None and sends no SameSite, with Secure or without; a string is sent as it stands."""
    for secure in (False, True):
        app = Flask(__name__)
        assert app.config["SESSION_COOKIE_SAMESITE"] is None
        app.config.update(SECRET_KEY="k" * 32, SESSION_COOKIE_SECURE=secure)
        if setting is not ...:
            app.config["SESSION_COOKIE_SAMESITE"] = setting
        app.add_url_rule("/", "start", lambda: session.update(seen=1) or "")
        parts = app.test_client().get("/").headers["Set-Cookie"].split("; ")
        assert ("HttpOnly" in parts, "Secure" in parts) == (True, secure)
        assert [part for part in parts if part.startswith("SameSite")] == ([f"SameSite={sent}"] if sent else [])


def test_fallback_keys_are_accepted_and_never_sign() -> None:
    """FLK904: A cookie of an old key is read only if the key is listed, and what is saved again bears the current key."""

    def serializer(key: str, *fallbacks: str) -> Any:
        app = Flask(__name__)
        app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=list(fallbacks))
        return app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]

    old = serializer("old").dumps({"user": 7})
    assert serializer("new", "older", "old").loads(old) == {"user": 7}
    for keys in (("new",), ("new", "older")):
        with pytest.raises(BadSignature):
            serializer(*keys).loads(old)
    saved = serializer("new", "older", "old").dumps({"user": 7})
    assert serializer("new").loads(saved) == {"user": 7}
    with pytest.raises(BadSignature):
        serializer("old").loads(saved)


def test_one_blueprint_under_two_names() -> None:
    """FLK905: The same blueprint serves two prefixes under two names; with its name unchanged it is refused."""
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "index", lambda: f"{request.endpoint} {url_for('.index')}")
    app = Flask(__name__)
    app.register_blueprint(pages, url_prefix="/v1")
    with pytest.raises(ValueError, match="already registered"):
        app.register_blueprint(pages, url_prefix="/v2")
    app.register_blueprint(pages, url_prefix="/v2", name="pages2")
    client = app.test_client()
    assert [client.get(url).text for url in ("/v1/", "/v2/")] == ["pages.index /v1/", "pages2.index /v2/"]
    assert sorted(app.blueprints) == ["pages", "pages2"]


def test_early_answers_pass_through_after_request() -> None:
    """FLK906: An early answer leaves out the view and the second guard only; the after and teardown functions are called."""
    app = Flask(__name__)
    calls: list[str] = []
    app.before_request(lambda: calls.append("first") or ("stop" if request.args else None))
    app.before_request(lambda: calls.append("second"))
    app.after_request(lambda response: calls.append(f"after {response.get_data(as_text=True)}") or response)
    app.teardown_request(lambda _: calls.append("teardown"))
    app.add_url_rule("/", "view", lambda: calls.append("view") or "page")
    client = app.test_client()
    assert client.get("/?early=1").text == "stop"
    assert calls == ["first", "after stop", "teardown"]
    calls.clear()
    client.get("/")
    assert calls == ["first", "second", "view", "after page", "teardown"]


def test_receivers_nobody_keeps_are_dropped() -> None:
    """FLK907: A lambda that only connect() got is gone; one kept, weak=False and connect_via() make it stay."""
    app = Flask(__name__)
    called: list[str] = []
    kept = lambda *_, **__: called.append("kept")  # noqa: E731
    request_started.connect(lambda *_, **__: called.append("lost"), app)
    request_started.connect(kept, app)
    request_started.connect(lambda *_, **__: called.append("strong"), app, weak=False)
    request_started.connect_via(app)(lambda *_, **__: called.append("via"))
    gc.collect()
    app.test_client().get("/")
    assert sorted(called) == ["kept", "strong", "via"]
    del kept
    gc.collect()
    called.clear()
    app.test_client().get("/")
    assert sorted(called) == ["strong", "via"]


def test_the_environment_beats_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK908: What is set stays, .env beats .flaskenv, a file named beats both, and each fills in what is missing."""
    (tmp_path / ".env").write_text("VIVA_A=env\nVIVA_B=env\nVIVA_D=env\n")
    (tmp_path / ".flaskenv").write_text("VIVA_A=flaskenv\nVIVA_B=flaskenv\nVIVA_C=flaskenv\n")
    (tmp_path / "named").write_text("VIVA_A=named\nVIVA_D=named\n")
    monkeypatch.chdir(tmp_path)
    for path, expected in ((None, ["shell", "env", "flaskenv", "env"]), ("named", ["shell", "env", "flaskenv", "named"])):
        with monkeypatch.context() as patch:
            patch.setattr(os, "environ", {"VIVA_A": "shell"})
            load_dotenv(path)
            assert [os.environ[f"VIVA_{letter}"] for letter in "ABCD"] == expected


def test_a_handler_for_500_gets_the_wrapper() -> None:
    """FLK909: The 500 handler gets InternalServerError with the cause inside, or None after abort; Exception's gets the cause."""

    def received(registered: Any, path: str) -> Exception:
        app = Flask(__name__)
        got: list[Exception] = []
        app.register_error_handler(registered, lambda error: got.append(error) or ("sorry", 500))
        app.add_url_rule("/crash", "crash", lambda: 1 / 0)
        app.add_url_rule("/abort", "abort", lambda: abort(500))
        app.test_client().get(path)
        return got[0]

    for registered in (500, InternalServerError):
        error = received(registered, "/crash")
        assert isinstance(error, InternalServerError)
        assert isinstance(error.original_exception, ZeroDivisionError)
        aborted = received(registered, "/abort")
        assert isinstance(aborted, InternalServerError)
        assert aborted.original_exception is None
    assert isinstance(received(Exception, "/crash"), ZeroDivisionError)


def test_the_client_has_get_cookie_and_no_jar() -> None:
    """FLK910: No cookie_jar and no cookies, but get_cookie, set_cookie and delete_cookie; each client has its own."""
    app = Flask(__name__)
    app.add_url_rule("/", "show", lambda: request.cookies.get("lang", "none"))
    client = app.test_client()
    assert not hasattr(client, "cookie_jar") and not hasattr(client, "cookies")
    assert client.get_cookie("lang") is None
    client.set_cookie("lang", "de")
    cookie = client.get_cookie("lang")
    assert cookie is not None and cookie != "de" and cookie.value == "de"
    assert [client.get("/").text, app.test_client().get("/").text] == ["de", "none"]
    client.delete_cookie("lang")
    assert client.get("/").text == "none"
    with pytest.raises(TypeError):
        client.set_cookie("localhost", "lang", "de")  # type: ignore[misc]
    with pytest.raises(TypeError):
        app.test_client(use_cookies=False).set_cookie("lang", "de")
