"""What a Flask view gets from a request: query, form, files, addresses and tokens."""

import io
import re
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, render_template_string, request
from flask_wtf import CSRFProtect, FlaskForm
from serving import serve
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import secure_filename
from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError


def test_args_hold_the_query_and_form_the_body() -> None:
    """FLK106: Query parameters are in request.args only, urlencoded and multipart fields in request.form only."""
    app = Flask(__name__)
    app.add_url_rule("/save", "save", lambda: {"args": request.args.to_dict(), "form": request.form.to_dict()}, methods=["GET", "POST"])
    client = app.test_client()
    assert client.get("/save?q=flask").json == {"args": {"q": "flask"}, "form": {}}
    assert client.post("/save?draft=1", data={"title": "x"}).json == {"args": {"draft": "1"}, "form": {"title": "x"}}
    multipart = client.post("/save?draft=1", data={"title": "x"}, content_type="multipart/form-data")
    assert multipart.json == {"args": {"draft": "1"}, "form": {"title": "x"}}
    assert client.post("/save", json={"title": "x"}).json == {"args": {}, "form": {}}


def test_missing_key_is_a_bad_request() -> None:
    """FLK221: Outside debug mode an absent key in form[] or args[] ends in 400 unless caught; get() gives None."""
    app = Flask(__name__)
    app.add_url_rule("/form", "form", lambda: request.form["x"], methods=["POST"])
    app.add_url_rule("/args", "args", lambda: request.args["x"])
    app.add_url_rule("/get", "get", lambda: [request.form.get("x"), request.args.get("x")], methods=["POST"])

    @app.get("/caught")
    def caught() -> str:
        try:
            return request.args["x"]
        except KeyError as error:
            return type(error).__name__

    client = app.test_client()
    for answer in (client.post("/form"), client.get("/args")):
        assert (answer.status_code, answer.status) == (400, "400 BAD REQUEST")
    assert client.post("/form", data={"x": ""}).status_code == 200
    assert client.get("/args?x=1").text == "1"
    assert client.post("/get").json == [None, None]
    assert client.get("/caught").text == "BadRequestKeyError"
    app.debug = True  # and in debug mode it is an unhandled error, as the first words of the fact say
    with pytest.raises(BadRequestKeyError):
        client.get("/args")


def test_view_must_not_return_none() -> None:
    """FLK217: A view whose return is missing raises TypeError, and the client gets 500."""
    app = Flask(__name__)

    @app.get("/")
    def view() -> None:
        request.args.get("x")  # and the author forgot to return something

    @app.get("/empty")
    def empty() -> str:
        return ""

    client = app.test_client()
    assert client.get("/").status_code == 500
    assert client.get("/empty").status_code == 200
    app.testing = True  # lets the exception through
    with pytest.raises(TypeError, match="did not return a valid response"):
        client.get("/")


def test_remote_addr_is_the_proxy_unless_proxyfix() -> None:
    """FLK023: What connects is the proxy (127.0.0.1); only ProxyFix puts the forwarded address into remote_addr."""

    def seen_through_the_proxy(app: Flask) -> str:
        """The proxy runs on this machine and speaks for a visitor at 203.0.113.7."""
        with serve(app, threaded=False) as port:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/", headers={"X-Forwarded-For": "203.0.113.7"})
            return connection.getresponse().read().decode()

    app = Flask(__name__)
    app.add_url_rule("/", "address", lambda: str(request.remote_addr))
    assert seen_through_the_proxy(app) == "127.0.0.1"
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    assert seen_through_the_proxy(app) == "203.0.113.7"


