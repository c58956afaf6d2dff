"""HTTP as clients and servers speak it: methods, state, caching, redirects, negotiation, connections."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import httpx
import requests
from cachecontrol import CacheControl
from flask import Flask, Response, redirect, request
from flask_cors import CORS
from requests.adapters import HTTPAdapter
from serving import serve
from urllib3.util.retry import Retry

DRF = """
import json, django
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="__main__", USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import include, path
from rest_framework import parsers, renderers, routers, serializers, viewsets
from rest_framework.test import APIClient
call_command("migrate", verbosity=0)
class PlainText(renderers.BaseRenderer):
    media_type, format = "text/plain", "txt"
    def render(self, data, media_type=None, context=None):
        return data["name"]
class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model, fields = Group, ["name", "permissions"]
class Groups(viewsets.ModelViewSet):
    queryset, serializer_class = Group.objects.all(), GroupSerializer
    authentication_classes = permission_classes = []
    renderer_classes, parser_classes = [renderers.JSONRenderer, PlainText], [parsers.JSONParser]
router = routers.SimpleRouter()
router.register("groups", Groups)
urlpatterns = router.urls
group = Group.objects.create(name="staff")
client = APIClient()
url = f"/groups/{group.pk}/"
def show(**seen):
    print(json.dumps(seen))
"""


def run_drf(code: str) -> dict[str, Any]:
    """Runs `code` beside a REST API of Django REST framework, in a process of its own."""
    done = subprocess.run([sys.executable, "-B", "-c", DRF + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def raw(port: int, text: str) -> bytes:
    """All bytes that the server sends until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def listener(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A bare socket that keeps what one client sends, up to the end of the header, and gives a fixed answer."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hear() -> None:
            connection, _ = server.accept()
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += connection.recv(65536)
                heard.append(data)
                connection.sendall(answer)

        thread = threading.Thread(target=hear)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def retried(method: str) -> int:
    """How often a client with urllib3's usual retries sends a request that fails once with 503."""
    app, seen = Flask("app"), []

    @app.route("/", methods=[method])
    def page() -> tuple[str, int]:
        seen.append(request.method)
        return "", 503 if len(seen) == 1 else 200

    with serve(app) as port, requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(total=1, status_forcelist=[503], raise_on_status=False)))
        session.request(method, f"http://127.0.0.1:{port}/")
    return len(seen)


def test_put_is_idempotent_and_post_is_not() -> None:
    """HTP002: A repeated PUT leaves one thing and a repeated POST makes another; so clients repeat only PUT by themselves."""
    app, items = Flask("app"), {1: "old"}
    app.add_url_rule("/items/1", "items_1", lambda: items.update({1: request.get_data(as_text=True)}) or "", methods=["PUT"])
    app.add_url_rule("/items", "items", lambda: items.update({len(items) + 1: request.get_data(as_text=True)}) or "", methods=["POST"])
    with serve(app) as port:
        for method, path in (("PUT", "/items/1"), ("PUT", "/items/1"), ("POST", "/items"), ("POST", "/items")):
            assert requests.request(method, f"http://127.0.0.1:{port}{path}", data=method, timeout=60).status_code == 200
    assert items == {1: "PUT", 2: "POST", 3: "POST"}
    assert retried("PUT") == 2
    assert retried("POST") == 1


def test_http_keeps_no_state_between_requests() -> None:
    """HTP006: The second request on the same connection is unknown to the server until it brings the cookie itself."""
    app = Flask("app")
    app.secret_key = "k"

    @app.get("/")
    def page() -> Response:
        response = Response(request.cookies.get("name", "nobody"))
        response.set_cookie("name", "ann")
        return response

    with serve(app) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        bodies = []
        for headers in ({}, {}, {"Cookie": "name=ann"}):
            connection.request("GET", "/", headers=headers)
            bodies.append(connection.getresponse().read())
        connection.close()
    assert bodies == [b"nobody", b"nobody", b"ann"]


