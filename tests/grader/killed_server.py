"""A server to be killed: the real store, service layer, HTTP face and uvicorn; only the model is missing. A line on standard input starts one."""

from __future__ import annotations

import os
import signal
import socket
import sys
from types import SimpleNamespace

import psycopg  # noqa: F401 - imported once, before the forks
import uvicorn
from fastapi import FastAPI

from corpus.store import load_corpus
from grader.http.api import create_app
from grader.http.interviews import mount_interviews
from grader.interviews.services import Services, open_services
from grader.pipeline import Examined
from grader.records import Grade, GradeRequest
from grader.settings import load_settings
from grader.store.store import Store


class Length:
    """Grades by length: cheap, and the same text has the same grade."""

    def __init__(self) -> None:
        self.corpus = load_corpus()

    def examine(self, request: GradeRequest, number: int = 1, **_rulings: object) -> Examined:
        score = round(len(request.answer) % 50 / 50 * request.max_score, 2)
        fields = {
            "confidence": 0.5,
            "needs_review": False,
            "review_reasons": (),
            "key_points": (),
            "false_claims": (),
            "reference_issues": (),
        }
        rest = {
            "gaming": (),
            "feedback": "",
            "model": "length",
            "corpus": self.corpus.version,
            "question_id": None,
            "verdict": "irrelevant",
        }
        grade = Grade(id=request.id or number, score=score, max_score=request.max_score, interval=(0, request.max_score), **fields, **rest)
        return Examined(grade, {"length": float(len(request.answer))})


def main(url: str) -> None:
    """Fork a server for each line of standard input. What is slow, the imports, is done once; what is tested is done by each anew."""
    grader = Length()
    app = create_app(SimpleNamespace(corpus=grader.corpus), load_settings())
    mount_interviews(app, Services(*[None] * 6))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for _ in sys.stdin:
        if os.fork() == 0:
            _serve(app, grader, url)


def _serve(app: FastAPI, grader: Length, url: str) -> None:
    """Open the database, print process and port, serve until killed."""
    app.state.services = open_services(Store(url), lambda: grader)
    listener = socket.create_server(("127.0.0.1", 0))
    print(os.getpid(), listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run([listener])
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
