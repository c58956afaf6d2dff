"""`Bank`: the questions of the corpus and a team's own that were imported; import and export of both in five formats."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from corpus.records import Question
from grader.bank import find_questions
from grader.interviews.desk import Desk
from grader.interviews.grading import rubric_of
from grader.interviews.records import Record, Rubric, User

__all__ = ["FORMATS", "Bank", "Format", "Imported", "Page"]

Format = Literal["csv", "jsonl", "moodle", "gift", "qti"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "moodle", "gift", "qti")


class Page(Record):
    """Questions by id, and how many there are in all."""

    total: int
    items: tuple[Question, ...]


class Imported(Record):
    """What a file brought: ids of questions that are new, changed (a new rubric version), and as they were."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


class Bank(Desk):
    """Questions to ask. Those of the corpus cannot be changed here; imported ones may not take their ids."""

    def questions(
        self, actor: User, *, q: str = "", topic: str | None = None, level: str | None = None, limit: int = 50, offset: int = 0
    ) -> Page:
        """Questions by id whose id or text has all words of `q`."""
        found = find_questions(self._all(), topic=topic, level=level, q=q)
        return Page(total=len(found), items=tuple(found[offset : offset + limit]))

    def question(self, actor: User, question_id: str) -> Question:
        """One question; UnknownQuestionError (of corpus.errors) names near ones."""
        with self._store.reading() as tx:
            own = tx.bank.question(question_id)
        return own or self._grader().corpus.question(question_id)

    def rubric(self, actor: User, question_id: str) -> Rubric:
        """The question as it would be asked now, with its version."""
        return rubric_of(self.question(actor, question_id))

    def topics(self, actor: User) -> list[tuple[str, int]]:
        """(topic, number of questions), by topic."""
        return sorted(Counter(question.topic for question in self._all()).items())

    def _all(self) -> list[Question]:
        with self._store.reading() as tx:
            own = tx.bank.questions()
        return sorted((*own, *self._grader().corpus.questions), key=lambda question: question.id)

    def import_questions(self, actor: User, data: bytes, format: Format) -> Imported:
        """Take all questions of a file or none. ImportRefusedError lists every wrong row."""
        raise NotImplementedError

    def export_questions(self, actor: User, format: Format, *, q: str = "", topic: str | None = None, level: str | None = None) -> bytes:
        """Questions as a file that `import_questions` reads back; what a format cannot hold is said in the docs."""
        raise NotImplementedError

    def import_answers(self, actor: User, data: bytes, format: Literal["csv", "jsonl"]) -> int:
        """Marked answers (question_id, answer, share), for calibration; all or none. Returns how many were new."""
        raise NotImplementedError

    def export_answers(self, actor: User, format: Literal["csv", "jsonl"], *, question_id: str | None = None) -> bytes:
        """Answers with machine score, score that counts and rater, without the candidates' names."""
        raise NotImplementedError
