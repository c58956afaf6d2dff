"""Assessment: what is a whole answer worth against its reference?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["VERDICTS", "Assessor"]

# The labels of SemEval-2013 Task 7 (Dzikovska et al. 2013), in the order of the columns.
VERDICTS = ("correct", "partially_correct_incomplete", "contradictory", "irrelevant", "non_domain")


class Assessor(Protocol):
    """Gives verdicts on answers; implementations are thread-safe and repeat themselves to the byte."""

    @property
    def name(self) -> str:
        """The model and its checksum: equal names assess alike."""
        ...

    def assess(self, answers: Sequence[tuple[str, str, str]]) -> NDArray[np.float64]:
        """Return, for each (question, reference, answer), the probabilities of VERDICTS, shape (n, 5); rows sum to 1, (0, 5) for none."""
        ...
