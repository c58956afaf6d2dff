"""What Flask itself brings, what its extensions add, and which extensions are dead."""

import importlib
import importlib.metadata
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request


def requirements(name: str) -> set[str]:
    """The packages that a plain installation of `name` brings, itself included."""
    found, todo = set(), [name]
    while todo:
        package = todo.pop().lower().replace("_", "-")
        if package in found:
            continue
        found.add(package)
        try:
            needs = importlib.metadata.requires(package) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on other platforms only
        todo += [match.group() for need in needs if "extra ==" not in need and (match := re.match(r"[\w.-]+", need))]
    return found


def bare_python(folder: Path, package: str, code: str) -> str:
    """Runs `code` where nothing but `package` and its requirements is installed."""
    for name in requirements(package):
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in {"..", "__pycache__"}}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))
    lines = f"import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p] + [{str(folder)!r}]\n" + code
    done = subprocess.run([sys.executable, "-B", "-c", lines], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


IMPORT = """
import flask
assert flask.Flask("app").test_client().get("/").status_code == 404
try:
    import {module}
except ModuleNotFoundError as error:
    print("missing", error.name)
"""


def test_flask_wtf_is_not_built_in(tmp_path: Path) -> None:
    """WTF001: A bare Flask has no flask_wtf; that module comes with a package of its own, which needs Flask."""
    assert bare_python(tmp_path, "flask", IMPORT.format(module="flask_wtf")) == "missing flask_wtf"
    assert bare_python(tmp_path, "flask", IMPORT.format(module="wtforms")) == "missing wtforms"
    assert importlib.metadata.packages_distributions()["flask_wtf"] == ["Flask-WTF"]
    assert {"flask", "wtforms"} <= requirements("flask-wtf")
    from flask_wtf import FlaskForm

    assert FlaskForm.__module__.startswith("flask_wtf")


def test_flask_restful_is_third_party(tmp_path: Path) -> None:
    """EXT004: A bare Flask has no flask_restful, and serves a REST API all the same."""
    assert bare_python(tmp_path, "flask", IMPORT.format(module="flask_restful")) == "missing flask_restful"
    assert importlib.metadata.packages_distributions()["flask_restful"] == ["Flask-RESTful"]
    app, notes = Flask(__name__), {}

    @app.get("/notes/<int:number>")
    def show(number: int) -> Any:
        return {"text": notes[number]} if number in notes else ({"error": "not found"}, 404)

    @app.put("/notes/<int:number>")
    def store(number: int) -> Any:
        notes[number] = request.get_json()["text"]
        return {"text": notes[number]}, 201

    @app.delete("/notes/<int:number>")
    def remove(number: int) -> Any:
        del notes[number]
        return "", 204

    client = app.test_client()
    assert client.put("/notes/1", json={"text": "hello"}).status_code == 201
    assert client.get("/notes/1").get_json() == {"text": "hello"}
    assert client.delete("/notes/1").status_code == 204
    missing = client.get("/notes/1")
    assert (missing.status_code, missing.mimetype) == (404, "application/json")


@pytest.mark.release("flask==0.10.1", "werkzeug==0.16.1", "jinja2==2.11.3", "markupsafe==2.0.1", "itsdangerous==1.1.0")
def test_flask_has_its_own_command_line() -> None:
    """EXT002: Flask's own CLI is built on Click and takes commands, Flask-Script does not even import; 0.10 had no CLI."""
    app = Flask("application")
    if importlib.metadata.version("flask") == "0.10.1":
        assert not hasattr(app, "cli")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("flask.cli")
        return
    import click

    @app.cli.command("greet")
    @click.argument("name")
    def greet(name: str) -> None:
        click.echo(f"Hello {name}")

    assert isinstance(app.cli, click.Group)
    assert "click" in requirements("flask")
    result = app.test_cli_runner().invoke(args=["greet", "Ann"])
    assert (result.exit_code, result.output) == (0, "Hello Ann\n")
    with pytest.raises(ModuleNotFoundError, match=r"flask\._compat"):
        importlib.import_module("flask_script")


@pytest.mark.release(
    "flask-uploads==0.2.1", "flask==1.1.4", "werkzeug==1.0.1", "jinja2==2.11.3", "markupsafe==2.0.1", "itsdangerous==1.1.0", "click==7.1.2"
)
def test_flask_uploads_fails_and_request_files_does_the_job(tmp_path: Path) -> None:
    """EXT007: Flask-Uploads does not import with Werkzeug 1.0; request.files and the fork Flask-Reuploaded receive files."""
    app = Flask(__name__)

    @app.route("/plain", methods=["POST"])
    def plain() -> str:
        from werkzeug.utils import secure_filename

        file = request.files["file"]
        name = secure_filename(file.filename or "")
        file.save(str(tmp_path / name))
        return name

    client = app.test_client()
    answer = client.post("/plain", data={"file": (io.BytesIO(b"text"), "../plain.txt")})
    assert answer.data == b"plain.txt"
    assert (tmp_path / "plain.txt").read_bytes() == b"text"
    installed = {distribution.metadata["Name"].lower() for distribution in importlib.metadata.distributions()}
    if "flask-uploads" in installed:
        with pytest.raises(ImportError, match="secure_filename"):
            importlib.import_module("flask_uploads")
        return
    from flask_uploads import TEXT, UploadSet, configure_uploads

    app = Flask(__name__)
    app.config["UPLOADED_NOTES_DEST"] = str(tmp_path)
    notes = UploadSet("notes", TEXT)
    configure_uploads(app, notes)
    app.add_url_rule("/fork", view_func=lambda: notes.save(request.files["file"]), endpoint="fork", methods=["POST"])
    assert app.test_client().post("/fork", data={"file": (io.BytesIO(b"text"), "fork.txt")}).data == b"fork.txt"
    assert (tmp_path / "fork.txt").read_bytes() == b"text"


def test_flask_migrate_runs_alembic_and_moves_no_data(tmp_path: Path) -> None:
    """EXT005: flask db runs Alembic scripts, which change the schema; a new column stays empty until someone fills it."""
    assert "flask-migrate" not in requirements("flask")
    assert "alembic" in requirements("flask-migrate")
    code = """
import sqlite3
from pathlib import Path
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

def run(*commands, full_name=False):
    app, db = Flask("app"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path.cwd()}/app.db"
    db.init_app(app)
    Migrate(app, db, directory="migrations")
    names = ["first", "last"] + ["full_name"] * full_name
    db.Table("person", db.metadata, db.Column("id", db.Integer, primary_key=True), *[db.Column(name, db.String) for name in names])
    for command in commands:
        result = app.test_cli_runner().invoke(args=["db", *command.split()])
        assert result.exit_code == 0, result.output
    return [row[1] for row in database.execute("PRAGMA table_info(person)")]

database = sqlite3.connect("app.db", isolation_level=None)
columns = [run("init", "migrate"), run("upgrade")]
database.execute("INSERT INTO person (first, last) VALUES ('Ann', 'Lee')")
columns += [run("migrate", full_name=True), run("upgrade", full_name=True)]
print(columns, database.execute("SELECT first, last, full_name FROM person").fetchall(), sep="|")
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    columns, rows = done.stdout.strip().splitlines()[-1].split("|")
    plain = ["id", "first", "last"]
    assert columns == str([[], plain, plain, [*plain, "full_name"]])  # `migrate` only writes a script
    assert rows == "[('Ann', 'Lee', None)]"
    scripts = [path.read_text() for path in (tmp_path / "migrations" / "versions").glob("*.py")]
    assert len(scripts) == 2
    assert all("from alembic import op" in script for script in scripts)


def test_flask_session_keeps_the_data_on_the_server(tmp_path: Path) -> None:
    """EXT006: With the extension Flask-Session the data lie on the server and the cookie holds an identifier."""
    from cachelib.file import FileSystemCache
    from flask import session
    from flask_session import Session

    assert "flask-session" not in requirements("flask")
    cookies, stores = {}, FileSystemCache(str(tmp_path / "sessions"))
    for name in ("plain", "extended"):
        app = Flask(__name__)
        app.secret_key = "secret"
        if name == "extended":
            app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=stores)
            Session(app)
        app.add_url_rule("/set", "set", lambda: session.update(fruit="mango" * 100) or "stored")
        app.add_url_rule("/get", "get", lambda: session.get("fruit", "nothing"))
        client = app.test_client()
        client.get("/set")
        cookie = client.get_cookie("session")
        assert cookie is not None
        cookies[name] = cookie.value
        assert client.get("/get").data == b"mango" * 100
    assert cookies["plain"].startswith(".eJ")  # Flask's own session: the data, compressed and signed
    identifier = cookies["extended"]
    assert len(identifier) < 60
    assert stores.get(f"session:{identifier}") == {"_permanent": True, "fruit": "mango" * 100}
    stores.clear()
    client.set_cookie("session", identifier)
    assert client.get("/get").data == b"nothing"  # the cookie alone holds nothing
