"""WSGI, ASGI and WebSockets, Gunicorn's workers and Uvicorn, each run for real."""

import asyncio
import inspect
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import uvicorn
from fastapi import FastAPI
from flask import Flask
from serving import running
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.test import create_environ

Message = dict[str, Any]


def ask(port: int, path: str = "/") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def serve_asgi(app: Any) -> Iterator[int]:
    """Runs Uvicorn in a thread and gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, interface="asgi3"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serve_wsgi(app: Any) -> Iterator[int]:
    """Runs a WSGI app in one thread, by the standard library's server, and gives its port."""
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    with running(server):
        yield server.server_port


def ask_twice_at_once(port: int) -> None:
    threads = [threading.Thread(target=ask, args=(port,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_wsgi_is_synchronous_and_asgi_asynchronous() -> None:
    """WSG001: A WSGI app is called and has answered; an ASGI app is awaited, so that one thread serves two requests at once."""
    log: list[str] = []

    def wsgi(environ: Message, start_response: Callable[..., Any]) -> list[bytes]:
        log.append("begin")
        time.sleep(0.1)
        start_response("200 OK", [])
        log.append("end")
        return [b"wsgi"]

    async def asgi(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        log.append("begin")
        await asyncio.sleep(0.4)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"asgi"})
        log.append("end")

    started: list[str] = []
    body = wsgi(create_environ(), lambda status, headers: started.append(status))
    assert (body, started) == ([b"wsgi"], ["200 OK"])
    answer = Flask("application").wsgi_app(create_environ(), lambda status, headers: None)
    assert not inspect.isawaitable(answer)
    assert inspect.iscoroutinefunction(FastAPI().__call__)

    log.clear()
    with serve_wsgi(wsgi) as port:
        ask_twice_at_once(port)
    assert log == ["begin", "end", "begin", "end"]
    log.clear()
    with serve_asgi(asgi) as port:
        ask_twice_at_once(port)
    assert log == ["begin", "begin", "end", "end"]


def open_websocket(port: int, path: str) -> str:
    """The status that answers the handshake of a WebSocket."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return client.makefile("rb").readline().decode().split()[1]


WEBSOCKET_APP = """
import sys
import threading
from flask import Flask
from flask_socketio import SocketIO
from werkzeug.serving import make_server

app = Flask(__name__)
app.add_url_rule("/socket.io/", "page", lambda: "a page")
if sys.argv[1] == "extended":
    SocketIO(app, async_mode="threading")
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_flask_needs_an_extension_for_websockets(tmp_path: Path) -> None:
    """WSG002: Flask, a WSGI app, refuses a WebSocket where it has a page; Flask-SocketIO accepts it; an ASGI call fails."""
    (tmp_path / "app.py").write_text(WEBSOCKET_APP)
    statuses, pages = {}, {}
    for mode in ("plain", "extended"):
        command = [sys.executable, "-B", "app.py", mode]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            statuses[mode] = open_websocket(port, "/socket.io/?EIO=4&transport=websocket")
            pages[mode] = ask(port, "/socket.io/")
        finally:
            process.kill()
            process.communicate()
    assert pages["plain"] == (200, b"a page")
    assert statuses == {"plain": "400", "extended": "101"}  # 101: Switching Protocols
    app = Flask("application")
    assert list(app.wsgi_app(create_environ(), lambda status, headers: None))
    with pytest.raises(TypeError):
        app({"type": "websocket"}, None, None)  # type: ignore[call-arg]
    assert not hasattr(app, "websocket")


COUNTER = """
import os, time
counter = 0

def app(environ, start_response):
    global counter
    counter += 1
    time.sleep(0.02)  # long enough for another worker to take the next request
    start_response("200 OK", [])
    return [f"{os.getpid()} {counter}".encode()]
"""


def test_gunicorn_workers_do_not_share_memory(tmp_path: Path) -> None:
    """WSG100: Each worker is a process with a counter of its own, which counts only what that worker answered."""
    (tmp_path / "served.py").write_text(COUNTER)
    command = ["-B", "-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", "2", "--no-control-socket", "served:app"]
    process = subprocess.Popen(
        [sys.executable, *command], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        log = ""
        while log.count("Booting worker") < 2:
            line = process.stderr.readline()
            assert line, log
            log += line
        started = re.search(r"http://127\.0\.0\.1:(\d+)", log)
        assert started is not None
        port = int(started.group(1))
        counts: dict[int, list[int]] = {}
        deadline = time.monotonic() + 10
        while (len(counts) < 2 or min(map(len, counts.values())) < 3) and time.monotonic() < deadline:
            connections = [HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(2)]
            for connection in connections:
                connection.request("GET", "/")
            for connection in connections:
                pid, count = connection.getresponse().read().split()
                counts.setdefault(int(pid), []).append(int(count))
                connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert len(counts) == 2
    assert process.pid not in counts  # the master only manages its workers
    for seen in counts.values():
        assert sorted(seen) == list(range(1, len(seen) + 1))


def test_uvicorn_is_a_server_and_no_framework() -> None:
    """WSG101: Uvicorn runs any ASGI app, FastAPI's and Starlette's too; the routes are theirs, Uvicorn has none."""
    seen: list[Message] = []

    async def bare(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def starlette_page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("from Starlette")

    fastapi = FastAPI()
    fastapi.get("/page")(lambda: "from FastAPI")
    with serve_asgi(bare) as port:
        assert ask(port, "/any/path/at/all") == (200, b"/any/path/at/all")  # no route stands in the way
    assert [scope["type"] for scope in seen] == ["http"]
    assert seen[0]["asgi"]["version"] == "3.0"
    for app, body in ((fastapi, b'"from FastAPI"'), (Starlette(routes=[Route("/page", starlette_page)]), b"from Starlette")):
        with serve_asgi(app) as port:
            assert ask(port, "/page") == (200, body)
            assert ask(port, "/other")[0] == 404
    assert not any(hasattr(uvicorn, name) for name in ("route", "get", "Router", "Route", "Request", "Response", "templating"))
    with serve_asgi(Flask("application")) as port:  # a WSGI app is none
        assert ask(port)[0] == 500
