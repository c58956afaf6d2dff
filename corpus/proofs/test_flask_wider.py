"""Flask: which rule matches, how apps are started, what views return, Jinja's own language, and what is shared."""

import json
import os
import runpy
import subprocess
import sys
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import werkzeug
from click.testing import CliRunner
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask, Response, g, jsonify, redirect, render_template_string, request
from flask.cli import FlaskGroup
from jinja2 import DictLoader, Environment, TemplateSyntaxError, UndefinedError
from markupsafe import escape
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column


def test_the_most_specific_rule_wins_in_any_order() -> None:
    """FLK701: Static before int before string before path, in whichever of all orders the rules are registered."""
    for order in permutations(["/about", "/<int:number>", "/<name>", "/<path:rest>"]):
        app = Flask(__name__)
        for rule in order:
            app.add_url_rule(rule, rule, lambda rule=rule, **_: rule)
        client = app.test_client()
        matched = [client.get(url).text for url in ("/about", "/7", "/someone", "/some/where")]
        assert matched == ["/about", "/<int:number>", "/<name>", "/<path:rest>"]
    app = Flask(__name__)  # the control: of equal rules the first one answers
    for view in ("first", "second"):
        app.add_url_rule("/same", view, lambda view=view: view)
    assert app.test_client().get("/same").text == "first"


def test_flask_run_never_reaches_app_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK702: flask run serves at its own port and leaves the main block alone, which python app.py does execute."""
    module = tmp_path / "guarded_main.py"
    guarded = 'print("as", __name__)\nif __name__ == "__main__":\n    app.run(host="0.0.0.0", port=8123)\n'
    module.write_text("from flask import Flask\napp = Flask(__name__)\n" + guarded)
    served: list[tuple[str, int]] = []
    for place in ("werkzeug.serving", "flask.cli"):
        monkeypatch.setattr(f"{place}.run_simple", lambda host, port, *_, **__: served.append((host, port)))
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "false")
    runpy.run_path(str(module), run_name="__main__")
    assert served.pop() == ("0.0.0.0", 8123)
    done = CliRunner().invoke(FlaskGroup(), ["--app", str(module), "run"], catch_exceptions=False)
    assert (done.exit_code, served) == (0, [("127.0.0.1", 5000)])
    assert "as guarded_main\n" in done.output


def test_flask_command_finds_app_py_by_itself(tmp_path: Path) -> None:
    """FLK703: With app.py or wsgi.py no variable is needed; another name is found with --app or FLASK_APP only."""

    def works(file: str, *options: str, **variables: str) -> bool:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / file).write_text("from flask import Flask\ndef create_app():\n    return Flask(__name__)\n")
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("FLASK")} | variables
        command = [sys.executable, "-m", "flask", *options, "routes"]
        return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, check=False).returncode == 0

    assert [works("app.py"), works("wsgi.py"), works("hello.py")] == [True, True, False]
    assert works("hello.py", "--app", "hello")
    assert works("hello.py", FLASK_APP="hello")


def test_a_value_that_does_not_fit_is_an_unknown_url() -> None:
    """FLK704: What a converter rejects is 404 without a call of the view, or goes to another rule; int() in a view gives 500."""
    app = Flask(__name__)
    called: list[Any] = []
    for rule in ("/int/<int:value>", "/float/<float:value>", "/uuid/<uuid:value>", "/signed/<int(signed=True):value>"):
        app.add_url_rule(rule, rule, lambda value: called.append(value) or "called")
    app.add_url_rule("/both/<int:value>", "number", lambda value: "number")
    app.add_url_rule("/both/<value>", "text", lambda value: "text")
    app.add_url_rule("/plain/<value>", "plain", lambda value: str(int(value)))
    client = app.test_client()
    for url in ("/int/abc", "/int/-5", "/int/3.7", "/float/3", "/float/x", "/uuid/123"):
        assert client.get(url).status_code == 404
    assert called == []
    assert [client.get(url).text for url in ("/int/5", "/float/3.7", "/signed/-5")] == ["called"] * 3
    assert called == [5, 3.7, -5]
    assert [client.get(url).text for url in ("/both/5", "/both/abc")] == ["number", "text"]
    assert client.get("/plain/abc").status_code == 500


def test_json_text_is_sent_as_html() -> None:
    """FLK705: The string of json.dumps goes out as text/html, a dict and jsonify as JSON, a Response as it says."""
    app = Flask(__name__)
    data = {"a": 1}
    app.add_url_rule("/text", "text", lambda: json.dumps(data))
    app.add_url_rule("/dict", "dict", lambda: data)
    app.add_url_rule("/jsonify", "jsonify", lambda: jsonify(data))
    app.add_url_rule("/said", "said", lambda: Response(json.dumps(data), mimetype="application/json"))
    answers = [app.test_client().get(url) for url in ("/text", "/dict", "/jsonify", "/said")]
    assert [answer.mimetype for answer in answers] == ["text/html", *["application/json"] * 3]
    assert [json.loads(answer.text) for answer in answers] == [data] * 4
    with app.app_context():
        assert isinstance(jsonify(data), Response)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    name: Mapped[str] = mapped_column(primary_key=True)

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name}


class Member(MappedAsDataclass, DeclarativeBase):
    pass


class Guest(Member):
    __tablename__ = "guest"
    name: Mapped[str] = mapped_column(primary_key=True)


def test_jsonify_refuses_models_and_rows() -> None:
    """FLK706: A model, a list of models and rows raise TypeError; dicts, dates and models that are dataclasses pass."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Flask(__name__).app_context(), Session(engine) as database:
        database.add(User(name="ann"))
        models = database.scalars(select(User)).all()
        rows = database.execute(select(User.name)).all()
        for refused in (models[0], models, rows[0], rows):
            with pytest.raises(TypeError, match="is not JSON serializable"):
                jsonify(refused)
        for accepted in ([user.to_dict() for user in models], [row._asdict() for row in rows], [Guest(name="ann")]):
            assert jsonify(accepted).json == [{"name": "ann"}]
        assert jsonify(date(2026, 1, 2)).json == "Fri, 02 Jan 2026 00:00:00 GMT"


