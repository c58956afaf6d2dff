"""The cache is keyed by content and model, is bounded, and never changes a result."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.meaning import CachedEncoder, VectorFile


class Counting:
    """Two dimensions from the text's length; remembers what it was asked."""

    name, dimensions = "counting", 2

    def __init__(self, checksum: str = "one") -> None:
        self.checksum, self.asked = checksum, list[str]()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        angles = np.array([len(text) for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[VectorFile]:
    """A vector file of at most five vectors, closed at the end."""
    made = VectorFile(tmp_path / "sub" / "vectors.sqlite", limit=5)
    yield made
    made.close()


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


def test_file_is_shared_and_knows_the_model(file: VectorFile) -> None:
    """Another process with the same model finds the vectors; another model does not."""
    CachedEncoder(Counting(), file=file).encode(["a", "bb"])
    same, other = Counting(), Counting("two")
    assert np.array_equal(CachedEncoder(same, file=file).encode(["a"]), Counting().encode(["a"]))
    CachedEncoder(other, file=file).encode(["a"])
    assert (same.asked, other.asked) == ([], ["a"])


def test_file_is_bounded(file: VectorFile) -> None:
    """The file keeps the newest vectors."""
    CachedEncoder(Counting(), file=file).encode(["x" * n for n in range(9)])
    last = Counting()
    CachedEncoder(last, file=file).encode(["x" * n for n in range(9)])
    assert last.asked == ["x" * n for n in range(4)]


def test_damaged_file_is_made_anew(file: VectorFile) -> None:
    """A file that is no database costs time, not the result."""
    file.path.parent.mkdir()
    file.path.write_bytes(b"no database at all" * 100)
    expected = Counting().encode(["a"])
    for _ in range(2):
        assert np.array_equal(CachedEncoder(Counting(), file=file).encode(["a"]), expected)
    last = Counting()
    CachedEncoder(last, file=file).encode(["a"])
    assert last.asked == []


def test_damaged_vector_is_not_used(file: VectorFile) -> None:
    """A flipped bit in a vector is noticed."""
    CachedEncoder(Counting(), file=file).encode(["a"])
    file.close()
    connection = sqlite3.connect(file.path)
    connection.execute("UPDATE vectors SET vector = ?", (b"12345678",))
    connection.commit()
    connection.close()
    last = Counting()
    CachedEncoder(last, file=file).encode(["a"])
    assert last.asked == ["a"]


def test_limit_is_checked() -> None:
    """A cache of nothing is a mistake."""
    with pytest.raises(ValueError, match="at least 1, got 0"):
        CachedEncoder(Counting(), limit=0)
