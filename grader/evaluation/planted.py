"""A false statement in the reference: is it reported, and is a right answer marked down for not repeating it?

Two plants per question: a false wording of a fact that the question rests on, and a sentence of the reference negated by rule, which no
fact has been written for. Each is put into the reference answer and made a key point of a fifth of the weight.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.records import KeyPoint, Question
from corpus.store import Corpus
from grader.evaluation.flips import negated
from grader.evaluation.rows import SCALE, Grader
from grader.records import GradeRequest

__all__ = ["QUESTIONS", "PlantLine", "planted_lines"]

QUESTIONS = 30
WEIGHT = 0.2  # of the planted point
FALLS = 0.1  # of the scale: from here on an answer is marked down


@dataclass(frozen=True, slots=True)
class PlantLine:
    """One kind of plant: shares of the questions in which it was reported, and in which the right answer lost a tenth of the scale."""

    kind: str
    n: int
    reported: float
    marked_down: float
    mean_fall: float  # of the score, on 0..1


def planted_lines(corpus: Corpus, grader: Grader, *, at_most: int = QUESTIONS, seed: int = 0) -> list[PlantLine]:
    """Questions that rest on facts and have an excellent answer, in an order drawn with the seed; `at_most` of them for each kind."""
    answers = {a.question: a.text for a in corpus.answers if a.kind == "excellent" and a.mark == 1}
    questions = [q for q in corpus.questions if q.facts and q.id in answers]
    random.Random(seed).shuffle(questions)  # noqa: S311 - no secret
    lines = []
    for kind in ("false wording of a fact", "sentence of the reference negated"):
        found = [(q, plant) for q in questions if (plant := _plant(kind, q, corpus, seed)) is not None][:at_most]
        lines.append(_line(kind, grader, [(q, plant, answers[q.id]) for q, plant in found]))
    return lines


def _plant(kind: str, question: Question, corpus: Corpus, seed: int) -> str | None:
    rng = random.Random(f"{seed}:{kind}:{question.id}")  # noqa: S311 - no secret
    if kind == "false wording of a fact":
        fact = next((f for f in corpus.facts if f.code == question.facts[0]), None)
        return rng.choice(fact.false_wordings) if fact else None
    point = rng.choice(question.key_points).text
    return negated(point, [point], rng)


def _line(kind: str, grader: Grader, cases: Sequence[tuple[Question, str, str]]) -> PlantLine:
    reported, falls = 0, []
    for question, plant, answer in cases:
        clean = grader.grade(GradeRequest(question_id=question.id, answer=answer, max_score=SCALE))
        points = [p.model_copy(update={"weight": p.weight * (1 - WEIGHT)}) for p in question.key_points]
        spoiled = grader.grade(
            GradeRequest(
                question=question.question,
                reference_answers=(f"{question.reference_answers[0]} {plant}",),
                key_points=(*points, KeyPoint(id="planted", text=plant, weight=WEIGHT)),
                answer=answer,
                max_score=SCALE,
            )
        )
        reported += any(issue.text in plant or plant in issue.text for issue in spoiled.reference_issues)
        falls.append((clean.score - spoiled.score) / SCALE)
    n = len(cases)
    return PlantLine(kind, n, reported / n, sum(f >= FALLS for f in falls) / n, sum(falls) / n)
