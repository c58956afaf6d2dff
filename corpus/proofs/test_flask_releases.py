"""Facts about Flask that older releases did differently; each proof also passes in the release it names."""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request


def release(package: str) -> tuple[int, int]:
    """The first two numbers of the installed version."""
    major, minor = version(package).split(".")[:2]
    return int(major), int(minor)


def make_app(**options: Any) -> Any:
    """A Flask app; Flask is imported late, as one proof here runs with Werkzeug alone."""
    return importlib.import_module("flask").Flask("proof", **options)


def in_new_python(program: str, **environ: str) -> str:
    """What the program prints in an interpreter of its own, with no other FLASK_ variables than the given ones."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=clean | environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.release("flask==2.1.3", "werkzeug==2.1.2")
@pytest.mark.release("flask==0.10.1", "werkzeug==0.16.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
def test_autoescaping_is_on_for_markup_templates(tmp_path: Path) -> None:
    """FLK007: .html, .htm, .xml, .xhtml and .svg templates and strings are escaped, .txt and the view's own strings are not."""
    flask = importlib.import_module("flask")
    app = make_app(template_folder=str(tmp_path))
    for ending in ("html", "htm", "xml", "xhtml", "svg", "txt"):
        (tmp_path / f"page.{ending}").write_text("{{ name }}")
    evil = "<script>"
    with app.test_request_context():
        escaped = {ending: flask.render_template(f"page.{ending}", name=evil) for ending in ("html", "htm", "xml", "xhtml")}
        assert set(escaped.values()) == {"&lt;script&gt;"}
        assert flask.render_template("page.txt", name=evil) == evil
        in_svg = flask.render_template("page.svg", name=evil)
        assert in_svg == (evil if release("flask") < (2, 2) else "&lt;script&gt;")
        in_string = flask.render_template_string("{{ name }}", name=evil)
        assert in_string == (evil if release("flask") < (0, 11) else "&lt;script&gt;")
    app.add_url_rule("/", "own", lambda: f"<p>{flask.request.args['name']}</p>")
    assert app.test_client().get("/?name=<b>").data == b"<p><b></p>"


