"""Signals -> score, interval, verdict. Fitted with scikit-learn, kept as plain JSON numbers, evaluated with numpy.

Two gradient-boosted ordinals ("at least partly right", "right"), monotone in the signals that must be, share the
scale; a ledger of key points that a person wrote dominates them. Serving imports no scikit-learn.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.errors import ScoringModelError
from grader.records import Verdict
from grader.signals import SIGNALS

__all__ = ["MODEL_FILE", "Mark", "ScoringModel", "Trees", "combine", "load_scoring_model", "remark"]

MODEL_FILE = Path(__file__).parent / "model" / "scoring.json"
Floats = NDArray[np.float64]
WRONG: tuple[Verdict, ...] = ("contradictory", "irrelevant", "non_domain")
COLUMN = {name: i for i, name in enumerate(SIGNALS)}


@dataclass(frozen=True)
class Trees:
    """A sum of small regression trees under a logistic link. Leaves point to themselves."""

    baseline: float
    roots: NDArray[np.int64]  # (n_trees,)
    feature: NDArray[np.int64]  # (n_nodes,)
    threshold: Floats  # (n_nodes,)
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats
    depth: int

    def probabilities(self, signals: Floats) -> Floats:
        """(n_answers, n_signals) -> (n_answers,) in [0, 1]."""
        node = np.broadcast_to(self.roots, (len(signals), len(self.roots)))
        rows = np.arange(len(signals))[:, None]
        for _ in range(self.depth):
            node = np.where(signals[rows, self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])
        raw = self.baseline + np.cumsum(self.value[node], axis=1)[:, -1]
        return np.asarray(1 / (1 + np.exp(-raw)))

    @classmethod
    def of(cls, record: dict[str, Any]) -> Trees:
        """Read the plain numbers that `grader.training` writes."""
        ints = {k: np.array(record[k], dtype=np.int64) for k in ("roots", "feature", "left", "right")}
        return cls(
            float(record["baseline"]),
            threshold=np.array(record["threshold"], float),
            value=np.array(record["value"], float),
            depth=int(record["depth"]),
            **ints,
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A score on the scale 0..1, the interval that covers 90 %, the chance to be within a tenth, and a verdict."""

    score: float
    low: float
    high: float
    confidence: float
    verdict: Verdict


