"""All segments of a document in order, each with the question or heading it stands under."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.text.asking import asked_ranges, listed_questions
from corpus.text.markdown import markdown_segments
from corpus.text.plain import plain_segments
from corpus.text.segment import Segment, SegmentKind
from corpus.text.shapes import asks_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.text.document import Document

__all__ = ["segments"]

_MARKDOWN = (".md", ".markdown")


def segments(document: Document) -> tuple[Segment, ...]:
    """Return the segments of a document in order; `.md` and `.markdown` are read as Markdown."""
    markdown = document.path.lower().endswith(_MARKDOWN)
    found = list((markdown_segments if markdown else plain_segments)(document))
    for n in listed_questions(found):
        found[n] = replace(found[n], kind=SegmentKind.ITEM)
    return tuple(_with_contexts(document, found))


def _with_contexts(document: Document, found: Sequence[Segment]) -> list[Segment]:
    """Give each segment its context: what it answers right behind it, else inside an answer its question, else the nearest heading above."""
    title = next((one.text for one in found if one.kind is SegmentKind.HEADING), "")
    answers = {n: found[first].text for first, end in asked_ranges(document, found) for n in range(first + 1, end)}
    done, heading = [], title
    for n, segment in enumerate(found):
        told = n > 0 and _answers(document, found[n - 1], segment)
        done.append(replace(segment, context=found[n - 1].text if told else answers.get(n, heading)))
        if segment.kind is SegmentKind.HEADING and n not in answers:
            heading = segment.text
    return done


def _answers(document: Document, before: Segment, segment: Segment) -> bool:
    """Tell whether `before` asks what `segment` tells: the cell to its left, or the sentence before it in its paragraph."""
    if before.kind is not segment.kind or segment.kind not in (SegmentKind.ROW, SegmentKind.SENTENCE):
        return False
    between = document.text[before.span.end : segment.span.start]
    return not {"\n", "\r"} & set(between) and asks_alone(before.text)
