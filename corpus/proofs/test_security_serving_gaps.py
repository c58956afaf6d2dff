"""Gaps in security and serving: exp in PyJWT, salts, parts of a JWT, SQL injection, timed tokens, addresses, os.environ, Redis, delay()."""

import hashlib
import hmac
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest
import requests
from flask import Flask, request
from itsdangerous import SignatureExpired, URLSafeTimedSerializer
from test_deployment_servers import CLEAN, started
from test_tasks import Redis, run_celery

KEY = "a key of more than thirty-two bytes!"


def test_pyjwt_checks_exp_itself() -> None:
    """SEC640: A token past its exp raises by default although its signature holds; the same one passes when the check is off."""
    old = jwt.encode({"sub": "ann", "exp": time.time() - 5}, KEY, "HS256")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(old, KEY, ["HS256"])
    assert jwt.decode(old, KEY, ["HS256"], options={"verify_exp": False})["sub"] == "ann"
    assert jwt.decode(jwt.encode({"sub": "ann", "exp": time.time() + 60}, KEY, "HS256"), KEY, ["HS256"])["sub"] == "ann"


def test_a_salt_does_not_slow_down_guessing() -> None:
    """SEC641: A table made beforehand misses the salted hash; guesses find it as fast as without a salt; scrypt is slow."""
    words = [f"word{number}" for number in range(20_000)]
    salt = os.urandom(16)
    stolen = hashlib.sha256(salt + b"word19999").digest()
    table = {hashlib.sha256(word.encode()).digest() for word in words}
    assert hashlib.sha256(b"word19999").digest() in table
    assert stolen not in table
    assert hashlib.sha256(os.urandom(16) + b"word19999").digest() != stolen

    def seconds(prefix: bytes) -> tuple[float, list[str]]:
        start = time.process_time()
        found = [word for word in words if hashlib.sha256(prefix + word.encode()).digest() == stolen]
        return time.process_time() - start, found

    plain, salted = min(seconds(b"")[0] for _ in range(5)), min(seconds(salt)[0] for _ in range(5))
    assert seconds(salt)[1] == ["word19999"]
    assert salted < plain * 5
    start = time.process_time()
    hashlib.scrypt(b"word19999", salt=salt, n=2**14, r=8, p=1)
    assert time.process_time() - start > salted / len(words) * 100


def test_a_jwt_has_three_parts_and_no_key() -> None:
    """SEC642: Three parts; alg stands in the first, the claims in the second, the third is the HMAC of both, and the key is in none."""
    token = jwt.encode({"sub": "ann"}, KEY, "HS256")
    header, payload, signature = (jwt.utils.base64url_decode(part) for part in token.split("."))
    assert b'"alg":"HS256"' in header
    assert payload == b'{"sub":"ann"}'
    assert signature == hmac.digest(KEY.encode(), token.rpartition(".")[0].encode(), "sha256")
    assert KEY.encode() not in header + payload + signature


def test_sql_injection_in_any_statement_from_any_source() -> None:
    """SEC643: An INSERT fed from a header, an UPDATE from JSON, an ORDER BY and a stored value all run what the text says."""
    db = sqlite3.connect(":memory:")
    db.executescript("CREATE TABLE user (name, role); CREATE TABLE log (agent, note)")
    db.execute("INSERT INTO user VALUES ('ann', 'admin'), ('bob', 'user')")
    app = Flask("app")

    @app.post("/")
    def log() -> str:
        db.execute(f"INSERT INTO log VALUES ('{request.headers['User-Agent']}', '')")
        db.execute(f"UPDATE user SET name = '{request.json['name']}' WHERE name = '{request.cookies['name']}'")
        return "done"

    agent = "x', (SELECT role FROM user WHERE name = 'ann')) --"
    client = app.test_client()
    client.set_cookie("name", "bob")
    client.post("/", headers={"User-Agent": agent}, json={"name": "bob', role = 'admin"})
    assert db.execute("SELECT note FROM log").fetchall() == [("admin",)]
    assert db.execute("SELECT role FROM user WHERE name = 'bob'").fetchall() == [("admin",)]
    order = "(CASE WHEN (SELECT count(*) FROM log) = 1 THEN name END) DESC"
    assert db.execute(f"SELECT name FROM user ORDER BY {order}").fetchall() == [("bob",), ("ann",)]
    db.execute("INSERT INTO user VALUES (?, 'user')", ["x' OR '1'='1"])
    (stored,) = db.execute("SELECT name FROM user WHERE role = 'user'").fetchone()
    assert db.execute(f"SELECT count(*) FROM user WHERE name = '{stored}'").fetchone() == (3,)
    assert db.execute("SELECT count(*) FROM user WHERE name = ?", [stored]).fetchone() == (1,)


