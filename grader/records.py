"""What goes into a grade and what comes out, as frozen, validated records.

Offsets count Unicode code points of the answer as sent, end exclusive. Scores lie in [0, max_score].
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from corpus.records import MAX_KEY_POINTS, MAX_REFERENCES, KeyPoint, check_key_points

__all__ = [
    "Evidence", "FalseClaim", "Gaming", "Grade", "GradeRequest", "GradedAnswer", "KeyPointState", "ReferenceIssue", "SourceRef", "State", "Verdict",
]  # fmt: skip

MAX_ANSWER = 20_000
MAX_GRADED = 200
Verdict = Literal["correct", "partially_correct_incomplete", "contradictory", "irrelevant", "non_domain"]
State = Literal["stated", "contradicted", "missing"]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("holds nothing but blanks")
    return text


Reference = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ANSWER), AfterValidator(_not_blank)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GradedAnswer(_Record):
    """An answer to the same question that a human has marked, on the scale 0..max_score."""

    answer: Annotated[str, StringConstraints(max_length=MAX_ANSWER)]
    score: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class GradeRequest(_Record):
    """One answer to grade: against a known question, or against references given here (which win over the known ones)."""

    id: Annotated[str, StringConstraints(max_length=200)] | int | None = None
    question_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    question: Annotated[str, StringConstraints(max_length=MAX_ANSWER)] | None = None
    reference_answers: Annotated[tuple[Reference, ...], Field(min_length=1, max_length=MAX_REFERENCES)] | None = None
    key_points: Annotated[tuple[KeyPoint, ...], Field(min_length=1, max_length=MAX_KEY_POINTS)] | None = None
    answer: Annotated[str, StringConstraints(max_length=MAX_ANSWER)]
    max_score: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = 5
    graded_answers: Annotated[tuple[GradedAnswer, ...], Field(max_length=MAX_GRADED)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.question_id is None and not self.reference_answers:
            raise ValueError("give question_id, or question with reference_answers")
        if self.key_points is not None:
            check_key_points(self.key_points)
        above = [g.score for g in self.graded_answers if g.score > self.max_score]
        if above:
            raise ValueError(f"graded_answers: score {above[0]:g} is above max_score {self.max_score:g}")
        return self


class Evidence(_Record):
    """The words of the answer that decide a key point."""

    start: int
    end: int
    text: str


class KeyPointState(_Record):
    """One line of the ledger."""

    id: str
    text: str
    weight: float
    state: State
    confidence: Unit
    evidence: Evidence | None


class SourceRef(_Record):
    """Where a truth is written."""

    title: str
    url: str


class FalseClaim(_Record):
    """Words of the answer that a fact of the corpus contradicts."""

    code: str
    name: str
    start: int
    end: int
    text: str
    truth: str
    sources: tuple[SourceRef, ...]
    confidence: Unit


class ReferenceIssue(_Record):
    """A finding of the linter in what the answer is held against; `where` is e.g. reference_answers[0] or key_points[k2]."""

    code: str
    name: str
    where: str
    text: str
    truth: str
    sources: tuple[SourceRef, ...]


class Gaming(_Record):
    """A suspicion that the answer is written for the machine; kinds: see GAMING_REASONS."""

    kind: str
    confidence: Unit


class Grade(_Record):
    """One graded answer. `interval` covers the true score in 90 % of cases; see section 4.4 of the design."""

    id: str | int
    question_id: str | None
    score: float
    max_score: float
    interval: tuple[float, float]
    verdict: Verdict
    confidence: Unit
    needs_review: bool
    review_reasons: tuple[str, ...]
    key_points: tuple[KeyPointState, ...]
    false_claims: tuple[FalseClaim, ...]
    reference_issues: tuple[ReferenceIssue, ...]
    gaming: tuple[Gaming, ...]
    feedback: str
    model: str
    corpus: str
