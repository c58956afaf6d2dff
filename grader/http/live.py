"""Live updates: server-sent events that tell the version of an interview whenever it changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from grader.http import docs
from grader.http.visitors import Actor, Served
from grader.interviews.errors import InterviewError
from grader.interviews.records import User
from grader.interviews.services import Services

__all__ = ["router"]

LIFE_S = 25.0  # then the browser comes back by itself, and a server that stops does not wait for it
POLL_S = 1.0  # other processes' changes are seen so late at most
router = APIRouter(prefix="/v1", tags=["interviews"])


@router.get("/interviews/{interview_id}/events", summary="Live updates", responses=docs.file("text/event-stream"))
async def events(request: Request, services: Served, actor: Actor, interview_id: str) -> StreamingResponse:
    """Server-sent events `version`, whose data is the version that stands now: read the interview again then."""
    version = (await asyncio.to_thread(services.interviews.interview, actor, interview_id)).version
    return StreamingResponse(_versions(services, actor, interview_id, version), media_type="text/event-stream")


async def _versions(services: Services, actor: User, interview_id: str, version: int) -> AsyncIterator[str]:
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def hear(_version: int) -> None:
        loop.call_soon_threadsafe(changed.set)

    leave = services.interviews.watch(interview_id, hear)
    until = time.monotonic() + LIFE_S
    try:
        yield f"retry: 500\nevent: version\ndata: {version}\n\n"
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(POLL_S):
                    await changed.wait()
            except TimeoutError:
                pass
            changed.clear()
            now = (await asyncio.to_thread(services.interviews.interview, actor, interview_id)).version
            if now != version:
                version = now
                yield f"event: version\ndata: {version}\n\n"
    except InterviewError:  # erased meanwhile
        yield "event: gone\ndata: 0\n\n"
    finally:
        leave()
