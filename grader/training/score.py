"""The score where key points are derived: boosted trees learned from our own answers, two monotone ordinals and a logistic head for the verdict.

Our answers are read for it as if nobody had written key points for their questions; and a sentence or two of them against one key point as if that
were the whole reference, since many references are as short. SemEval's answers have a verdict but no mark: they teach what gives the verdict, not the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import VERDICTS, Assessor, Stance
from corpus.trees import Trees
from grader.key_points import derive_points, pieces
from grader.ledger import ledger
from grader.scoring import Derived
from grader.signals import DIRECTIONS, SIGNALS, Encoder, Material, measure, nearest
from grader.training.rubric import fit_marks

__all__ = ["Example", "Judged", "fit_derived", "held_out", "signals_of"]

Floats = NDArray[np.float64]
_MARKS = {"correct": 1.0, "partially_correct_incomplete": 0.5, "contradictory": 0.0, "irrelevant": 0.0, "non_domain": 0.0}
# What a row of each kind counts for the verdict and for the mark. Beside more of our answers the school answers are read worse (docs/experiments.md).
_FOR_VERDICT = {"own": 0.3, "school": 1.0, "short": 0.0}
_FOR_MARK = {"own": 1.0, "school": 0.0, "short": 0.3}
_ASSESSED_COLUMNS = [i for i, name in enumerate(SIGNALS) if name.startswith("assessed")]


@dataclass(frozen=True, slots=True)
class Example:
    """One marked answer; `group` is its question."""

    question: str
    references: tuple[str, ...]
    answer: str
    label: str
    group: str


@dataclass(frozen=True)
class Judged:
    """Answers with their verdict; `marks` in [0, 1], of our own answers those of their authors, of others what the verdict is worth.

    `kinds`: "own" answers, of "school", and "short" ones: a sentence or two of ours against one key point, whose verdict is not used.
    """

    signals: Floats  # (n_rows, n_signals)
    labels: Sequence[str]
    marks: Floats  # (n_rows,)
    kinds: NDArray[np.str_]
    groups: Sequence[str]

    @classmethod
    def of(cls, signals: Floats, labels: Sequence[str], groups: Sequence[str], marks: Floats | None = None, kind: str = "own") -> Judged:
        """Answers with marks, or those of school."""
        worth = np.array([_MARKS[label] for label in labels]) if marks is None else marks
        return cls(signals, labels, worth, np.full(len(labels), "school" if marks is None else kind), groups)

    @property
    def own(self) -> NDArray[np.bool_]:
        """Where our own whole answers stand."""
        return np.asarray(self.kinds == "own")

    def __add__(self, other: Judged) -> Judged:
        joined = [np.concatenate([getattr(self, k), getattr(other, k)]) for k in ("signals", "marks", "kinds")]
        return Judged(joined[0], [*self.labels, *other.labels], joined[1], joined[2], [*self.groups, *other.groups])

    def only(self, which: NDArray[np.bool_]) -> Judged:
        """The rows where `which` (n_rows,) is true."""
        at = np.flatnonzero(which)
        labels, groups = ([of[int(i)] for i in at] for of in (self.labels, self.groups))
        return Judged(self.signals[at], labels, self.marks[at], self.kinds[at], groups)


def signals_of(rows: Sequence[Example], encoder: Encoder, stance: Stance, assessor: Assessor) -> Floats:
    """Signals of answers graded without written key points, shape (n_rows, n_signals): as the pipeline measures them, but for the facts."""
    out = []
    for row in rows:
        points = derive_points(nearest(row.answer, row.references, encoder))
        entries = ledger(stance, row.answer, pieces(row.answer), points, row.question)
        out.append(measure(Material(row.question, row.references, row.answer, entries), encoder, assessor))
    return np.array(out)


def fit_derived(rows: Judged, seed: int = 0) -> Derived:
    """Fit on rows of all kinds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    for_mark = np.array([_FOR_MARK[kind] for kind in rows.kinds])
    taught, counts = rows.only(for_mark > 0), for_mark[for_mark > 0]
    mark = fit_marks(_unassessed(taught.signals), taught.marks, DIRECTIONS, seed, counts, trees=150, leaves=10)
    rows = rows.only(np.array([_FOR_VERDICT[kind] > 0 for kind in rows.kinds]))
    worth, counts = np.array([_MARKS[label] for label in rows.labels]), np.array([_FOR_VERDICT[kind] for kind in rows.kinds])
    partly, right = (_trees(rows.signals, worth >= level, counts, seed) for level in (0.5, 1.0))
    wrong = worth == 0
    scaler = StandardScaler().fit(rows.signals[wrong])
    scale = np.where(scaler.scale_ < 1e-6, 1.0, scaler.scale_)
    kinds = np.array([VERDICTS.index(label) - 2 for label in rows.labels])[wrong]
    head = LogisticRegression(C=0.3, max_iter=2000).fit((rows.signals[wrong] - scaler.mean_) / scale, kinds, sample_weight=counts[wrong])
    share = np.array([max(1.0, counts[[label == name for label in rows.labels]].sum()) for name in VERDICTS]) / counts.sum()
    return Derived(
        mark=mark,
        partly=partly,
        right=right,
        wrong_weights=np.round(np.vstack([head.coef_.T, head.intercept_]), 4),
        mean=np.round(scaler.mean_, 5),
        scale=np.round(scale, 5).astype(np.float64),
        class_weight=np.round(np.asarray(np.power(0.2 / share, 0.4), dtype=float), 4),
    )


def _unassessed(signals: Floats) -> Floats:
    """The signals with no word of the assessor in them: trees split on nothing that does not vary."""
    out = signals.copy()
    out[:, _ASSESSED_COLUMNS] = 0.0
    return out


def _trees(signals: Floats, target: NDArray[np.bool_], counts: Floats, seed: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model: Any = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=110,
        max_leaf_nodes=12,
        max_depth=5,
        min_samples_leaf=40,
        l2_regularization=3.0,
        monotonic_cst=list(DIRECTIONS),
        early_stopping=False,
        random_state=seed,
    )
    return Trees.fitted(model.fit(signals, target, sample_weight=counts))


def held_out(rows: Judged, folds: NDArray[np.int64]) -> tuple[Floats, list[str]]:
    """Scores and verdicts by models that saw no row of the same fold."""
    scores, verdicts = np.zeros(len(rows.labels)), [""] * len(rows.labels)
    for k in sorted(set(folds.tolist())):
        mine = folds == k
        model = fit_derived(rows.only(~mine))
        scores[mine] = model.score(rows.signals[mine])
        for i, verdict in zip(np.flatnonzero(mine), model.verdicts(rows.signals[mine]), strict=True):
            verdicts[i] = verdict
    return scores, verdicts
