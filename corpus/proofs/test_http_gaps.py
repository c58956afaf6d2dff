"""HTTP as interviews ask it: negotiation, methods, cookies, ports, DNS, GraphQL's errors, pages of rows and the WSGI interface."""

import asyncio
import sqlite3
import threading
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import dns.exception
import dns.message
import dns.rdata
import dns.rrset
import pytest
import requests
from drf_process import run_rest
from fastapi import FastAPI
from flask import Flask, Response, request
from graphql import build_schema, graphql_sync
from rest_framework.permissions import SAFE_METHODS
from serving import serve
from urllib3.util import Retry
from werkzeug.sansio.utils import get_host


def test_406_is_about_accept_and_415_about_content_type() -> None:
    """HTP640: XML sent to a JSON-only view gets 415, XML wanted from it 406, and the other way round neither."""
    code = """
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.test import APIClient
@api_view(["POST"])
def echo(request): return Response(request.data)
urlpatterns = [path("echo", echo)]
def ask(kind, accept):
    return APIClient().generic("POST", "/echo", "{}", content_type="application/" + kind, HTTP_ACCEPT="application/" + accept).status_code
show(*[ask(kind, accept) for kind, accept in (("json", "json"), ("xml", "json"), ("json", "xml"))])
"""
    only = {
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    }
    assert run_rest(code, only) == [200, 415, 406]


def test_202_is_sent_before_the_work_is_done() -> None:
    """HTP641: The answer is complete while the job waits; the job then fails, which only a second request finds out."""
    app, go, over, state = Flask("app"), threading.Event(), threading.Event(), {"job": "waiting"}

    def work() -> None:
        go.wait(30)
        state["job"] = "failed"
        over.set()

    @app.post("/jobs")
    def start() -> tuple[dict[str, str], int]:
        threading.Thread(target=work, daemon=True).start()
        return dict(state), 202

    app.add_url_rule("/jobs/1", "job", lambda: state)
    with serve(app) as port:
        url = f"http://127.0.0.1:{port}/jobs"
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/jobs")
        answer = connection.getresponse()
        assert (answer.status, answer.reason, answer.read()) == (202, "ACCEPTED", b'{"job":"waiting"}\n')
        go.set()
        assert over.wait(30)
        assert answer.read() == b""
        assert (answer.status, requests.get(f"{url}/1", timeout=30).json()) == (202, {"job": "failed"})
        connection.close()


def test_put_and_delete_are_idempotent_but_not_safe() -> None:
    """HTP642: urllib3 repeats all of DRF's safe methods, and PUT and DELETE as well, which change a store once and not again."""
    idempotent = Retry.DEFAULT_ALLOWED_METHODS
    assert set(SAFE_METHODS) == {"GET", "HEAD", "OPTIONS"} < idempotent
    assert {"PUT", "DELETE"} <= idempotent - set(SAFE_METHODS)
    assert "POST" not in idempotent
    app, store = Flask("app"), {"1": "old"}

    @app.route("/<key>", methods=["GET", "PUT", "DELETE"])
    def item(key: str) -> str:
        if request.method == "PUT":
            store[key] = request.get_data(as_text=True)
        if request.method == "DELETE":
            store.pop(key, None)
        return store.get(key, "")

    for method, changes in (("GET", False), ("HEAD", False), ("OPTIONS", False), ("PUT", True), ("DELETE", True)):
        states = [dict(store)]
        for _ in range(2):
            assert app.test_client().open("/1", method=method, data="new").status_code == 200
            states.append(dict(store))
        assert (states[0] != states[1], states[1] == states[2]) == (changes, True)


