"""A server to be killed: the real store, service layer, HTTP face and uvicorn; only the model is missing. Prints its port when it listens."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace

import uvicorn

from corpus.store import load_corpus
from grader.http.api import create_app
from grader.http.interviews import mount_interviews
from grader.interviews.services import open_services
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
    """Serve until killed."""
    grader = Length()
    app = create_app(SimpleNamespace(corpus=grader.corpus), load_settings())
    mount_interviews(app, open_services(Store(url), lambda: grader))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run([listener])


if __name__ == "__main__":
    main(sys.argv[1])
