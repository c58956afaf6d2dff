"""What is remembered of the sentences a detector learned from: their words, and where they lie, along the few axes that tell sentences of the field apart.

A quarter of the encoder's dimensions costs nothing that could be measured (docs/experiments.md) and makes the shipped file half as large.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["DIMENSIONS", "Memory", "axes_of"]

DIMENSIONS = 96
_SCALE = 127.0
_END = "\0"  # between two sentences: no text that is read holds it
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """Where the false and the true sentences lie, int8, shapes (n_false, DIMENSIONS) and (n_true, DIMENSIONS), along which axes, and their words.

    The words, false ones first, are packed: of a document's facts only those that its sentences are held against are unpacked.
    """

    false: npt.NDArray[np.int8]
    true: npt.NDArray[np.int8]
    axes: Vectors
    packed: bytes

    def nearness(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Cosine to the nearest false and to the nearest true sentence; (n, n_dims) to (n, 2)."""
        out = np.empty((len(vectors), 2))
        for i, vector in enumerate(vectors):  # row by row: a sentence's numbers never depend on its company
            place = _along(vector, self.axes)
            out[i] = [(side.astype(np.float32) @ place).max(initial=-_SCALE) / _SCALE for side in (self.false, self.true)]
        return out

    def nearest(self, vector: Vectors, n: int) -> tuple[list[str], list[str]]:
        """The `n` false and the `n` true sentences nearest to a vector, (n_dims,), nearest first; fewer where no more are known."""
        place, found = _along(vector, self.axes), []
        for side, words in ((self.false, self._words[: len(self.false)]), (self.true, self._words[len(self.false) :])):
            order = np.argsort(-(side.astype(np.float32) @ place), kind="stable")[:n]
            found.append([words[int(i)] for i in order])
        return found[0], found[1]

    @cached_property
    def _words(self) -> list[str]:
        return zlib.decompress(self.packed).decode().split(_END)

    @staticmethod
    def of(false: Sequence[str], true: Sequence[str], vectors: Mapping[str, Vectors], axes: Vectors) -> Memory:
        """Of the sentences on both sides; `vectors` has theirs, each of shape (n_dims,)."""
        kept = [np.round(np.stack([_along(vectors[t], axes) for t in side]) * _SCALE).astype(np.int8) for side in (false, true)]
        return Memory(kept[0], kept[1], axes, zlib.compress(_END.join((*false, *true)).encode(), 9))


def axes_of(vectors: Vectors) -> Vectors:
    """The directions in which unit vectors, (n, n_dims), reach farthest, (n_dims, DIMENSIONS): principal components without centring."""
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(directions[:, : -DIMENSIONS - 1 : -1], np.float32)


def _along(vector: Vectors, axes: Vectors) -> Vectors:
    """A vector of length 1 along the axes, (n_dims,) to (DIMENSIONS,)."""
    place = vector @ axes
    return np.asarray(place / max(float(np.linalg.norm(place)), 1e-9), np.float32)
