"""Which segments are questions with answers, and how far each answer goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.text.segment import SegmentKind
from corpus.text.shapes import is_closing, is_filler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.text.document import Document
    from corpus.text.segment import Segment

__all__ = ["asked_ranges", "listed_questions"]

_RUN = 3  # so many questions in a row without an answer are a list of contents


def _key(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .?:")


def listed_questions(found: Sequence[Segment]) -> list[int]:
    """Return the questions that stand in a table of contents: unanswered there, asked again below."""
    asked = [n for n, one in enumerate(found) if one.kind is SegmentKind.QUESTION]
    later: set[str] = set()
    listed = []
    for at in range(len(asked) - 1, -1, -1):
        n, key = asked[at], _key(found[asked[at]].text)
        if key in later:
            listed.append(n)
        later.add(key)
    return listed[::-1]


def asked_ranges(document: Document, found: Sequence[Segment]) -> list[tuple[int, int]]:
    """Return (index of the question, index behind its answer) for each question.

    Headings at the tail of an answer open the next section and are left out; the last answer ends
    at a closing heading, or at a gap wider than any inside the other answers.
    """
    asked = [n for n, one in enumerate(found) if one.kind is SegmentKind.QUESTION]
    if not asked:
        return []
    ranges = []
    for first, after in zip(asked, [*asked[1:], len(found)], strict=True):
        end = next((n for n in range(first + 1, after) if _closes(found[n])), after)
        while end > first + 1 and found[end - 1].kind is SegmentKind.HEADING:
            end -= 1
        ranges.append((first, end))
    if len(ranges) > 1:
        widest = max(gap for first, end in ranges[:-1] for gap in _gaps(document, found, first, end))
        first, end = ranges[-1]
        gaps = _gaps(document, found, first, end)
        ranges[-1] = (first, next((first + n for n, gap in enumerate(gaps) if gap > widest), end))
    return ranges


def _closes(segment: Segment) -> bool:
    if segment.kind is SegmentKind.HEADING:
        return is_closing(segment.text)
    return segment.kind is SegmentKind.SENTENCE and is_filler(segment.text) and is_closing(segment.text)


def _gaps(document: Document, found: Sequence[Segment], first: int, end: int) -> list[int]:
    """Return how many lines lie before each segment of the answer; 0 for the question itself."""
    gaps = [0]
    for n in range(first + 1, end):
        above = document.position(found[n - 1].span.end - 1).line
        gaps.append(document.position(found[n].span.start).line - above)
    return gaps
