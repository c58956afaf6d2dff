"""What interview texts get wrong about Django REST framework and web security: serializers, views, tokens, escaping, SQL, headers."""

import sqlite3
from typing import Any
from urllib.parse import urlsplit

import jwt
import psycopg.sql
import pytest
import requests
from django import template
from drf_process import run_rest
from flask import Flask, Response, render_template_string, request, session
from flask_cors import CORS
from flask_wtf.csrf import CSRFProtect
from jinja2 import Environment
from serving import serve
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

SETUP = """
import threading
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import generics, pagination, serializers, throttling, views, viewsets
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
client = APIClient()
def serializer(**meta):
    return type("Made", (serializers.ModelSerializer,), {"Meta": type("Meta", (), {"model": Group, **meta})})
"""


def run_drf(code: str, rest: dict[str, Any] | None = None) -> Any:
    return run_rest(SETUP + code, rest)


def test_a_model_serializer_must_name_its_fields() -> None:
    """API801: Neither or both of fields and exclude raise an AssertionError, not the class itself; one of them or '__all__' is fine."""
    code = """
def names(**meta):
    made = serializer(**meta)
    try: return list(made().fields)
    except AssertionError: return "refused"
show(names(), names(fields=["id"], exclude=["name"]), names(fields="__all__"), names(fields=["name"]), names(exclude=["permissions"]))
"""
    assert run_drf(code) == ["refused", "refused", ["id", "name", "permissions"], ["name"], ["id", "name"]]


def test_validate_waits_for_the_fields() -> None:
    """API802: A wrong or missing field keeps validate() from being called, not the hook of the other field; a form's clean() runs."""
    code = """
called = []
class Both(serializers.Serializer):
    number, name = serializers.IntegerField(), serializers.CharField()
    def validate_name(self, value): return called.append("hook") or value
    def validate(self, attrs): raise called.append("all") or serializers.ValidationError("no")
class Form(forms.Form):
    number = forms.IntegerField()
    def clean(self): called.append("clean")
def errors(**data):
    one = Both(data=data)
    return called.clear(), one.is_valid(), sorted(one.errors), list(called)
show(errors(number="x", name="y"), errors(name="y"), errors(number=1, name="y"), called.clear() or Form({"number": "x"}).is_valid(), called)
"""
    seen = run_drf(code)
    assert seen[:2] == [[None, False, ["number"], ["hook"]]] * 2
    assert seen[2:] == [[None, False, ["non_field_errors"], ["hook", "all"]], False, ["clean"]]


def test_the_queryset_attribute_stays_fresh() -> None:
    """API803: The class costs no query and each request sees new rows; evaluating self.queryset itself is refused."""
    code = """
with CaptureQueriesContext(connection) as queries:
    class Fresh(generics.ListAPIView): queryset, serializer_class = Group.objects.order_by("pk"), serializer(fields=["name"])
class Direct(Fresh):
    queryset = Group.objects.order_by("pk")
    def get_queryset(self): return self.queryset
urlpatterns = [path("", Fresh.as_view()), path("direct", Direct.as_view())]
def names(where="/"): return [row["name"] for row in client.get(where).data]
Group.objects.create(name="old")
before = names()
Group.objects.create(name="new")
after = names()
try: names("/direct")
except RuntimeError as error: refused = "between requests" in str(error)
show(len(queries), before, after, refused)
"""
    assert run_drf(code) == [0, ["old"], ["old", "new"], True]


def test_concurrent_requests_slip_past_a_throttle() -> None:
    """API804: With one allowed, two that meet between reading and writing both pass, and one is lost; one after the other, one passes."""
    code = """
barrier, seen = threading.Barrier(2), []
class Slow(throttling.AnonRateThrottle):
    rate = "1/day"
    def throttle_success(self): return barrier.wait(30) is None or super().throttle_success()
class Plain(throttling.AnonRateThrottle): rate, scope = "1/day", "plain"
class User: is_authenticated = False
def ask(kind, number=0):
    request = APIRequestFactory().get("/")
    request.user = User()
    seen.append(kind().allow_request(request, None))
threads = [threading.Thread(target=ask, args=(Slow, number)) for number in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ask(Plain), ask(Plain)
show(seen[:2], seen[2:])
"""
    assert run_drf(code) == [[True, True], [True, False]]


