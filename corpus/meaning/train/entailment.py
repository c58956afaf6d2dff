"""Training of `LexicalStance`: plain sentence pairs in, a small JSON of numbers out. Never imported when serving."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import SentencePair
from corpus.meaning.contrast import FEATURES
from corpus.meaning.entailment import StanceWeights
from corpus.records import Fact, Question

__all__ = ["CLASSES", "corpus_pairs", "fit_stance", "held_out", "write_weights"]

CLASSES = ("support", "contradict", "silent")
Floats = NDArray[np.float64]


def corpus_pairs(facts: Sequence[Fact], questions: Sequence[Question], seed: int = 0) -> list[SentencePair]:
    """Pairs of our own field: wordings against statements, reference answers against key points. Groups are facts and questions."""
    rng = np.random.default_rng(seed)
    return [*_fact_pairs(facts, rng), *_question_pairs(questions, rng)]


def _fact_pairs(facts: Sequence[Fact], rng: np.random.Generator) -> Iterator[SentencePair]:
    for fact in facts:
        subject = " ".join(fact.slots.subject) if fact.slots else ""
        group, true = f"fact:{fact.code}", [fact.statement, *fact.true_wordings]
        for text, label in (
            [(t, "support") for t in true] + [(t, "contradict") for t in fact.false_wordings] + [(t, "silent") for t in fact.near_misses]
        ):
            targets = [fact.statement, *rng.choice(true, 2, replace=False)]
            if label == "silent":
                targets = targets[:1]
            for target in dict.fromkeys(map(str, targets)):
                if target != text or rng.random() < 0.3:
                    yield SentencePair(text, target, label, group, subject if rng.random() < 0.5 else "")  # type: ignore[arg-type]
        others = [f for f in facts if f.code != fact.code]
        for _ in range(12):
            other = others[int(rng.integers(len(others)))]
            text = str(rng.choice([other.statement, *other.true_wordings, *other.false_wordings]))
            yield SentencePair(text, str(rng.choice(true)), "silent", group, subject if rng.random() < 0.5 else "")


def _question_pairs(questions: Sequence[Question], rng: np.random.Generator) -> Iterator[SentencePair]:
    for question in questions:
        group = f"question:{question.id}"
        points = [p.text for p in question.key_points]
        for point in points:
            yield SentencePair(point, point, "support", group, question.question)
            for other in points:
                if other != point:
                    yield SentencePair(other, point, "silent", group, question.question)
        foreign = questions[int(rng.integers(len(questions)))]
        if foreign.id != question.id:
            yield SentencePair(foreign.key_points[0].text, points[0], "silent", group, question.question)


def fit_stance(pairs: Sequence[SentencePair], features: Floats, weight: Floats, *, hidden: int = 0, seed: int = 0) -> StanceWeights:
    """Fit on (n_pairs, n_features) with a weight per pair; `hidden` units, 0 for a plain multinomial logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    labels = np.array([CLASSES.index(p.label) for p in pairs])
    scaler = StandardScaler().fit(features)
    x = scaler.transform(features)
    if hidden:
        net = MLPClassifier(
            (hidden,),
            alpha=1e-2,
            random_state=seed,
            max_iter=60,
            early_stopping=False,
            learning_rate_init=3e-3,
            batch_size=256,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net.fit(x, labels, sample_weight=weight)
        layers = tuple((np.round(w, 4), np.round(b, 4)) for w, b in zip(net.coefs_, net.intercepts_, strict=True))
    else:
        model = LogisticRegression(C=0.3, max_iter=2000).fit(x, labels, sample_weight=weight)
        layers = ((np.round(model.coef_.T, 4), np.round(model.intercept_, 4)),)
    return StanceWeights(np.round(scaler.mean_, 6), np.maximum(np.round(scaler.scale_, 6), 1e-3), layers, "fitted")


def held_out(pairs: Sequence[SentencePair], features: Floats, weight: Floats, *, hidden: int = 0, folds: int = 4) -> Floats:
    """Probabilities (n_pairs, 3) of each pair by a model that saw no pair of its group."""
    groups = sorted({p.group for p in pairs})
    order = np.random.default_rng(7).permutation(len(groups))
    fold = {groups[g]: int(i % folds) for i, g in enumerate(order)}
    mine = np.array([fold[p.group] for p in pairs])
    out = np.zeros((len(pairs), 3))
    for k in range(folds):
        train = np.flatnonzero(mine != k)
        model = fit_stance([pairs[int(i)] for i in train], features[train], weight[train], hidden=hidden)
        out[mine == k] = model.probabilities(features[mine == k])
    return out


def write_weights(weights: StanceWeights, path: Path, note: dict[str, Any]) -> None:
    """Write the weights as JSON: numbers and names, no code."""
    layers = [{"weights": w.tolist(), "bias": b.tolist()} for w, b in weights.layers]
    record = {
        "features": list(FEATURES),
        "classes": list(CLASSES),
        "mean": weights.mean.tolist(),
        "scale": weights.scale.tolist(),
        "layers": layers,
        "note": note,
    }
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")
