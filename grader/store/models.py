"""The tables. What was said about an answer is only added: the migrations put triggers on `answers`, `grades`, `overrides` and `notes` that
refuse every change, and every deletion but that of an erased candidate.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

__all__ = [
    "AnswerRow", "AskedRow", "Base", "CandidateRow", "GradeRow", "InterviewRow", "KeyRow", "LinkRow", "MarkRow", "NoteRow",
    "OverrideRow", "QuestionRow", "SessionRow", "TombstoneRow", "UserRow",
]  # fmt: skip

Id = String(40)


class Moment(TypeDecorator[datetime]):
    """Aware times, kept as UTC on both databases (SQLite knows no time zones)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to aware."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012 - SQLAlchemy's own signature


class UserRow(Base):
    """Who may come in. `folded` is the name without case: no two users differ in case alone."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(400), unique=True)
    password: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(20))
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class SessionRow(Base):
    """Someone signed in; the token itself is not kept."""

    __tablename__ = "sessions"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class LinkRow(Base):
    """The one-time link to the first owner."""

    __tablename__ = "links"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]


class QuestionRow(Base):
    """A revision of a question of the team's own; the newest counts."""

    __tablename__ = "questions"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]


class CandidateRow(Base):
    """Who is interviewed."""

    __tablename__ = "candidates"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class TombstoneRow(Base):
    """A candidate was here."""

    __tablename__ = "tombstones"
    candidate_id: Mapped[str] = mapped_column(Id, primary_key=True)
    erased_by: Mapped[str] = mapped_column(Id)
    erased_at: Mapped[datetime]


class InterviewRow(Base):
    """A sitting with a candidate."""

    __tablename__ = "interviews"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidates.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(20))
    max_score: Mapped[float]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)


class AskedRow(Base):
    """A question of an interview, copied when it was asked, and the answer box."""

    __tablename__ = "asked"
    __table_args__ = (UniqueConstraint("interview_id", "position"), UniqueConstraint("interview_id", "question_id"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interviews.id"))
    position: Mapped[int]
    question_id: Mapped[str] = mapped_column(String(100), index=True)
    rubric: Mapped[dict[str, Any]]
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    draft: Mapped[str] = mapped_column(Text, default="")
    draft_version: Mapped[int] = mapped_column(default=0)
    draft_by: Mapped[str] = mapped_column(Id, default="")
    draft_at: Mapped[datetime | None]


class AnswerRow(Base):
    """An answer that was handed in."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("asked_id", "number"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    asked_id: Mapped[str] = mapped_column(ForeignKey("asked.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]


class GradeRow(Base):
    """A sealed grade: the bytes that went in and came out; score and needs_review stand in the output too, here for lists."""

    __tablename__ = "grades"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), index=True)
    input: Mapped[bytes] = mapped_column(LargeBinary)
    output: Mapped[bytes] = mapped_column(LargeBinary)
    signals: Mapped[bytes] = mapped_column(LargeBinary)
    model: Mapped[str] = mapped_column(String(500))
    corpus: Mapped[str] = mapped_column(String(40))
    rubric: Mapped[str] = mapped_column(String(40))
    score: Mapped[float]
    needs_review: Mapped[bool]
    checksum: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class OverrideRow(Base):
    """A human's ruling."""

    __tablename__ = "overrides"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"))
    number: Mapped[int]
    score: Mapped[float | None]
    corrections: Mapped[dict[str, Any]]
    dismissed: Mapped[list[str]]
    why: Mapped[str] = mapped_column(Text)
    result: Mapped[float]
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]


class NoteRow(Base):
    """A remark."""

    __tablename__ = "notes"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interviews.id"), index=True)
    asked_id: Mapped[str | None] = mapped_column(ForeignKey("asked.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]


class MarkRow(Base):
    """An answer marked for calibration; `answer_id` where it was a candidate's, so that it is erased with them."""

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_question", "question_id", "rubric"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    question_id: Mapped[str] = mapped_column(String(100))
    rubric: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    share: Mapped[float]
    by: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answers.id"), index=True)


class KeyRow(Base):
    """An idempotency key, and what it made."""

    __tablename__ = "idempotency"
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(Id, index=True)
    at: Mapped[datetime]
