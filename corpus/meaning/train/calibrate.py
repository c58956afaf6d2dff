"""Temperature and biases for a model's logits (Guo et al., 2017), and how far its probabilities are off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["calibrated", "expected_calibration_error", "fit_calibration"]

Floats = NDArray[np.float64]


def calibrated(logits: Floats, calibration: Sequence[float]) -> Floats:
    """Logits (n, 3) to probabilities (n, 3) under (inverse temperature, three biases)."""
    z = logits * calibration[0] + np.array(calibration[1:])
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def fit_calibration(logits: Floats, labels: NDArray[Any]) -> list[float]:
    """The inverse temperature and biases of least cross-entropy over logits (n, 3) and labels (n,)."""

    def loss(free: Floats) -> float:
        p = calibrated(logits, [free[0], free[1], free[2], 0.0])[np.arange(len(labels)), labels]
        return float(-np.log(np.clip(p, 1e-9, 1)).mean())

    found = minimize(loss, np.array([1.0, 0.0, 0.0]), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
    return [round(float(x), 4) for x in (*found.x, 0.0)]


def expected_calibration_error(p: Floats, truth: NDArray[Any], bins: int = 10) -> float:
    """Mean distance of confidence and accuracy of the likeliest class over bins of confidence, in [0, 1]."""
    sure, hit = p.max(axis=1), p.argmax(axis=1) == truth
    which = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(sure[which == b].mean() - hit[which == b].mean()) * (which == b).mean() for b in set(which.tolist())))
