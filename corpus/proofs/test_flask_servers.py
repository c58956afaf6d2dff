"""Flask's development server, its debugger, and real WSGI servers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import flask
import pytest
from flask import Flask
from flask.cli import ScriptInfo
from serving import serve

APP = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def page():
    return "page"
@app.get("/crash")
def crash():
    raise ValueError("view failed")
"""


class Server:
    """A server process, the log of what it prints, and its address once it has told it."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "WERKZEUG_"))}
        self.log = folder / f"{time.monotonic_ns()}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([sys.executable, "-u", *command], cwd=folder, env=environ, stdout=log, stderr=log)
        self.host = ""
        self.port = 0

    def read_until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + 30
        while not (found := re.search(pattern, self.log.read_text())):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)
        return found

    def get(self, path: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


@contextmanager
def running(folder: Path, *command: str, told: str = r"(?:Running on|Listening at:) http://([\d.]+):(\d+)") -> Iterator[Server]:
    """`python COMMAND` in the folder, until the block ends."""
    server = Server(folder, list(command))
    try:
        found = server.read_until(told)
        server.host, server.port = found[1], int(found[2])
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=10)


def test_debugger_runs_code_sent_by_a_visitor(tmp_path: Path) -> None:
    """FLK005: In debug mode the error page runs any Python expression in the server process; without it there is no console."""
    (tmp_path / "hello.py").write_text(APP)
    arguments = ("-m", "flask", "--app", "hello", "run", "--no-reload", "--port", "0")

    def send_code(server: Server, secret: str, frame: str, cookie: str = "") -> str:
        query = {"__debugger__": "yes", "cmd": "__import__('os').getpid()", "frm": frame, "s": secret}
        return server.get("/crash?" + urlencode(query), cookie)[2]

    with running(tmp_path, *arguments, "--debug") as server:
        status, _, page = server.get("/crash")
        assert (status, "ValueError: view failed" in unescape(page)) == (500, True)
        secret, frame = (re.search(pattern, page) for pattern in (r'SECRET = "(\w+)"', r'id="frame-(\d+)"'))
        assert secret is not None
        assert frame is not None
        server.get("/?" + urlencode({"__debugger__": "yes", "cmd": "printpin", "s": secret[1]}))
        pin = server.read_until(r"Debugger pin code: ([\d-]+)")[1]
        query = {"__debugger__": "yes", "cmd": "pinauth", "pin": pin, "s": secret[1]}
        _, headers, answer = server.get("/?" + urlencode(query))
        assert '"auth": true' in answer
        cookie = headers["Set-Cookie"].split(";")[0]
        assert str(server.process.pid) in send_code(server, secret[1], frame[1], cookie)
    with running(tmp_path, *arguments) as server:
        status, _, page = server.get("/crash")
        assert status == 500
        assert "ValueError" not in page
        assert "SECRET" not in page
        assert str(server.process.pid) not in send_code(server, secret[1], frame[1], cookie)


def test_development_server_says_that_it_is_not_for_production(tmp_path: Path) -> None:
    """FLK006: flask run and app.run start Werkzeug's server and warn against production use; Gunicorn runs the app without."""
    (tmp_path / "hello.py").write_text(APP)
    (tmp_path / "run_it.py").write_text("from hello import app\napp.run(port=0)\n")
    for arguments in (("-m", "flask", "--app", "hello", "run", "--port", "0"), ("run_it.py",)):
        with running(tmp_path, *arguments) as server:
            status, headers, page = server.get("/")
            assert (status, page) == (200, "page")
            assert headers["Server"].startswith("Werkzeug/")
            assert "This is a development server. Do not use it in a production deployment." in server.log.read_text()
            assert "Use a production WSGI server instead." in server.log.read_text()
    with running(tmp_path, "-m", "gunicorn", "--bind", "127.0.0.1:0", "hello:app") as server:
        status, headers, page = server.get("/")
        assert (status, page) == (200, "page")
        assert headers["Server"] == "gunicorn"
        assert "development" not in server.log.read_text()


def test_development_server_listens_on_localhost_5000(tmp_path: Path) -> None:
    """FLK111: flask run and app.run want port 5000 and bind 127.0.0.1, so that another address gets no connection."""
    (tmp_path / "hello.py").write_text(APP)
    (tmp_path / "run_it.py").write_text("from hello import app\napp.run()\n")
    (tmp_path / "run_free.py").write_text("from hello import app\napp.run(port=0)\n")
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 5000))
            taken.listen()
        except OSError:
            pass  # somebody else holds port 5000, which serves as well
        starts = [
            subprocess.Popen([sys.executable, *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for arguments in (("-m", "flask", "--app", "hello", "run"), ("run_it.py",))
        ]
        for process in starts:
            try:
                said = process.communicate(timeout=30)[1]
            finally:
                process.kill()
            assert process.returncode != 0
            assert "Port 5000 is in use" in said
    for arguments in (("-m", "flask", "--app", "hello", "run", "--port", "0"), ("run_free.py",)):
        with running(tmp_path, *arguments) as server:
            assert server.host == "127.0.0.1"
            assert server.get("/")[2] == "page"
            with pytest.raises(OSError), socket.create_connection(("127.0.0.2", server.port), timeout=1):
                pass


def test_factory_is_a_function_of_your_own() -> None:
    """FLK208: Each call gives a separate configured app, a server calls it once and not for requests, Flask has none itself."""
    calls: list[int] = []

    def create_app() -> Flask:
        calls.append(len(calls))
        app = Flask(__name__)
        app.config["NUMBER"] = len(calls)
        app.add_url_rule("/", "number", lambda: str(app.config["NUMBER"]))
        return app

    first, second = create_app(), create_app()
    assert first is not second
    first.config["ONLY_FIRST"] = True
    assert "ONLY_FIRST" not in second.config
    assert [app.test_client().get("/").text for app in (first, second)] == ["1", "2"]
    assert not hasattr(flask, "create_app")
    loaded = ScriptInfo(create_app=create_app).load_app()
    answers = []
    with serve(loaded) as port:
        for _ in range(5):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            answers.append(connection.getresponse().read())
            connection.close()
    assert answers == [b"3"] * 5
    assert len(calls) == 3
