"""Flask at work: contexts, hooks, the command line, the development server, and what url_for, session and JSON do by default."""

import asyncio
import contextvars
import gc
import json
import re
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask, copy_current_request_context, current_app, g, has_app_context, has_request_context, request, session, url_for
from jinja2 import Environment, TemplateAssertionError
from werkzeug.routing import BaseConverter


@pytest.mark.release("flask==1.1.4", "werkzeug==1.0.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1")
def test_contexts_belong_to_an_execution_context_not_a_thread() -> None:
    """FLK400: Two asyncio tasks in one thread each see their own request, and an empty contextvars.Context sees none."""
    app = Flask(__name__)
    order: list[str] = []

    async def handle(name: str) -> str:
        with app.test_request_context(f"/?name={name}"):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")
            return request.args["name"]

    async def both() -> list[str]:
        return await asyncio.gather(handle("ann"), handle("bob"))

    by_contextvars = version("flask") >= "2"
    if by_contextvars:
        assert asyncio.run(both()) == ["ann", "bob"]
        assert order[:2] == ["ann in", "bob in"]  # both were inside at once
    with app.test_request_context("/"):
        assert has_request_context()
        assert contextvars.Context().run(has_request_context) is not by_contextvars
        assert contextvars.copy_context().run(has_request_context)
    with app.test_request_context("/"), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(has_request_context).result()


def test_commands_run_in_an_application_context() -> None:
    """FLK401: In a command current_app and g work, and there is no request."""
    app = Flask(__name__)

    @app.cli.command("show")
    def show() -> None:
        g.value = "kept"
        print(current_app.name, g.value, has_request_context())

    result = app.test_cli_runner().invoke(args=["show"])
    assert result.output.split() == [app.name, "kept", "False"], result.output


def test_an_app_pushes_no_context_by_being_made() -> None:
    """FLK402: There is a context during a request, in a command and in app.app_context(), and not otherwise."""
    app = Flask(__name__)
    seen: list[bool] = []
    app.add_url_rule("/", view_func=lambda: str(seen.append(has_app_context())))
    app.cli.command("show")(lambda: seen.append(has_app_context()))
    assert not has_app_context()
    with pytest.raises(RuntimeError, match="outside of application context"):
        assert current_app.name
    app.test_client().get("/")
    assert not has_app_context()
    app.test_cli_runner().invoke(args=["show"])
    with app.app_context():
        seen.append(has_app_context())
    assert (seen, has_app_context()) == ([True] * 3, False)


def test_hooks_are_called_at_fixed_points() -> None:
    """FLK405: Hooks run around the view, with no database at all; they are no signals, as what they return counts."""
    app = Flask(__name__)
    order: list[str] = []
    app.before_request(lambda: order.append("before_request") or ("answered" if "stop" in request.args else None))
    app.after_request(lambda response: order.append("after_request") or response)
    app.teardown_request(lambda error: order.append("teardown_request"))
    app.add_url_rule("/", view_func=lambda: str(order.append("view")))
    app.test_client().get("/")
    assert order == ["before_request", "view", "after_request", "teardown_request"]
    assert app.test_client().get("/?stop=1").text == "answered"
    assert not {"before_request", "after_request", "teardown_request"} & set(vars(flask.signals))


def test_contexts_end_with_the_request() -> None:
    """FLK417: After the answer no context is left, teardown has run once, g is gone from memory and empty the next time."""
    app = Flask(__name__)
    teardowns: list[bool] = []
    holders: list[weakref.ref[Any]] = []
    app.teardown_appcontext(lambda error: teardowns.append(has_app_context()))

    class Value:
        pass

    @app.get("/")
    def view() -> str:
        empty = "value" not in g
        g.value = Value()
        holders.append(weakref.ref(g.value))
        return str(empty)

    client = app.test_client()
    for number in (1, 2):
        answer = client.get("/")
        assert answer.text == "True"
        assert not has_app_context()
        assert not has_request_context()
        assert len(teardowns) == number
        answer.close()
    del answer
    client = app.test_client()
    gc.collect()
    assert [holder() for holder in holders] == [None, None]


def test_info_messages_do_not_appear_outside_debug_mode() -> None:
    """FLK305: app.logger is at WARNING and drops info() and debug(); debug mode or a configured level lets them through."""
    code = """
import logging, sys
from flask import Flask
if "configured" in sys.argv: logging.basicConfig(level=logging.DEBUG)
app = Flask("proof")
app.debug = "debug" in sys.argv
print(logging.getLevelName(app.logger.getEffectiveLevel()), file=sys.stderr)
app.logger.debug("said debug"); app.logger.info("said info"); app.logger.warning("said warning")
"""
    expected = {"plain": ["warning"], "debug": ["debug", "info", "warning"], "configured": ["debug", "info", "warning"]}
    for mode, heard in expected.items():
        done = subprocess.run([sys.executable, "-c", code, mode], capture_output=True, text=True, check=True)
        assert re.findall(r"said (\w+)", done.stderr) == heard
        assert done.stderr.split()[0] == ("WARNING" if mode == "plain" else "DEBUG")


def test_url_for_gives_no_scheme_and_host() -> None:
    """FLK300: During a request url_for gives /login; with _external=True it gives the whole URL."""
    app = Flask(__name__)
    app.add_url_rule("/login", "login", lambda: [url_for("login"), url_for("login", _external=True)])
    assert app.test_client().get("/login").json == ["/login", "http://localhost/login"]


