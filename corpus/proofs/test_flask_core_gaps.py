"""Jinja's delimiters, defaults and globals, Flask's URLs and routes, hooks of blueprints, error pages, debug mode and commands."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Blueprint, Flask, abort, g, render_template_string, request, session, url_for
from flask.cli import FlaskGroup
from jinja2 import Environment, TemplateSyntaxError
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BuildError


def test_braces_print_and_percent_signs_act() -> None:
    """FLK640: {{ }} puts a value into the output, {% %} holds statements and prints nothing, {# #} is dropped."""
    environment = Environment()
    assert environment.from_string("<{{ 1 + 2 }}>").render() == "<3>"
    assert environment.from_string("<{% set x = 1 + 2 %}>").render() == "<>"
    assert environment.from_string("{% if n %}yes{% endif %}{% for i in (1, 2) %}{{ i }}{% endfor %}").render(n=1) == "yes12"
    assert environment.from_string("<{# {{ n }} #}>").render(n=1) == "<>"
    for wrong in ("{{ if n }}yes{{ endif }}", "{{ for i in (1, 2) }}", "{% n %}", "{{ block content }}", "{{ extends 'a.html' }}"):
        with pytest.raises(TemplateSyntaxError):
            environment.from_string(wrong)
    assert environment.from_string("<% n %> ${n} <?= n ?> { n }").render(n=1) == "<% n %> ${n} <?= n ?> { n }"


def test_url_for_puts_other_arguments_into_the_query() -> None:
    """FLK641: Arguments without a variable in the rule follow the question mark; a variable without argument is a BuildError."""
    app = Flask(__name__)
    app.add_url_rule("/user/<name>", "user", lambda name: name)
    app.add_url_rule("/list", "list", lambda: "")
    with app.test_request_context():
        assert url_for("user", name="ann", page=2) == "/user/ann?page=2"
        assert url_for("list", q="a b&c", tag=["x", "y"], none=None) == "/list?q=a+b%26c&tag=x&tag=y"
        with pytest.raises(BuildError):
            url_for("user", page=2)
        with pytest.raises(TypeError):
            url_for("user", "ann")


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_debug_mode_is_off_until_turned_on(tmp_path: Path, options: list[str]) -> None:
    """FLK642: Without --debug neither debugger nor reloader is active, with it both are."""
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\nprint('debug is', app.debug, flush=True)\n")
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "WERKZEUG"))}
    command = [sys.executable, "-u", "-m", "flask", "run", "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=tmp_path, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as server:
        assert server.stdout is not None
        seen = ""
        while ("Debugger PIN" if options else "CTRL+C") not in seen:
            line = server.stdout.readline()
            assert line, seen
            seen += line
        os.killpg(server.pid, signal.SIGKILL)
    on = bool(options)
    assert (f"debug is {on}" in seen, "Debugger is active" in seen, "Restarting with" in seen) == (True, on, on)
    assert f"Debug mode: {'on' if on else 'off'}" in seen


def test_a_key_gives_the_first_of_several_values() -> None:
    """FLK643: For a repeated key [] and get() give the first value as a string, getlist() all of them."""
    app = Flask(__name__)
    seen: list[object] = []

    @app.post("/")
    def note() -> str:
        for values in (request.args, request.form):
            seen.extend([values["tag"], values.get("tag"), values.getlist("tag"), values.getlist("none"), values.to_dict()])
        return ""

    app.test_client().post("/?tag=a&tag=b", data=MultiDict([("tag", "a"), ("tag", "b")]))
    assert seen == ["a", "a", ["a", "b"], [], {"tag": "a"}] * 2


def test_a_variable_without_converter_is_a_string() -> None:
    """FLK644: Digits stay text until a converter is named in the rule; a type hint of the view converts nothing."""
    app = Flask(__name__)

    def show(value: int) -> str:
        return repr(value)

    for rule in ("/plain/<value>", "/string/<string:value>", "/int/<int:value>", "/float/<float:value>"):
        app.add_url_rule(rule, rule, show)
    client = app.test_client()
    assert [client.get(url).text for url in ("/plain/42", "/string/42", "/int/42", "/float/4.5")] == ["'42'", "'42'", "42", "4.5"]
    assert [client.get(f"/plain/{text}").text for text in ("abc", "4.5", "True")] == ["'abc'", "'4.5'", "'True'"]


def test_a_view_may_have_several_routes() -> None:
    """FLK645: Each of the stacked route() decorators adds a URL, and both answer with 200 and without a redirect."""
    app = Flask(__name__)

    @app.route("/")
    @app.route("/hello/<name>")
    @app.route("/home", methods=["GET", "POST"])
    def index(name: str = "nobody") -> str:
        return name

    client = app.test_client()
    answers = [client.get("/"), client.get("/home"), client.post("/home"), client.get("/hello/ann")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "nobody")] * 3 + [(200, "ann")]
    assert client.post("/").status_code == 405
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == {"index", "static"}


