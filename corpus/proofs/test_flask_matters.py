"""What Flask does and does not bring: views, data of a request, sessions, errors and configuration."""

import gc
import importlib
import pkgutil
import re
import runpy
import subprocess
import sys
import weakref
from importlib.metadata import distribution, metadata, requires, version
from io import BytesIO
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask, request, session, url_for
from flask.views import MethodView


def release(package: str) -> tuple[int, int]:
    """The first two numbers of the installed version."""
    major, minor = version(package).split(".")[:2]
    return int(major), int(minor)


def test_any_layout_is_a_flask_application(tmp_path: Path) -> None:
    """FLK403: Flask has no models and no controllers, and one function or a pile of oddly named folders is an application alike."""
    names = {name.lower() for module in pkgutil.iter_modules(flask.__path__) for name in [module.name, *dir(flask)]}
    assert not [name for name in names if "model" in name or "controller" in name]
    (tmp_path / "one.py").write_text("from flask import Flask\napp = Flask('one')\napp.add_url_rule('/', view_func=lambda: 'one')\n")
    (tmp_path / "cellar").mkdir()
    (tmp_path / "cellar" / "shelf.py").write_text(
        "from flask import Blueprint\nwine = Blueprint('w', 'w')\nwine.add_url_rule('/', 'x', lambda: 'two')"
    )
    (tmp_path / "two.py").write_text(
        "import runpy\nfrom flask import Flask\napp = Flask('two')\napp.register_blueprint(runpy.run_path('DIR/cellar/shelf.py')['wine'])\n".replace(
            "DIR", str(tmp_path)
        )
    )
    for name in ("one", "two"):
        assert runpy.run_path(str(tmp_path / f"{name}.py"))["app"].test_client().get("/").text == name


def test_methodview_calls_the_method_of_the_request() -> None:
    """FLK404: A subclass's get() and post() answer GET and POST, a missing one is 405, and it is no decorator."""
    app = Flask(__name__)

    class Page(MethodView):
        def get(self) -> str:
            return "got"

        def post(self) -> str:
            return "posted"

    app.add_url_rule("/", view_func=Page.as_view("page"))
    client = app.test_client()
    assert (client.get("/").text, client.post("/").text) == ("got", "posted")
    assert client.put("/").status_code == 405
    decorate: Any = MethodView
    with pytest.raises(TypeError):
        decorate(lambda: "got")


def test_args_and_form_cannot_be_changed() -> None:
    """FLK406: Assigning to request.args or request.form is a TypeError; to_dict() and copy() give changeable copies."""
    with Flask(__name__).test_request_context("/?a=1", method="POST", data={"a": "1"}):
        for values in (request.args, request.form):
            changeable: Any = values
            with pytest.raises(TypeError):
                changeable["a"] = "2"
            with pytest.raises(TypeError):
                del changeable["a"]
            for copy in (changeable.copy(), changeable.to_dict()):
                copy["a"] = "2"
                assert copy["a"] == "2"
            assert values["a"] == "1"


def test_sessions_need_a_key_and_no_switch() -> None:
    """FLK408: session is there in every app, no setting turns it on, and only writing asks for a secret key."""
    app = Flask(__name__)

    @app.get("/")
    def view() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return str(session["seen"])

    allowed = re.compile(r"SESSION_COOKIE_|SESSION_REFRESH_EACH_REQUEST$|PERMANENT_SESSION_LIFETIME$")
    assert all(allowed.match(name) for name in app.config if "SESSION" in name)
    with app.test_request_context("/"):
        assert session.get("seen") is None
        with pytest.raises(RuntimeError, match="secret key"):
            session["seen"] = 1
    app.secret_key = "k"
    client = app.test_client()
    assert [client.get("/").text for _ in range(2)] == ["1", "2"]


def test_a_session_needs_no_login() -> None:
    """FLK409: Two anonymous visitors have a session each; a recorded login is one more value in it."""
    app = Flask(__name__)
    app.secret_key = "k"

    @app.get("/")
    def view() -> dict[str, Any]:
        session["visits"] = session.get("visits", 0) + 1
        if "user" in request.args:
            session["user"] = request.args["user"]
        return dict(session)

    ann, bob = app.test_client(), app.test_client()
    assert ann.get("/").json == {"visits": 1}
    assert ann.get("/").json == {"visits": 2}
    assert bob.get("/").json == {"visits": 1}
    assert ann.get("/?user=ann").json == {"visits": 3, "user": "ann"}


