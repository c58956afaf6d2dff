"""The raw prose of a document, with what is no prose in it blotted out at the same length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.text import Document, Segment, SegmentKind

__all__ = ["BLOT", "Piece", "blotted", "pieces"]

BLOT = "\ue000"  # a private character: no letter, no blank, no mark
_NOT_PROSE = re.compile(
    r"`[^`\n]{1,300}`|https?://\S{1,2000}|\b[\w.+-]{1,64}@[\w-]{1,64}\.\w+|</?[A-Za-z][^<>\n]{0,300}>|\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}"
)

_OPENERS = ("`", "://", "@", "<", "{")


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment of prose: `text[i]` stands at `start + i` of the document."""

    segment: Segment
    start: int
    text: str


def blotted(raw: str) -> str:
    """The text with inline code, addresses and tags blotted out; every other character keeps its place."""
    if not any(mark in raw for mark in _OPENERS):  # most of prose: five searches in C are cheaper than the pattern
        return raw
    return _NOT_PROSE.sub(lambda match: BLOT * len(match.group()), raw)


def pieces(document: Document, found: Sequence[Segment]) -> Iterator[Piece]:
    """The prose of `found` in order."""
    for segment in found:
        if segment.kind is not SegmentKind.CODE:
            yield Piece(segment, segment.span.start, blotted(document.slice(segment.span)))
