"""Agreement with human marks: Mohler with questions held out and with few marks, SAF, SemEval, gaps."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import GapAnswer
from corpus.meaning.contrast import analyse
from grader.calibration import Marked
from grader.evaluation.metrics import accuracy, bootstrap, f1, macro_f1, pearson, recalls, rmse, weighted_f1
from grader.evaluation.rivals import Rival, isotonic_map
from grader.evaluation.rows import SCALE, Grader, Row, grade_rows, marks_of
from grader.records import GradeRequest

__all__ = [
    "SHOTS", "Agreement", "GapLine", "LabelLine", "agreement", "few_shot", "folds_of", "gap_lines", "held_out", "label_lines", "missing_points",
    "to_way",
]  # fmt: skip

Floats = NDArray[np.float64]
FOLDS = 10
SHOTS = (0, 3, 5, 11)
PRODUCT = "Viva"


@dataclass(frozen=True, slots=True)
class Agreement:
    """r and RMSE (in the unit of the marks given) with 95 % intervals over questions."""

    system: str
    n: int
    r: float
    r_range: tuple[float, float]
    rmse: float
    rmse_range: tuple[float, float]


def agreement(system: str, truth: Floats, said: Floats, groups: Sequence[str]) -> Agreement:
    """One line of a table; whole questions are drawn for the intervals."""
    return Agreement(
        system, len(truth), pearson(truth, said), bootstrap(lambda i: pearson(truth[i], said[i]), groups),
        rmse(truth, said), bootstrap(lambda i: rmse(truth[i], said[i]), groups),
    )  # fmt: skip


def folds_of(groups: Sequence[str], n_folds: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row, shape (n_rows,): all answers to one question together, questions dealt out at random."""
    names = sorted(set(groups))
    deal = {names[g]: i % n_folds for i, g in enumerate(np.random.default_rng(seed).permutation(len(names)))}
    return np.array([deal[g] for g in groups])


def held_out(rows: Sequence[Row], said: Floats, systems: Sequence[Rival]) -> dict[str, Floats]:
    """Marks in [0, 1] of every system: the product as it is, the product under a monotone map, and each rival, fitted on the other folds."""
    fold = folds_of([row.group for row in rows])
    truth = np.array([row.mark for row in rows])
    out = {PRODUCT: said, f"{PRODUCT}, monotone map": np.zeros(len(rows))} | {rival.name: np.zeros(len(rows)) for rival in systems}
    features = {rival.name: rival.features(rows) for rival in systems}
    for k in sorted(set(fold.tolist())):
        fit, new = fold != k, fold == k
        out[f"{PRODUCT}, monotone map"][new] = isotonic_map(said[fit], truth[fit], said[new])
        for rival in systems:
            x = features[rival.name]
            out[rival.name][new] = rival.marks(x[fit], truth[fit], x[new])
    return out


def few_shot(
    rows: Sequence[Row],
    grader: Grader,
    bare: Mapping[str, Floats],
    vectors: Floats,
    *,
    draws: int = 3,
    per_question: int | None = 8,
    seed: int = 0,
) -> dict[tuple[str, int], tuple[Floats, Floats, list[str]]]:
    """Marks after 0, 3, 5, 11 marked answers of the same question: (system, n) -> (truth, said, groups), in [0, 1].

    Args:
        rows: Answers; questions with fewer than 12 are left out.
        grader: The product, which gets the marked answers as `graded_answers`.
        bare: Of other systems, their marks of `rows`; they get the product's own calibration.
        vectors: Of the answers, unit rows (n_rows, n_dims).
        draws: How often the marked answers are drawn anew.
        per_question: At most so many of the rest are scored per question and draw; None for all.
        seed: Of the draws.
    """
    found: dict[tuple[str, int], tuple[list[float], list[float], list[str]]] = {}
    members: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        members.setdefault(row.group, []).append(i)
    for draw in range(draws):
        for group, of in sorted(members.items()):
            if len(of) <= max(SHOTS):
                continue
            order = random.Random(f"{seed}:{draw}:{group}").sample(of, len(of))  # noqa: S311 - no secret
            for n in SHOTS:
                marked, rest = order[:n], order[n:][:per_question]
                grades = grade_rows(grader, [rows[i].request([rows[m] for m in marked]) for i in rest], f"few-shot {n}")
                said = {PRODUCT: marks_of(grades)} | {
                    name: np.array([known.calibrate(float(m[i]), vectors[i])[0] for i in rest])
                    for name, m in bare.items()
                    for known in [Marked.of(m[marked].tolist(), [rows[j].mark for j in marked], vectors[marked])]
                }
                for name, marks in said.items():
                    line = found.setdefault((name, n), ([], [], []))
                    line[0].extend(rows[i].mark for i in rest)
                    line[1].extend(marks.tolist())
                    line[2].extend([group] * len(rest))
    return {key: (np.array(truth), np.array(marks), groups) for key, (truth, marks, groups) in found.items()}


