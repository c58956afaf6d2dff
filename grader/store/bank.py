"""Questions of the team's own and marked answers, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from corpus.records import Question
from grader.interviews.records import Mark
from grader.store.models import AnswerRow, AskedRow, GradeRow, MarkRow, QuestionRow

__all__ = ["BankRows"]


class BankRows:
    """What is asked, and what was marked."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def questions(self) -> list[Question]:
        """The newest revision of each, by id."""
        newest = select(QuestionRow.id, func.max(QuestionRow.revision).label("revision")).group_by(QuestionRow.id).subquery()
        rows = select(QuestionRow.body).join(newest, (newest.c.id == QuestionRow.id) & (newest.c.revision == QuestionRow.revision))
        return [Question.model_validate(body) for body in self._session.scalars(rows.order_by(QuestionRow.id))]

    def question(self, question_id: str) -> Question | None:
        """The newest revision."""
        rows = select(QuestionRow.body).where(QuestionRow.id == question_id).order_by(QuestionRow.revision.desc()).limit(1)
        body = self._session.scalar(rows)
        return Question.model_validate(body) if body else None

    def add_question(self, question: Question, by: str, at: datetime) -> None:
        """A new revision of a question."""
        last = self._session.scalar(select(func.max(QuestionRow.revision)).where(QuestionRow.id == question.id)) or 0
        body = question.model_dump(mode="json")
        self._session.add(QuestionRow(id=question.id, revision=last + 1, body=body, by=by, at=at))
        self._session.flush()

    def marks(self, question_id: str, rubric: str) -> list[Mark]:
        """Marked answers of a question in one wording, oldest first."""
        rows = select(MarkRow).where(MarkRow.question_id == question_id, MarkRow.rubric == rubric).order_by(MarkRow.at, MarkRow.id)
        return [_mark(row) for row in self._session.scalars(rows)]

    def all_marks(self, question_id: str | None) -> list[Mark]:
        """Marks of a question in any wording, or of all."""
        rows = select(MarkRow).order_by(MarkRow.question_id, MarkRow.at, MarkRow.id)
        return [
            _mark(row) for row in self._session.scalars(rows if question_id is None else rows.where(MarkRow.question_id == question_id))
        ]

    def marks_of(self, answer_ids: Sequence[str]) -> list[Mark]:
        """Marks that were put on these answers."""
        rows = select(MarkRow).where(MarkRow.answer_id.in_(answer_ids)).order_by(MarkRow.at, MarkRow.id)
        return [_mark(row) for row in self._session.scalars(rows)]

    def mark(self, mark_id: str) -> Mark | None:
        """One."""
        row = self._session.get(MarkRow, mark_id)
        return _mark(row) if row else None

    def add_mark(self, mark: Mark) -> None:
        """One more."""
        self._session.add(MarkRow(**mark.model_dump()))
        self._session.flush()

    def drop_mark(self, mark_id: str) -> None:
        """One less."""
        self._session.execute(delete(MarkRow).where(MarkRow.id == mark_id))

    def count_marks(self) -> dict[str, int]:
        """question id -> marks, of any wording."""
        rows = select(MarkRow.question_id, func.count()).group_by(MarkRow.question_id)
        return {row[0]: row[1] for row in self._session.execute(rows)}

    def unmarked(self, question_id: str, rubric: str, *, limit: int) -> list[tuple[str, str]]:
        """(answer id, text) of answers that candidates gave to the question in this wording and nobody marked, newest first."""
        marked = select(MarkRow.answer_id).where(MarkRow.answer_id.is_not(None))
        rows = (
            select(AnswerRow.id, AnswerRow.text)
            .join(AskedRow, AskedRow.id == AnswerRow.asked_id)
            .join(GradeRow, GradeRow.answer_id == AnswerRow.id)
            .where(AskedRow.question_id == question_id, GradeRow.rubric == rubric, AnswerRow.id.not_in(marked))
            .order_by(AnswerRow.at.desc(), AnswerRow.id)
        )
        return [(row[0], row[1]) for row in self._session.execute(rows.limit(limit))]

    def count_unmarked(self) -> dict[str, int]:
        """question id -> answers of candidates that nobody has marked."""
        marked = select(MarkRow.answer_id).where(MarkRow.answer_id.is_not(None))
        rows = (
            select(AskedRow.question_id, func.count())
            .join(AnswerRow, AskedRow.id == AnswerRow.asked_id)
            .where(AnswerRow.id.not_in(marked))
            .group_by(AskedRow.question_id)
        )
        return {row[0]: row[1] for row in self._session.execute(rows)}


def _mark(row: MarkRow) -> Mark:
    return Mark(
        id=row.id,
        question_id=row.question_id,
        rubric=row.rubric,
        text=row.text,
        share=row.share,
        by=row.by,
        at=row.at,
        answer_id=row.answer_id,
    )
