"""The HTTP face over a grader without a model: contract, limits, errors as problems."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from grader.http.api import create_app
from grader.http.examples import BATCH, GRADE_EXAMPLE, INLINE, KNOWN
from grader.records import Grade, GradeRequest
from grader.settings import load_settings

JSON = {"content-type": "application/json"}
KEY = "0123456789abcdef"
POINT = {"id": "k1", "text": "It says what was found.", "weight": 1}
RECORD: dict[str, Any] = {"question": "Q?", "reference_answers": ["R."], "key_points": [POINT], "answer": "I found it."}
Call = Callable[..., httpx.Response]


def call(app: FastAPI, method: str, path: str, **options: Any) -> httpx.Response:
    """One request to the application, without a socket."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://viva") as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


def changed(**fields: Any) -> bytes:
    """RECORD with other fields, as bytes; NaN stays NaN."""
    return json.dumps({**RECORD, **fields}).encode()


@pytest.fixture
def app(tiny_grader):
    """The application with its defaults."""
    return make(tiny_grader)


def make(grader: Any, **fields: Any) -> FastAPI:
    return create_app(grader, load_settings(**fields))


def is_problem(reply: httpx.Response, status: int) -> dict[str, Any]:
    """The problem in a reply, after checking its form."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:viva:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")
    return body


BAD_BODIES = [
    ("empty", b"", 400, "Expecting value"),
    ("binary", b"\x00\x01\xff\xfe", 400, "not UTF-8"),
    ("broken-utf8", changed(answer="x").replace(b'"x"', b'"\xff"'), 400, "not UTF-8"),
    ("utf16", changed().decode().encode("utf-16"), 400, "not UTF-8"),
    ("no-json", b"{'answer': 1}", 400, "line 1, column 2"),
    ("cut", changed()[:-1], 400, "Expecting"),
    ("nan", changed(max_score=float("nan")), 400, "NaN"),
    ("infinity", changed(max_score=float("inf")), 400, "Infinity"),
    ("too-large-number", changed(max_score=5).replace(b'"max_score": 5', b'"max_score": 1e999'), 400, "too large"),
    ("many-digits", changed(id=7).replace(b'"id": 7', b'"id": ' + b"9" * 5000), 400, "too many digits"),
    ("twice", b'{"answer": "a", "answer": "b"}', 400, "given twice"),
    ("deep", b"[" * 200_000, 400, "nested"),
    ("number", b"5", 422, "JSON object"),
    ("null", b"null", 422, "JSON object"),
    ("string", b'"answer"', 422, "JSON object"),
    ("no-answer", b'{"question_id": "adv-001"}', 422, "answer: missing"),
    ("nothing-to-hold-against", b'{"answer": "a"}', 422, "question_id"),
    ("unknown-field", changed(answr="x"), 422, "did you mean answer"),
    ("answer-too-long", changed(answer="x" * 20_001), 422, "20,000 characters are allowed, got 20,001"),
    ("answer-number", changed(answer=5), 422, "answer: "),
    ("answer-null", changed(answer=None), 422, "answer: "),
    ("score-as-text", changed(max_score="5"), 422, "max_score: "),
    ("score-zero", changed(max_score=0), 422, "max_score: "),
    ("id-true", changed(id=True), 422, "id: "),
    ("half-character", changed(answer="x").replace(b'"x"', b'"\\ud800"'), 422, "surrogate"),
    ("weights", changed(key_points=[{**POINT, "weight": 0.9}]), 422, "weights sum to 0.9, they must sum to 1"),
    ("weight-negative", changed(key_points=[{**POINT, "weight": -1}]), 422, "key_points[0].weight: "),
    ("point-twice", changed(key_points=[{**POINT, "weight": 0.5}] * 2), 422, "'k1' is given twice"),
    ("51-points", changed(key_points=[{**POINT, "id": f"k{i}", "weight": 1 / 51} for i in range(51)]), 422, "50 items"),
    ("21-references", changed(reference_answers=["r"] * 21), 422, "20 items"),
    ("201-graded", changed(graded_answers=[{"answer": "a", "score": 1}] * 201), 422, "200 items"),
    ("graded-above", changed(graded_answers=[{"answer": "a", "score": 6}]), 422, "above max_score"),
    ("257-records", json.dumps([RECORD] * 257).encode(), 422, "at most 256 records, got 257"),
    ("unknown-question", b'{"question_id": "adv-01", "answer": "a"}', 404, "mean adv-0"),
]


@pytest.mark.parametrize(("body", "status", "said"), [pytest.param(*case[1:], id=case[0]) for case in BAD_BODIES])
def test_a_bad_body_is_a_problem_that_says_what_is_wrong(app, body, status, said):
    """Each wrong input has its status and a detail that names the place."""
    problem = is_problem(call(app, "POST", "/v1/grade", content=body, headers=JSON), status)

    assert said in problem["detail"]
    assert len(problem["detail"]) < 1_000
    if status == 422:
        assert problem["errors"][0]["detail"] in problem["detail"]


def test_the_place_is_a_pointer_too(app):
    """`errors` leads to the very value."""
    body = changed(key_points=[{**POINT, "weight": "1"}])

    problem = is_problem(call(app, "POST", "/v1/grade", content=body, headers=JSON), 422)

    (error,) = problem["errors"]
    assert (error["place"], error["pointer"]) == ("key_points[0].weight", "#/key_points/0/weight")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=latin-1"},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_only_json_in_utf8_is_taken(app, headers):
    """415 for everything else."""
    is_problem(call(app, "POST", "/v1/grade", content=changed(), headers=headers), 415)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8", "application/vnd.viva+json"])
def test_json_goes_by_several_names(app, kind):
    """Charset and vendor suffix are understood."""
    assert call(app, "POST", "/v1/grade", content=changed(), headers={"content-type": kind}).status_code == 200


def test_one_record_gives_one_grade(app):
    """The grade validates against the contract; offsets count code points."""
    reply = call(app, "POST", "/v1/grade", content=changed(id="a1", answer="\U0001f600 found"), headers=JSON)

    grade = Grade.model_validate_json(reply.content)
    assert (grade.id, grade.score) == ("a1", 5.0)
    assert grade.key_points[0].evidence is not None
    assert (grade.key_points[0].evidence.start, grade.key_points[0].evidence.end) == (2, 7)
    assert "\U0001f600".encode() in reply.content


def test_an_array_keeps_its_order_and_its_bad_records_their_place(app):
    """A bad record becomes an error object; ids are the input's or the record's number."""
    body = json.dumps([RECORD, {**RECORD, "id": "x", "answer": 5}, 7, {"question_id": "adv-01", "answer": "a"}, {**RECORD, "id": 9}])

    reply = call(app, "POST", "/v1/grade", content=body, headers=JSON)

    assert reply.status_code == 200
    found = reply.json()
    assert [item["id"] for item in found] == [1, "x", 3, 4, 9]
    assert [item.get("error", {}).get("code") for item in found] == [None, "invalid", "invalid", "unknown_question", None]
    assert "mean adv-0" in found[3]["error"]["message"]


def test_256_records_and_none_are_both_fine(app):
    """The ends of the range."""
    many = call(app, "POST", "/v1/grade", content=json.dumps([RECORD] * 256), headers=JSON)

    assert [item["id"] for item in many.json()] == list(range(1, 257))
    assert call(app, "POST", "/v1/grade", content=b"[]", headers=JSON).content == b"[]"


def test_the_same_input_gives_the_same_bytes(app):
    """Twice, and alone or in an array."""
    body = changed(id="a", answer="found \u2028 \u00e9")
    once, twice = (call(app, "POST", "/v1/grade", content=body, headers=JSON).content for _ in range(2))
    among = call(app, "POST", "/v1/grade", content=b"[" + body + b"," + changed(id="b") + b"]", headers=JSON).content

    assert once == twice
    assert among.startswith(b"[" + once + b",")
    assert b"\\u2028" in once


def test_a_failure_within_shows_nothing_and_spoils_nothing(app, caplog):
    """500 without details; in an array only its own place; the log has the trace but no answer."""
    problem = is_problem(call(app, "POST", "/v1/grade", content=changed(answer="boom"), headers=JSON), 500)
    batch = call(app, "POST", "/v1/grade", content=b"[" + changed(answer="boom") + b"," + changed() + b"]", headers=JSON).json()

    assert "secret" not in json.dumps(problem)
    assert batch[0]["error"]["code"] == "internal"
    assert "secret" not in json.dumps(batch)
    assert batch[1]["score"] == 5.0
    assert "a secret detail" in caplog.text


def test_large_bodies_are_refused_before_they_are_read(tiny_grader):
    """By Content-Length at once; chunked, as soon as the limit is passed."""
    app = make(tiny_grader, max_body_bytes=2_000)
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 1_000_000:
            sent += 500
            yield b" " * 500

    is_problem(call(app, "POST", "/v1/grade", content=b" " * 2_001, headers=JSON), 413)
    is_problem(call(app, "POST", "/v1/grade", content=endless(), headers=JSON), 413)
    assert sent < 10_000


def test_keys_are_asked_for_where_they_are_set(tiny_grader):
    """401 without, 403 with a wrong one, and probes stay open."""
    app = make(tiny_grader, api_keys=KEY)

    missing = call(app, "GET", "/v1/questions")
    is_problem(missing, 401)
    assert missing.headers["www-authenticate"].startswith("Bearer")
    is_problem(call(app, "POST", "/v1/grade", content=changed(), headers={**JSON, "authorization": "Basic eA=="}), 401)
    is_problem(call(app, "GET", "/v1/questions", headers={"authorization": "Bearer wrong"}), 403)
    is_problem(call(app, "GET", "/v1/questions", headers={"authorization": b"Bearer \xff\xfe"}), 403)
    assert call(app, "GET", "/v1/questions", headers={"authorization": f"Bearer {KEY}"}).status_code == 200
    assert call(app, "GET", "/readyz").status_code == 200
    assert call(app, "GET", "/openapi.json").json()["paths"]["/v1/grade"]["post"]["security"] == [{"key": []}]


def test_who_finds_the_queue_full_is_told_to_come_back(tiny_grader):
    """503 with Retry-After; whoever was in the queue is served."""
    gate = threading.Event()
    plain = tiny_grader.grade
    tiny_grader.grade = lambda request, number=1: plain(request) if gate.wait(5) else None
    app = make(tiny_grader, concurrency=1, queue=1)

    async def go() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://viva") as client:
            calls = [asyncio.create_task(client.post("/v1/grade", content=changed(), headers=JSON)) for _ in range(4)]
            while sum(call.done() for call in calls) < 2:
                await asyncio.sleep(0.01)
            gate.set()
            return [*(await asyncio.gather(*calls)), await client.post("/v1/grade", content=changed(), headers=JSON)]

    replies = asyncio.run(go())

    assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 503, 503]
    assert replies[-1].status_code == 200
    assert {reply.headers.get("retry-after") for reply in replies if reply.status_code == 503} == {"1"}


def test_what_takes_too_long_is_given_up(tiny_grader):
    """503 after the time is up; its place in the queue is free again when the work has ended."""
    gate = threading.Event()
    plain = tiny_grader.grade
    tiny_grader.grade = lambda request, number=1: plain(request) if gate.wait(5) else None
    app = make(tiny_grader, timeout_s=0.05)

    problem = is_problem(call(app, "POST", "/v1/grade", content=changed(), headers=JSON), 503)
    gate.set()

    assert "0.05 seconds" in problem["detail"]
    assert call(app, "POST", "/v1/grade", content=changed(), headers=JSON).status_code == 200


def test_before_the_model_is_there_only_healthz_says_yes():
    """/readyz and the API say 503 and when to come back."""
    app = make(None)

    assert call(app, "GET", "/healthz").json() == {"status": "alive"}
    for method, path in (("GET", "/readyz"), ("GET", "/v1/questions"), ("POST", "/v1/grade")):
        reply = call(app, method, path)
        is_problem(reply, 503)
        assert reply.headers["retry-after"] == "2"


def test_questions_are_filtered_and_paged(app, bank):
    """Topic, level and words narrow; limit and offset walk through all, each once."""
    first = call(app, "GET", "/v1/questions?limit=30").json()
    assert (first["total"], first["limit"], first["offset"], len(first["items"])) == (len(bank.questions), 30, 0, 30)
    pages = [call(app, "GET", f"/v1/questions?limit=30&offset={at}").json() for at in range(0, first["total"], 30)]
    seen = [item["id"] for page in pages for item in page["items"]]
    assert seen == [question.id for question in bank.questions]

    junior = call(app, "GET", "/v1/questions?level=junior&topic=ADVANCED&q=flask").json()["items"]
    assert junior
    assert {(item["level"], item["topic"]) for item in junior} == {("junior", "advanced")}
    assert call(app, "GET", "/v1/questions?offset=1000000").json()["items"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "offset=-1", "level=expert", "limt=5", "q=" + "x" * 201])
def test_a_wrong_query_is_named(app, query):
    """422 with the parameter."""
    problem = is_problem(call(app, "GET", f"/v1/questions?{query}"), 422)

    assert query.split("=")[0] in problem["errors"][0]["place"]


def test_questions_and_facts_are_found_by_name(app, bank):
    """404 names near ones."""
    assert call(app, "GET", "/v1/questions/adv-001").json()["id"] == "adv-001"
    assert "adv-0" in is_problem(call(app, "GET", "/v1/questions/adv-01"), 404)["detail"]
    code = bank.facts[0].code
    assert call(app, "GET", f"/v1/facts/{code.lower()}").json()["code"] == code
    assert code in is_problem(call(app, "GET", f"/v1/facts/{code}9"), 404)["detail"]


def test_wrong_paths_and_methods_are_problems(app):
    """404 and 405; a trailing slash is another path."""
    is_problem(call(app, "GET", "/nothing"), 404)
    is_problem(call(app, "GET", "/v1/questions/"), 404)
    is_problem(call(app, "GET", "/static/../api.py"), 404)
    wrong = call(app, "GET", "/v1/grade")
    assert "POST" in is_problem(wrong, 405)["detail"]
    assert wrong.headers["allow"] == "POST"


def test_the_page_asks_nobody_else(app):
    """HTML, script and style come from here and the policy allows nothing else; no script stands in the page."""
    page = call(app, "GET", "/")

    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "Assistive" in page.text
    script = call(app, "GET", "/static/viva.js")
    assert "javascript" in script.headers["content-type"]
    assert "innerHTML" not in script.text
    assert call(app, "GET", "/static/viva.css").status_code == 200
    assert call(app, "HEAD", "/").content == b""
    assert call(app, "HEAD", "/healthz").status_code == 200


def test_the_log_has_one_line_a_request_and_no_bodies(app, caplog):
    """Method, path, status, time; a line break in a path stays one line."""
    caplog.set_level("INFO", "grader.http.access")
    call(app, "POST", "/v1/grade", content=changed(answer="very private"), headers=JSON)
    call(app, "GET", "/a%0Ab?q=private")

    lines = [record.getMessage() for record in caplog.records if record.name == "grader.http.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == ["POST /v1/grade 200", "GET /a%0Ab 404"]
    assert "private" not in caplog.text


def test_the_examples_keep_the_contract(app, bank):
    """Each example of the OpenAPI document validates; those one can send are graded; evidence stands where it says."""
    for record in (KNOWN, INLINE):
        GradeRequest.model_validate_json(json.dumps(record), strict=True)
        assert call(app, "POST", "/v1/grade", json=record).status_code == 200
    assert [set(item) & {"error"} for item in call(app, "POST", "/v1/grade", json=BATCH).json()] == [set(), {"error"}]
    example = Grade.model_validate(GRADE_EXAMPLE)
    for span in [p.evidence for p in example.key_points if p.evidence] + list(example.false_claims):
        assert KNOWN["answer"][span.start : span.end] == span.text

    document = call(app, "GET", "/openapi.json").json()
    assert {"GradeRequest", "Grade", "BadRecord", "Problem", "KeyPoint"} <= set(document["components"]["schemas"])
    references = set(_references(document))
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k == "$ref"] + [r for v in value.values() for r in _references(v)]
    return [r for v in value for r in _references(v)] if isinstance(value, list) else []


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4), max_leaves=8
)
_fields = st.dictionaries(st.sampled_from(list(GradeRequest.model_fields)), _values, max_size=4).map(lambda fields: {**RECORD, **fields})
_bodies = (_values | _fields | st.lists(_fields, max_size=3)).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)


@pytest.fixture(scope="module")
def fuzzed(tiny_grader_of, bank):
    """One application for all examples."""
    return make(tiny_grader_of(bank))


@hypothesis_settings(max_examples=150, deadline=None)
@given(body=_bodies)
def test_no_body_breaks_the_server(fuzzed, body):
    """Whatever is sent: a grade, or a problem below 500."""
    reply = call(fuzzed, "POST", "/v1/grade", content=body, headers=JSON)

    if reply.status_code != 200:
        assert reply.status_code in {400, 404, 422}, reply.text
        is_problem(reply, reply.status_code)
    else:
        json.loads(reply.content)
