"""A tiny grader for the faces: no model, a rule anybody can check by hand."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from corpus.store import Corpus, load_corpus
from grader.records import Evidence, Grade, GradeRequest, KeyPointState


class TinyGrader:
    """The share of key points whose last word the answer has. Raises RuntimeError on the answer "boom"."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.batches: list[int] = []

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        if request.answer == "boom":
            raise RuntimeError("a secret detail")
        points = request.key_points
        if points is None:
            points = () if request.reference_answers else self.corpus.question(request.question_id or "").key_points
        states = []
        for point in points:
            word = point.text.split()[-1].strip(".")
            at = request.answer.find(word)
            evidence = Evidence(start=at, end=at + len(word), text=word) if at >= 0 else None
            states.append(
                KeyPointState(
                    id=point.id,
                    text=point.text,
                    weight=point.weight,
                    state="stated" if evidence else "missing",
                    confidence=1,
                    evidence=evidence,
                )
            )
        share = sum(s.weight for s in states if s.state == "stated")
        return Grade(
            id=request.id if request.id is not None else number,
            question_id=request.question_id,
            score=round(share * request.max_score, 2),
            max_score=request.max_score,
            interval=(0, request.max_score),
            verdict="correct" if share == 1 else "partially_correct_incomplete" if share else "non_domain",
            confidence=0.5,
            needs_review=False,
            review_reasons=(),
            key_points=tuple(states),
            false_claims=(),
            reference_issues=(),
            gaming=(),
            feedback=f"You said: {request.answer[:50]}",
            model="tiny",
            corpus=self.corpus.version,
        )

    def grade_many(self, requests: Sequence[GradeRequest]) -> list[Grade]:
        self.batches.append(len(requests))
        return [self.grade(request) for request in requests]


@pytest.fixture(scope="session")
def bank() -> Corpus:
    """The built-in corpus."""
    return load_corpus()


@pytest.fixture(scope="session")
def tiny_grader_of() -> type[TinyGrader]:
    """For fixtures that live longer than a test."""
    return TinyGrader


@pytest.fixture
def tiny_grader(bank: Corpus) -> TinyGrader:
    """A grader without a model."""
    return TinyGrader(bank)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in list(os.environ):
        if name.upper().startswith(("VIVA_GRADER_", "VIVA_CORPUS")):
            monkeypatch.delenv(name)
