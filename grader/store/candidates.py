"""Candidates as rows, and their erasure: the one exception to "only added"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from grader.interviews.records import Candidate, Tombstone
from grader.store.models import (
    AnswerRow,
    AskedRow,
    CandidateRow,
    GradeRow,
    InterviewRow,
    KeyRow,
    MarkRow,
    NoteRow,
    OverrideRow,
    TombstoneRow,
)
from grader.store.rows import changed

__all__ = ["CandidateRows"]


class CandidateRows:
    """Who is interviewed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def candidates(self, words: Sequence[str] = ()) -> list[Candidate]:
        """By name; those with all `words` (folded) in name or contact."""
        rows = select(CandidateRow).order_by(func.lower(CandidateRow.name), CandidateRow.id)
        found = [_candidate(row) for row in self._session.scalars(rows)]
        return [c for c in found if all(w in f"{c.name} {c.contact}".casefold() for w in words)]

    def candidate(self, candidate_id: str) -> Candidate | None:
        """One."""
        row = self._session.get(CandidateRow, candidate_id)
        return _candidate(row) if row else None

    def add_candidate(self, candidate: Candidate) -> None:
        """A new one."""
        self._session.add(CandidateRow(**candidate.model_dump()))
        self._session.flush()

    def change_candidate(self, candidate_id: str, version: int, **values: str) -> bool:
        """Other name or contact."""
        rows = update(CandidateRow).where(CandidateRow.id == candidate_id, CandidateRow.version == version)
        return changed(self._session, rows.values(**values, version=version + 1))

    def tombstone(self, candidate_id: str) -> Tombstone | None:
        """What stays of an erased one."""
        row = self._session.get(TombstoneRow, candidate_id)
        return Tombstone(candidate_id=row.candidate_id, erased_by=row.erased_by, erased_at=row.erased_at) if row else None

    def erase(self, tombstone: Tombstone) -> None:
        """Delete a candidate with everything; the tombstone goes in first, since it lets the sealed rows go."""
        self._session.add(TombstoneRow(**tombstone.model_dump()))
        self._session.flush()
        interviews = select(InterviewRow.id).where(InterviewRow.candidate_id == tombstone.candidate_id)
        asked = select(AskedRow.id).where(AskedRow.interview_id.in_(interviews))
        answers = select(AnswerRow.id).where(AnswerRow.asked_id.in_(asked))
        ids = [tombstone.candidate_id, *self._session.scalars(interviews), *self._session.scalars(asked), *self._session.scalars(answers)]
        ids += self._session.scalars(select(OverrideRow.id).where(OverrideRow.answer_id.in_(answers)))
        ids += self._session.scalars(select(NoteRow.id).where(NoteRow.interview_id.in_(interviews)))
        ids += self._session.scalars(select(MarkRow.id).where(MarkRow.answer_id.in_(answers)))
        for statement in (
            delete(MarkRow).where(MarkRow.answer_id.in_(answers)),
            delete(OverrideRow).where(OverrideRow.answer_id.in_(answers)),
            delete(GradeRow).where(GradeRow.answer_id.in_(answers)),
            delete(NoteRow).where(NoteRow.interview_id.in_(interviews)),
            delete(AnswerRow).where(AnswerRow.asked_id.in_(asked)),
            delete(AskedRow).where(AskedRow.interview_id.in_(interviews)),
            delete(InterviewRow).where(InterviewRow.candidate_id == tombstone.candidate_id),
            delete(CandidateRow).where(CandidateRow.id == tombstone.candidate_id),
            *(delete(KeyRow).where(KeyRow.result.in_(ids[i : i + 500])) for i in range(0, len(ids), 500)),
        ):
            self._session.execute(statement, execution_options={"synchronize_session": False})

    def idle_since(self, at: datetime) -> list[str]:
        """Ids of candidates of whom nothing is younger than `at`."""
        younger = (
            select(InterviewRow.candidate_id)
            .outerjoin(AskedRow, AskedRow.interview_id == InterviewRow.id)
            .outerjoin(AnswerRow, AnswerRow.asked_id == AskedRow.id)
            .outerjoin(OverrideRow, OverrideRow.answer_id == AnswerRow.id)
            .outerjoin(NoteRow, NoteRow.interview_id == InterviewRow.id)
            .where(
                or_(*(moment >= at for moment in (InterviewRow.created_at, AskedRow.draft_at, AnswerRow.at, OverrideRow.at, NoteRow.at)))
            )
        )
        rows = select(CandidateRow.id).where(CandidateRow.created_at < at, CandidateRow.id.not_in(younger))
        return list(self._session.scalars(rows.order_by(CandidateRow.id)))


def _candidate(row: CandidateRow) -> Candidate:
    return Candidate(
        id=row.id, name=row.name, contact=row.contact, created_by=row.created_by, created_at=row.created_at, version=row.version
    )
