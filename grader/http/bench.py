"""Where grading happens: a few threads, a bounded queue before them, and a bound on the bytes of bodies held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from grader.refusals import BusyError
from grader.settings import Settings

__all__ = ["Bench"]

T = TypeVar("T")


class Bench:
    """At most `concurrency` calls run and `queue` wait; whoever comes then is told to come back."""

    def __init__(self, settings: Settings) -> None:
        self._threads = ThreadPoolExecutor(settings.concurrency, thread_name_prefix="grade")
        self._places = settings.concurrency + settings.queue
        self._timeout = settings.timeout_s
        self._max_held = settings.max_held_bytes
        self._taken = 0
        self._held = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work` in a thread; BusyError where the queue is full or the time is up. Called in the event loop's thread only."""
        if self._taken >= self._places:
            raise BusyError(f"{self._taken} requests are being graded or wait already.")
        loop = asyncio.get_running_loop()
        self._taken += 1
        job = self._threads.submit(work)
        job.add_done_callback(lambda done: self._release_in(loop, done))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job), self._timeout)
        except TimeoutError:
            raise BusyError(f"No grade within {self._timeout:g} seconds.", retry_after=5) from None

    @contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that counts bytes of one body as held until the block ends; BusyError above the bound."""
        mine = 0

        def hold(count: int) -> None:
            nonlocal mine
            if self._held + count > self._max_held:
                raise BusyError("Too many large bodies are being read.")
            mine += count
            self._held += count

        try:
            yield hold
        finally:
            self._held -= mine

    def close(self) -> None:
        """Forget what waits; let what runs end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _release_in(self, loop: asyncio.AbstractEventLoop, _done: Future[T]) -> None:
        try:
            loop.call_soon_threadsafe(self._release)
        except RuntimeError:  # the loop is closed: the process is ending
            self._release()

    def _release(self) -> None:
        self._taken -= 1
