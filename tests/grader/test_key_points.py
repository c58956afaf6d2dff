"""The ledger on its own: pieces with exact offsets, derived points, and what a stance makes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.records import KeyPoint
from grader.key_points import derive_points, ledger, pieces

POINT = KeyPoint(id="k1", text="The session cookie is signed.", weight=1.0)


class Table:
    """A stance that has an opinion on known texts and is silent on all others."""

    def __init__(self, **opinions: tuple[float, float, float]) -> None:
        self.opinions = {k.replace("_", " "): v for k, v in opinions.items()}

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> NDArray[np.float64]:
        return np.array([next((v for k, v in self.opinions.items() if k in text), (0.02, 0.02, 0.96)) for text, _ in pairs])


@given(st.text(max_size=400))
def test_every_piece_is_an_exact_slice(answer: str) -> None:
    """Whatever the characters, text == answer[start:end]."""
    for piece in pieces(answer):
        assert answer[piece.start : piece.end] == piece.text


@given(st.lists(st.text(alphabet="abc def ghi.", min_size=1, max_size=60), min_size=1, max_size=20).map(" ".join))
def test_derived_weights_sum_to_one(reference: str) -> None:
    """Derived points pass the same validation as written ones."""
    points = derive_points(reference if reference.strip() else "x")

    assert sum(p.weight for p in points) == pytest.approx(1, abs=1e-3)
    assert [p.id for p in points] == [f"k{i}" for i in range(1, len(points) + 1)]


def test_a_point_is_stated_with_its_words() -> None:
    """The best piece is the evidence."""
    (entry,) = ledger(Table(signed=(0.9, 0.05, 0.05)), pieces("Hello there. Its contents are signed."), [POINT])

    assert (entry.state, entry.evidence and entry.evidence.text) == ("stated", "Its contents are signed.")


def test_a_point_taken_back_is_contradicted() -> None:
    """The last word counts."""
    stance = Table(signed=(0.9, 0.05, 0.05), plain=(0.05, 0.93, 0.02))
    (entry,) = ledger(stance, pieces("The cookie is signed. No, actually it is plain text and not signature protected."), [POINT])

    assert entry.state == "contradicted"
    assert entry.credit == 0


def test_no_pieces_leave_every_point_missing() -> None:
    """Nothing said, nothing stated."""
    (entry,) = ledger(Table(), (), [POINT])

    assert (entry.state, entry.confidence, entry.evidence) == ("missing", 1.0, None)
