"""Agreement of marks: what the reports of the grader are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["accuracy", "bootstrap", "f1", "macro_f1", "pearson", "quadratic_weighted_kappa", "recalls", "rmse", "weighted_f1"]

Indices = NDArray[np.intp]


def accuracy(human: Sequence[str], machine: Sequence[str]) -> float:
    """Share of equal labels, both of shape (n_answers,): 1 all equal, 0 none; nan where there are none."""
    _same_length(human, machine)
    return sum(h == m for h, m in zip(human, machine, strict=True)) / len(human) if human else float("nan")


def macro_f1(human: Sequence[str], machine: Sequence[str]) -> float:
    """Mean F1 of the classes that `human` holds, each counting the same: 1 perfect, 0 none right.

    Args:
        human, machine: Labels, both of shape (n_answers,).
    Source: SemEval-2013 Task 7, section 5 (macro-averaged F1).
    >>> macro_f1(["a", "a", "b"], ["a", "b", "b"])
    0.6666666666666666
    """
    _same_length(human, machine)
    scores = [f1(human, machine, label) for label in sorted(set(human))]
    return float(np.mean(scores)) if scores else float("nan")


def weighted_f1(human: Sequence[str], machine: Sequence[str]) -> float:
    """Mean F1 of the classes, each counting as often as `human` has it.

    >>> weighted_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"])
    0.7666666666666667
    """
    _same_length(human, machine)
    return sum(f1(human, machine, h) for h in human) / len(human) if human else float("nan")


def f1(human: Sequence[str], machine: Sequence[str], label: str) -> float:
    """Harmonic mean of precision and recall of one class; 0 where neither side has it."""
    _same_length(human, machine)
    hits = sum(h == m == label for h, m in zip(human, machine, strict=True))
    total = sum(h == label for h in human) + sum(m == label for m in machine)
    return 2 * hits / total if total else 0.0


def recalls(human: Sequence[str], machine: Sequence[str]) -> dict[str, float]:
    """For each class of `human`, in alphabetical order, the share that `machine` finds."""
    _same_length(human, machine)
    found = {label: [m == label for h, m in zip(human, machine, strict=True) if h == label] for label in sorted(set(human))}
    return {label: sum(hits) / len(hits) for label, hits in found.items()}


def bootstrap(
    statistic: Callable[[Indices], float], groups: Sequence[str], *, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of a statistic when whole groups (questions) are drawn again, with replacement.

    Args:
        statistic: Takes the indices of the rows drawn; draws for which it is nan are left out.
        groups: The group of each row, shape (n_rows,).
    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 8 and 13.
    """
    of = np.asarray(groups)
    members = [np.flatnonzero(of == name) for name in sorted(set(groups))]
    rng = np.random.default_rng(seed)
    found = [statistic(np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])) for _ in range(draws)]
    kept = [value for value in found if not np.isnan(value)]
    if not kept:
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def quadratic_weighted_kappa(human: Sequence[int], machine: Sequence[int], *, n_levels: int) -> float:
    """Agreement of two markers beyond chance; far misses cost more.

    Args:
        human, machine: Marks in 0..n_levels-1 for the same answers, both of shape (n_answers,).
        n_levels: Number of mark levels; at least 2.
    Returns:
        1 full agreement, 0 chance, below 0 worse than chance; nan if both give every answer the same single mark.
    Source: Cohen (1968), Psychological Bulletin 70(4), 213-220, quadratic weights.
    >>> quadratic_weighted_kappa([0, 1, 2, 2], [0, 1, 2, 1], n_levels=3)
    0.8
    """
    _same_length(human, machine)
    seen = np.zeros((n_levels, n_levels))
    np.add.at(seen, (np.asarray(human, int), np.asarray(machine, int)), 1)
    levels = np.arange(n_levels)
    cost = (levels[:, None] - levels[None, :]) ** 2
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / max(seen.sum(), 1)
    expected = float((cost * chance).sum())
    return 1 - float((cost * seen).sum()) / expected if expected else float("nan")


def rmse(human: ArrayLike, machine: ArrayLike) -> float:
    """Root of the mean squared difference, in the unit of the marks: 0 perfect; nan where there are none."""
    a, b = _floats(human, machine)
    return float(np.sqrt(np.mean((a - b) ** 2))) if a.size else float("nan")


def pearson(human: ArrayLike, machine: ArrayLike) -> float:
    """Linear correlation in [-1, 1]; nan where one side is constant or has fewer than two marks."""
    a, b = _floats(human, machine)
    if a.size < 2 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _floats(human: ArrayLike, machine: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(human, float), np.asarray(machine, float)
    if a.shape != b.shape:
        raise ValueError(f"human has shape {a.shape}, machine {b.shape}; they must be equal")
    return a, b


def _same_length(human: Sequence[object], machine: Sequence[object]) -> None:
    if len(human) != len(machine):
        raise ValueError(f"human has {len(human)} marks, machine {len(machine)}; they must be equal")