def test_client_opens_no_socket() -> None:
    """FLK209: The test client calls the app in the same process and thread; Python reports no socket being used."""
    program = """
import os, sys, threading
from flask import Flask
app = Flask(__name__)
seen = []
@app.post("/")
def view():
    seen.extend([os.getpid(), threading.get_ident()])
    return "page"
used = []
sys.addaudithook(lambda event, args: used.append(event) if event.startswith("socket") else None)
answer = app.test_client().post("/", data={"a": "b"})
assert (answer.status_code, answer.text) == (200, "page")
assert seen == [os.getpid(), threading.get_ident()]
assert used == [], used
import socket
socket.socket().close()
assert used == ["socket.__new__"], used  # the hook does notice sockets
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_uploads_are_unlimited_until_max_content_length_is_set() -> None:
    """FLK211: With default settings a 20 MB upload and a 20 MB raw body are taken; with a limit they get 413."""
    app = Flask(__name__)
    assert app.config["MAX_CONTENT_LENGTH"] is None
    size = 20 * 1000 * 1000

    @app.post("/")
    def view() -> dict[str, int]:
        assert request.max_content_length == app.config["MAX_CONTENT_LENGTH"]
        if "file" in request.files:
            with closing(request.files["file"]) as file:
                return {"received": len(file.read())}
        return {"received": len(request.get_data())}

    client = app.test_client()

    def answers() -> list[Response]:
        return [client.post("/", data={"file": (io.BytesIO(bytes(size)), "big.bin")}), client.post("/", data=bytes(size))]

    assert [answer.json for answer in answers()] == [{"received": size}] * 2
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1000 * 1000
    assert [answer.status_code for answer in answers()] == [413, 413]


def test_secure_filename_only_cleans_the_name(tmp_path: Path) -> None:
    """FLK212: It takes a name alone and makes it safe in a path; type, content and size of the file do not matter."""
    for name, safe in (("../../etc/passwd", "etc_passwd"), ("/etc/passwd", "etc_passwd"), ("my photo.jpg", "my_photo.jpg"), ("..", "")):
        assert secure_filename(name) == safe
        assert (tmp_path / safe).resolve().is_relative_to(tmp_path.resolve())
    for program in ("evil.php", "run.exe", "page.html"):
        assert secure_filename(program) == program
    upload = FileStorage(io.BytesIO(b"<?php system($_GET['c']); ?>" + bytes(10**6)), filename="evil.php")
    assert secure_filename(str(upload.filename)) == "evil.php"
    assert upload.stream.tell() == 0
    upload.save(tmp_path / secure_filename("evil.php"))
    assert (tmp_path / "evil.php").stat().st_size > 10**6


def test_file_upload_needs_multipart() -> None:
    """FLK215: A multipart body fills request.files; the urlencoded form has only the file's name, as an ordinary field."""
    app = Flask(__name__)

    @app.post("/")
    def view() -> dict[str, Any]:
        return {"files": {name: file.read().decode() for name, file in request.files.items()}, "form": request.form.to_dict()}

    def body(enctype: str) -> bytes:
        """What a browser makes of <input type=file name=photo> with the file cat.txt chosen (HTML standard, 4.10.22)."""
        if enctype == "multipart/form-data":
            head = 'Content-Disposition: form-data; name="photo"; filename="cat.txt"\r\nContent-Type: text/plain'
            return f"--edge\r\n{head}\r\n\r\nthe cat\r\n--edge--\r\n".encode()
        return b"photo=cat.txt"

    client = app.test_client()
    multipart = client.post("/", data=body("multipart/form-data"), content_type="multipart/form-data; boundary=edge")
    assert multipart.json == {"files": {"photo": "the cat"}, "form": {}}
    default = "application/x-www-form-urlencoded"
    assert client.post("/", data=body(default), content_type=default).json == {"files": {}, "form": {"photo": "cat.txt"}}


def test_validate_on_submit_only_for_submitted_requests() -> None:
    """FLK214: True needs POST, PUT, PATCH or DELETE and valid fields; on GET it is False and no validator runs."""
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "secret", "WTF_CSRF_ENABLED": False})
    runs: list[str] = []

    def check(form: FlaskForm, field: StringField) -> None:
        runs.append(request.method)
        if field.data == "bad":
            raise ValidationError("bad")

    class NameForm(FlaskForm):
        name = StringField(validators=[DataRequired(), check])

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    @app.route("/", methods=methods)
    def view() -> list[bool]:
        form = NameForm(request.values)
        return [form.validate_on_submit(), bool(form.name.errors)]

    client = app.test_client()
    assert client.get("/?name=ann").json == [False, False]
    assert client.get("/").json == [False, False]
    assert runs == []
    for method in methods[1:]:
        assert client.open("/", method=method, data={"name": "ann"}).json == [True, False]
        assert client.open("/", method=method, data={"name": "bad"}).json == [False, True]
    assert runs == [method for method in methods[1:] for _ in range(2)]


def test_flask_core_has_no_csrf_protection() -> None:
    """FLK216: Flask takes a form from a foreign site without a token; with Flask-WTF's CSRFProtect it is refused."""
    app = Flask(__name__)
    app.secret_key = "secret"
    app.add_url_rule("/pay", "pay", lambda: "paid", methods=["POST"])
    app.add_url_rule("/form", "form", lambda: render_template_string('<form method="post"></form>'))
    forged = {"Origin": "http://evil.example", "Referer": "http://evil.example/trap", "Sec-Fetch-Site": "cross-site"}
    client = app.test_client()
    assert client.post("/pay", data={"sum": "100"}, headers=forged).text == "paid"
    assert "csrf_token" not in app.jinja_env.globals
    assert not [name for name in app.config if "CSRF" in name]
    assert client.get("/form").text == '<form method="post"></form>'
    protected = Flask(__name__)
    protected.secret_key = "secret"
    CSRFProtect(protected)
    protected.add_url_rule("/pay", "pay", lambda: "paid", methods=["POST"])
    protected.add_url_rule("/token", "token", lambda: render_template_string("{{ csrf_token() }}"))
    client = protected.test_client()
    assert client.post("/pay", data={"sum": "100"}, headers=forged).status_code == 400
    token = client.get("/token").text
    assert re.fullmatch(r"[\w.-]{40,}", token)
    assert client.post("/pay", data={"sum": "100", "csrf_token": token}).text == "paid"
