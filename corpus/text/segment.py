"""The piece of a document that is judged on its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.text.cleaning import Clean

if TYPE_CHECKING:
    from corpus.text.document import Span

__all__ = ["Segment", "SegmentKind", "segment_of"]


class SegmentKind(StrEnum):
    """What a segment is; all but CODE are prose."""

    SENTENCE = "sentence"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"
    QUESTION = "question"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, item, table cell, heading, question or code block.

    `document.text[span.start:span.end]` is the raw text; `text` is cleaned for judging;
    `context` is the question or heading it stands under; `runs` are (index in `text`, raw offset).
    """

    kind: SegmentKind
    span: Span
    text: str
    context: str
    runs: tuple[tuple[int, int], ...] = field(repr=False)

    def locate(self, start: int, end: int) -> Span:
        """Return the exact raw span of `text[start:end]`.

        Raises:
            ValueError: the range is empty or outside the text.
        """
        return Clean(self.text, self.runs).locate(start, end)


def segment_of(kind: SegmentKind, clean: Clean) -> Segment:
    """Return the segment of a non-empty cleaned text; its context is still to be given."""
    return Segment(kind, clean.locate(0, len(clean.text)), clean.text, "", clean.runs)
