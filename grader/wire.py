"""Records to and from JSON text, strictly, and the same for every face: what is refused, in which words, and to which bytes.

Strict means: UTF-8 only, no NaN or Infinity, no number beyond a double, no name twice in one object, no "5" where 5 is meant.
"""

from __future__ import annotations

import difflib
import json
import logging
import math
from collections.abc import Sequence
from typing import Any, Never, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from corpus.errors import UnknownQuestionError
from corpus.store import Corpus
from grader.records import Grade, GradeRequest
from grader.refusals import InvalidRecordError, NotJsonError, Place, RefusalError

__all__ = ["BadRecord", "ErrorDetail", "Grader", "decode", "encode", "grade_items", "read_item", "read_request", "refusal"]

MAX_PLACES = 20
MAX_ID = 200
log = logging.getLogger(__name__)


class Grader(Protocol):
    """What the faces need of the pipeline."""

    @property
    def corpus(self) -> Corpus:
        """Facts and questions."""

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        """Grade one answer; `number` is its id where it has none."""

    def grade_many(self, requests: Sequence[GradeRequest]) -> Sequence[Grade]:
        """Grade several answers, in order."""


class ErrorDetail(BaseModel):
    """Why a record could not be graded; `code` is one of not_json, invalid, too_large, unknown_question, internal."""

    model_config = ConfigDict(frozen=True)
    code: str
    message: str


class BadRecord(BaseModel):
    """Stands in the place of the grade of a record that could not be graded."""

    model_config = ConfigDict(frozen=True)
    id: str | int
    error: ErrorDetail


def decode(data: bytes) -> object:
    """The value of a JSON text; NotJsonError says what is wrong and where."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"Byte {error.start} is not UTF-8.") from None
    try:
        value: object = json.loads(
            text.removeprefix("\ufeff"), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_name_twice
        )
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise NotJsonError("The JSON is nested too deeply.") from None
    except ValueError as error:
        if isinstance(error, UnicodeError):
            raise
        raise NotJsonError("A whole number has too many digits.") from None
    return value


def encode(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> bytes:
    """JSON in UTF-8 on one line, without spaces, always the same bytes for the same value.

    Line ends that only Unicode knows are escaped, so that no reader of lines breaks a record in two.
    """
    if isinstance(value, BaseModel):
        plain: Any = value.model_dump(mode="json")
    elif isinstance(value, dict):
        plain = value
    else:
        plain = [item.model_dump(mode="json") for item in value]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for end in "\x85\u2028\u2029":
        text = text.replace(end, f"\\u{ord(end):04x}")
    return text.encode("utf-8", "replace")


def read_request(value: object) -> GradeRequest:
    """The record in a decoded value; InvalidRecordError names every place."""
    if not isinstance(value, dict):
        raise InvalidRecordError((Place((), f"A record is a JSON object, got {_shown(value)}."),))
    try:
        return GradeRequest.model_validate_json(json.dumps(value), strict=True)
    except RecursionError:
        raise InvalidRecordError((Place((), "The record is nested too deeply."),)) from None
    except ValidationError as error:
        raise InvalidRecordError(explain(error)) from None


def read_item(value: object, number: int) -> GradeRequest | BadRecord:
    """The record with its id filled in, or what stands in its place."""
    try:
        request = read_request(value)
    except InvalidRecordError as error:
        return refusal(error, _id_of(value, number))
    return request if request.id is not None else request.model_copy(update={"id": number})


def refusal(error: Exception, id_: str | int) -> BadRecord:
    """What stands in the place of a record that failed with `error`."""
    if isinstance(error, UnknownQuestionError):
        return BadRecord(id=id_, error=ErrorDetail(code="unknown_question", message=str(error)))
    if isinstance(error, RefusalError):
        return BadRecord(id=id_, error=ErrorDetail(code=error.code, message=str(error)))
    return BadRecord(id=id_, error=ErrorDetail(code="internal", message="This record could not be graded; the log says why."))


def grade_items(grader: Grader, items: Sequence[GradeRequest | BadRecord]) -> list[Grade | BadRecord]:
    """Grade what can be graded, in order; one bad record spoils no other."""
    good = [item for item in items if isinstance(item, GradeRequest)]
    try:
        graded: list[Grade | BadRecord] = list(grader.grade_many(good)) if good else []
    except Exception:  # one of them is to blame: find it
        graded = [_grade_one(grader, request) for request in good]
    results = iter(graded)
    return [next(results) if isinstance(item, GradeRequest) else item for item in items]


def explain(error: ValidationError) -> tuple[Place, ...]:
    """Pydantic's findings in our words: parameter, allowed, got."""
    found = error.errors(include_url=False)
    paths = [tuple(e["loc"]) for e in found]
    places: dict[tuple[str | int, ...], Place] = {}
    for path, details in zip(paths, found, strict=True):
        hidden = details["type"] == "too_short" and any(len(p) > len(path) and p[: len(path)] == path for p in paths)
        short = path[:1] if path[:1] == ("id",) else path  # its union's branches are no place
        if not hidden and short not in places:
            places[short] = Place(short, _words(short, details))
    return tuple(places.values())[:MAX_PLACES]


def _words(path: tuple[str | int, ...], details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    if path == ("id",):
        return f"a string of at most {MAX_ID} characters or a whole number, got {_shown(details['input'])}"
    match details["type"]:
        case "missing":
            words = "missing"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(path[-1])[:80], list(GradeRequest.model_fields), n=1) if len(path) == 1 else []
            words = "no such field" + (f"; did you mean {near[0]}?" if near else "")
        case "string_too_long":
            words = f"at most {context['max_length']:,} characters are allowed, got {len(details['input']):,}"
        case "too_long":
            words = f"at most {context['max_length']:,} items are allowed, got {context['actual_length'] or 'more'}"
        case "value_error":
            words = str(context["error"])
        case "json_invalid":
            words = "a character is half of a surrogate pair or the record is nested too deeply"
        case _:
            words = f"{details['msg'][:1].lower()}{details['msg'][1:]}, got {_shown(details['input'])}"
    return words


def _grade_one(grader: Grader, request: GradeRequest) -> Grade | BadRecord:
    id_ = request.id if request.id is not None else 1
    try:
        return grader.grade(request)
    except Exception as error:
        bad = refusal(error, id_)
        if bad.error.code == "internal":
            log.exception("a record could not be graded")
        return bad


def _id_of(value: object, number: int) -> str | int:
    given = value.get("id") if isinstance(value, dict) else None
    if isinstance(given, bool) or not isinstance(given, str | int) or (isinstance(given, str) and len(given) > MAX_ID):
        return number
    return given


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _no_constant(name: str) -> Never:
    raise NotJsonError(f"{name} is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJsonError(f"The number {digits[:20]} is too large.")
    return number


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise NotJsonError(f"The name {twice[:40]!r} is given twice in one object.")
    return found
