"""The ledger on its own: pieces with exact offsets, derived points, and what a stance makes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.records import KeyPoint
from grader.key_points import MAX_WINDOWS, WINDOW_WORDS, Entry, derive_points, pieces, windows
from grader.ledger import ledger

POINT = KeyPoint(id="k1", text="The session cookie is signed.", weight=1.0)


class Table:
    """A stance that has an opinion on known texts and is silent on all others."""

    def __init__(self, **opinions: tuple[float, float, float]) -> None:
        self.opinions = {k.replace("_", " "): v for k, v in opinions.items()}

    name = "table"

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


def entry(stance: Table, answer: str) -> Entry:
    return ledger(stance, answer, pieces(answer), [POINT])[0]


def test_a_point_is_stated_with_its_words() -> None:
    """The sentence that says it is the evidence, at its place in the answer."""
    found = entry(Table(signed=(0.9, 0.05, 0.05)), "Hello there. Its contents are signed.")

    assert (found.state, found.evidence and (found.evidence.start, found.evidence.text)) == ("stated", (13, "Its contents are signed."))


def test_a_point_denied_is_contradicted_with_its_words() -> None:
    """Blame, no credit, and the sentence that denies."""
    found = entry(Table(plain=(0.05, 0.93, 0.02)), "Hello there. The cookie is plain text.")

    assert (found.state, found.credit) == ("contradicted", 0) and found.blame == found.confidence > 0.5
    assert found.evidence and found.evidence.text == "The cookie is plain text."


def test_the_last_word_of_a_long_answer_counts() -> None:
    """What is stated early and taken back in a later window is contradicted; a view that was dropped is not."""
    stance, padding = Table(signed=(0.9, 0.05, 0.05), plain=(0.02, 0.95, 0.03)), "Another true word about the browser. " * 30
    assert entry(stance, f"It is signed. {padding} No, it is plain text.").state == "contradicted"
    assert entry(stance, f"I thought plain text. {padding} But it is signed.").state == "stated"


def test_windows_hold_whole_sentences_and_overlap() -> None:
    """Nothing is lost, none is longer than allowed, and their number is bounded."""
    answer = " ".join(f"Sentence number {n} of this answer says one thing." for n in range(40))
    found = windows(answer, pieces(answer))

    assert all(len(w.split()) <= WINDOW_WORDS for w in found)
    assert all(f"number {n} " in " ".join(found) for n in range(40))
    assert len(windows(answer * 20, pieces(answer * 20))) <= MAX_WINDOWS
    assert windows("Short. Answer.", pieces("Short. Answer.")) == ["Short. Answer."]


def test_no_pieces_leave_every_point_missing() -> None:
    """Nothing said, nothing stated."""
    found = entry(Table(), "...")

    assert (found.state, found.confidence, found.evidence) == ("missing", 1.0, None)


def test_sentences_are_read_alone_only_where_the_whole_leaves_a_point_open() -> None:
    """One reading of a point that the whole answer plainly states; more of one that it half states."""
    answer = "Flask signs the session cookie. The key is secret."
    asked = list[str]()

    class Heard(Table):
        def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> NDArray[np.float64]:
            asked.extend(text for text, _ in pairs)
            return super().judge(pairs, given)

    entry = ledger(Heard(**{answer: (0.99, 0.002, 0.008)}), answer, pieces(answer), [POINT])[0]
    assert asked == [answer] and entry.state == "stated" and entry.evidence and entry.evidence.text == "Flask signs the session cookie."
    asked.clear()
    ledger(Heard(**{answer: (0.4, 0.3, 0.3)}), answer, pieces(answer), [POINT])
    assert asked[0] == answer and "Flask signs the session cookie." in asked[1:]


def test_the_words_quoted_are_those_that_decide() -> None:
    """Not the first of two sentences that share as many words with the point."""
    taken_back = "The session cookie is signed. No, the session cookie is plain text."
    stance = Table(**{taken_back: (0.01, 0.98, 0.01), "plain text": (0.02, 0.95, 0.03), "is signed": (0.95, 0.02, 0.03)})
    found = ledger(stance, taken_back, pieces(taken_back), [POINT])[0]
    assert found.state == "contradicted" and found.evidence and found.evidence.text == "No, the session cookie is plain text."

    aside = "Well, sure. It lives in the browser with a seal."
    stance = Table(**{aside: (0.99, 0.002, 0.008), "with a seal": (0.9, 0.02, 0.08)})
    found = ledger(stance, aside, pieces(aside), [POINT])[0]
    assert found.state == "stated" and found.evidence and found.evidence.text == "It lives in the browser with a seal."
