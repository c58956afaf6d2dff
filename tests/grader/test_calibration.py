"""A few marks bend the scale of their question: in order, honestly, and most where the answers are alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from grader.calibration import Marked, next_to_mark
from grader.cli import cli

UNIT = st.floats(0, 1, allow_nan=False)
ANGLE = st.floats(0, 1.5, allow_nan=False)


def at(angle: float) -> NDArray[np.float64]:
    """A unit vector in the plane."""
    return np.array([np.cos(angle), np.sin(angle)])


def marked(rows: list[tuple[float, float, float]]) -> Marked:
    """Score, mark and angle of each."""
    return Marked.of([r[0] for r in rows], [r[1] for r in rows], np.array([at(r[2]) for r in rows]).reshape(len(rows), 2))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(UNIT, UNIT, ANGLE), max_size=12), a=UNIT, b=UNIT, angle=ANGLE)
def test_marks_bend_the_scale_never_the_order(rows: list[tuple[float, float, float]], a: float, b: float, angle: float) -> None:
    """For the same words a higher score stays the higher one, and more marks never make the model less sure."""
    known = marked(rows)
    low, high = known.calibrate(min(a, b), at(angle)), known.calibrate(max(a, b), at(angle))

    assert low[0] <= high[0] + 1e-9
    assert 0 < low[1] <= 1


def test_without_marks_the_score_stays() -> None:
    """And nothing is known any better."""
    assert marked([]).calibrate(0.4, at(0)) == (0.4, 1.0)


def test_like_answers_share_their_error() -> None:
    """One answer was worth more than the model thought: its near double gains most of that, a stranger little."""
    known = marked([(0.2, 1.0, 0.0)])
    double, stranger = known.calibrate(0.2, at(0.02)), known.calibrate(0.2, at(1.5))

    assert double[0] > 0.6 > 0.5 > stranger[0] > 0.2
    assert double[1] < stranger[1]


def test_left_out_is_what_the_others_say() -> None:
    """The closed form against doing it one by one."""
    rows = [(0.1, 0.3, 0.0), (0.5, 0.4, 0.3), (0.7, 1.0, 0.9), (0.9, 0.8, 1.4)]
    one_by_one = [marked(rows[:i] + rows[i + 1 :]).calibrate(s, at(a))[0] for i, (s, _, a) in enumerate(rows)]

    assert marked(rows).left_out() == pytest.approx(one_by_one)


def test_a_strict_marker_is_learned() -> None:
    """All marks lie 0.3 below the scores: after ten of them a new score falls by most of that."""
    known = marked([(0.5 + 0.04 * i, 0.2 + 0.04 * i, 0.15 * i) for i in range(10)])

    assert known.calibrate(0.7, at(0.7))[0] == pytest.approx(0.4, abs=0.08)
    assert known.left_out_error() < 0.15


def test_the_next_to_mark_is_far_from_all_that_is_known() -> None:
    """Then far from those just chosen; width breaks what distance leaves open."""
    assert next_to_mark([0.1, 0.5, 0.9, 0.92], [0.0, 0.0, 0.0, 0.3], [0.1], 2) == [(3, True), (1, True)]
    assert next_to_mark([0.1], [0.2], [0.15], 5) == [(0, False)]
    assert next_to_mark([], [], [], 5) == []


def lines(tmp_path: Path, records: list[object]) -> str:
    """A file of them."""
    path = tmp_path / "marked.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_the_command_shows_errors_and_what_to_mark(tmp_path: Path) -> None:
    """On the real model; a bad record is named, the rest is used."""
    told = [
        ("It is a signed cookie in the browser, nothing is kept on the server.", 5), ("On the server, in a database.", 0.5),
        ("You use session like a dictionary.", 1.5), ("Signed with the secret key, so it cannot be changed.", 3), ("A cookie.", None), ("No idea.", None),
    ]  # fmt: skip
    records: list[object] = [{"question_id": "flask-014", "answer": a} | ({"score": s} if s is not None else {}) for a, s in told]
    path = lines(tmp_path, [*records, {"question_id": "flask-014", "answer": "x", "score": 7}])
    shown = CliRunner().invoke(cli, ["calibrate", "--input", path])

    assert shown.exit_code == 1
    assert "record 7: score: 7 is above max_score 5" in shown.stderr
    assert "4 marked, 2 not marked" in shown.stdout and "record 5, score" in shown.stdout
    (found,) = json.loads(CliRunner().invoke(cli, ["calibrate", "--input", path, "--format", "json"]).stdout)
    assert [n for n, _ in found["curve"]] == [2, 3, 4]
    assert found["curve"][-1][1] == found["calibrated"]
    assert {n["record"] for n in found["next"]} == {5, 6}


@pytest.mark.parametrize(
    ("record", "said"),
    [([], "A record is a JSON object"), ({"answer": "x"}, "give question_id"), ({"question_id": "flask-014", "answer": "x", "score": "5"}, "score: a number"),
     ({"question_id": "flask-014", "answer": "x", "score": -1}, "score: at least 0"), ({"question_id": "flask-014", "answer": "x", "score": True}, "score: a number")],
)  # fmt: skip
def test_what_is_no_record_is_named(record: object, said: str) -> None:
    """By the place and what is wanted."""
    from grader.calibrating import read_submitted
    from grader.refusals import InvalidRecordError

    with pytest.raises(InvalidRecordError, match=said):
        read_submitted(record, 1)
