"""Few marked answers of one question -> that question's scale: a monotone map of the scores, shrunk when marks are few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["calibrate", "isotonic"]

Floats = NDArray[np.float64]
PRIOR_MARKS = 6.0  # so many marks weigh as much as the model


def isotonic(scores: Sequence[float], marks: Sequence[float]) -> tuple[Floats, Floats]:
    """Pool adjacent violators: the increasing step function nearest to the marks.

    Args:
        scores, marks: Both of shape (n_marked,), n >= 1.
    Returns:
        Score and fitted mark of each step, both increasing, shape (n_steps,).
    Source: Barlow et al. (1972), Statistical Inference under Order Restrictions.
    """
    order = np.lexsort((np.asarray(marks), np.asarray(scores)))
    blocks: list[list[float]] = []  # sum of scores, sum of marks, count
    for i in order:
        blocks.append([float(scores[i]), float(marks[i]), 1.0])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return np.array([b[0] / b[2] for b in blocks]), np.array([b[1] / b[2] for b in blocks])


def calibrate(score: float, scores: Sequence[float], marks: Sequence[float]) -> float:
    """The score on this question's scale, in [0, 1]; never decreasing in `score`. Without marks it is the score itself.

    Args:
        score: What the model gives the answer, in [0, 1].
        scores, marks: What the model and the human gave the marked answers, both in [0, 1].
    """
    if not scores:
        return score
    x, y = isotonic(scores, marks)
    fitted = float(np.interp(score, x, y))
    slope = max(0.0, min(1.0, _slope(scores, marks)))
    shifted = float(np.mean(marks)) + slope * (score - float(np.mean(scores)))
    trust = len(scores) / (len(scores) + PRIOR_MARKS)
    return min(1.0, max(0.0, trust * 0.5 * (fitted + shifted) + (1 - trust) * score))


def _slope(scores: Sequence[float], marks: Sequence[float]) -> float:
    """Regression slope, drawn towards 1 as by a few unseen marks."""
    s, m = np.asarray(scores) - np.mean(scores), np.asarray(marks) - np.mean(marks)
    return float((np.sum(s * m) + 0.2) / (np.sum(s * s) + 0.2))