def test_redirect_calls_no_view() -> None:
    """FLK707: The answer names a URL and no view has run; the request that follows is a GET without form or g, save after 307."""
    app = Flask(__name__)
    seen: list[Any] = []

    @app.post("/<int:code>")
    def first(code: int) -> Any:
        g.note = "kept?"
        return redirect("/target", code)

    @app.route("/target", methods=["GET", "POST"])
    def target() -> str:
        seen.append((request.method, request.form.to_dict(), "note" in g))
        return "there"

    answer = app.test_client().post("/302", data={"a": "1"})
    assert (answer.status_code, answer.location, seen) == (302, "/target", [])
    for code in (302, 307):
        assert app.test_client().post(f"/{code}", data={"a": "1"}, follow_redirects=True).text == "there"
    assert seen == [("GET", {}, False), ("POST", {"a": "1"}, False)]


def test_query_and_form_values_are_text() -> None:
    """FLK708: Digits, false, null and nothing at all arrive as str; type=int converts, or gives the default."""
    values = {"n": "2", "no": "false", "null": "null", "empty": "", "day": "2026-01-02", "ids": "1,2"}
    with Flask(__name__).test_request_context("/", method="POST", query_string=values, data=values):
        for held in (request.args, request.form):
            assert held.to_dict() == values
            assert {type(value) for value in held.values()} == {str}
            assert held.get("n", type=int) == 2
            assert [held.get("no", type=int), held.get("empty", 1, type=int)] == [None, 1]
    app = Flask(__name__)
    app.add_url_rule("/<int:n>", "n", lambda n: type(n).__name__)  # the control: a converter does convert
    assert app.test_client().get("/2").text == "int"


def test_a_tuple_carries_status_and_headers() -> None:
    """FLK709: (body, status), (body, headers) and all three work without make_response; the status must not come first."""
    app = Flask(__name__)
    returned: list[Any] = [("text", 404), ("text", {"X-A": "1"}), ({"id": 7}, 201, {"X-A": "1"}), ("", 204), (404, "text"), 404]
    for number, value in enumerate(returned):
        app.add_url_rule(f"/{number}", str(number), lambda value=value: value)
    answers = [app.test_client().get(f"/{number}") for number in range(len(returned))]
    assert [answer.status_code for answer in answers] == [404, 200, 201, 204, 500, 500]
    assert [answer.headers.get("X-A") for answer in answers[:4]] == [None, "1", "1", None]
    assert [answer.text for answer in answers[:2]] == ["text", "text"]
    assert answers[2].json == {"id": 7}


def test_jinja_knows_no_python_statements() -> None:
    """FLK710: Python's statements and comprehensions do not parse and its built-ins are undefined; Jinja's own ways work."""
    jinja = Environment(autoescape=True)
    tags = ["import os", "def f()", "while true", "try", "class A", "x = 5"]
    for source in [f"{{% {tag} %}}" for tag in tags] + ["{{ [x for x in [1]] }}", "{{ lambda x: x }}", "{{ f'{1}' }}"]:
        with pytest.raises(TemplateSyntaxError):
            jinja.from_string(source)
    for source in ("{{ len([1]) }}", "{{ open('/etc/hosts') }}", "{{ print(1) }}", "{{ str(1) }}"):
        with pytest.raises(UndefinedError):
            jinja.from_string(source).render()
    assert (
        jinja.from_string("{% set x = [5, 6] %}{{ x|length }}{% for i in range(2) %}\n{{ 'a'.upper() }}{% endfor %}").render() == "2\nA\nA"
    )


