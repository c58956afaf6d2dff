"""What /openapi.json says beyond what FastAPI can see: bodies, problems, and examples that a test validates."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter

from grader.http import schemas
from grader.http.errors import MEDIA_TYPE, Problem
from grader.http.examples import BATCH, BATCH_GRADES, GRADE_EXAMPLE, INLINE, KNOWN, PROBLEM
from grader.records import Grade, GradeRequest
from grader.settings import Settings
from grader.wire import BadRecord

__all__ = ["GRADE", "GRADE_BODY", "HEALTH", "SUMMARY", "body", "file", "gone", "list_of", "made", "ok", "openapi", "upload", "version"]

SUMMARY = "Scores free-text answers against reference answers. The scores assist a human; they do not replace one."
_REFS = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "The body is not JSON.",
    401: "A key or session is needed.",
    403: "The key is not known, or the role does not allow it.",
    404: "There is nothing with this id; near ones are named where there are.",
    409: "It cannot be so now: asked already, taken, finished.",
    410: "The candidate was erased.",
    412: "Somebody else changed it since; read it again.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    428: "If-Match is missing.",
    422: "The record is invalid; the places are named.",
    503: "Too many requests wait, or the model is still being loaded; see Retry-After.",
}
_CHANGING = (400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 428, 503)
_BODIES: tuple[type[BaseModel], ...] = tuple(getattr(schemas, name) for name in schemas.__all__)
Responses = dict[int | str, dict[str, Any]]


def _problem(status: int) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REFS.format(model="Problem")}}
    if status == PROBLEM["status"]:
        content["example"] = PROBLEM
    found: dict[str, Any] = {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: content}}
    if status == 503:
        found["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return found


def _one_or_many(record: str, *, bad: bool) -> dict[str, Any]:
    one = {"$ref": _REFS.format(model=record)}
    item = {"anyOf": [one, {"$ref": _REFS.format(model="BadRecord")}]} if bad else one
    return {"oneOf": [one, {"type": "array", "maxItems": 256, "items": item}]}


def ok(model: type[BaseModel]) -> Responses:
    """Responses of a look-up that gives a `model`."""
    good: dict[str, Any] = {"description": "Found.", "model": model}
    return {200: good, **_refused(401, 403, 404, 410, 412, 422, 503)}


def made(model: type[BaseModel]) -> Responses:
    """Responses of a creation."""
    return {201: {"description": "Made.", "model": model}, **_refused(*_CHANGING)}


def list_of(model: type[BaseModel]) -> Responses:
    """Responses that hold an array of `model`."""
    return {200: {"description": "Found.", "model": list[model]}, **_refused(401, 403, 404, 410, 422, 503)}  # type: ignore[valid-type]


def gone() -> Responses:
    """Responses without a body."""
    return {204: {"description": "Done."}, **_refused(*_CHANGING)}


def file(*media_types: str) -> Responses:
    """Responses that are files."""
    content: dict[str, Any] = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {200: {"description": "The file.", "content": content}, **_refused(401, 403, 404, 410, 422, 503)}


def body(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON body a route takes."""
    schema = {"$ref": _REFS.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def upload() -> dict[str, Any]:
    """The file a route takes as its body."""
    return {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


def _refused(*statuses: int) -> Responses:
    return {status: _problem(status) for status in statuses}


HEALTH: Responses = {
    200: {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}, "example": {"status": "alive"}}}},
    503: _problem(503),
}
GRADE: Responses = {
    200: {
        "description": "The grade, or an array of grades in the order of the records.",
        "content": {
            "application/json": {
                "schema": _one_or_many("Grade", bad=True),
                "examples": {"one": {"value": GRADE_EXAMPLE}, "many": {"value": BATCH_GRADES}},
            }
        },
    },
    **{status: _problem(status) for status in (400, 401, 403, 404, 413, 415, 422, 503)},
}
GRADE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _one_or_many("GradeRequest", bad=False),
                "examples": {
                    "known": {"summary": "A question of the bank", "value": KNOWN},
                    "inline": {"summary": "A question of your own", "value": INLINE},
                    "many": {"summary": "Several answers", "value": BATCH},
                },
            }
        },
    }
}


def openapi(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The OpenAPI document, built once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        known = document.setdefault("components", {}).setdefault("schemas", {})
        models: tuple[type[BaseModel], ...] = (GradeRequest, Grade, BadRecord, Problem, *_BODIES)
        for model in models:
            schema = TypeAdapter(model).json_schema(
                ref_template=_REFS, mode="serialization" if model in {Grade, BadRecord, Problem} else "validation"
            )
            known.update(schema.pop("$defs", {}))
            known[model.__name__] = schema
        schemes = {"session": {"type": "http", "scheme": "bearer", "description": "The token of POST /v1/session."}}
        schemes |= {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}} if settings.api_keys else {}
        document["components"]["securitySchemes"] = schemes
        for operation in (operation for operations in document["paths"].values() for operation in operations.values()):
            needed = "key" if "grading" in operation["tags"] else "session"
            operation["security"] = [{needed: []}] if needed in schemes and "probes" not in operation["tags"] else []
        app.openapi_schema = document
    return app.openapi_schema


def version() -> str:
    """The version of the installed distribution; 0 in a bare checkout."""
    try:
        return metadata.version("viva-grader")
    except metadata.PackageNotFoundError:
        return "0"
