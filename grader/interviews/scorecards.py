"""What `Reports` gives: scorecards, comparisons, agreement, suggestions. Shares are of full marks, in [0, 1]."""

from __future__ import annotations

from pydantic import Field

from corpus.records import Question
from grader.interviews.records import Asked, Candidate, Interview, Note, Record

__all__ = ["Agreement", "Cell", "Comparison", "Row", "Scorecard", "Suggestion", "TopicShare"]


class TopicShare(Record):
    """Mean share of full marks over the answered questions of a topic."""

    topic: str
    share: float
    machine: float = Field(description="The same without overrides.")
    answered: int
    asked: int


class Scorecard(Record):
    """What a committee reads. `share` and `machine` in [0, 1], None while nothing is answered."""

    interview: Interview
    candidate: Candidate
    share: float | None
    machine: float | None
    interval: tuple[float, float] | None = Field(description="90 %, of the mean, in [0, 1]; a ruled score counts as certain.")
    topics: tuple[TopicShare, ...]
    questions: tuple[Asked, ...]
    notes: tuple[Note, ...]
    overridden: int
    to_review: int


class Cell(Record):
    """One candidate's score on one question, as share of full marks."""

    share: float
    machine: float
    overridden: bool


class Row(Record):
    """A question that at least two of the compared were asked; `cells` in the order of the interviews, None where not answered."""

    question_id: str
    rubric: str
    topic: str
    question: str
    cells: tuple[Cell | None, ...]


class Comparison(Record):
    """Several interviews side by side, on the same questions in the same wording (same rubric version)."""

    interviews: tuple[Interview, ...]
    candidates: tuple[str, ...] = Field(description="Their names, in the order of the interviews.")
    rows: tuple[Row, ...]
    shares: tuple[float | None, ...] = Field(description="Mean over the rows that all have answered; None where there is none.")


class Agreement(Record):
    """How two raters agree on the answers both have marked. Interviewers saw the machine's score first: read it as an upper bound."""

    rater: str
    other: str
    answers: int
    kappa: float | None = Field(description="Quadratic weighted, over six levels 0..5; None where it is not defined.")
    bias: float = Field(description="Mean of rater minus other, as share of full marks.")
    rmse: float


class Suggestion(Record):
    """A question to ask next, and why."""

    question: Question
    why: str
