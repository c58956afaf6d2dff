"""kill -9 under writing: whatever was acknowledged is there afterwards, once, on both databases.

Several clients write over HTTP while the server is killed at a random moment; it starts again, what was under way is sent again with
its idempotency key, and every answer, grade, override and note that was ever acknowledged is read back. SOAK_KILLS sets how often
(`make soak`: 200); SOAK_REPORT names a file for the figures.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus.store import load_corpus
from grader.interviews.accounts import Accounts
from grader.interviews.services import open_services
from grader.store.store import Store

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
WRITERS = 4
KILLS = int(os.environ.get("SOAK_KILLS", "3"))


@dataclass
class Writer:
    """One client at one question: draft, answer, override, note, and again. Remembers what was acknowledged, and what was not."""

    asked: str
    interview: str
    version: int = 1
    draft_version: int = 0
    number: int = 0
    answers: dict[str, tuple[str, float]] = field(default_factory=dict)  # id -> text, score of the grade
    overrides: dict[tuple[str, int], float] = field(default_factory=dict)  # answer, number -> score
    notes: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    acknowledged: int = 0
    under_way: tuple[str, str, dict[str, Any], int | None] | None = None  # method, path, body, version

    def run(self, client: httpx.Client) -> None:
        """Write until the server is gone."""
        last: str | None = None
        try:
            while True:
                self.number += 1
                text = f"answer {self.number} " + "x" * random.randrange(2_000)
                self._send(client, "PUT", f"/v1/asked/{self.asked}/draft", {"text": text}, self.draft_version)
                last = self._send(client, "POST", f"/v1/asked/{self.asked}/answers", {"text": text}, self.version)["id"]
                self._send(client, "POST", f"/v1/answers/{last}/overrides", {"score": self.number % 6, "why": "w"}, self.version)
                self._send(client, "POST", f"/v1/interviews/{self.interview}/notes", {"text": f"{self.asked} {self.number}"}, None)
        except httpx.TransportError:
            return

    def send_again(self, client: httpx.Client) -> None:
        """What was not acknowledged is sent once more, with the same key: it is done now, and not twice."""
        if self.under_way is not None:
            method, path, body, version = self.under_way
            if method == "PUT":  # a draft has no key: read where it stands instead
                self.draft_version = client.get(f"/v1/asked/{self.asked}").json()["draft"]["version"]
                version = self.draft_version
            self._send(client, method, path, body, version)
        self.draft_version = client.get(f"/v1/asked/{self.asked}").json()["draft"]["version"]

    def check(self, client: httpx.Client) -> None:
        """All of it, as it was acknowledged, and nothing twice."""
        found = client.get(f"/v1/asked/{self.asked}").raise_for_status().json()
        answers = {a["id"]: a for a in found["answers"]}
        assert {id_: (a["text"], a["grade"]["score"]) for id_, a in answers.items()} == self.answers
        overrides = {(a["id"], o["number"]): o["score"] for a in answers.values() for o in a["overrides"]}
        assert overrides == self.overrides
        whole = client.get(f"/v1/interviews/{self.interview}").raise_for_status().json()
        assert {n["id"]: n["text"] for n in whole["notes"] if n["text"].startswith(self.asked)} == self.notes
        assert found["version"] == self.version
        assert found["draft"]["text"] == self.draft

    def check_seal(self, client: httpx.Client) -> None:
        """The newest answer's sealed grade is whole and replays."""
        if self.answers:
            (seal,) = client.get(f"/v1/answers/{list(self.answers)[-1]}/seals").json()
            replayed = client.get(f"/v1/seals/{seal['id']}/replay").json()
            assert (replayed["intact"], replayed["same"]) == (True, True)

    def _send(self, client: httpx.Client, method: str, path: str, body: dict[str, Any], version: int | None) -> dict[str, Any]:
        self.under_way = (method, path, body, version)
        headers = {"Idempotency-Key": f"{self.asked} {path} {self.number}"} | ({} if version is None else {"If-Match": f'"{version}"'})
        reply = client.request(method, path, json=body, headers=headers)
        assert reply.status_code in {200, 201}, reply.text
        made: dict[str, Any] = reply.json()
        self._remember(path, body, made)
        self.acknowledged += 1
        self.under_way = None
        return made

    def _remember(self, path: str, body: dict[str, Any], made: dict[str, Any]) -> None:
        if path.endswith("/draft"):
            self.draft, self.draft_version = body["text"], made["draft"]["version"]
        elif path.endswith("/answers"):
            self.answers[made["id"]] = (body["text"], made["grade"]["score"])
            self.draft = body["text"]
            self.version += 1
        elif path.endswith("/overrides"):
            ruling = made["overrides"][-1]
            self.overrides[made["id"], ruling["number"]] = ruling["score"]
            self.version += 1
        else:
            self.notes[made["id"]] = made["text"]