def runs_behind_a_cache(method: str, cache_control: str) -> tuple[int, list[str | None]]:
    """How often a view runs for two equal requests through a cache, and with which If-None-Match."""
    app, asked = Flask("app"), []

    @app.route("/", methods=[method])
    def page() -> Response:
        asked.append(request.headers.get("If-None-Match"))
        response = Response("page", headers={"Cache-Control": cache_control} if cache_control else {})
        response.set_etag("one")
        return response.make_conditional(request)

    with serve(app) as port, CacheControl(requests.Session(), cacheable_methods=("GET", "POST")) as session:
        for _ in range(2):
            assert session.request(method, f"http://127.0.0.1:{port}/").text == "page"
    return len(asked), asked


def test_no_cache_means_revalidate_and_no_store_means_not_kept() -> None:
    """HTP100: After no-cache the stored copy is used once the server has confirmed it; after no-store there is no copy."""
    assert runs_behind_a_cache("GET", "max-age=60")[0] == 1
    assert runs_behind_a_cache("GET", "no-cache") == (2, [None, '"one"'])
    assert runs_behind_a_cache("GET", "no-store") == (2, [None, None])


def test_get_is_cached_and_post_only_with_explicit_freshness() -> None:
    """HTP007: By default a cache keeps GET only; one that takes POST at all needs explicit freshness for it."""
    app, ran = Flask("app"), []
    app.add_url_rule(
        "/", view_func=lambda: (ran.append(request.method) or "page", {"Cache-Control": "max-age=60"}), methods=["GET", "POST"]
    )
    with serve(app) as port, CacheControl(requests.Session()) as session:
        for method in ("GET", "GET", "POST", "POST"):
            session.request(method, f"http://127.0.0.1:{port}/")
    assert ran == ["GET", "POST", "POST"]
    assert runs_behind_a_cache("POST", "max-age=60")[0] == 1
    assert runs_behind_a_cache("POST", "")[0] == 2


def test_http_sets_no_limit_to_a_url() -> None:
    """HTP008: A client sends a URL of a million characters; what each server takes is its own limit."""
    path = "/" + "a" * 1_000_000
    with listener(OK) as (port, heard):
        assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=60).status_code == 200
    assert heard[0].startswith(f"GET {path} HTTP/1.1\r\n".encode())
    app = Flask("app")
    app.add_url_rule("/<path:rest>", view_func=lambda rest: str(len(rest)))
    with serve(app) as port:
        assert requests.get(f"http://127.0.0.1:{port}{path[:60_001]}", timeout=60).text == "60000"
        with suppress(requests.ConnectionError):  # the server may hang up before it has read all
            assert requests.get(f"http://127.0.0.1:{port}{path[:70_001]}", timeout=60).status_code == 414


def redirected(code: int) -> tuple[str, str, bool]:
    """Method and body that arrive after a redirect of a POST, and whether the client takes the redirect for permanent."""
    app = Flask("app")
    app.add_url_rule("/old", "old", lambda: redirect("/new", code), methods=["POST"])
    app.add_url_rule("/new", "new", lambda: f"{request.method} {request.get_data(as_text=True)}", methods=["GET", "POST"])
    with serve(app) as port:
        answer = requests.post(f"http://127.0.0.1:{port}/old", data="body", timeout=60)
        other = httpx.post(f"http://127.0.0.1:{port}/old", content="body", follow_redirects=True)
    assert answer.text == other.text
    method, _, body = answer.text.partition(" ")
    return method, body, answer.history[0].is_permanent_redirect


def test_301_is_permanent_and_302_temporary() -> None:
    """HTP005: Clients take 301 for a permanent redirect and 302 for one that is not."""
    assert redirected(301)[2] is True
    assert redirected(302)[2] is False


def test_307_and_308_keep_method_and_body() -> None:
    """HTP101: After 307 and 308 the POST is repeated with its body, after 301 and 302 it becomes GET; 308 is permanent, 307 is not."""
    assert redirected(301)[:2] == redirected(302)[:2] == ("GET", "")
    assert redirected(307) == ("POST", "body", False)
    assert redirected(308) == ("POST", "body", True)


def test_put_replaces_and_patch_changes_a_part() -> None:
    """HTP102: A PUT must bring the whole representation, a PATCH only what changes."""
    code = """
put = client.put(url, {"permissions": []}, format="json")
whole = client.put(url, {"name": "all", "permissions": [1]}, format="json")
patch = client.patch(url, {"name": "part"}, format="json")
show(put=put.status_code, whole=whole.json(), patch=patch.json())
"""
    seen = run_drf(code)
    assert seen == {"put": 400, "whole": {"name": "all", "permissions": [1]}, "patch": {"name": "part", "permissions": [1]}}


