"""The composition root: settings, pipeline and HTTP put together, and served."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from corpus.errors import CorpusError
from grader.errors import GraderError
from grader.http.api import Service, create_app
from grader.refusals import StoppedError
from grader.settings import Settings, load_settings
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
    """The application. It answers at once and is ready when the pipeline is loaded; `on_failure` hears why it cannot be."""

    async def load(service: Service) -> None:
        try:
            service.grader = await asyncio.to_thread(_load, settings)
        except StoppedError as error:
            service.failure = str(error)
            log.critical("cannot start: %s", error)
            on_failure(service.failure)
        else:
            log.info("ready")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service: Service = app.state.service
        loading = asyncio.create_task(load(service))
        try:
            yield
        finally:
            loading.cancel()
            service.bench.close()

    return create_app(None, settings, lifespan=lifespan)


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
        settings.export(os.environ)
        uvicorn.run("grader.app:factory", factory=True, workers=settings.workers, **options)
        return
    failures: list[str] = []

    def stop(reason: str) -> None:
        failures.append(reason)
        server.should_exit = True

    server = uvicorn.Server(uvicorn.Config(build(settings, on_failure=stop), **options))
    try:
        server.run()
    except KeyboardInterrupt:
        return
    except SystemExit:
        raise StoppedError(f"{settings.host}:{settings.port} cannot be listened at; is another server there?") from None
    if failures:
        raise StoppedError(failures[0])


def _load(settings: Settings) -> Grader:
    try:
        from grader.pipeline import load_pipeline

        pipeline = load_pipeline(settings.corpus)
        pipeline.warm_up()
        return pipeline
    except (CorpusError, LinterError, GraderError) as error:
        raise StoppedError(str(error)) from error
    except Exception as error:
        log.exception("the pipeline could not be loaded")
        raise StoppedError(f"{type(error).__name__}: {error}") from error
