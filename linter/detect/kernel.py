"""Logistic regression in its dual form: few sentences, many features, so the Gram matrix is the small side.

Source: Zhu and Hastie (2005), Kernel logistic regression and the import vector machine; solved by Newton steps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fit"]

Floats = npt.NDArray[np.float64]


def fit(gram: Floats, labels: Floats, weights: Floats, *, ridge: float, steps: int = 25) -> tuple[Floats, float]:
    """Dual coefficients, shape (n,), and intercept of a ridge-penalised logistic regression.

    Args:
        gram: Inner products of the examples, shape (n, n).
        labels: 0 or 1, shape (n,).
        weights: Importance of each example, positive, shape (n,).
        ridge: Strength of the penalty; larger is smoother.
        steps: Newton steps at most.
    """
    n = len(labels)
    alpha, bias = np.zeros(n), 0.0
    kernel = gram + 1e-6 * np.eye(n)
    for _ in range(steps):
        logit = kernel @ alpha + bias
        p = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        curve = np.maximum(p * (1 - p), 1e-4)
        target = logit + (labels - p) / curve
        # The weighted least squares problem of this step, as one linear system in (alpha, bias).
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = kernel + np.diag(ridge / (weights * curve))
        system[:n, n] = system[n, :n] = 1.0
        solution = np.linalg.solve(system, np.append(target, 0.0))
        change = np.abs(solution[:n] - alpha).max()
        alpha, bias = solution[:n], float(solution[n])
        if change < 1e-6:
            break
    return alpha, bias
