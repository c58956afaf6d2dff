"""Detectors with one writer left out at a time, then one decision over their out-of-fold signals.

Every number the decision learns from comes from a detector that has not seen the writer of the sentence, and the stance
model has seen none of the sentences it is weighed on: writers kept apart, facts younger than it, the question bank, half of the ordinary
sentences. The figures reported are cross-validated over facts as well, so that the decision has not seen the fact either. True sentences of twins,
which lie beside, are the exception: the stance learned from nine in ten of them, though beside other statements.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
from corpus.meaning.train.apart import learned_plain
from corpus.records import UNSEEN_WRITERS
from linter.detect.bundle import (
    BANK,
    Axes,
    Trained,
    Vectors,
    background,
    builtin_bundle,
    dump,
    fact_key,
    false_sentences,
    learned_from,
    train_one,
)
from linter.detect.cues import Cues
from linter.detect.decision import CHEAP, GLANCE, SIGNALS, overlap_signals, stance_signals
from linter.detect.detectors import Example
from linter.detect.memory import axes_of

__all__ = ["Report", "train"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
MORE_WRITERS = frozenset({"hurried-student", "whatsapp-colleague"})  # held out too where the stance model knows nothing of the fact
WEIGHED = 0.97  # of the false sentences pass a first, wider screen; on what passes it the verdict is fitted
SCREEN_MISSES = 0.01  # of what the verdict finds may be lost to the screen that is shipped, so that the stance model reads few
GLANCE_MISSES = 0.01  # and to the glance at the words before it, so that few sentences are encoded
_NEVER = 30.0  # log-odds of what the screen kept back
NEAR_ALARMS, PROSE_ALARMS = 0.055, 0.01  # of true sentences by unseen writers: made to look false, and any that pass a gate


@dataclass(frozen=True)
class _Row:
    fact: str
    example: Example
    signals: list[float]
    myth: str  # the false wording of the fact's record that lies nearest, another than the example itself


@dataclass(frozen=True)
class _Judged:
    """Rows with the log-odds of each step that has not seen them, and whether they are false; all of shape (n_rows,)."""

    rows: list[_Row]
    glanced: Floats
    screened: Floats
    logits: Floats
    false: Bools

    @cached_property
    def hard(self) -> Bools:
        """Which were written about their fact, rather than about anything."""
        return np.array([not r.example.background for r in self.rows])

    def beside(self, kinds: Mapping[str, Collection[str]]) -> dict[str, Bools]:
        """Which rows of other facts, or of none, are sentences of each kind."""
        return {kind: ~self.hard & np.array([r.example.text in some for r in self.rows]) for kind, some in kinds.items()}


@dataclass(frozen=True)
class Report:
    """What was fitted and how well it does on writers and facts it has not seen."""

    figures: dict[str, Any]


def train(
    corpus: Corpus, encoder: Encoder, stance: Stance, prose: Sequence[str] = (), beside: Sequence[str] = (), folder: Path | None = None
) -> Report:
    """Write `detectors.npz`, `decision.json` and `metrics.json` into `folder` (default: where the linter reads them).

    Args:
        corpus, encoder, stance: What is learned from, and what reads it.
        prose: True sentences of the field about anything: manuals, right answers. Detectors learn to stay silent on them.
        beside: True sentences written to look false, one word from a false one. They are learned from as well, but say nothing of
            how often ordinary prose is flagged, so the threshold is not set by them.
        folder: Where the files go.
    """
    folder = folder or builtin_bundle().parent
    pool = background(corpus) | dict.fromkeys((*prose, *beside), BANK)
    encoded = encoder.encode(list(pool))
    vectors, axes = dict(zip(pool, encoded, strict=True)), axes_of(encoded)
    learned = dict(zip(corpus.facts, learned_from(corpus, corpus.facts, pool, vectors), strict=True))
    rows = _out_of_fold(learned, vectors, axes)
    apart = _unseen_by_stance(corpus, pool)
    unseen = np.flatnonzero([r.example.text in apart for r in rows])
    kinds = {"contrived": set(beside) - set(prose), "false_of_other_facts": false_sentences(corpus)}
    decision, figures = _decide(corpus, stance, rows, unseen, kinds)
    folder.mkdir(parents=True, exist_ok=True)
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    trained = {fact.code: train_one(fact.code, examples, vectors, axes) for fact, examples in learned.items()}
    (folder / "detectors.npz").write_bytes(dump(trained, keys))
    (folder / "decision.json").write_text(json.dumps(decision, indent=1) + "\n", "utf-8")
    (folder / "metrics.json").write_text(json.dumps({"corpus": corpus.version, "stance": stance.name, **figures}, indent=1) + "\n", "utf-8")
    return Report(figures)


def _decide(
    corpus: Corpus, stance: Stance, rows: Sequence[_Row], unseen: Places, kinds: Mapping[str, Collection[str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The decision, fitted, and its figures; `unseen` rows are those that the stance has not learned from.

    `kinds` of sentences say nothing of how often true prose is flagged, and are counted apart.
    """
    cheap, labels, facts = np.array([r.signals for r in rows]), np.array([r.example.false for r in rows]), np.array([r.fact for r in rows])
    at_a_glance = cheap[:, [CHEAP.index(name) for name in GLANCE]]
    glanced, screened = (_held_out(signals, labels, facts) for signals in (at_a_glance, cheap))
    wide = float(np.quantile(screened[labels], 1 - WEIGHED))
    passed = unseen[screened[unseen] >= wide]
    signals = np.hstack([cheap[passed], _read(corpus, stance, [rows[int(i)] for i in passed])])
    logits = np.full(len(rows), -_NEVER)
    logits[passed] = _held_out(signals, labels[passed], facts[passed])
    judged = _Judged([rows[int(i)] for i in unseen], glanced[unseen], screened[unseen], logits[unseen], labels[unseen])
    beside = judged.beside(kinds)
    usual = ~np.logical_or.reduce(list(beside.values()))
    threshold = _threshold(judged.logits[usual], judged.false[usual], judged.hard[usual])
    found = judged.false & (judged.logits >= threshold)
    cut = float(np.quantile(judged.screened[found], SCREEN_MISSES)) if found.any() else wide
    found &= judged.screened >= cut
    first = float(np.quantile(judged.glanced[found], GLANCE_MISSES)) if found.any() else float(glanced.min())
    decision = {
        "signals": list(SIGNALS),
        "glance": _record(_model().fit(at_a_glance, labels)),
        "screen": _record(_model().fit(cheap, labels)),
        "verdict": _record(_model().fit(signals, labels[passed])),
        "glance_threshold": round(_probability(first), 5),
        "screen_threshold": round(_probability(cut), 5),
        "threshold": round(_probability(threshold), 5),
    }
    return decision, _figures(judged, beside, threshold, cut, first)


