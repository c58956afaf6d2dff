"""TXT009: paragraphs that break off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, SegmentKind
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told

__all__ = ["CutOff"]

_BREAKS_OFF = re.compile(r"(?:^|\s)(?:[(\[“]|(?:the|an|and|or|such as|because|with the|of a|with a|is a|to a),?)$")
_FEWEST = 4  # words of a sentence that can be said to break off
_TAIL = 40
_GOES_ON = frozenset({SegmentKind.CODE, SegmentKind.ROW, SegmentKind.ITEM})


class CutOff:
    """A sentence whose end is lost."""

    info = RuleInfo(
        code="TXT009",
        name="cut-off-sentence",
        severity="info",
        summary="A sentence breaks off; its end is lost.",
        why="What stood in a link or in another element is dropped, and with it the rest of the sentence.",
        wrong=(
            "There are many. You find more of them in the list (\n\nThe list is long.",
            "It has workers. Every worker reads the\n\nNext chapter.",
        ),
        right=("You find more of them in the list (page 3).", "Every worker reads the\n\n    settings.py"),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a sentence, at its last word."""
        yield from told(self.info, document, self._places(document, found))

    def _places(self, document: Document, found: Sequence[Segment]) -> Iterator[Place]:
        for n, segment in enumerate(found):
            if segment.kind not in (SegmentKind.SENTENCE, SegmentKind.ITEM) or len(segment.text) < 2:
                continue
            match = _BREAKS_OFF.search(segment.text, max(len(segment.text) - _TAIL, 0))
            if match is None or len(segment.text.split(None, _FEWEST)) < _FEWEST:
                continue
            after = found[n + 1] if n + 1 < len(found) else None
            if after is None or not _continued(document, segment, after):
                start = match.end() - len(match.group().lstrip())
                yield Place(segment.locate(start, match.end()), "The sentence breaks off here: write its end.")


def _continued(document: Document, segment: Segment, after: Segment) -> bool:
    """Whether the sentence goes on in what follows: in code, in a row, in a line in lower case or on the next line."""
    if after.kind in _GOES_ON or after.text[:1].islower() or not after.text[:1].isalnum():
        return True
    return document.position(after.span.start).line - document.position(segment.span.end - 1).line < 2
