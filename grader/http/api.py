"""The application: routes over one grader. Everything blocking runs on the bench, never in the event loop."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import resources
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field

from corpus.records import Fact, Question
from corpus.store import Corpus
from grader.bank import find_questions
from grader.http import docs
from grader.http.bench import Bench
from grader.http.body import check_media_type, read_body
from grader.http.errors import ForbiddenError, UnauthorizedError, install
from grader.http.shell import Shell
from grader.records import GradeRequest
from grader.refusals import BusyError, InvalidRecordError, Place
from grader.settings import Settings
from grader.wire import Grader, decode, encode, grade_items, read_item, read_request

__all__ = ["Service", "create_app"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Service:
    """What the routes share. `grader` is None until it is loaded; `failure` says why it never will be."""

    def __init__(self, grader: Grader | None, settings: Settings) -> None:
        self.grader, self.settings = grader, settings
        self.failure: str | None = None
        self.bench = Bench(settings)

    def ready(self) -> Grader:
        """The grader, or BusyError while it is being loaded."""
        if self.grader is None:
            raise BusyError(self.failure or "The model is being loaded.", retry_after=2)
        return self.grader


class Filter(BaseModel):
    """Which questions, and which page of them."""

    model_config = ConfigDict(extra="forbid")
    topic: str | None = Field(None, max_length=100, description="Topic, in any case.")
    level: Literal["junior", "mid", "senior"] | None = None
    q: str | None = Field(None, max_length=200, description="Words that id or question must have.")
    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000)


class QuestionPage(BaseModel):
    """Questions by id, and how many there are in all."""

    total: int
    limit: int
    offset: int
    items: tuple[Question, ...]


def create_app(grader: Grader | None, settings: Settings, *, lifespan: Lifespan | None = None) -> FastAPI:
    """Build the application. With `grader` None somebody has to set `app.state.service.grader` later; until then it is not ready."""
    app = FastAPI(
        title="Viva",
        version=docs.version(),
        summary=docs.SUMMARY,
        docs_url=None,  # these pages load scripts from elsewhere; the service works with the cable out
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = Service(grader, settings)
    app.include_router(_probes)
    app.include_router(_v1, dependencies=[Depends(_check_key)])
    static = resources.files("grader.http") / "static"
    page = (static / "index.html").read_bytes()
    app.add_route("/", lambda _request: Response(page, media_type="text/html; charset=utf-8"), methods=["GET"], include_in_schema=False)
    app.mount("/static", StaticFiles(packages=[("grader.http", "static")]))
    install(app)
    app.add_middleware(Shell)
    app.openapi = lambda: docs.openapi(app, settings)  # type: ignore[method-assign]
    return app


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _corpus(request: Request) -> Corpus:
    return _service(request).ready().corpus


def _check_key(request: Request) -> None:
    keys = _service(request).settings.api_keys
    if not keys:
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise UnauthorizedError("Send a key: Authorization: Bearer <key>.")
    sent = given.strip().encode("latin-1", "replace")
    matches = [hmac.compare_digest(sent, key.get_secret_value().encode()) for key in keys]  # all are compared
    if True not in matches:
        raise ForbiddenError("This key is not known here.")


_probes = APIRouter(tags=["probes"])
_v1 = APIRouter(prefix="/v1", tags=["grading"])


@_probes.get("/healthz", summary="Is the process alive?", responses=docs.HEALTH)
async def healthz(service: Annotated[Service, Depends(_service)]) -> Response:
    """200 as soon as the server answers, while the model is still being loaded too; 503 when it cannot be loaded."""
    if service.failure:
        raise BusyError(service.failure, retry_after=60)
    return _json({"status": "alive"})


@_probes.get("/readyz", summary="Can it grade?", responses=docs.HEALTH)
async def readyz(service: Annotated[Service, Depends(_service)]) -> Response:
    """200 when the model is loaded, 503 before."""
    return _json({"status": "ready", "corpus": service.ready().corpus.version})


@_v1.post("/grade", summary="Grade one answer, or up to 256", responses=docs.GRADE, openapi_extra=docs.GRADE_BODY)
async def grade(request: Request, service: Annotated[Service, Depends(_service)]) -> Response:
    """One record gives one grade; an array gives an array in the same order, where a bad record's place holds `{"id","error"}`."""
    grader = service.ready()
    check_media_type(request)
    with service.bench.holding() as hold:
        body = await read_body(request, service.settings, hold)
        return Response(await service.bench.run(lambda: _grade(grader, body, service.settings)), media_type="application/json")


@_v1.get("/questions", summary="Questions of the bank", responses=docs.ok(QuestionPage))
async def questions(corpus: Annotated[Corpus, Depends(_corpus)], where: Annotated[Filter, Query()]) -> Response:
    """Questions by id, filtered."""
    found = find_questions(corpus.questions, topic=where.topic, level=where.level, q=where.q)
    items = tuple(found[where.offset : where.offset + where.limit])
    return _json(QuestionPage(total=len(found), limit=where.limit, offset=where.offset, items=items))


@_v1.get("/questions/{question_id}", summary="One question", responses=docs.ok(Question))
async def question(corpus: Annotated[Corpus, Depends(_corpus)], question_id: str) -> Response:
    """The question with this id; 404 names near ones."""
    return _json(corpus.question(question_id))


@_v1.get("/facts/{code}", summary="One fact", responses=docs.ok(Fact))
async def fact(corpus: Annotated[Corpus, Depends(_corpus)], code: str) -> Response:
    """The fact with this code or name; 404 names near ones."""
    return _json(corpus.fact(code))


def _json(value: BaseModel | dict[str, Any]) -> Response:
    return Response(encode(value), media_type="application/json")


def _grade(grader: Grader, body: bytes, settings: Settings) -> bytes:
    value = decode(body)
    if not isinstance(value, list):
        return encode(grader.grade(read_request(value)))
    if len(value) > settings.max_batch:
        raise InvalidRecordError((Place((), f"an array has at most {settings.max_batch} records, got {len(value):,}"),))
    items: list[GradeRequest | Any] = [read_item(item, number) for number, item in enumerate(value, start=1)]
    return encode(grade_items(grader, items))