def _held_out(signals: Floats, labels: Bools, facts: npt.NDArray[np.str_]) -> Floats:
    """Log-odds of each row by a regression that has not seen its fact."""
    return np.asarray(cross_val_predict(_model(), signals, labels, groups=facts, cv=GroupKFold(8), method="decision_function"))


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))


def _unseen_by_stance(corpus: Corpus, pool: Mapping[str, str]) -> set[str]:
    """Texts the stance model was not trained on: of the writers kept apart, of facts it does not know, of no fact at all."""
    known, learned = trained_facts(), {plain.text for plain in learned_plain(corpus)}
    texts = {text for text, code in pool.items() if (code == BANK and text not in learned) or code not in known}
    return texts | {w.text for w in corpus.wordings if w.writer in UNSEEN_WRITERS}


def _read(corpus: Corpus, stance: Stance, rows: Sequence[_Row]) -> Floats:
    """What costs more than a look: words shared with the statement, stance towards it and towards the nearest myth."""
    statements = {fact.code: fact.statement for fact in corpus.facts}
    towards = ([(r.example.text, statements[r.fact]) for r in rows], [(r.example.text, r.myth) for r in rows])
    return np.hstack([overlap_signals(towards[0]), *(stance_signals(stance, said) for said in towards)])


def _out_of_fold(learned: Mapping[Fact, list[Example]], vectors: Vectors, axes: Axes) -> list[_Row]:
    rows = []
    known, writers = trained_facts(), {True: UNSEEN_WRITERS, False: UNSEEN_WRITERS | MORE_WRITERS}
    for fact, examples in learned.items():
        for group in sorted({e.group for e in examples if e.background or e.group in writers[fact.code in known]}):
            seen = [e for e in examples if e.group != group]
            held = [e for e in examples if e.group == group]
            if any(e.false for e in seen):
                rows += _score(train_one(fact.code, seen, vectors, axes), fact, held, vectors)
    return rows


