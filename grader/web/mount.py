"""All pages into one application, under /app, with the headers that keep foreign scripts out."""

from __future__ import annotations

import logging
import secrets
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, core, ui
from nicegui.page import page as nicegui_page
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.interviews.services import Services
from grader.web import entrance
from grader.web.frame import bare
from grader.web.pages.account import register as account
from grader.web.pages.agreement import register as agreement
from grader.web.pages.calibration import register as calibration
from grader.web.pages.check import register as check
from grader.web.pages.compare import register as compare
from grader.web.pages.facts import register as facts
from grader.web.pages.interview import register as interview
from grader.web.pages.interviews import register as interviews
from grader.web.pages.people import register as people
from grader.web.pages.questions import register as questions
from grader.web.pages.scorecard import register as scorecard
from grader.web.parts import link, text
from grader.web.visit import ROOT

__all__ = ["mount_pages"]

STATIC = Path(__file__).parent / "static"
_PAGES = (interviews, interview, scorecard, compare, questions, facts, check, calibration, agreement, people, account)


def mount_pages(app: FastAPI, services: Services) -> None:
    """Serve the pages at /app of `app`. Once a process: NiceGUI keeps its pages in one place."""
    version = sha256(b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))).hexdigest()[:12]
    core.app.add_static_files(f"/static/{version}", STATIC, max_cache_age=31_536_000)
    at = f"{ROOT}/static/{version}"
    ui.add_head_html(
        f'<link rel="icon" href="{at}/icon.svg" type="image/svg+xml"><script src="{at}/theme.js"></script>'
        f'<link rel="stylesheet" href="{at}/web.css"><link rel="stylesheet" href="{at}/interview.css"><link rel="stylesheet" href="{at}/pages.css"><script src="{at}/web.js" defer></script>',
        shared=True,
    )
    entrance.register(services)
    for register in _PAGES:
        register(services)
    core.app.add_middleware(_Guard)
    logging.getLogger("uvicorn.error").addFilter(_no_addresses)
    core.app.exception_handler(404)(_missing)
    app.add_route(ROOT, lambda _request: RedirectResponse(f"{ROOT}/interviews", 303), include_in_schema=False)
    core.app.add_route("/", lambda _request: RedirectResponse(f"{ROOT}/interviews", 303))
    ui.run_with(
        app,
        mount_path=ROOT,
        title="Viva",
        language="en-US",
        dark=None,
        tailwind=False,
        reconnect_timeout=60,
        show_welcome_message=False,
        binding_refresh_interval=None,
    )


def _no_addresses(record: logging.LogRecord) -> bool:
    """Sockets stay out of the log: their addresses hold the ids of open pages, which are nobody's business."""
    return "WebSocket" not in str(record.msg) and not str(record.msg).startswith("connection ")


async def _missing(request: Request, _error: Exception) -> Response:
    with Client(nicegui_page(""), request=request) as client, bare("Not here"):
        text("h1", "There is nothing here")
        text("p", "The address may be mistyped, or what was here is gone.", "small")
        link("All interviews", f"{ROOT}/interviews")
    return client.build_response(request, 404)


class _Guard:
    """Scripts run only where we put them: each page gets a nonce, and nothing loads from elsewhere. Vue compiles templates: unsafe-eval stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        start: Message | None = None
        body = bytearray()

        async def dress(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("X-NiceGUI-Content") != "page":
                    await send(message)
                    return
                headers["Content-Security-Policy"] = _policy(nonce)
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    whole = bytes(body).replace(b"<script", f'<script nonce="{nonce}"'.encode())
                    MutableHeaders(scope=start)["Content-Length"] = str(len(whole))
                    await send(start)
                    await send({"type": "http.response.body", "body": whole})

        await self._app(scope, receive, dress)


def _policy(nonce: str) -> str:
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )
