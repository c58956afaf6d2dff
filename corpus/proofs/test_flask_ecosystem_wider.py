"""Around Flask: its extensions, Celery, tests, downloads and streams, configuration, and the servers that run it."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from asgiref.wsgi import WsgiToAsgi
from fastapi.testclient import TestClient
from flask import Blueprint, Flask, Response, request, send_file, send_from_directory, session, stream_with_context
from flask.testing import FlaskClient
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_required, login_user
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from gunicorn.errors import AppImportError
from gunicorn.util import import_app
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine
from sqlalchemy.exc import NoSuchModuleError

MIGRATIONS = """
import os, flask
from flask_migrate import Migrate, init, migrate, upgrade
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect
app = flask.Flask("site", root_path=os.getcwd(), instance_path=os.getcwd())
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"
db = SQLAlchemy(app)
Migrate(app, db)
db.Table("note", db.Column("id", db.Integer))
with app.app_context():
    for step in (init, migrate, upgrade):
        step()
        scripts = [name for name in os.listdir("migrations/versions") if name.endswith(".py")]
        print(len(scripts), "note" in inspect(db.engine).get_table_names())
"""

CELERY = """
import json, os, queue
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from flask import Flask, current_app, has_request_context
site, seen = Flask("site"), queue.Queue()
def look():
    seen.put([current_app.name if current_app else None, has_request_context()])
class ContextTask(Task):
    def __call__(self):
        with site.app_context(): self.run()
app = Celery("app", broker="memory://")
app.conf.update(worker_hijack_root_logger=False, broker_connection_retry_on_startup=False)
tasks = app.task(look, name="plain"), app.task(look, name="wrapped", base=ContextTask)
with start_worker(app, pool="solo", perform_ping_check=False, loglevel="CRITICAL"):
    with site.test_request_context("/"):
        for task in tasks: task.delay()
    print(json.dumps([seen.get(timeout=60), seen.get(timeout=60)]), flush=True)
    os._exit(0)
"""


def run(code: str, folder: Path) -> list[str]:
    """The lines this code prints in a process of its own, in that folder."""
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_migrate_writes_a_script_and_upgrade_applies_it(tmp_path: Path) -> None:
    """EXT721: After init there is no script, after migrate one but no table, and only upgrade makes the table."""
    assert [line for line in run(MIGRATIONS, tmp_path) if line[:1].isdigit()] == ["0 False", "1 False", "1 True"]


def test_relative_sqlite_path_lies_in_the_instance_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EXT722: sqlite:///site.db goes to the instance folder; SQLAlchemy alone takes the current directory."""
    monkeypatch.chdir(tmp_path)
    app = Flask("site", root_path=str(tmp_path), instance_path=str(tmp_path / "instance"))
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"
    db = SQLAlchemy(app)
    with app.app_context():
        db.engine.connect().close()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("site.db")] == ["instance/site.db"]
    create_engine("sqlite:///site.db").connect().close()
    assert (tmp_path / "site.db").exists()


def login_app() -> tuple[Flask, Any]:
    """An app with one page for users who are logged in, and its login manager, which knows the user 1."""
    app = Flask(__name__)
    app.secret_key = "key"
    manager = LoginManager(app)
    user = type("User", (UserMixin,), {"id": "1"})
    manager.user_loader(lambda number: user())
    app.add_url_rule("/login", "login", lambda: str(login_user(user())))
    app.add_url_rule("/private", "private", login_required(lambda: "secret"))
    return app, manager


def test_login_required_answers_401_without_a_login_view() -> None:
    """EXT723: No login_view: 401 and no redirect, though a view named login exists; with login_view: 302 to it, with next."""
    app, manager = login_app()
    answer = app.test_client().get("/private")
    assert (answer.status_code, answer.location) == (401, None)
    manager.login_view = "login"
    answer = app.test_client().get("/private")
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fprivate")


def test_current_user_of_a_visitor_is_an_anonymous_object() -> None:
    """EXT724: For a visitor current_user is an AnonymousUserMixin and not None; is_authenticated is no method."""
    app, _ = login_app()

    @app.get("/who")
    def who() -> list[Any]:
        user = current_user._get_current_object()
        return [isinstance(user, AnonymousUserMixin), user is None, user.is_authenticated, bool(user)]

    client = app.test_client()
    seen = [client.get(url).get_json(silent=True) for url in ("/who", "/login", "/who")]
    assert seen == [[True, False, False, True], None, [False, False, True, True]]


