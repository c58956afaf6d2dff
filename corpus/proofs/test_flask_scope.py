"""What belongs to Flask itself and what comes from other packages."""

import importlib.util
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import distribution, metadata, requires
from pathlib import Path
from typing import Any

import flask
import jinja2
import werkzeug.routing
import werkzeug.test
import werkzeug.wrappers
from flask import Flask, request
from flask_login import LoginManager, login_required
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String, inspect
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import Form, IntegerField
from wtforms.validators import NumberRange


def needed_by(package: str) -> set[str]:
    """The package's requirements that are not in an extra, and theirs, by name (those of old Pythons left out)."""
    found: set[str] = set()
    todo = [package]
    while todo:
        for line in requires(todo.pop()) or []:
            requirement, _, marker = line.partition(";")
            name = re.match(r"[\w.-]+", requirement)
            assert name is not None
            if "extra" in marker or "python_version <" in marker or "platform_system" in marker:
                continue
            if name[0].lower() not in found:
                found.add(name[0].lower())
                todo.append(name[0])
    return found


def loaded_by(module: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after the import."""
    program = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())


def test_flask_has_no_orm() -> None:
    """FLK008: Flask needs and loads no database package; models come with Flask-SQLAlchemy, which maps a class to a table."""
    assert not {"sqlalchemy", "flask-sqlalchemy", "peewee", "django", "pony", "tortoise-orm"} & needed_by("flask")
    assert not {"sqlalchemy", "flask_sqlalchemy", "peewee", "django", "sqlite3", "psycopg2", "MySQLdb"} & loaded_by("flask")
    app = Flask(__name__)
    assert not [key for key in app.config if "DATABASE" in key or "SQL" in key]
    assert not app.extensions
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db: Any = SQLAlchemy(app)

    class User(db.Model):  # type: ignore[misc,name-defined]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(20))

    with app.app_context():
        db.create_all()
        db.session.add(User(name="Ann"))
        db.session.commit()
        assert inspect(db.engine).get_table_names() == ["user"]
        assert db.session.scalars(db.select(User.name)).all() == ["Ann"]
        db.session.remove()
        db.engine.dispose()


def test_flask_has_no_validation_and_no_login() -> None:
    """FLK009: Flask takes any field and any password; WTForms refuses the field and Flask-Login the stranger."""
    assert not {"wtforms", "flask-wtf", "flask-login", "flask-security"} & needed_by("flask")
    app = Flask(__name__)
    app.secret_key = "secret"
    app.add_url_rule("/age", "age", lambda: request.form["age"], methods=["POST"])
    app.add_url_rule("/private", "private", lambda: f"hello {request.authorization.username if request.authorization else ''}")

    class AgeForm(Form):
        age = IntegerField(validators=[NumberRange(min=0)])

    app.add_url_rule("/checked", "checked", lambda: [AgeForm(request.form).validate()], methods=["POST"])
    LoginManager(app).user_loader(lambda user_id: None)
    app.add_url_rule("/guarded", "guarded", login_required(lambda: "never seen"))
    client = app.test_client()
    assert client.post("/age", data={"age": "minus one"}).text == "minus one"
    assert client.post("/checked", data={"age": "minus one"}).json == [False]
    assert client.post("/checked", data={"age": "30"}).json == [True]
    assert client.get("/private", auth=("nobody", "wrong")).text == "hello nobody"
    assert client.get("/guarded", auth=("nobody", "wrong")).status_code == 401
    assert not {"login_required", "LoginManager", "current_user", "User", "Form"} & set(dir(flask))


def test_a_flask_application_may_be_large(tmp_path: Path) -> None:
    """FLK010: The core is a few dozen modules, yet one app carries a package of 200 modules, a blueprint each."""
    package = tmp_path / "large_shop"
    package.mkdir()
    for number in range(200):
        (package / f"part{number}.py").write_text(
            f"from flask import Blueprint\nbp = Blueprint('part{number}', __name__, url_prefix='/part{number}')\n"
            f"@bp.get('/')\ndef page():\n    return 'part {number}'\n"
        )
    (package / "__init__.py").write_text(
        "from importlib import import_module\nfrom flask import Flask\n"
        "def create_app():\n    app = Flask(__name__)\n    for n in range(200):\n"
        "        app.register_blueprint(import_module(f'large_shop.part{n}').bp)\n    return app\n"
    )
    program = (
        "from large_shop import create_app\nclient = create_app().test_client()\n"
        "print(*[client.get(f'/part{n}/').text for n in range(200)], sep=',')"
    )
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ",".join(f"part {number}" for number in range(200))
    core = [module.name for module in pkgutil.walk_packages(flask.__path__, "flask.") if not module.name.endswith("__main__")]
    assert len(core) < 40
    single_file = Flask(__name__)
    single_file.add_url_rule("/", "page", lambda: "page")
    assert single_file.test_client().get("/").text == "page"


def test_werkzeug_is_the_wsgi_library_under_flask() -> None:
    """FLK202: Routing, request, response and server are Werkzeug's; it works alone and renders no templates, Jinja does."""
    app = Flask(__name__)
    assert issubclass(flask.Request, werkzeug.wrappers.Request)
    assert issubclass(flask.Response, werkzeug.wrappers.Response)
    assert isinstance(app.url_map, werkzeug.routing.Map)
    assert isinstance(app.jinja_env, jinja2.Environment)
    run_command = "import flask.cli, werkzeug.serving as s; assert flask.cli.run_command; print(s.run_simple.__module__)"
    done = subprocess.run([sys.executable, "-c", run_command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "werkzeug.serving"
    assert needed_by("werkzeug") == {"markupsafe"}
    assert "jinja2" not in loaded_by("werkzeug")
    assert importlib.util.find_spec("werkzeug.templates") is None
    url_map = werkzeug.routing.Map([werkzeug.routing.Rule("/hello/<name>", endpoint="hello")])

    @werkzeug.wrappers.Request.application
    def alone(query: werkzeug.wrappers.Request) -> werkzeug.wrappers.Response:
        endpoint, values = url_map.bind_to_environ(query.environ).match()
        return werkzeug.wrappers.Response(f"{endpoint} {values['name']} {{{{ 1 + 1 }}}}")

    assert werkzeug.test.Client(alone).get("/hello/Ann").text == "hello Ann {{ 1 + 1 }}"
    with app.app_context():
        assert flask.render_template_string("{{ 1 + 1 }}") == "2"


def test_flask_is_under_the_bsd_licence() -> None:
    """FLK219: The package names BSD-3-Clause and carries its three conditions, none of which asks for the source code."""
    assert metadata("flask")["License-Expression"] == "BSD-3-Clause"
    (file,) = [file for file in distribution("flask").files or [] if file.name == "LICENSE.txt"]
    text = " ".join(Path(str(file.locate())).read_text().split())
    assert "Redistribution and use in source and binary forms, with or without modification, are permitted" in text
    assert [number for number in "1234" if f" {number}. " in text] == ["1", "2", "3"]
    assert "Neither the name of the copyright holder" in text
    assert not re.search("GNU|General Public|source code must be|non-?commercial", text)