def test_max_age_is_given_when_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC645: dumps() and the constructor refuse max_age; an old token loads without it, and with it as max_age says."""
    serializer = URLSafeTimedSerializer(KEY)
    with pytest.raises(TypeError):
        serializer.dumps("ann", max_age=60)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        URLSafeTimedSerializer(KEY, max_age=60)  # type: ignore[call-arg]
    token = serializer.dumps("ann")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100_000_000)
    assert serializer.loads(token) == "ann"
    assert serializer.loads(token, max_age=200_000_000) == "ann"
    with pytest.raises(SignatureExpired):
        serializer.loads(token, max_age=3600)


def test_gunicorn_listens_on_loopback(tmp_path: Path) -> None:
    """DEP641: The default with and without PORT; bound to loopback another address is refused, to 0.0.0.0 it answers."""

    def default(**variables: str) -> str:
        code = "import gunicorn.config as c; print(*c.Config().settings['bind'].get())"
        clean = {name: value for name, value in CLEAN.items() if name != "PORT"} | variables
        return subprocess.run([sys.executable, "-B", "-c", code], env=clean, capture_output=True, text=True, check=True).stdout.strip()

    assert default() == "127.0.0.1:8000"
    assert default(PORT="9000") == "0.0.0.0:9000"
    (tmp_path / "app.py").write_text("def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'page']\n")
    command = ("-m", "gunicorn", "app:app", "--no-control-socket", "--bind")
    with started(tmp_path, *command, "127.0.0.1:0", ready=r"Listening at: http://127.0.0.1:(\d+).*Booting") as (_, port, _log):
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=60).text == "page"
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.2:{port}/", timeout=60)
    with started(tmp_path, *command, "0.0.0.0:0", ready=r"Listening at: http://0.0.0.0:(\d+).*Booting") as (_, port, _log):
        assert requests.get(f"http://127.0.0.2:{port}/", timeout=60).text == "page"


def test_a_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEP642: Brackets raise, the two functions give None or the default; an empty variable counts as set."""
    monkeypatch.delenv("NAME_OF_NOTHING", raising=False)
    with pytest.raises(KeyError):
        os.environ["NAME_OF_NOTHING"]
    assert os.getenv("NAME_OF_NOTHING") is os.environ.get("NAME_OF_NOTHING") is None
    assert os.getenv("NAME_OF_NOTHING", "8000") == os.environ.get("NAME_OF_NOTHING", "8000") == "8000"
    monkeypatch.setenv("NAME_OF_NOTHING", "")
    assert os.environ["NAME_OF_NOTHING"] == os.getenv("NAME_OF_NOTHING", "8000") == ""


def test_redis_keys_have_no_expiry_by_default(tmp_path: Path) -> None:
    """DEP643: TTL is -1 after SET; EX gives one, INCR and GET leave it, KEEPTTL keeps it, a plain SET removes it."""
    server = Redis(tmp_path)
    try:
        server.ask("SET", "key", "1")
        assert server.ask("TTL", "key") == ":-1"
        server.ask("SET", "key", "1", "EX", "1000")
        server.ask("INCR", "key")
        server.ask("SET", "key", "3", "KEEPTTL")
        assert 990 <= int(server.ask("TTL", "key")[1:]) <= 1000
        server.ask("SET", "key", "4")
        assert server.ask("TTL", "key") == ":-1"
        server.ask("EXPIRE", "key", "1000")
        assert int(server.ask("TTL", "key")[1:]) > 0
    finally:
        server.process.terminate()
        server.process.wait()


def test_delay_takes_no_options(tmp_path: Path) -> None:
    """DEP644: delay() gives the task countdown and queue as its own arguments, or raises; apply_async() takes them as options."""
    code = """
@app.task
def note(*args, **kwargs):
    ran.append([args, kwargs])
@app.task
def add(a, b):
    pass
try:
    refused = bool(add.delay(2, 3, countdown=1)) and False
except TypeError:
    refused = True
with worker():
    start = time.monotonic()
    note.delay(600, countdown=600, queue="other")
    wait(lambda: ran)
    soon = time.monotonic() - start < 60
    start = time.monotonic()
    note.apply_async((1,), countdown=1)
    wait(lambda: len(ran) == 2)
    late = time.monotonic() - start >= 0.8
show(refused, soon, late, ran)
"""
    ran = [[[600], {"countdown": 600, "queue": "other"}], [[1], {}]]
    assert run_celery(code, tmp_path) == [True, True, True, ran]
