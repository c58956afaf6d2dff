"""Answers with marks as CSV or JSON lines: what calibrates, and what was collected."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from grader.exchange.tables import read_jsonl, read_sheet
from grader.interviews.desk import prose
from grader.interviews.errors import InvalidError, RowError
from grader.interviews.sheet import write_sheet
from grader.records import MAX_ANSWER

__all__ = ["AnswerFormat", "AnswerRow", "Marked", "read_answers", "write_answers"]

_MAX_ID = 100
AnswerFormat = Literal["csv", "jsonl"]


@dataclass(frozen=True)
class AnswerRow:
    """An answer that goes out. Shares of full marks, in [0, 1]; `kind` is machine, overridden or marked."""

    question_id: str
    rubric: str
    answer: str
    share: float
    machine: float | None
    kind: str


@dataclass(frozen=True)
class Marked:
    """A marked answer that comes in, at its place in the file."""

    number: int
    line: int
    question_id: str
    answer: str
    share: float


def write_answers(rows: Sequence[AnswerRow], format: AnswerFormat) -> bytes:
    """Answers as a file."""
    plain = [asdict(row) for row in rows]
    if format == "csv":
        return write_sheet([f.name for f in fields(AnswerRow)], plain)
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in plain)


def read_answers(data: bytes, format: AnswerFormat) -> tuple[list[Marked], list[RowError]]:
    """Marked answers, and what is wrong with the rows that are none. Columns: question_id, answer, and share, or score with max_score."""
    good: list[Marked] = []
    errors: list[RowError] = []
    for number, line, given in _given(data, format):
        try:
            if isinstance(given, str):
                raise ValueError(given)
            question_id, answer = given.get("question_id"), given.get("answer")
            if not isinstance(question_id, str) or not question_id.strip():
                raise ValueError("question_id: missing")
            if not isinstance(answer, str):
                raise ValueError("answer: missing")
            good.append(
                Marked(
                    number,
                    line,
                    prose("question_id", question_id.strip(), _MAX_ID),
                    prose("answer", answer, MAX_ANSWER, empty=True),
                    _share(given),
                )
            )
        except (ValueError, InvalidError) as error:
            errors.append(RowError(number, line, str(error)))
    return good, errors


def _given(data: bytes, format: AnswerFormat) -> Iterable[tuple[int, int, dict[str, Any] | str]]:
    if format == "csv":
        for number, (line, cells) in enumerate(read_sheet(data), start=1):
            yield number, line, cells
        return
    for row in read_jsonl(data):
        yield row.number, row.line, row.error or dict(row.fields)


def _share(given: dict[str, Any]) -> float:
    if given.get("share") not in (None, ""):
        share = _number("share", given["share"])
    else:
        share = _number("score", given.get("score")) / _number("max_score", given.get("max_score"))
    if not 0 <= share <= 1:
        raise ValueError(f"share: must lie in [0, 1], got {share:g}")
    return share


def _number(name: str, value: object) -> float:
    if value in (None, ""):
        raise ValueError(f"{name}: missing; give share in [0, 1], or score and max_score")
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"{name}: {str(value)[:20]!r} is no number") from None
    if not math.isfinite(number) or (name == "max_score" and number <= 0):
        raise ValueError(f"{name}: {number:g} cannot be")
    return number
