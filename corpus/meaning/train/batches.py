"""Which pairs go through the model together: those of like length, and twins in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Row", "are_twins", "batches", "n_batches"]

Row = tuple[str, str, int]  # text, statement, label
_BUCKET = 50  # batches sorted by length together
_ALIKE = 0.4  # share of common words from which two sentences are copies of one another; of free wordings of one fact nearly all lie below


def are_twins(one: Row, next_: Row) -> bool:
    """Whether two rows are a sentence for a statement (label 0) and its near copy against it (1)."""
    if one[1] != next_[1] or (one[2], next_[2]) != (0, 1):
        return False
    mine, theirs = set(one[0].lower().split()), set(next_[0].lower().split())
    return len(mine & theirs) >= _ALIKE * len(mine | theirs)


def batches(rows: Sequence[Row], size: int, rng: np.random.Generator) -> list[list[int]]:
    """The number of every row once, in random batches of `size` rows of like length.

    Twins that follow each other in `rows` stay side by side, but for those that a batch's end parts.
    """
    unit = _units(rows)
    length = np.zeros(len(rows), np.int64)
    np.maximum.at(length, unit, [len(text) + len(statement) for text, statement, _ in rows])
    order = np.argsort(rng.permutation(len(rows))[unit], kind="stable")
    found: list[NDArray[np.int64]] = []
    step = size * _BUCKET
    for start in range(0, len(order), step):
        part = order[start : start + step]
        part = part[np.lexsort((part, unit[part], length[unit[part]]))]
        found += [part[i : i + size] for i in range(0, len(part), size)]
    return [found[int(i)].tolist() for i in rng.permutation(len(found))]


def n_batches(rows: int, size: int) -> int:
    """How many batches `batches` makes of so many rows."""
    whole, rest = divmod(rows, size * _BUCKET)
    return whole * _BUCKET + -(-rest // size)


def _units(rows: Sequence[Row]) -> NDArray[np.int64]:
    """For each row the number of the first row of its unit: its own, or that of the twin before it."""
    unit = np.arange(len(rows))
    for i in range(1, len(rows)):
        if are_twins(rows[i - 1], rows[i]):
            unit[i] = i - 1
    return unit