def test_max_content_length_counts_the_whole_body() -> None:
    """FLK410: Each file is below the limit, and so is each field; all together they are refused."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 2000
    app.add_url_rule("/", view_func=lambda: str(len(request.files) + len(request.form)), methods=["POST"])
    client = app.test_client()

    def post(files: int, fields: int) -> int:
        data: dict[str, Any] = {f"file{i}": (BytesIO(b"x" * 800), "name.txt") for i in range(files)}
        return client.post("/", data={**data, **{f"field{i}": "x" * 800 for i in range(fields)}}).status_code

    assert (post(1, 0), post(0, 1)) == (200, 200)
    assert (post(3, 0), post(0, 3), post(1, 2)) == (413, 413, 413)


def test_large_uploads_lie_in_temporary_files() -> None:
    """FLK411: A file of up to 500 KB stays in memory, a larger one is in a file on disk when the view gets it."""
    app = Flask(__name__)

    @app.post("/")
    def view() -> dict[str, Any]:
        stream: Any = request.files["file"].stream
        name = getattr(stream, "name", None)  # what has rolled over to disk has a file's name or descriptor
        return {"on disk": name is not None, "bytes": Path(f"/proc/self/fd/{name}").stat().st_size if isinstance(name, int) else None}

    client = app.test_client()
    seen = [client.post("/", data={"file": (BytesIO(b"x" * kilo * 1024), "a.bin")}).json for kilo in (20, 490, 510, 3000)]
    assert [one["on disk"] for one in seen if one] == [False, False, True, True]


def test_memory_is_freed_by_the_interpreter() -> None:
    """FLK414: Python frees a view's object when the last reference goes; a cycle stays until Python's own collector runs."""
    app = Flask(__name__)
    kept: dict[str, Any] = {}

    class Thing:
        me: Any = None

    @app.get("/<kind>")
    def view(kind: str) -> str:
        thing = Thing()
        kept[kind] = weakref.ref(thing)
        if kind == "cycle":
            thing.me = thing
        return kind

    client = app.test_client()
    gc.disable()
    try:
        for kind in ("plain", "cycle", "plain"):
            client.get(f"/{kind}")
        assert kept["plain"]() is None
        assert kept["cycle"]() is not None
        gc.collect()
        assert kept["cycle"]() is None
    finally:
        gc.enable()
    names = [name for module in pkgutil.iter_modules(flask.__path__) for name in [module.name, *dir(Flask)]]
    assert not [name for name in names if re.search(r"memory|garbage|(^|_)gc($|_)", name)]


@pytest.mark.release("flask==2.3.3", "werkzeug==2.3.8")
@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
@pytest.mark.release("flask==2.0.3", "werkzeug==2.0.3")
def test_flask_needs_a_recent_python() -> None:
    """FLK415: What pip obeys, the package's Requires-Python, says 3.9 or newer."""
    since = {(2, 0): ">=3.6", (2, 2): ">=3.7", (2, 3): ">=3.8", (3, 1): ">=3.9"}
    assert metadata("flask")["Requires-Python"] == since[release("flask")]


def test_flask_has_no_blueprints_of_its_own() -> None:
    """FLK416: A new app has no blueprint and no module of Flask holds one; an extension brings its own."""
    app = Flask(__name__)
    assert app.blueprints == {}
    modules = [importlib.import_module(f"flask.{found.name}") for found in pkgutil.iter_modules(flask.__path__) if found.name != "__main__"]
    assert not [thing for module in [flask, *modules] for thing in vars(module).values() if isinstance(thing, flask.Blueprint)]
    importlib.import_module("flask_admin").Admin(app)
    assert "admin" in app.blueprints


@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
def test_flask_does_not_need_setuptools() -> None:
    """FLK418: The wheel was built by flit, setuptools is no requirement, and Flask runs where it cannot be imported."""
    built_by = re.search("Generator: (.*)", distribution("flask").read_text("WHEEL") or "")
    assert built_by
    assert built_by[1].startswith("flit" if release("flask") >= (2, 3) else "bdist_wheel")
    assert not [need for need in requires("flask") or [] if need.startswith("setuptools")]
    code = "import sys; sys.modules['setuptools'] = None\nimport flask; print(flask.Flask('x').test_client().get('/').status_code)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "404"


