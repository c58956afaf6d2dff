"""The score is monotone where it must be, and the artefact is refused when it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ScoringModelError
from grader.scoring import combine, load_scoring_model
from grader.signals import DIRECTIONS, SIGNALS

UNIT = st.floats(0, 1, allow_nan=False)
VECTOR = st.lists(UNIT, min_size=len(SIGNALS), max_size=len(SIGNALS)).map(np.array)


@settings(max_examples=150, deadline=None)
@given(signals=VECTOR, step=UNIT, points=st.integers(0, 8), part=UNIT)
@pytest.mark.parametrize("name", [n for n, d in SIGNALS.items() if d])
def test_the_score_moves_only_the_way_it_may(name: str, signals: np.ndarray, step: float, points: int, part: float) -> None:
    """More coverage never lowers the score; more contradiction or falsehood never raises it."""
    column, model = list(SIGNALS).index(name), load_scoring_model()
    more = signals.copy()
    more[column] = min(1.0, more[column] + step)
    before = combine(model, signals, written_points=points, false_part=part).score
    after = combine(model, more, written_points=points, false_part=part).score

    assert (after - before) * DIRECTIONS[column] >= 0


@settings(max_examples=100, deadline=None)
@given(signals=VECTOR, points=st.integers(0, 8))
def test_the_interval_holds_the_score(signals: np.ndarray, points: int) -> None:
    """0 <= low <= score <= high <= 1."""
    mark = combine(load_scoring_model(), signals, written_points=points)

    assert 0 <= mark.low <= mark.score <= mark.high <= 1


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
