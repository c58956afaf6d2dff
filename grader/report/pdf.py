"""A scorecard as PDF, set by typst. Words of people reach it as data, never as markup, and it reads no file but its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from grader.interviews.records import Answer, Asked, Note, Override
    from grader.interviews.reports import Scorecard

__all__ = ["scorecard_pdf"]

_HERE = Path(__file__).parent
_SETTING = threading.Lock()  # one at a time: setting a page takes tens of megabytes for a moment
_VERDICTS = {
    "correct": "correct",
    "partially_correct_incomplete": "partly correct, or incomplete",
    "contradictory": "contradicts the reference",
    "irrelevant": "does not answer the question",
    "non_domain": "no answer",
}


def scorecard_pdf(card: Scorecard, names: Mapping[str, str]) -> bytes:
    """The scorecard as PDF, tagged to be read aloud (PDF/UA-1, unless a letter is in no font here). The same card gives the same bytes.

    Args:
        card: What `Reports.scorecard` gives.
        names: User id -> name, for who ruled and wrote what.
    """
    from typst import TypstError

    newest = max((card.interview.created_at, *(a.answer.at for a in card.questions if a.answer is not None)))
    data, at = json.dumps(_plain(card, names), ensure_ascii=False), newest.replace(microsecond=0)
    with _SETTING:
        try:
            return _set(data, at, "ua-1")
        except TypstError:  # a letter that no font here has: the standard forbids it, a scorecard must not fail on it
            return _set(data, at, None)


def _set(data: str, at: datetime, standard: Literal["ua-1"] | None) -> bytes:
    import typst

    return bytes(
        typst.compile(
            str(_HERE / "scorecard.typ"), root=str(_HERE), format="pdf", sys_inputs={"card": data}, pdf_standards=standard, timestamp=at
        )
    )


def _plain(card: Scorecard, names: Mapping[str, str]) -> dict[str, Any]:
    """What the template shows, as plain values; scores as numbers, times as text."""
    interview = card.interview
    return {
        "candidate": card.candidate.name,
        "title": interview.title,
        "stage": interview.stage,
        "made": f"{_day(interview.created_at)}, by {_name(names, interview.created_by)}",
        "id": interview.id,
        "share": card.share,
        "machine": card.machine,
        "interval": list(card.interval) if card.interval else None,
        "overridden": card.overridden,
        "to_review": card.to_review,
        "answered": sum(asked.answer is not None for asked in card.questions),
        "asked": len(card.questions),
        "topics": [
            {"topic": t.topic, "share": t.share, "machine": t.machine, "answered": t.answered, "asked": t.asked} for t in card.topics
        ],
        "questions": [_question(asked, names) for asked in card.questions],
        "notes": [_note(note, names) for note in card.notes],
    }


def _question(asked: Asked, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "position": asked.position,
        "topic": asked.rubric.topic,
        "level": asked.rubric.level,
        "rubric": f"{asked.rubric.question_id}, version {asked.rubric.version}",
        "question": asked.rubric.question,
        "answer": _answer(asked.answer, names) if asked.answer else None,
        "notes": [_note(note, names) for note in asked.notes],
    }


def _answer(answer: Answer, names: Mapping[str, str]) -> dict[str, Any]:
    grade, ruling = answer.grade, answer.ruling
    corrections = dict(ruling.corrections) if ruling else {}
    dismissed = set(ruling.dismissed) if ruling else set()
    return {
        "text": answer.text,
        "by": f"{_name(names, answer.by)}, {_moment(answer.at)}",
        "score": _mark(answer.score),
        "machine": _mark(grade.score),
        "max": f"{grade.max_score:g}",
        "interval": [_mark(end) for end in grade.interval],
        "verdict": _VERDICTS[grade.verdict],
        "ruled": ruling is not None,
        "review": list(grade.review_reasons) if grade.needs_review and not answer.overrides else [],
        "points": [
            {
                "text": point.text,
                "weight": point.weight,
                "state": corrections.get(point.id, point.state),
                "machine": point.state,
                "quote": point.evidence.text if point.evidence else "",
            }
            for point in grade.key_points
        ],
        "claims": [
            {
                "text": claim.text,
                "truth": claim.truth,
                "code": claim.code,
                "dismissed": claim.code in dismissed,
                "source": claim.sources[0].url if claim.sources else "",
            }
            for claim in grade.false_claims
        ],
        "issues": [{"where": i.where, "text": i.text, "truth": i.truth} for i in grade.reference_issues],
        "overrides": [_override(override, names) for override in answer.overrides],
        "model": grade.model.partition("+")[0],
        "corpus": grade.corpus,
    }


def _override(override: Override, names: Mapping[str, str]) -> dict[str, Any]:
    taken_back = override.score is None and not override.corrections and not override.dismissed
    return {
        "result": None if taken_back else _mark(override.result),
        "by": f"{_name(names, override.by)}, {_moment(override.at)}",
        "why": override.why,
    }


def _note(note: Note, names: Mapping[str, str]) -> dict[str, str]:
    return {"text": note.text, "by": f"{_name(names, note.by)}, {_moment(note.at)}"}


def _mark(score: float) -> str:
    return f"{score:.1f}"


def _name(names: Mapping[str, str], user_id: str) -> str:
    return names.get(user_id, "somebody")


def _day(at: datetime) -> str:
    return at.strftime("%d %B %Y")


def _moment(at: datetime) -> str:
    return at.strftime("%d %b %Y, %H:%M UTC")
