"""Flask's contexts, hooks and signals: what lives how long, and what runs when."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import pytest
from flask import (
    Flask,
    abort,
    current_app,
    g,
    got_request_exception,
    render_template_string,
    request,
    request_finished,
    request_started,
    session,
)
from flask import template_rendered as rendered
from flask.signals import appcontext_popped, appcontext_pushed, request_tearing_down
from serving import serve


def fetch(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def test_threads_see_only_their_own_request_state() -> None:
    """FLK002: Several requests in flight at once in one process each keep their own request, session and g."""
    app = Flask(__name__)
    app.secret_key = "k"
    everyone_inside = threading.Barrier(4, timeout=10)

    @app.get("/")
    def view() -> dict[str, Any]:
        session["name"] = g.name = request.args["name"]
        everyone_inside.wait()  # nobody goes on before all four requests have written
        return {"seen": [request.args["name"], session["name"], g.name], "thread": threading.get_ident()}

    names = ["ann", "bob", "cid", "dan"]
    with serve(app) as port, ThreadPoolExecutor(4) as pool:
        answers = [app.json.loads(text) for text in pool.map(lambda name: fetch(f"http://127.0.0.1:{port}/?name={name}"), names)]
    assert [answer["seen"] for answer in answers] == [[name] * 3 for name in names]
    assert len({answer["thread"] for answer in answers}) == 4


def test_g_lasts_for_one_context() -> None:
    """FLK003: Within a request g keeps its values; the next request and a simultaneous one find it empty."""
    app = Flask(__name__)
    both_inside = threading.Barrier(2, timeout=10)

    @app.before_request
    def write_for_some() -> None:
        if request.args.get("write"):
            g.user = request.args["write"]

    @app.get("/")
    def view() -> str:
        return str(g.get("user", "nothing"))

    @app.get("/together")
    def together() -> str:
        both_inside.wait()
        return str(g.get("user", "nothing"))

    client = app.test_client()
    assert client.get("/?write=ann").text == "ann"
    assert client.get("/").text == "nothing"
    with serve(app) as port, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fetch, [f"http://127.0.0.1:{port}/together?write=ann", f"http://127.0.0.1:{port}/together"])) == [
            "ann",
            "nothing",
        ]
    with app.app_context():
        g.user = "script"
        assert g.user == "script"
    with app.app_context():
        assert "user" not in g


def test_app_context_and_request_context() -> None:
    """FLK004: A bare application context gives current_app and g only; request and session need a request context."""
    app = Flask(__name__)
    with app.app_context():
        assert current_app.name == app.name
        g.value = 1
        assert g.value == 1
        for use in (lambda: request.path, lambda: session.get("x")):
            with pytest.raises(RuntimeError, match="outside of request context"):
                use()
    with app.test_request_context("/page"):
        assert request.path == "/page"
        assert session.get("x") is None
        assert current_app.name == app.name
        assert "value" not in g
    for use in (lambda: current_app.name, lambda: g.get("x"), lambda: request.path, lambda: session.get("x")):
        with pytest.raises(RuntimeError):
            use()


def test_current_app_outside_a_context_raises() -> None:
    """FLK207: Without an application context, also in a fresh thread, current_app raises RuntimeError."""
    app = Flask(__name__)

    def read_in_a_thread() -> str:
        return current_app.name

    with pytest.raises(RuntimeError, match="outside of application context"):
        assert current_app.name
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        assert current_app.name == app.name
        with pytest.raises(RuntimeError):
            pool.submit(read_in_a_thread).result()


def test_before_request_runs_each_time_and_may_answer() -> None:
    """FLK102: The function runs before every request; None goes on to the view, any other value is the response."""
    app = Flask(__name__)
    calls: list[str] = []

    @app.before_request
    def guard() -> str | tuple[str, int] | None:
        calls.append(f"hook {request.path}")
        if "empty" in request.args:
            return ""
        return ("stop", 403) if "blocked" in request.args else None

    @app.get("/")
    def view() -> str:
        calls.append("view")
        return "page"

    client = app.test_client()
    assert client.get("/").text == "page"
    assert client.get("/").text == "page"
    blocked = client.get("/?blocked=1")
    assert (blocked.status_code, blocked.text) == (403, "stop")
    assert client.get("/static/none.css").status_code == 404
    assert calls == ["hook /", "view", "hook /", "view", "hook /", "hook /static/none.css"]
    empty = client.get("/?empty=1")  # an empty string is not None either
    assert (empty.status_code, empty.text, calls[-1]) == (200, "", "hook /")


def test_after_request_gets_the_response_before_it_is_sent() -> None:
    """FLK103: The function may still change the response, nothing has gone out yet, and returning None is an error."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "page")
    order: list[str] = []

    @app.after_request
    def add_header(response: Any) -> Any:
        order.append("after_request")
        response.headers["X-Added"] = "yes"
        return response if "forget" not in request.args else None

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        order.append("sent")
        assert ("X-Added", "yes") in headers

    with app.test_request_context("/") as context:
        assert list(app(context.request.environ, start_response)) == [b"page"]
    assert order == ["after_request", "sent"]
    assert app.test_client().get("/").headers["X-Added"] == "yes"
    with pytest.raises(TypeError, match="NoneType"):
        app.test_client().get("/?forget=1")


def test_teardown_runs_with_and_without_an_error() -> None:
    """FLK104: It runs after a plain request (argument None), after an unhandled exception and after a short cut."""
    app = Flask(__name__)
    seen: list[BaseException | None] = []
    app.teardown_request(seen.append)
    app.before_request(lambda: "early" if "early" in request.args else None)
    app.add_url_rule("/", view_func=lambda: "page")
    app.add_url_rule("/missing", "missing", lambda: abort(404))

    @app.get("/crash")
    def crash() -> str:
        raise ValueError("view failed")

    client = app.test_client()
    for path, status in (("/", 200), ("/?early=1", 200), ("/missing", 404), ("/crash", 500), ("/unknown", 404)):
        assert client.get(path).status_code == status
    assert [type(error) for error in seen] == [type(None), type(None), type(None), ValueError, type(None)]


def test_signals_only_notify() -> None:
    """FLK210: What subscribers return is ignored; a before_request function that returns the same does answer."""
    app = Flask(__name__)
    heard: list[str] = []
    signals = [appcontext_pushed, request_started, rendered, request_finished, request_tearing_down, appcontext_popped]

    def subscriber(sender: Flask, **event: Any) -> Any:
        heard.append(threading.current_thread().name)
        return app.make_response(("from the subscriber", 418))

    app.add_url_rule("/", view_func=lambda: render_template_string("from the view"))

    app.before_request(lambda: ("from before_request", 418) if "hook" in request.args else None)
    for signal in [*signals, got_request_exception]:
        signal.connect(subscriber, app)
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.text) == (200, "from the view")
    assert heard == [threading.current_thread().name] * len(signals)
    answer = app.test_client().get("/?hook=1")
    assert (answer.status_code, answer.text) == (418, "from before_request")