def test_cors_headers_do_not_keep_other_clients_out() -> None:
    """HTP103: The named origin gets a header, but any other client gets the same answer without it and may read it."""
    app, ran = Flask("app"), []
    CORS(app, origins=["https://friend.example"])
    app.add_url_rule("/", "page", lambda: ran.append(1) or "secret", methods=["GET", "POST"])
    with serve(app) as port:
        url = f"http://127.0.0.1:{port}/"
        friend = requests.get(url, headers={"Origin": "https://friend.example"}, timeout=60)
        stranger = requests.get(url, headers={"Origin": "https://evil.example"}, timeout=60)
        script = requests.post(url, timeout=60)
    assert friend.headers["Access-Control-Allow-Origin"] == "https://friend.example"
    assert "Access-Control-Allow-Origin" not in stranger.headers
    assert friend.text == stranger.text == script.text == "secret"
    assert len(ran) == 3


def test_rest_is_not_bound_to_json() -> None:
    """HTP201: One resource of a REST API is served as JSON or as plain text, whichever is asked for."""
    code = """
answers = [client.get(url, headers={"Accept": kind}) for kind in ("application/json", "text/plain")]
show(kinds=[answer["Content-Type"].split(";")[0] for answer in answers], bodies=[answer.content.decode() for answer in answers])
"""
    seen = run_drf(code)
    assert seen["kinds"] == ["application/json", "text/plain"]
    assert seen["bodies"] == ['{"name":"staff","permissions":[]}', "staff"]


def test_content_type_is_of_the_body_sent_and_accept_of_the_answer() -> None:
    """HTP206: The server parses by Content-Type and answers by Accept; a wrong one of the two gives 415 or 406."""
    code = """
body = '{"name": "new", "permissions": []}'
def put(content_type, accept):
    return client.put(url, body, content_type=content_type, headers={"Accept": accept})
mixed = put("application/json", "text/plain")
show(mixed=[mixed.status_code, mixed["Content-Type"].split(";")[0], mixed.content.decode()],
     unknown_body=put("text/csv", "application/json").status_code, unknown_wish=put("application/json", "image/png").status_code)
"""
    seen = run_drf(code)
    assert seen == {"mixed": [200, "text/plain", "new"], "unknown_body": 415, "unknown_wish": 406}


def test_delete_is_idempotent() -> None:
    """HTP207: The second DELETE gets 404 and leaves the same state; clients repeat a DELETE by themselves."""
    code = """
statuses, counts = [], []
for _ in range(3):
    statuses.append(client.delete(url).status_code)
    counts.append(Group.objects.count())
show(statuses=statuses, counts=counts)
"""
    assert run_drf(code) == {"statuses": [204, 404, 404], "counts": [0, 0, 0]}
    assert retried("DELETE") == 2


def sent_by(get: Callable[[str], Any]) -> tuple[bytes, str]:
    """The bytes a client sends for a URL with a fragment, and the URL it has afterwards."""
    with listener(OK) as (port, heard):
        answer = get(f"http://127.0.0.1:{port}/page?a=1#part")
    return heard[0], str(answer.url)


def test_the_fragment_stays_with_the_client() -> None:
    """HTP300: The client keeps the fragment in its URL; the request names path and query only."""
    for get in (requests.get, httpx.get):
        heard, url = sent_by(get)
        assert heard.startswith(b"GET /page?a=1 HTTP/1.1\r\n")
        assert b"part" not in heard
        assert url.endswith("#part")


def test_head_is_get_without_the_body() -> None:
    """HTP303: Status and header are those of GET, and not one byte of the body follows."""
    app = Flask("app")
    app.add_url_rule("/", "page", lambda: ("body", 203, {"X-Extra": "1"}))
    with serve(app) as port:
        got, head = (raw(port, f"{method} / HTTP/1.0\nHost: a\n\n") for method in ("GET", "HEAD"))
    header, _, body = got.partition(b"\r\n\r\n")
    assert body == b"body"
    strip = [line for line in header.split(b"\r\n") if not line.startswith(b"Date")]
    assert [line for line in head.removesuffix(b"\r\n\r\n").split(b"\r\n") if not line.startswith(b"Date")] == strip
    assert b"Content-Length: 4" in head
