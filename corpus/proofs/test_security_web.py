"""Attacks by way of pages and requests, and what their remedies do and do not stop."""

import json
import re
import sqlite3
import subprocess
import sys
from html.parser import HTMLParser
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from urllib.request import Request

import requests
from flask import Flask, Response, render_template_string, request, session
from flask_login import LoginManager, UserMixin, login_required
from flask_wtf.csrf import CSRFProtect
from serving import serve


def test_a_csrf_token_stops_forged_requests_only() -> None:
    """SEC003: Without the token a request is refused; with it XSS and injection go through, and nobody is logged in by it."""
    app = Flask("app")
    app.secret_key = "k" * 32
    CSRFProtect(app)
    manager = LoginManager(app)
    manager.user_loader(lambda name: UserMixin())
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE user (name TEXT)")
    database.executemany("INSERT INTO user VALUES (?)", [("ann",), ("bob",)])
    app.add_url_rule("/token", "token", lambda: render_template_string("{{ csrf_token() }}"))
    app.add_url_rule("/careless", "careless", lambda: f"<p>{request.form['text']}</p>", methods=["POST"])
    query = "SELECT name FROM user WHERE name = '{}'"
    app.add_url_rule("/find", "find", lambda: str(len(database.execute(query.format(request.form["text"])).fetchall())), methods=["POST"])
    app.add_url_rule("/members", "members", login_required(lambda: "members"), methods=["POST"])
    client = app.test_client()
    token = client.get("/token").text
    assert client.post("/careless", data={"text": "hello"}).status_code == 400
    script = "<script>alert(1)</script>"
    assert client.post("/careless", data={"text": script, "csrf_token": token}).text == f"<p>{script}</p>"
    assert client.post("/find", data={"text": "x' OR '1'='1", "csrf_token": token}).text == "2"
    assert client.post("/members", data={"csrf_token": token}).status_code == 401
    database.close()


def test_authentication_and_authorization_are_two_questions() -> None:
    """SEC101: Django establishes the user by the password, and what this user may do is decided apart from it."""
    code = """
import json, django
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50, USE_TZ=True, INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
call_command("migrate", verbosity=0)
User.objects.create_user("ann", password="right")
wrong, ann = authenticate(username="ann", password="wrong"), authenticate(username="ann", password="right")
before = ann.has_perm("auth.add_user")
ann.user_permissions.add(Permission.objects.get(codename="add_user"))
again = authenticate(username="ann", password="right")
print(json.dumps([wrong is None, ann.username, before, again.has_perm("auth.add_user"), again.has_perm("auth.delete_user")]))
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, "ann", False, True, False]


def test_a_forged_request_takes_the_cookie_along_unseen() -> None:
    """SEC206: The victim's client sends the bank's cookie by itself with the attacker's form; the attacker never gets it."""
    bank, attacker = Flask("bank"), Flask("attacker")
    bank.secret_key = "k" * 32
    moved: list[str] = []
    seen_by_attacker: list[str] = []

    @bank.post("/login")
    def login() -> str:
        session["user"] = "ann"
        return "hello"

    @bank.post("/pay")
    def pay() -> tuple[str, int]:
        if "user" not in session:
            return "who are you", 401
        moved.append(f"{session['user']} pays {request.form['to']}")
        return "paid", 200

    with serve(bank) as bank_port, serve(attacker) as port:

        @attacker.get("/")
        def page() -> str:
            seen_by_attacker.append(str(request.headers))
            return f'<form method="post" action="http://127.0.0.1:{bank_port}/pay"><input name="to" value="mallory"></form>'

        with requests.Session() as victim:
            victim.post(f"http://127.0.0.1:{bank_port}/login", timeout=60)
            cookie = victim.cookies["session"]
            form = victim.get(f"http://localhost:{port}/", timeout=60).text
            action, field, value = re.findall(r'(?:action|name|value)="([^"]*)"', form)
            answer = victim.post(action, data={field: value}, timeout=60)  # what the browser does when the form is submitted
        assert requests.post(action, data={field: value}, timeout=60).status_code == 401  # the attacker himself
    assert (answer.text, moved) == ("paid", ["ann pays mallory"])
    assert len(seen_by_attacker) == 1
    assert cookie not in seen_by_attacker[0]
    assert cookie not in answer.text + form


class FakeAnswer:
    """What a cookie jar needs of an answer: its header."""

    def __init__(self, cookie: str) -> None:
        self.header = HTTPMessage()
        self.header["Set-Cookie"] = cookie

    def info(self) -> HTTPMessage:
        return self.header


def test_a_secure_cookie_goes_over_https_only_and_in_the_clear() -> None:
    """SEC208: A client sends it to https addresses alone; its value is not encrypted, and HttpOnly is another attribute."""
    app = Flask("app")

    @app.get("/")
    def page() -> Response:
        response = Response("page")
        response.set_cookie("name", "ann", secure=True)
        return response

    header = app.test_client().get("/").headers["Set-Cookie"]
    assert header == "name=ann; Secure; Path=/"  # the value as it is, and nothing that hides it from scripts
    jar = CookieJar()
    jar.extract_cookies(FakeAnswer(header), Request("https://shop.example/"))  # type: ignore[arg-type]
    sent = {}
    for scheme in ("http", "https"):
        asked = Request(f"{scheme}://shop.example/")
        jar.add_cookie_header(asked)
        sent[scheme] = asked.get_header("Cookie")
    assert sent == {"http": None, "https": "name=ann"}
    assert [cookie.value for cookie in jar] == ["ann"]


def test_ssrf_makes_the_server_ask() -> None:
    """SEC304: The attacker names an internal address; the request to it comes from the server, without the attacker's cookies."""
    internal, public = Flask("internal"), Flask("public")
    asked: list[tuple[str | None, str | None]] = []

    @internal.get("/")
    def secret() -> str:
        asked.append((request.headers.get("User-Agent"), request.headers.get("Cookie")))
        return "internal secret"

    @public.get("/preview")
    def preview() -> str:
        return requests.get(request.args["url"], headers={"User-Agent": "the public server"}, timeout=60).text

    with serve(internal) as inside, serve(public) as outside:
        target = f"http://127.0.0.1:{inside}/"
        headers = {"User-Agent": "the attacker", "Cookie": "a=1"}
        answer = requests.get(f"http://127.0.0.1:{outside}/preview", params={"url": target}, headers=headers, timeout=60)
    assert answer.text == "internal secret"
    assert asked == [("the public server", None)]


def attributes(html: str) -> list[str]:
    """The names of the attributes that a browser's parser would find."""
    found: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(name for name, _ in attrs)

    Parser().feed(html)
    return found
