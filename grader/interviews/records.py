"""What the service layer gives and takes: frozen records. Scores lie in [0, max_score] of their interview, shares in [0, 1], times are aware, UTC.

Nothing that was said about an answer is ever changed: answers, grades, overrides and notes are only added. What can change (an interview's
title and state, the draft in the answer box) carries a `version` that a writer must name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from corpus.records import MAX_KEY_POINTS, MAX_REFERENCES, KeyPoint
from grader.records import MAX_ANSWER, Grade, State

__all__ = [
    "Answer", "Asked", "Candidate", "Change", "Draft", "Interview", "Level", "Line", "Mark", "Note", "Override", "Preview", "Replay", "Role",
    "Rubric", "Seal", "Session", "Stage", "Tombstone", "User",
]  # fmt: skip

Role = Literal["owner", "interviewer", "viewer"]
Stage = Literal["planned", "running", "finished"]
Level = Literal["junior", "mid", "senior"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(max_length=MAX_ANSWER)]


class Record(BaseModel):
    """Base of these records."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class User(Record):
    """Who acts. `owner` may do all; `interviewer` all but users, erasure and retention; `viewer` reads."""

    id: str
    name: Name
    role: Role
    created_at: datetime
    disabled: bool = False


class Session(Record):
    """A signed-in user. `token` is the cookie's value and known only here; `csrf` goes into forms and the X-CSRF-Token header."""

    token: str = Field(repr=False)
    csrf: str = Field(repr=False)
    user: User
    expires_at: datetime


class Candidate(Record):
    """Who is interviewed."""

    id: str
    name: Name
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    created_by: str
    created_at: datetime
    version: int = 1


class Tombstone(Record):
    """What stays of an erased candidate: that there was one, who erased it and when. No content."""

    candidate_id: str
    erased_by: str
    erased_at: datetime


class Rubric(Record):
    """A question exactly as it was asked, with what answers are held against. `version` is 12 hex digits of the SHA-256 over all else."""

    question_id: str
    topic: str
    level: Level
    question: Prose
    reference_answers: Annotated[tuple[Prose, ...], Field(min_length=1, max_length=MAX_REFERENCES)]
    key_points: Annotated[tuple[KeyPoint, ...], Field(min_length=1, max_length=MAX_KEY_POINTS)]
    version: str


class Interview(Record):
    """One sitting with one candidate. `version` rises with every change in it, drafts included: watch it for live updates."""

    id: str
    candidate_id: str
    title: Name
    stage: Stage
    max_score: float
    created_by: str
    created_at: datetime
    version: int


class Line(Record):
    """An interview in a list."""

    interview: Interview
    candidate: str = Field(description="Name of the candidate.")
    asked: int
    answered: int
    share: float | None = Field(
        description="Mean share of full marks of the answered questions, overrides included; None before the first."
    )
    to_review: int = Field(description="Answers the machine is unsure of and nobody has ruled on.")


class Draft(Record):
    """What stands in the answer box. `version` 0: nothing was ever typed."""

    text: Prose = ""
    version: int = 0
    by: str = ""
    at: datetime | None = None


class Seal(Record):
    """A grade as it was given, for ever: what went in, what came out, made by what. `checksum` is the SHA-256 over input, output and signals."""

    id: str
    answer_id: str
    input: str = Field(description="The grade request, JSON, as bytes decoded.")
    output: str = Field(description="The grade, JSON.")
    signals: str = Field(description="The numbers the score was made of, JSON.")
    model: str
    corpus: str
    rubric: str
    checksum: str
    at: datetime


class Override(Record):
    """A human's ruling on an answer. The newest counts; one that rules nothing gives the machine its word back.

    `score` set: that is the score. Otherwise `corrections` (key point id -> state) and `dismissed` were taken for true and `result` was
    computed anew. Each override says all of it again; it does not build on the one before.
    """

    id: str
    answer_id: str
    number: int
    score: float | None
    corrections: Mapping[str, State]
    dismissed: tuple[str, ...] = Field((), description="Codes of false claims that were none.")
    why: Annotated[str, StringConstraints(max_length=2_000)]
    by: str
    at: datetime
    result: float


class Answer(Record):
    """An answer that was handed in, with its grade and the rulings on it, oldest first."""

    id: str
    asked_id: str
    number: int
    text: Prose
    by: str
    at: datetime
    grade: Grade
    overrides: tuple[Override, ...] = ()

    @property
    def ruling(self) -> Override | None:
        """The override that counts, or None where the machine's score stands."""
        last = self.overrides[-1] if self.overrides else None
        return last if last and (last.score is not None or last.corrections or last.dismissed) else None

    @property
    def score(self) -> float:
        """The score that counts, in [0, max_score]."""
        return self.ruling.result if self.ruling else self.grade.score


class Note(Record):
    """A remark on an interview, or on one question of it. Only added, never changed."""

    id: str
    interview_id: str
    asked_id: str | None
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    by: str
    at: datetime


class Asked(Record):
    """A question of an interview: the rubric, the answer box, the answers handed in (oldest first), notes.

    `version` rises with each answer and override, not with the draft, which has its own.
    """

    id: str
    interview_id: str
    position: int
    rubric: Rubric
    draft: Draft
    answers: tuple[Answer, ...]
    notes: tuple[Note, ...]
    asked_by: str
    asked_at: datetime
    version: int

    @property
    def answer(self) -> Answer | None:
        """The answer that counts: the last one handed in."""
        return self.answers[-1] if self.answers else None


class Preview(Record):
    """A grade while typing: not stored. `draft` is the box as saved with it."""

    grade: Grade
    draft: Draft


class Change(Record):
    """One field that a replayed grade has otherwise; `then` and `now` as JSON text."""

    field: str
    then: str
    now: str


class Replay(Record):
    """A sealed grade, computed again. `intact`: the seal's checksum holds. `same`: byte for byte the same output."""

    seal_id: str
    intact: bool
    same: bool
    changes: tuple[Change, ...]


class Mark(Record):
    """An answer marked by a human, to calibrate the scores of its question. `share` of full marks, in [0, 1]."""

    id: str
    question_id: str
    rubric: str
    text: Prose
    share: Annotated[float, Field(ge=0, le=1)]
    by: str
    at: datetime
    answer_id: str | None = Field(description="The candidate's answer it was, if it was one: it is erased with them.")
