"""Signals -> score, interval, verdict. Fitted with scikit-learn, kept as plain JSON numbers, evaluated with numpy.

Boosted trees over ledger and signals give the score, one set where a person wrote the key points and one where they were derived. There two
boosted ordinals ("at least partly right", "right"), which also hear an assessor of school answers, have a small say in it and give the verdict.
All are monotone in the signals that must be. Serving imports no scikit-learn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.trees import Trees
from grader.errors import ScoringModelError
from grader.key_points import Entry, doubt
from grader.records import Verdict
from grader.signals import RUBRIC_SIGNALS, SIGNALS, rubric_signals
from grader.trust import Trust

__all__ = [
    "MODEL_FILE",
    "Derived",
    "Mark",
    "ScoringModel",
    "combine",
    "load_scoring_model",
    "remark",
    "trust_features",
    "write_scoring_model",
]

MODEL_FILE = Path(__file__).parent / "model" / "scoring.json"
Floats = NDArray[np.float64]
WRONG: tuple[Verdict, ...] = ("contradictory", "irrelevant", "non_domain")
COLUMN = {name: i for i, name in enumerate(SIGNALS)}
# The share of the ordinals, and with them of the assessor, in a score with derived points: on subjects that it has not learned from it knows less
# than the other signals, yet something else (docs/experiments.md).
_ASSESSED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Mark:
    """A score on the scale 0..1, the interval that covers 90 %, the chance to be within a tenth, a verdict, and the chance to be off by more than a fifth."""

    score: float
    low: float
    high: float
    confidence: float
    verdict: Verdict
    far: float = 0.0


@dataclass(frozen=True)
class Derived:
    """Marks and verdicts where the key points were derived from the reference; learned from our own answers and from SemEval."""

    mark: Trees  # expected mark, blind to the assessor; learned from our own answers
    partly: Trees  # chance that the answer is at least partly right
    right: Trees
    wrong_weights: Floats  # (n_signals + 1, 3), last row the intercepts
    mean: Floats
    scale: Floats
    class_weight: Floats  # (5,) for correct, partial, contradictory, irrelevant, non_domain

    def score(self, signals: Floats) -> Floats:
        """(n_answers, n_signals) -> expected mark, (n_answers,) in [0, 1]; monotone by the directions of SIGNALS."""
        assessed = (self.partly.probabilities(signals) + self.right.probabilities(signals)) / 2
        return np.asarray((1 - _ASSESSED_SHARE) * np.clip(self.mark.values(signals), 0, 1) + _ASSESSED_SHARE * assessed)

    def classes(self, signals: Floats) -> Floats:
        """(n_answers, 5): correct, partial, contradictory, irrelevant, non_domain; rows sum to 1."""
        right = self.right.probabilities(signals)
        partly = np.maximum(self.partly.probabilities(signals), right)
        z = np.einsum("ij,jk->ik", (signals - self.mean) / self.scale, self.wrong_weights[:-1]) + self.wrong_weights[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        wrong = e / e.sum(axis=1, keepdims=True) * (1 - partly)[:, None]
        return np.column_stack([right, partly - right, wrong])

    def verdicts(self, signals: Floats) -> list[Verdict]:
        """The likeliest class after weighing by `class_weight` (rare classes count more)."""
        names: tuple[Verdict, ...] = ("correct", "partially_correct_incomplete", *WRONG)
        return [names[int(i)] for i in (self.classes(signals) * self.class_weight).argmax(axis=1)]


@dataclass(frozen=True)
class ScoringModel:
    """Everything that was learned: scores without and with key points that a person wrote, and how far either may be off."""

    derived: Derived
    rubric: Trees  # over RUBRIC_SIGNALS; learned from answers to our own questions
    derived_trust: Trust
    rubric_trust: Trust
    name: str = "fitted"

    def rubric_score(self, signals: Floats) -> Floats:
        """(n_answers, n_rubric_signals) -> expected mark, (n_answers,) in [0, 1]; monotone by the directions of RUBRIC_SIGNALS."""
        return np.asarray(np.clip(self.rubric.values(signals), 0, 1))


def trust_features(score: float, entries: Sequence[Entry], signals: Floats) -> Floats:
    """What tells how far a score may be off: the score, the doubt and the least sure point of the written ledger, and the signals."""
    unsure = min((e.confidence for e in entries), default=1.0)
    return np.concatenate([[score, doubt(entries), unsure], signals])


def combine(model: ScoringModel, signals: Floats, entries: Sequence[Entry] = (), *, n_claims: int = 0) -> Mark:
    """One answer's mark from its signals.

    Args:
        model: What was learned.
        signals: Shape (n_signals,), see SIGNALS.
        entries: The ledger of the key points that a person wrote and the answer is held to; () where they were derived.
        n_claims: How many of its claims the facts call false.

    More coverage never lowers the score; more contradiction or falsehood never raises it.
    """
    if entries:
        whole = rubric_signals(signals, entries, n_claims)
        score, trust = float(model.rubric_score(whole[None])[0]), model.rubric_trust
    else:
        whole, trust = signals, model.derived_trust
        score = float(model.derived.score(signals[None])[0])
    if signals[COLUMN["sentence_likeness"]] < 0.5:  # a list of terms states nothing, however well chosen
        score = min(score, 0.25 + 0.5 * float(signals[COLUMN["sentence_likeness"]]))
    if not signals[COLUMN["novelty"]]:
        score = 0.0
    score = round(min(1.0, max(0.0, score)), 4)
    near, far = trust.of(trust_features(score, entries, whole))
    low, high = trust.interval(score, far)
    verdict = _verdict(model, signals, score, written=bool(entries))
    return Mark(score, round(low, 4), round(high, 4), round(near, 4), verdict, round(far, 4))


def remark(mark: Mark, score: float, spread: float = 1.0) -> Mark:
    """The same mark with another score; its interval moves along and is `spread` times as wide."""
    score = round(min(1.0, max(0.0, score)), 4)
    low, high = score - spread * (mark.score - mark.low), score + spread * (mark.high - mark.score)
    return replace(mark, score=score, low=round(max(0.0, low), 4), high=round(min(1.0, high), 4))


def _verdict(model: ScoringModel, signals: Floats, score: float, *, written: bool) -> Verdict:
    blamed = float(signals[COLUMN["contradicted"]])
    if signals[COLUMN["false_claims"]] >= 0.5 or (written and blamed > 0 and 2 * blamed >= signals[COLUMN["coverage"]]):
        return "contradictory"
    if not written:
        return model.derived.verdicts(signals[None])[0]
    if score >= 0.75:
        return "correct"
    if score >= 0.2:
        return "partially_correct_incomplete"
    return "irrelevant"


def load_scoring_model(path: Path = MODEL_FILE) -> ScoringModel:
    """Read the artefact; ScoringModelError where it is missing, damaged or made for other signals."""
    try:
        data = path.read_bytes()
        record = json.loads(data)
        if tuple(record["signals"]) != tuple(RUBRIC_SIGNALS):
            raise ScoringModelError(f"{path}: made for other signals; run make train")
        arrays = {k: np.array(record[k], float) for k in ("wrong_weights", "mean", "scale", "class_weight")}
        mark, partly, right = (Trees.of(record[k]) for k in ("mark", "partly", "right"))
        derived = Derived(mark, partly, right, **arrays)
        trusts = {k: Trust.from_record(record[k]) for k in ("derived_trust", "rubric_trust")}
        return ScoringModel(derived, Trees.of(record["rubric"]), name=f"viva-scoring-{hashlib.sha256(data).hexdigest()[:8]}", **trusts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScoringModelError(f"{path}: the scoring model cannot be read ({error}); run make train, or install again") from error


def write_scoring_model(model: ScoringModel, path: Path = MODEL_FILE) -> None:
    """Write the artefact: names and numbers as JSON, no code."""
    derived = model.derived
    record: dict[str, Any] = {"signals": list(RUBRIC_SIGNALS)} | {k: getattr(derived, k).record() for k in ("mark", "partly", "right")}
    record |= {k: getattr(derived, k).tolist() for k in ("wrong_weights", "mean", "scale", "class_weight")}
    record |= {"rubric": model.rubric.record(), "derived_trust": model.derived_trust.record(), "rubric_trust": model.rubric_trust.record()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")