def test_only_csrfprotect_covers_views_without_a_form() -> None:
    """EXT725: FlaskForm checks its own token; a view without a form takes any POST until CSRFProtect guards the app."""

    def client(**config: Any) -> FlaskClient:
        app = Flask(__name__)
        app.config.update(SECRET_KEY="key", **config)
        app.add_url_rule("/form", "form", lambda: str(FlaskForm().validate_on_submit()), methods=["POST"])
        app.add_url_rule("/ajax", "ajax", dict, methods=["POST"])
        if config:
            CSRFProtect(app)
        return app.test_client()

    assert client().post("/form").text == "False"
    clients = client(), client(WTF_CSRF_ENABLED=True), client(WTF_CSRF_ENABLED=False)
    assert [one.post("/ajax", json={}).status_code for one in clients] == [200, 400, 200]


def test_access_tokens_of_flask_jwt_extended_last_15_minutes() -> None:
    """EXT726: Access tokens last 15 minutes, refresh tokens 30 days; only False makes one without an expiry."""
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = "a key of at least thirty-two bytes"
    JWTManager(app)
    with app.app_context():
        access, refresh = (decode_token(make("ann")) for make in (create_access_token, create_refresh_token))
        assert access["exp"] - access["iat"] == 15 * 60
        assert refresh["exp"] - refresh["iat"] == 30 * 24 * 3600
        app.config["JWT_ACCESS_TOKEN_EXPIRES"] = False
        assert "exp" not in decode_token(create_access_token("ann"))


def test_each_socketio_server_knows_its_own_clients_only() -> None:
    """EXT727: Another worker refuses the session of a polling client, and what it emits does not reach that client."""
    apps = [Flask(name) for name in ("one", "two")]
    one, two = (SocketIO(app, async_mode="threading", monitor_clients=False) for app in apps)
    url = "/socket.io/?EIO=4&transport=polling"
    url += "&sid=" + json.loads(apps[0].test_client().get(url).text[1:])["sid"]
    assert [app.test_client().post(url, data="40").status_code for app in apps] == [200, 400]
    client = one.test_client(apps[0])
    for server in (one, two):
        server.emit("news", server is one)
    assert [message["args"] for message in client.get_received()] == [[True]]


def test_one_extension_object_serves_several_apps() -> None:
    """EXT728: Made without an app and bound by init_app, one db serves two apps, each with a database of its own."""
    db, apps = SQLAlchemy(), [Flask("one"), Flask("two")]
    for app in apps:
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:////nowhere/{app.name}"
        with app.app_context(), pytest.raises(RuntimeError, match="init_app"):
            _ = db.engine
        db.init_app(app)
    for app in apps:
        with app.app_context():
            assert db.engine.url.database == f"/nowhere/{app.name}"


def test_celery_tasks_have_no_flask_context(tmp_path: Path) -> None:
    """EXT729: A task sent from within a request finds no app, unless its class pushes a context, and no request either way."""
    assert json.loads(run(CELERY, tmp_path)[-1]) == [[None, False], ["site", False]]


def test_sqlalchemy_knows_no_dialect_named_postgres() -> None:
    """EXT730: SQLAlchemy refuses postgres:// and takes postgresql; psycopg's own parser takes both."""
    with pytest.raises(NoSuchModuleError, match="postgres"):
        create_engine("postgres://ann:pw@localhost/shop")
    assert create_engine("postgresql+psycopg://ann:pw@localhost/shop").dialect.name == "postgresql"
    assert conninfo_to_dict("postgres://ann:pw@localhost/shop")["dbname"] == "shop"


