"""Few marked answers of one question -> that question's scale: a Gaussian process over what the model got wrong.

The error of the model is a shift of the whole question, a slope in its own score, and what answers in like words have in
common; each with a prior that keeps it small until marks say otherwise. Source: Rasmussen and Williams (2006), Gaussian
Processes for Machine Learning, sections 2.2 and 5.4.2 (leave-one-out in closed form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Marked", "next_to_mark"]

Floats = NDArray[np.float64]
# Standard deviations on the scale 0..1, and the reach in cosine distance: chosen on SemEval train questions that no model had seen
# (3, 5 and 11 marks; near these values the error hardly changes).
# The shift is wider than those two sets ask for: people differ in leniency more than their markers do, and there it costs nothing.
_SHIFT, _SLOPE, _LIKENESS, _REACH = 0.2, 0.3, 0.35, 0.4
_NOISE = 0.25  # of one mark: another rater, another day
FAR = 0.1  # scores farther apart than this are unlike each other


@dataclass(frozen=True)
class Marked:
    """Marked answers of one question: what the model and the human gave them, both (n,) in [0, 1], and their unit vectors (n, d)."""

    scores: Floats
    marks: Floats
    vectors: Floats

    @classmethod
    def of(cls, scores: Sequence[float], marks: Sequence[float], vectors: NDArray[np.floating]) -> Marked:
        """From plain rows."""
        return cls(np.asarray(scores, float), np.asarray(marks, float), np.asarray(vectors, float))

    def calibrate(self, score: float, vector: NDArray[np.floating]) -> tuple[float, float]:
        """The score of an answer on this question's scale, in [0, 1], and the share of the model's uncertainty that is left, in (0, 1].

        Never decreasing in `score`; without marks it is the score itself.
        """
        if not len(self.scores):
            return score, 1.0
        near = self._kernel(np.array([score]), np.asarray(vector, float)[None])[0]
        flat = max(0.0, -1.0 - self._slope) * (score - 0.5)  # the order of two scores is never turned round
        prior = _SHIFT**2 + (_SLOPE * (score - 0.5)) ** 2 + _LIKENESS**2
        left = prior - _total(near * (self._inverse @ near))
        spread = float(np.sqrt((max(left, 0.0) + _NOISE**2) / (prior + _NOISE**2)))
        return min(1.0, max(0.0, score + _total(near * self._weights) + flat)), min(1.0, spread)

    def left_out(self) -> Floats:
        """Each marked answer's score as calibrated by all the others, (n,) in [0, 1]."""
        return np.asarray(np.clip(self.marks - self._weights / np.diag(self._inverse), 0, 1))

    def left_out_error(self) -> float:
        """Root mean square of what `left_out` is off by; nan without marks."""
        return float(np.sqrt(np.mean((self.left_out() - self.marks) ** 2)))

    def first(self, n: int) -> Marked:
        """The first `n` of them."""
        return Marked(self.scores[:n], self.marks[:n], self.vectors[:n])

    def _kernel(self, scores: Floats, vectors: Floats) -> Floats:
        cosines = np.einsum("id,jd->ij", vectors, self.vectors)
        slopes = np.outer(scores - 0.5, self.scores - 0.5)
        return np.asarray(_SHIFT**2 + _SLOPE**2 * slopes + _LIKENESS**2 * np.exp((cosines - 1) / _REACH))

    @cached_property
    def _inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self._kernel(self.scores, self.vectors) + _NOISE**2 * np.eye(len(self.scores))))

    @cached_property
    def _weights(self) -> Floats:
        return np.asarray(self._inverse @ (self.marks - self.scores))

    @cached_property
    def _slope(self) -> float:
        """How much faster than the model's score the calibrated one grows."""
        return _SLOPE**2 * _total(self._weights * (self.scores - 0.5))


def next_to_mark(scores: Sequence[float], widths: Sequence[float], known: Sequence[float], limit: int) -> list[tuple[int, bool]]:
    """Which answers to mark next, at most `limit`, best first: their index, and whether none with a like score is known yet.

    Args:
        scores, widths: The model's scores of unmarked answers in [0, 1], and how wide their intervals are.
        known: Scores of the answers that are marked.
    """
    left, seen = dict(enumerate(scores)), list(known)
    chosen: list[tuple[int, bool]] = []
    while left and len(chosen) < limit:
        distance = {i: min((abs(score - other) for other in seen), default=1.0) for i, score in left.items()}
        best = max(left, key=lambda i: (distance[i] + widths[i], -i))
        chosen.append((best, distance[best] > FAR))
        seen.append(left.pop(best))
    return chosen


def _total(values: Floats) -> float:
    return float(np.cumsum(values)[-1])  # in order: the same bytes on every machine
