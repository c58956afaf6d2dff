"""Interviews, questions asked, answers, grades, rulings and notes, as rows.

Changes of what can change name the version they stand on; a method that returns False found another one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, select, update
from sqlalchemy.orm import Session

from grader.interviews.records import Answer, Asked, Draft, Interview, Note, Override, Rubric, Seal
from grader.records import Grade
from grader.store.models import (
    AnswerRow,
    AskedRow,
    CandidateRow,
    GradeRow,
    InterviewRow,
    NoteRow,
    OverrideRow,
)
from grader.store.rows import changed

__all__ = ["InterviewRows", "Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a question: the score that counts (None: no answer yet), and whether the machine asks a human who has not come yet."""

    score: float | None
    to_review: bool


class InterviewRows:
    """Sittings, and all that was said in them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def interviews(
        self, *, stage: str | None = None, candidate_id: str | None = None, ids: Sequence[str] | None = None
    ) -> list[tuple[Interview, str]]:
        """Interviews with their candidates' names, newest first."""
        rows = select(InterviewRow, CandidateRow.name).join(CandidateRow, CandidateRow.id == InterviewRow.candidate_id)
        if stage is not None:
            rows = rows.where(InterviewRow.stage == stage)
        if candidate_id is not None:
            rows = rows.where(InterviewRow.candidate_id == candidate_id)
        if ids is not None:
            rows = rows.where(InterviewRow.id.in_(ids))
        rows = rows.order_by(InterviewRow.created_at.desc(), InterviewRow.id)
        return [(_interview(row), name) for row, name in self._session.execute(rows)]

    def interview(self, interview_id: str) -> Interview | None:
        """One."""
        row = self._session.get(InterviewRow, interview_id, populate_existing=True)
        return _interview(row) if row else None

    def add_interview(self, interview: Interview) -> None:
        """A new one."""
        self._add(InterviewRow(**interview.model_dump()))

    def change_interview(self, interview_id: str, version: int, **values: str) -> bool:
        """Other title or stage."""
        rows = update(InterviewRow).where(InterviewRow.id == interview_id, InterviewRow.version == version)
        return changed(self._session, rows.values(**values, version=version + 1))

    def touch(self, interview_id: str, *, starts: bool = False) -> int:
        """Something in it changed; the new version. With `starts` a planned interview is running from now on."""
        rows = update(InterviewRow).where(InterviewRow.id == interview_id).values(version=InterviewRow.version + 1)
        if starts:
            rows = rows.values(stage=case((InterviewRow.stage == "planned", "running"), else_=InterviewRow.stage))
        return self._session.execute(rows.returning(InterviewRow.version)).scalar_one()

    def add_asked(self, asked: Asked) -> None:
        """A question, asked at the end of the list."""
        self._add(
            AskedRow(
                id=asked.id,
                interview_id=asked.interview_id,
                position=asked.position,
                question_id=asked.rubric.question_id,
                rubric=asked.rubric.model_dump(mode="json"),
                asked_by=asked.asked_by,
                asked_at=asked.asked_at,
                version=asked.version,
            )
        )

    def next_position(self, interview_id: str) -> int:
        """Where the next question stands, from 1."""
        return (self._session.scalar(select(func.max(AskedRow.position)).where(AskedRow.interview_id == interview_id)) or 0) + 1

    def lock_asked(self, asked_id: str) -> None:
        """Nobody else changes this question until the transaction ends (SQLite has one writer anyway)."""
        self._session.execute(select(AskedRow.id).where(AskedRow.id == asked_id).with_for_update())

    def drop_asked(self, asked_id: str) -> None:
        """Take an unanswered question off."""
        self._session.execute(delete(AskedRow).where(AskedRow.id == asked_id))

    def asked(self, asked_id: str) -> Asked | None:
        """One question, whole."""
        return next(iter(self._whole(AskedRow.id == asked_id)), None)

    def asked_in(self, interview_ids: Iterable[str]) -> list[Asked]:
        """The questions of interviews, whole, each interview's in order."""
        return self._whole(AskedRow.interview_id.in_(list(interview_ids)))

    def asked_id_of(self, answer_id: str) -> str | None:
        """The question an answer was given to."""
        return self._session.scalar(select(AnswerRow.asked_id).where(AnswerRow.id == answer_id))

    def save_draft(self, asked_id: str, version: int, text: str, by: str, at: datetime) -> bool:
        """What stands in the answer box."""
        values = {"draft": text, "draft_version": version + 1, "draft_by": by, "draft_at": at}
        return changed(self._session, update(AskedRow).where(AskedRow.id == asked_id, AskedRow.draft_version == version).values(**values))

    def touch_asked(self, asked_id: str, version: int) -> bool:
        """An answer or ruling comes: whoever comes with the same version after this is late."""
        rows = update(AskedRow).where(AskedRow.id == asked_id, AskedRow.version == version)
        return changed(self._session, rows.values(version=version + 1))

    def add_answer(self, answer: Answer, seal: Seal) -> None:
        """An answer and its grade."""
        self._add(AnswerRow(id=answer.id, asked_id=answer.asked_id, number=answer.number, text=answer.text, by=answer.by, at=answer.at))
        sealed = seal.model_dump(include={"id", "answer_id", "model", "corpus", "rubric", "checksum", "at"})
        grade = answer.grade
        self._add(
            GradeRow(
                **sealed,
                score=grade.score,
                needs_review=grade.needs_review,
                input=seal.input.encode(),
                output=seal.output.encode(),
                signals=seal.signals.encode(),
            )
        )

    def add_override(self, override: Override) -> None:
        """A ruling."""
        values = override.model_dump()
        self._add(OverrideRow(**{**values, "dismissed": list(override.dismissed), "corrections": dict(override.corrections)}))

    def add_note(self, note: Note) -> None:
        """A remark."""
        self._add(NoteRow(**note.model_dump()))

    def note(self, note_id: str) -> Note | None:
        """One remark."""
        row = self._session.get(NoteRow, note_id)
        return _note(row) if row else None

    def notes(self, interview_id: str) -> list[Note]:
        """Remarks on an interview itself, oldest first."""
        rows = select(NoteRow).where(NoteRow.interview_id == interview_id, NoteRow.asked_id.is_(None))
        return [_note(row) for row in self._session.scalars(rows.order_by(NoteRow.at, NoteRow.id))]

    def seals(self, answer_id: str) -> list[Seal]:
        """The sealed grades of an answer."""
        return [_seal(row) for row in self._session.scalars(select(GradeRow).where(GradeRow.answer_id == answer_id).order_by(GradeRow.at))]

    def seal(self, seal_id: str) -> Seal | None:
        """One sealed grade."""
        row = self._session.get(GradeRow, seal_id)
        return _seal(row) if row else None

    def rated(self, question_id: str | None) -> list[Asked]:
        """Questions with an answer, of all interviews."""
        where = AskedRow.id.in_(select(AnswerRow.asked_id))
        return self._whole(where if question_id is None else where & (AskedRow.question_id == question_id))

    def times_asked(self) -> dict[str, int]:
        """question id -> in how many interviews it was asked."""
        rows = select(AskedRow.question_id, func.count()).group_by(AskedRow.question_id)
        return {row[0]: row[1] for row in self._session.execute(rows)}

    def tallies(self, interview_ids: Sequence[str]) -> dict[str, list[Tally]]:
        """interview id -> each question asked in it, with what its newest answer reached."""
        last = select(AnswerRow.asked_id, func.max(AnswerRow.number).label("number")).group_by(AnswerRow.asked_id).subquery()
        ruled = select(OverrideRow.answer_id, func.max(OverrideRow.number).label("number")).group_by(OverrideRow.answer_id).subquery()
        rows = (
            select(AskedRow.interview_id, GradeRow.score, GradeRow.needs_review, OverrideRow)
            .outerjoin(last, last.c.asked_id == AskedRow.id)
            .outerjoin(AnswerRow, (AnswerRow.asked_id == AskedRow.id) & (AnswerRow.number == last.c.number))
            .outerjoin(GradeRow, GradeRow.answer_id == AnswerRow.id)
            .outerjoin(ruled, ruled.c.answer_id == AnswerRow.id)
            .outerjoin(OverrideRow, (OverrideRow.answer_id == AnswerRow.id) & (OverrideRow.number == ruled.c.number))
            .where(AskedRow.interview_id.in_(interview_ids))
        )
        found: dict[str, list[Tally]] = defaultdict(list)
        for interview_id, score, doubtful, row in self._session.execute(rows):
            rules = row is not None and (row.score is not None or bool(row.corrections) or bool(row.dismissed))
            found[interview_id].append(Tally(row.result if rules else score, bool(doubtful) and row is None))
        return found

    def _whole(self, where: ColumnElement[bool]) -> list[Asked]:
        whole = select(AskedRow).where(where).order_by(AskedRow.interview_id, AskedRow.position)
        rows = self._session.scalars(whole, execution_options={"populate_existing": True}).all()  # others may have written since
        ids = select(AskedRow.id).where(where)
        notes = self._by_asked(select(NoteRow).where(NoteRow.asked_id.in_(ids)).order_by(NoteRow.at, NoteRow.id))
        answers = self._by_asked(select(AnswerRow).where(AnswerRow.asked_id.in_(ids)).order_by(AnswerRow.number))
        of_asked = select(AnswerRow.id).where(AnswerRow.asked_id.in_(ids))
        grades = {row.answer_id: row.output for row in self._session.scalars(select(GradeRow).where(GradeRow.answer_id.in_(of_asked)))}
        rulings: dict[str, list[Override]] = defaultdict(list)
        for ruling in self._session.scalars(select(OverrideRow).where(OverrideRow.answer_id.in_(of_asked)).order_by(OverrideRow.number)):
            rulings[ruling.answer_id].append(_override(ruling))
        return [
            Asked(
                id=row.id,
                interview_id=row.interview_id,
                position=row.position,
                rubric=Rubric.model_validate(row.rubric),
                draft=Draft(text=row.draft, version=row.draft_version, by=row.draft_by, at=row.draft_at),
                answers=tuple(
                    Answer(
                        id=a.id,
                        asked_id=a.asked_id,
                        number=a.number,
                        text=a.text,
                        by=a.by,
                        at=a.at,
                        grade=Grade.model_validate_json(grades[a.id]),
                        overrides=tuple(rulings[a.id]),
                    )
                    for a in answers[row.id]
                ),
                notes=tuple(_note(n) for n in notes[row.id]),
                asked_by=row.asked_by,
                asked_at=row.asked_at,
                version=row.version,
            )
            for row in rows
        ]

    def _by_asked(self, rows: Select[Any]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for row in self._session.scalars(rows):
            found[row.asked_id].append(row)
        return found

    def _add(self, row: object) -> None:
        self._session.add(row)
        self._session.flush()


def _interview(row: InterviewRow) -> Interview:
    names = Interview.model_fields
    return Interview.model_validate({name: getattr(row, name) for name in names})


def _note(row: NoteRow) -> Note:
    return Note.model_validate({name: getattr(row, name) for name in Note.model_fields})


def _override(row: OverrideRow) -> Override:
    return Override.model_validate({name: getattr(row, name) for name in Override.model_fields})


def _seal(row: GradeRow) -> Seal:
    plain = {name: getattr(row, name) for name in Seal.model_fields}
    return Seal.model_validate(plain | {name: bytes(plain[name]).decode() for name in ("input", "output", "signals")})