@contextmanager
def nursery(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that forks servers, so that each of many starts costs no imports."""
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "grader" / "killed_server.py", url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()


@contextmanager
def served(parent: subprocess.Popen[str], token: str) -> Iterator[tuple[int, httpx.Client]]:
    """A server's process id and a client that is signed in; killed at the end in any case."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write("another\n")
    parent.stdin.flush()
    line = parent.stdout.readline()
    assert line, "the server did not start"
    pid, port = map(int, line.split())
    try:
        limits = httpx.Limits(max_keepalive_connections=WRITERS)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=60, limits=limits
        ) as client:
            yield pid, client
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def prepared(url: str) -> tuple[str, list[Writer]]:
    """A session, and an interview for each two writers, with a question for each."""
    from types import SimpleNamespace

    store = Store(url)
    accounts = Accounts(store)
    owner = accounts.add_user(None, "Ann", "correct horse battery", "owner")
    grader = SimpleNamespace(corpus=load_corpus(), examine=lambda *_args, **_kwargs: None)
    services = open_services(store, lambda: grader)
    writers = []
    for n in range(WRITERS // 2):
        candidate = services.interviews.add_candidate(owner, f"Candidate {n}")
        interview = services.interviews.add_interview(owner, candidate.id, "T", questions=["flask-014", "adv-003"])
        writers += [Writer(asked.id, interview.id) for asked in services.interviews.asked(owner, interview.id)]
    token = accounts.start_session(owner).token
    store.close()
    return token, writers


def test_what_was_acknowledged_survives_kill_9(database, monkeypatch):
    """Every answer, grade, override and note, after every kill; and what was sent again is there once."""
    for name in [n for n in os.environ if n.startswith("VIVA_GRADER_")]:
        monkeypatch.delenv(name)
    token, writers = prepared(database)
    interrupted = 0
    with ExitStack() as stack:
        parent = stack.enter_context(nursery(database))
        for _ in range(KILLS):
            with served(parent, token) as (pid, client):
                for writer in writers:
                    writer.send_again(client)
                    writer.check(client)
                writers[0].check_seal(client)
                threads = [threading.Thread(target=writer.run, args=(client,)) for writer in writers]
                for thread in threads:
                    thread.start()
                _kill_at_random(pid, writers)
                for thread in threads:
                    thread.join(60)
                    assert not thread.is_alive()
            interrupted += sum(writer.under_way is not None for writer in writers)
        _, client = stack.enter_context(served(parent, token))
        for writer in writers:
            writer.send_again(client)
            writer.check(client)
            writer.check_seal(client)
    assert interrupted >= KILLS, "the kills came between requests: this showed nothing"
    _report(database, writers, interrupted)


def _kill_at_random(pid: int, writers: list[Writer]) -> None:
    """After some acknowledgements, at whatever the server is doing then."""
    enough = sum(w.acknowledged for w in writers) + random.randrange(1, 40)
    until = time.monotonic() + 30
    while sum(w.acknowledged for w in writers) < enough and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.03))
    os.kill(pid, signal.SIGKILL)


def _report(database: str, writers: list[Writer], interrupted: int) -> None:
    counts = [sum(len(kind) for kind in kinds) for kinds in zip(*((w.answers, w.overrides, w.notes) for w in writers), strict=True)]
    line = (
        f"| {datetime.now(UTC):%Y-%m-%d} | {database.partition(':')[0]} | {KILLS} | {interrupted} | "
        f"{counts[0]:,} | {counts[1]:,} | {counts[2]:,} | 0 | 0 |\n"
    )
    if report := os.environ.get("SOAK_REPORT"):
        with Path(report).open("a", encoding="utf-8") as stream:
            stream.write(line)
