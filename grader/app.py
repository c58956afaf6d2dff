"""The composition root: settings, pipeline, store, HTTP and pages put together, and served."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from corpus.errors import CorpusError
from grader.errors import GraderError
from grader.http.api import Service, create_app
from grader.http.interviews import mount_interviews
from grader.interviews.accounts import Accounts
from grader.interviews.demo import demo_owner, fill
from grader.interviews.grading import Examiner
from grader.interviews.records import User
from grader.interviews.services import Services, open_services
from grader.refusals import StoppedError
from grader.settings import Settings, load_settings
from grader.store.store import Store
from grader.wire import Grader
from linter.errors import LinterError

__all__ = ["build", "factory", "serve"]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "grader": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
log = logging.getLogger(__name__)


def build(settings: Settings, *, on_failure: Callable[[str], None] = lambda _: None) -> FastAPI:
    """The application. It answers at once and is ready when the pipeline is loaded; `on_failure` hears why it cannot be.

    Raises:
        StoreError: The database cannot be opened.
    """
    loading = _loading(settings)  # beside the opening of the store and the import of the pages
    throw_away = tempfile.TemporaryDirectory(prefix="viva-demo-") if settings.demo else None
    store = Store(f"sqlite:///{Path(throw_away.name) / 'demo.db'}" if throw_away else settings.database.get_secret_value())

    async def load(service: Service, services: Services) -> None:
        try:
            service.grader = await asyncio.wrap_future(loading)
            if services.demo:
                await asyncio.to_thread(fill, services, services.demo)
        except StoppedError as error:
            service.failure = str(error)
            log.critical("cannot start: %s", error)
            on_failure(service.failure)
        else:
            log.info("ready")
            await _tidy(services, settings.retention_days)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service: Service = app.state.service
        task = asyncio.create_task(load(service, app.state.services))
        try:
            yield
        finally:
            task.cancel()
            service.bench.close()
            store.close()
            if throw_away:
                throw_away.cleanup()

    app = create_app(None, settings, lifespan=lifespan)
    service: Service = app.state.service
    services = open_services(store, lambda: cast(Examiner, service.ready()))
    if settings.demo:
        services = replace(services, demo=demo_owner(services.accounts))
    app.state.services = services
    mount_interviews(app, services)
    if settings.pages and settings.workers == 1:
        from grader.web.mount import mount_pages  # NiceGUI takes a second to import

        mount_pages(app, services)
    elif settings.pages:
        log.warning("the pages keep their state in one process: with several workers only the API is served")
    return app


def factory() -> FastAPI:
    """For `uvicorn --factory grader.app:factory`: everything from the environment."""
    return build(load_settings())


def serve(settings: Settings) -> None:
    """Serve until told to stop; StoppedError where it cannot be."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_config": LOGGING,
        "access_log": False,  # ours has neither bodies nor queries
        "server_header": False,
        "timeout_graceful_shutdown": 30,
    }
    if settings.workers > 1:
        store = Store(settings.database.get_secret_value())  # the tables are made once, before the workers come
        if Accounts(store).empty():
            print("There is no user yet; the pages that make one need a single worker: grader user add NAME --role owner", file=sys.stderr)
        store.close()
        settings.export(os.environ)
        uvicorn.run("grader.app:factory", factory=True, workers=settings.workers, **options)
        return
    failures: list[str] = []

    def stop(reason: str) -> None:
        failures.append(reason)
        server.should_exit = True

    try:
        socket = uvicorn.Config("", **options).bind_socket()  # before a model is being loaded: an exit would cut that thread off
        socket.listen(2048)  # whoever reads the address below and calls at once waits instead of being refused
        app = build(settings, on_failure=stop)
        server = uvicorn.Server(uvicorn.Config(app, **options))
        _invite(app.state.services, settings, socket.getsockname()[1])
        server.run([socket])
    except KeyboardInterrupt:
        return
    except SystemExit:
        raise StoppedError(f"{settings.host}:{settings.port} cannot be listened at; is another server there?") from None
    if failures:
        raise StoppedError(failures[0])


def _invite(services: Services, settings: Settings, port: int) -> None:
    """Say where the pages are, and print the link to the first account while there is none. It goes to the terminal, not into the log."""
    at = f"http://{settings.host}:{port}"
    if not settings.pages or services.demo:
        where = f"{at}/app (demo: sample data, thrown away at the end)" if services.demo else f"{at}/v1"
        print(f"Viva is at {where}", file=sys.stderr, flush=True)
        return
    print(f"Try it: {at}/   Interviews: {at}/app", file=sys.stderr, flush=True)
    if services.accounts.empty():
        print(
            f"Make the first account (good once, for a day): {at}/app/welcome?token={services.accounts.first_link()}",
            file=sys.stderr,
            flush=True,
        )


async def _tidy(services: Services, days: int | None) -> None:
    """Once a day, drop old idempotency keys and erase the candidates whose time is over."""
    keeper = User(id="retention", name="retention", role="owner", created_at=datetime.now(UTC))
    while True:
        try:
            await asyncio.to_thread(services.interviews.forget_keys)
            if days is not None:
                erased = await asyncio.to_thread(services.interviews.erase_idle, keeper, days)
                log.info("retention: %d candidates erased", len(erased))
        except GraderError:
            log.exception("tidying up failed; it is tried again tomorrow")
        await asyncio.sleep(86_400)


def _loading(settings: Settings) -> Future[Grader]:
    """The pipeline, being loaded in a thread that does not keep the process from ending."""
    future: Future[Grader] = Future()

    def load() -> None:
        try:
            future.set_result(_load(settings))
        except StoppedError as error:
            future.set_exception(error)

    threading.Thread(target=load, name="load", daemon=True).start()
    return future


def _load(settings: Settings) -> Grader:
    try:
        from grader.pipeline import load_pipeline

        pipeline = load_pipeline(settings.corpus, error_rate=settings.error_rate)
        pipeline.warm_up()
        return pipeline
    except (CorpusError, LinterError, GraderError) as error:
        raise StoppedError(str(error)) from error
    except Exception as error:
        log.exception("the pipeline could not be loaded")
        raise StoppedError(f"{type(error).__name__}: {error}") from error
