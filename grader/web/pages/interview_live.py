"""Others' changes appear on an open interview page: told by this process at once, by others when the version is looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.web.pages.interview import Desk

__all__ = ["follow"]

LOOK_S = 2.0
BURST_S = 0.15  # a burst of changes is read once


def follow(desk: Desk) -> None:
    """Keep the page up to date until it is left."""
    loop, client, stirred = asyncio.get_running_loop(), desk.visit.client, asyncio.Event()

    def stir(_version: int) -> None:
        loop.call_soon_threadsafe(stirred.set)

    async def look(seen: int) -> int:
        version = (await desk.visit.do(desk.visit.services.interviews.interview, desk.interview_id)).version
        if version != seen or desk.waits_for_grade():
            with client.content:
                await desk.reload()
        return version

    async def watch() -> None:
        seen = desk.interview.version
        while not client.is_deleted:
            try:
                await asyncio.wait_for(stirred.wait(), LOOK_S)
                await asyncio.sleep(BURST_S)
            except TimeoutError:
                pass
            stirred.clear()
            if client.has_socket_connection and not client.is_deleted:
                seen = await look(seen)

    async def watch_on() -> None:
        while not client.is_deleted:
            await desk.visit.safely(watch)()
            await asyncio.sleep(LOOK_S)

    end = desk.visit.services.interviews.watch(desk.interview_id, stir)
    task = asyncio.create_task(watch_on())

    def leave() -> None:
        end()
        task.cancel()

    client.on_delete(leave)
