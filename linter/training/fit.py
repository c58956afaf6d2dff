"""Detectors by leave-one-writer-out, then one decision over their out-of-fold signals.

Every number the decision learns from comes from a detector that has not seen the writer of the sentence. The figures
reported are cross-validated over facts as well, so that the decision has not seen the fact either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from corpus import Corpus, Encoder
from linter.detect.bundle import background, builtin_bundle, dump, fact_key, train_all, train_one
from linter.detect.cues import Cues
from linter.detect.decision import SIGNALS
from linter.detect.detectors import Example, examples_of
from linter.detect.gate import Gate

__all__ = ["Report", "train"]

Floats = npt.NDArray[np.float64]
FALSE_ALARM_RATE = 0.0125  # of all true sentences: the facts' own (about a quarter) and the background that passes their gates


@dataclass(frozen=True)
class _Row:
    fact: str
    example: Example
    signals: list[float]


@dataclass(frozen=True)
class Report:
    """What was fitted and how well it does on writers and facts it has not seen."""

    figures: dict[str, Any]


def train(corpus: Corpus, encoder: Encoder, folder: Path | None = None) -> Report:
    """Write `detectors.npz` and `decision.json` into `folder` (default: where the linter reads them)."""
    folder = folder or builtin_bundle().parent
    rows = _out_of_fold(corpus, encoder)
    signals = np.array([r.signals for r in rows])
    labels = np.array([r.example.false for r in rows])
    groups = np.array([r.fact for r in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    logits = cross_val_predict(model, signals, labels, groups=groups, cv=GroupKFold(8), method="decision_function")
    hard = np.array([not r.example.background for r in rows])
    threshold = _threshold(logits, labels)
    figures = _figures(rows, logits, labels, hard, threshold)
    model.fit(signals, labels)
    scaler, regression = model[0], model[-1]
    decision = {
        "signals": list(SIGNALS),
        "mean": _rounded(scaler.mean_),
        "scale": _rounded(scaler.scale_),
        "weights": _rounded(regression.coef_[0]),
        "intercept": round(float(regression.intercept_[0]), 5),
        "threshold": round(float(1 / (1 + np.exp(-threshold))), 5),
    }
    folder.mkdir(parents=True, exist_ok=True)
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    (folder / "detectors.npz").write_bytes(dump(train_all(corpus, encoder, corpus.facts), keys))
    (folder / "decision.json").write_text(json.dumps(decision, indent=1) + "\n", "utf-8")
    (folder / "metrics.json").write_text(json.dumps({"corpus": corpus.version, **figures}, indent=1) + "\n", "utf-8")
    return Report(figures)


def _out_of_fold(corpus: Corpus, encoder: Encoder) -> list[_Row]:
    facts, gate = corpus.facts, Gate(corpus.facts)
    beside = background(corpus)
    passed = {text: set(gate.candidates(text)) for text in beside}
    vectors = dict(zip(beside, encoder.encode(list(beside)), strict=True))
    rows = []
    for number, fact in enumerate(facts):
        others = [text for text, code in beside.items() if number in passed[text] and code != fact.code]
        examples = examples_of(fact, corpus.wordings, others)
        for group in sorted({e.group for e in examples}):
            seen = [e for e in examples if e.group != group]
            held = [e for e in examples if e.group == group]
            if any(e.false for e in seen):
                rows += _score(fact.code, Cues(fact), seen, held, vectors)
    return rows


def _score(code: str, cues: Cues, seen: list[Example], held: list[Example], vectors: Mapping[str, npt.NDArray[np.float32]]) -> list[_Row]:
    fitted = train_one(code, seen, vectors)
    stacked = np.stack([vectors[e.text] for e in held])
    near = fitted.memory.nearness(stacked)
    meaning = fitted.detector.vector_logits(stacked)
    return [
        _Row(
            code,
            example,
            [fitted.detector.lexical_logit(example.text), float(by_vector), float(f - t), float(f), *cues.row(example.text, "")],
        )
        for example, by_vector, (f, t) in zip(held, meaning, near, strict=True)
    ]


def _threshold(logits: Floats, labels: npt.NDArray[np.bool_]) -> float:
    """Where `FALSE_ALARM_RATE` of the true sentences about the facts' own matters would be flagged, all of them counted."""
    return float(np.quantile(logits[~labels], 1 - FALSE_ALARM_RATE))


def _figures(
    rows: list[_Row], logits: Floats, labels: npt.NDArray[np.bool_], hard: npt.NDArray[np.bool_], threshold: float
) -> dict[str, Any]:
    writers = np.array([r.example.group for r in rows])
    own = hard | labels
    strict = float(np.quantile(logits[~labels & hard], 0.99))
    return {
        "facts": len({r.fact for r in rows}),
        "sentences": len(rows),
        "auc_own_sentences": round(float(roc_auc_score(labels[own], logits[own])), 4),
        "auc_lexical_alone": round(float(roc_auc_score(labels[own], np.array([r.signals[0] for r in rows])[own])), 4),
        "auc_cosine_contrast_alone": round(float(roc_auc_score(labels[own], np.array([r.signals[2] for r in rows])[own])), 4),
        "recall_at_threshold": round(float((logits[labels] >= threshold).mean()), 4),
        "false_alarms_near_sentences": round(float((logits[~labels & hard] >= threshold).mean()), 4),
        "false_alarms_background": round(float((logits[~labels & ~hard] >= threshold).mean()), 4),
        "recall_at_1_percent_of_near_sentences": round(float((logits[labels] >= strict).mean()), 4),
        "recall_by_held_out_writer": {
            writer: round(float((logits[labels & (writers == writer)] >= threshold).mean()), 4)
            for writer in sorted(set(writers[labels].tolist()))
        },
    }


def _rounded(values: Floats) -> list[float]:
    return [round(float(v), 5) for v in values]
