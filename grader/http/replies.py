"""Records of the service layer as responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Response
from pydantic import BaseModel

from grader.wire import encode

__all__ = ["download", "replies", "reply"]


def reply(record: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One record."""
    return Response(encode(record), status, headers, "application/json")


def replies(records: Sequence[BaseModel]) -> Response:
    """An array."""
    return Response(encode(records), media_type="application/json")


def download(data: bytes, media_type: str, name: str) -> Response:
    """A file to save; `name` is of our making, no user's words."""
    return Response(data, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type)
