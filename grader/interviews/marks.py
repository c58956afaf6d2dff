"""`Marks`: answers marked by humans, and what they do for the scores of their question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from corpus.records import Question
from grader.calibration import Marked, next_to_mark
from grader.evaluation.metrics import rmse
from grader.interviews.desk import Desk, known, prose, require_writer
from grader.interviews.errors import ConflictError, InvalidError
from grader.interviews.grading import request_for, rubric_of
from grader.interviews.records import Mark, Record, Rubric, User
from grader.records import MAX_ANSWER, MAX_GRADED, Grade

if TYPE_CHECKING:
    from grader.store.store import Transaction

__all__ = ["CalibrationState", "Marks", "ToMark", "write_marks"]

MAX_POOL = 200  # unmarked answers looked at
SHOWN = 5


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


class Marks(Desk):
    """Calibration: marks count from the next grade on; grades that were given stay as they are."""

    def state(self, actor: User, question_id: str) -> CalibrationState:
        """The calibration of a question at its present rubric; marks of an older rubric do not count."""
        rubric = self._rubric(question_id)
        with self._store.reading() as tx:
            marks = tx.bank.marks(question_id, rubric.version)
            pool = tx.bank.unmarked(question_id, rubric.version, limit=MAX_POOL)
        given = [mark.share for mark in marks]
        machine = [self._bare(rubric, mark.text)[0] for mark in marks]
        marked = Marked.of(machine, given, self._grader().encoder.encode([mark.text for mark in marks]))
        return CalibrationState(
            question_id=question_id,
            rubric=rubric.version,
            marks=tuple(marks),
            machine=tuple(machine),
            before=rmse(given, machine) if len(marks) > 1 else None,
            after=marked.left_out_error() if len(marks) > 1 else None,
            curve=tuple((n, marked.first(n).left_out_error()) for n in range(2, len(marks) + 1)),
            next=self._next(rubric, pool, machine),
        )

    def questions(self, actor: User) -> list[tuple[str, int, int]]:
        """(question id, marks, answers nobody has marked) of questions that have either; most unmarked first."""
        with self._store.reading() as tx:
            marked, unmarked = tx.bank.count_marks(), tx.bank.count_unmarked()
        ids = sorted(set(marked) | set(unmarked), key=lambda id_: (-unmarked.get(id_, 0), -marked.get(id_, 0), id_))
        return [(id_, marked.get(id_, 0), unmarked.get(id_, 0)) for id_ in ids]

    def mark(self, actor: User, question_id: str, text: str, share: float, *, answer_id: str | None = None, key: str | None = None) -> Mark:
        """Mark an answer with its share of full marks, in [0, 1]. At most 200 a question."""
        require_writer(actor)
        prose("question_id", question_id, 100)
        if not 0 <= share <= 1:
            raise InvalidError("share", f"must lie in [0, 1], got {share:g}")
        new = Mark(
            id=self._ids(),
            question_id=question_id,
            rubric=self._rubric(question_id).version,
            text=prose("answer", text, MAX_ANSWER, empty=True),
            share=share,
            by=actor.id,
            at=self._clock(),
            answer_id=answer_id,
        )
        made = self._once(actor, key, ("mark", question_id, text, share, answer_id), new.id, lambda tx: write_marks(tx, (new,)))
        with self._store.reading() as tx:
            return tx.bank.mark(made) or new

    def unmark(self, actor: User, mark_id: str) -> None:
        """Take a mark back."""
        require_writer(actor)
        with self._store.writing() as tx:
            known("mark", mark_id, tx.bank.mark(mark_id))
            tx.bank.drop_mark(mark_id)

    def _rubric(self, question_id: str) -> Rubric:
        with self._store.reading() as tx:
            own: Question | None = tx.bank.question(question_id)
        return rubric_of(own or self._grader().corpus.question(question_id))

    def _bare(self, rubric: Rubric, text: str) -> tuple[float, Grade]:
        """The machine's share without any marks."""
        grade = self._grader().examine(request_for(rubric, text, 1, (), "mark")).grade
        return grade.score, grade

    def _next(self, rubric: Rubric, pool: Sequence[tuple[str, str]], machine: Sequence[float]) -> tuple[ToMark, ...]:
        """Those whose scores lie farthest from what was marked, and of which the machine is least sure."""
        texts = {text: answer_id for answer_id, text in reversed(pool)}  # each text once
        graded = [(answer_id, text, *self._bare(rubric, text)) for text, answer_id in texts.items()]
        widths = [grade.interval[1] - grade.interval[0] for *_, grade in graded]
        chosen = next_to_mark([share for _, _, share, _ in graded], widths, machine, SHOWN)
        return tuple(
            ToMark(
                text=graded[i][1],
                answer_id=graded[i][0],
                share=graded[i][2],
                why="No marked answer has a score near this one."
                if far
                else f"The machine is unsure: the interval is {widths[i]:.0%} wide.",
            )
            for i, far in chosen
        )


def write_marks(tx: Transaction, marks: Sequence[Mark]) -> None:
    """Add all of them; ConflictError above 200 of one question, MissingError where an answer is none, InvalidError where it is another."""
    counts: dict[tuple[str, str], int] = {}
    for mark in marks:
        if mark.answer_id is not None:
            asked = tx.interviews.asked(known("answer", mark.answer_id, tx.interviews.asked_id_of(mark.answer_id)))
            if asked is None or asked.rubric.question_id != mark.question_id:
                raise InvalidError("answer_id", f"is no answer to {mark.question_id}")
            said = {answer.id: answer.text for answer in asked.answers}
            if mark.text != said.get(mark.answer_id):
                raise InvalidError("answer", "is not what the candidate said; leave answer_id out to mark other words")
        of = (mark.question_id, mark.rubric)
        counts[of] = counts.get(of, len(tx.bank.marks(*of))) + 1
        if counts[of] > MAX_GRADED:
            raise ConflictError(f"{mark.question_id} has {MAX_GRADED} marks; more are not used.")
        tx.bank.add_mark(mark)
