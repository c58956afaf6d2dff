"""Candidates and interviews under /v1. Routes block, so they are plain functions: the framework runs them in threads."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from grader.http import answers, bank, docs, live, session
from grader.http.body import etag, idempotency_key, if_match, json_of, no_nul
from grader.http.replies import download, replies, reply
from grader.http.schemas import (
    AddedNote,
    ChangedCandidate,
    ChangedInterview,
    NewCandidate,
    NewInterview,
    NewQuestion,
    WholeInterview,
)
from grader.http.visitors import Actor, Served
from grader.interviews.records import Asked, Candidate, Interview, Line, Note, Stage, Tombstone
from grader.interviews.scorecards import Agreement, Comparison, Scorecard, Suggestion
from grader.interviews.services import Services
from grader.wire import encode

__all__ = ["mount_interviews"]

Match = Annotated[int, Depends(if_match)]
Key = Annotated[str | None, Depends(idempotency_key)]
router = APIRouter(prefix="/v1", tags=["interviews"])


class Filter(BaseModel):
    """Which interviews."""

    model_config = ConfigDict(extra="forbid")
    q: str = Field("", max_length=200, description="Words of title or candidate.")
    stage: Stage | None = None
    candidate_id: str | None = Field(None, max_length=100)


def mount_interviews(app: FastAPI, services: Services) -> None:
    """All routes over the service layer into `app`."""
    app.state.services = services
    for routes in (session.router, router, answers.router, bank.router, live.router):
        app.include_router(routes, dependencies=[Depends(no_nul)])


@router.get("/candidates", summary="Candidates", responses=docs.list_of(Candidate))
def candidates(services: Served, actor: Actor, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """By name; with the words of `q` in name or contact."""
    return replies(services.interviews.candidates(actor, q=q))


@router.post(
    "/candidates", summary="Add a candidate", status_code=201, responses=docs.made(Candidate), openapi_extra=docs.body(NewCandidate)
)
def add_candidate(services: Served, actor: Actor, key: Key, given: Annotated[NewCandidate, Depends(json_of(NewCandidate))]) -> Response:
    """The same name twice is two people; send an Idempotency-Key to be sure of one."""
    made = services.interviews.add_candidate(actor, given.name, given.contact, key=key)
    return reply(made, 201, etag(made.version))


@router.get("/candidates/{candidate_id}", summary="One candidate", responses=docs.ok(Candidate))
def candidate(services: Served, actor: Actor, candidate_id: str) -> Response:
    """410 where the candidate was erased."""
    found = services.interviews.candidate(actor, candidate_id)
    return reply(found, headers=etag(found.version))


@router.patch(
    "/candidates/{candidate_id}", summary="Change a candidate", responses=docs.ok(Candidate), openapi_extra=docs.body(ChangedCandidate)
)
def change_candidate(
    services: Served,
    actor: Actor,
    candidate_id: str,
    version: Match,
    given: Annotated[ChangedCandidate, Depends(json_of(ChangedCandidate))],
) -> Response:
    """Name or contact; needs If-Match."""
    made = services.interviews.change_candidate(actor, candidate_id, version=version, name=given.name, contact=given.contact)
    return reply(made, headers=etag(made.version))


@router.delete("/candidates/{candidate_id}", summary="Erase a candidate with everything", responses=docs.ok(Tombstone))
def erase(services: Served, actor: Actor, candidate_id: str) -> Response:
    """Owners only. Interviews, answers, grades, overrides, notes and marks go; a tombstone without content stays."""
    return reply(services.interviews.erase(actor, candidate_id))


@router.get("/candidates/{candidate_id}/export", summary="Everything stored about a candidate", responses=docs.file("application/json"))
def export(services: Served, actor: Actor, candidate_id: str) -> Response:
    """JSON: candidate, interviews, answers, sealed grades, overrides, notes, marks."""
    return download(encode(services.interviews.export(actor, candidate_id)), "application/json", "candidate.json")


@router.get("/interviews", summary="Interviews", responses=docs.list_of(Line))
def interviews(services: Served, actor: Actor, where: Annotated[Filter, Query()]) -> Response:
    """Newest first, with state and score."""
    return replies(services.interviews.lines(actor, q=where.q, stage=where.stage, candidate_id=where.candidate_id))


@router.post(
    "/interviews", summary="Plan an interview", status_code=201, responses=docs.made(Interview), openapi_extra=docs.body(NewInterview)
)
def add_interview(services: Served, actor: Actor, key: Key, given: Annotated[NewInterview, Depends(json_of(NewInterview))]) -> Response:
    """With the questions to ask, in order; more can be asked later."""
    made = services.interviews.add_interview(
        actor, given.candidate_id, given.title, max_score=given.max_score, questions=given.questions, key=key
    )
    return reply(made, 201, etag(made.version))


@router.get("/interviews/{interview_id}", summary="One interview, whole", responses=docs.ok(WholeInterview))
def interview(request: Request, services: Served, actor: Actor, interview_id: str) -> Response:
    """Questions, drafts, answers, grades, overrides, notes. 304 where If-None-Match names the version that stands."""
    found = services.interviews.interview(actor, interview_id)
    if request.headers.get("if-none-match") == etag(found.version)["ETag"]:
        return Response(status_code=304, headers=etag(found.version))
    asked = tuple(services.interviews.asked(actor, interview_id))
    notes = tuple(services.interviews.notes(actor, interview_id))
    return reply(WholeInterview(interview=found, questions=asked, notes=notes), headers=etag(found.version))


@router.patch(
    "/interviews/{interview_id}", summary="Change an interview", responses=docs.ok(Interview), openapi_extra=docs.body(ChangedInterview)
)
def change_interview(
    services: Served,
    actor: Actor,
    interview_id: str,
    version: Match,
    given: Annotated[ChangedInterview, Depends(json_of(ChangedInterview))],
) -> Response:
    """Title or stage; needs If-Match. Finishing hands in what stands in the answer boxes."""
    made = services.interviews.change_interview(actor, interview_id, version=version, title=given.title, stage=given.stage)
    return reply(made, headers=etag(made.version))


@router.post(
    "/interviews/{interview_id}/questions",
    summary="Ask a question",
    status_code=201,
    responses=docs.made(Asked),
    openapi_extra=docs.body(NewQuestion),
)
def ask(
    services: Served, actor: Actor, key: Key, interview_id: str, given: Annotated[NewQuestion, Depends(json_of(NewQuestion))]
) -> Response:
    """The question is copied as it stands; 409 where it is asked already."""
    made = services.interviews.ask(actor, interview_id, given.question_id, key=key)
    return reply(made, 201, etag(made.version))


@router.get("/interviews/{interview_id}/suggestions", summary="What to ask next", responses=docs.list_of(Suggestion))
def suggestions(services: Served, actor: Actor, interview_id: str, count: Annotated[int, Query(ge=1, le=20)] = 3) -> Response:
    """Questions with the reason why."""
    return replies(services.reports.suggest(actor, interview_id, count=count))


@router.post(
    "/interviews/{interview_id}/notes", summary="Add a note", status_code=201, responses=docs.made(Note), openapi_extra=docs.body(AddedNote)
)
def note(services: Served, actor: Actor, key: Key, interview_id: str, given: Annotated[AddedNote, Depends(json_of(AddedNote))]) -> Response:
    """Notes are only added."""
    return reply(services.interviews.note(actor, interview_id, given.text, asked_id=given.asked_id, key=key), 201)


@router.get("/interviews/{interview_id}/scorecard", summary="Scorecard", responses=docs.ok(Scorecard))
def scorecard(services: Served, actor: Actor, interview_id: str) -> Response:
    """Per topic and question, with reasons, overrides and notes."""
    return reply(services.reports.scorecard(actor, interview_id))


@router.get(
    "/interviews/{interview_id}/scorecard.{kind}",
    summary="Scorecard as a file",
    responses=docs.file("application/json", "application/pdf", "text/csv"),
)
def scorecard_file(services: Served, actor: Actor, interview_id: str, kind: Literal["json", "csv", "pdf"]) -> Response:
    """PDF to hand over, CSV for a spreadsheet, JSON for programs."""
    match kind:
        case "json":
            return download(encode(services.reports.scorecard(actor, interview_id)), "application/json", "scorecard.json")
        case "csv":
            return download(services.reports.csv(actor, interview_id).encode(), "text/csv; charset=utf-8", "scorecard.csv")
        case "pdf":
            return download(services.reports.pdf(actor, interview_id), "application/pdf", "scorecard.pdf")


@router.get("/comparison", summary="Candidates side by side", responses=docs.ok(Comparison))
def comparison(services: Served, actor: Actor, id: Annotated[list[str], Query(min_length=2, max_length=20)]) -> Response:
    """Interviews (`id`, repeated) on the questions they share."""
    return reply(services.reports.compare(actor, id))


@router.get("/agreement", summary="How well raters agree", responses=docs.list_of(Agreement))
def agreement(services: Served, actor: Actor, question_id: Annotated[str | None, Query(max_length=100)] = None) -> Response:
    """Machine and interviewers, pair by pair: quadratic weighted kappa, bias, error."""
    return replies(services.reports.agreement(actor, question_id=question_id))
