"""Blocks of segments that stand together between blank lines."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.text.segment import SegmentKind
from corpus.text.shapes import is_filler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.text.document import Document
    from corpus.text.segment import Segment

__all__ = ["Block", "blocks_of"]

_STOPS = (".", "!", "?", ")", "”", '"')
_DASHES = ("-", "–", "—", ":", ":\\", ";")


@dataclass(frozen=True, slots=True)
class Block:
    """Segments `first` to `end` (excluded); `gap` blank lines stand above."""

    first: int
    end: int
    gap: int
    kind: SegmentKind
    text: str

    @property
    def code(self) -> bool:
        """Whether the block is code."""
        return self.kind is SegmentKind.CODE

    @property
    def list(self) -> bool:
        """Whether the block is a list or a table."""
        return self.kind in (SegmentKind.ITEM, SegmentKind.ROW)

    @property
    def prose(self) -> bool:
        """Whether the block is running text."""
        return not self.code and not self.list

    @property
    def filler(self) -> bool:
        """Whether the block only advertises the collection."""
        return self.prose and is_filler(self.text)

    @property
    def introduces(self) -> bool:
        """Whether the block promises something that follows."""
        return self.prose and self.text.endswith((*_DASHES, "?"))

    @property
    def ended(self) -> bool:
        """Whether the block ends as a sentence does."""
        return self.text.endswith(_STOPS)


def blocks_of(document: Document, found: Sequence[Segment]) -> list[Block]:
    """Return the blocks of a document in order."""
    starts = [line.start for line in document.lines]
    blocks: list[Block] = []
    first, bottom, gap = 0, 0, 0
    for n, segment in enumerate(found):
        top = bisect.bisect_right(starts, segment.span.start)
        blanks = top - bottom - 1
        if n and (blanks > 0 or (segment.kind is SegmentKind.CODE) != (found[n - 1].kind is SegmentKind.CODE)):
            blocks.append(_block(found, first, n, gap))
            first, gap = n, max(blanks, 0)
        bottom = bisect.bisect_right(starts, segment.span.end - 1)
    if found:
        blocks.append(_block(found, first, len(found), gap))
    return blocks


def _block(found: Sequence[Segment], first: int, end: int, gap: int) -> Block:
    text = " ".join(segment.text for segment in found[first:end])
    return Block(first, end, gap, found[first].kind, text)