@dataclass(frozen=True, slots=True)
class LabelLine:
    """Agreement on the labels of one way (2, 3 or 5 classes)."""

    system: str
    split: str
    way: int
    n: int
    accuracy: float
    macro_f1: float
    weighted_f1: float
    recall: dict[str, float]


def to_way(label: str, way: int) -> str:
    """A five-way label in 2, 3 or 5 classes, by the names of SemEval."""
    if way == 5 or label == "correct":
        return label
    return label if way == 3 and label == "contradictory" else "incorrect"


def label_lines(system: str, split: str, truth: Sequence[str], said: Sequence[str]) -> list[LabelLine]:
    """Three lines: 2, 3 and 5 classes."""
    lines = []
    for way in (2, 3, 5):
        human, machine = [to_way(label, way) for label in truth], [to_way(label, way) for label in said]
        figures = accuracy(human, machine), macro_f1(human, machine), weighted_f1(human, machine)
        lines.append(LabelLine(system, split, way, len(human), *figures, recalls(human, machine)))
    return lines


@dataclass(frozen=True, slots=True)
class GapLine:
    """How well the ledger knows which part of the reference is missing."""

    what: str
    split: str
    n: int
    share: float  # of those that lack something, by the human
    accuracy: float
    f1: float
    macro_f1: float


def missing_points(points: Sequence[str], gaps: Sequence[str]) -> list[bool]:
    """Which of the points the human calls missing: those half of whose content words stand in the gaps."""
    given = {s for gap in gaps for s in analyse(gap).stems}
    return [bool(mine) and 2 * len(mine & given) >= len(mine) for mine in (set(analyse(p).stems) for p in points)]


def gap_lines(rows: Sequence[GapAnswer], grader: Grader) -> list[GapLine]:
    """Per split: the points of the reference, and the answers as a whole (is anything missing?). Not stated counts as missing."""
    requests = [GradeRequest(question=r.question, reference_answers=r.references, answer=r.answer, max_score=SCALE) for r in rows]
    grades = grade_rows(grader, requests, "gaps")
    lines = []
    for split in sorted({r.split for r in rows}):
        pairs = [(r, g) for r, g in zip(rows, grades, strict=True) if r.split == split]
        by_point = [
            (_word(lacks), _word(p.state != "stated"))
            for r, g in pairs
            for p, lacks in zip(g.key_points, missing_points([p.text for p in g.key_points], r.gaps), strict=True)
        ]
        by_answer = [(_word(bool(r.gaps)), _word(any(p.state != "stated" for p in g.key_points))) for r, g in pairs]
        for what, found in (("key points", by_point), ("answers", by_answer)):
            human, machine = [a for a, _ in found], [b for _, b in found]
            share = sum(a == "missing" for a in human) / len(human)
            figures = accuracy(human, machine), f1(human, machine, "missing"), macro_f1(human, machine)
            lines.append(GapLine(what, split, len(human), share, *figures))
    return lines


def _word(missing: bool) -> str:
    return "missing" if missing else "stated"
