"""One calibrated decision over all signals: a logistic regression fitted by scikit-learn, evaluated here with numpy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from linter.detect.cues import CUE_NAMES
from linter.errors import ArtefactError

__all__ = ["SIGNALS", "Decision", "load_decision"]

SIGNALS = ("lexical", "vector", "contrast", "near_false", *CUE_NAMES)


@dataclass(frozen=True)
class Decision:
    """Weights over `SIGNALS`, and the probability from which a finding is reported."""

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: float
    threshold: float

    def probability(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Probability that each row's sentence states the misconception; (n, n_signals) to (n,), rounded to 1e-6."""
        logit = (((rows - self.mean) / self.scale) * self.weights).sum(axis=1) + self.intercept
        return np.asarray(np.round(1 / (1 + np.exp(-np.clip(logit, -30, 30))), 6), dtype=np.float64)

    def reasons(self, row: npt.NDArray[np.float64]) -> list[tuple[str, float]]:
        """Each signal's share of the log-odds of one row, strongest first."""
        shares = ((row - self.mean) / self.scale) * self.weights
        return sorted(zip(SIGNALS, shares.tolist(), strict=True), key=lambda item: -abs(item[1]))


def load_decision(path: Path | None = None) -> Decision:
    """Read the shipped decision; ArtefactError where it does not fit these signals."""
    path = path or Path(__file__).resolve().parent.parent / "model" / "decision.json"
    try:
        data = json.loads(path.read_text("utf-8"))
        if tuple(data["signals"]) != SIGNALS:
            raise ValueError("it was fitted on other signals")
        mean, scale, weights = (np.array(data[name], dtype=np.float64) for name in ("mean", "scale", "weights"))
        return Decision(mean, scale, weights, float(data["intercept"]), float(data["threshold"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(str(path), str(error)) from None
