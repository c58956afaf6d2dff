"""TXT010: a promise of code, a command or a list that nothing follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, SegmentKind
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told

__all__ = ["AnnouncedMissing"]

_PROMISES = re.compile(
    r"\b(?:use|run|type|execute|enter|see) the following (?:syntax|command|code|snippet|commands|lines)\s*\.$", re.IGNORECASE
)
_TAIL = 80
_NEXT = 2  # segments behind such a promise in which the code may still come
_PROSE = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM})


class AnnouncedMissing:
    """Something is announced and does not come."""

    info = RuleInfo(
        code="TXT010",
        name="announced-missing",
        severity="info",
        summary="A sentence announces code, a command or a list, and none follows.",
        why="Code boxes and tabs are drawn by scripts and are not in the page that was saved.",
        wrong=("1. How do you install it?\nInstall it from the index:\n2. How do you start it?\nRun it.",),
        right=("1. How do you install it?\nInstall it from the index:\n\n$ pip install it\n\n2. How do you start it?\nRun it.",),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """A sentence with a colon before the next question, and a promise of code that prose follows."""
        yield from told(self.info, document, self._places(document, found))

    def _places(self, document: Document, found: Sequence[Segment]) -> Iterator[Place]:
        answering = False
        for n, segment in enumerate(found):
            answering = answering or segment.kind is SegmentKind.QUESTION
            if segment.kind not in _PROSE:
                continue
            after = found[n + 1 : n + 1 + _NEXT]
            if answering and segment.text.endswith(":") and after and after[0].kind is SegmentKind.QUESTION:
                yield Place(segment.span, "What this announces is missing: write it.")
            elif _PROMISES.search(segment.text, max(len(segment.text) - _TAIL, 0)) and _prose_follows(document, segment, after):
                yield Place(segment.span, "The code that this announces is missing: write it.")


def _prose_follows(document: Document, segment: Segment, after: Sequence[Segment]) -> bool:
    """Whether the paragraph goes on in prose and no code comes soon."""
    if not after or any(one.kind is SegmentKind.CODE for one in after):
        return False
    return document.position(after[0].span.start).line == document.position(segment.span.end - 1).line
