"""The score where key points are derived: two monotone boosted ordinals and a logistic head for the wrong classes, from SemEval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import VERDICTS, Assessor, Stance
from corpus.trees import Trees
from grader.key_points import derive_points, pieces
from grader.ledger import ledger
from grader.scoring import Derived
from grader.signals import DIRECTIONS, Encoder, Material, measure, nearest

__all__ = ["MARKS", "Example", "fit_derived", "held_out", "signals_of"]

Floats = NDArray[np.float64]
MARKS = {"correct": 1.0, "partially_correct_incomplete": 0.5, "contradictory": 0.0, "irrelevant": 0.0, "non_domain": 0.0}


@dataclass(frozen=True, slots=True)
class Example:
    """One marked answer; `group` is its question."""

    question: str
    references: tuple[str, ...]
    answer: str
    label: str
    group: str


def signals_of(rows: Sequence[Example], encoder: Encoder, stance: Stance, assessor: Assessor) -> Floats:
    """Signals of answers graded without written key points, shape (n_rows, n_signals): as the pipeline measures them."""
    out = []
    for row in rows:
        points = derive_points(nearest(row.answer, row.references, encoder))
        entries = ledger(stance, row.answer, pieces(row.answer), points, row.question)
        out.append(measure(Material(row.question, row.references, row.answer, entries), encoder, stance, assessor))
    return np.array(out)


def fit_derived(signals: Floats, labels: Sequence[str], seed: int = 0) -> Derived:
    """Fit on (n_rows, n_signals) and five-way labels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    marks = np.array([MARKS[label] for label in labels])
    partly, right = (_trees(signals, marks >= level, seed) for level in (0.5, 1.0))
    wrong = marks == 0
    scaler = StandardScaler().fit(signals[wrong])
    scale = np.where(scaler.scale_ < 1e-6, 1.0, scaler.scale_)
    kinds = np.array([VERDICTS.index(label) - 2 for label in labels])[wrong]
    head = LogisticRegression(C=0.3, max_iter=2000).fit((signals[wrong] - scaler.mean_) / scale, kinds)
    share = np.array([max(1, sum(label == name for label in labels)) for name in VERDICTS], float) / len(labels)
    return Derived(
        partly=partly,
        right=right,
        wrong_weights=np.round(np.vstack([head.coef_.T, head.intercept_]), 4),
        mean=np.round(scaler.mean_, 5),
        scale=np.round(scale, 5).astype(np.float64),
        class_weight=np.round(np.asarray(np.power(0.2 / share, 0.4), dtype=float), 4),
    )


def _trees(signals: Floats, target: NDArray[np.bool_], seed: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=110,
        max_leaf_nodes=12,
        max_depth=5,
        min_samples_leaf=40,
        l2_regularization=3.0,
        monotonic_cst=list(DIRECTIONS),
        early_stopping=False,
        random_state=seed,
    ).fit(signals, target)
    return Trees.fitted(model)


def held_out(signals: Floats, labels: Sequence[str], folds: NDArray[np.int64]) -> tuple[Floats, list[str]]:
    """Scores and verdicts by models that saw no row of the same fold."""
    scores, verdicts = np.zeros(len(labels)), [""] * len(labels)
    for k in sorted(set(folds.tolist())):
        mine = folds == k
        model = fit_derived(signals[~mine], [label for label, m in zip(labels, mine, strict=True) if not m])
        scores[mine] = model.score(signals[mine])
        for i, verdict in zip(np.flatnonzero(mine), model.verdicts(signals[mine]), strict=True):
            verdicts[i] = verdict
    return scores, verdicts
