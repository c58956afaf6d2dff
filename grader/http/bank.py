"""The bank under /v1/bank: the corpus' questions and the team's own, and the linter on a pasted text."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from corpus.records import Question
from grader.http import docs
from grader.http.body import json_of
from grader.http.replies import replies, reply
from grader.http.schemas import LintRequest
from grader.http.visitors import Actor, Served
from grader.interviews.bank import Page
from grader.interviews.library import FactPage, Flaw

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["bank"])


class Filter(BaseModel):
    """Which questions."""

    model_config = ConfigDict(extra="forbid")
    q: str = Field("", max_length=200, description="Words that id or question must have.")
    topic: str | None = Field(None, max_length=100)
    level: Literal["junior", "mid", "senior"] | None = None


class Paged(Filter):
    """Which questions, and which page of them."""

    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000)


@router.get("/bank/questions", summary="Questions to ask, the team's own included", responses=docs.ok(Page))
def questions(services: Served, actor: Actor, where: Annotated[Paged, Query()]) -> Response:
    """By id, filtered."""
    return reply(services.bank.questions(actor, **where.model_dump()))


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
