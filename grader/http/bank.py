"""The bank under /v1/bank: the corpus' questions and the team's own, and the linter on a pasted text."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from corpus.records import Question
from grader.exchange.answers import AnswerFormat
from grader.exchange.formats import FORMATS, Format
from grader.http import docs
from grader.http.body import json_of, raw_body
from grader.http.replies import download, replies, reply
from grader.http.schemas import LintRequest
from grader.http.visitors import Actor, Served
from grader.interviews.bank import Imported, Page
from grader.interviews.library import FactPage, Flaw

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["bank"])


class Taken(BaseModel):
    """How many answers of a file were new."""

    added: int


class Filter(BaseModel):
    """Which questions."""

    model_config = ConfigDict(extra="forbid")
    q: str = Field("", max_length=200, description="Words that id or question must have.")
    topic: str | None = Field(None, max_length=100)
    level: Literal["junior", "mid", "senior"] | None = None


class Exported(Filter):
    """Which questions, and as what."""

    format: Format


class Paged(Filter):
    """Which questions, and which page of them."""

    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000)


@router.get("/bank/questions", summary="Questions to ask, the team's own included", responses=docs.ok(Page))
def questions(services: Served, actor: Actor, where: Annotated[Paged, Query()]) -> Response:
    """By id, filtered."""
    return reply(services.bank.questions(actor, **where.model_dump()))


@router.get(
    "/bank/export",
    summary="Questions as a file",
    responses=docs.file("application/jsonl", "application/xml", "application/zip", "text/csv", "text/plain"),
)
def export(services: Served, actor: Actor, where: Annotated[Exported, Query()]) -> Response:
    """CSV, JSON lines, Moodle XML, GIFT or QTI 3 (a package); `import` reads each of them back."""
    way = FORMATS[where.format]
    return download(services.bank.export_questions(actor, **where.model_dump()), way.media_type, way.file)


@router.post("/bank/import", summary="Questions of a file", responses=docs.ok(Imported), openapi_extra=docs.upload())
def take(services: Served, actor: Actor, format: Format, data: Annotated[bytes, Depends(raw_body)]) -> Response:
    """The file is the body. All of its questions or none: 422 lists every wrong row."""
    return reply(services.bank.import_questions(actor, data, format))


@router.get("/bank/answers/export", summary="Answers as a file", responses=docs.file("text/csv", "application/jsonl"))
def export_answers(
    services: Served, actor: Actor, format: AnswerFormat, question_id: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """Without the names of candidates: question, answer, share that counts, the machine's share."""
    media_type = "text/csv; charset=utf-8" if format == "csv" else "application/jsonl"
    return download(services.bank.export_answers(actor, format, question_id=question_id), media_type, f"answers.{format}")


@router.post("/bank/answers/import", summary="Marked answers of a file", responses=docs.ok(Taken), openapi_extra=docs.upload())
def take_answers(services: Served, actor: Actor, format: AnswerFormat, data: Annotated[bytes, Depends(raw_body)]) -> Response:
    """For calibration: question_id, answer, and share or score with max_score. All or none."""
    return reply(Taken(added=services.bank.import_answers(actor, data, format)))


@router.get("/bank/questions/{question_id}", summary="One question", responses=docs.ok(Question))
def question(services: Served, actor: Actor, question_id: str) -> Response:
    """404 names near ones."""
    return reply(services.bank.question(actor, question_id))


@router.get("/bank/facts", summary="Facts", responses=docs.ok(FactPage))
def facts(
    services: Served,
    actor: Actor,
    q: Annotated[str, Query(max_length=200)] = "",
    area: Annotated[str | None, Query(max_length=10)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """By code; `area` is the letters of the code."""
    return reply(services.library.facts(actor, q=q, area=area, limit=limit, offset=offset))


@router.post("/lint", summary="Hold a text against the facts", responses=docs.list_of(Flaw), openapi_extra=docs.body(LintRequest))
async def lint(request: Request, services: Served, actor: Actor, given: Annotated[LintRequest, Depends(json_of(LintRequest))]) -> Response:
    """What is false in it, with the truth and where it is written."""
    found = await request.app.state.service.bench.run(lambda: services.library.lint(actor, given.text, context=given.context))
    return replies(found)
