"""Marked answers of every set in one shape, and grades of them by the product's one door."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import read_scored, read_semeval
from corpus.splits import is_reported, is_to_measure_by
from corpus.store import Corpus
from grader.records import Grade, GradedAnswer, GradeRequest

__all__ = [
    "SCALE",
    "Grader",
    "Row",
    "bank_rows",
    "bare_rows",
    "blind_rows",
    "grade_rows",
    "marks_of",
    "sample",
    "scored_rows",
    "semeval_rows",
]

SCALE = 5.0
Floats = NDArray[np.float64]


class Grader(Protocol):
    """What is measured: the pipeline, or a stand-in."""

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        """Grade one answer."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One answer with a human (or, for our own sets, a model) mark in [0, 1]; `group` is its question."""

    group: str
    question: str
    references: tuple[str, ...]
    answer: str
    mark: float
    label: str = ""  # five-way, SemEval only
    kind: str = ""  # our own answers only
    question_id: str | None = None  # of the bank

    def request(self, marked: Sequence[Row] = ()) -> GradeRequest:
        """The request of a user who has this answer and these marked ones."""
        graded = tuple(GradedAnswer(answer=m.answer, score=SCALE * m.mark) for m in marked)
        if self.question_id is not None:
            return GradeRequest(question_id=self.question_id, answer=self.answer, max_score=SCALE, graded_answers=graded)
        return GradeRequest(
            question=self.question, reference_answers=self.references, answer=self.answer, max_score=SCALE, graded_answers=graded
        )


def semeval_rows(folder: Path, dataset: str, split: str) -> list[Row]:
    """One split of "beetle" or "scientsbank"; the mark is 1 for correct, a half for partially correct, else 0."""
    worth = {"correct": 1.0, "partially_correct_incomplete": 0.5}
    return [
        Row(f"{dataset}:{r.question_id}", r.question, r.references, r.answer, worth.get(r.label, 0.0), r.label)
        for r in read_semeval(folder, dataset, split)
    ]


def scored_rows(folder: Path, name: str, split: str) -> list[Row]:
    """One split of Mohler ("none") or SAF, marks divided by the best possible score."""
    return [
        Row(r.question_id, r.question, r.references, r.answer, min(1.0, r.score / r.max_score))
        for r in read_scored(folder, name)
        if r.split == split
    ]


def bank_rows(corpus: Corpus, *, held_out: bool) -> list[Row]:
    """Our answers to the questions of the bank that were kept from all training, or to the others."""
    return [_of_bank(corpus, a.question, a.text, a.mark, a.kind) for a in corpus.answers if is_reported(a.question) == held_out]


def blind_rows(corpus: Corpus, path: Path) -> list[Row]:
    """The blind answers, each with the mean of its two marks."""
    return [_of_bank(corpus, r["question"], r["text"], mark, r["kind"]) for r, mark in _marked(path)]


def bare_rows(corpus: Corpus, path: Path, others: Path) -> dict[str, list[Row]]:
    """The blind answers as if nobody had written key points, and answers to questions on other subjects, which the bank does not know."""
    bank = [replace(row, question_id=None) for row in blind_rows(corpus, path)]
    other = [Row(r["question"], r["question"], (r["reference"],), r["text"], mark, kind=r["kind"]) for r, mark in _marked(others)]
    older, newer = ([row for row in bank if is_to_measure_by(row.group) == which] for which in (False, True))
    return {"older questions of the bank": older, "newer questions of the bank": newer, "other subjects": other}


def _marked(path: Path) -> list[tuple[dict[str, Any], float]]:
    """The records of a file of blind answers, each with the mean of its marks in [0, 1]."""
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(r, float(np.mean(r["marks"])) / SCALE) for r in records]


def _of_bank(corpus: Corpus, question_id: str, text: str, mark: float, kind: str) -> Row:
    question = corpus.question(question_id)
    return Row(question_id, question.question, question.reference_answers, text, mark, kind=kind, question_id=question_id)


def sample(rows: Sequence[Row], at_most: int | None, seed: int = 0) -> list[Row]:
    """The rows, or the answers to whole questions drawn with a fixed seed until there are so many, in their order."""
    if at_most is None or len(rows) <= at_most:
        return list(rows)
    groups = sorted({row.group for row in rows})
    random.Random(seed).shuffle(groups)  # noqa: S311 - no secret
    chosen: set[str] = set()
    for group in groups:
        if sum(row.group in chosen for row in rows) >= at_most:
            break
        chosen.add(group)
    return [row for row in rows if row.group in chosen]


def grade_rows(grader: Grader, requests: Iterable[GradeRequest], what: str) -> list[Grade]:
    """Grade all, one after another; a line on standard error every half minute."""
    wanted, said = list(requests), time.monotonic()
    done: list[Grade] = []
    for request in wanted:
        done.append(grader.grade(request))
        if time.monotonic() - said > 30:
            said = time.monotonic()
            print(f"{what}: {len(done)} of {len(wanted)}", file=sys.stderr, flush=True)
    return done


def marks_of(grades: Sequence[Grade]) -> Floats:
    """Scores in [0, 1], shape (n_grades,)."""
    return np.array([g.score / g.max_score for g in grades])
