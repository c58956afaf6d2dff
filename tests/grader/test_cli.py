"""The command line over a grader without a model: JSON lines in, JSON lines out, exit statuses by contract."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader import cli as module
from grader.cli import ExitStatus, cli
from grader.jsonl import IDLE, TOO_LONG, open_output, read_lines

POINT = {"id": "k1", "text": "It says what was found.", "weight": 1}
RECORD: dict[str, Any] = {"question": "Q?", "reference_answers": ["R."], "key_points": [POINT], "answer": "I found it."}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch, tiny_grader):
    """Run a command in this process with the tiny grader."""
    monkeypatch.setattr(module, "_load", lambda corpus, error_rate=None: tiny_grader)

    def go(*arguments: str, stdin: bytes = b""):
        return CliRunner().invoke(cli, arguments, input=stdin)

    return go


def line(**fields: Any) -> bytes:
    """RECORD with other fields, as a line."""
    return json.dumps({**RECORD, **fields}).encode() + b"\n"


BAD_LINES = [
    ("binary", b"\x00\xff\xfe\n", "not_json", "not UTF-8"),
    ("broken-utf8", line(answer="x").replace(b'"x"', b'"\xff"'), "not_json", "not UTF-8"),
    ("no-json", b"hello\n", "not_json", "line 1, column 1"),
    ("nan", line(max_score=float("nan")), "not_json", "NaN"),
    ("twice", b'{"answer": "a", "answer": "b"}\n', "not_json", "given twice"),
    ("array", b"[]\n", "invalid", "JSON object"),
    ("answer-too-long", line(answer="x" * 20_001), "invalid", "20,000 characters are allowed, got 20,001"),
    ("wrong-type", line(answer=["a"]), "invalid", "answer: "),
    ("weights", line(key_points=[{**POINT, "weight": 0.5}]), "invalid", "weights sum to 0.5, they must sum to 1"),
    ("51-points", line(key_points=[{**POINT, "id": f"k{i}", "weight": 1 / 51} for i in range(51)]), "invalid", "50 items"),
    ("unknown-question", b'{"question_id": "adv-01", "answer": "a"}\n', "unknown_question", "mean adv-0"),
    ("failure-within", line(answer="boom"), "internal", "the log says why"),
]


@pytest.mark.parametrize(("bad", "code", "said"), [pytest.param(*case[1:], id=case[0]) for case in BAD_LINES])
def test_a_bad_record_becomes_an_error_in_its_place(run, bad, code, said):
    """The rest is graded; exit status 1."""
    result = run("grade", stdin=line() + bad + line(id="last"))

    first, error, last = (json.loads(text) for text in result.stdout_bytes.split(b"\n")[:-1])
    assert (first["id"], first["score"], last["id"], last["score"]) == (1, 5.0, "last", 5.0)
    assert set(error) == {"id", "error"}
    assert error["id"] == 2
    assert error["error"]["code"] == code
    assert said in error["error"]["message"]
    assert result.exit_code == ExitStatus.BAD_RECORDS
    assert "1 record could not be graded" in result.stderr


def test_order_and_ids_are_kept_over_batches(run, tiny_grader):
    """200 records in batches of 64; empty lines count for nothing, a missing last line end neither."""
    lines = b"\n \r\n".join(line(id=f"r{i}" if i % 2 else None).strip() for i in range(1, 201))

    result = run("grade", stdin=b"\xef\xbb\xbf" + lines)

    assert [json.loads(text)["id"] for text in result.stdout.splitlines()] == [f"r{i}" if i % 2 else i for i in range(1, 201)]
    assert result.exit_code == ExitStatus.OK
    assert max(tiny_grader.batches) <= 64


def test_no_input_gives_no_output(run):
    """Nothing asked, nothing answered, nothing wrong."""
    result = run("grade")

    assert (result.exit_code, result.stdout) == (ExitStatus.OK, "")


def test_an_output_file_appears_whole(run, tmp_path):
    """Input and output by name, even the same file."""
    path = tmp_path / "answers.jsonl"
    path.write_bytes(line(id="a"))

    result = run("grade", "--input", str(path), "--output", str(path))

    assert (result.exit_code, result.stdout) == (ExitStatus.OK, "")
    assert json.loads(path.read_bytes())["id"] == "a"
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_file_stays_as_it_was_when_writing_fails(tmp_path):
    """No half file and nothing left beside it."""
    path = tmp_path / "grades.jsonl"
    path.write_text("old")

    def fail() -> None:
        with open_output(path) as stream:
            stream.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("grade", "--input", "/no/such/file"), "/no/such/file: No such file"),
        (("grade", "--output", "/no/such/folder/x"), "No such file"),
        (("grade", "--input", "/tmp"), "Is a directory"),
        (("grade", "--colour"), "No such option"),
        (("serve", "--port", "70000"), "VIVA_GRADER_PORT"),
        (("questions", "--level", "expert"), "junior, mid or senior"),
        (("questions", "--corpus", "/no/such/folder"), "does not exist"),
        (("evaluate", "--data", "/no/such/folder"), "VIVA_DATA"),
        (("nonsense",), "No such command"),
    ],
)
def test_a_wrong_call_exits_2(run, arguments, said):
    """With one line that says what was wrong."""
    result = run(*arguments)

    assert result.exit_code == ExitStatus.CALLED_WRONGLY
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_setting_stops_every_command(run, monkeypatch):
    """A mistyped variable is named, not ignored."""
    monkeypatch.setenv("VIVA_GRADER_PROT", "1")

    result = run("questions")

    assert result.exit_code == ExitStatus.CALLED_WRONGLY
    assert "VIVA_GRADER_PROT" in result.stderr


def test_questions_are_listed(run, bank):
    """One a line: id, level, topic, question."""
    rows = [row.split("\t") for row in run("questions").stdout.splitlines()]

    assert [row[0] for row in rows] == [question.id for question in bank.questions]
    assert {len(row) for row in rows} == {4}
    found = run("questions", "--q", "Session").stdout.splitlines()
    assert found
    assert all("session" in row.split("\t")[3].casefold() for row in found)


def test_lines_are_read_in_bounded_memory():
    """A line above the limit is skipped, wherever chunks end; the next one is whole again."""
    data = b"a\n" + b"x" * 200_000 + b"\n" + b"b\n" + b"y" * 11 + b"\n" + b"c" * 10
    assert list(read_lines(io.BytesIO(data), 10)) == [b"a", TOO_LONG, b"b", TOO_LONG, b"c" * 10]
    assert list(read_lines(io.BytesIO(b"z" * 200_000), 10)) == [TOO_LONG]


def test_whoever_waits_is_answered():
    """On a pipe that stays open, what has come is announced as all there is for now."""
    end, start = os.pipe()
    with os.fdopen(end, "rb") as stream, os.fdopen(start, "wb", buffering=0) as writer:
        writer.write(b"one\ntwo\nthr")
        found = read_lines(stream, 100)
        assert [next(found) for _ in range(3)] == [b"one", b"two", IDLE]
        writer.write(b"ee")
        writer.close()
        assert [item for item in found if item is not IDLE] == [b"three"]


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A real process."""
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", *arguments], cwd=ROOT, capture_output=True, timeout=60, check=False, **options
    )


def test_a_closed_pipe_ends_in_silence():
    """`grader questions | head -1` shows no trace."""
    shell = f"'{sys.executable}' -m grader.cli questions | true"

    result = subprocess.run(["sh", "-c", shell], cwd=ROOT, capture_output=True, timeout=60, check=False)

    assert result.stderr == b""


def test_help_is_quick_and_loads_nothing_heavy():
    """Neither numpy nor pydantic nor FastAPI for a page of help."""
    code = "import sys, grader.cli; print([m for m in ('numpy','pydantic','fastapi','onnxruntime','sklearn','yaml') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=True)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        assert command("--help").returncode == 0
        times.append(time.perf_counter() - begun)

    assert loaded.stdout.strip() == b"[]"
    assert min(times) < 1.0  # 0.28 s on a quiet machine
