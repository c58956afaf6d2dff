"""What the interview routes take and give beside the records of the service layer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from grader.interviews.records import Asked, Interview, Note, Role, Stage, User
from grader.records import State

__all__ = [
    "AddedMark", "AddedNote", "AddedOverride", "AddedUser", "ChangedCandidate", "ChangedInterview", "ChangedUser", "Corrections", "FirstOwner",
    "HandedIn", "LintRequest", "NewCandidate", "NewInterview", "NewPassword", "NewQuestion", "Score", "SessionInfo", "SignIn", "WholeInterview",
]  # fmt: skip


Id = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,100}$")]


class Wire(BaseModel):
    """Base: a field nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SignIn(Wire):
    """Who asks to come in."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=200, repr=False)


class FirstOwner(SignIn):
    """The first owner; `token` is from the link that the server prints."""

    token: str = Field(max_length=200, repr=False)


class SessionInfo(Wire):
    """A session. `token` (at sign-in only) goes into `Authorization: Bearer ...`, or stay with the cookie and send `csrf` as X-CSRF-Token."""

    user: User
    csrf: str
    expires_at: datetime
    token: str | None = None


class AddedUser(SignIn):
    """A new user."""

    role: Role


class ChangedUser(Wire):
    """What is to be otherwise."""

    role: Role | None = None
    disabled: bool | None = None


class NewPassword(Wire):
    """A new password; `old` where it is one's own."""

    password: str = Field(max_length=200, repr=False)
    old: str | None = Field(None, max_length=200, repr=False)


class NewCandidate(Wire):
    """Who is to be interviewed."""

    name: str
    contact: str = ""


class ChangedCandidate(Wire):
    """What is to be otherwise."""

    name: str | None = None
    contact: str | None = None


class NewInterview(Wire):
    """A sitting, with the questions to ask."""

    candidate_id: Id
    title: str
    max_score: float = 5
    questions: tuple[Id, ...] = Field((), max_length=200)


class ChangedInterview(Wire):
    """What is to be otherwise."""

    title: str | None = None
    stage: Stage | None = None


class WholeInterview(Wire):
    """An interview with its questions, answers and notes."""

    interview: Interview
    questions: tuple[Asked, ...]
    notes: tuple[Note, ...]


class NewQuestion(Wire):
    """A question of the bank to ask."""

    question_id: Id


class HandedIn(Wire):
    """What the candidate said."""

    text: str


class Corrections(Wire):
    """Key points (id -> state) as a human saw them, and codes of claims that were none."""

    corrections: dict[str, State] = Field({}, max_length=50)
    dismissed: tuple[str, ...] = Field((), max_length=50)


class AddedOverride(Corrections):
    """A ruling: a score, or corrections; neither takes the ruling back."""

    score: float | None = None
    why: str = ""


class Score(Wire):
    """A score, in [0, max_score]."""

    score: float


class AddedNote(Wire):
    """A remark, on one question where `asked_id` is given."""

    text: str
    asked_id: Id | None = None


class AddedMark(Wire):
    """An answer and its share of full marks, in [0, 1]."""

    text: str
    share: float
    answer_id: Id | None = None


class LintRequest(Wire):
    """A text; `context` is what it is about, such as the question it answers."""

    text: str
    context: str = Field("", max_length=20_000)
