"""The score is monotone where it must be, and the artefact is refused when it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import KeyPoint
from grader.errors import ScoringModelError
from grader.key_points import Entry
from grader.scoring import COLUMN, combine, load_scoring_model
from grader.signals import DIRECTIONS, SIGNALS

UNIT = st.floats(0, 1, allow_nan=False)
STATE = st.sampled_from(["stated", "contradicted", "missing"])
STATES = st.just([]) | st.lists(STATE, min_size=1, max_size=6)  # without points of a person, and with them
VECTOR = st.lists(UNIT, min_size=len(SIGNALS), max_size=len(SIGNALS)).map(np.array)


def entries(states: list[str]) -> tuple[Entry, ...]:
    """A ledger of points with equal weights."""
    share = 1 / max(1, len(states))
    return tuple(
        Entry(KeyPoint(id=f"k{i}", text="x", weight=share), state, 0.9, float(state == "stated"), float(state == "contradicted"), None)  # type: ignore[arg-type]
        for i, state in enumerate(states)
    )


def ruled(signals: np.ndarray, states: list[str]) -> np.ndarray:
    """The signals with what the ledger says in them."""
    out = signals.copy()
    if states:
        out[COLUMN["coverage"]] = states.count("stated") / len(states)
        out[COLUMN["contradicted"]] = states.count("contradicted") / len(states)
        out[COLUMN["best_credit"]] = float("stated" in states)
    return out


@settings(max_examples=150, deadline=None)
@given(signals=VECTOR, step=UNIT, states=STATES)
@pytest.mark.parametrize("name", [n for n, d in SIGNALS.items() if d])
def test_the_score_moves_only_the_way_it_may(name: str, signals: np.ndarray, step: float, states: list[str]) -> None:
    """More coverage never lowers the score; more contradiction or falsehood never raises it."""
    column, model = list(SIGNALS).index(name), load_scoring_model()
    more = signals.copy()
    more[column] = min(1.0, more[column] + step)
    before = combine(model, signals, entries(states)).score
    after = combine(model, more, entries(states)).score

    assert (after - before) * DIRECTIONS[column] >= 0


@settings(max_examples=200, deadline=None)
@given(signals=VECTOR, states=st.lists(STATE, min_size=1, max_size=6), at=st.integers(0, 5), claims=st.integers(0, 4))
def test_a_point_stated_never_lowers_and_one_denied_never_raises(signals: np.ndarray, states: list[str], at: int, claims: int) -> None:
    """With written points, whatever else the answer is like; and one more false claim never raises the score."""
    model, at = load_scoring_model(), at % len(states)
    scores = {
        state: combine(model, ruled(signals, s), entries(s), n_claims=claims).score
        for state in ("contradicted", "missing", "stated")
        for s in [[*states[:at], state, *states[at + 1 :]]]
    }

    assert scores["contradicted"] <= scores["missing"] <= scores["stated"]
    whole = ruled(signals, states)
    assert (
        combine(model, whole, entries(states), n_claims=claims + 1).score <= combine(model, whole, entries(states), n_claims=claims).score
    )


@settings(max_examples=100, deadline=None)
@given(signals=VECTOR, states=STATES)
def test_the_interval_holds_the_score(signals: np.ndarray, states: list[str]) -> None:
    """0 <= low <= score <= high <= 1; what is sure to be right is not also likely to be far off."""
    mark = combine(load_scoring_model(), signals, entries(states))

    assert 0 <= mark.low <= mark.score <= mark.high <= 1
    assert 0 <= mark.confidence <= 1 and 0 <= mark.far <= 1


@pytest.mark.parametrize("text", ["", "{}", '{"signals": ["other"]}', "\xff"])
def test_a_damaged_artefact_is_a_clear_error(tmp_path: Path, text: str) -> None:
    """The message says what to do."""
    path = tmp_path / "scoring.json"
    path.write_text(text, encoding="latin-1")

    with pytest.raises(ScoringModelError, match="make train"):
        load_scoring_model(path)


def test_the_artefact_is_small() -> None:
    """It ships in the wheel."""
    from grader.scoring import MODEL_FILE

    assert MODEL_FILE.stat().st_size < 300_000
