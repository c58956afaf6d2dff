"""The plants of the reference: counted by hand on a grader that reports each and takes a point off."""

from __future__ import annotations

from corpus.store import load_corpus
from grader.evaluation.planted import QUESTIONS, planted_lines
from grader.records import Grade, GradeRequest, ReferenceIssue


class Reporting:
    """Full marks for a question of the bank; one point less, and an issue at the planted point, for a rubric that was sent."""

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        sent = request.key_points or ()
        assert not sent or abs(sum(p.weight for p in sent) - 1) < 1e-6
        issues = tuple(
            ReferenceIssue(code="X", name="x", where=f"key_points[{p.id}]", text=p.text, truth="", sources=())
            for p in sent
            if p.id == "planted"
        )
        return Grade(
            id=number, question_id=request.question_id, score=4.0 if sent else 5.0, max_score=5, interval=(0, 5), verdict="correct", confidence=1,
            needs_review=False, review_reasons=(), key_points=(), false_claims=(), reference_issues=issues, gaming=(), feedback="", model="m", corpus="c",
        )  # fmt: skip


def test_each_plant_is_counted() -> None:
    """Thirty questions a kind; all reported, all marked down by a fifth; the same questions every time."""
    lines = planted_lines(load_corpus(), Reporting())  # type: ignore[arg-type]

    assert [(x.n, x.reported, x.marked_down, round(x.mean_fall, 6)) for x in lines] == [(QUESTIONS, 1.0, 1.0, 0.2)] * 2
    assert lines == planted_lines(load_corpus(), Reporting())  # type: ignore[arg-type]
