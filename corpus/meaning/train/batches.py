"""Which pairs go through the model together: those of like length, and twins in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["are_twins", "batches", "n_batches"]

_BUCKET = 50  # batches sorted by length together


def are_twins(statements: Sequence[str], labels: Sequence[int]) -> bool:
    """Whether two rows in succession are a sentence for a statement (label 0) and one against it (1)."""
    return statements[0] == statements[1] and list(labels) == [0, 1]


def batches(
    sizes: NDArray[np.int64], statements: Sequence[str], labels: Sequence[int], batch: int, rng: np.random.Generator
) -> list[list[int]]:
    """Every row once, in random batches of `batch` rows of like `sizes`; twins stay side by side, but for those that a batch's end parts."""
    unit = _units(statements, labels)
    length = np.zeros(len(sizes), np.int64)
    np.maximum.at(length, unit, sizes)
    order = np.argsort(rng.permutation(len(sizes))[unit], kind="stable")
    found: list[NDArray[np.int64]] = []
    step = batch * _BUCKET
    for start in range(0, len(order), step):
        part = order[start : start + step]
        part = part[np.lexsort((part, unit[part], length[unit[part]]))]
        found += [part[i : i + batch] for i in range(0, len(part), batch)]
    return [found[int(i)].tolist() for i in rng.permutation(len(found))]


def n_batches(rows: int, batch: int) -> int:
    """How many batches `batches` makes of so many rows."""
    whole, rest = divmod(rows, batch * _BUCKET)
    return whole * _BUCKET + -(-rest // batch)


def _units(statements: Sequence[str], labels: Sequence[int]) -> NDArray[np.int64]:
    """For each row the number of the first row of its unit: its own, or that of the twin before it."""
    unit = np.arange(len(labels))
    for i in range(1, len(labels)):
        if are_twins(statements[i - 1 : i + 1], labels[i - 1 : i + 1]):
            unit[i] = i - 1
    return unit