def _score(fitted: Trained, fact: Fact, held: list[Example], vectors: Vectors) -> list[_Row]:
    stacked = np.stack([vectors[e.text] for e in held])
    near, meaning, cues = fitted.memory.nearness(stacked), fitted.detector.vector_logits(stacked), Cues(fact)
    likeness = stacked @ np.stack([vectors[text] for text in fact.false_wordings]).T
    rows = []
    for example, by_vector, (f, t), likely in zip(held, meaning, near, likeness, strict=True):
        signals = [fitted.detector.lexical_logit(example.text), float(by_vector), float(f - t), float(f), *cues.row(example.text, "")]
        nearest = (fact.false_wordings[int(i)] for i in (-likely).argsort())
        rows.append(_Row(fact.code, example, signals, next(text for text in nearest if text != example.text)))
    return rows


def _threshold(logits: Floats, labels: Bools, hard: Bools) -> float:
    """Where neither more than `NEAR_ALARMS` of the true sentences made to look false nor `PROSE_ALARMS` of all others are flagged."""
    near, prose = logits[~labels & hard], logits[~labels & ~hard]
    return float(max(np.quantile(near, 1 - NEAR_ALARMS), np.quantile(prose, 1 - PROSE_ALARMS)))


def _figures(judged: _Judged, beside: Mapping[str, Bools], threshold: float, cut: float, first: float) -> dict[str, Any]:
    """Of sentences that detectors and stance have not seen; what is flagged has passed the glance and the screen as well."""
    rows, labels, hard, logits = judged.rows, judged.false, judged.hard, judged.logits
    writers, encoded = np.array([r.example.group for r in rows]), judged.glanced >= first
    passed = encoded & (judged.screened >= cut)
    flagged = passed & (logits >= threshold)
    own, prose = hard | labels, ~labels & ~hard & ~np.logical_or.reduce(list(beside.values()))
    strict = float(np.quantile(logits[~labels & hard], 0.99))

    def auc(values: Floats) -> float:
        return round(float(roc_auc_score(labels[own], values[own])), 4)

    return {
        "facts": len({r.fact for r in rows}),
        "sentences": len(rows),
        "auc_own_sentences": auc(logits),
        "auc_without_stance": auc(judged.screened),
        "auc_lexical_alone": auc(np.array([r.signals[0] for r in rows])),
        "auc_cosine_contrast_alone": auc(np.array([r.signals[2] for r in rows])),
        "recall_at_threshold": _share(flagged[labels]),
        "false_alarms_near_sentences": _share(flagged[~labels & hard]),
        "false_alarms_background": _share(flagged[prose]),
        **{f"flagged_{kind}": _share(flagged[rows_of_it]) for kind, rows_of_it in beside.items()},
        "encoded_background": _share(encoded[prose]),
        "passed_to_stance_background": _share(passed[prose]),
        "recall_at_1_percent_of_near_sentences": _share(passed[labels] & (logits[labels] >= strict)),
        "recall_by_held_out_writer": {
            writer: _share(flagged[labels & (writers == writer)]) for writer in sorted(set(writers[labels].tolist()))
        },
    }


def _share(hits: Bools) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0


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