def test_the_default_filter_looks_only_for_undefined() -> None:
    """FLK646: None, "", 0 and [] are defined and stay; with true as second argument they are replaced too."""
    environment = Environment()
    plain, boolean = environment.from_string("{{ x|default('-') }}"), environment.from_string("{{ x|default('-', true) }}")
    assert plain.render() == boolean.render() == "-"
    for value in (None, "", 0, False, []):
        assert (plain.render(x=value), boolean.render(x=value)) == (str(value), "-")
    assert environment.from_string("{{ x|d('-', boolean=true) }}{{ x or '-' }}").render(x=None) == "--"


def test_templates_have_flask_names_without_passing_them() -> None:
    """FLK647: config, request, session, g, url_for and get_flashed_messages are there; current_app and imports are not."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k" * 32, TITLE="Shop")

    @app.get("/")
    def index() -> str:
        session["user"], g.colour = "ann", "red"
        names = "{{ config.TITLE }} {{ request.path }} {{ session.user }} {{ g.colour }} {{ url_for('index') }}"
        names += " {{ get_flashed_messages() }} {{ current_app is defined }} {{ redirect is defined }} {{ datetime is defined }}"
        return render_template_string(names)

    assert app.test_client().get("/").text == "Shop / ann red / [] False False False"


def test_a_blueprint_hook_sees_only_its_own_views() -> None:
    """FLK648: A blueprint's hooks run for its views and nested ones, not for others or unknown URLs; before_app_request sees all."""
    app, seen = Flask(__name__), list[str]()
    shop, blog = Blueprint("shop", __name__, url_prefix="/shop"), Blueprint("blog", __name__, url_prefix="/blog")
    shop.before_request(lambda: seen.append("own"))
    shop.after_request(lambda response: seen.append("after") or response)
    shop.before_app_request(lambda: seen.append("app"))
    shop.add_url_rule("/", "start", lambda: "")
    blog.add_url_rule("/", "start", lambda: "")
    app.add_url_rule("/", "start", lambda: "")
    cart = Blueprint("cart", __name__, url_prefix="/cart")
    cart.add_url_rule("/", "start", lambda: "")
    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    app.register_blueprint(blog)
    called = {}
    for url in ("/shop/", "/shop/cart/", "/blog/", "/", "/shop/none"):
        app.test_client().get(url)
        called[url] = seen.copy()
        seen.clear()
    within = ["app", "own", "after"]
    assert called == {"/shop/": within, "/shop/cart/": within, "/blog/": ["app"], "/": ["app"], "/shop/none": ["app"]}


def test_default_error_pages_are_html() -> None:
    """FLK649: 404, 405, 400 from abort() and 500 are HTML whatever the client accepts or sends and other views return."""
    app = Flask(__name__)
    app.add_url_rule("/api", "api", lambda: {"ok": True})
    app.add_url_rule("/bad", "bad", lambda: abort(400, description="no name"))
    app.add_url_rule("/crash", "crash", lambda: str(1 / 0))
    client, wants = app.test_client(), {"Accept": "application/json", "Content-Type": "application/json"}
    answers = [client.get("/none", headers=wants), client.post("/api", headers=wants, json={}), client.get("/bad", headers=wants)]
    answers.append(client.get("/crash", headers=wants))
    assert [(answer.status_code, answer.mimetype) for answer in answers] == [(code, "text/html") for code in (404, 405, 400, 500)]
    assert client.get("/api").mimetype == "application/json"
    changed = Flask(__name__)
    changed.register_error_handler(404, lambda error: ({"error": error.name}, 404))
    assert changed.test_client().get("/none").json == {"error": "Not Found"}


def test_flask_brings_three_commands() -> None:
    """FLK650: run, shell and routes are there; others come from extensions or the app and are unknown without them."""
    assert set(FlaskGroup().commands) == {"run", "shell", "routes"}
    app = Flask(__name__)
    app.cli.command("greet")(lambda: print("hello"))
    group = FlaskGroup(create_app=lambda: app)
    assert CliRunner().invoke(group, ["greet"]).output.strip() == "hello"
    for name in ("startproject", "startapp", "createsuperuser", "runserver", "migrate", "test", "init", "new", "create-app", "build"):
        done = CliRunner().invoke(group, [name])
        assert (done.exit_code, "No such command" in done.output) == (2, True), name
