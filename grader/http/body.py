"""Reading requests: bodies no further than their limits, JSON strictly, versions from If-Match."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from grader.http.errors import MediaTypeError, PreconditionError
from grader.interviews.errors import InvalidError
from grader.refusals import BusyError, InvalidRecordError, Place, TooLargeError
from grader.settings import Settings
from grader.wire import decode, explain

if TYPE_CHECKING:
    from grader.http.api import Service

__all__ = ["check_media_type", "etag", "idempotency_key", "if_match", "json_of", "no_nul", "raw_body", "read_body"]

M = TypeVar("M", bound=BaseModel)
MAX_RECORD_BYTES = 2_000_000  # of one record: it is parsed where all other requests wait, even those of strangers to sign in
_ETAG = re.compile(r'"(\d{1,9})"')


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that gives the JSON body as a `model`; InvalidRecordError names every wrong place."""

    async def dependency(request: Request) -> M:
        check_media_type(request)
        value = decode(await raw_body(request, MAX_RECORD_BYTES))
        if not isinstance(value, dict):
            raise InvalidRecordError((Place((), "The body is a JSON object."),))
        try:
            return model.model_validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            raise InvalidRecordError(explain(error)) from None

    return dependency


async def raw_body(request: Request, limit: int | None = None) -> bytes:
    """The body as bytes, within the limits of the settings and, where given, a narrower one."""
    service: Service = request.app.state.service
    with service.bench.holding() as hold:
        return await read_body(request, service.settings, hold, limit)


def if_match(request: Request) -> int:
    """The version that the client read, from If-Match; PreconditionError where it is not given."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionError("Send If-Match with the ETag you read, so that nobody's work is overwritten.")
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise InvalidError("If-Match", 'is an ETag as given here, such as "3"')
    return int(found[1])


def no_nul(request: Request) -> None:
    """InvalidError for an address with a NUL, which no text in a database may hold."""
    if "\x00" in request.url.path or any("\x00" in value for value in (*request.path_params.values(), *request.query_params.values())):
        raise InvalidError("address", "holds a NUL character")


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key header, or None."""
    return request.headers.get("idempotency-key")


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}


def check_media_type(request: Request) -> None:
    """MediaTypeError where the body is not announced as plain JSON in UTF-8."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    kind, _, charset = kind.strip(), *parameters.strip().partition("charset=")[1:]
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise MediaTypeError(f"Send Content-Type: application/json, not {kind[:60] or 'nothing'}.")
    if charset.strip('" ') not in {"", "utf-8", "utf8"}:
        raise MediaTypeError("Send JSON in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("Send the body without Content-Encoding.")


async def read_body(request: Request, settings: Settings, hold: Callable[[int], None], limit: int | None = None) -> bytes:
    """The body, read no further than its limits."""
    most = min(settings.max_body_bytes, limit or settings.max_body_bytes)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > most:
        raise TooLargeError(most)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise TooLargeError(most)
                hold(len(chunk))
                chunks.append(chunk)
    except TimeoutError:
        raise BusyError(f"The body did not arrive within {settings.body_timeout_s:g} seconds.") from None
    return b"".join(chunks)
