"""One calibrated decision over all signals: logistic regressions fitted by scikit-learn, evaluated here with numpy.

It has three steps that weigh the same evidence: a glance at the words, which says whether a sentence is worth encoding, a screen over
all that is cheap, and, for the few pairs that pass it, the verdict over everything: how much of the fact's statement the sentence speaks of, and the
stance of the one towards the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.meaning import Stance
from corpus.meaning.contrast import FEATURES, analyse, contrast
from linter.detect.cues import CUE_NAMES
from linter.errors import ArtefactError

__all__ = [
    "CHEAP",
    "GLANCE",
    "NEIGHBOURS",
    "N_NEIGHBOURS",
    "OVERLAP",
    "SIGNALS",
    "STANCE",
    "Decision",
    "Weights",
    "load_decision",
    "neighbour_signals",
    "overlap_signals",
    "stance_signals",
]

Floats = npt.NDArray[np.float64]
CHEAP = ("lexical", "vector", "contrast", "near_false", *CUE_NAMES)
GLANCE = ("lexical", *CUE_NAMES)
# How much of the statement the sentence speaks of, and how much else it says.
OVERLAP = ("recall", "precision", "soft_recall", "recall_raw", "jaccard", "uncovered", "extra", "length_ratio", "text_long")
# Towards the fact; then whether it repeats the false sentences about it that lie nearest, and denies the true ones.
STANCE = ("contradicts", "supports", "repeats_false", "denies_true")
SIGNALS = (*CHEAP, "borrowed", *OVERLAP, *STANCE)  # borrowed: the sentence does not name its matter itself
NEIGHBOURS = slice(len(SIGNALS) - 2, None)  # columns that cost further readings
N_NEIGHBOURS = 3  # of each side that are read
_OVERLAPPING = [FEATURES.index(name) for name in OVERLAP]
_THRESHOLDS = ("glance_threshold", "screen_threshold", "open_threshold", "threshold")
_SURE = 6.0  # log-odds beyond which a probability says no more


@dataclass(frozen=True)
class Weights:
    """A logistic regression over standardised columns."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def probability(self, rows: Floats) -> Floats:
        """(n, n_columns) to (n,), rounded to 1e-6."""
        logit = (((rows - self.mean) / self.scale) * self.weights).sum(axis=1) + self.intercept
        return np.asarray(np.round(1 / (1 + np.exp(-np.clip(logit, -30, 30))), 6), dtype=np.float64)


@dataclass(frozen=True)
class Decision:
    """Glance over `GLANCE`, screen over `CHEAP`, verdict over `SIGNALS`, and the probability from which each passes."""

    glance: Weights
    screen: Weights
    verdict: Weights
    glance_threshold: float
    screen_threshold: float
    open_threshold: float
    threshold: float

    def open(self, rows: Floats) -> npt.NDArray[np.bool_]:
        """Which rows (n, n_signals) the stance towards the neighbours could still decide, these columns being the usual ones so far; (n,)."""
        return self.verdict.probability(rows) >= self.open_threshold

    def reasons(self, row: Floats) -> list[tuple[str, float]]:
        """Each signal's share of the log-odds of one row, strongest first."""
        shares = ((row - self.verdict.mean) / self.verdict.scale) * self.verdict.weights
        return sorted(zip(SIGNALS, shares.tolist(), strict=True), key=lambda item: -abs(item[1]))


def overlap_signals(pairs: Sequence[tuple[str, str]]) -> Floats:
    """The numbers named by OVERLAP for each (text, statement), (n, len(OVERLAP))."""
    found = [contrast(analyse(text), analyse(statement), 0.0) for text, statement in pairs]
    return np.array(found, float).reshape(-1, len(FEATURES))[:, _OVERLAPPING]


def stance_signals(stance: Stance, said: Sequence[tuple[str, str]]) -> Floats:
    """Of each (text, what is held against it) the log-odds that the text contradicts, and that it supports it, (n, 2)."""
    # No question beside it: after one the model reads an answer, and takes what is merely on the matter for support.
    p = np.clip(stance.judge(said)[:, [1, 0]], 1e-6, 1 - 1e-6)
    return np.asarray(np.clip(np.log(p / (1 - p)), -_SURE, _SURE))


def neighbour_signals(stance: Stance, near: Sequence[tuple[str, tuple[Sequence[str], Sequence[str]]]]) -> Floats:
    """Of each text, with the false and the true sentences that lie nearest, how much it repeats the former and denies the latter, (n, 2).

    Each the mean of what speaks for it less what speaks against it; 0 where there are none.
    """
    flat = [(text, other) for text, sides in near for side in sides for other in side]
    margins = np.subtract(*stance_signals(stance, flat).T[::-1]) if flat else np.zeros(0)  # supports less contradicts
    out, at = np.zeros((len(near), 2)), 0
    for row, (_, sides) in zip(out, near, strict=True):
        for column, side in enumerate(sides):
            if side:
                row[column] = (-1) ** column * margins[at : at + len(side)].mean()
            at += len(side)
    return out


def load_decision(path: Path | None = None) -> Decision:
    """Read the shipped decision; ArtefactError where it does not fit these signals."""
    path = path or Path(__file__).resolve().parent.parent / "model" / "decision.json"
    try:
        data = json.loads(path.read_text("utf-8"))
        if tuple(data["signals"]) != SIGNALS:
            raise ValueError("it was fitted on other signals")
        glance, screen, verdict = (_weights(data[step]) for step in ("glance", "screen", "verdict"))
        return Decision(glance, screen, verdict, *(float(data[name]) for name in _THRESHOLDS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(str(path), str(error)) from None


def _weights(record: dict[str, list[float] | float]) -> Weights:
    mean, scale, weights = (np.array(record[name], dtype=np.float64) for name in ("mean", "scale", "weights"))
    return Weights(mean, scale, weights, float(record["intercept"]))  # type: ignore[arg-type]
