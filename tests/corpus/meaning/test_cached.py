"""The cache is keyed by content and model, is bounded, and never changes a result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.meaning import CachedEncoder


class Counting:
    """Two dimensions from the text's length; remembers what it was asked."""

    name, dimensions = "counting", 2

    def __init__(self, checksum: str = "one") -> None:
        self.checksum, self.asked = checksum, list[str]()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        angles = np.array([len(text) for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_keyed_by_content() -> None:
    """An equal text is encoded once; order and repeats are kept."""
    inner = Counting()
    cached = CachedEncoder(inner)
    first = cached.encode(["a", "bb", "a"])
    again = cached.encode(["bb", "a", "ccc"])
    assert inner.asked == ["a", "bb", "ccc"]
    assert np.array_equal(first, Counting().encode(["a", "bb", "a"]))
    assert np.array_equal(again, Counting().encode(["bb", "a", "ccc"]))
    assert cached.encode([]).shape == (0, 2)


def test_bounded_and_least_recent_leaves() -> None:
    """Memory holds `limit` vectors, the used ones longest."""
    inner = Counting()
    cached = CachedEncoder(inner, limit=2)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        cached.encode([text])
    assert inner.asked == ["a", "bb", "ccc", "bb"]


def test_callers_cannot_change_the_cache() -> None:
    """Writing into a result leaves later results alone."""
    cached = CachedEncoder(Counting())
    cached.encode(["a"])[:] = 7
    assert np.array_equal(cached.encode(["a"]), Counting().encode(["a"]))


def test_limit_is_checked() -> None:
    """A cache of nothing is a mistake."""
    with pytest.raises(ValueError, match="at least 1, got 0"):
        CachedEncoder(Counting(), limit=0)
