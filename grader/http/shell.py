"""What surrounds every request: security headers, HEAD as GET, one log line without bodies, and no stack trace to strangers."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.http.errors import problem

__all__ = ["Shell"]

CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
access = logging.getLogger("grader.http.access")
log = logging.getLogger(__name__)


class Shell:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], quote(scope["path"])[:200]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        status, started = 0, time.perf_counter()

        async def dress(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, path)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, dress)
        except ClientDisconnect:
            status = status or 499
        except Exception:
            log.exception("%s %s failed", method[:20], path)
            if status:
                raise
            failed = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong here; the log says what.", path)
            await failed(scope, receive, dress)
        finally:
            access.info("%s %s %d %.1f ms", quote(method[:20]), path, status, 1000 * (time.perf_counter() - started))


def _add_headers(message: Message, path: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/v1/"):
        headers.setdefault("Cache-Control", "no-store")
