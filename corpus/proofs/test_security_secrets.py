"""Passwords, hashes, salts and tokens."""

import base64
import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta

import argon2
import bcrypt
import jwt
import pytest
from cryptography.fernet import Fernet
from flask import Flask, Response, jsonify
from flask_jwt_extended import JWTManager, create_access_token, get_jwt, jwt_required, unset_jwt_cookies
from werkzeug.security import check_password_hash, generate_password_hash

KEY = "k" * 32


def cost(action: Callable[[], object]) -> float:
    """Processor time of the quickest of three runs."""
    times = []
    for _ in range(3):
        started = time.process_time()
        action()
        times.append(time.process_time() - started)
    return min(times)


def test_password_hashes_are_salted_and_slow() -> None:
    """SEC001: Plain hashes of one password are alike and cheap to guess, those of a password hash differ and cost far more."""
    guesses = {hashlib.sha256(word.encode()).hexdigest(): word for word in ("letmein", "secret", "qwerty")}
    assert guesses[hashlib.sha256(b"secret").hexdigest()] == "secret"  # a table made once finds it in every such database
    assert hashlib.md5(b"secret").hexdigest() == hashlib.md5(b"secret").hexdigest()
    hashers: list[Callable[[], object]] = [
        lambda: generate_password_hash("secret"),
        lambda: bcrypt.hashpw(b"secret", bcrypt.gensalt(9)),
        lambda: argon2.PasswordHasher().hash("secret"),
    ]
    plain = cost(lambda: [hashlib.sha256(b"secret").hexdigest() for _ in range(1000)])
    for hasher in hashers:
        assert hasher() != hasher()
        assert cost(hasher) > plain * 2  # one slow hash against a thousand plain ones
    key = Fernet(Fernet.generate_key())
    assert key.decrypt(key.encrypt(b"secret")) == b"secret"  # whoever gets the key has all encrypted passwords


def test_the_payload_of_a_jwt_is_readable() -> None:
    """SEC002: Anyone decodes it without the key; only a change is noticed."""
    token = jwt.encode({"user": "ann"}, KEY, algorithm="HS256")
    header, payload, signature = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == {"user": "ann"}
    assert jwt.decode(token, options={"verify_signature": False}) == {"user": "ann"}
    forged = base64.urlsafe_b64encode(b'{"user":"root"}').decode().rstrip("=")
    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {"user": "ann"}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{header}.{forged}.{signature}", KEY, algorithms=["HS256"])


def test_bound_parameters_prevent_sql_injection() -> None:
    """SEC004: A formatted value changes the statement, even when its quotes are escaped by hand; a bound one stays a value."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE user (id INTEGER, name TEXT)")
    database.executemany("INSERT INTO user VALUES (?, ?)", [(1, "ann"), (2, "bob"), (3, "it's")])

    def count(statement: str, values: tuple[str, ...] = ()) -> int:
        return len(database.execute(statement, values).fetchall())

    evil = "x' OR '1'='1"
    assert count(f"SELECT * FROM user WHERE name = '{evil}'") == 3
    assert count("SELECT * FROM user WHERE name = ?", (evil,)) == 0
    assert count("SELECT * FROM user WHERE name = ?", ("it's",)) == 1
    evil = "0 OR 1=1"
    escaped = evil.replace("'", "''")
    assert count(f"SELECT * FROM user WHERE id = {escaped}") == 3
    assert count("SELECT * FROM user WHERE id = ?", (evil,)) == 0
    database.close()


def test_hashing_cannot_be_reversed_and_encryption_can() -> None:
    """SEC202: A hash of fixed length needs no key and loses the text; a password is checked by hashing again."""
    short, long = hashlib.sha256(b"a").digest(), hashlib.sha256(b"a" * 100_000).digest()
    assert len(short) == len(long) == 32  # no room for what went in
    stored = generate_password_hash("secret")
    method, salt, digest = stored.split("$")
    _, n, r, p = method.split(":")
    again = hashlib.scrypt(b"secret", salt=salt.encode(), n=int(n), r=int(r), p=int(p), maxmem=132 * int(n) * int(r) * int(p))
    assert again.hex() == digest
    assert check_password_hash(stored, "secret")
    assert not check_password_hash(stored, "Secret")
    key = Fernet.generate_key()
    encrypted = Fernet(key).encrypt(b"secret")
    assert Fernet(key).decrypt(encrypted) == b"secret"


def test_the_salt_stands_beside_the_hash() -> None:
    """SEC203: It is drawn anew for each password and can be read from what is stored, by Werkzeug, bcrypt and Argon2 alike."""
    salts = {generate_password_hash("secret").split("$")[1] for _ in range(3)}
    assert len(salts) == 3
    assert all(re.fullmatch("[a-zA-Z0-9]{16}", salt) for salt in salts)
    salt = bcrypt.gensalt(4)
    assert bcrypt.hashpw(b"secret", salt).startswith(salt)
    assert bcrypt.gensalt(4) != salt
    hashes = [argon2.PasswordHasher(time_cost=1, memory_cost=64).hash("secret") for _ in range(2)]
    assert hashes[0].split("$")[4] != hashes[1].split("$")[4]
    assert argon2.PasswordHasher().verify(hashes[0], "secret")


def token_app() -> Flask:
    app = Flask("app")
    app.config.update(JWT_SECRET_KEY=KEY)
    JWTManager(app)

    @app.post("/logout")
    def logout() -> Response:
        response = jsonify(message="bye")
        unset_jwt_cookies(response)
        return response

    @app.get("/")
    @jwt_required()
    def page() -> str:
        return "page"

    return app


def test_logout_does_not_revoke_a_jwt() -> None:
    """SEC204: The token works after the logout until it expires; only a list of revoked tokens on the server stops it."""
    app = token_app()
    client = app.test_client()
    with app.app_context():
        good = {"Authorization": f"Bearer {create_access_token('ann')}"}
        expired = {"Authorization": f"Bearer {create_access_token('ann', expires_delta=timedelta(seconds=-1))}"}
    assert client.post("/logout", headers=good).status_code == 200
    assert client.get("/", headers=good).status_code == 200
    assert client.get("/", headers=expired).status_code == 401

    app = token_app()
    revoked: set[str] = set()
    app.extensions["flask-jwt-extended"].token_in_blocklist_loader(lambda header, payload: payload["jti"] in revoked)

    @app.post("/revoke")
    @jwt_required()
    def revoke() -> str:
        revoked.add(get_jwt()["jti"])
        return "revoked"

    client = app.test_client()
    assert client.get("/", headers=good).status_code == 200
    assert client.post("/revoke", headers=good).status_code == 200
    assert client.get("/", headers=good).status_code == 401