@pytest.mark.release("flask==2.1.3", "werkzeug==2.1.2")
@pytest.mark.release("flask==1.0.4", "werkzeug==0.16.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
def test_dict_and_list_become_json() -> None:
    """FLK014: A returned dict or list is sent as JSON without jsonify."""
    app = make_app()
    values: dict[str, Any] = {"dict": {"ok": True}, "list": [1, 2, 3], "int": 5}
    app.add_url_rule("/<name>", "view", lambda name: values[name])
    client = app.test_client()
    since = {"dict": (1, 1), "list": (2, 2)}
    for name, first in since.items():
        answer = client.get(f"/{name}")
        if release("flask") < first:
            assert answer.status_code == 500
        else:
            assert (answer.status_code, answer.mimetype) == (200, "application/json")
            assert json.loads(answer.data) == values[name]
    assert client.get("/int").status_code == 500


@pytest.mark.release("flask==1.1.4", "werkzeug==1.0.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
def test_async_view_occupies_its_worker() -> None:
    """FLK015: An async view works, but one worker handles the second request only after the first has been answered."""
    app = make_app()
    events: list[str] = []
    patience = [0.2]

    async def view() -> str:
        """Wait for the other request to come in as well, though not for ever."""
        events.append("start")
        until = time.monotonic() + patience[0]
        while events.count("start") < 2 and time.monotonic() < until:
            await asyncio.sleep(0.01)
        events.append("end")
        return "page"

    app.add_url_rule("/", "view", view)
    if release("flask") < (2, 0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the coroutine that nobody awaits
            assert app.test_client().get("/").status_code == 500
        assert events == []
        return

    def run(threaded: bool) -> list[str]:
        """Two requests at once to a server with one worker or with one per request; what happened in which order."""
        events.clear()
        answers: list[bytes] = []
        server = make_server("127.0.0.1", 0, app, threaded=threaded)
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        url = f"http://127.0.0.1:{server.server_port}/"
        clients = [threading.Thread(target=lambda: answers.append(urlopen(url, timeout=10).read())) for _ in range(2)]
        for thread in [serving, *clients]:
            thread.start()
        for thread in clients:
            thread.join()
        server.shutdown()
        serving.join()
        server.server_close()
        assert answers == [b"page"] * 2
        return list(events)

    assert run(threaded=False) == ["start", "end", "start", "end"]
    patience[0] = 5
    assert run(threaded=True) == ["start", "start", "end", "end"]


@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
@pytest.mark.release("flask==2.3.3", "werkzeug==2.3.8")
def test_markup_and_escape_come_from_markupsafe() -> None:
    """FLK019: flask exports neither name any more; markupsafe does."""
    markupsafe = importlib.import_module("markupsafe")
    flask = importlib.import_module("flask")
    assert str(markupsafe.escape("<b>")) == "&lt;b&gt;"
    assert markupsafe.Markup("<b>") == "<b>"
    program = "for name in ('Markup', 'escape'):\n  try:\n    exec('from flask import ' + name)\n    print('imported')\n"
    program += "  except ImportError:\n    print('ImportError')"
    for name, imported in zip(("Markup", "escape"), in_new_python(program).split(), strict=True):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = getattr(flask, name, None)
            text = str(found("<b>")) if found else ""
        deprecated = any(issubclass(warning.category, DeprecationWarning) for warning in told)
        if release("flask") >= (3, 0):
            assert (found, imported) == (None, "ImportError")
        else:
            assert (text, imported) == ("<b>" if name == "Markup" else "&lt;b&gt;", "imported")
            assert deprecated == (release("flask") >= (2, 3))


@pytest.mark.release("flask==2.1.3", "werkzeug==2.1.2")
@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
def test_before_first_request_is_gone() -> None:
    """FLK020: app.before_first_request does not exist any more."""
    app = make_app()
    app.add_url_rule("/", "view", lambda: "page")
    calls: list[str] = []
    if release("flask") >= (2, 3):
        with pytest.raises(AttributeError):
            app.before_first_request(lambda: calls.append("first"))
        assert not hasattr(importlib.import_module("flask").Blueprint("bp", __name__), "before_app_first_request")
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        app.before_first_request(lambda: calls.append("first"))
    assert any(issubclass(warning.category, DeprecationWarning) for warning in told) == (release("flask") >= (2, 2))
    client = app.test_client()
    assert [client.get("/").status_code for _ in range(2)] == [200, 200]
    assert calls == ["first"]


@pytest.mark.release("flask==1.1.4", "werkzeug==1.0.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
def test_flask_env_has_no_effect(tmp_path: Path) -> None:
    """FLK021: FLASK_ENV=development leaves debug mode off; FLASK_DEBUG=1 and the option --debug turn it on."""
    show = """
import contextlib, io, json, os, warnings
from flask import Flask
warnings.simplefilter("always")
for variable, value in (("FLASK_DEBUG", "0"), ("FLASK_DEBUG", "1"), ("FLASK_ENV", "development")):
    os.environ[variable] = value
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        debug = Flask("x").debug
    print(json.dumps([variable, value, debug, "'FLASK_ENV' is deprecated" in told.getvalue()]))
    del os.environ[variable]
"""
    lines = [json.loads(line) for line in in_new_python(show).splitlines()]
    assert lines[:2] == [["FLASK_DEBUG", "0", False, False], ["FLASK_DEBUG", "1", True, False]]
    _, _, debug, deprecated = lines[2]
    assert debug == (release("flask") < (2, 3))
    assert deprecated == ((2, 2) <= release("flask") < (2, 3))
    if release("flask") < (2, 3):
        return
    app = make_app()
    assert "ENV" not in app.config
    assert not hasattr(app, "env")
    (tmp_path / "hello.py").write_text(
        "from flask import Flask, current_app\napp = Flask(__name__)\n@app.cli.command('show')\ndef show():\n    print(current_app.debug)\n"
    )
    command = "import sys; sys.path.insert(0, {!r}); sys.argv = {!r}; from flask.cli import main; main()"
    for options, expected in (([], "False"), (["--debug"], "True")):
        program = command.format(str(tmp_path), ["flask", "--app", "hello", *options, "show"])
        assert in_new_python(program, FLASK_ENV="development") == expected


@pytest.mark.release("flask==0.10.1", "werkzeug==0.16.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
def test_flask_is_a_wsgi_framework_with_dependencies() -> None:
    """FLK022: It requires Werkzeug, Jinja, ItsDangerous, Click, Blinker and MarkupSafe, and an app is a WSGI callable."""
    needed = set()
    for line in requires("flask") or []:
        requirement, _, marker = line.partition(";")
        if "extra" not in marker and "python_version <" not in marker:
            needed.add(re.split(r"[^\w-]", requirement)[0].lower())
    always = {"werkzeug", "jinja2", "itsdangerous"}
    if release("flask") < (0, 11):
        assert needed == always
    elif release("flask") < (2, 3):
        assert needed == always | {"click"}
    else:
        assert needed - {"markupsafe"} == always | {"click", "blinker"}
        loaded = in_new_python("import sys, flask; print(*sys.modules)").split()
        assert {"werkzeug", "jinja2", "itsdangerous", "click", "blinker", "markupsafe"} <= set(loaded)
    app = make_app()
    app.add_url_rule("/", "view", lambda: "page")
    started: list[str] = []
    body: Callable[..., Any] = app(EnvironBuilder("/").get_environ(), lambda status, headers, error=None: started.append(status))
    assert b"".join(body) == b"page"  # type: ignore[arg-type]
    assert started == ["200 OK"]


@pytest.mark.release("werkzeug==2.0.3")
@pytest.mark.release("werkzeug==2.2.3")
def test_get_json_refuses_another_content_type() -> None:
    """FLK107: Without silent or force a body that is not declared as JSON raises 415; get_json() does not return None."""

    def request(content_type: str, body: str = '{"a": 1}') -> Request:
        return Request(EnvironBuilder("/", method="POST", data=body, content_type=content_type).get_environ())

    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        if release("werkzeug") < (2, 1):
            assert request(content_type).get_json() is None
        else:
            with pytest.raises(HTTPException) as told:
                request(content_type).get_json()
            assert told.value.code == (415 if release("werkzeug") >= (2, 3) else 400)
        assert request(content_type).get_json(silent=True) is None
        assert request(content_type).get_json(force=True) == {"a": 1}
    assert request("application/json").get_json() == {"a": 1}
    with pytest.raises(HTTPException) as told:
        request("application/json", "{broken").get_json()
    assert told.value.code == 400
