"""One calibrated decision over all signals: logistic regressions fitted by scikit-learn, evaluated here with numpy.

It has three steps that weigh the same evidence: a glance at the words, which says whether a sentence is worth encoding, a screen over
all signals but the stance, and, for the few pairs that pass it, the verdict over all, the stance of the sentence towards the fact among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from linter.detect.cues import CUE_NAMES
from linter.errors import ArtefactError

__all__ = ["CHEAP", "GLANCE", "SIGNALS", "Decision", "Weights", "load_decision", "stance_signals"]

Floats = npt.NDArray[np.float64]
CHEAP = ("lexical", "vector", "contrast", "near_false", *CUE_NAMES)
GLANCE = ("lexical", *CUE_NAMES)
STANCE = ("contradicts", "supports")
SIGNALS = (*CHEAP, *STANCE)
_THRESHOLDS = ("glance_threshold", "screen_threshold", "threshold")
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
    threshold: float

    def reasons(self, row: Floats) -> list[tuple[str, float]]:
        """Each signal's share of the log-odds of one row, strongest first."""
        shares = ((row - self.verdict.mean) / self.verdict.scale) * self.verdict.weights
        return sorted(zip(SIGNALS, shares.tolist(), strict=True), key=lambda item: -abs(item[1]))


def stance_signals(judged: Floats) -> Floats:
    """Stance (n, 3) to the log-odds that the text contradicts, and that it supports, (n, 2)."""
    p = np.clip(judged[:, [1, 0]], 1e-6, 1 - 1e-6)
    return np.asarray(np.clip(np.log(p / (1 - p)), -_SURE, _SURE))


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
