"""No body and no address breaks the interview routes: each reply is done, or a problem that says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from grader.http.api import create_app
from grader.http.interviews import mount_interviews
from grader.interviews.services import open_services
from grader.pipeline import Examined
from grader.settings import load_settings
from grader.store.store import Store

from .conftest import PASSWORD, send

WORDS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["x", "flask-014", "\x00", "owner"])
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=4
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory, tiny_grader_of, bank) -> Callable[[str, str, dict[str, Any]], httpx.Response]:
    """A caller that lives longer than a test."""
    tiny = tiny_grader_of(bank)
    examiner = SimpleNamespace(
        corpus=bank, checker=SimpleNamespace(check_text=lambda *_: ()), examine=lambda request, *_, **__: Examined(tiny.grade(request), {})
    )
    services = open_services(Store(f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'viva.db'}"), lambda: examiner)
    app = create_app(tiny, load_settings())
    mount_interviews(app, services)
    owner = services.accounts.add_user(None, "Ann", PASSWORD, "owner")
    token = services.accounts.start_session(owner).token
    candidate = services.interviews.add_candidate(owner, "Ada")
    interview = services.interviews.add_interview(owner, candidate.id, "T", questions=["flask-014"])
    asked = services.interviews.asked(owner, interview.id)[0].id
    answer = services.interviews.hand_in(owner, asked, "x", version=1).id
    ids = {"candidate": candidate.id, "interview": interview.id, "asked": asked, "answer": answer, "user": owner.id}

    def call(method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "If-Match": '"2"', "Content-Type": "application/json"}
        return send(app, method, path.format(**ids), headers=headers, content=json.dumps(body).encode())

    return call


FUZZED = {
    "POST /v1/users": ("name", "password", "role"),
    "PATCH /v1/users/{user}": ("role", "disabled"),
    "POST /v1/candidates": ("name", "contact"),
    "PATCH /v1/candidates/{candidate}": ("name", "contact"),
    "POST /v1/interviews": ("candidate_id", "title", "max_score", "questions"),
    "PATCH /v1/interviews/{interview}": ("title", "stage"),
    "POST /v1/interviews/{interview}/questions": ("question_id",),
    "POST /v1/interviews/{interview}/notes": ("text", "asked_id"),
    "PUT /v1/asked/{asked}/draft": ("text",),
    "POST /v1/asked/{asked}/answers": ("text",),
    "POST /v1/answers/{answer}/overrides": ("score", "corrections", "dismissed", "why"),
    "POST /v1/answers/{answer}/try": ("corrections", "dismissed"),
    "POST /v1/calibration/flask-014/marks": ("text", "share", "answer_id"),
    "POST /v1/lint": ("text", "context"),
}


@pytest.mark.parametrize("route", sorted(FUZZED))
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_body_breaks_the_server(fuzzed, route, data):
    """Whatever stands in the fields, the reply is ours: done, or a problem that says why."""
    method, path = route.split()
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(FUZZED[route], VALUES)))
    reply = fuzzed(method, path, body)
    assert reply.status_code < 500, reply.text
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/candidates/%00", "/v1/interviews?q=%00", "/v1/agreement?question_id=a%00", "/v1/bank/questions/%00"])
def test_a_nul_in_the_address_reaches_no_database(fuzzed, path):
    """PostgreSQL would fail on it."""
    assert fuzzed("GET", path, {}).status_code == 422
