"""The interview routes over HTTP: who may, which version, which key, and errors as problems. On SQLite: the databases are tested below."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from grader.http.api import create_app
from grader.http.interviews import mount_interviews
from grader.interviews.accounts import COOKIE
from grader.settings import load_settings

from .conftest import PASSWORD, send

Call = Callable[..., httpx.Response]


@pytest.fixture
def app(lite, owl) -> FastAPI:
    """The application over a store of its own."""
    application = create_app(owl.tiny, load_settings())
    mount_interviews(application, lite)
    return application


@pytest.fixture
def as_user(app, lite) -> Callable[[str], Call]:
    """A caller who is signed in by bearer token, in a role."""

    def signed_in(role: str) -> Call:
        user = lite.accounts.find(role) or lite.accounts.add_user(None, role, PASSWORD, role)
        token = lite.accounts.start_session(user).token

        def call(method: str, path: str, version: int | None = None, key: str | None = None, **options: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
            headers |= {} if version is None else {"If-Match": f'"{version}"'}
            headers |= {} if key is None else {"Idempotency-Key": key}
            return send(app, method, path, headers=headers, **options)

        return call

    return signed_in


@pytest.fixture
def ann(as_user) -> Call:
    """An interviewer."""
    return as_user("interviewer")


@pytest.fixture
def interview(ann) -> dict[str, Any]:
    """An interview with one question, as the server tells it."""
    candidate = ann("POST", "/v1/candidates", json={"name": "Ada"}).json()
    made = ann("POST", "/v1/interviews", json={"candidate_id": candidate["id"], "title": "T", "questions": ["flask-014"]}).json()
    whole: dict[str, Any] = ann("GET", f"/v1/interviews/{made['id']}").json()
    return whole


def assert_problem(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem in a reply."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["type"] == f"urn:viva:problem:{code}"
    return body


def test_an_interview_over_http(ann, interview):
    """Draft, answer, ruling, note, scorecard in three forms, finish: each with its status and version."""
    asked, id_ = interview["questions"][0], interview["interview"]["id"]
    draft = ann("PUT", f"/v1/asked/{asked['id']}/draft", version=0, json={"text": "by default"})
    assert (draft.status_code, draft.headers["etag"]) == (200, '"1"')
    assert draft.json()["grade"]["score"] > 0
    answer = ann("POST", f"/v1/asked/{asked['id']}/answers", version=1, json={"text": "by default"})
    assert answer.status_code == 201
    tried = ann("POST", f"/v1/answers/{answer.json()['id']}/try", json={"corrections": {"k1": "stated"}}).json()
    ruled = ann("POST", f"/v1/answers/{answer.json()['id']}/overrides", version=2, json={"corrections": {"k1": "stated"}, "why": "said"})
    assert ruled.status_code == 201
    assert ruled.json()["overrides"][0]["result"] == tried["score"]
    assert ann("POST", f"/v1/interviews/{id_}/notes", json={"text": "hm", "asked_id": asked["id"]}).status_code == 201
    (seal,) = ann("GET", f"/v1/answers/{answer.json()['id']}/seals").json()
    assert ann("GET", f"/v1/seals/{seal['id']}/replay").json()["same"]

    card = ann("GET", f"/v1/interviews/{id_}/scorecard").json()
    assert card["overridden"] == 1
    assert ann("GET", f"/v1/interviews/{id_}/scorecard.json").json() == card
    sheet = ann("GET", f"/v1/interviews/{id_}/scorecard.csv")
    assert sheet.headers["content-disposition"] == 'attachment; filename="scorecard.csv"'
    assert "flask-014" in sheet.text
    assert ann("GET", f"/v1/interviews/{id_}/scorecard.pdf").content.startswith(b"%PDF-")
    version = ann("GET", f"/v1/interviews/{id_}").json()["interview"]["version"]
    done = ann("PATCH", f"/v1/interviews/{id_}", version=version, json={"stage": "finished"})
    assert done.json()["stage"] == "finished"
    assert ann("GET", "/v1/interviews?stage=finished").json()[0]["answered"] == 1
    assert ann("GET", f"/v1/interviews/{id_}/suggestions?count=2").json()[1]["why"]
    assert ann("GET", "/v1/agreement").json()[0]["answers"] == 1


def test_nobody_gets_in_without_signing_in(app, interview):
    """Every route of ours asks who it is; the probes and the open bank do not."""
    paths = send(app, "GET", "/openapi.json").json()["paths"]
    ours = [
        (method.upper(), path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if set(operation["tags"]) & {"accounts", "interviews", "answers", "bank"}
    ]
    assert len(ours) > 40
    for method, path in sorted(set(ours) - {("POST", "/v1/session"), ("POST", "/v1/session/first-owner")}):
        at = re.sub(r"\{\w+\}", "x", path.replace("{kind}", "json"))
        reply = send(app, method, at, headers={"If-Match": '"1"'}, params={"format": "csv"}, json={})
        assert reply.status_code == 401, (method, path, reply.text)
        assert "www-authenticate" in reply.headers


def test_a_cookie_needs_its_csrf_token_to_change_anything(app, lite):
    """Reading works with the cookie; writing needs what other sites do not know."""
    lite.accounts.add_user(None, "Ann", PASSWORD, "interviewer")
    entered = send(app, "POST", "/v1/session", json={"name": "ann", "password": PASSWORD})
    assert entered.status_code == 201
    assert "HttpOnly" in entered.headers["set-cookie"]
    cookies, csrf = {"Cookie": f"{COOKIE}={entered.json()['token']}"}, entered.json()["csrf"]
    who = send(app, "GET", "/v1/session", headers=cookies).json()
    assert (who["user"]["name"], who["csrf"], who["token"]) == ("Ann", csrf, None)
    body = {"name": "Ada"}
    assert_problem(send(app, "POST", "/v1/candidates", json=body, headers=cookies), 403, "key-unknown")
    assert_problem(send(app, "POST", "/v1/candidates", json=body, headers=cookies | {"X-CSRF-Token": "x" * 43}), 403, "key-unknown")
    assert send(app, "POST", "/v1/candidates", json=body, headers=cookies | {"X-CSRF-Token": csrf}).status_code == 201
    assert send(app, "DELETE", "/v1/session", headers=cookies | {"X-CSRF-Token": csrf}).status_code == 204
    assert_problem(send(app, "GET", "/v1/session", headers=cookies), 401, "sign-in")


def test_another_site_signs_nobody_in(app, lite):
    """A form of theirs does not put our cookie into the browser."""
    lite.accounts.add_user(None, "Ann", PASSWORD, "interviewer")
    for site in ("cross-site", "same-site"):
        reply = send(app, "POST", "/v1/session", json={"name": "Ann", "password": PASSWORD}, headers={"Sec-Fetch-Site": site})
        assert reply.status_code == 403
        assert "set-cookie" not in reply.headers


def test_too_many_failures_are_told_to_wait(app, lite):
    """429 with Retry-After."""
    lite.accounts.add_user(None, "Ann", PASSWORD, "interviewer")
    for _ in range(5):
        assert_problem(send(app, "POST", "/v1/session", json={"name": "Ann", "password": "wrong horse battery"}), 401, "sign-in")
    reply = send(app, "POST", "/v1/session", json={"name": "Ann", "password": PASSWORD})
    assert_problem(reply, 429, "sign-in")
    assert int(reply.headers["retry-after"]) > 0


def test_versions_and_keys_over_http(ann, interview):
    """428 without If-Match, 412 with an old one and the one that stands beside it, the same reply for the same key, 422 for another content."""
    asked = interview["questions"][0]["id"]
    assert_problem(ann("POST", f"/v1/asked/{asked}/answers", json={"text": "x"}), 428, "version-missing")
    assert_problem(ann("POST", f"/v1/asked/{asked}/answers", headers={"If-Match": "abc"}, json={"text": "x"}), 422, "invalid")
    first = ann("POST", f"/v1/asked/{asked}/answers", version=1, key="k", json={"text": "x"})
    again = ann("POST", f"/v1/asked/{asked}/answers", version=1, key="k", json={"text": "x"})
    assert first.content == again.content
    assert_problem(ann("POST", f"/v1/asked/{asked}/answers", version=1, key="k", json={"text": "y"}), 422, "key-reused")
    stale = ann("POST", f"/v1/asked/{asked}/answers", version=1, json={"text": "y"})
    assert_problem(stale, 412, "stale")
    assert stale.headers["etag"] == '"2"'
    whole = ann("GET", f"/v1/interviews/{interview['interview']['id']}")
    assert whole.status_code == 200
    unchanged = ann("GET", f"/v1/interviews/{interview['interview']['id']}", headers={"If-None-Match": whole.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_roles_over_http(as_user, interview):
    """A viewer reads; only an owner erases, and 410 says so afterwards."""
    viewer, owner = as_user("viewer"), as_user("owner")
    candidate = interview["interview"]["candidate_id"]
    assert viewer("GET", f"/v1/interviews/{interview['interview']['id']}").status_code == 200
    assert_problem(viewer("POST", "/v1/candidates", json={"name": "x"}), 403, "not-allowed")
    assert_problem(as_user("interviewer")("DELETE", f"/v1/candidates/{candidate}"), 403, "not-allowed")
    assert_problem(viewer("POST", "/v1/users", json={"name": "x", "password": PASSWORD, "role": "owner"}), 403, "not-allowed")
    everything = owner("GET", f"/v1/candidates/{candidate}/export").json()
    assert everything["candidate"]["name"] == "Ada"
    assert owner("DELETE", f"/v1/candidates/{candidate}").json()["candidate_id"] == candidate
    assert_problem(owner("GET", f"/v1/candidates/{candidate}"), 410, "erased")
    assert_problem(owner("GET", f"/v1/interviews/{interview['interview']['id']}"), 404, "missing")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "place"),
    [
        ("POST", "/v1/candidates", {"name": ""}, 422, "name"),
        ("POST", "/v1/candidates", {"nmae": "x"}, 422, "name"),
        ("POST", "/v1/candidates", {"name": "a\x00"}, 422, "name"),
        ("POST", "/v1/candidates", [], 422, "JSON object"),
        ("POST", "/v1/interviews", {"candidate_id": "x", "title": "T"}, 404, "candidate"),
        ("POST", "/v1/interviews", {"candidate_id": "x", "title": "T", "max_score": "5"}, 422, "max_score"),
        ("POST", "/v1/lint", {"text": "x" * 20_001}, 422, "text"),
        ("GET", "/v1/bank/questions/flask-14", None, 404, "Did you mean"),
        ("GET", "/v1/comparison?id=a&id=b", None, 404, "interview"),
        ("GET", "/v1/comparison?id=a", None, 422, "id"),
        ("GET", "/v1/interviews?limit=x", None, 422, "limit"),
        ("POST", "/v1/bank/import?format=csv", None, 422, "empty"),
        ("POST", "/v1/bank/import?format=docx", None, 422, "format"),
    ],
)
def test_what_is_wrong_is_said(ann, method, path, body, status, place):
    """In a problem that names the place."""
    reply = ann(method, path, **({} if body is None else {"json": body}))
    assert reply.status_code == status
    assert place in json.dumps(reply.json())


def test_a_refused_file_lists_its_rows(ann):
    """Each as a place of its own."""
    data = b'{"question": "a"}\n{"question": "b", "reference_answers": ["c"]}\nnonsense\n'
    body = assert_problem(ann("POST", "/v1/bank/import?format=jsonl", content=data), 422, "import-refused")
    assert [e["pointer"] for e in body["errors"]] == ["#/row/1", "#/row/3"]
    taken = ann("POST", "/v1/bank/import?format=jsonl", content=data.split(b"\n")[1]).json()
    assert taken["added"] == ["own-001"]
    out = ann("GET", "/v1/bank/export?format=gift&q=own-001")
    assert "questions.gift.txt" in out.headers["content-disposition"]
    assert "::own-001::" in out.text


def test_too_large_a_body_is_refused(lite, owl, as_user, app):
    """Before it is read to its end."""
    app.state.service.settings = load_settings(max_body_bytes=1_024)
    reply = as_user("interviewer")("POST", "/v1/bank/import?format=csv", content=b"x" * 2_000)
    assert_problem(reply, 413, "too-large")


def test_a_broken_database_tells_strangers_nothing(ann, lite, interview, caplog):
    """503, and the words of the database in the log alone."""
    with lite.interviews._store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE idempotency")
    reply = ann("POST", "/v1/candidates", key="k", json={"name": "Ada"})
    body = assert_problem(reply, 503, "store")
    assert "idempotency" not in body["detail"]
    assert "idempotency" in caplog.text


def test_live_updates_tell_the_version(app, lite, interview, ann, monkeypatch):
    """At once, and after a change; the stream ends by itself."""
    monkeypatch.setattr("grader.http.live.LIFE_S", 0.6)
    monkeypatch.setattr("grader.http.live.POLL_S", 0.2)
    id_ = interview["interview"]["id"]
    token = lite.accounts.start_session(lite.accounts.find("interviewer")).token

    async def listen() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://viva") as client:
            headers = {"Authorization": f"Bearer {token}"}
            stream = asyncio.create_task(client.get(f"/v1/interviews/{id_}/events", headers=headers))
            await asyncio.sleep(0.2)
            await client.post(f"/v1/interviews/{id_}/notes", headers=headers, json={"text": "hm"})
            return (await stream).text

    told = asyncio.run(listen())
    assert told.startswith("retry: 500\nevent: version\ndata: 1\n\n")
    assert "event: version\ndata: 2\n\n" in told


def test_the_demo_lets_this_machine_in_and_no_other_site(lite, owl):
    """Without a session the demo's owner acts, for our own pages at our own address only."""
    from dataclasses import replace

    from grader.interviews.demo import demo_owner

    services = replace(lite, demo=demo_owner(lite.accounts))
    app = create_app(owl.tiny, load_settings(demo=True))
    mount_interviews(app, services)

    def at(host: str, **headers: str) -> int:
        return send(app, "POST", "/v1/candidates", json={"name": "x"}, headers={"Host": host, **headers}).status_code

    assert at("127.0.0.1:8000") == 201
    assert at("localhost:8000", **{"Sec-Fetch-Site": "same-origin"}) == 201
    assert at("127.0.0.1:8000", **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert at("rebound.example:8000") == 403


def test_the_demo_fills_itself(lite, owl):
    """Three candidates, a finished interview with an override, one in the middle."""
    from grader.interviews.demo import demo_owner, fill

    owner = demo_owner(lite.accounts)
    fill(lite, owner)
    lines = lite.interviews.lines(owner)
    assert [line.candidate for line in lines] == ["Mei Tanaka", "Jonas Weber", "Noor Haddad"]
    assert [line.interview.stage for line in lines] == ["running", "finished", "finished"]
    assert lite.reports.scorecard(owner, lines[1].interview.id).overridden == 1


def test_the_openapi_document_is_whole(app):
    """Every reference leads somewhere, every route of ours says its refusals."""
    document = send(app, "GET", "/openapi.json").json()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    text = json.dumps(document)
    assert set(re.findall(r"#/components/schemas/[A-Za-z0-9_]+", text)) <= known
    assert "401" in document["paths"]["/v1/interviews"]["get"]["responses"]
    assert set(document["paths"]["/v1/candidates"]["post"]["responses"]) >= {"201", "400", "401", "403", "413", "422"}


def test_a_record_of_megabytes_is_refused_before_it_is_parsed(as_user):
    """Whoever sends it: it would be parsed where all others wait."""
    reply = as_user("interviewer")(
        "POST", "/v1/candidates", content=b"{" + b" " * 2_000_000 + b"}", headers={"Content-Type": "application/json"}
    )
    assert_problem(reply, 413, "too-large")