def test_middleware_wraps_wsgi_app() -> None:
    """FLK419: app(environ, start_response) goes through app.wsgi_app, so a wrapped one is used and app is still Flask."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: request.environ.get("seen", "nothing"))

    class Middleware:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            environ["seen"] = "by middleware"
            return self.inner(environ, start_response)

    def call(wsgi: Any) -> bytes:
        with Flask("other").test_request_context("/") as context:
            return b"".join(wsgi(context.request.environ, lambda *start: None))

    assert call(app) == b"nothing"
    app.wsgi_app = Middleware(app.wsgi_app)  # type: ignore[method-assign]
    assert call(app) == b"by middleware"
    assert isinstance(app, Flask)
    assert app.test_client().get("/").text == "by middleware"
    assert not hasattr(Middleware(app), "test_client")


def test_error_handlers_answer_200_by_default() -> None:
    """FLK422: What a handler returns without a code is sent with 200, for an error code and an exception alike."""
    app = Flask(__name__)
    app.register_error_handler(404, lambda error: "sorry")
    app.register_error_handler(405, lambda error: ("sorry", 405))
    app.register_error_handler(ZeroDivisionError, lambda error: "no division")
    app.add_url_rule("/", view_func=lambda: str(1 // 0))
    client = app.test_client()
    for answer, expected in (
        (client.get("/none"), (200, "sorry")),
        (client.post("/"), (405, "sorry")),
        (client.get("/"), (200, "no division")),
    ):
        assert (answer.status_code, answer.text) == expected


@pytest.mark.release(
    "flask==0.12.5", "werkzeug==0.16.1", "jinja2==2.11.3", "itsdangerous==1.1.0", "markupsafe==2.0.1", "flask-login==0.4.1"
)
def test_flask_ext_is_gone() -> None:
    """FLK423: flask.ext cannot be imported; the extension's own package can."""
    code = "import warnings; warnings.simplefilter('always')\nimport flask_login\nfrom flask.ext import login; print(login is flask_login)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if release("flask") >= (1, 0):
        assert "ModuleNotFoundError: No module named 'flask.ext'" in done.stderr
    else:
        assert done.stdout.strip() == "True", done.stderr
        assert "ExtDeprecationWarning" in done.stderr


def test_json_is_not_in_the_form() -> None:
    """FLK425: A JSON body leaves request.form empty and is in request.json; a form's fields are in request.form only."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: {"form": request.form, "json": request.get_json(silent=True)}, methods=["POST"])
    client = app.test_client()
    assert client.post("/", json={"a": "1"}).json == {"form": {}, "json": {"a": "1"}}
    assert client.post("/", data={"a": "1"}).json == {"form": {"a": "1"}, "json": None}


@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
@pytest.mark.release("flask==2.1.3", "werkzeug==2.1.2")
@pytest.mark.filterwarnings("always")
def test_json_is_customised_with_a_provider(recwarn: pytest.WarningsRecorder) -> None:
    """FLK426: JSONEncoder and app.json_encoder are gone, and a subclass of DefaultJSONProvider takes their place."""
    app = Flask(__name__)
    now = release("flask")
    if now < (2, 3):
        base = importlib.import_module("flask.json").JSONEncoder
        app.json_encoder = type("Encoder", (base,), {"default": lambda self, value: str(value)})  # type: ignore[attr-defined]
        assert any("json_encoder" in str(warning.message) for warning in recwarn) == (now == (2, 2))
    else:
        assert not hasattr(app, "json_encoder")
        assert not hasattr(importlib.import_module("flask.json"), "JSONEncoder")
        base = importlib.import_module("flask.json.provider").DefaultJSONProvider
        app.json = type("Provider", (base,), {"default": staticmethod(str)})(app)
        by_class = type("App", (Flask,), {"json_provider_class": type(app.json)})("x")
        assert by_class.json.dumps(3 + 4j) == '"(3+4j)"'
    with app.app_context():
        assert flask.json.dumps({"z": 3 + 4j}) == '{"z": "(3+4j)"}'


def test_blueprint_endpoints_are_prefixed() -> None:
    """FLK427: url_for wants "auth.login"; the URL has nothing of the name but gets the url_prefix."""
    app = Flask(__name__)
    auth = flask.Blueprint("auth", __name__)
    auth.add_url_rule("/login", "login", lambda: "login")
    app.register_blueprint(auth)
    app.register_blueprint(auth, name="other", url_prefix="/prefix")
    with app.test_request_context("/"):
        assert url_for("auth.login") == "/login"
        assert url_for("other.login") == "/prefix/login"
        with pytest.raises(importlib.import_module("werkzeug.routing").BuildError):
            url_for("login")
    assert app.test_client().get("/auth/login").status_code == 404


def test_an_endpoint_belongs_to_one_function() -> None:
    """FLK428: The second function of an endpoint is refused with an AssertionError, and the first still answers."""
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: "first")
    with pytest.raises(AssertionError, match="page"):
        app.add_url_rule("/second", "page", lambda: "second")
    assert app.test_client().get("/").text == "first"


def test_from_envvar_loads_the_file_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK429: The variable holds a path; the settings are those of that file, and a bare value is no setting."""
    app = Flask(__name__)
    (tmp_path / "settings.cfg").write_text("COLOUR = 'blue'\n")
    monkeypatch.setenv("PROOF_SETTINGS", str(tmp_path / "settings.cfg"))
    assert app.config.from_envvar("PROOF_SETTINGS")
    assert app.config["COLOUR"] == "blue"
    assert "PROOF_SETTINGS" not in app.config
    monkeypatch.setenv("PROOF_SETTINGS", "COLOUR='red'")
    with pytest.raises(FileNotFoundError):
        app.config.from_envvar("PROOF_SETTINGS")
