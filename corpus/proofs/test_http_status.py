"""HTTP status codes, connections, cookies, and the protocols beside it: WebSocket, GraphQL, HTTP/3."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, LWPCookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import graphql
import h11
import pytest
import requests
import uvicorn
from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.asyncio import serve as serve_quic
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent
from cachecontrol import CacheControl
from fastapi import FastAPI, WebSocket
from flask import Flask, Response, request
from serving import serve
from werkzeug.serving import generate_adhoc_ssl_pair
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request, TextMessage


@contextmanager
def serve_asgi(app: FastAPI) -> Iterator[int]:
    """The port of a real ASGI server that runs the app."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="wsproto"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def raw(port: int, text: str) -> bytes:
    """All bytes that the server sends until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_401_asks_who_you_are_and_403_refuses() -> None:
    """HTP004: Without valid credentials 401 and a challenge; with valid ones that do not suffice 403."""
    code = """
import json, django
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="__main__", USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import path
from rest_framework import authentication, permissions, response, views
from rest_framework.test import RequestsClient
call_command("migrate", verbosity=0)
class Page(views.APIView):
    authentication_classes, permission_classes = [authentication.BasicAuthentication], [permissions.IsAdminUser]
    def get(self, request):
        return response.Response("page")
urlpatterns = [path("", Page.as_view())]
User.objects.create_user("ann", password="right")
User.objects.create_user("root", password="right", is_staff=True)
seen = []
for user in (None, ("ann", "wrong"), ("ann", "right"), ("root", "right")):
    answer = RequestsClient().get("http://testserver/", auth=user)
    seen.append([answer.status_code, "WWW-Authenticate" in answer.headers])
print(json.dumps(seen))
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[401, True], [401, True], [403, False], [200, False]]


def some_statuses() -> Flask:
    app = Flask("app")

    @app.post("/form")
    def form() -> Any:
        return request.get_json()

    @app.get("/bug")
    def bug() -> str:
        return str(1 // int(request.args.get("by", "0")))

    return app


def test_404_is_unknown_405_the_wrong_method_and_500_a_failure() -> None:
    """HTP009: An unknown URL, a known one with another method, and a view that fails by itself."""
    with serve(some_statuses()) as port:
        url = f"http://127.0.0.1:{port}"
        assert requests.get(url + "/none", timeout=60).status_code == 404
        wrong_method = requests.get(url + "/form", timeout=60)
        assert (wrong_method.status_code, sorted(wrong_method.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])
        assert requests.get(url + "/bug", timeout=60).status_code == 500


def test_4xx_blames_the_request_and_5xx_the_server() -> None:
    """HTP205: A broken body is answered with 4xx, a correct request that the view cannot serve with 5xx; clients sort them so."""
    with serve(some_statuses()) as port:
        url = f"http://127.0.0.1:{port}"
        broken = requests.post(url + "/form", data="{", headers={"Content-Type": "application/json"}, timeout=60)
        failed = requests.get(url + "/bug", timeout=60)
        assert requests.get(url + "/bug?by=1", timeout=60).ok
    assert (broken.status_code, failed.status_code) == (400, 500)
    with pytest.raises(requests.HTTPError, match="Client Error"):
        broken.raise_for_status()
    with pytest.raises(requests.HTTPError, match="Server Error"):
        failed.raise_for_status()


def test_204_has_no_body() -> None:
    """HTP202: It counts as success, the body of the view is left out, and the protocol library refuses to send one."""
    app = Flask("app")
    app.add_url_rule("/", view_func=lambda: ("a body", 204))
    with serve(app) as port:
        header, _, body = raw(port, "GET / HTTP/1.0\nHost: a\n\n").partition(b"\r\n\r\n")
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=60).ok
    assert b" 204 " in header.splitlines()[0]
    assert body == b""
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.next_event()
    server.next_event()
    server.send(h11.Response(status_code=204, headers=[]))
    with pytest.raises(h11.LocalProtocolError):
        server.send(h11.Data(data=b"a body"))


def test_304_lets_the_client_use_its_copy() -> None:
    """HTP204: The answer to a conditional request has no body, and a client with a cache goes on with the copy it has."""
    app, statuses = Flask("app"), []

    @app.get("/")
    def page() -> Response:
        response = Response("page", headers={"Cache-Control": "no-cache"})
        response.set_etag("one")
        response.make_conditional(request)
        statuses.append(response.status_code)
        return response

    with serve(app) as port:
        conditional = raw(port, 'GET / HTTP/1.0\nHost: a\nIf-None-Match: "one"\n\n')
        unconditional = raw(port, "GET / HTTP/1.0\nHost: a\n\n")
        statuses.clear()
        with CacheControl(requests.Session()) as session:
            texts = [session.get(f"http://127.0.0.1:{port}/").text for _ in range(2)]
    assert b" 304 " in conditional.splitlines()[0]
    assert conditional.endswith(b"\r\n\r\n")
    assert unconditional.endswith(b"\r\n\r\npage")
    assert (statuses, texts) == ([200, 304], ["page", "page"])


