"""The web at large: cookies, tokens, TLS, proxies, events from the server, several servers, queues, texts and times."""

import datetime
import json
import os
import sqlite3
import ssl
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cachecontrol import CacheControl
from cachelib import FileSystemCache
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask, Response, request, send_file, session
from flask_cors import CORS
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, jwt_required
from flask_limiter import Limiter
from flask_session import Session
from kombu import Connection, Consumer, Exchange, Producer, Queue
from serving import serve


def flow(client: ssl.SSLContext, server: ssl.SSLContext) -> tuple[str | None, Any, bytes]:
    """Protocol and cipher that a client and a server of TLS agree on, and what a message looks like on the wire."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True)
    for end in ends * 4:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    ends[0].write(b"secret")
    return ends[0].version(), ends[0].cipher(), up.read()


def contexts(folder: Path, signers: int = 1) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server with a certificate, self-signed or, with two signers, signed by an authority, and a client that trusts the signer."""
    start, names = datetime.datetime(2024, 1, 1), [x509.Name.from_rfc4514_string(f"CN={name}") for name in ("localhost", "Authority")]
    keys, made = [ec.generate_private_key(ec.SECP256R1()) for _ in names], []
    for subject in range(signers):
        builder = x509.CertificateBuilder(names[signers - 1], names[subject], keys[subject].public_key(), subject + 1, start)
        builder = builder.not_valid_after(datetime.datetime(2099, 1, 1))
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(subject == signers - 1, None), critical=True)
        made.append(builder.sign(keys[signers - 1], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key = keys[0].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pair.pem").write_bytes(made[0] + key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "pair.pem")
    return ssl.create_default_context(cadata=made[-1].decode()), server


def test_a_cookie_without_domain_is_for_its_host_only() -> None:
    """SEC741: Without Domain it comes back to one host, with Domain to the subdomains too, and never to another domain."""
    app = Flask("app")
    app.add_url_rule("/", "home", lambda: request.cookies.get("who", "nobody"))
    app.after_request(lambda response: response.set_cookie("who", "ada", domain=request.args.get("domain")) or response)
    for query, seen in ((None, ["nobody", "nobody", "ada"]), ({"domain": "example.com"}, ["ada", "nobody", "ada"])):
        client = app.test_client()
        client.get("/", base_url="http://example.com", query_string=query)
        assert [client.get("/", base_url=f"http://{host}").text for host in ("api.example.com", "example.org", "example.com")] == seen


def test_the_private_key_signs_and_the_public_one_verifies() -> None:
    """SEC742: RS256: signed with the private key, read with the public one, which signs nothing; HS256: one secret for both."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key()
    assert jwt.decode(jwt.encode({"sub": "ada"}, private, algorithm="RS256"), public, algorithms=["RS256"]) == {"sub": "ada"}
    with pytest.raises((TypeError, AttributeError, jwt.InvalidKeyError)):
        jwt.encode({"sub": "eve"}, public, algorithm="RS256")  # type: ignore[arg-type]
    assert jwt.decode(jwt.encode({"sub": "ada"}, "s" * 32, algorithm="HS256"), "s" * 32, algorithms=["HS256"]) == {"sub": "ada"}


def test_a_refresh_token_opens_no_api() -> None:
    """SEC743: The API refuses it and the refreshing route takes nothing else; it is the one that lives longer."""
    app = Flask("app")
    app.config["JWT_SECRET_KEY"] = "s" * 32
    JWTManager(app)
    app.add_url_rule("/api", "api", jwt_required()(lambda: "data"))
    app.add_url_rule("/refresh", "refresh", jwt_required(refresh=True)(lambda: create_access_token("ada")), methods=["POST"])
    with app.app_context():
        access, refresh = create_access_token("ada"), create_refresh_token("ada")
    client = app.test_client()
    head = {token: {"Authorization": f"Bearer {token}"} for token in (access, refresh)}
    assert client.get("/api", headers=head[access]).text == "data"
    assert client.get("/api", headers=head[refresh]).status_code == client.post("/refresh", headers=head[access]).status_code == 422
    fresh = {"Authorization": "Bearer " + client.post("/refresh", headers=head[refresh]).text}
    assert client.get("/api", headers=fresh).text == "data"
    ends = [jwt.decode(token, options={"verify_signature": False})["exp"] for token in (access, refresh)]
    assert ends[1] - ends[0] > 86400


def test_only_recent_tls_is_spoken_today(tmp_path: Path) -> None:
    """SEC744: One certificate serves TLS 1.2 and 1.3; a default context takes nothing older, and SSL is not even built in."""
    assert not ssl.HAS_SSLv2 and not ssl.HAS_SSLv3
    client, server = contexts(tmp_path)
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        client.maximum_version = version
        assert flow(client, server)[0] == name
    server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        flow(client, server)


def test_a_self_signed_certificate_encrypts_as_well(tmp_path: Path) -> None:
    """SEC745: Same protocol and cipher as with an authority, and nothing to read on the wire; only trust has to be given."""
    seen = []
    for signers in (1, 2):
        client, server = contexts(tmp_path, signers)
        seen.append(flow(client, server))
        with pytest.raises(ssl.SSLCertVerificationError):
            flow(ssl.create_default_context(), server)
    assert seen[0][:2] == seen[1][:2] and not any(b"secret" in wire for _, _, wire in seen) and all(wire for _, _, wire in seen)


def test_servers_do_not_send_the_wildcard_with_credentials() -> None:
    """SEC746: With credentials Flask-CORS names the origin and refuses to send the asterisk, which it does send without them."""
    for options, sent in (({"send_wildcard": True}, ("*", None)), ({"supports_credentials": True}, ("https://a.example", "true"))):
        app = Flask("app")
        CORS(app, **options)
        app.add_url_rule("/", "home", lambda: "")
        headers = app.test_client().get("/", headers={"Origin": "https://a.example"}).headers
        assert (headers["Access-Control-Allow-Origin"], headers.get("Access-Control-Allow-Credentials")) == sent
    with pytest.raises(ValueError, match="redential"):
        CORS(Flask("app"), send_wildcard=True, supports_credentials=True, origins="*")


def test_clients_know_of_a_forward_proxy_only() -> None:
    """HTP741: To its forward proxy a client sends the whole URL of another server; at a reverse proxy it asks for a path."""
    seen: list[str] = []

    def proxy(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.append(environ["REQUEST_URI"])
        start("200 OK", [])
        return [requests.get(f"http://127.0.0.1:{behind}/", timeout=60).content]

    app, front = Flask("app"), Flask("front")
    app.add_url_rule("/", "home", lambda: "from the server behind")
    front.wsgi_app = proxy  # type: ignore[method-assign,assignment]
    with serve(app) as behind, serve(front) as port, requests.Session() as client:
        client.trust_env = False
        assert client.get(f"http://127.0.0.1:{port}/page", timeout=60).text == "from the server behind"
        client.get("http://site.example/page", proxies={"http": f"http://127.0.0.1:{port}"}, timeout=60)
    assert seen == ["/page", "http://site.example/page"]


def test_server_sent_events_are_one_plain_response() -> None:
    """HTP742: One GET, status 200, no upgrade; events arrive one by one while the response of a WSGI app is still open."""
    app, asked, go = Flask("app"), [], threading.Event()

    def events() -> Iterator[str]:
        yield "data: first\n\n"
        yield f"data: {'second' if go.wait(60) else 'late'}\n\n"

    app.before_request(lambda: asked.append(request.headers.get("Upgrade")))
    app.add_url_rule("/", "stream", lambda: Response(events(), mimetype="text/event-stream"))
    with serve(app) as port, requests.get(f"http://127.0.0.1:{port}/", stream=True, timeout=60) as response:
        lines = response.iter_lines()
        assert next(lines) == b"data: first"
        go.set()
        assert [line for line in lines if line] == [b"data: second"]
    assert response.status_code == 200 and asked == [None] and "Upgrade" not in response.headers


def test_servers_with_a_common_key_or_store_share_sessions(tmp_path: Path) -> None:
    """HTP744: The next server knows the user by a cookie signed with the common key or by a common store, else not."""

    def server(key: str, store: str = "") -> Flask:
        app = Flask("app")
        app.config.update(SECRET_KEY=key, SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(str(tmp_path / store)))
        app.add_url_rule("/<user>", "login", lambda user: session.setdefault("user", user))
        if store:
            Session(app)
        return app

    def seen_by_next(one: Flask, other: Flask) -> str:
        cookie = one.test_client(use_cookies=False).get("/ada").headers["Set-Cookie"].split(";")[0]
        return other.test_client(use_cookies=False).get("/nobody", headers={"Cookie": cookie}).text

    assert [seen_by_next(server("k"), server(key)) for key in "kx"] == ["ada", "nobody"]
    assert [seen_by_next(server("k", "a"), server("k", store)) for store in "ab"] == ["ada", "nobody"]


def test_utf8_takes_one_to_four_bytes() -> None:
    """HTP745: Every character of Unicode has one to four bytes; ASCII keeps its own; UTF-16 holds the same and not two each."""
    everything = [chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF]
    assert {len(c.encode("utf-8")) for c in everything} == {1, 2, 3, 4}
    assert all(c.encode(name).decode(name) == c for c in everything for name in ("utf-8", "utf-16"))
    assert [(len(c.encode("utf-8")), len(c.encode("utf-16-le"))) for c in "aé€😀"] == [(1, 2), (2, 2), (3, 2), (4, 4)]
    assert all(chr(n).encode("utf-8") == chr(n).encode("ascii") for n in range(128)) and "é".encode().decode("latin-1") == "Ã©"


def test_utcnow_knows_no_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTP746: Its tzinfo is None, so its timestamp is hours off where the machine is not on UTC; now(timezone.utc) is aware."""
    monkeypatch.setenv("TZ", "EAST-5")
    time.tzset()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        naive = datetime.datetime.utcnow()
    aware = datetime.datetime.now(datetime.UTC)
    off = naive.timestamp() - aware.timestamp()
    monkeypatch.undo()
    time.tzset()
    assert naive.tzinfo is None and bool(caught) == (sys.version_info >= (3, 12)) and "+00:00" not in naive.isoformat()
    assert -18005 < off < -17995 and aware.tzinfo is datetime.UTC
    with pytest.raises(TypeError):
        _ = naive < aware


def test_a_field_named_method_does_not_change_the_method() -> None:
    """HTP747: To Flask a form with _method=DELETE is a POST; middleware that was added for it makes it a DELETE."""
    app = Flask("app")
    app.add_url_rule("/", "home", lambda: request.method, methods=["POST", "DELETE"])
    assert app.test_client().post("/", data={"_method": "DELETE"}).text == "POST"
    inner, read = app.wsgi_app, lambda environ: environ["wsgi.input"].read().decode()
    app.wsgi_app = lambda environ, start: inner(environ | {"REQUEST_METHOD": read(environ).removeprefix("_method=")}, start)  # type: ignore
    assert app.test_client().post("/", data={"_method": "DELETE"}).text == "DELETE"


def test_copies_of_one_app_serve_together(tmp_path: Path) -> None:
    """HTP748: Two copies of one whole application, asked in turn, work on one database as if they were one."""

    def order() -> str:
        with closing(sqlite3.connect(tmp_path / "db")) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY)")
            return str(db.execute("INSERT INTO orders DEFAULT VALUES").lastrowid)

    for app in (copies := (Flask("shop"), Flask("shop"))):
        app.add_url_rule("/", "order", order, methods=["POST"])
    with serve(copies[0]) as one, serve(copies[1]) as two:
        assert [requests.post(f"http://127.0.0.1:{port}/", timeout=60).text for port in (one, two, one, two)] == ["1", "2", "3", "4"]


def test_a_queue_delivers_once_and_a_fanout_to_all() -> None:
    """HTP749: Two consumers of one queue get four messages between them; of a fanout exchange each gets all four."""
    for kind, total in (("direct", 4), ("fanout", 8)):
        exchange, got = Exchange(f"{kind}-exchange", kind), ([], [])
        with Connection("memory://") as connection:
            for n, mine in enumerate(got):
                queue = Queue(f"{kind}-{n if kind == 'fanout' else 0}", exchange, routing_key="key")
                Consumer(connection.channel(), [queue], callbacks=[lambda _, message, mine=mine: mine.append(message)]).consume()
            for n in range(4):
                Producer(connection.channel(), exchange).publish(n, routing_key="key")
            for _ in range(9):
                with suppress(TimeoutError):
                    connection.drain_events(timeout=0.05)
        assert len(got[0]) + len(got[1]) == total and (kind == "direct" or len(got[0]) == 4)


def test_an_etag_names_a_version_and_no_lifetime(tmp_path: Path) -> None:
    """HTP750: Any text will do; a file's is no hash of its content; a client asks again each time; Flask adds none by itself."""
    app, asked, file, tags = Flask("app"), [], tmp_path / "page.txt", []
    app.before_request(lambda: asked.append(request.headers.get("If-None-Match")))
    app.add_url_rule("/", "page", lambda: Response("text", headers={"ETag": '"version seven"'}).make_conditional(request))
    app.add_url_rule("/file", "file", lambda: send_file(file))
    app.add_url_rule("/json", "json", lambda: {})
    for text in ("old", "new"):
        file.write_text(text)
        os.utime(file, (0, 0))
        tags.append(app.test_client().get("/file").headers["ETag"])
    assert tags[0] == tags[1] and "ETag" not in app.test_client().get("/json").headers
    with serve(app) as port, CacheControl(requests.Session()) as cached:
        assert [cached.get(f"http://127.0.0.1:{port}/", timeout=60).text for _ in range(3)] == ["text"] * 3
    assert asked[-3:] == [None, '"version seven"', '"version seven"']


def test_json_is_stricter_than_a_dict() -> None:
    """HTP751: dumps writes text and loads reads it; Python's own notation is refused, keys become strings, dates fail."""
    data = {"active": True, "name": None, "tags": ["a"]}
    assert json.dumps(data) == '{"active": true, "name": null, "tags": ["a"]}' and json.loads(json.dumps(data)) == data
    for wrong in (str(data), "{'a': 1}", '{"a": True}', '{"a": None}', '["a",]', "[1] // one", "/* one */ [1]"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(wrong)
    for call, value in ((json.loads, data), (json.dumps, datetime.datetime(2026, 1, 1))):
        with pytest.raises(TypeError):
            call(value)
    assert json.loads(json.dumps({1: ("a", "b")})) == {"1": ["a", "b"]}


def test_429_slows_one_client_down() -> None:
    """HTP752: The client above its limit gets 429 without Retry-After and the other none; Flask alone sets no limit."""
    for limited in (True, False):
        app = Flask("app")
        app.add_url_rule("/", "home", lambda: "")
        if limited:
            Limiter(lambda: request.headers["X-Key"], app=app, default_limits=["2 per hour"], storage_uri="memory://")
        client = app.test_client()
        answers = {key: [client.get("/", headers={"X-Key": key}) for _ in range(count)] for key, count in (("eager", 4), ("calm", 1))}
        assert [a.status_code for a in answers["eager"]] == ([200, 200, 429, 429] if limited else [200] * 4)
        assert answers["calm"][0].status_code == 200 and "Retry-After" not in answers["eager"][-1].headers
