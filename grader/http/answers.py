"""Answers under /v1: drafts, grades, rulings, seals, calibration. What grades goes to the bench, so that a rush is refused and not endured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from grader.http import docs
from grader.http.body import etag, idempotency_key, if_match, json_of
from grader.http.replies import replies, reply
from grader.http.schemas import AddedMark, AddedOverride, Corrections, HandedIn, Score
from grader.http.visitors import Actor, Served
from grader.interviews.marks import CalibrationState
from grader.interviews.records import Answer, Asked, Mark, Preview, Record, Replay, Seal

__all__ = ["router"]

Match = Annotated[int, Depends(if_match)]
Key = Annotated[str | None, Depends(idempotency_key)]
router = APIRouter(prefix="/v1", tags=["answers"])


class Marked(Record):
    """How far the calibration of a question is."""

    question_id: str
    marks: int
    unmarked: int


@router.get("/asked/{asked_id}", summary="One question of an interview, whole", responses=docs.ok(Asked))
def asked(services: Served, actor: Actor, asked_id: str) -> Response:
    """The ETag is what answers and overrides must name; the draft has its own version."""
    found = services.interviews.one_asked(actor, asked_id)
    return reply(found, headers=etag(found.version))


@router.delete("/asked/{asked_id}", summary="Take a question off the list", status_code=204, responses=docs.gone())
def drop(services: Served, actor: Actor, asked_id: str) -> Response:
    """409 once something was written about it."""
    services.interviews.drop(actor, asked_id)
    return Response(status_code=204)


@router.put(
    "/asked/{asked_id}/draft", summary="Save the answer box and grade it", responses=docs.ok(Preview), openapi_extra=docs.body(HandedIn)
)
async def draft(
    request: Request, services: Served, actor: Actor, asked_id: str, version: Match, given: Annotated[HandedIn, Depends(json_of(HandedIn))]
) -> Response:
    """Needs If-Match with the draft's version ("0" at first). The text is kept before it is graded; no grade is sealed."""
    made = await _graded(request, lambda: services.interviews.preview(actor, asked_id, given.text, version=version))
    return reply(made, headers=etag(made.draft.version))


@router.post(
    "/asked/{asked_id}/answers",
    summary="Hand in an answer",
    status_code=201,
    responses=docs.made(Answer),
    openapi_extra=docs.body(HandedIn),
)
async def hand_in(
    request: Request,
    services: Served,
    actor: Actor,
    key: Key,
    asked_id: str,
    version: Match,
    given: Annotated[HandedIn, Depends(json_of(HandedIn))],
) -> Response:
    """Graded at once; answer and sealed grade are on the disk when this returns. Needs If-Match with the question's version."""
    made = await _graded(request, lambda: services.interviews.hand_in(actor, asked_id, given.text, version=version, key=key))
    return reply(made, 201)


@router.post(
    "/answers/{answer_id}/overrides",
    summary="Rule on an answer",
    status_code=201,
    responses=docs.made(Answer),
    openapi_extra=docs.body(AddedOverride),
)
async def override(
    request: Request,
    services: Served,
    actor: Actor,
    key: Key,
    answer_id: str,
    version: Match,
    given: Annotated[AddedOverride, Depends(json_of(AddedOverride))],
) -> Response:
    """A score, or corrected key points from which it is computed anew. Overrides are only added. Needs If-Match with the question's version."""

    def rule() -> Answer:
        return services.interviews.override(
            actor,
            answer_id,
            version=version,
            why=given.why,
            score=given.score,
            corrections=given.corrections,
            dismissed=given.dismissed,
            key=key,
        )

    return reply(await _graded(request, rule), 201)


@router.post(
    "/answers/{answer_id}/try", summary="What corrections would give", responses=docs.ok(Score), openapi_extra=docs.body(Corrections)
)
async def try_corrections(
    request: Request, services: Served, actor: Actor, answer_id: str, given: Annotated[Corrections, Depends(json_of(Corrections))]
) -> Response:
    """The score with these corrections; nothing is stored."""
    score = await _graded(request, lambda: services.interviews.try_corrections(actor, answer_id, given.corrections, given.dismissed))
    return reply(Score(score=score))


@router.get("/answers/{answer_id}/seals", summary="The sealed grade", responses=docs.list_of(Seal))
def seals(services: Served, actor: Actor, answer_id: str) -> Response:
    """Input, output, signals, model, corpus, rubric, checksum: as given, for ever."""
    return replies(services.interviews.seals(actor, answer_id))


@router.get("/seals/{seal_id}/replay", summary="Grade the sealed input again", responses=docs.ok(Replay))
async def replay(request: Request, services: Served, actor: Actor, seal_id: str) -> Response:
    """Says whether the same bytes come out, and what changed if not."""
    return reply(await _graded(request, lambda: services.interviews.replay(actor, seal_id)))


@router.get("/calibration", summary="Questions with marked or unmarked answers", responses=docs.list_of(Marked))
def calibrations(services: Served, actor: Actor) -> Response:
    """Most unmarked first."""
    return replies([Marked(question_id=id_, marks=marks, unmarked=unmarked) for id_, marks, unmarked in services.marks.questions(actor)])


@router.get("/calibration/{question_id}", summary="The calibration of a question", responses=docs.ok(CalibrationState))
async def calibration(request: Request, services: Served, actor: Actor, question_id: str) -> Response:
    """Marks, error before and after, and which answers to mark next."""
    return reply(await _graded(request, lambda: services.marks.state(actor, question_id)))


@router.post(
    "/calibration/{question_id}/marks",
    summary="Mark an answer",
    status_code=201,
    responses=docs.made(Mark),
    openapi_extra=docs.body(AddedMark),
)
def mark(services: Served, actor: Actor, key: Key, question_id: str, given: Annotated[AddedMark, Depends(json_of(AddedMark))]) -> Response:
    """It counts from the next grade on."""
    return reply(services.marks.mark(actor, question_id, given.text, given.share, answer_id=given.answer_id, key=key), 201)


@router.delete("/marks/{mark_id}", summary="Take a mark back", status_code=204, responses=docs.gone())
def unmark(services: Served, actor: Actor, mark_id: str) -> Response:
    """Grades that were given stay as they are."""
    services.marks.unmark(actor, mark_id)
    return Response(status_code=204)


async def _graded(request: Request, work: Any) -> Any:
    return await request.app.state.service.bench.run(work)
