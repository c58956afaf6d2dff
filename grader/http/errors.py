"""The one table of errors to HTTP: which exception is which status, and RFC 9457 problems as bytes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from corpus.errors import UnknownFactError, UnknownQuestionError
from grader.interviews.errors import (
    ConflictError,
    ErasedError,
    ImportRefusedError,
    InvalidError,
    KeyReusedError,
    MissingError,
    NotAllowedError,
    SignInError,
    StaleError,
)
from grader.refusals import BusyError, InvalidRecordError, NotJsonError, Place, TooLargeError
from grader.store.errors import StoreError, TwiceError
from grader.wire import encode

__all__ = [
    "MEDIA_TYPE",
    "ForbiddenError",
    "MediaTypeError",
    "PreconditionError",
    "Problem",
    "UnauthorizedError",
    "install",
    "problem",
    "problem_of",
]

MEDIA_TYPE = "application/problem+json"
MAX_ROWS = 200  # of a refused file that are listed
log = logging.getLogger(__name__)


class ProblemPlace(BaseModel):
    """One place that is wrong."""

    place: str = Field(examples=["key_points[0].weight"])
    pointer: str = Field(examples=["#/key_points/0/weight"])
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details; `errors` stands with status 422."""

    model_config = ConfigDict(frozen=True)
    type: str = Field(examples=["urn:viva:problem:invalid"])
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[ProblemPlace, ...] = ()


class MediaTypeError(Exception):
    """The body is not sent as JSON."""


class UnauthorizedError(Exception):
    """A key is needed and none was sent."""


class ForbiddenError(Exception):
    """The key is not one of ours."""


class PreconditionError(Exception):
    """A change must name the version it stands on."""


_TABLE: Mapping[type[Exception], tuple[HTTPStatus, str, str]] = {
    NotJsonError: (HTTPStatus.BAD_REQUEST, "not_json", "The body is not JSON"),
    UnauthorizedError: (HTTPStatus.UNAUTHORIZED, "key_missing", "A key is needed"),
    ForbiddenError: (HTTPStatus.FORBIDDEN, "key_unknown", "The key is not known"),
    UnknownQuestionError: (HTTPStatus.NOT_FOUND, "unknown_question", "No such question"),
    UnknownFactError: (HTTPStatus.NOT_FOUND, "unknown_fact", "No such fact"),
    TooLargeError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "Too large"),
    MediaTypeError: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type", "Not sent as JSON"),
    InvalidRecordError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The record is invalid"),
    BusyError: (HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Not now"),
    MissingError: (HTTPStatus.NOT_FOUND, "missing", "Not here"),
    ErasedError: (HTTPStatus.GONE, "erased", "Erased"),
    StaleError: (HTTPStatus.PRECONDITION_FAILED, "stale", "Somebody else was faster"),
    PreconditionError: (HTTPStatus.PRECONDITION_REQUIRED, "version_missing", "A version is needed"),
    ConflictError: (HTTPStatus.CONFLICT, "conflict", "It cannot be so now"),
    KeyReusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", "The idempotency key was used"),
    NotAllowedError: (HTTPStatus.FORBIDDEN, "not_allowed", "Not allowed"),
    SignInError: (HTTPStatus.UNAUTHORIZED, "sign_in", "Not signed in"),
    InvalidError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The record is invalid"),
    ImportRefusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "import_refused", "The file has errors; nothing was taken"),
    StoreError: (HTTPStatus.SERVICE_UNAVAILABLE, "store", "The database failed"),
    TwiceError: (HTTPStatus.CONFLICT, "conflict", "It cannot be so now"),
}


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    instance: str,
    *,
    title: str = "",
    places: tuple[Place, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A response that says what went wrong. A code has one title, the same on every Python."""
    body: dict[str, Any] = {
        "type": f"urn:viva:problem:{code.replace('_', '-')}",
        "title": title or code.replace("_", " ").capitalize(),
        "status": status.value,
        "detail": detail,
        "instance": instance,
    }
    if places:
        body["errors"] = [{"place": place.name, "pointer": place.pointer, "detail": place.detail} for place in places]
    return Response(encode(body), status, headers, MEDIA_TYPE)


def problem_of(error: Exception, instance: str) -> Response:
    """The table, applied."""
    status, code, title = _TABLE[type(error)]
    detail, headers = str(error), _headers(error)
    if isinstance(error, SignInError) and error.retry_after:
        status = HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(error, StoreError):  # what a database says may quote what it holds: into the log with it
        log.error("the database failed", exc_info=error)
        detail = "The database did not do it; try again. The log says why."
    return problem(status, code, detail, instance, title=title, places=_places(error), headers=headers)


def _headers(error: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, BusyError | SignInError) and error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, UnauthorizedError | SignInError):
        headers["WWW-Authenticate"] = 'Bearer realm="viva"'
    if isinstance(error, StaleError):
        headers["ETag"] = f'"{error.current}"'
    if isinstance(error, TooLargeError | MediaTypeError | BusyError | UnauthorizedError | ForbiddenError):
        headers["Connection"] = "close"  # the body was not read to its end
    return headers


def _places(error: Exception) -> tuple[Place, ...]:
    match error:
        case InvalidRecordError():
            return error.places
        case InvalidError():
            return (Place((error.field,), error.reason),)
        case ImportRefusedError():
            return tuple(Place(("row", row.row), str(row)) for row in error.rows[:MAX_ROWS])
    return ()


def install(app: FastAPI) -> None:
    """Let every error of the application leave as a problem."""
    for kind in _TABLE:
        app.add_exception_handler(kind, _ours)
    app.add_exception_handler(HTTPException, _starlettes)
    app.add_exception_handler(RequestValidationError, _fastapis)


async def _ours(request: Request, error: Exception) -> Response:
    return problem_of(error, request.url.path)


async def _starlettes(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    allowed = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow")
    match status:
        case HTTPStatus.NOT_FOUND:
            detail = "There is nothing here; GET /openapi.json lists what there is."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            detail = f"{request.method[:20]} is not allowed here" + (f"; {allowed} is." if allowed else ".")
        case _:
            detail = str(error.detail)
    return problem(status, status.name.lower(), detail, request.url.path, headers=error.headers)


async def _fastapis(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    places = tuple(Place(tuple(e["loc"]), e["msg"]) for e in error.errors())
    invalid = InvalidRecordError(places)
    return problem_of(invalid, request.url.path)
