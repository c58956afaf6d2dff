"""The score where a person wrote the key points, from our own answers; and how far either score may be off.

Learned from answers to questions that neither stance nor assessor has seen; errors are measured with the question held out. (The ledger that the
answers are read with was weighed on the same questions: two small regressions over eleven numbers.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.trees import Trees
from grader.key_points import Entry
from grader.signals import RUBRIC_SIGNALS
from grader.trust import FAR, NEAR, Trust, reach_of

__all__ = ["MarkedLedger", "fit_marks", "fit_rubric", "fit_trust", "held_out_rubric"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MarkedLedger:
    """One of our own answers as the pipeline saw it: rubric signals, ledger, mark and question."""

    signals: Floats
    entries: tuple[Entry, ...]
    mark: float
    question: str


def fit_rubric(signals: Floats, marks: Floats, seed: int = 0) -> Trees:
    """Expected mark from (n_rows, n_rubric_signals); monotone by the directions of RUBRIC_SIGNALS."""
    return fit_marks(signals, marks, tuple(RUBRIC_SIGNALS.values()), seed)


def fit_marks(
    signals: Floats,
    marks: Floats,
    directions: Sequence[int],
    seed: int = 0,
    counts: Floats | None = None,
    *,
    trees: int = 100,
    leaves: int = 8,
) -> Trees:
    """Expected mark from (n_rows, n_columns), monotone by the direction of each column; `counts` (n_rows,) weighs the rows."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        learning_rate=0.06,
        max_iter=trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=20,
        l2_regularization=3.0,
        monotonic_cst=list(directions),
        early_stopping=False,
        random_state=seed,
    )
    return Trees.fitted(model.fit(signals, marks, sample_weight=counts))


def held_out_rubric(signals: Floats, marks: Floats, folds: NDArray[np.int64]) -> Floats:
    """Scores in [0, 1] by models that saw no row of the same fold."""
    scores = np.zeros(len(marks))
    for k in sorted(set(folds.tolist())):
        mine = folds == k
        scores[mine] = np.clip(fit_rubric(signals[~mine], marks[~mine]).values(signals[mine]), 0, 1)
    return scores


def fit_trust(features: Floats, scores: Floats, marks: Floats, folds: NDArray[np.int64], ours: NDArray[np.bool_] | None = None) -> Trust:
    """From held-out scores and marks in [0, 1], and the features of `trust_features`; reach and promises by cross-fitting over folds.

    Other answers teach where a score is likely off, as much as ours do, and no more: nearness, reach and promises are those of `ours`
    (n_rows,), by default all.
    """
    ours = np.ones(len(marks), bool) if ours is None else ours
    counts = np.where(ours, max(1.0, float((~ours).sum() / ours.sum())), 1.0)
    errors = np.abs(scores - marks)
    near, far = errors <= NEAR + 1e-9, errors > FAR + 1e-9
    told = np.zeros(len(marks))
    for k in sorted(set(folds.tolist())):
        mine = folds == k
        told[mine] = _chance(features[~mine], far[~mine], counts[~mine]).probabilities(features[mine])
    told = np.round(told, 4)
    kept = np.flatnonzero(ours)
    order = kept[np.argsort(told[kept], kind="stable")]
    return Trust(
        near=_chance(features[kept], near[kept], counts[kept]),
        far=_chance(features, far, counts),
        reach=round(reach_of(errors[kept], told[kept]), 4),
        held_far=told[order],
        held_off=far[order].astype(float),
    )


def _chance(features: Floats, hit: NDArray[np.bool_], counts: Floats, seed: int = 0) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model: Any = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=50,
        max_leaf_nodes=5,
        min_samples_leaf=30,
        l2_regularization=10.0,
        early_stopping=False,
        random_state=seed,
    )
    return Trees.fitted(model.fit(features, hit, sample_weight=counts))
