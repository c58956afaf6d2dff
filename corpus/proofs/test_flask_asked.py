"""Flask's converters, hooks and handlers, Jinja's scopes and escaping, and what extensions keep, check and speak."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from wsgiref.simple_server import make_server as standard_server

import pytest
from click.testing import CliRunner
from flask import Flask, abort, render_template, render_template_string, request
from flask.cli import FlaskGroup
from flask_caching import Cache
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from itsdangerous import TimestampSigner
from jinja2 import Environment, Template, select_autoescape
from simple_websocket import Client, ConnectionClosed, ConnectionError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.serving import make_server


def test_negative_numbers_need_a_signed_converter() -> None:
    """FLK801: A minus under int or float is 404 and calls no view, signed=True takes it; text and queries take it too."""
    app = Flask(__name__)
    for number, rule in enumerate(("int", "float", "int(signed=True)", "float(signed=True)", "string")):
        app.add_url_rule(f"/{number}/<{rule}:value>", rule, lambda value: f"{value!r}")
    app.add_url_rule("/query", "query", lambda: repr(request.args.get("n", type=int)))
    client = app.test_client()
    assert [client.get(url).text for url in ("/0/5", "/1/3.5")] == ["5", "3.5"]
    assert [client.get(url).status_code for url in ("/0/-5", "/1/-3.5")] == [404, 404]
    assert [client.get(url).text for url in ("/2/-5", "/3/-3.5", "/4/-5", "/query?n=-5")] == ["-5", "-3.5", "'-5'", "-5"]


def test_after_request_runs_in_reverse_order() -> None:
    """FLK802: The hooks registered first, second, third see the request in this order and the response backwards."""
    app = Flask(__name__)
    seen: list[str] = []

    def note(hook: str, name: str) -> Any:
        return lambda *response: seen.append(f"{hook} {name}") or (response[0] if response else None)

    for name in ("first", "second", "third"):
        app.before_request(note("before", name))
        app.after_request(note("after", name))
    app.add_url_rule("/", "index", lambda: "page")
    assert app.test_client().get("/").text == "page"
    assert seen == ["before first", "before second", "before third", "after third", "after second", "after first"]


def test_dotenv_values_stay_out_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK803: The flask command puts .env into the environment, over nothing that is set; the config gets it on request."""
    (tmp_path / ".env").write_text("SECRET_KEY=s3cret\nFLASK_MAIL_SERVER=post.example\nEXPORTED=file\n")
    lines = ["import os", "from flask import Flask", "app = Flask(__name__)", "@app.cli.command()", "def show():"]
    lines += ["    names = 'SECRET_KEY', 'FLASK_MAIL_SERVER', 'MAIL_SERVER', 'EXPORTED'"]
    lines += ["    print([os.environ.get(name) for name in names], [app.config.get(name) for name in names])"]
    lines += ["    app.config.from_prefixed_env()", "    print(app.config['MAIL_SERVER'])"]
    (tmp_path / "dotenv_app.py").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("EXPORTED", "shell")
    for name in ("SECRET_KEY", "FLASK_MAIL_SERVER"):
        monkeypatch.setenv(name, "restored when the test is over")
        monkeypatch.delenv(name)
    done = CliRunner().invoke(FlaskGroup(), ["--app", "dotenv_app", "show"], catch_exceptions=False)
    assert done.output.splitlines()[-2:] == ["['s3cret', 'post.example', None, 'shell'] [None, None, None, None]", "post.example"]


def test_a_handler_for_exception_also_gets_404() -> None:
    """FLK804: Unknown URLs, wrong methods and abort() reach it like a crash, unless a more specific handler is there."""

    def client(handlers: dict[Any, Any]) -> Any:
        app = Flask(__name__)
        app.add_url_rule("/refused", "refused", lambda: abort(403))
        app.add_url_rule("/crash", "crash", lambda: 1 // 0)
        for error, handler in handlers.items():
            app.register_error_handler(error, handler)
        return app.test_client()

    def statuses(handlers: dict[Any, Any]) -> list[int]:
        site = client(handlers)
        return [site.get("/nowhere").status_code, site.post("/crash").status_code, site.get("/refused").status_code]

    every = {Exception: lambda error: (type(error).__name__, 500)}
    assert [statuses({}), statuses(every)] == [[404, 405, 403], [500, 500, 500]]
    assert [client(every).get(url).text for url in ("/nowhere", "/crash")] == ["NotFound", "ZeroDivisionError"]
    assert statuses(every | {404: lambda error: ("its own page", 404)}) == [404, 500, 500]
    assert statuses(every | {HTTPException: lambda error: error}) == [404, 405, 403]


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The port at which a plain threaded WSGI server runs the app."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()


def test_async_views_run_without_an_asgi_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK805: The standard library's WSGI server serves an async view; what fails is an app without asgiref."""
    app = Flask(__name__)

    @app.get("/")
    async def index() -> str:
        await asyncio.sleep(0)
        return f"from {request.environ['SERVER_SOFTWARE'].split('/')[0]}"

    with standard_server("127.0.0.1", 0, app) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=10).read() == b"from WSGIServer"
    monkeypatch.setitem(sys.modules, "asgiref.sync", None)
    app.testing = True
    with pytest.raises(RuntimeError, match="async"):
        app.test_client().get("/")


