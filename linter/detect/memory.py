"""What is remembered of the sentences a detector learned from: where they lie, along the few axes that tell sentences of the field apart.

A quarter of the encoder's dimensions costs nothing that could be measured (docs/experiments.md) and makes the shipped file half as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["DIMENSIONS", "Memory", "axes_of"]

DIMENSIONS = 96
_SCALE = 127.0
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """Where the false and the true sentences lie, int8, shapes (n_false, DIMENSIONS) and (n_true, DIMENSIONS), and along which axes."""

    false: npt.NDArray[np.int8]
    true: npt.NDArray[np.int8]
    axes: Vectors

    def nearness(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Cosine to the nearest false and to the nearest true sentence; (n, n_dims) to (n, 2)."""
        out = np.empty((len(vectors), 2))
        for i, vector in enumerate(vectors):  # row by row: a sentence's numbers never depend on its company
            place = _along(vector, self.axes)
            out[i] = [(side.astype(np.float32) @ place).max(initial=-_SCALE) / _SCALE for side in (self.false, self.true)]
        return out

    def nearest_false(self, vector: Vectors, first: int) -> int:
        """Which of the `first` false sentences lies nearest to a vector, (n_dims,)."""
        return int((self.false[:first].astype(np.float32) @ _along(vector, self.axes)).argmax())

    @staticmethod
    def of(false: Sequence[Vectors], true: Sequence[Vectors], axes: Vectors) -> Memory:
        """Of the vectors of the sentences on both sides, each of shape (n_dims,)."""
        kept = [np.round(np.stack([_along(v, axes) for v in side]) * _SCALE).astype(np.int8) for side in (false, true)]
        return Memory(kept[0], kept[1], axes)


def axes_of(vectors: Vectors) -> Vectors:
    """The directions in which unit vectors, (n, n_dims), reach farthest, (n_dims, DIMENSIONS): principal components without centring."""
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(directions[:, : -DIMENSIONS - 1 : -1], np.float32)


def _along(vector: Vectors, axes: Vectors) -> Vectors:
    """A vector of length 1 along the axes, (n_dims,) to (DIMENSIONS,)."""
    place = vector @ axes
    return np.asarray(place / max(float(np.linalg.norm(place)), 1e-9), np.float32)
