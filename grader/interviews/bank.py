"""`Bank`: the questions of the corpus and a team's own that were imported; import and export of both in five formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from corpus.errors import UnknownQuestionError
from corpus.records import Question
from grader.bank import find_questions
from grader.exchange.answers import AnswerFormat, AnswerRow, read_answers, write_answers
from grader.exchange.formats import FORMATS, Format
from grader.exchange.rows import Row, questions_of
from grader.interviews.desk import Desk, require_writer
from grader.interviews.errors import ImportRefusedError, RowError
from grader.interviews.grading import rubric_of
from grader.interviews.marks import write_marks
from grader.interviews.records import Mark, Record, Rubric, User

__all__ = ["FORMATS", "Bank", "Format", "Imported", "Page"]

OWN = "own"


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

    def asked_by_id(self, actor: User) -> dict[str, str]:
        """What each question asks, by id. Questions of answers and marks may have left the bank: those are not there."""
        return {question.id: question.question for question in self._all()}

    def rubric(self, actor: User, question_id: str) -> Rubric:
        """The question as it would be asked now, with its version."""
        return rubric_of(self.question(actor, question_id))

    def topics(self, actor: User) -> list[tuple[str, int]]:
        """(topic, number of questions), by topic."""
        return sorted(Counter(question.topic for question in self._all()).items())

    def import_questions(self, actor: User, data: bytes, format: Format) -> Imported:
        """Take all questions of a file or none. ImportRefusedError lists every wrong row.

        A question without an id of our form (word-000) is known again by its words, or gets the next free `own-000`. The same file again
        changes nothing.
        """
        require_writer(actor)
        found, errors = questions_of(FORMATS[format].read(data))
        corpus = self._grader().corpus
        codes = {fact.code for fact in corpus.facts}
        errors += [row.wrong(f"facts: there is no fact {c[:20]!r}") for row, question in found for c in question.facts if c not in codes]
        if errors:
            raise ImportRefusedError(tuple(sorted(errors, key=lambda e: e.row)))
        with self._store.writing() as tx:
            old = {question.id: question for question in tx.bank.questions()}
            named = _named(found, old, {question.id for question in corpus.questions})
            changed = [question for question in named if old.get(question.id) != question]
            for question in changed:
                tx.bank.add_question(question, actor.id, self._clock())
        ids = {question.id for question in changed}
        return Imported(
            added=tuple(q.id for q in named if q.id not in old),
            changed=tuple(q.id for q in named if q.id in old and q.id in ids),
            unchanged=tuple(q.id for q in named if q.id not in ids),
        )

    def export_questions(self, actor: User, format: Format, *, q: str = "", topic: str | None = None, level: str | None = None) -> bytes:
        """Questions as a file that `import_questions` reads back."""
        return FORMATS[format].write(find_questions(self._all(), topic=topic, level=level, q=q))

    def import_answers(self, actor: User, data: bytes, format: AnswerFormat) -> int:
        """Marked answers (question_id, answer, share), for calibration; all or none. Returns how many were new."""
        require_writer(actor)
        rows, errors = read_answers(data, format)
        rubrics: dict[str, str] = {}
        for row in rows:
            if row.question_id not in rubrics:
                try:
                    rubrics[row.question_id] = self.rubric(actor, row.question_id).version
                except UnknownQuestionError as error:
                    errors.append(RowError(row.number, row.line, str(error)))
        if errors:
            raise ImportRefusedError(tuple(sorted(errors, key=lambda e: e.row)))
        with self._store.writing() as tx:
            there = {(id_, m.text, m.share) for id_, version in rubrics.items() for m in tx.bank.marks(id_, version)}
            new = dict.fromkeys((r.question_id, r.answer, r.share) for r in rows if (r.question_id, r.answer, r.share) not in there)
            marks = [
                Mark(
                    id=self._ids(),
                    question_id=question_id,
                    rubric=rubrics[question_id],
                    text=answer,
                    share=share,
                    by=actor.id,
                    at=self._clock(),
                    answer_id=None,
                )
                for question_id, answer, share in new
            ]
            write_marks(tx, marks)
        return len(marks)

    def export_answers(self, actor: User, format: AnswerFormat, *, question_id: str | None = None) -> bytes:
        """Answers of candidates (without their names) and marked ones: question_id, answer, share that counts, the machine's, by whom."""
        require_writer(actor)
        with self._store.reading() as tx:
            asked = tx.interviews.rated(question_id)
            marks = tx.bank.all_marks(question_id)
        rows = [
            AnswerRow(
                question_id=one.rubric.question_id,
                rubric=one.rubric.version,
                answer=answer.text,
                share=answer.score / answer.grade.max_score,
                machine=answer.grade.score / answer.grade.max_score,
                kind="overridden" if answer.ruling else "machine",
            )
            for one in asked
            for answer in one.answers
        ]
        rows += [
            AnswerRow(question_id=m.question_id, rubric=m.rubric, answer=m.text, share=m.share, machine=None, kind="marked") for m in marks
        ]
        return write_answers(rows, format)

    def _all(self) -> list[Question]:
        with self._store.reading() as tx:
            own = tx.bank.questions()
        return sorted((*own, *self._grader().corpus.questions), key=lambda question: question.id)


def _named(found: list[tuple[Row, Question]], old: Mapping[str, Question], taken: set[str]) -> list[Question]:
    """The questions with the ids they are kept under; ImportRefusedError where an id is the corpus' or stands twice."""
    by_words = {question.question: id_ for id_, question in old.items()}
    errors: list[RowError] = []
    ids: set[str] = set()
    named: list[Question] = []
    free = (id_ for n in range(1, 1000) if (id_ := f"{OWN}-{n:03}") not in old and id_ not in taken)
    given = {question.id for _, question in found}
    for row, question in found:
        id_ = question.id
        if id_ == f"{OWN}-000":
            id_ = by_words.get(question.question) or next((i for i in free if i not in given), "")
        if not id_:
            errors.append(row.wrong("a thousand questions without an id are kept already; give it one, such as team-001"))
        elif id_ in taken:
            errors.append(row.wrong(f"id: {id_} is a question of the corpus; give it another"))
        elif id_ in ids:
            errors.append(row.wrong(f"id: {id_} stands in the file twice"))
        ids.add(id_)
        named.append(question.model_copy(update={"id": id_}))
    if errors:
        raise ImportRefusedError(tuple(errors))
    return named