def test_attributes_of_a_cookie_do_not_come_back() -> None:
    """HTP643: Two cookies take two Set-Cookie lines with attributes; one Cookie line with bare pairs returns."""
    app = Flask("app")

    @app.get("/")
    def home() -> Response:
        response = Response(request.headers.get("Cookie", ""))
        response.set_cookie("theme", "dark", max_age=600, httponly=True, samesite="Lax")
        response.set_cookie("lang", "en", path="/")
        return response

    with serve(app) as port, requests.Session() as browser:
        first = browser.get(f"http://127.0.0.1:{port}/")
        second = browser.get(f"http://127.0.0.1:{port}/")
    lines = first.raw.headers.getlist("Set-Cookie")
    assert [line.partition("=")[0] for line in lines] == ["theme", "lang"]
    assert all(word in lines[0] for word in ("Max-Age=600", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Cookie" not in first.headers
    assert "Set-Cookie" not in second.request.headers
    assert (first.text, sorted(second.text.split("; "))) == ("", ["lang=en", "theme=dark"])


def test_a_get_request_can_carry_a_body() -> None:
    """HTP644: It is sent and received; one server answers by it, another, which ignores it, is as right."""
    app = Flask("app")
    app.add_url_rule("/reads", "reads", lambda: request.get_data(as_text=True))
    app.add_url_rule("/ignores", "ignores", lambda: "the same for all")
    with serve(app) as port:
        answers = [requests.get(f"http://127.0.0.1:{port}/{path}", data="filter", timeout=30) for path in ("reads", "ignores")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "filter"), (200, "the same for all")]
    assert answers[0].request.method == "GET"


def test_a_url_without_a_port_means_80_or_443() -> None:
    """HTP645: The client's default is 80 or 443, and only these may be left out of the host; 8080 and 8443 may not."""
    assert (HTTPConnection("example.com").port, HTTPSConnection("example.com").port) == (80, 443)
    for scheme, default, others in (("http", 80, (443, 8080, 8000, 5000)), ("https", 443, (80, 8443))):
        assert get_host(scheme, f"example.com:{default}") == "example.com"
        assert [get_host(scheme, f"example.com:{port}") for port in others] == [f"example.com:{port}" for port in others]


def test_a_cname_holds_a_name_and_no_address() -> None:
    """HTP646: A takes IPv4 only and AAAA IPv6 only; CNAME takes a name, under which the address is then found."""
    four, six = "203.0.113.5", "2001:db8::1"
    assert dns.rdata.from_text("IN", "A", four).to_text() == four
    assert dns.rdata.from_text("IN", "AAAA", six).to_text() == six
    for kind, wrong in (("A", six), ("A", "example.net."), ("AAAA", four), ("AAAA", "example.net.")):
        with pytest.raises(dns.exception.SyntaxError):
            dns.rdata.from_text("IN", kind, wrong)
    alias = dns.rdata.from_text("IN", "CNAME", four)
    assert alias.target.labels[:4] == (b"203", b"0", b"113", b"5")  # read as a name
    query = dns.message.make_query("www.example.com", "A")
    answer = dns.message.make_response(query)
    answer.answer = [
        dns.rrset.from_text("www.example.com.", 60, "IN", "CNAME", "host.example.net."),
        dns.rrset.from_text("host.example.net.", 60, "IN", "A", four),
    ]
    chain = dns.message.from_wire(answer.to_wire()).resolve_chaining()
    assert (chain.canonical_name.to_text(), chain.answer[0].to_text()) == ("host.example.net.", four)


def test_graphql_gives_data_and_errors_together() -> None:
    """HTP647: One resolver fails; its field is null with an entry in errors, the other field is there, and the status is 200."""
    app, schema = Flask("app"), build_schema("type Query { good: String bad: String }")

    def bad(*_: Any) -> str:
        raise ValueError("no luck")

    @app.post("/graphql")
    def endpoint() -> dict[str, Any]:
        return dict(graphql_sync(schema, request.json["query"], {"good": "fine", "bad": bad}).formatted)

    answer = app.test_client().post("/graphql", json={"query": "{ good bad }"})
    assert (answer.status_code, answer.json["data"]) == (200, {"good": "fine", "bad": None})
    assert [(error["message"], error["path"]) for error in answer.json["errors"]] == [("no luck", ["bad"])]


def test_offset_reads_what_it_skips_and_repeats_rows() -> None:
    """HTP649: A deep page takes SQLite far more steps by offset, not so by key; only offset repeats and misses rows after changes."""
    database, steps = sqlite3.connect(":memory:"), [0]
    database.execute("create table post (id integer primary key)")
    database.executemany("insert into post values (?)", ((number,) for number in range(1, 20001)))

    def page(sql: str, value: int) -> tuple[list[int], int]:
        steps[0] = 0
        database.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 1)
        rows = [row[0] for row in database.execute(sql, (value,))]
        database.set_progress_handler(None, 0)
        return rows, steps[0]

    offset = "select id from post order by id desc limit 3 offset ?"
    keyset = "select id from post where id < ? order by id desc limit 3"
    (first, cheap), (deep, costly) = page(offset, 0), page(offset, 15000)
    assert page(keyset, deep[0] + 1)[0] == deep
    assert costly > 100 * cheap
    assert page(keyset, deep[0] + 1)[1] < 2 * page(keyset, 20001)[1]
    database.execute("insert into post values (20001)")
    assert page(offset, 3)[0][0] == first[-1]
    assert not set(page(keyset, first[-1])[0]) & set(first)
    database.execute("delete from post where id >= 20000")
    assert page(keyset, first[-1])[0][0] == first[-1] - 1
    assert page(offset, 3)[0][0] == first[-1] - 2


def test_a_wsgi_app_takes_environ_and_start_response() -> None:
    """HTP650: The standard library's validator and Flask agree on two arguments and bytes; text fails; ASGI has three others."""
    environ: dict[str, Any] = {"QUERY_STRING": ""}
    setup_testing_defaults(environ)
    seen: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        seen.append(status)
        return seen.append

    def make(body: Any) -> Any:
        def app(environ: dict[str, Any], start_response: Any) -> list[Any]:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [body]

        return app

    def call(app: Any) -> list[bytes]:
        answer = validator(app)(dict(environ), start_response)
        try:
            return list(answer)
        finally:
            answer.close()

    flask_app = Flask("app")
    flask_app.add_url_rule("/", "home", lambda: "hello")
    assert (call(make(b"hello")), call(flask_app), seen) == ([b"hello"], [b"hello"], ["200 OK"] * 2)
    with pytest.raises(AssertionError):
        call(make("hello"))
    with pytest.raises(TypeError):
        flask_app(environ, start_response, None)  # type: ignore[call-arg]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        seen.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(FastAPI()(scope, receive, send))
    assert seen[-2:] == ["http.response.start", "http.response.body"]
