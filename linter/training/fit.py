"""Detectors with one writer left out at a time, then one decision over their out-of-fold signals.

Every number the decision learns from comes from a detector that has not seen the writer of the sentence, and the stance
model has seen none of the sentences it is weighed on: writers kept apart, facts younger than it, the question bank. The figures reported are
cross-validated over facts as well, so that the decision has not seen the fact either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from corpus import Corpus, Encoder, Fact
from corpus.meaning import Stance
from corpus.meaning.delta import trained_facts
from corpus.records import UNSEEN_WRITERS
from linter.detect.bundle import BANK, background, builtin_bundle, dump, fact_key, learned_from, train_one
from linter.detect.cues import Cues
from linter.detect.decision import SIGNALS, stance_signals
from linter.detect.detectors import Example

__all__ = ["Report", "train"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MORE_WRITERS = frozenset({"hurried-student", "whatsapp-colleague"})  # held out too where the stance model knows nothing of the fact
WEIGHED = 0.97  # of the false sentences pass a first, wider screen; on what passes it the verdict is fitted
SCREEN_MISSES = 0.01  # of what the verdict finds may be lost to the screen that is shipped, so that the stance model reads few
_NEVER = 30.0  # log-odds of what the screen kept back
NEAR_ALARMS, PROSE_ALARMS = 0.04, 0.006  # of true sentences by unseen writers: made to look false, and any that pass a gate


@dataclass(frozen=True)
class _Row:
    fact: str
    example: Example
    signals: list[float]


@dataclass(frozen=True)
class Report:
    """What was fitted and how well it does on writers and facts it has not seen."""

    figures: dict[str, Any]


def train(corpus: Corpus, encoder: Encoder, stance: Stance, prose: Sequence[str] = (), folder: Path | None = None) -> Report:
    """Write `detectors.npz`, `decision.json` and `metrics.json` into `folder` (default: where the linter reads them).

    `prose` are true sentences of the field about anything: manuals, right answers. Detectors learn to stay silent on them.
    """
    folder = folder or builtin_bundle().parent
    pool = background(corpus) | dict.fromkeys(prose, BANK)
    vectors = dict(zip(pool, encoder.encode(list(pool)), strict=True))
    learned = dict(zip(corpus.facts, learned_from(corpus, corpus.facts, pool, vectors), strict=True))
    rows = _out_of_fold(learned, vectors)
    cheap = np.array([r.signals for r in rows])
    labels = np.array([r.example.false for r in rows])
    screen = _model().fit(cheap, labels)
    facts = np.array([r.fact for r in rows])
    screened = cross_val_predict(_model(), cheap, labels, groups=facts, cv=GroupKFold(8), method="decision_function")
    wide = float(np.quantile(screened[labels], 1 - WEIGHED))
    apart = _unseen_by_stance(corpus, pool)
    unseen = np.flatnonzero([r.example.text in apart for r in rows])
    passed = unseen[screened[unseen] >= wide]
    signals = np.hstack([cheap[passed], _stances(corpus, stance, [rows[int(i)] for i in passed])])
    logits = np.full(len(rows), -_NEVER)
    logits[passed] = cross_val_predict(
        _model(), signals, labels[passed], groups=facts[passed], cv=GroupKFold(8), method="decision_function"
    )
    judged = [rows[int(i)] for i in unseen]
    hard = np.array([not r.example.background for r in judged])
    threshold = _threshold(logits[unseen], labels[unseen], hard)
    found = screened[unseen][labels[unseen] & (logits[unseen] >= threshold)]
    cut = float(np.quantile(found, SCREEN_MISSES)) if len(found) else wide
    figures = _figures(judged, logits[unseen], screened[unseen], labels[unseen], hard, threshold, cut)
    verdict = _model().fit(signals, labels[passed])
    decision = {
        "signals": list(SIGNALS),
        "screen": _record(screen),
        "verdict": _record(verdict),
        "screen_threshold": round(_probability(cut), 5),
        "threshold": round(_probability(threshold), 5),
    }
    folder.mkdir(parents=True, exist_ok=True)
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    trained = {fact.code: train_one(fact.code, examples, vectors) for fact, examples in learned.items()}
    (folder / "detectors.npz").write_bytes(dump(trained, keys))
    (folder / "decision.json").write_text(json.dumps(decision, indent=1) + "\n", "utf-8")
    (folder / "metrics.json").write_text(json.dumps({"corpus": corpus.version, "stance": stance.name, **figures}, indent=1) + "\n", "utf-8")
    return Report(figures)


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))


def _unseen_by_stance(corpus: Corpus, pool: Mapping[str, str]) -> set[str]:
    """Texts the stance model was not trained on: of the writers kept apart, of facts it does not know, of no fact at all."""
    known = trained_facts()
    texts = {text for text, code in pool.items() if code == BANK or code not in known}
    return texts | {w.text for w in corpus.wordings if w.writer in UNSEEN_WRITERS}


def _stances(corpus: Corpus, stance: Stance, rows: Sequence[_Row]) -> Floats:
    statements = {fact.code: fact.statement for fact in corpus.facts}
    return stance_signals(stance.judge([(r.example.text, statements[r.fact]) for r in rows]))


def _out_of_fold(learned: Mapping[Fact, list[Example]], vectors: Mapping[str, npt.NDArray[np.float32]]) -> list[_Row]:
    rows = []
    known, writers = trained_facts(), {True: UNSEEN_WRITERS, False: UNSEEN_WRITERS | MORE_WRITERS}
    for fact, examples in learned.items():
        for group in sorted({e.group for e in examples if e.background or e.group in writers[fact.code in known]}):
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


def _threshold(logits: Floats, labels: Bools, hard: Bools) -> float:
    """Where neither more than `NEAR_ALARMS` of the true sentences made to look false nor `PROSE_ALARMS` of all others are flagged."""
    near, prose = logits[~labels & hard], logits[~labels & ~hard]
    return float(max(np.quantile(near, 1 - NEAR_ALARMS), np.quantile(prose, 1 - PROSE_ALARMS)))


def _figures(
    rows: list[_Row], logits: Floats, screened: Floats, labels: Bools, hard: Bools, threshold: float, cut: float
) -> dict[str, Any]:
    """Of sentences that detectors and stance have not seen; what is flagged has passed the screen as well."""
    writers, passed = np.array([r.example.group for r in rows]), screened >= cut
    flagged = passed & (logits >= threshold)
    own = hard | labels
    strict = float(np.quantile(logits[~labels & hard], 0.99))

    def auc(values: Floats) -> float:
        return round(float(roc_auc_score(labels[own], values[own])), 4)

    return {
        "facts": len({r.fact for r in rows}),
        "sentences": len(rows),
        "auc_own_sentences": auc(logits),
        "auc_without_stance": auc(screened),
        "auc_lexical_alone": auc(np.array([r.signals[0] for r in rows])),
        "auc_cosine_contrast_alone": auc(np.array([r.signals[2] for r in rows])),
        "recall_at_threshold": _share(flagged[labels]),
        "false_alarms_near_sentences": _share(flagged[~labels & hard]),
        "false_alarms_background": _share(flagged[~labels & ~hard]),
        "passed_to_stance_background": _share(passed[~labels & ~hard]),
        "recall_at_1_percent_of_near_sentences": _share(passed[labels] & (logits[labels] >= strict)),
        "recall_by_held_out_writer": {
            writer: _share(flagged[labels & (writers == writer)]) for writer in sorted(set(writers[labels].tolist()))
        },
    }


def _share(hits: Bools) -> float:
    return round(float(hits.mean()), 4)


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _record(model: Pipeline) -> dict[str, Any]:
    scaler, regression = model[0], model[-1]
    return {
        "mean": _rounded(scaler.mean_),
        "scale": _rounded(scaler.scale_),
        "weights": _rounded(regression.coef_[0]),
        "intercept": round(float(regression.intercept_[0]), 5),
    }


def _rounded(values: Floats) -> list[float]:
    return [round(float(v), 5) for v in values]
