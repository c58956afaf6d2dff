"""The service layer over both databases, with a grader without a model, a clock that ticks and ids that count."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from grader.interviews.accounts import Accounts
from grader.interviews.records import User
from grader.interviews.services import Services, open_services
from grader.pipeline import Examined
from grader.records import GradeRequest, State
from grader.store.store import Store

PASSWORD = "correct horse battery"


def send(app: FastAPI, method: str, path: str, **options: Any) -> httpx.Response:
    """One request, without a socket."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://viva") as client:
            return await client.request(method, path, **options)

    return asyncio.run(go())


class Clock:
    """Every look is a second later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Owl:
    """The tiny grader as an examiner; corrections change the score by their weights, marks pull it to their mean."""

    tiny: Any
    version: str = "owl-1"
    calls: int = 0

    @property
    def corpus(self) -> Any:
        return self.tiny.corpus

    @property
    def encoder(self) -> Any:
        return self

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows by the first letter: answers that begin alike are alike."""
        return np.array([np.eye(26)[(ord(text[:1].lower() or "a") - 97) % 26] for text in texts]).reshape(len(texts), 26)

    @property
    def checker(self) -> Any:
        return self

    def check_text(self, text: str, context: str = "") -> tuple[()]:
        return ()

    def examine(
        self, request: GradeRequest, number: int = 1, *, corrections: Mapping[str, State] | None = None, dismissed: Collection[str] = ()
    ) -> Examined:
        self.calls += 1
        grade = self.tiny.grade(request, number)
        points = tuple(
            p.model_copy(update={"state": (corrections or {}).get(p.id, p.state), "evidence": p.evidence}) for p in grade.key_points
        )
        share = sum(p.weight for p in points if p.state == "stated")
        if request.graded_answers:
            share = sum(g.score for g in request.graded_answers) / len(request.graded_answers) / request.max_score
        made = grade.model_copy(update={"key_points": points, "score": round(share * request.max_score, 2), "model": self.version})
        return Examined(made, {"coverage": round(share, 4)})


@pytest.fixture
def clock() -> Clock:
    """A clock to set."""
    return Clock()


@pytest.fixture
def owl(tiny_grader) -> Owl:
    """An examiner without a model."""
    return Owl(tiny_grader)


@pytest.fixture
def store(database) -> Iterator[Store]:
    """An open store, on each database."""
    opened = Store(database)
    yield opened
    opened.close()


@pytest.fixture
def services(store, owl, clock) -> Services:
    """All services; hashing costs next to nothing here."""
    return quick(open_services(store, lambda: owl), clock)


@pytest.fixture
def lite(tmp_path, owl, clock) -> Iterator[Services]:
    """All services on SQLite alone, for what does not depend on the database."""
    store = Store(f"sqlite:///{tmp_path / 'lite.db'}")
    yield quick(open_services(store, lambda: owl), clock)
    store.close()


def quick(services: Services, clock: Callable[[], datetime]) -> Services:
    """The same, with our clock, counted ids and a cheap hash."""
    from argon2 import PasswordHasher

    numbers = itertools.count(1)
    for service in (services.interviews, services.reports, services.marks, services.bank, services.accounts):
        service._clock = clock
        service._ids = lambda: f"id{next(numbers):04}"
    accounts: Accounts = services.accounts
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return services


def user(role: str, name: str = "") -> User:
    """Somebody who is in no database."""
    return User.model_validate(
        {"id": f"u-{name or role}", "name": name or role, "role": role, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    )


@pytest.fixture
def owner() -> User:
    """May do all."""
    return user("owner")


@pytest.fixture
def ann() -> User:
    """An interviewer."""
    return user("interviewer", "ann")


@pytest.fixture
def bob() -> User:
    """Another interviewer."""
    return user("interviewer", "bob")


@pytest.fixture
def viewer() -> User:
    """May only read."""
    return user("viewer")


@pytest.fixture
def sitting(services, ann):
    """An interview with one question: (interview, asked)."""
    candidate = services.interviews.add_candidate(ann, "Ada Lovelace", "ada@example.org")
    interview = services.interviews.add_interview(ann, candidate.id, "First round", questions=["flask-014"])
    return interview, services.interviews.asked(ann, interview.id)[0]
