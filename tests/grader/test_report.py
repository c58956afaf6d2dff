"""The scorecard on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from corpus.records import KeyPoint
from grader.interviews.records import Answer, Asked, Candidate, Draft, Interview, Note, Override, Rubric
from grader.interviews.scorecards import Scorecard, TopicShare
from grader.records import Evidence, FalseClaim, Grade, KeyPointState, ReferenceIssue, SourceRef
from grader.report import scorecard_pdf

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NAMES = {"u1": "Ada"}
HOSTILE = '#panic("ran") #include("/etc/passwd") $x$ *b* @ref <l> \\ " ] } // /* \u202e \U0001f682'


def grade(text: str) -> Grade:
    """A grade with one of everything."""
    source = SourceRef(title=text, url="https://example.org/x")
    return Grade(
        id="a", question_id=None, score=1.5, max_score=5, interval=(0.5, 2.5), verdict="contradictory", confidence=0.5, needs_review=True,
        review_reasons=(text,), model="m+n", corpus="c", gaming=(), feedback=text,
        key_points=(
            KeyPointState(id="k1", text=text, weight=0.6, state="stated", confidence=0.9, evidence=Evidence(start=0, end=1, text=text)),
            KeyPointState(id="k2", text=text, weight=0.4, state="missing", confidence=0.9, evidence=None),
        ),
        false_claims=(FalseClaim(code="FLK012", name="n", start=0, end=1, text=text, truth=text, sources=(source,), confidence=0.9),),
        reference_issues=(ReferenceIssue(code="FLK012", name="n", where="key_points[k1]", text=text, truth=text, sources=(source,)),),
    )  # fmt: skip


def scorecard(text: str, **changes: Any) -> Scorecard:
    """A card that says `text` wherever it says something."""
    override = Override(id="o", answer_id="a", number=1, score=None, corrections={"k2": "stated"}, why=text, by="u1", at=AT, result=3.5)
    back = Override(id="p", answer_id="a", number=2, score=None, corrections={}, why="", by="gone", at=AT, result=1.5)
    answer = Answer(id="a", asked_id="q", number=1, text=text, by="u1", at=AT, grade=grade(text), overrides=(back, override))
    note = Note(id="n", interview_id="i", asked_id=None, text=text, by="u1", at=AT)
    rubric = Rubric(
        question_id="x-001", topic=text, level="mid", question=text, reference_answers=(text,),
        key_points=(KeyPoint(id="k1", text=text, weight=1),), version="0123456789ab",
    )  # fmt: skip
    whole = Asked(
        id="q",
        interview_id="i",
        position=1,
        rubric=rubric,
        draft=Draft(),
        answers=(answer,),
        notes=(note,),
        asked_by="u1",
        asked_at=AT,
        version=1,
    )
    bare = whole.model_copy(update={"id": "r", "position": 2, "answers": (), "notes": ()})
    fields: dict[str, Any] = {
        "interview": Interview(id="i", candidate_id="c", title=text, stage="running", max_score=5, created_by="u1", created_at=AT, version=1),
        "candidate": Candidate(id="c", name=text, created_by="u1", created_at=AT),
        "share": 0.7, "machine": 0.3, "interval": (0.5, 0.9), "overridden": 1, "to_review": 1, "notes": (note,), "questions": (whole, bare),
        "topics": (TopicShare(topic=text, share=0.7, machine=0.3, answered=1, asked=2),),
    }  # fmt: skip
    return Scorecard(**fields | changes)


@pytest.mark.parametrize("text", ["Plain words.", HOSTILE, "Ünïcode 漢字 עברית"], ids=["plain", "hostile", "unicode"])
def test_any_words_become_a_pdf(text: str) -> None:
    """Words of people are set as they are: no markup of theirs is run, none breaks the page."""
    made = scorecard_pdf(scorecard(text), NAMES)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")


def test_an_empty_interview_becomes_a_pdf() -> None:
    """Nothing asked, nothing answered, no share."""
    empty = scorecard("x", questions=(), topics=(), notes=(), share=None, machine=None, interval=None, overridden=0, to_review=0)
    assert scorecard_pdf(empty, {}).startswith(b"%PDF-")


def test_the_same_card_gives_the_same_bytes_and_another_gives_others() -> None:
    """So that a committee can compare what it was handed with what is stored."""
    one = scorecard_pdf(scorecard("x"), NAMES)
    assert scorecard_pdf(scorecard("x"), NAMES) == one
    assert scorecard_pdf(scorecard("y"), NAMES) != one


def test_it_can_be_read_aloud() -> None:
    """Tagged, with its language and title, as PDF/UA asks."""
    made = scorecard_pdf(scorecard("x"), NAMES)
    assert b"/MarkInfo" in made or b"/StructTreeRoot" in made
    assert b"/Lang" in made
