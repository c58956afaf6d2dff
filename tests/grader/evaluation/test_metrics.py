"""The figures of the report, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from grader.evaluation.agreement import agreement, few_shot, folds_of, label_lines, missing_points, to_way
from grader.evaluation.metrics import bootstrap, f1, macro_f1, recalls, weighted_f1
from grader.evaluation.risk import covered, curve, levels, most_at, reliability
from grader.evaluation.rows import Row
from grader.records import Grade


def grade_of(score: float, confidence: float = 0.5, *, review: bool = False, low: float = 0.0, high: float = 5.0) -> Grade:
    """A grade out of 5 with nothing else in it."""
    return Grade(
        id=1, question_id=None, score=score, max_score=5, interval=(low, high), verdict="correct", confidence=confidence, needs_review=review,
        review_reasons=(), key_points=(), false_claims=(), reference_issues=(), gaming=(), feedback="", model="tiny", corpus="0",
    )  # fmt: skip


def test_f1_of_the_classes():
    """a: 2 of 3 found, nothing wrongly called a (F1 0.8); b: 1 of 1 found, one wrongly called b (F1 2/3)."""
    human, machine = ["a", "a", "a", "b"], ["a", "a", "b", "b"]

    assert f1(human, machine, "a") == pytest.approx(0.8)
    assert f1(human, machine, "b") == pytest.approx(2 / 3)
    assert macro_f1(human, machine) == pytest.approx((0.8 + 2 / 3) / 2)
    assert weighted_f1(human, machine) == pytest.approx((3 * 0.8 + 2 / 3) / 4)
    assert recalls(human, machine) == {"a": pytest.approx(2 / 3), "b": 1.0}


@pytest.mark.parametrize(
    ("label", "two", "three"),
    [
        ("correct", "correct", "correct"),
        ("partially_correct_incomplete", "incorrect", "incorrect"),
        ("contradictory", "incorrect", "contradictory"),
        ("irrelevant", "incorrect", "incorrect"),
        ("non_domain", "incorrect", "incorrect"),
    ],
)
def test_the_ways_of_semeval(label, two, three):
    """Five labels fall together as the task says."""
    assert (to_way(label, 2), to_way(label, 3), to_way(label, 5)) == (two, three, label)


def test_fewer_ways_forgive_more():
    """Partial called irrelevant is wrong in five ways only."""
    lines = label_lines("s", "t", ["correct", "partially_correct_incomplete"], ["correct", "irrelevant"])

    assert [(line.way, line.accuracy) for line in lines] == [(2, 1.0), (3, 1.0), (5, 0.5)]


def test_the_bootstrap_draws_whole_questions():
    """With one question there is nothing to vary; with two the mean lies between theirs."""
    values = np.array([0.0, 0.0, 1.0, 1.0])

    assert bootstrap(lambda i: float(values[i].mean()), ["q"] * 4, draws=20) == (0.5, 0.5)
    assert bootstrap(lambda i: float(values[i].mean()), ["q", "q", "r", "r"], draws=200) == (0.0, 1.0)


def test_no_question_is_in_two_folds():
    """11.1 and 11.10 are two questions; all answers to one share a fold."""
    groups = [str(name) for name in ("11.1", "11.10", "2.3") for _ in range(4)]
    fold = folds_of(groups, n_folds=3)

    assert {len(set(fold[i : i + 4].tolist())) for i in (0, 4, 8)} == {1}
    assert len(set(fold.tolist())) == 3


def test_agreement_with_itself_is_perfect():
    """r 1, RMSE 0."""
    marks = np.array([0.0, 2.5, 5.0, 1.0])
    found = agreement("x", marks, marks, ["a", "a", "b", "b"])

    assert (found.r, found.rmse) == (pytest.approx(1.0), 0.0)


def test_a_point_is_missing_when_half_of_its_content_words_are():
    """The gap "red wires" takes a point about red wires, not one about blue lamps and switches."""
    assert missing_points(["Red wires.", "Blue lamps and switches"], ["red wires"]) == [True, False]
    assert missing_points(["Red wires."], []) == [False]


@pytest.mark.parametrize(("mark", "level"), [(0, 0), (0.09, 0), (0.1, 1), (0.5, 3), (0.88, 4), (0.9, 5), (1, 5)])
def test_marks_become_whole_marks(mark, level):
    """A half is rounded up."""
    assert levels(np.array([mark])) == [level]


def test_the_surest_come_first_and_reviews_last():
    """Two right and sure, one wrong and sent to a human: half of the answers are free of risk."""
    grades = [grade_of(5, 0.9), grade_of(0, 0.8), grade_of(5, 0.95, review=True), grade_of(0, 0.1, review=True)]
    points, own = curve(grades, np.array([1.0, 0.0, 0.0, 1.0]), shares=(1.0, 0.5))

    assert [(p.share, p.n, p.rmse) for p in points] == [(1.0, 4, pytest.approx(np.sqrt(12.5))), (0.5, 2, 0.0)]
    assert (own.n, own.qwk, own.share) == (2, 1.0, 0.5)
    best = most_at(grades, np.array([1.0, 0.0, 0.0, 1.0]))
    assert best is not None
    assert best.n == 2


def test_reliability_and_coverage():
    """Sure ones keep their word, unsure ones do not; one of two intervals holds the mark."""
    grades = [grade_of(5, 0.2, low=4, high=5), grade_of(5, 0.8, low=4, high=5)]
    truth = np.array([0.0, 0.9])

    assert [(b.promised, b.kept) for b in reliability(grades, truth, n_bins=2)] == [(0.2, 0.0), (0.8, 1.0)]
    assert covered(grades, truth) == (0.5, pytest.approx(0.2))


class Counting:
    """Gives the mean of the marked answers, 0 where there are none, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def grade(self, request, number=1):
        marked = request.graded_answers
        self.asked.append((request.answer, tuple(m.answer for m in marked)))
        return grade_of(sum(m.score for m in marked) / len(marked) if marked else 0.0)


def test_few_marks_are_of_the_same_question_and_never_of_the_answer_itself():
    """Each draw marks 0, 3, 5, 11 answers and scores others; a question with eleven answers is left out."""
    rows = [Row("q", "Q?", ("r",), f"q{i}", 0.4) for i in range(14)] + [Row("p", "P?", ("r",), f"p{i}", 1.0) for i in range(11)]
    grader = Counting()
    found = few_shot(rows, grader, {"rival": np.full(len(rows), 0.4)}, np.eye(len(rows)), draws=2, per_question=2)

    assert {key: len(truth) for key, (truth, _, _) in found.items()} == {(s, n): 4 for s in ("Viva", "rival") for n in (0, 3, 5, 11)}
    assert {len(marked) for _, marked in grader.asked} == {0, 3, 5, 11}
    assert all(answer not in marked and answer[0] == "q" and {m[0] for m in marked} <= {"q"} for answer, marked in grader.asked)
    assert found["Viva", 3][1] == pytest.approx(np.full(4, 0.4))
    assert found["rival", 11][1] == pytest.approx(np.full(4, 0.4))
