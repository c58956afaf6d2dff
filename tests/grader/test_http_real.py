"""The real thing: `grader serve` as a process, the real model, real sockets; the command line beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from grader.records import Grade

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
GOOD = (
    "Flask keeps its core small and extensible; there is no database layer, form validation or authentication in it. "
    "Extensions or other libraries of your choice add them. It is not limited to small applications."
)
ANSWERS = ["", GOOD, "Sessions are stored on the server.", "I like trains \U0001f682.", "small core extensions libraries choose"]
RECORDS: list[dict[str, Any]] = [{"id": f"a{i}", "question_id": "adv-003", "answer": answer} for i, answer in enumerate(ANSWERS)]
RECORDS.append(
    {
        "question": "What does status 404 mean?",
        "reference_answers": ["The server found no resource at the URL of the request."],
        "key_points": [{"id": "k1", "text": "The requested resource was not found.", "weight": 1}],
        "answer": "The page was not found.",
        "max_score": 10,
    }
)


def environment() -> dict[str, str]:
    """No setting of the developer's shell, and no database of theirs."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIVA_GRADER_")}
    return kept | {"PYTHONUNBUFFERED": "1", "VIVA_GRADER_DEMO": "true"}


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    """A client of a server that is ready, on a port the system chose."""
    arguments = [sys.executable, "-m", "grader.cli", "serve", "--port", "0"]
    process = subprocess.Popen(arguments, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda stream: lines.extend(iter(stream.readline, "")), args=(process.stderr,))
    reader.start()
    try:
        with httpx.Client(base_url=_address(process, lines), timeout=60) as client:
            assert client.get("/healthz").status_code == 200
            _wait(lambda: client.get("/readyz").status_code == 200, 120)
            yield client
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stderr.close()
    assert "Traceback" not in "".join(lines)


def _address(process: subprocess.Popen[str], lines: list[str]) -> str:
    found: list[str] = []

    def seen() -> bool:
        assert process.poll() is None, "".join(lines)
        found.extend(m[0] for text in list(lines) if (m := re.search(r"http://127\.0\.0\.1:[1-9]\d*", text)))
        return bool(found)

    _wait(seen, 60)
    return found[0]


def _wait(happened: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def test_the_same_records_give_the_same_bytes_everywhere(server):
    """Alone, twice, in an array, on the command line, in another process: byte for byte the same."""
    numbered = [{**record, "id": record.get("id", number)} for number, record in enumerate(RECORDS, start=1)]
    alone = [server.post("/v1/grade", json=record).content for record in numbered]
    again = [server.post("/v1/grade", json=record).content for record in reversed(numbered)][::-1]
    array = server.post("/v1/grade", json=RECORDS).content
    lines = "\n".join(json.dumps(record) for record in RECORDS).encode()
    arguments = [sys.executable, "-m", "grader.cli", "grade"]
    printed = subprocess.run(arguments, cwd=ROOT, env=environment(), input=lines, capture_output=True, timeout=120, check=True)

    assert alone == again
    assert array == b"[" + b",".join(alone) + b"]"
    assert printed.stdout == b"".join(grade + b"\n" for grade in alone)


def test_grades_keep_the_contract_and_tell_answers_apart(server):
    """Records validate; evidence stands where it says; nothing said scores 0, a good answer beats the others."""
    grades = [Grade.model_validate(value) for value in server.post("/v1/grade", json=RECORDS).json()]

    for grade, record in zip(grades, RECORDS, strict=True):
        spans = [point.evidence for point in grade.key_points if point.evidence] + list(grade.false_claims)
        assert all(record["answer"][span.start : span.end] == span.text for span in spans)
        assert 0 <= grade.interval[0] <= grade.score <= grade.interval[1] <= grade.max_score
    empty, good, *others = grades[:5]
    assert (empty.score, empty.verdict) == (0, "non_domain")
    assert good.score > max(other.score for other in others)
    assert grades[2].false_claims, "the server-side session is a false claim"


def test_bad_input_meets_the_same_walls_over_a_socket(server):
    """A table of the statuses that only a real server can show."""
    big = 9_000_000
    json_ = {"content-type": "application/json"}

    def chunks() -> Iterator[bytes]:
        for _ in range(big // 65_536):
            yield b" " * 65_536

    assert server.post("/v1/grade", content=b"\xff", headers=json_).status_code == 400
    assert server.post("/v1/grade", json={"question_id": "adv-01", "answer": "a"}).status_code == 404
    assert server.post("/v1/grade", json={"question_id": "adv-001", "answer": "x" * 20_001}).status_code == 422
    assert server.post("/v1/grade", content=b"{}").status_code == 415
    for body in (b" " * big, chunks()):
        with suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # it may hang up while we still write
            assert server.post("/v1/grade", content=body, headers=json_).status_code == 413
    assert server.get("/readyz").status_code == 200


def test_eight_callers_are_all_served(server):
    """Together they get what each would get alone."""
    expected = server.post("/v1/grade", json=RECORDS[1]).content
    found: list[bytes] = []

    def ask() -> None:
        with httpx.Client(base_url=server.base_url, timeout=60) as own:
            found.extend(own.post("/v1/grade", json=RECORDS[1]).content for _ in range(5))

    callers = [threading.Thread(target=ask) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert found == [expected] * 40


def test_what_cannot_start_says_why_and_exits_2(tmp_path):
    """A port in use, and a broken corpus: one line, no trace."""
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "mine.yaml").write_text("- code: [")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        cases = (
            (("--port", str(taken.getsockname()[1])), "cannot be listened at"),
            (("--port", "0", "--corpus", str(tmp_path)), "mine.yaml:"),
        )
        for options, said in cases:
            arguments = [sys.executable, "-m", "grader.cli", "serve", *options]
            result = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, timeout=120, text=True, check=False)
            assert result.returncode == 2, result.stderr
            assert said in result.stderr
            assert "Traceback" not in result.stderr
