"""`Marks`: answers marked by humans, and what they do for the scores of their question."""

from __future__ import annotations

from pydantic import Field

from grader.interviews.records import Mark, Record, User

__all__ = ["CalibrationState", "Marks", "ToMark"]


class ToMark(Record):
    """An answer of this question that nobody has marked; marking it would teach most of those left."""

    text: str
    answer_id: str | None
    share: float = Field(description="The machine's share of full marks.")
    why: str


class CalibrationState(Record):
    """Where the calibration of a question stands. Errors are root mean squares of shares, leave-one-out; None below two marks."""

    question_id: str
    rubric: str
    marks: tuple[Mark, ...]
    machine: tuple[float, ...] = Field(description="The bare machine's shares of the marked answers, in their order.")
    before: float | None = Field(description="Error of the bare machine on the marked answers.")
    after: float | None = Field(description="Error with calibration, each answer left out once.")
    curve: tuple[tuple[int, float], ...] = Field(description="(marks used, error), in the order they were marked.")
    next: tuple[ToMark, ...]


class Marks:
    """Calibration: marks count from the next grade on; grades that were given stay as they are."""

    def state(self, actor: User, question_id: str) -> CalibrationState:
        """The calibration of a question at its present rubric; marks of an older rubric do not count."""
        raise NotImplementedError

    def questions(self, actor: User) -> list[tuple[str, int, int]]:
        """(question id, marks, answers nobody has marked) of questions that have either; most unmarked first."""
        raise NotImplementedError

    def mark(self, actor: User, question_id: str, text: str, share: float, *, answer_id: str | None = None, key: str | None = None) -> Mark:
        """Mark an answer with its share of full marks, in [0, 1]. At most 200 a question."""
        raise NotImplementedError

    def unmark(self, actor: User, mark_id: str) -> None:
        """Take a mark back."""
        raise NotImplementedError