def test_the_page_size_is_fixed_by_default() -> None:
    """API805: ?page_size= does nothing with the stock class nor with max_page_size alone; naming the parameter lets it, up to the limit."""
    code = """
stock = pagination.PageNumberPagination
limited = type("Limited", (stock,), {"max_page_size": 3})
open_ = type("Open", (limited,), {"page_size_query_param": "page_size"})
for number in range(5): Group.objects.create(name=str(number))
def count(kind, query="page_size=4"):
    view = type("One", (generics.ListAPIView,), {"queryset": Group.objects.order_by("pk"), "serializer_class": serializer(fields=["id"])})
    view.pagination_class = kind
    return len(view.as_view()(APIRequestFactory().get("/?" + query)).data["results"])
show(count(stock), count(limited), count(open_), count(open_, "page_size=1"), count(open_, "page_size=x"), stock.page_size_query_param,
    count(pagination.LimitOffsetPagination, "limit=4"))
"""
    assert run_drf(code, {"PAGE_SIZE": 2}) == [2, 2, 3, 1, 2, None, 4]


def test_many_objects_are_created_one_by_one() -> None:
    """API806: Three items are three INSERTs through the child's create(), while bulk_create() takes one; updating several is refused."""
    code = """
called = []
class Name(serializer(fields=["name"])):
    def create(self, data): return called.append(data["name"]) or super().create(data)
def inserts(do):
    with CaptureQueriesContext(connection) as queries: do()
    return sum(query["sql"].startswith("INSERT") for query in queries)
one = Name(data=[{"name": name} for name in "abc"], many=True)
seen = [one.is_valid(), inserts(one.save), called, inserts(lambda: Group.objects.bulk_create([Group(name=name) for name in "xyz"]))]
class Plain(serializers.Serializer): name = serializers.CharField()
update = Plain(Group.objects.all(), data=[{"name": name} for name in "def"], many=True)
assert update.is_valid()
try: update.save()
except NotImplementedError: seen.append("refused")
show(*seen)
"""
    assert run_drf(code) == [True, 3, ["a", "b", "c"], 1, "refused"]


def test_a_jwt_needs_no_exp() -> None:
    """SEC801: encode() adds none and decode() takes such a token; an old exp is refused, and a missing one where it is required."""
    key = "k" * 32
    token = jwt.encode({"sub": "ann"}, key, algorithm="HS256")
    assert jwt.decode(token, key, algorithms=["HS256"]) == {"sub": "ann"}
    assert jwt.decode(jwt.encode({}, key, algorithm="HS256"), key, algorithms=["HS256"]) == {}
    with pytest.raises(jwt.MissingRequiredClaimError):
        jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp"]})
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(jwt.encode({"exp": 1}, key, algorithm="HS256"), key, algorithms=["HS256"])


def render_by_django(source: str, **values: str) -> str:
    """What a template of Django gives, without settings."""
    return str(template.Engine().from_string(source).render(template.Context(values)))


def test_escaping_lets_javascript_links_through() -> None:
    """SEC804: Jinja and Django leave the URL as it is, in quotes and escaped, while a tag is escaped; its scheme gives it away."""
    source, url = '<a href="{{ url }}">', "javascript:alert(document.domain)"
    jinja = Environment(autoescape=True).from_string(source)
    assert jinja.render(url=url) == render_by_django(source, url=url) == f'<a href="{url}">'
    assert "<script>" not in jinja.render(url='"><script>') + render_by_django(source, url='"><script>')
    assert urlsplit(url).scheme not in {"http", "https"}
    assert urlsplit("JavaScript:alert(1)").scheme == "javascript"


