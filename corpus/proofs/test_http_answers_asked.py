"""What answers about HTTP get wrong: what Vary names, stale and fresh, failed conditions, lengths, delays, names of codes, suites of TLS."""

import gzip
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection

import requests
from cachecontrol import CacheControl
from flask import Flask, Response, session
from serving import serve
from urllib3.util import Retry
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as WerkzeugResponse


def test_flask_varies_on_the_cookie_it_read() -> None:
    """HTP971: Cookie is a header of requests, and it is named once the session has been read."""
    app = Flask("app")
    app.secret_key = "k"
    app.get("/read", endpoint="read")(lambda: session.get("name", ""))
    app.get("/plain", endpoint="plain")(lambda: "")
    client = app.test_client()
    assert client.get("/read").headers["Vary"] == "Cookie" and "Vary" not in client.get("/plain").headers


def test_must_revalidate_leaves_fresh_responses_alone() -> None:
    """HTP973: A cache asks the origin once while the copy is fresh, and each time when it is stale at once."""
    app, asked = Flask("app"), {"fresh": 0, "stale": 0}

    @app.get("/<name>")
    def page(name: str) -> Response:
        asked[name] += 1
        response = Response("page")
        response.headers["Cache-Control"] = f"max-age={600 if name == 'fresh' else 0}, must-revalidate"
        return response

    with serve(app) as port, CacheControl(requests.Session()) as cached:
        for name in ("fresh", "stale") * 3:
            assert cached.get(f"http://127.0.0.1:{port}/{name}").text == "page"
    assert asked == {"fresh": 1, "stale": 3}


def test_a_failed_if_match_is_412() -> None:
    """HTP974: What Werkzeug makes of a condition that fails for a method that writes."""
    response = WerkzeugResponse("x")
    response.set_etag("new")
    environ = EnvironBuilder(method="GET", headers={"If-Match": '"old"'}).get_environ()
    assert response.make_conditional(environ).status_code == 412 == PreconditionFailed.code


def test_content_length_is_that_of_the_compressed_body() -> None:
    """HTP975: Of a page that gzip makes smaller, the client reads as many bytes as the header says."""
    app, page = Flask("app"), b"the same again " * 500

    @app.get("/")
    def small() -> Response:
        return Response(gzip.compress(page), headers={"Content-Encoding": "gzip"})

    with serve(app) as port:
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
    assert int(answer.headers["Content-Length"]) == len(body) < len(page) and gzip.decompress(body) == page


def test_retry_after_is_seconds_or_a_date() -> None:
    """HTP976: urllib3 reads both forms."""
    retry, later = Retry(), datetime.now(UTC) + timedelta(seconds=90)
    assert retry.parse_retry_after("120") == 120
    assert 60 < retry.parse_retry_after(format_datetime(later, usegmt=True)) <= 90


def test_422_is_named_as_in_rfc_9110() -> None:
    """HTP978: Among the statuses that Werkzeug knows, beside 421 and 426 of the same specification."""
    assert HTTP_STATUS_CODES[422].startswith("Unprocessable") and {421, 426} <= HTTP_STATUS_CODES.keys()


def test_tls_1_3_suites_name_no_rsa() -> None:
    """SEC971: Nor any other key exchange, where those of TLS 1.2 do; suites with static RSA belong to 1.2 alone."""
    context = ssl.create_default_context()
    context.set_ciphers("ALL")
    kinds = {suite["name"]: (suite["protocol"], suite["description"]) for suite in context.get_ciphers()}
    new = [about for version, about in kinds.values() if version == "TLSv1.3"]
    assert new and not any("Kx=RSA" in about for about in new)
    assert any("Kx=RSA" in about for version, about in kinds.values() if version != "TLSv1.3")