def test_changes_inside_a_session_value_go_unnoticed() -> None:
    """FLK301: An appended item is lost unless session.modified is set or the value is assigned anew."""
    app = Flask(__name__)
    app.secret_key = "k"

    @app.get("/<how>")
    def view(how: str) -> list[str]:
        seen = list(session.setdefault("cart", []))
        session["cart"].append(how)
        if how == "modified":
            session.modified = True
        elif how == "anew":
            session["cart"] = [*session["cart"]]
        return seen

    client = app.test_client()
    seen = [client.get(f"/{how}").json for how in ("modified", "silent", "anew", "silent", "end")]
    assert seen[1:] == [["modified"], ["modified"], ["modified", "anew"], ["modified", "anew"]]


def test_json_keys_are_sorted() -> None:
    """FLK302: A dict's keys come in alphabetical order; with app.json.sort_keys = False in the order of insertion."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: {"b": 1, "c": 2, "a": 3})
    assert list(json.loads(app.test_client().get("/").data)) == ["a", "b", "c"]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    assert list(json.loads(app.test_client().get("/").data)) == ["b", "c", "a"]


def test_a_new_thread_has_no_request() -> None:
    """FLK303: request raises RuntimeError in a thread of the view's, and works through copy_current_request_context."""
    app = Flask(__name__)

    def read() -> str:
        try:
            return request.args["name"]
        except RuntimeError as error:
            return type(error).__name__

    @app.get("/")
    def view() -> list[str]:
        results: list[str] = []
        for function in (read, copy_current_request_context(read)):
            thread = threading.Thread(target=lambda function=function: results.append(function()))
            thread.start()
            thread.join()
        return results

    assert app.test_client().get("/?name=ann").json == ["RuntimeError", "ann"]


def test_session_cookie_is_httponly_and_not_secure() -> None:
    """FLK304: The cookie is sent with HttpOnly and without Secure, as the two settings say."""
    app = Flask(__name__)
    app.secret_key = "k"
    app.add_url_rule("/", view_func=lambda: str(session.update(a=1)))
    attributes = app.test_client().get("/").headers["Set-Cookie"].split("; ")[1:]
    assert "HttpOnly" in attributes
    assert "Secure" not in attributes
    assert (app.config["SESSION_COOKIE_HTTPONLY"], app.config["SESSION_COOKIE_SECURE"]) == (True, False)


def test_send_from_directory_stays_inside(tmp_path: Path) -> None:
    """FLK307: ../secret is 404 with send_from_directory and is sent by send_file."""
    app = Flask(__name__)
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "open.txt").write_text("open")
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "public"
    app.add_url_rule("/safe", "safe", lambda: flask.send_from_directory(folder, request.args["name"]))
    app.add_url_rule("/unsafe", "unsafe", lambda: flask.send_file(f"{folder}/{request.args['name']}"))
    client = app.test_client()
    assert client.get("/safe?name=open.txt").text == "open"
    for name in ("../secret.txt", str(tmp_path / "secret.txt")):
        assert client.get("/safe", query_string={"name": name}).status_code == 404
    assert client.get("/unsafe?name=../secret.txt").text == "secret"


def test_jinja_has_no_filter_for_dates() -> None:
    """FLK413: No filter formats dates until one is registered; strftime() of the value does."""
    environment = Environment(autoescape=True)
    when = datetime(2026, 5, 4, tzinfo=UTC)
    for name in ("datetimeformat", "dateformat", "date", "datetime", "strftime", "time"):
        with pytest.raises(TemplateAssertionError):
            environment.from_string("{{ when|" + name + " }}")
    assert environment.from_string("{{ when.strftime('%d.%m.%Y') }}").render(when=when) == "04.05.2026"
    environment.filters["date"] = lambda value: value.strftime("%Y")
    assert environment.from_string("{{ when|date }}").render(when=when) == "2026"


def test_six_url_converters() -> None:
    """FLK420: string, int, float, path, uuid and any are known ("default" is string); another is, once registered."""
    app = Flask(__name__)
    converters = dict(app.url_map.converters)
    assert converters.pop("default") is converters["string"]
    assert set(converters) == {"string", "int", "float", "path", "uuid", "any"}
    for name in ("date", "bool", "list", "regex"):
        with pytest.raises(LookupError):
            app.add_url_rule(f"/<{name}:value>", name, lambda value: value)
    app.url_map.converters["bool"] = type("Bool", (BaseConverter,), {"regex": "yes|no", "to_python": lambda self, value: value == "yes"})
    app.add_url_rule("/<bool:value>", "bool", lambda value: f"{value}")
    assert app.test_client().get("/yes").text == "True"
    assert app.test_client().get("/maybe").status_code == 404


def test_templates_are_looked_for_beside_the_module(tmp_path: Path) -> None:
    """FLK421: Beside a module and in a package templates/ is searched, a file elsewhere is not found, template_folder is another."""
    code = "from flask import Flask, render_template\napp = Flask(__name__)\nother = Flask(__name__, template_folder='elsewhere')\n"
    (tmp_path / "package").mkdir()
    for folder, module in ((tmp_path, "module.py"), (tmp_path / "package", "__init__.py")):
        (folder / module).write_text(code)
        for name in ("templates", "elsewhere"):
            (folder / name).mkdir()
            (folder / name / f"{name}.html").write_text(f"{module} {name}")
        (folder / "beside.html").write_text("never found")
    show = """
import module, package, jinja2, flask
for app, name in [(a, n) for m in (module, package) for a in (m.app, m.other) for n in ("templates", "elsewhere", "beside")]:
    with app.app_context():
        try: print(flask.render_template(name + ".html"))
        except jinja2.TemplateNotFound: print("none")
"""
    done = subprocess.run([sys.executable, "-B", "-c", show], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = [["module.py templates", "none", "none", "none", "module.py elsewhere", "none"]]
    found.append([line.replace("module.py", "__init__.py") for line in found[0]])
    assert done.stdout.splitlines() == found[0] + found[1]
