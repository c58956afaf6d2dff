"""Extensions of Flask: what has gone, what took its place, and what each one does and does not do."""

import asyncio
import importlib
import socketserver
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape


def release(package: str) -> tuple[int, int]:
    """The first two numbers of the installed version."""
    major, minor = version(package).split(".")[:2]
    return int(major), int(minor)


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Runs the code in a Python of its own, as it imports what may not get into this process."""
    return subprocess.run([sys.executable, "-B", "-W", "always", "-c", code], capture_output=True, text=True, check=False)


def test_celery_needs_no_extension() -> None:
    """EXT303: A small function gives Celery the app's context, with neither Flask-Celery nor Flask-Celery-Helper about."""
    code = """
import sys
sys.modules["flask_celery"] = None
from celery import Celery, Task, shared_task
from flask import Flask, current_app

def celery_init_app(app):
    class FlaskTask(Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)
    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    return celery_app

app = Flask("proof")
app.config["CELERY"] = {"task_always_eager": True}
celery_init_app(app)

@shared_task
def add(a, b):
    return current_app.name, a + b

print(add.delay(1, 2).get())
"""
    done = python(code)
    assert done.stdout.strip() == "('proof', 3)", done.stderr


@pytest.mark.release("flask==2.2.5", "werkzeug==2.2.3")
@pytest.mark.release("flask==2.1.3", "werkzeug==2.1.2")
def test_context_stacks_are_gone() -> None:
    """EXT304: Importing either stack from flask is an ImportError; app_ctx, request_ctx, current_app and g are there."""
    for name in ("_request_ctx_stack", "_app_ctx_stack"):
        done = python(f"from flask import Flask, {name} as stack\nwith Flask('x').test_request_context(): print(stack.top.app.name)")
        if release("flask") >= (2, 3):
            assert "ImportError" in done.stderr
        else:
            assert done.stdout.strip() == "x", done.stderr
            assert ("DeprecationWarning" in done.stderr and name in done.stderr) == (release("flask") == (2, 2))
    if release("flask") >= (2, 2):
        flask_globals = importlib.import_module("flask.globals")
        app = Flask(__name__)
        with app.test_request_context("/path"):
            assert flask_globals.app_ctx.app is app
            assert flask_globals.request_ctx.request.path == "/path"
            assert flask_globals.current_app.name == app.name
            assert flask_globals.g is not None


def test_namespaces_and_swagger_belong_to_restx() -> None:
    """EXT306: Flask-RESTful has no Namespace and no Swagger page; Flask-RESTX has both."""
    restful, restx = importlib.import_module("flask_restful"), importlib.import_module("flask_restx")
    assert not hasattr(restful, "Namespace")
    assert not hasattr(restful.Api, "namespace")
    for package in (restful, restx):
        app = Flask(package.__name__)
        api = package.Api(app)
        resource = type("Hello", (package.Resource,), {"get": lambda self: {"hello": "world"}})
        if package is restx:
            space = restx.Namespace("space")
            space.add_resource(resource, "/hello")
            api.add_namespace(space)
        else:
            api.add_resource(resource, "/space/hello")
        client = app.test_client()
        assert client.get("/space/hello").json == {"hello": "world"}
        pages = [client.get("/").status_code, client.get("/swagger.json").status_code]
        assert pages == ([200, 200] if package is restx else [404, 404])


@pytest.mark.release("flask-babel==2.0.0", "flask==2.2.5", "werkzeug==2.2.3")
def test_locale_selector_is_an_argument() -> None:
    """EXT307: Babel has no localeselector; a function given to Babel() or init_app() picks the locale."""
    flask_babel = importlib.import_module("flask_babel")
    if release("flask-babel") < (3, 0):
        app = Flask(__name__)
        flask_babel.Babel(app).localeselector(lambda: "de")
        apps = [app]
    else:
        assert not hasattr(flask_babel.Babel, "localeselector")
        apps = [Flask("constructor"), Flask("init_app")]
        flask_babel.Babel(apps[0], locale_selector=lambda: "de")
        flask_babel.Babel().init_app(apps[1], locale_selector=lambda: "de")
    for app in apps:
        with app.test_request_context():
            assert str(flask_babel.get_locale()) == "de"
            assert flask_babel.format_decimal(1.5) == "1,5"


def test_socketio_adds_events_and_leaves_views_synchronous() -> None:
    """EXT308: Client and server each send events to the other; a view is still called like a function, in no event loop."""
    app = Flask(__name__)
    app.secret_key = "k"
    socketio = importlib.import_module("flask_socketio").SocketIO(app, async_mode="threading")
    seen: list[Any] = []

    @app.get("/")
    def view() -> str:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            seen.append(threading.get_ident())
        return "page"

    socketio.on_event("question", lambda data: socketio.emit("answer", {"to": data}))
    client = socketio.test_client(app)
    client.emit("question", "from the client")
    received = client.get_received()
    assert [(event["name"], event["args"]) for event in received] == [("answer", [{"to": "from the client"}])]
    socketio.emit("news", "unasked")
    assert client.get_received()[0]["name"] == "news"
    assert app.test_client().get("/").text == "page"
    assert seen == [threading.get_ident()]
    assert app.view_functions["view"] is view


