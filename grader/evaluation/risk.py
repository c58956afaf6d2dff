"""Knowing when not to decide: risk against coverage, reliability of `confidence`, coverage of `interval`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.evaluation.metrics import quadratic_weighted_kappa, rmse
from grader.records import Grade

__all__ = ["Bin", "Point", "covered", "curve", "levels", "most_at", "reliability"]

Floats = NDArray[np.float64]
LEVELS = 6  # whole marks 0..5
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Point:
    """What is reached when this share is decided without a human; RMSE on 0..5."""

    share: float
    n: int
    qwk: float
    rmse: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: what was promised, and how many were within a tenth of the scale."""

    n: int
    promised: float
    kept: float


def levels(marks: Floats) -> list[int]:
    """Marks in [0, 1] as whole marks 0..5, a half rounded up."""
    return [int(v) for v in np.floor(np.asarray(marks) * (LEVELS - 1) + 0.5)]


def _point(truth: Floats, said: Floats, chosen: NDArray[np.intp], total: int) -> Point:
    human, machine = truth[chosen], said[chosen]
    kappa = quadratic_weighted_kappa(levels(human), levels(machine), n_levels=LEVELS)
    return Point(len(chosen) / total, len(chosen), kappa, (LEVELS - 1) * rmse(human, machine))


def curve(grades: Sequence[Grade], truth: Floats, shares: Sequence[float] = SHARES) -> tuple[list[Point], Point]:
    """Points for the most confident so-many answers (those that need no review first), and the product's own choice."""
    said = np.array([g.score / g.max_score for g in grades])
    order = np.array(sorted(range(len(grades)), key=lambda i: (grades[i].needs_review, -grades[i].confidence, i)))
    own = np.array([i for i, g in enumerate(grades) if not g.needs_review], dtype=np.intp)
    points = [_point(truth, said, order[: max(1, round(share * len(order)))], len(order)) for share in shares]
    return points, _point(truth, said, own, len(order))


def most_at(grades: Sequence[Grade], truth: Floats, qwk: float = 0.8) -> Point | None:
    """The largest share that can be decided at this QWK; None where even a tenth cannot."""
    points, _ = curve(grades, truth, [k / 100 for k in range(100, 9, -1)])
    return next((p for p in points if p.qwk >= qwk), None)


def reliability(grades: Sequence[Grade], truth: Floats, n_bins: int = 5) -> list[Bin]:
    """As many answers in each bin, from the least confident up."""
    confidence = np.array([g.confidence for g in grades])
    near = np.abs(np.array([g.score / g.max_score for g in grades]) - truth) <= 0.1 + 1e-9
    parts = [p for p in np.array_split(np.argsort(confidence, kind="stable"), n_bins) if len(p)]
    return [Bin(len(p), float(confidence[p].mean()), float(near[p].mean())) for p in parts]


def covered(grades: Sequence[Grade], truth: Floats) -> tuple[float, float]:
    """Share of marks inside the 90 % interval, and its mean width on the scale 0..1."""
    ends = np.array([[g.interval[0] / g.max_score, g.interval[1] / g.max_score] for g in grades])
    inside = (ends[:, 0] - 1e-9 <= truth) & (truth <= ends[:, 1] + 1e-9)
    return float(inside.mean()), float((ends[:, 1] - ends[:, 0]).mean())
