"""Interviews and the questions asked in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from corpus.errors import UnknownQuestionError
from grader.interviews.desk import prose, require_writer
from grader.interviews.errors import ConflictError, InvalidError, StaleError
from grader.interviews.grading import request_for, rubric_of
from grader.interviews.people import People
from grader.interviews.records import Asked, Draft, Interview, Line, Note, Rubric, Stage, User
from grader.refusals import BusyError

if TYPE_CHECKING:
    from grader.store.interviews import Tally
    from grader.store.store import Transaction

__all__ = ["Sittings"]


class Sittings(People):
    """The part of `Interviews` about sittings, their questions and notes."""

    def lines(self, actor: User, *, q: str = "", stage: Stage | None = None, candidate_id: str | None = None) -> list[Line]:
        """Interviews, newest first, with state and score; `q` looks into title and candidate."""
        words = q.casefold().split()
        with self._store.reading() as tx:
            found = tx.interviews.interviews(stage=stage, candidate_id=candidate_id)
            found = [(i, name) for i, name in found if all(w in f"{i.title} {name}".casefold() for w in words)]
            tallies = tx.interviews.tallies([i.id for i, _ in found])
        return [_line(interview, name, tallies.get(interview.id, [])) for interview, name in found]

    def interview(self, actor: User, interview_id: str) -> Interview:
        """One interview. Cheap: poll it for `version`, or use `watch`."""
        with self._store.reading() as tx:
            return self._interview(tx, interview_id)

    def add_interview(
        self, actor: User, candidate_id: str, title: str, *, max_score: float = 5, questions: Sequence[str] = (), key: str | None = None
    ) -> Interview:
        """A new interview in stage planned, with these questions (ids of the bank) asked in this order."""
        require_writer(actor)
        title = prose("title", title, 200).strip()
        if not (math.isfinite(max_score) and 0 < max_score <= 1_000_000):
            raise InvalidError("max_score", f"must be above 0 and at most 1,000,000, got {max_score:g}")
        if len(set(questions)) != len(questions):
            raise InvalidError("questions", "holds an id twice")
        at = self._clock()
        new = Interview(
            id=self._ids(),
            candidate_id=candidate_id,
            title=title,
            stage="planned",
            max_score=max_score,
            created_by=actor.id,
            created_at=at,
            version=1,
        )

        def write(tx: Transaction) -> None:
            self._candidate(tx, candidate_id)
            tx.interviews.add_interview(new)
            for position, question_id in enumerate(questions, start=1):
                tx.interviews.add_asked(self._new_asked(tx, actor, new.id, question_id, position))

        made = self._once(actor, key, ("interview", candidate_id, title, max_score, *questions), new.id, write)
        return self.interview(actor, made)

    def change_interview(
        self, actor: User, interview_id: str, *, version: int, title: str | None = None, stage: Stage | None = None
    ) -> Interview:
        """Other title or stage; StaleError where `version` is not the one that stands. A finished one can be taken up again."""
        require_writer(actor)
        values = {"title": prose("title", title, 200).strip()} if title is not None else {}
        with self._store.writing() as tx:
            if stage is not None:
                values["stage"] = stage
            if not tx.interviews.change_interview(interview_id, version, **values):
                raise StaleError("interview", interview_id, self._interview(tx, interview_id).version)
        self._watchers.tell(interview_id, version + 1)
        return self.interview(actor, interview_id)

    def asked(self, actor: User, interview_id: str) -> list[Asked]:
        """The questions of an interview in their order, whole: drafts, answers, grades, overrides, notes."""
        with self._store.reading() as tx:
            self._interview(tx, interview_id)
            return tx.interviews.asked_in([interview_id])

    def one_asked(self, actor: User, asked_id: str) -> Asked:
        """One question of an interview, whole."""
        with self._store.reading() as tx:
            return self._asked(tx, asked_id)

    def ask(self, actor: User, interview_id: str, question_id: str, *, key: str | None = None) -> Asked:
        """Add a question of the bank; it is copied, so that later changes of the bank change nothing here. ConflictError if asked already."""
        require_writer(actor)
        id_ = self._ids()

        def write(tx: Transaction) -> None:
            self._open(tx, interview_id)
            tx.interviews.touch(interview_id)  # locks the interview: positions are given out one after the other
            if any(a.rubric.question_id == question_id for a in tx.interviews.asked_in([interview_id])):
                raise ConflictError(f"{question_id} is asked in this interview already.")
            asked = self._new_asked(tx, actor, interview_id, question_id, tx.interviews.next_position(interview_id))
            tx.interviews.add_asked(asked.model_copy(update={"id": id_}))

        made = self.one_asked(actor, self._once(actor, key, ("ask", interview_id, question_id), id_, write))
        self._tell(actor, interview_id)
        self._prepare(made.rubric)
        return made

    def drop(self, actor: User, asked_id: str) -> None:
        """Take a question off the list; ConflictError once it has an answer, draft or note."""
        require_writer(actor)
        with self._store.writing() as tx:
            tx.interviews.lock_asked(asked_id)  # the question before its interview, as all do: nobody waits in a circle
            interview_id = self._asked(tx, asked_id).interview_id
            self._open(tx, interview_id)
            tx.interviews.touch(interview_id)  # from here on nobody else writes in it
            asked = self._asked(tx, asked_id)
            if asked.answers or asked.draft.text or asked.notes:
                raise ConflictError("Something was written about this question; it stays.")
            tx.interviews.drop_asked(asked_id)
        self._tell(actor, interview_id)

    def save_draft(self, actor: User, asked_id: str, text: str, *, version: int) -> Draft:
        """Keep what stands in the answer box: durable when this returns. `version` is the draft's as last read.

        StaleError (with the version that stands) where somebody else wrote meanwhile. The same text again changes nothing and is never stale.
        """
        require_writer(actor)
        prose("answer", text, 20_000, empty=True)
        with self._store.writing() as tx:
            asked = self._asked(tx, asked_id)
            if asked.draft.text == text:
                return asked.draft
            self._open(tx, asked.interview_id)
            at = self._clock()
            if not tx.interviews.save_draft(asked_id, version, text, actor.id, at):
                raise StaleError("draft", asked_id, self._asked(tx, asked_id).draft.version)
            tx.interviews.touch(asked.interview_id, starts=True)
        self._tell(actor, asked.interview_id)
        return Draft(text=text, version=version + 1, by=actor.id, at=at)

    def note(self, actor: User, interview_id: str, text: str, *, asked_id: str | None = None, key: str | None = None) -> Note:
        """Add a note to the interview, or to one question of it."""
        require_writer(actor)
        new = Note(
            id=self._ids(),
            interview_id=interview_id,
            asked_id=asked_id,
            text=prose("note", text, 10_000),
            by=actor.id,
            at=self._clock(),
        )

        def write(tx: Transaction) -> None:
            self._interview(tx, interview_id)
            if asked_id is not None and self._asked(tx, asked_id).interview_id != interview_id:
                raise InvalidError("asked_id", "is a question of another interview")
            tx.interviews.add_note(new)
            tx.interviews.touch(interview_id)

        made = self._once(actor, key, ("note", interview_id, asked_id, text), new.id, write)
        self._tell(actor, interview_id)
        if made == new.id:
            return new
        with self._store.reading() as tx:
            return tx.interviews.note(made) or new

    def notes(self, actor: User, interview_id: str) -> list[Note]:
        """Notes on the interview itself, oldest first; those on a question come with the question."""
        with self._store.reading() as tx:
            self._interview(tx, interview_id)
            return tx.interviews.notes(interview_id)

    def watch(self, interview_id: str, hear: Callable[[int], None]) -> Callable[[], None]:
        """Call `hear(version)` after each change of an interview made by this process, in the thread that made it.

        Returns a function that ends it. Other processes' changes show in `interview(...).version`.
        """
        return self._watchers.add(interview_id, hear)

    def _tell(self, actor: User, interview_id: str) -> None:
        self._watchers.tell(interview_id, self.interview(actor, interview_id).version)

    def _new_asked(self, tx: Transaction, actor: User, interview_id: str, question_id: str, position: int) -> Asked:
        question = tx.bank.question(question_id)
        if question is None:
            question = self._grader().corpus.question(question_id)
        return Asked(
            id=self._ids(),
            interview_id=interview_id,
            position=position,
            rubric=rubric_of(question),
            draft=Draft(),
            answers=(),
            notes=(),
            asked_by=actor.id,
            asked_at=self._clock(),
            version=1,
        )

    def _prepare(self, rubric: Rubric) -> None:
        """Let the facts read the reference now, so that the first grade is as quick as the others."""
        try:
            self._grader().examine(request_for(rubric, "", 5, (), "warm-up"))
        except (BusyError, UnknownQuestionError):
            return


def _line(interview: Interview, candidate: str, tallies: Sequence[Tally]) -> Line:
    scores = [t.score for t in tallies if t.score is not None]
    return Line(
        interview=interview,
        candidate=candidate,
        asked=len(tallies),
        answered=len(scores),
        share=round(sum(scores) / len(scores) / interview.max_score, 4) if scores else None,
        to_review=sum(t.to_review for t in tallies),
    )
