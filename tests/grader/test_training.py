"""What the score with derived points is fitted on, and what it must not see."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.meaning import VERDICTS
from grader.signals import SIGNALS
from grader.training.rubric import fit_trust
from grader.training.score import Judged, fit_derived, held_out

ASSESSED = [i for i, name in enumerate(SIGNALS) if name.startswith("assessed")]
COVERAGE = list(SIGNALS).index("coverage")


@pytest.fixture(scope="module")
def rows() -> Judged:
    """400 answers of ours whose mark is their coverage, and 400 of others whose verdict is what the assessor says."""
    rng = np.random.default_rng(0)
    signals = rng.random((800, len(SIGNALS)))
    marks = signals[:400, COVERAGE]
    ours = [VERDICTS[i] for i in np.digitize(-marks, [-0.8, -0.4, -0.2, -0.1])]
    theirs = [VERDICTS[0] if row[ASSESSED[0]] > 0.6 else VERDICTS[1 + i % 4] for i, row in enumerate(signals[400:])]
    return Judged.of(signals[:400], ours, [f"own-{i % 8}" for i in range(400)], marks) + Judged.of(
        signals[400:], theirs, [f"school-{i % 8}" for i in range(400)]
    )


def test_the_mark_is_learned_from_our_own_answers_without_the_assessor(rows: Judged) -> None:
    """It follows the coverage, and not a word that the assessor says."""
    model = fit_derived(rows)
    other = rows.signals.copy()
    other[:, ASSESSED] = 1 - other[:, ASSESSED]

    assert np.corrcoef(model.mark.values(rows.signals[rows.own]), rows.marks[rows.own])[0, 1] > 0.95
    assert np.array_equal(model.mark.values(rows.signals), model.mark.values(other))
    assert not np.array_equal(model.score(rows.signals), model.score(other))


def test_held_out_rows_are_judged_by_models_that_saw_none_of_their_fold(rows: Judged) -> None:
    """Marks turned round in one fold alone are not learned there."""
    folds = np.array([int(group[-1]) % 4 for group in rows.groups])
    turned = rows.marks.copy()
    turned[rows.own & (folds == 0)] = 1 - turned[rows.own & (folds == 0)]
    scores, verdicts = held_out(Judged(rows.signals, rows.labels, turned, rows.kinds, rows.groups), folds)
    mine = rows.own & (folds == 0)

    assert np.corrcoef(scores[mine], turned[mine])[0, 1] < -0.8
    assert set(verdicts) <= set(VERDICTS)


def test_promises_are_those_of_our_own_answers(rows: Judged) -> None:
    """Others teach where a score may be off; how many of them were off promises nothing."""
    scores = np.where(rows.own, rows.marks, 1 - rows.marks)
    folds = np.arange(len(scores)) % 4
    trust = fit_trust(rows.signals, scores, rows.marks, folds, rows.own)

    assert len(trust.held_far) == len(trust.held_off) == rows.own.sum()
    assert trust.held_off.sum() == 0
    assert trust.reach == 0
    assert trust.limit(0.1) > fit_trust(rows.signals, scores, rows.marks, folds).limit(0.1)


def test_short_ones_teach_the_mark_and_not_the_verdict(rows: Judged) -> None:
    """A point against a sentence or two has a mark, and no verdict."""
    rng = np.random.default_rng(1)
    signals = rng.random((200, len(SIGNALS)))
    short = Judged.of(signals, [""] * 200, ["own-1"] * 200, 1 - signals[:, COVERAGE], "short")
    before, after = fit_derived(rows), fit_derived(rows + short)

    assert (rows + short).own.sum() == 400
    assert not np.array_equal(before.mark.values(signals), after.mark.values(signals))
    assert np.array_equal(before.classes(signals), after.classes(signals))
