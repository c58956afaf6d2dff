"""From a rubric and an answer to a grade, its seal, and back: what was graded, against what, by what, in bytes that can be replayed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from corpus.records import Question
from corpus.store import Corpus
from grader.errors import GraderError
from grader.interviews.records import Change, Mark, Replay, Rubric, Seal
from grader.records import MAX_GRADED, GradedAnswer, GradeRequest, State
from grader.wire import encode

if TYPE_CHECKING:
    from grader.pipeline import Checker, Examined
    from grader.signals import Encoder

__all__ = ["Examiner", "replay", "request_for", "rubric_of", "seal"]


class Examiner(Protocol):
    """What the service layer needs of the pipeline."""

    @property
    def corpus(self) -> Corpus:
        """Facts and questions."""

    @property
    def encoder(self) -> Encoder:
        """Texts to unit rows."""

    @property
    def checker(self) -> Checker:
        """Holds a text against the facts."""

    def examine(
        self, request: GradeRequest, number: int = 1, *, corrections: Mapping[str, State] | None = None, dismissed: Collection[str] = ()
    ) -> Examined:
        """Grade one answer and show the numbers."""


def rubric_of(question: Question) -> Rubric:
    """A question as it is asked, with the version of this wording."""
    plain = question.model_dump(mode="json", include={"topic", "level", "question", "reference_answers", "key_points"})
    version = hashlib.sha256(_canonical({"question_id": question.id, **plain})).hexdigest()[:12]
    return Rubric.model_validate({"question_id": question.id, **plain, "version": version})


def request_for(rubric: Rubric, text: str, max_score: float, marks: Sequence[Mark], id_: str) -> GradeRequest:
    """All that a grade depends on, in itself: the bank may change, this does not."""
    return GradeRequest(
        id=id_,
        question=rubric.question,
        reference_answers=rubric.reference_answers,
        key_points=rubric.key_points,
        answer=text,
        max_score=max_score,
        graded_answers=tuple(GradedAnswer(answer=m.text, score=min(max_score, m.share * max_score)) for m in marks[:MAX_GRADED]),
    )


def seal(id_: str, answer_id: str, rubric: Rubric, request: GradeRequest, examined: Examined, at: datetime) -> Seal:
    """Close a grade for ever."""
    given, made, signals = encode(request), encode(examined.grade), _canonical(dict(examined.signals))
    return Seal(
        id=id_,
        answer_id=answer_id,
        input=given.decode(),
        output=made.decode(),
        signals=signals.decode(),
        model=examined.grade.model,
        corpus=examined.grade.corpus,
        rubric=rubric.version,
        checksum=_checksum(given, made, signals),
        at=at,
    )


def replay(sealed: Seal, grader: Examiner) -> Replay:
    """Grade the sealed input again."""
    intact = _checksum(sealed.input.encode(), sealed.output.encode(), sealed.signals.encode()) == sealed.checksum
    try:
        examined = grader.examine(GradeRequest.model_validate_json(sealed.input))
    except (GraderError, ValueError) as error:
        return Replay(seal_id=sealed.id, intact=intact, same=False, changes=(Change(field="error", then="", now=str(error)[:500]),))
    output, signals = encode(examined.grade).decode(), _canonical(dict(examined.signals)).decode()
    changes = (*_changes(sealed.output, output), *_changes(sealed.signals, signals, "signals."))
    return Replay(seal_id=sealed.id, intact=intact, same=output == sealed.output and signals == sealed.signals, changes=changes)


def _changes(then: str, now: str, prefix: str = "") -> tuple[Change, ...]:
    old, new = json.loads(then), json.loads(now)
    names = [*old, *(name for name in new if name not in old)]
    return tuple(
        Change(field=prefix + name, then=_text(old.get(name)), now=_text(new.get(name))) for name in names if old.get(name) != new.get(name)
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _canonical(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _checksum(*parts: bytes) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()  # JSON on one line each: no part can run into the next
