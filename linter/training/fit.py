"""Detectors with one writer left out at a time, then one decision over their out-of-fold signals and over whole pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Corpus, Encoder
from corpus.meaning import Stance
from linter.checker import FactChecker
from linter.detect.bundle import (
    BANK,
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
from linter.detect.memory import axes_of
from linter.training.decide import Own, first_steps, last_step, verdict_of
from linter.training.rows import Page, Row, beside_of, out_of_fold, page_rows, signals_of, unseen_by_stance

__all__ = ["Report", "train"]


@dataclass(frozen=True)
class Report:
    """What was fitted and how well it does on writers, facts and pages it has not seen."""

    figures: dict[str, Any]


def train(
    corpus: Corpus,
    encoder: Encoder,
    stance: Stance,
    pages: Sequence[Page],
    prose: Sequence[str] = (),
    beside: Sequence[str] = (),
    folder: Path | None = None,
) -> Report:
    """Write `detectors.npz`, `decision.json` and `metrics.json` into `folder` (default: where the linter reads them).

    Args:
        corpus, encoder, stance: What is learned from, and what reads it.
        pages: Whole pages with their errors marked, for the decision alone.
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
    rows = out_of_fold(learned, vectors, axes)
    trained = {fact.code: train_one(fact.code, examples, vectors, axes) for fact, examples in learned.items()}
    apart = unseen_by_stance(corpus, pool)
    kinds = {"contrived": set(beside) - set(prose), "false_of_other_facts": false_sentences(corpus)}
    decision, figures = _decide(_Ground(corpus, encoder, stance, vectors, trained), rows, apart, kinds, pages)
    folder.mkdir(parents=True, exist_ok=True)
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    (folder / "detectors.npz").write_bytes(dump(trained, keys))
    (folder / "decision.json").write_text(json.dumps(decision, indent=1) + "\n", "utf-8")
    (folder / "metrics.json").write_text(json.dumps({"corpus": corpus.version, "stance": stance.name, **figures}, indent=1) + "\n", "utf-8")
    return Report(figures)


@dataclass(frozen=True)
class _Ground:
    """What reads the rows."""

    corpus: Corpus
    encoder: Encoder
    stance: Stance
    vectors: Vectors
    trained: Mapping[str, Trained]


def _decide(
    ground: _Ground, rows: Sequence[Row], apart: Collection[str], kinds: Mapping[str, Collection[str]], pages: Sequence[Page]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The decision, fitted, and its figures; the verdict learns from the rows whose text is in `apart`, of which the stance has not learned.

    `kinds` of sentences say nothing of how often true prose is flagged, and are counted apart.
    """
    own = Own(
        cheap=np.array([r.signals for r in rows]),
        false=np.array([r.example.false for r in rows]),
        hard=np.array([not r.example.background for r in rows]),
        facts=np.array([r.fact for r in rows]),
        writers=np.array([r.example.group for r in rows]),
        beside=beside_of(rows, kinds),
    )
    steps = first_steps(own)
    unseen = np.flatnonzero([r.example.text in apart for r in rows])
    steps = replace(steps, glanced=steps.glanced[unseen], screened=steps.screened[unseen])
    passed = np.flatnonzero(steps.screened >= steps.wide)
    signals = signals_of(ground.corpus, ground.stance, [rows[int(unseen[i])] for i in passed], ground.vectors)
    own = own.at(unseen)
    first = steps.reading_all(verdict_of(signals, own.false[passed]))
    checker = FactChecker(ground.corpus, ground.encoder, stance=ground.stance, trained=ground.trained, decision=first)
    return last_step(own, steps, passed, signals, page_rows(checker, ground.encoder, pages))
