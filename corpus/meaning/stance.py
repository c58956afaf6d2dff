"""Stance: does one text support a statement, contradict it, or say nothing about it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stance"]


class Stance(Protocol):
    """Judges pairs of texts; implementations are thread-safe and repeat themselves to the byte."""

    @property
    def name(self) -> str:
        """The model and its checksum: equal names judge alike."""
        ...

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return, for each (text, statement), P(supports), P(contradicts), P(says nothing).

        `given` is, per pair, the question or heading the text stands under ("" for none). Shape (n, 3); every row is in
        [0, 1] and sums to 1; (0, 3) for no pairs.
        """
        ...
