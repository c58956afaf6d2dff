"""The numbered questions of a document, as its lines number them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.text import Document, Segment, SegmentKind, Span

__all__ = ["Asked", "asked", "line_numbers"]

_LEAD = r"[\s>#*_]{0,40}"
_NUMBER = re.compile(rf"{_LEAD}(?P<label>Q(?:uestion)?[ .:#]{{0,3}})?(?P<number>\d{{1,3}})(?:[.):]|\\\.|\b(?=[ ]?[-–—]))", re.IGNORECASE)
_LINE = re.compile(rf"^{_LEAD}(?:Q(?:uestion)?[ .:#]{{0,3}})?(\d{{1,3}})[.):]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: `at` is its place among the segments; its number (None without one) and where that stands."""

    at: int
    segment: Segment
    number: int | None
    span: Span


def asked(document: Document, found: Sequence[Segment]) -> list[Asked]:
    """The questions in order."""
    out = []
    for at, segment in enumerate(found):
        if segment.kind is SegmentKind.QUESTION:
            line = document.lines[document.position(segment.span.start).line - 1]
            match = _NUMBER.match(document.text, line.start, max(segment.span.start, line.start))
            number = int(match["number"]) if match else None
            span = Span(*match.span("number")) if match else segment.span
            out.append(Asked(at, segment, number, span))
    return out


def line_numbers(document: Document, first: int, last: int) -> set[int]:
    """The numbers that open lines `first` to `last` (from 1, both included)."""
    matches = (_LINE.match(document.slice(line)) for line in document.lines[first - 1 : last])
    return {int(match[1]) for match in matches if match}
