"""How far a score may be off, and when a human must look: promises kept on held-out answers, not guesses.

Two boosted trees tell from the signals how likely the score is within a tenth of the scale, and how likely it is off by more
than a fifth. Intervals are split conformal (Lei et al. 2018, Distribution-free predictive inference for regression), scaled by
the second; the rule that sends answers to a human is selection with guaranteed risk (Geifman and El-Yaniv 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.trees import Trees

__all__ = ["COVERED", "FAR", "NEAR", "Trust", "reach_of"]

Floats = NDArray[np.float64]
NEAR, FAR = 0.1, 0.2  # of the scale: what counts as right, and from where a score is off
COVERED = 0.9  # share of the marks inside the interval
SURETY = 0.9  # probability with which the rule keeps its promise, over draws of the held-out answers
_LEAST = 0.15  # width that even the surest score has, beside the chance to be off
_MIN_ACCEPTED = 25  # held-out answers below which nothing is promised
_SLACK = 2.0  # times as many are looked at first as would do without a single error
# Where the rule begins to look (share of the held-out answers), and its part of what may go wrong; the parts sum to 1.
_WALKS = ((0.0, 0.9), (0.4, 0.1))


@dataclass(frozen=True)
class Trust:
    """What held-out answers taught about the errors of scores."""

    near: Trees
    far: Trees
    reach: float
    held_far: Floats  # chance to be off that was told of each held-out answer, ascending (n,)
    held_off: Floats  # 1 where it was off, else 0, in the same order (n,)

    def of(self, features: Floats) -> tuple[float, float]:
        """(n_features,) -> chance that the score is within a tenth of the scale, and that it is off by more than a fifth."""
        return float(self.near.probabilities(features[None])[0]), float(self.far.probabilities(features[None])[0])

    def interval(self, score: float, far: float) -> tuple[float, float]:
        """Ends of the 90 % interval of a score in [0, 1]."""
        half = self.reach * (_LEAST + far)
        return max(0.0, score - half), min(1.0, score + half)

    def limit(self, rate: float) -> float:
        """The chance to be off up to which scores may stand, so that at most `rate` of them are off; -1 where that cannot be promised.

        Answers are admitted from the surest on until the bound on their rate of errors is broken. Some of the surest may be off by bad luck, so a
        second walk begins farther on; each has its part of what may go wrong (Angelopoulos et al. 2021, Learn then Test).
        """
        return max(self._walk(rate, start, part * (1 - SURETY)) for start, part in _WALKS)

    def _walk(self, rate: float, start: float, level: float) -> float:
        """The limit that is found from `start` (a share of the answers) on; the promise fails with probability `level` at most."""
        found, errors, far = -1.0, 0, self.held_far.tolist()
        first = max(_MIN_ACCEPTED, math.ceil(_SLACK * math.log(level) / math.log1p(-rate)), math.ceil(start * len(far)))
        for n, (chance, wrong) in enumerate(zip(far, self.held_off.tolist(), strict=True), start=1):  # from the surest on
            errors += int(wrong)
            last_of_its_kind = n == len(far) or far[n] > chance
            if n < first or not last_of_its_kind:
                continue
            if _at_most(errors, n, rate) > level:  # the bound on the rate of errors is broken for the first time
                break
            found = chance
        return found

    def record(self) -> dict[str, Any]:
        """As plain numbers, for JSON."""
        held = {"held_far": self.held_far.tolist(), "held_off": self.held_off.astype(int).tolist()}
        return {"near": self.near.record(), "far": self.far.record(), "reach": self.reach} | held

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Trust:
        """Read what `record` gives."""
        return cls(
            Trees.of(record["near"]), Trees.of(record["far"]), float(record["reach"]),
            np.array(record["held_far"], float), np.array(record["held_off"], float),
        )  # fmt: skip


def reach_of(errors: Floats, far: Floats) -> float:
    """How many times (least width + chance to be off) holds `COVERED` of the absolute errors; both (n,)."""
    ratio = np.sort(errors / (_LEAST + far))
    rank = min(len(ratio), math.ceil((len(ratio) + 1) * COVERED))
    return float(ratio[rank - 1])


def _at_most(errors: int, n: int, rate: float) -> float:
    """Probability of so few errors among n, were each as likely as `rate`: P(X <= errors), X binomial."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0 if errors < n else 1.0
    logs = [_log_choose(n, k) + k * math.log(rate) + (n - k) * math.log1p(-rate) for k in range(errors + 1)]
    return min(1.0, math.fsum(math.exp(x) for x in logs))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