def test_names_cannot_be_bound() -> None:
    """SEC806: A bound table name is an error in sqlite3 and SQLAlchemy and a bound column sorts nothing; a name is quoted instead."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE user (name TEXT)")
    database.executemany("INSERT INTO user VALUES (?)", [("b",), ("a",), ("c",)])
    with pytest.raises(sqlite3.OperationalError):
        database.execute("SELECT * FROM ?", ("user",))
    with create_engine("sqlite://").connect() as connection, pytest.raises(OperationalError, match="syntax error"):
        connection.execute(text("SELECT * FROM :name"), {"name": "sqlite_master"})
    bound = database.execute("SELECT name FROM user ORDER BY ?", ("name",)).fetchall()
    assert [name for (name,) in bound] == ["b", "a", "c"]
    listed = {"by name": "name"}["by name"]
    assert [name for (name,) in database.execute(f"SELECT name FROM user ORDER BY {listed}")] == ["a", "b", "c"]
    assert database.execute("SELECT name FROM user ORDER BY name LIMIT ?", (1,)).fetchall() == [("a",)]
    assert psycopg.sql.Identifier('a"b').as_string(None) == '"a""b"'


def test_the_first_forwarded_address_may_be_forged() -> None:
    """SEC807: With the proxy's entry at the end, the first one is the client's invention and ProxyFix takes the proxy's."""
    app = Flask("app")
    app.add_url_rule("/", "seen", lambda: [request.access_route[0], request.remote_addr])
    forged = {"X-Forwarded-For": "1.2.3.4, 198.51.100.7"}  # what the client sent, and what the proxy has appended
    assert app.test_client().get("/", headers=forged).json == ["1.2.3.4", "127.0.0.1"]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    assert app.test_client().get("/", headers=forged).json == ["1.2.3.4", "198.51.100.7"]
    with serve(app) as port:
        alone = requests.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "1.2.3.4"}, timeout=10)
    assert alone.json() == ["1.2.3.4", "1.2.3.4"]  # no proxy in front, so the client chooses


def test_an_httponly_cookie_goes_with_the_requests_of_the_page() -> None:
    """SEC808: The cookie is HttpOnly; code that cannot read it gets the page's token by its requests and acts as the user."""
    app = Flask("app", static_folder=None)
    app.secret_key = "k" * 32
    CSRFProtect(app)
    app.add_url_rule("/login", "login", lambda: session.update(name="ann") or "in")
    app.add_url_rule("/form", "form", lambda: render_template_string("{{ csrf_token() }}"))
    app.add_url_rule("/pay", "pay", lambda: f"paid by {session.get('name')}", methods=["POST"])
    browser = app.test_client()
    assert "HttpOnly" in browser.get("/login").headers["Set-Cookie"]
    token = browser.get("/form").text  # what an injected script can do: ask for pages and send forms, cookies come along
    assert browser.post("/pay", data={"csrf_token": token}).text == "paid by ann"
    assert app.test_client().post("/pay", data={"csrf_token": token}).status_code == 400  # without the cookie it is nothing


def test_autoescaping_leaves_holes() -> None:
    """SEC809: Between tags markup is escaped; unquoted attributes, script code, links and safe values get through, with both engines."""
    holes = {
        "<p title={{ v }}>": "x onclick=alert(1)",
        "<script>var n = {{ v }};</script>": "alert(1)",
        '<a href="{{ v }}">': "javascript:alert(1)",
        "<p>{{ v|safe }}</p>": "<script>alert(1)</script>",
    }
    for render in (render_by_django, lambda source, **values: Environment(autoescape=True).from_string(source).render(**values)):
        assert [value in render(source, v=value) for source, value in holes.items()] == [True] * 4
        assert "<script>" not in render("<p>{{ v }}</p>", v="<script>")
        assert '" onclick' not in render('<p title="{{ v }}">', v='x" onclick="alert(1)')


def test_cors_lets_a_form_post_through() -> None:
    """SEC810: The view runs for a foreign origin, which merely gets no header to read the answer by; a CSRF check refuses it."""
    app = Flask("app")
    app.config.update(SECRET_KEY="k" * 32, WTF_CSRF_CHECK_DEFAULT=False)
    CSRFProtect(app)
    CORS(app, origins=["https://app.example.com"])
    paid: list[str] = []

    def pay() -> Response:
        paid.append(request.form["to"])
        return Response("paid")

    app.add_url_rule("/pay", "pay", pay, methods=["POST"])
    foreign, own = ({"Origin": f"https://{host}.example.com"} for host in ("evil", "app"))
    answer = app.test_client().post("/pay", data={"to": "eve"}, headers=foreign)
    assert (answer.status_code, paid, "Access-Control-Allow-Origin" in answer.headers) == (200, ["eve"], False)
    assert app.test_client().post("/pay", data={"to": "bob"}, headers=own).headers["Access-Control-Allow-Origin"] == own["Origin"]
    app.config["WTF_CSRF_CHECK_DEFAULT"] = True
    assert app.test_client().post("/pay", data={"to": "eve"}, headers=foreign).status_code == 400
    assert paid == ["eve", "bob"]
