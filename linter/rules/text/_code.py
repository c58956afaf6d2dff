"""Lines of a code sample, with the way back to the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.text import Segment, SegmentKind, Span

__all__ = ["CodeLine", "code_lines", "samples"]

_INDENT = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line that holds something; `start` is its place in the sample's text."""

    start: int
    indent: int
    text: str

    def span(self, segment: Segment) -> Span:
        """The line's words in the document."""
        return segment.locate(self.start, self.start + len(self.text))


def samples(found: Sequence[Segment]) -> Iterator[Segment]:
    """The code samples of a document."""
    return (segment for segment in found if segment.kind is SegmentKind.CODE)


def code_lines(segment: Segment) -> list[CodeLine]:
    """The lines of a sample that hold something, without blanks at both ends."""
    lines, at = [], 0
    for raw in segment.text.split("\n"):
        text = raw.strip()
        if text:
            match = _INDENT.match(raw)
            lead = len(raw) - len(raw.lstrip())
            lines.append(CodeLine(at + lead, match.end() if match else 0, text))
        at += len(raw) + 1
    return lines