def test_a_variable_set_in_a_loop_is_lost() -> None:
    """FLK806: Each pass starts with the outer value and leaves it as it was; namespace() carries on, an if is no scope."""

    def rendered(source: str) -> str:
        return Environment(autoescape=True).from_string(source).render()

    assert rendered("{% set n = 0 %}{% for i in [5, 6, 7] %}{% set n = n + 1 %}{{ n }}{% endfor %} {{ n }}") == "111 0"
    assert rendered("{% for i in [5] %}{% set new = i %}{{ new }}{% endfor %} {{ new is defined }}") == "5 False"
    counted = "{% set s = namespace(n=0) %}{% for i in [5, 6, 7] %}{% set s.n = s.n + 1 %}{{ s.n }}{% endfor %} {{ s.n }}"
    assert rendered(counted) == "123 3"
    assert rendered("{% set n = 0 %}{% if true %}{% set n = 1 %}{% endif %}{{ n }}") == "1"


def test_a_csrf_token_is_good_for_several_submissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK807: Two tokens of one session work again and again, in another session neither does, and after an hour none."""
    app = Flask(__name__)
    app.secret_key = "k"
    CSRFProtect(app)
    app.add_url_rule("/form", "form", generate_csrf)
    app.add_url_rule("/send", "send", lambda: "sent", methods=["POST"])
    ann, bob = app.test_client(), app.test_client()
    tokens = [ann.get("/form").text, ann.get("/form").text]
    bob.get("/form")
    for token in [*tokens, *tokens]:
        assert ann.post("/send", data={"csrf_token": token}).text == "sent"
        assert bob.post("/send", data={"csrf_token": token}).status_code == 400
    now = TimestampSigner("k").get_timestamp()
    for later, status in ((timedelta(minutes=59), 200), (timedelta(minutes=61), 400)):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _, later=later: now + int(later.total_seconds()))
        assert ann.post("/send", data={"csrf_token": tokens[0]}).status_code == status


def test_a_socketio_server_speaks_its_own_protocol() -> None:
    """FLK808: A WebSocket client is refused, and under the right address its text reaches no handler, unlike packets."""
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading")
    heard: list[str] = []
    socketio.on_event("message", lambda data: heard.append(data) or "heard")
    with served(app) as port:
        for path in ("/", "/socket.io/"):
            with pytest.raises(ConnectionError):
                Client(f"ws://127.0.0.1:{port}{path}")
        for texts, expected in ((["hello"], []), (["40", '421["message","hello"]'], ["hello"])):
            client = Client(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket")
            for text in texts:
                client.send(text)
            with suppress(ConnectionClosed):  # what the server does about plain text
                while client.receive(timeout=60) not in (None, '431["heard"]'):
                    pass
                client.close()
            assert heard == expected


def test_a_plain_jinja_environment_escapes_nothing() -> None:
    """FLK809: Without Flask the tag comes out as it went in, until autoescape is given; Flask's own environment escapes."""
    source, values = "{{ x }}", {"x": "<b>"}
    assert Environment().autoescape is False
    for plain in (Environment().from_string(source), Template(source)):
        assert plain.render(values) == "<b>"
    for autoescape in (True, select_autoescape()):
        assert Environment(autoescape=autoescape).from_string(source).render(values) == "&lt;b&gt;"
    with Flask(__name__).app_context():
        assert render_template_string(source, **values) == "&lt;b&gt;"


