"""How the ledger weighs its readings: two logistic regressions, from our answers and their edits to questions that the stance has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import Stance
from corpus.records import Question
from corpus.splits import is_fitted_on, is_reported
from corpus.store import Corpus
from grader.evaluation.agreement import folds_of
from grader.gaming import matter, without_asides
from grader.key_points import pieces
from grader.ledger import AT_FIRST, FEATURES, SURE, Weighing, readings

__all__ = ["States", "fit_weighings", "read_states", "shares_right", "weighing_figures"]

Floats = NDArray[np.float64]
Weighings = tuple[Weighing, Weighing]  # over AT_FIRST, over FEATURES
_FIRST = [FEATURES.index(name) for name in AT_FIRST]
STATES = ("stated", "contradicted", "missing")
FOLDS = 8
# A denial that is missed costs more than one that a human strikes out: twice the recall for the same share of right states (docs/experiments.md).
_DENIALS_COUNT = 2.0


@dataclass(frozen=True)
class States:
    """Features of points as read (n_rows, n_features), their states (indices of STATES), and the question and kind of answer of each."""

    features: Floats
    states: NDArray[np.int64]
    questions: list[str]
    kinds: list[str]


def read_states(corpus: Corpus, stance: Stance, *, reported: bool = False) -> States:
    """The points of answers, and of edited answers, that no stance has learned from; or of those that figures are reported on."""
    texts = [(a.question, a.text, dict(a.key_points), a.kind) for a in corpus.answers]
    texts += [(a.question, e.applied(a.text), {**a.key_points, **e.now}, f"edit: {e.trick}") for a, e in corpus.edits]
    wanted = is_reported if reported else is_fitted_on
    features: list[Floats] = []
    states, questions, kinds = [], [], []
    for key, text, known, kind in texts:
        if not wanted(key):
            continue
        question: Question = corpus.question(key)
        held = without_asides(text, matter(question.question, question.reference_answers, question.key_points))
        if not (sentences := pieces(text, held)):
            continue
        features += [r.features for r in readings(stance, held, sentences, question.key_points, question.question)]
        states += [STATES.index(known[p.id]) for p in question.key_points]
        questions += [key] * len(question.key_points)
        kinds += [kind] * len(question.key_points)
    return States(np.array(features), np.array(states), questions, kinds)


def fit_weighings(features: Floats, states: NDArray[np.int64]) -> Weighings:
    """Fit both on (n_rows, n_features) and indices of STATES."""
    return _fit(features[:, _FIRST], states), _fit(features, states)


def _fit(features: Floats, states: NDArray[np.int64]) -> Weighing:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features)
    scale = np.where(scaler.scale_ < 1e-6, 1.0, scaler.scale_)
    weights = np.where(states == STATES.index("contradicted"), _DENIALS_COUNT, 1.0)
    model = LogisticRegression(C=1.0, max_iter=2000).fit((features - scaler.mean_) / scale, states, sample_weight=weights)
    learned = np.vstack([model.coef_.T, model.intercept_])
    return Weighing(np.round(scaler.mean_, 5), np.round(scale, 5).astype(np.float64), np.round(learned, 5))


def weighing_figures(rows: States) -> dict[str, Any]:
    """With the question held out: share of points with the right state, over answers, over edits, and by what happened to the point."""
    found, folds = np.zeros(len(rows.states), int), folds_of(rows.questions, FOLDS)
    for k in sorted(set(folds.tolist())):
        mine = folds == k
        found[mine] = _states(fit_weighings(rows.features[~mine], rows.states[~mine]), rows.features[mine])
    return _shares(rows, found)


def shares_right(rows: States, weighings: Weighings) -> dict[str, Any]:
    """The same shares by weighings that saw none of these questions."""
    return _shares(rows, _states(weighings, rows.features))


def _states(weighings: Weighings, features: Floats) -> NDArray[np.int64]:
    """Nearly as the ledger finds them: by the whole where it is sure that the point is missing, else by all features."""
    first, whole = weighings[0].of(features[:, _FIRST]), weighings[1].of(features)
    return np.asarray(np.where(first[:, 2] >= SURE, 2, whole.argmax(axis=1)))


def _shares(rows: States, found: NDArray[np.int64]) -> dict[str, Any]:
    right, kinds = found == rows.states, np.array(rows.kinds)
    edited, harmless = np.char.startswith(kinds, "edit"), kinds == "edit: harmless"
    shares = {
        "answers": ~edited,
        "edits": edited,
        "contradicted_in_answers": ~edited & (rows.states == 1),
        "contradicted_in_edits": edited & (rows.states == 1),
        "stated_in_answers": ~edited & (rows.states == 0),
        "stated_in_harmless_edits": harmless & (rows.states == 0),
    }
    return {"points": len(right)} | {name: round(float(right[mine].mean()), 4) for name, mine in shares.items() if mine.any()}