class SlowMail(socketserver.StreamRequestHandler):
    """A small SMTP server that thinks for a while before it takes a message, or refuses it."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                time.sleep(0.3)
                if not server.refuses:
                    server.taken.append(time.monotonic())
            self.wfile.write(b"554 no\r\n" if word == b"DATA" and server.refuses else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


def test_mail_is_sent_before_send_returns() -> None:
    """EXT309: send() returns after the server has taken the message, raises if it refuses, and a thread takes it off the caller."""
    flask_mail, smtplib = importlib.import_module("flask_mail"), importlib.import_module("smtplib")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SlowMail) as plain:
        server: Any = plain
        server.taken, server.refuses = [], False
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        app = Flask(__name__)
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.server_address[1], MAIL_DEFAULT_SENDER="a@example.org")
        mail = flask_mail.Mail(app)

        def send() -> None:
            with app.app_context():
                mail.send(flask_mail.Message("subject", recipients=["b@example.org"], body="text"))

        started = time.monotonic()
        send()
        assert len(server.taken) == 1
        assert time.monotonic() - started >= 0.3
        thread = threading.Thread(target=send)
        thread.start()
        assert len(server.taken) == 1  # here the caller goes on at once
        thread.join()
        assert len(server.taken) == 2
        server.refuses = True
        with pytest.raises(smtplib.SMTPException):
            send()
        server.shutdown()


def test_principal_decides_and_does_not_log_in() -> None:
    """EXT311: A permission is refused until the app has said who the user is and what the user may do; login and storage are missing."""
    principal = importlib.import_module("flask_principal")
    names = [name.lower() for name in [*dir(principal), *dir(principal.Principal)] if not name.startswith("__")]
    assert not [name for name in names if any(word in name for word in ("login", "password", "database", "store", "hash"))]
    app = Flask(__name__)
    app.secret_key = "k"
    extension = principal.Principal(app, use_sessions=False)
    may_edit = principal.Permission(principal.RoleNeed("editor"))
    roles: dict[str, set[str]] = {"ann": {"editor"}, "bob": set()}

    @extension.identity_loader
    def who() -> Any:
        name = importlib.import_module("flask").request.args.get("user")
        return principal.Identity(name) if name else None

    @principal.identity_loaded.connect_via(app)
    def what(sender: Flask, identity: Any) -> None:
        identity.provides.update(principal.RoleNeed(role) for role in roles.get(identity.id, ()) if "told" in app.config)

    app.add_url_rule("/", view_func=lambda: str(may_edit.can()))
    client = app.test_client()
    assert [client.get(path).text for path in ("/", "/?user=ann", "/?user=bob")] == ["False"] * 3
    app.config["told"] = True
    assert [client.get(path).text for path in ("/", "/?user=ann", "/?user=bob")] == ["False", "True", "False"]


@pytest.mark.release("wtforms==2.3.3", "flask==2.2.5", "werkzeug==2.2.3")
def test_textfield_and_required_are_gone() -> None:
    """EXT312: TextField and Required cannot be imported; StringField with DataRequired or InputRequired checks a form."""
    wtforms, validators = importlib.import_module("wtforms"), importlib.import_module("wtforms.validators")
    old = release("wtforms") < (3, 0)
    assert hasattr(wtforms, "TextField") is old
    assert hasattr(validators, "Required") is old
    data = importlib.import_module("werkzeug.datastructures").MultiDict
    for validator in ("DataRequired", "InputRequired"):
        form = type("F", (wtforms.Form,), {"name": wtforms.StringField(validators=[getattr(validators, validator)()])})
        assert form(data({"name": "ann"})).validate()
        assert not form(data({"name": ""})).validate()
    if old:
        done = python(
            "import wtforms as w, wtforms.validators as v\nclass F(w.Form): name = w.TextField(validators=[v.Required()])\nprint(F().validate())"
        )
        assert done.stdout.strip() == "False"
        assert done.stderr.count("DeprecationWarning") >= 2


def test_cors_allows_every_origin_by_default() -> None:
    """EXT313: With CORS(app) each route allows any origin; with a list only the origins in it."""
    cors = importlib.import_module("flask_cors").CORS
    allowed: dict[str, list[str | None]] = {}
    for name, options in (("default", {}), ("listed", {"origins": ["https://good.example"]})):
        app = Flask(name)
        cors(app, **options)
        app.add_url_rule("/a", "a", lambda: "a")
        app.add_url_rule("/b/c", "c", lambda: "c")
        client = app.test_client()
        allowed[name] = [
            client.get(path, headers={"Origin": f"https://{origin}.example"}).headers.get("Access-Control-Allow-Origin")
            for origin in ("good", "evil")
            for path in ("/a", "/b/c")
        ]
    assert set(allowed["default"]) <= {"*", "https://good.example", "https://evil.example"}
    assert None not in allowed["default"]
    assert allowed["listed"] == ["https://good.example"] * 2 + [None] * 2


class Attributes(HTMLParser):
    """Collects the names of the attributes that a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names += [name for name, _ in attrs]


def test_an_attribute_needs_quotes_and_escaping() -> None:
    """SEC400: Quotes alone and escaping alone let a handler in; a value that is quoted and escaped is one attribute."""
    quote, space = '" onmouseover="alert(1)', "x onmouseover=alert(1)"
    assert Attributes(f'<input value="{quote}">').names == ["value", "onmouseover"]
    assert Attributes(f"<input value={escape(space)}>").names == ["value", "onmouseover"]
    assert Attributes(f'<input value="{escape(quote)}">').names == ["value"]
    assert Attributes(f'<input value="{escape(space)}">').names == ["value"]