@dataclass(frozen=True)
class ScoringModel:
    """Everything that was learned from the SemEval train splits."""

    partly: Trees
    right: Trees
    wrong_weights: Floats  # (n_signals + 1, 3), last row the intercepts
    mean: Floats
    scale: Floats
    class_weight: Floats  # (5,) for correct, partial, contradictory, irrelevant, non_domain
    edges: Floats  # of score bins, (n_bins - 1,)
    widths: Floats  # (n_bins, 3): how far below and above 90 % lie, share within a tenth
    name: str

    def score(self, signals: Floats) -> Floats:
        """(n_answers, n_signals) -> expected mark, (n_answers,) in [0, 1]; monotone by the directions of SIGNALS."""
        return np.asarray((self.partly.probabilities(signals) + self.right.probabilities(signals)) / 2)

    def classes(self, signals: Floats) -> Floats:
        """(n_answers, 5): correct, partial, contradictory, irrelevant, non_domain; rows sum to 1."""
        right = self.right.probabilities(signals)
        partly = np.maximum(self.partly.probabilities(signals), right)
        z = np.einsum("ij,jk->ik", (signals - self.mean) / self.scale, self.wrong_weights[:-1]) + self.wrong_weights[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        wrong = e / e.sum(axis=1, keepdims=True) * (1 - partly)[:, None]
        return np.column_stack([right, partly - right, wrong])

    def verdicts(self, signals: Floats) -> list[Verdict]:
        """The likeliest class after weighing by `class_weight` (rare classes count more)."""
        names: tuple[Verdict, ...] = ("correct", "partially_correct_incomplete", *WRONG)
        return [names[int(i)] for i in (self.classes(signals) * self.class_weight).argmax(axis=1)]

    def spread(self, score: float) -> tuple[float, float, float]:
        """For a score in [0, 1]: the ends of its 90 % interval, and the chance that the mark is within a tenth."""
        below, above, near = self.widths[int(np.searchsorted(self.edges, score, side="right"))]
        return max(0.0, score - float(below)), min(1.0, score + float(above)), float(near)


def combine(
    model: ScoringModel, signals: Floats, *, written_points: int, held_weight: float = 1.0, false_part: float = 0.0, doubt: float = 0.0
) -> Mark:
    """One answer's mark from its signals.

    Args:
        model: What was learned.
        signals: Shape (n_signals,), see SIGNALS.
        written_points: How many key points a person wrote; 0 where they were derived. The more, the more the ledger rules.
        held_weight: Share of the weight that the answer is held to; less where the reference itself is doubtful.
        false_part: Share of the answer that the facts call false, weighed by their confidence, in [0, 1].
        doubt: Standard deviation of the coverage as the ledger sees it; used for the interval where points were written.

    More coverage never lowers the score; more contradiction or falsehood never raises it.
    """
    learned = float(model.score(signals[None])[0])
    covered, blamed = float(signals[COLUMN["coverage"]]), float(signals[COLUMN["contradicted"]])
    trust = 0.0 if written_points == 0 else min(0.9, 0.6 + 0.1 * written_points) * (0.5 + 0.5 * held_weight)
    score = trust * _stretch(covered) + (1 - trust) * learned
    score *= 1 - 0.6 * blamed if written_points else 1 - 0.5 * blamed
    false = float(signals[COLUMN["false_claims"]])
    score *= 1 - false * min(1.0, 0.2 + 0.8 * false_part)
    if signals[COLUMN["sentence_likeness"]] < 0.5:  # a list of terms states nothing, however well chosen
        score = min(score, 0.25 + 0.5 * float(signals[COLUMN["sentence_likeness"]]))
    if not signals[COLUMN["novelty"]]:
        score = 0.0
    score = round(min(1.0, max(0.0, score)), 4)
    low, high, near = _spread(score, doubt) if written_points else model.spread(score)
    return Mark(score, round(low, 4), round(high, 4), round(near, 4), _verdict(model, signals, score, written_points))


def remark(mark: Mark, score: float, spread: float = 1.0) -> Mark:
    """The same mark with another score; its interval moves along and is `spread` times as wide."""
    score = round(min(1.0, max(0.0, score)), 4)
    low, high = score - spread * (mark.score - mark.low), score + spread * (mark.high - mark.score)
    return Mark(score, round(max(0.0, low), 4), round(min(1.0, high), 4), mark.confidence, mark.verdict)


def _spread(score: float, doubt: float) -> tuple[float, float, float]:
    """Ends of the 90 % interval and chance to be within a tenth, were the error normal; never surer than two markers are of each other."""
    deviation = math.hypot(1.2 * doubt, 0.12)  # wide enough for nine in ten of the development answers
    return max(0.0, score - 1.645 * deviation), min(1.0, score + 1.645 * deviation), math.erf(0.1 / deviation / math.sqrt(2))


def _stretch(covered: float) -> float:
    """Coverage in [0, 1] to mark: no examiner asks for the last words, so nine tenths are full marks."""
    return min(1.0, covered / 0.92)


def _verdict(model: ScoringModel, signals: Floats, score: float, written_points: int) -> Verdict:
    blamed = float(signals[COLUMN["contradicted"]])
    if signals[COLUMN["false_claims"]] >= 0.5 or (written_points and blamed > 0 and 2 * blamed >= signals[COLUMN["coverage"]]):
        return "contradictory"
    if not written_points:
        return model.verdicts(signals[None])[0]
    if score >= 0.75:
        return "correct"
    if score >= 0.2:
        return "partially_correct_incomplete"
    return "irrelevant"


def load_scoring_model(path: Path = MODEL_FILE) -> ScoringModel:
    """Read the artefact; ScoringModelError where it is missing, damaged or made for other signals."""
    try:
        data = path.read_bytes()
        record = json.loads(data)
        if tuple(record["signals"]) != tuple(SIGNALS):
            raise ScoringModelError(f"{path}: made for other signals; run make train")
        arrays = {k: np.array(record[k], float) for k in ("wrong_weights", "mean", "scale", "class_weight", "edges", "widths")}
        return ScoringModel(
            Trees.of(record["partly"]), Trees.of(record["right"]), name=f"viva-scoring-{hashlib.sha256(data).hexdigest()[:8]}", **arrays
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScoringModelError(f"{path}: the scoring model cannot be read ({error}); run make train, or install again") from error
