"""Uploads, the request object, views as classes, the size of a session; what Django brings; extensions that no longer import."""

import importlib.util
import pkgutil
import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

import flask
import pytest
from flask import Flask, request, session
from flask.views import MethodView, View
from werkzeug.datastructures import FileStorage


def test_the_request_object_tells_nothing_to_the_client() -> None:
    """FLK600: A status set on the request changes nothing; what the view returns goes back. Headers of the request are read-only."""
    app = Flask("x")

    @app.get("/")
    def view() -> tuple[str, int]:
        request.status_code = 404  # type: ignore[attr-defined]
        with pytest.raises(TypeError):
            request.headers["X-Told"] = "yes"  # type: ignore[index]
        return "made", 201

    answer = app.test_client().get("/")
    assert (answer.status_code, answer.text) == (201, "made") and "X-Told" not in answer.headers


def test_save_returns_none_raises_and_overwrites(tmp_path: Path) -> None:
    """FLK601: None on success, an exception on failure, and an older file of that name is gone."""
    target = tmp_path / "kept.txt"
    target.write_text("old")
    assert FileStorage(BytesIO(b"new")).save(target) is None  # type: ignore[func-returns-value]
    assert target.read_text() == "new"
    with pytest.raises(FileNotFoundError):
        FileStorage(BytesIO(b"new")).save(tmp_path / "nowhere" / "kept.txt")


def test_an_empty_file_field_is_sent_with_an_empty_name() -> None:
    """FLK602: The key is there, the name is empty."""
    app = Flask("x")

    @app.post("/")
    def upload() -> list[object]:
        return ["photo" in request.files, request.files["photo"].filename, bool(request.files["photo"])]

    # What a browser sends for a file field that was left empty (HTML standard, "constructing the entry list").
    body = (
        b'--b\r\nContent-Disposition: form-data; name="photo"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n'
    )
    answer = app.test_client().post("/", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.json == [True, "", False]


def test_a_view_class_implements_dispatch_request() -> None:
    """FLK500: A subclass of View needs it; MethodView is such a subclass that has it; both are registered through as_view()."""
    app = Flask("x")

    class Whole(View):
        def dispatch_request(self) -> str:
            return "whole"

    class Bare(View):
        pass

    class Methods(MethodView):
        def get(self) -> str:
            return "get"

    for name, view in (("whole", Whole), ("bare", Bare), ("methods", Methods)):
        app.add_url_rule(f"/{name}", view_func=view.as_view(name))
    client = app.test_client()
    assert client.get("/whole").text == "whole" and client.get("/methods").text == "get"
    with pytest.raises(NotImplementedError):
        app.testing = True
        client.get("/bare")
    assert issubclass(MethodView, View) and "dispatch_request" in vars(MethodView)


def test_a_large_session_is_one_large_cookie() -> None:
    """FLK502: All of it goes into one cookie; from about 4 KB on Werkzeug warns, and sends it all the same."""
    app = Flask("x")
    app.secret_key = "for the proof"

    @app.get("/<int:size>")
    def fill(size: int) -> str:
        # hexadecimal digits that do not compress well
        session["basket"] = "".join(f"{n * 2654435761 % 2**32:08x}" for n in range(size // 8))
        return "ok"

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        small = app.test_client().get("/400").headers.getlist("Set-Cookie")
        assert len(small) == 1 and len(small[0]) < 4093 and not told
        large = app.test_client().get("/16000").headers.getlist("Set-Cookie")
    assert len(large) == 1 and len(large[0]) > 4093
    assert any("too large" in str(w.message) for w in told)


def test_django_brings_what_flask_leaves_to_extensions() -> None:
    """DJA500: ORM, migrations, admin, forms and accounts are modules of django; flask has none of them."""
    for name in ("django.db.models", "django.db.migrations", "django.contrib.admin", "django.forms", "django.contrib.auth"):
        assert importlib.util.find_spec(name) is not None
    names = {module.name for module in pkgutil.iter_modules(flask.__path__)}
    assert not names & {"db", "models", "orm", "migrations", "admin", "forms", "auth", "users"}


@pytest.mark.parametrize(("package", "fact"), [("flask_rbac", "EXT600"), ("flask_babelex", "EXT601")])
def test_it_does_not_import(package: str, fact: str) -> None:
    """EXT600, EXT601: The import ends at the context stack that Flask 2.3 removed."""
    done = subprocess.run([sys.executable, "-c", f"import {package}"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0 and "_request_ctx_stack" in done.stderr, fact