def test_testing_lets_exceptions_through_and_changes_no_database() -> None:
    """FLK741: TESTING passes an exception on to the test; the database and the CSRF check stay as they are."""
    app = Flask(__name__)
    app.config.update(TESTING=True, SECRET_KEY="key", SQLALCHEMY_DATABASE_URI="sqlite:////real/shop.db")
    app.add_url_rule("/", "index", lambda: str(1 // 0), methods=["GET", "POST"])
    db, _ = SQLAlchemy(app), CSRFProtect(app)
    with app.app_context():
        assert db.engine.url.database == "/real/shop.db"
    assert app.test_client().post("/").status_code == 400
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/")
    app.testing = False
    assert app.test_client().get("/").status_code == 500


def test_test_client_keeps_cookies() -> None:
    """FLK742: One client stays logged in from request to request; another one, or one without cookies, is not."""
    app = Flask(__name__)
    app.secret_key = "key"
    app.add_url_rule("/login", "login", lambda: session.update(user="ann") or "ok")
    app.add_url_rule("/who", "who", lambda: session.get("user", "nobody"))
    for client, user in ((app.test_client(), "ann"), (app.test_client(use_cookies=False), "nobody")):
        assert [client.get(url).text for url in ("/login", "/who", "/who")] == ["ok", user, user]
    assert app.test_client().get("/who").text == "nobody"


def test_send_file_takes_download_name() -> None:
    """FLK743: download_name names the file; the old names, and filename of send_from_directory, raise TypeError."""
    with Flask(__name__).test_request_context("/"):
        answer = send_file(io.BytesIO(b"x"), as_attachment=True, download_name="report.pdf", max_age=60)
        assert answer.headers["Content-Disposition"] == "attachment; filename=report.pdf"
        for old in ("attachment_filename", "cache_timeout", "add_etags"):
            with pytest.raises(TypeError, match=old):
                send_file(io.BytesIO(b"x"), **{old: 60})
        with pytest.raises(TypeError, match="path"):
            send_from_directory(".", filename="report.pdf")


def test_streaming_generator_needs_stream_with_context() -> None:
    """FLK744: A streamed generator cannot use request; wrapped in stream_with_context it can."""
    app = Flask(__name__)
    app.testing = True

    def words() -> Iterator[str]:
        yield "hello "
        yield request.args["name"]

    app.add_url_rule("/bare", "bare", lambda: Response(words()))
    app.add_url_rule("/kept", "kept", lambda: Response(stream_with_context(words())))
    assert app.test_client().get("/kept?name=ann").text == "hello ann"
    with pytest.raises(RuntimeError, match="outside of request context"):
        _ = app.test_client().get("/bare?name=ann").text


def test_uvicorn_needs_an_adapter_for_flask() -> None:
    """FLK745: What Uvicorn loads for a bare Flask app fails on the first request; wrapped in WsgiToAsgi it answers."""
    app = Flask(__name__)
    app.add_url_rule("/", "index", lambda: "hello")
    bare, wrapped = uvicorn.Config(app, log_config=None), uvicorn.Config(WsgiToAsgi(app), log_config=None)
    bare.load()
    wrapped.load()
    with pytest.raises(TypeError):
        TestClient(bare.loaded_app).get("/")
    assert TestClient(wrapped.loaded_app).get("/").text == "hello"


def test_environment_variables_do_not_enter_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK746: Neither MAIL_PORT nor FLASK_MAIL_PORT is in app.config; from_prefixed_env loads the latter, as a number."""
    for name in ("SECRET_KEY", "FLASK_SECRET_KEY", "MAIL_PORT", "FLASK_MAIL_PORT"):
        monkeypatch.setenv(name, "587")
    app = Flask(__name__)
    assert (app.config.get("MAIL_PORT"), app.config["SECRET_KEY"]) == (None, None)
    app.config.from_prefixed_env()
    assert app.config["MAIL_PORT"] == 587


def test_gunicorn_takes_module_and_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLK747: module:variable and module:factory() load the app; a file name does not, nor a module without `application`."""
    (tmp_path / "shop_site.py").write_text("from flask import Flask\napp = Flask('shop')\ndef create_app():\n    return Flask('made')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert import_app("shop_site:app").name == "shop"
    assert import_app("shop_site:create_app()").name == "made"
    with pytest.raises(AppImportError, match="application"):
        import_app("shop_site")
    with pytest.raises(ImportError):
        import_app("shop_site.py")


def test_shortcuts_register_one_method_each() -> None:
    """FLK748: Of app and blueprint, get() to patch() each answer one method, get() HEAD as well, and `methods` is refused."""
    app, bp = Flask(__name__), Blueprint("part", __name__, url_prefix="/part")
    for scaffold in (app, bp):
        for method in ("get", "post", "put", "delete", "patch"):
            getattr(scaffold, method)("/notes/<int:number>", endpoint=method)(lambda number, name=method: f"{name} {number}")
        scaffold.get("/read")(lambda: "hello")
        with pytest.raises(TypeError, match="methods"):
            scaffold.get("/both", methods=["GET", "POST"])
    app.register_blueprint(bp)
    client = app.test_client()
    for part in ("", "/part"):
        answers = [client.open(f"{part}/notes/7", method=method).text for method in ("GET", "POST", "PUT", "DELETE", "PATCH")]
        assert answers == ["get 7", "post 7", "put 7", "delete 7", "patch 7"]
        assert [client.open(f"{part}/read", method=method).status_code for method in ("HEAD", "POST")] == [200, 405]
