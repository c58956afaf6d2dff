"""QNA005: a document that announces a number of questions and holds another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, SegmentKind
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._asked import asked
from linter.rules.text._places import Place, told

__all__ = ["AnnouncedNumber"]

_ANNOUNCES = re.compile(r"(?<![\w.,+-])(?P<number>\d{2,3})\s+(?:[A-Za-z-]+\s+){0,4}?questions?(?:\(s\))?(?!\w)", re.IGNORECASE)
_HEADER = 12  # segments in which a document says what it holds
_FEWEST = 10  # questions worth a number
_TEXT = 3  # segments for each question that a document with its answers has


class AnnouncedNumber:
    """The header says how many questions there are, and there are others, or none."""

    info = RuleInfo(
        code="QNA005",
        name="announced-questions",
        severity="info",
        summary="The document announces a number of questions and holds another, or none at all.",
        why="Questions in folding boxes or headings are lost when a page is saved, and only their answers stay.",
        wrong=("12 questions on queues\n\n" + "\n\n".join(f"{n}. What is a queue of kind {n}?\n\nA line." for n in range(1, 12)),),
        right=("12 questions on queues\n\n" + "\n\n".join(f"{n}. What is a queue of kind {n}?\n\nA line." for n in range(1, 13)),),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """At most one, at the announcement."""
        yield from told(self.info, document, self._places(document, found))

    def _places(self, document: Document, found: Sequence[Segment]) -> Iterator[Place]:
        for segment in found[:_HEADER]:
            match = _ANNOUNCES.search(segment.text) if segment.kind is not SegmentKind.CODE else None
            if match is None or int(match["number"]) < _FEWEST:
                continue
            announced = int(match["number"])
            numbers = [one.number for one in asked(document, found) if one.number is not None]
            span = segment.locate(*match.span())
            if not numbers and not any(one.kind is SegmentKind.QUESTION for one in found) and len(found) > _TEXT * announced:
                yield Place(span, f"None of the {announced} questions is in the document, only answers: put the questions back.")
            elif len(numbers) * 2 > announced and len(numbers) == max(numbers) != announced:
                yield Place(span, f"The document holds {len(numbers)} questions: put back those that are lost, or mend the number.")
            return
