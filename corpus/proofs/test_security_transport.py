"""What travels in the clear and what TLS hides: bodies, URLs, headers, passwords, and what a certificate shows."""

import base64
import logging
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, request
from serving import serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def tls_of(certificate: Path | None) -> ssl.SSLContext | None:
    """What a server needs to speak TLS with the certificate; none without one."""
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def wiretap(port: int) -> Iterator[tuple[int, bytearray]]:
    """A relay before the server, and all that an observer of it sees of one connection, both directions."""
    seen = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def copy(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):  # either side may close at once
                while data := source.recv(65536):
                    seen.extend(data)
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

        def relay() -> None:
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=copy, args=(server, client))
                back.start()
                copy(client, server)
                back.join()

        thread = threading.Thread(target=relay)
        thread.start()
        yield listening.getsockname()[1], seen
        thread.join(60)


def echo() -> Flask:
    app = Flask("app")
    app.add_url_rule("/<path:rest>", view_func=lambda rest: "answer to " + request.get_data(as_text=True), methods=["GET", "POST"])
    return app


SECRETS = (b"hidden-path", b"hidden-query", b"hidden-header", b"hidden-cookie", b"hidden-body", b"answer to")


def observe(certificate: Path | None, method: str = "POST") -> bytes:
    """What an observer sees of one request that has a secret in each of its parts."""
    with serve(echo(), tls_of(certificate)) as port, wiretap(port) as (tapped, seen):
        requests.request(
            method,
            f"{'https' if certificate else 'http'}://localhost:{tapped}/hidden-path?a=hidden-query",
            headers={"X-Own": "hidden-header", "Cookie": "a=hidden-cookie", "Connection": "close"},
            data="hidden-body",
            verify=str(certificate) if certificate else True,
            timeout=60,
        )
    return bytes(seen)


def test_post_encrypts_nothing_and_tls_does(certificate: Path) -> None:
    """HTP003: The body of a POST is readable on the way, and only over HTTPS it is not."""
    plain = observe(None)
    assert plain.startswith(b"POST ")
    assert plain.partition(b"\r\n\r\n")[2].startswith(b"hidden-body")
    assert b"hidden-body" not in observe(certificate)


def test_https_hides_the_whole_message_and_shows_the_host(certificate: Path) -> None:
    """SEC102: Path, query, header, cookie and body are all hidden; the name of the host is in the clear."""
    plain, encrypted = observe(None), observe(certificate)
    assert all(secret in plain for secret in SECRETS)
    assert not any(secret in encrypted for secret in SECRETS)
    assert b"localhost" in encrypted  # the host name of the handshake (SNI)


def test_basic_authentication_is_only_base64(certificate: Path) -> None:
    """SEC201: The observer decodes user and password of an HTTP request; over HTTPS he does not find them."""
    credentials = base64.b64encode(b"ann:pass:word")
    found = []
    for tls in (None, certificate):
        with serve(echo(), tls_of(tls)) as port, wiretap(port) as (tapped, seen):
            url = f"{'https' if tls else 'http'}://localhost:{tapped}/page"
            requests.get(url, auth=("ann", "pass:word"), headers={"Connection": "close"}, verify=str(certificate), timeout=60)
        found.append(credentials in seen)
    assert found == [True, False]
    with Flask("app").test_request_context(headers={"Authorization": f"Basic {credentials.decode()}"}):
        assert (request.authorization.username, request.authorization.password) == ("ann", "pass:word")
    assert base64.b64decode(credentials) == b"ann:pass:word"


def test_https_names_the_host_and_vouches_for_nothing_else(certificate: Path) -> None:
    """SEC207: A certificate for another name is refused, but behind the right one the app may be as vulnerable as ever."""
    app = Flask("app")
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE user (name TEXT)")
    database.executemany("INSERT INTO user VALUES (?)", [("ann",), ("bob",)])
    query = "SELECT name FROM user WHERE name = '{}'"
    app.add_url_rule("/", view_func=lambda: str(len(database.execute(query.format(request.args["name"])).fetchall())))
    context = ssl.create_default_context(cafile=str(certificate))
    with serve(app, tls_of(certificate)) as port:
        connection = HTTPSConnection("localhost", port, context=context, timeout=60)
        connection.request("GET", "/?name=x'%20OR%20'1'='1")
        assert connection.getresponse().read() == b"2"  # an injection over HTTPS
        connection.close()
        other = HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            other.request("GET", "/?name=ann")
    database.close()


def test_https_does_not_keep_a_query_out_of_the_logs(certificate: Path, caplog: pytest.LogCaptureFixture) -> None:
    """SEC305: An observer does not see the query string, and the server writes it into its log, unlike the body."""
    with caplog.at_level(logging.INFO, logger="werkzeug"):
        encrypted = observe(certificate)
    assert b"hidden-query" not in encrypted
    assert '"POST /hidden-path?a=hidden-query HTTP/1.1" 200' in caplog.text
    assert "hidden-body" not in caplog.text
