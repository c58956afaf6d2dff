"""`Interviews`: candidates, interviews, questions asked, answers graded and ruled on. The one door for every face.

Who acts is an argument and is checked here; clock and ids are constructor arguments. `key` is an idempotency key: the same key with the same
content gives what was made the first time, with other content KeyReusedError. Methods block (grading takes milliseconds): call them in a thread.
Every method may raise NotAllowedError, MissingError or ErasedError where an id leads nowhere, and StoreError.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from grader.interviews.desk import known, prose, require_writer
from grader.interviews.errors import InvalidError, StaleError
from grader.interviews.grading import replay, request_for, seal
from grader.interviews.records import Answer, Asked, Interview, Override, Preview, Replay, Seal, Stage, User
from grader.interviews.sittings import Sittings
from grader.records import Grade, GradeRequest, State

if TYPE_CHECKING:
    from grader.pipeline import Examined
    from grader.store.store import Transaction

__all__ = ["Interviews"]


class Interviews(Sittings):
    """All about interviews; see also its parts in `people` and `sittings`. Here: answers, grades, rulings."""

    def change_interview(
        self, actor: User, interview_id: str, *, version: int, title: str | None = None, stage: Stage | None = None
    ) -> Interview:
        """Other title or stage; StaleError where `version` is not the one that stands. A finished one can be taken up again.

        Finishing hands in the drafts that were not handed in yet: nothing that was typed goes without a grade.
        """
        require_writer(actor)
        if stage == "finished":
            now = self.interview(actor, interview_id)
            if now.version != version:
                raise StaleError("interview", interview_id, now.version)
            for asked in self.asked(actor, interview_id):
                if asked.draft.text.strip() and not (asked.answer and asked.answer.text == asked.draft.text):
                    self.hand_in(actor, asked.id, asked.draft.text, version=asked.version)
                    version += 1
        return super().change_interview(actor, interview_id, version=version, title=title, stage=stage)

    def preview(self, actor: User, asked_id: str, text: str, *, version: int) -> Preview:
        """Save the draft and grade it, storing no grade: what the page calls after a pause in typing. Errors as save_draft."""
        draft = self.save_draft(actor, asked_id, text, version=version)
        return Preview(grade=self.grade_draft(actor, asked_id, text), draft=draft)

    def grade_draft(self, actor: User, asked_id: str, text: str) -> Grade:
        """Grade a text as an answer to a question of an interview, storing nothing."""
        prose("answer", text, 20_000, empty=True)
        return self._examine(self.one_asked(actor, asked_id), text, asked_id)[1].grade

    def try_corrections(self, actor: User, answer_id: str, corrections: Mapping[str, State], dismissed: Sequence[str] = ()) -> float:
        """The score an answer would have, were these key points in these states and these claims (codes) not false; stores nothing."""
        answer = self._answer(actor, answer_id)[1]
        _check_corrections(answer, corrections, dismissed)
        return self._corrected(actor, answer, corrections, dismissed)

    def hand_in(self, actor: User, asked_id: str, text: str, *, version: int, key: str | None = None) -> Answer:
        """Grade an answer and store both, sealed. `version` is the Asked's: StaleError where somebody handed in or ruled meanwhile.

        A second answer to the same question stands beside the first, and counts.
        """
        require_writer(actor)
        prose("answer", text, 20_000, empty=True)
        asked = self.one_asked(actor, asked_id)
        id_ = self._ids()
        request, examined = self._examine(asked, text, id_)
        at = self._clock()

        def write(tx: Transaction) -> None:
            self._open(tx, asked.interview_id)
            if not tx.interviews.touch_asked(asked_id, version):
                raise StaleError("question", asked_id, self._asked(tx, asked_id).version)
            stands = self._asked(tx, asked_id)
            answer = Answer(id=id_, asked_id=asked_id, number=len(stands.answers) + 1, text=text, by=actor.id, at=at, grade=examined.grade)
            tx.interviews.add_answer(answer, seal(self._ids(), id_, stands.rubric, request, examined, at))
            if stands.draft.text != text and stands.draft.by in ("", actor.id):  # what somebody else is writing stays
                tx.interviews.save_draft(asked_id, stands.draft.version, text, actor.id, at)
            tx.interviews.touch(asked.interview_id, starts=True)

        made = self._once(actor, key, ("answer", asked_id, text), id_, write)
        self._tell(actor, asked.interview_id)
        return self._answer(actor, made)[1]

    def override(
        self,
        actor: User,
        answer_id: str,
        *,
        version: int,
        why: str = "",
        score: float | None = None,
        corrections: Mapping[str, State] | None = None,
        dismissed: Sequence[str] = (),
        key: str | None = None,
    ) -> Answer:
        """Rule on an answer: a score in [0, max_score], or corrections from which the score is computed anew; neither takes the ruling back.

        `version` is the Asked's. To confirm the machine, rule its own score. InvalidError for a score or key point that cannot be.
        """
        require_writer(actor)
        prose("why", why, 2_000, empty=True)
        corrections = corrections or {}
        asked, answer = self._answer(actor, answer_id)
        _check_corrections(answer, corrections, dismissed)
        if score is not None and not (math.isfinite(score) and 0 <= score <= answer.grade.max_score):
            raise InvalidError("score", f"must lie in [0, {answer.grade.max_score:g}], got {score:g}")
        result = score if score is not None else answer.grade.score
        if score is None and (corrections or dismissed):
            result = self._corrected(actor, answer, corrections, dismissed)
        id_, at = self._ids(), self._clock()

        def write(tx: Transaction) -> None:
            if not tx.interviews.touch_asked(asked.id, version):
                raise StaleError("question", asked.id, self._asked(tx, asked.id).version)
            stands = next(a for a in self._asked(tx, asked.id).answers if a.id == answer_id)
            tx.interviews.add_override(
                Override(
                    id=id_,
                    answer_id=answer_id,
                    number=len(stands.overrides) + 1,
                    score=score,
                    corrections=corrections,
                    dismissed=tuple(dismissed),
                    why=why,
                    by=actor.id,
                    at=at,
                    result=result,
                )
            )
            tx.interviews.touch(asked.interview_id)

        content = ("override", answer_id, score, sorted(corrections.items()), sorted(dismissed), why)
        self._once(actor, key, content, id_, write)
        self._tell(actor, asked.interview_id)
        return self._answer(actor, answer_id)[1]

    def seals(self, actor: User, answer_id: str) -> list[Seal]:
        """The sealed grade of an answer, as stored."""
        self._answer(actor, answer_id)
        with self._store.reading() as tx:
            return tx.interviews.seals(answer_id)

    def replay(self, actor: User, seal_id: str) -> Replay:
        """Grade the sealed input again and say whether the same bytes come out, and if not, what changed."""
        with self._store.reading() as tx:
            sealed = known("sealed grade", seal_id, tx.interviews.seal(seal_id))
        return replay(sealed, self._grader())

    def _examine(self, asked: Asked, text: str, id_: str) -> tuple[GradeRequest, Examined]:
        with self._store.reading() as tx:
            max_score = self._interview(tx, asked.interview_id).max_score
            marks = tx.bank.marks(asked.rubric.question_id, asked.rubric.version)
        request = request_for(asked.rubric, text, max_score, marks, id_)
        return request, self._grader().examine(request)

    def _corrected(self, actor: User, answer: Answer, corrections: Mapping[str, State], dismissed: Sequence[str]) -> float:
        request = GradeRequest.model_validate_json(self.seals(actor, answer.id)[-1].input)
        return self._grader().examine(request, corrections=corrections, dismissed=dismissed).grade.score

    def _answer(self, actor: User, answer_id: str) -> tuple[Asked, Answer]:
        with self._store.reading() as tx:
            asked = self._asked(tx, known("answer", answer_id, tx.interviews.asked_id_of(answer_id)))
        return asked, next(a for a in asked.answers if a.id == answer_id)


def _check_corrections(answer: Answer, corrections: Mapping[str, State], dismissed: Sequence[str]) -> None:
    points = {point.id for point in answer.grade.key_points}
    if strangers := sorted(set(corrections) - points):
        raise InvalidError("corrections", f"no key point {strangers[0][:40]!r}; there are {', '.join(sorted(points))}")
    if wrong := [state for state in corrections.values() if state not in {"stated", "contradicted", "missing"}]:
        raise InvalidError("corrections", f"stated, contradicted or missing, got {wrong[0]!r}")
    if unknown := sorted(set(dismissed) - {claim.code for claim in answer.grade.false_claims}):
        raise InvalidError("dismissed", f"no claim {unknown[0][:40]!r} was found in the answer")