def test_connections_stay_open_until_close_is_asked() -> None:
    """HTP208: Two requests share one connection of HTTP/1.1 without a word; after Connection: close the server ends it."""
    app = FastAPI()
    app.add_api_route("/", lambda: "page")
    with serve_asgi(app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = b""
            while not answer.endswith(b'"page"'):
                data = connection.recv(65536)
                assert data
                answer += data
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        rest = b"".join(iter(lambda: connection.recv(65536), b""))  # ends only because the server closes
    assert b"connection: close" in rest.lower()


def test_a_cookie_without_a_date_ends_with_the_session(tmp_path: Path) -> None:
    """HTP210: A client forgets it when it ends; with Max-Age or Expires it is kept until then."""
    app = Flask("app")

    @app.get("/")
    def page() -> Response:
        response = Response("page")
        response.set_cookie("session", "1")
        response.set_cookie("aged", "1", max_age=3600)
        response.set_cookie("dated", "1", expires=time.time() + 3600)
        response.set_cookie("past", "1", expires=time.time() - 1)
        return response

    jar = LWPCookieJar(tmp_path / "cookies")
    with serve(app) as port:
        build_opener(HTTPCookieProcessor(jar)).open(f"http://127.0.0.1:{port}/").close()
    assert {cookie.name: cookie.discard for cookie in jar} == {"session": True, "aged": False, "dated": False}
    jar.save()  # what a client does when its session ends
    later = LWPCookieJar(tmp_path / "cookies")
    later.load()
    assert sorted(cookie.name for cookie in later) == ["aged", "dated"]
    everything: CookieJar = jar
    everything.clear_session_cookies()
    assert len(everything) == 2


def test_a_cookie_holds_about_four_kilobytes() -> None:
    """HTP212: Up to 4 KB nothing is said; beyond, Werkzeug warns that browsers may ignore the cookie."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Response().set_cookie("name", "a" * 4000)
    with pytest.warns(UserWarning, match="cookie is too large"):
        Response().set_cookie("name", "a" * 4096)
    assert 4000 < Response().max_cookie_size <= 4096


def test_a_websocket_starts_as_http_and_then_talks_both_ways() -> None:
    """HTP211: A GET is answered with 101; from then on either side sends frames, unasked, on the same connection."""
    app = FastAPI()

    @app.websocket("/")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("first, unasked")
        await websocket.send_text("second, unasked")
        await websocket.send_text("echo " + await websocket.receive_text())

    with serve_asgi(app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        client = WSConnection(ConnectionType.CLIENT)
        handshake = client.send(Request(host=f"127.0.0.1:{port}", target="/"))
        assert handshake.startswith(b"GET / HTTP/1.1\r\n")
        assert b"Upgrade: websocket" in handshake
        connection.sendall(handshake)
        messages: list[str] = []
        received = b""
        while len(messages) < 3:
            data = connection.recv(65536)
            assert data
            received += data
            client.receive_data(data)
            for event in client.events():
                if isinstance(event, TextMessage):
                    messages.append(event.data)
                    if len(messages) == 2:
                        connection.sendall(client.send(TextMessage("hello")))
    assert received.startswith(b"HTTP/1.1 101 ")
    assert received.count(b"HTTP/1.1") == 1
    assert messages == ["first, unasked", "second, unasked", "echo hello"]


def test_graphql_answers_from_any_source() -> None:
    """HTP301: A query over plain functions and dictionaries is answered with no database about, and SQL is not its language."""
    schema = graphql.build_schema("type User { name: String  age: Int } type Query { user(id: Int): User }")
    users = {1: {"name": "Ann", "age": 30}}
    root = {"user": lambda info, id: users.get(id)}
    done = graphql.graphql_sync(schema, "{ user(id: 1) { name } }", root)
    assert (done.data, done.errors) == ({"user": {"name": "Ann"}}, None)
    assert isinstance(graphql.graphql_sync(schema, "SELECT name FROM user", root).errors[0], graphql.GraphQLSyntaxError)


class Http3(QuicConnectionProtocol):
    """Either side of an HTTP/3 connection; the server answers each request, the client keeps what comes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.http = H3Connection(self._quic)
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def quic_event_received(self, event: QuicEvent) -> None:
        for part in self.http.handle_event(event):
            if isinstance(part, HeadersReceived) and not self._quic.configuration.is_client:
                self.http.send_headers(part.stream_id, [(b":status", b"200")])
                self.http.send_data(part.stream_id, b"page over HTTP/3", end_stream=True)
                self.transmit()
            if isinstance(part, DataReceived):
                self.got.put_nowait(part.data)


async def ask_http3(port: int) -> tuple[bytes, socket.SocketKind, int]:
    certificate, key = generate_adhoc_ssl_pair()
    server = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    server.certificate, server.private_key = certificate, key
    client = QuicConfiguration(alpn_protocols=["h3"], verify_mode=ssl.CERT_NONE)
    running = await serve_quic("127.0.0.1", port, configuration=server, create_protocol=Http3)
    address = running._transport.get_extra_info("socket")
    bound = address.getsockname()[1]
    async with connect("127.0.0.1", bound, configuration=client, create_protocol=Http3) as connection:
        stream = connection._quic.get_next_available_stream_id()
        headers = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", b"/")]
        connection.http.send_headers(stream, headers, end_stream=True)
        connection.transmit()
        answer = await asyncio.wait_for(connection.got.get(), 60)
        with socket.socket() as tcp:
            refused = tcp.connect_ex(("127.0.0.1", bound))
    running.close()
    return answer, address.type, refused


def test_http3_runs_over_udp() -> None:
    """HTP302: A page comes through a datagram socket on whose port no TCP connection can be made."""
    answer, kind, refused = asyncio.run(ask_http3(0))
    assert answer == b"page over HTTP/3"
    assert kind == socket.SOCK_DGRAM
    assert refused != 0
