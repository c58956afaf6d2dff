"""What marks do for the scores of their question, one mark after another, and which answer to mark next: `grader calibrate`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.calibration import Marked, next_to_mark
from grader.evaluation.metrics import rmse
from grader.records import MAX_GRADED, GradedAnswer, GradeRequest
from grader.refusals import InvalidRecordError, Place
from grader.wire import read_request

if TYPE_CHECKING:
    from grader.pipeline import Pipeline

__all__ = ["Calibration", "NextAnswer", "Submitted", "as_text", "read_submitted", "survey"]

SHOWN = 5
MAX_RECORDS = 20_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class NextAnswer(_Frozen):
    """An answer without a mark; `record` is its number in the input, `score` the machine's."""

    record: int
    score: float
    why: str
    answer: str


class Calibration(_Frozen):
    """Where one question stands. Errors are root mean squares on 0..max_score; `curve` has (marks used, leave-one-out error)."""

    question_id: str | None
    question: str
    max_score: float
    marks: int
    unmarked: int
    alone: float | None
    calibrated: float | None
    curve: tuple[tuple[int, float], ...]
    next: tuple[NextAnswer, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A record of `grader grade`, with the human's score where it has one."""

    number: int
    request: GradeRequest
    score: float | None


def read_submitted(value: object, number: int) -> Submitted:
    """The record and its `score`; InvalidRecordError names what is wrong with it."""
    if not isinstance(value, dict):
        return Submitted(number, read_request(value), None)  # refuses it in its own words
    request = read_request({k: v for k, v in value.items() if k not in {"score", "graded_answers"}})
    score = value.get("score")
    if score is None:
        return Submitted(number, request, None)
    try:
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise InvalidRecordError((Place(("score",), f"a number or null, got {str(score)[:40]!r}"),))
        mark = GradedAnswer(answer=request.answer, score=score)
    except ValidationError:
        raise InvalidRecordError((Place(("score",), f"at least 0, got {score:g}"),)) from None
    if mark.score > request.max_score:
        raise InvalidRecordError((Place(("score",), f"{mark.score:g} is above max_score {request.max_score:g}"),))
    return Submitted(number, request, mark.score)


def survey(pipeline: Pipeline, records: Iterable[Submitted]) -> list[Calibration]:
    """One entry a question, in the order in which the questions first appear; UnknownQuestionError for an unknown id."""
    groups: dict[tuple[object, ...], list[Submitted]] = {}
    for record in records:
        of = record.request
        groups.setdefault((of.question_id, of.question, of.reference_answers, of.key_points, of.max_score), []).append(record)
    return [_calibration(pipeline, group) for group in groups.values()]


def as_text(found: list[Calibration]) -> str:
    """For people: one block a question."""
    return "\n\n".join(_block(one) for one in found) or "No records."


def _block(one: Calibration) -> str:
    lines = [" ".join(f"{one.question_id or '(inline)'}  {one.question}".split())[:140], f"  {one.marks} marked, {one.unmarked} not marked"]
    if one.alone is None or one.calibrated is None:
        lines.append("  Two marks are needed before the error can be measured; ten make it worth reading.")
    else:
        lines.append(f"  error of {one.max_score:g}: {one.alone:.2f} alone, {one.calibrated:.2f} with the marks (each left out once)")
        lines += [f"    {n:4d} marks  {error:.2f}" for n, error in one.curve]
    if one.next:
        lines.append("  mark next:")
        lines += [f"    record {n.record}, score {n.score:g}: {n.why}: {_short(n.answer)}" for n in one.next]
    return "\n".join(lines)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 70 else f"{flat[:67]}..."


def _calibration(pipeline: Pipeline, group: list[Submitted]) -> Calibration:
    of = group[0].request
    marked = [r for r in group if r.score is not None][:MAX_GRADED]
    unmarked = [r for r in group if r.score is None]
    grades = {r.number: pipeline.grade(r.request) for r in (*marked, *unmarked)}
    scores = {number: grade.score / grade.max_score for number, grade in grades.items()}
    widths = [(grades[r.number].interval[1] - grades[r.number].interval[0]) / of.max_score for r in unmarked]
    machine, given = [scores[r.number] for r in marked], [(r.score or 0.0) / of.max_score for r in marked]
    known = Marked.of(machine, given, pipeline.encoder.encode([r.request.answer for r in marked]))
    enough = len(marked) > 1
    chosen = next_to_mark([scores[r.number] for r in unmarked], widths, machine, SHOWN)
    question = of.question or (pipeline.corpus.question(of.question_id).question if of.question_id else "")
    return Calibration(
        question_id=of.question_id,
        question=question,
        max_score=of.max_score,
        marks=len(marked),
        unmarked=len(unmarked),
        alone=_digits(rmse(given, machine) * of.max_score) if enough else None,
        calibrated=_digits(known.left_out_error() * of.max_score) if enough else None,
        curve=tuple((n, _digits(known.first(n).left_out_error() * of.max_score)) for n in range(2, len(marked) + 1)),
        next=tuple(
            NextAnswer(
                record=unmarked[i].number,
                score=grades[unmarked[i].number].score,
                why="no marked answer has a score near this one" if far else f"the interval is {widths[i] * of.max_score:.2f} wide",
                answer=unmarked[i].request.answer,
            )
            for i, far in chosen
        ),
    )


def _digits(value: float) -> float:
    return round(value, 4)