def test_input_in_the_template_source_is_evaluated() -> None:
    """FLK711: In the source the input is executed, escaped or not, and reads the settings; as a variable it is text."""
    app = Flask(__name__)
    app.secret_key = "s3cret"
    sent = "{{ 7*7 }} {{ config.SECRET_KEY }}"
    with app.test_request_context():
        assert render_template_string(f"Hi {sent}") == "Hi 49 s3cret"
        assert render_template_string(f"Hi {escape(sent)}") == "Hi 49 s3cret"
        assert render_template_string("Hi {{ name }}", name=sent) == f"Hi {sent}"
        assert render_template_string("Hi {{ name }}", name="<b>") == "Hi &lt;b&gt;"  # autoescaping is on all the same
        reached = render_template_string("{{ cycler.__init__.__globals__.os.getpid() }}")
    assert reached == str(os.getpid())


def test_child_block_replaces_the_parents() -> None:
    """FLK712: An overridden block shows the child's content only, super() brings the parent's back, others keep theirs."""
    sources = {
        "base": "{% block a %}base{% endblock %}|{% block b %}default{% endblock %}",
        "child": "{% extends 'base' %}{% block a %}child{% endblock %}",
        "super": "{% extends 'base' %}{% block a %}{{ super() }}+child{% endblock %}",
        "empty": "{% extends 'base' %}{% block a %}{% endblock %}",
    }
    jinja = Environment(loader=DictLoader(sources), autoescape=True)
    shown = {name: jinja.get_template(name).render() for name in sources}
    assert shown == {"base": "base|default", "child": "child|default", "super": "base+child|default", "empty": "|default"}


def test_views_get_the_url_variables_and_no_request() -> None:
    """FLK713: A view without parameters has the request, one that asks for it fails, and URL variables come by name."""
    app = Flask(__name__)
    app.add_url_rule("/read", "read", lambda: request.args["q"])
    app.add_url_rule("/asks", "asks", lambda request: "never")
    app.add_url_rule("/asks-q", "asks-q", lambda q: "never")
    app.add_url_rule("/<year>/<month>", "names", lambda month, year: f"{month} of {year}")
    app.add_url_rule("/other/name/<name>", "other", lambda user: "never")
    client = app.test_client()
    assert client.get("/read?q=flask").text == "flask"
    assert client.get("/2026/may").text == "may of 2026"
    assert {client.get(url).status_code for url in ("/asks", "/asks-q?q=flask", "/other/name/ann")} == {500}
    app.testing = True  # lets the exception through
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'request'"):
        client.get("/asks")


def test_module_variables_are_shared_by_users(tmp_path: Path) -> None:
    """FLK714: What one browser puts in a variable of the module another one sees, unlike what it puts in the session."""
    module = tmp_path / "shop.py"
    lines = ["cart = []", "def add(item):", "    cart.append(item)", "    session['mine'] = [*session.get('mine', []), item]"]
    lines += ["    return {'cart': cart, 'mine': session['mine']}"]
    module.write_text(
        "\n".join(["from flask import Flask, session", *lines, "app = Flask(__name__)", "app.add_url_rule('/<item>', 'add', add)"])
    )
    app: Flask = runpy.run_path(str(module))["app"]
    app.secret_key = "k"
    ann, bob = app.test_client(), app.test_client()
    assert ann.get("/book").json == {"cart": ["book"], "mine": ["book"]}
    assert bob.get("/lamp").json == {"cart": ["book", "lamp"], "mine": ["lamp"]}
    assert ann.get("/pen").json == {"cart": ["book", "lamp", "pen"], "mine": ["book", "pen"]}


def test_plain_flask_serves_no_api_docs() -> None:
    """FLK715: A Flask app has no rule but its own and the static one, none for docs; a FastAPI app serves them."""
    app = Flask(__name__)
    app.add_url_rule("/item", "item", lambda: {"id": 1})
    assert {rule.rule for rule in app.url_map.iter_rules()} == {"/static/<path:filename>", "/item"}
    pages = ["/docs", "/redoc", "/openapi.json"]
    others = ["/swagger", "/swagger.json", "/apidocs", "/apispec"]
    for debug in (False, True):
        app.debug = debug
        assert {app.test_client().get(page).status_code for page in pages + others} == {404}
    assert {TestClient(FastAPI()).get(page).status_code for page in pages} == {200}


def test_helpers_are_in_submodules_of_werkzeug() -> None:
    """FLK716: The helpers are attributes of their modules and not of the package, save a few names; contrib is gone."""
    homes = {"utils": ["secure_filename"], "security": ["generate_password_hash", "check_password_hash"], "datastructures": ["FileStorage"]}
    for module, names in homes.items():
        for name in names:
            exec(f"from werkzeug.{module} import {name}", {})
            with pytest.raises(ImportError, match=name):
                exec(f"from werkzeug import {name}", {})
    with pytest.raises(ImportError):
        exec("from werkzeug.security import secure_filename", {})
    with pytest.raises(ModuleNotFoundError):
        exec("import werkzeug.contrib", {})
    assert werkzeug.Request and werkzeug.Response
