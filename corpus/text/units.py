"""Question-and-answer units: a question with its answer, or answers alone where the questions got lost."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.text.answers import answer_ranges
from corpus.text.asking import asked_ranges
from corpus.text.document import Span
from corpus.text.segment import SegmentKind
from corpus.text.segments import segments

if TYPE_CHECKING:
    from corpus.text.document import Document

__all__ = ["Unit", "units"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One question with its answer; lines from 1, `end_line` included; `question` is None where it is lost."""

    n: int
    start_line: int
    end_line: int
    question: str | None
    span: Span


def units(document: Document) -> tuple[Unit, ...]:
    """Return the units in order; () for a document that neither asks nor announces questions."""
    found = segments(document)
    asked = any(one.kind is SegmentKind.QUESTION for one in found)
    ranges = asked_ranges(document, found) if asked else []
    # One rhetorical question in the prose of an answer-only file is no unit of its own.
    numbered = len(ranges) > 1 or (ranges and ranges[0][0] <= 1)
    if not numbered:
        ranges = answer_ranges(document, found)
    starts = [line.start for line in document.lines]
    built = []
    for n, (first, end) in enumerate(ranges, 1):
        span = Span(found[first].span.start, found[end - 1].span.end)
        top = bisect.bisect_right(starts, span.start)
        bottom = bisect.bisect_right(starts, max(span.end - 1, span.start))
        question = found[first].text if found[first].kind is SegmentKind.QUESTION and numbered else None
        built.append(Unit(n, top, bottom, question, span))
    return tuple(built)
