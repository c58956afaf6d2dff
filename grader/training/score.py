"""The scoring model: two monotone boosted ordinals and a logistic head for the wrong classes, saved as plain numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import Stance
from grader.key_points import derive_points, ledger, pieces
from grader.scoring import ScoringModel, Trees
from grader.signals import DIRECTIONS, SIGNALS, Encoder, Material, measure

__all__ = ["LABELS", "MARKS", "Example", "fit_scoring", "held_out_marks", "nearest", "signals_of", "write_model"]

Floats = NDArray[np.float64]
LABELS = ("correct", "partially_correct_incomplete", "contradictory", "irrelevant", "non_domain")
MARKS = {"correct": 1.0, "partially_correct_incomplete": 0.5, "contradictory": 0.0, "irrelevant": 0.0, "non_domain": 0.0}
N_BINS = 8


@dataclass(frozen=True, slots=True)
class Example:
    """One marked answer; `group` is its question."""

    question: str
    references: tuple[str, ...]
    answer: str
    label: str
    group: str


def nearest(answer: str, references: Sequence[str], encoder: Encoder) -> str:
    """The reference with the highest cosine; the first of equals."""
    vectors = encoder.encode([answer, *references])
    cosines = [round(float(np.einsum("i,i->", vectors[0], v)), 4) for v in vectors[1:]]
    return references[max(range(len(references)), key=lambda i: (cosines[i], -i))]


def signals_of(rows: Sequence[Example], encoder: Encoder, stance: Stance) -> Floats:
    """Signals of answers graded without written key points, shape (n_rows, n_signals): as the pipeline measures them."""
    out = []
    for row in rows:
        points = derive_points(nearest(row.answer, row.references, encoder))
        entries = ledger(stance, row.answer, pieces(row.answer), points, row.question)
        out.append(measure(Material(row.question, row.references, row.answer, entries), encoder, stance))
    return np.array(out)


def fit_scoring(signals: Floats, labels: Sequence[str], seed: int = 0) -> ScoringModel:
    """Fit on (n_rows, n_signals) and five-way labels. Interval widths are left at their widest; see `held_out_marks`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    marks = np.array([MARKS[label] for label in labels])
    partly, right = (_trees(signals, marks >= level, seed) for level in (0.5, 1.0))
    wrong = marks == 0
    scaler = StandardScaler().fit(signals[wrong])
    scale = np.where(scaler.scale_ < 1e-6, 1.0, scaler.scale_)
    kinds = np.array([LABELS.index(label) - 2 for label in labels])[wrong]
    head = LogisticRegression(C=0.3, max_iter=2000).fit((signals[wrong] - scaler.mean_) / scale, kinds)
    weights = np.vstack([head.coef_.T, head.intercept_])
    share = np.array([max(1, sum(label == name for label in labels)) for name in LABELS], float) / len(labels)
    class_weight: Floats = np.asarray(np.power(0.2 / share, 0.4), dtype=float)
    widths = np.tile([1.0, 1.0, 0.2], (N_BINS, 1))
    edges = np.linspace(0, 1, N_BINS + 1)[1:-1]
    return ScoringModel(
        partly=partly,
        right=right,
        wrong_weights=np.round(weights, 4),
        mean=np.round(scaler.mean_, 5),
        scale=np.round(scale, 5).astype(np.float64),
        class_weight=np.round(class_weight, 4),
        edges=np.round(edges, 4).astype(np.float64),
        widths=widths,
        name="fitted",
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
    nodes: list[tuple[int, float, int, int, float]] = []
    roots = []
    for (tree,) in model._predictors:
        first = len(nodes)
        roots.append(first)
        for i, node in enumerate(tree.nodes):
            leaf = bool(node["is_leaf"])
            left, right = (first + i, first + i) if leaf else (first + int(node["left"]), first + int(node["right"]))
            threshold = 0.0 if leaf else round(float(node["num_threshold"]), 5)
            nodes.append((0 if leaf else int(node["feature_idx"]), threshold, left, right, round(float(node["value"]), 5) if leaf else 0.0))
    columns = list(zip(*nodes, strict=True))
    return Trees.of(
        {"baseline": float(model._baseline_prediction[0, 0]), "roots": roots, "depth": 5}
        | dict(zip(("feature", "threshold", "left", "right", "value"), columns, strict=True))
    )


def held_out_marks(signals: Floats, labels: Sequence[str], groups: Sequence[str], folds: int = 5) -> tuple[Floats, list[str], Floats]:
    """Scores, verdicts and interval widths (n_bins, 3) by models that saw no answer of the same question."""
    names = sorted(set(groups))
    fold = {names[g]: i % folds for i, g in enumerate(np.random.default_rng(0).permutation(len(names)))}
    mine = np.array([fold[g] for g in groups])
    scores, verdicts = np.zeros(len(labels)), [""] * len(labels)
    for k in range(folds):
        model = fit_scoring(signals[mine != k], [label for label, m in zip(labels, mine, strict=True) if m != k])
        scores[mine == k] = model.score(signals[mine == k])
        for i, verdict in zip(np.flatnonzero(mine == k), model.verdicts(signals[mine == k]), strict=True):
            verdicts[i] = verdict
    return scores, verdicts, _widths(scores, np.array([MARKS[label] for label in labels]))


def _widths(scores: Floats, marks: Floats) -> Floats:
    """Per bin of the score: how far below and above it 5 % of the marks begin, and the share of marks within a tenth."""
    edges = np.linspace(0, 1, N_BINS + 1)
    rows = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = (scores >= low) & (scores < high if high < 1 else scores <= 1)
        if inside.sum() < 30:
            rows.append([0.5, 0.5, 0.2])
            continue
        rest = marks[inside] - scores[inside]
        rows.append(
            [max(0.0, -float(np.quantile(rest, 0.05))), max(0.0, float(np.quantile(rest, 0.95))), float((np.abs(rest) <= 0.1).mean())]
        )
    return np.round(np.array(rows), 4)


def write_model(model: ScoringModel, widths: Floats, path: Path) -> None:
    """Write the artefact: names and numbers as JSON, no code."""
    record: dict[str, Any] = {
        "signals": list(SIGNALS),
        "partly": _record(model.partly),
        "right": _record(model.right),
        "widths": widths.tolist(),
    }
    record |= {k: getattr(model, k).tolist() for k in ("wrong_weights", "mean", "scale", "class_weight", "edges")}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


def _record(trees: Trees) -> dict[str, Any]:
    return {"baseline": round(trees.baseline, 6), "depth": trees.depth} | {
        k: getattr(trees, k).tolist() for k in ("roots", "feature", "threshold", "left", "right", "value")
    }
