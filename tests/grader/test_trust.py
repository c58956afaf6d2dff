"""Intervals and the rule for a human keep what they promise on answers like those they were fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.trees import Trees
from grader.trust import COVERED, FAR, Trust, _at_most, reach_of

STUMP = Trees.of({"baseline": 0.0, "roots": [0], "feature": [0], "threshold": [0.0], "left": [0], "right": [0], "value": [0.0], "depth": 1})


def trust(far: np.ndarray, off: np.ndarray) -> Trust:
    """With these held-out answers."""
    order = np.argsort(far, kind="stable")
    return Trust(STUMP, STUMP, 1.0, far[order], off[order].astype(float))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_the_rule_keeps_its_promise_on_new_answers(rate: float) -> None:
    """Fitted on 400, tried on many more of the same kind: in nine draws of ten or more, no more than `rate` of those let through are off."""
    rng = np.random.default_rng(0)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        chance = rng.beta(1, 4, n)
        return chance, rng.random(n) < np.clip(0.8 * chance + 0.02, 0, 1)  # told chances are not the true ones

    broken, let_through = 0, []
    for _ in range(60):
        limit = trust(*draw(400)).limit(rate)
        far, off = draw(20_000)
        passed = far <= limit
        let_through.append(passed.mean())
        broken += bool(passed.any()) and off[passed].mean() > rate

    assert broken <= 9  # one in ten is promised; nine of sixty would be surprising beyond that
    assert np.mean(let_through) > (0.05 if rate > 0.05 else 0)


def test_what_cannot_be_promised_lets_nothing_through() -> None:
    """All answers off, or too few to tell."""
    assert trust(np.linspace(0, 1, 200), np.ones(200)).limit(0.2) == -1
    assert trust(np.linspace(0, 1, 10), np.zeros(10)).limit(0.2) == -1
    assert trust(np.linspace(0, 1, 200), np.zeros(200)).limit(0.2) == 1


def test_bad_luck_among_the_surest_does_not_stop_the_rule() -> None:
    """Five of the first ten are off, and none of the next 290: one in ten can be promised, one in a hundred cannot."""
    chances = np.linspace(0, 1, 400)
    off = (np.arange(400) < 10) & (np.arange(400) % 2 == 0) | (np.arange(400) >= 300)

    assert 0.7 < trust(chances, off).limit(0.1) < 0.85
    assert trust(chances, off).limit(0.01) == -1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=30, max_size=80), st.floats(0.02, 0.4), st.floats(0.02, 0.4))
def test_a_stricter_rate_lets_fewer_through(chances: list[float], a: float, b: float) -> None:
    """The limit grows with the rate."""
    far = np.array(chances)
    held = trust(far, far > 0.7)

    assert held.limit(min(a, b)) <= held.limit(max(a, b))


def test_intervals_cover_what_they_say() -> None:
    """Nine in ten of new errors lie within the reach learned from others, wide where the chance to be off is high."""
    rng = np.random.default_rng(1)
    far = rng.random(4000) * 0.6
    errors = np.abs(rng.normal(0, 0.1 + 0.5 * far))
    reach = reach_of(errors[:2000], far[:2000])
    held = Trust(STUMP, STUMP, reach, far, far)
    inside = errors[2000:] <= [held.interval(0.5, f)[1] - 0.5 if held.interval(0.5, f)[1] < 1 else np.inf for f in far[2000:]]

    assert np.mean(inside) >= COVERED - 0.02
    assert held.interval(0.5, 0.6)[1] > held.interval(0.5, 0.1)[1]
    assert FAR == 0.2


def test_the_binomial_tail() -> None:
    """Against numbers anybody can check."""
    assert _at_most(0, 2, 0.5) == pytest.approx(0.25)
    assert _at_most(1, 2, 0.5) == pytest.approx(0.75)
    assert _at_most(3, 3, 0.1) == pytest.approx(1)
