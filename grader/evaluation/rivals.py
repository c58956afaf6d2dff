"""What the product is compared with, fitted in the same run on the same folds: a cosine, lexical features, sentence vectors.

Each rival is a function of rows to features and an estimator of marks and of labels on top. All are fitted to the marks
of the training rows, so that every one is calibrated to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.contrast import FEATURES, analyse, contrast
from grader.evaluation.rows import Row
from grader.signals import Encoder

__all__ = ["COSINE", "LEXICAL", "VECTORS", "Rival", "isotonic_map", "rivals"]

Floats = NDArray[np.float64]
COSINE, LEXICAL, VECTORS = "cosine + isotonic", "lexical + boosting", "MiniLM vectors + logistic regression"
_LEVELS = 5  # marks are binned to 0/5 .. 5/5 where a classifier stands for a regression


@dataclass(frozen=True)
class Rival:
    """Features of rows, and what is fitted on them."""

    name: str
    features: Callable[[Sequence[Row]], Floats]
    marks: Callable[[Floats, Floats, Floats], Floats]  # fit features, fit marks, features -> marks in [0, 1]
    labels: Callable[[Floats, Sequence[str], Floats], list[str]]


def rivals(encoder: Encoder) -> tuple[Rival, ...]:
    """The three of the issue."""
    return (
        Rival(COSINE, lambda rows: _cosines(rows, encoder)[:, None], _isotonic_marks, _isotonic_labels),
        Rival(LEXICAL, _lexical, _boosted_marks, _boosted_labels),
        Rival(VECTORS, lambda rows: _vectors(rows, encoder), _logistic_marks, _logistic_labels),
    )


def isotonic_map(scores: Floats, marks: Floats, new: Floats) -> Floats:
    """The monotone map of scores to marks with the least squared error, applied to new scores; all of shape (n,)."""
    from sklearn.isotonic import IsotonicRegression

    return np.asarray(IsotonicRegression(out_of_bounds="clip").fit(scores, marks).predict(new), float)


def _nearest(rows: Sequence[Row], encoder: Encoder) -> tuple[Floats, Floats]:
    """Vectors of the answers and of the nearest reference of each, both (n_rows, n_dims)."""
    answers = encoder.encode([row.answer for row in rows]).astype(float)
    best = []
    for row, vector in zip(rows, answers, strict=True):
        references = encoder.encode(list(row.references)).astype(float)
        best.append(references[int((references @ vector).argmax())])
    return answers, np.array(best)


def _cosines(rows: Sequence[Row], encoder: Encoder) -> Floats:
    answers, best = _nearest(rows, encoder)
    return np.asarray(np.round((answers * best).sum(axis=1), 6))


def _vectors(rows: Sequence[Row], encoder: Encoder) -> Floats:
    answers, best = _nearest(rows, encoder)
    return np.hstack([np.abs(answers - best), answers * best, (answers * best).sum(axis=1)[:, None]])


def _lexical(rows: Sequence[Row]) -> Floats:
    """Overlap, negation, numbers, opposites and lengths against the reference with most shared words; no vectors."""
    recall = FEATURES.index("recall")
    out = []
    for row in rows:
        mine, given = analyse(row.answer), frozenset(analyse(row.question).stems)
        lines = [contrast(mine, analyse(r), 0.0, given) for r in row.references]
        top = max(range(len(lines)), key=lambda i: (lines[i][recall], -i))
        theirs = analyse(row.references[top])
        out.append([*lines[top], len(mine.stems), len(mine.stems) / max(1, len(theirs.stems)), mine.n_words])
    return np.array(out, float)


def _isotonic_marks(fit: Floats, marks: Floats, new: Floats) -> Floats:
    return isotonic_map(fit[:, 0], marks, new[:, 0])


def _isotonic_labels(fit: Floats, labels: Sequence[str], new: Floats) -> list[str]:
    """One monotone map (rising or falling) for every class against the rest, each divided by the share of the class."""
    from sklearn.isotonic import IsotonicRegression

    names = sorted(set(labels))
    of = np.array(labels)
    chances = []
    for name in names:
        hit = (of == name).astype(float)
        rising = float(((fit[:, 0] - fit[:, 0].mean()) * hit).sum()) >= 0
        model = IsotonicRegression(increasing=rising, out_of_bounds="clip").fit(fit[:, 0], hit)
        chances.append(model.predict(new[:, 0]) / hit.mean())
    return [names[int(i)] for i in np.argmax(chances, axis=0)]


def _boosted_marks(fit: Floats, marks: Floats, new: Floats) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=120, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=20, random_state=0)
    return np.asarray(np.clip(model.fit(fit, marks).predict(new), 0, 1), float)


def _boosted_labels(fit: Floats, labels: Sequence[str], new: Floats) -> list[str]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=20, class_weight="balanced", random_state=0
    )
    return [str(label) for label in model.fit(fit, list(labels)).predict(new)]


def _logistic_marks(fit: Floats, marks: Floats, new: Floats) -> Floats:
    """The mean mark of the levels, weighed by their probabilities."""
    levels = np.round(marks * _LEVELS).astype(int)
    if len(set(levels.tolist())) < 2:
        return np.full(len(new), float(marks.mean()))
    model = _logistic(None).fit(fit, levels)
    worth = np.array([marks[levels == level].mean() for level in model[-1].classes_])
    return np.asarray(model.predict_proba(new) @ worth)


def _logistic_labels(fit: Floats, labels: Sequence[str], new: Floats) -> list[str]:
    return [str(label) for label in _logistic("balanced").fit(fit, list(labels)).predict(new)]


def _logistic(class_weight: str | None) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.003, class_weight=class_weight, max_iter=500))