def test_proxyfix_takes_the_last_address() -> None:
    """FLK810: x_for=1 takes the last of three, x_for=3 the first, which a client may forge, and x_for=4 none of them."""
    app = Flask(__name__)
    app.add_url_rule("/", "index", lambda: str(request.remote_addr))
    wrapped, seen = app.wsgi_app, []
    for count in range(5):
        app.wsgi_app = ProxyFix(wrapped, x_for=count)  # type: ignore[method-assign]
        seen.append(app.test_client().get("/", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3"}).text)
    assert seen == ["127.0.0.1", "3.3.3.3", "2.2.2.2", "1.1.1.1", "127.0.0.1"]


def test_cached_makes_one_entry_per_path() -> None:
    """FLK811: Another query or cookie gets the stored page, another path its own; query_string=True tells queries apart."""
    app = Flask(__name__)
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})

    def view(number: int) -> str:
        return f"{number} {request.args.get('page')} {request.cookies.get('user')}"

    app.add_url_rule("/plain/<int:number>", "plain", cache.cached(timeout=60)(view))
    app.add_url_rule("/query/<int:number>", "query", cache.cached(timeout=60, query_string=True)(view))
    ann, bob = app.test_client(), app.test_client()
    ann.set_cookie("user", "ann")
    bob.set_cookie("user", "bob")
    assert ann.get("/plain/1?page=1").text == "1 1 ann"
    assert [ann.get("/plain/1?page=2").text, bob.get("/plain/1?page=1").text] == ["1 1 ann"] * 2
    assert bob.get("/plain/2?page=1").text == "2 1 bob"
    assert [ann.get(f"/query/1?page={page}").text for page in (1, 2)] == ["1 1 ann", "1 2 ann"]


def test_loop_index_starts_at_one() -> None:
    """FLK812: index gives 1, 2, index0 gives 0, 1, without a variable from the view; enumerate and loop outside fail."""
    jinja = Environment(autoescape=True)
    numbers = jinja.from_string("{% for x in 'ab' %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }} {% endfor %}")
    assert numbers.render() == "10True 21False "
    undefined = jinja.from_string(
        "{{ enumerate is defined }} {{ forloop is defined }}{% for x in 'ab' %}{% endfor %} {{ loop is defined }}"
    )
    assert undefined.render() == "False False False"


def test_a_context_processor_returns_a_dict() -> None:
    """FLK813: It runs per rendering and not per request, the view's own value wins, and None is an error."""
    app = Flask(__name__)
    calls: list[str] = []
    app.context_processor(lambda: calls.append(request.path) or {"year": 2026})
    app.add_url_rule("/json", "json", lambda: {"a": 1})
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ year }}"))
    app.add_url_rule("/own", "own", lambda: render_template_string("{{ year }}", year=1999))
    client = app.test_client()
    assert (client.get("/json").json, calls) == ({"a": 1}, [])
    assert [client.get(url).text for url in ("/page", "/own")] == ["2026", "1999"]
    assert calls == ["/page", "/own"]
    for refused in (None, "2026"):
        other = Flask(__name__)
        other.context_processor(lambda refused=refused: refused)  # type: ignore[type-var]
        with other.test_request_context(), pytest.raises((TypeError, ValueError)):
            render_template_string("page")


def test_changed_templates_show_in_debug_mode_only(tmp_path: Path) -> None:
    """FLK814: By default the old page stays, with debug or TEMPLATES_AUTO_RELOAD the new one comes at the next request."""
    page = tmp_path / "page.html"

    def second_answer(**settings: bool) -> str:
        app = Flask(__name__, template_folder=str(tmp_path))
        app.config.update(settings)
        app.add_url_rule("/", "index", lambda: render_template("page.html"))
        page.write_text("old")
        os.utime(page, (1, 1))
        assert app.test_client().get("/").text == "old"
        page.write_text("new")
        return app.test_client().get("/").text

    assert second_answer() == "old"
    assert [second_answer(DEBUG=True), second_answer(TEMPLATES_AUTO_RELOAD=True)] == ["new", "new"]


def test_the_stored_hash_comes_first() -> None:
    """FLK815: Hash, then password is True, swapped it is False, as are two hashes, two passwords and a wrong password."""
    stored, entered = generate_password_hash("s3cret"), "s3cret"
    assert check_password_hash(stored, entered) is True
    assert check_password_hash(password=entered, pwhash=stored) is True
    for first, second in ((entered, stored), (stored, generate_password_hash(entered)), (entered, entered), (stored, "wrong")):
        assert check_password_hash(first, second) is False


def test_jinja_runs_inside_html_comments() -> None:
    """FLK816: Values and loops in <!-- --> are in the output and errors raise; {# #} evaluates and leaves nothing."""
    jinja = Environment(autoescape=True)
    assert jinja.from_string("<!-- {{ x }}{% for i in 'ab' %}{{ i }}{% endfor %} -->").render(x=5) == "<!-- 5ab -->"
    assert jinja.from_string("a{# {{ 1 // 0 }}\n{% nonsense %} #}b").render() == "ab"
    with pytest.raises(ZeroDivisionError):
        jinja.from_string("<!-- {{ 1 // 0 }} -->").render()
