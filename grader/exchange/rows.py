"""What readers give: rows, each with its place in the file, and either fields of a question or the reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from corpus.records import MAX_KEY_POINTS, Question
from grader.interviews.errors import ImportRefusedError, RowError
from grader.key_points import derive_points
from grader.wire import explain

__all__ = ["MAX_ROWS", "Row", "check_count", "questions_of", "unreadable"]

MAX_ROWS = 2_000
ID = re.compile(r"[a-z]+-\d{3}")


@dataclass(frozen=True)
class Row:
    """One record of a file: `number` from 1, `line` from 1 (0: not known). `fields` of a question, or `error`.

    Fields: id, topic, level, question, reference_answers, key_points ({text} with id and weight or without), facts; all but question and
    reference_answers may be missing.
    """

    number: int
    line: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    def wrong(self, reason: str) -> RowError:
        """What is wrong with it, at its place."""
        return RowError(self.number, self.line, reason)


def unreadable(reason: str, line: int = 0) -> ImportRefusedError:
    """The file as a whole cannot be read."""
    return ImportRefusedError((RowError(1, line, reason),))


def check_count(count: int) -> None:
    """ImportRefusedError above MAX_ROWS."""
    if count > MAX_ROWS:
        raise unreadable(f"a file has at most {MAX_ROWS:,} records; this one has more")


def questions_of(rows: Iterable[Row]) -> tuple[list[tuple[Row, Question]], list[RowError]]:
    """Rows to questions, and what is wrong with those that are none. A missing id is `own-000`, for the bank to replace."""
    good: list[tuple[Row, Question]] = []
    errors: list[RowError] = []
    for row in rows:
        if row.error:
            errors.append(row.wrong(row.error))
            continue
        try:
            good.append((row, Question.model_validate(_completed(row.fields))))
        except ValidationError as error:
            errors += [row.wrong(str(place)) for place in explain(error)]
        except (ValueError, TypeError, KeyError) as error:
            errors.append(row.wrong(str(error)))
    return good, errors


def _completed(fields: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if name not in Question.model_fields or value not in (None, "", [], ())}
    for name in ("question", "reference_answers"):
        if name not in given:
            raise ValueError(f"{name.replace('_', ' ')}: missing")
    points = given.get("key_points") or _derived(given["reference_answers"][0])
    if not all(isinstance(point, Mapping) for point in points):
        raise ValueError("key points: each is an object with text, and id and weight or neither")
    if any(point.get("weight") is None for point in points):
        if any(point.get("weight") is not None for point in points):
            raise ValueError("key points: give a weight to all or to none")
        points = _weighed(points)
    return {
        "id": "own-000",
        "topic": "imported",
        "level": "mid",
        **given,
        "key_points": [{**point, "id": point.get("id") or f"k{n}"} for n, point in enumerate(points, start=1)],
    }


def _derived(reference: str) -> list[dict[str, Any]]:
    return [{"text": point.text} for point in derive_points(reference)[:MAX_KEY_POINTS]]


def _weighed(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Equal shares that sum to 1."""
    return [{**point, "weight": 1 / len(points)} for point in points]
