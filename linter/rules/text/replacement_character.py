"""TXT007: a character that was lost in decoding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, Span
from linter.finding import Finding, SourceLink
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told

__all__ = ["ReplacementCharacter"]

_LOST = re.compile("\ufffd+")
_NAMED = re.compile(r"replacement character|U\+FFFD|\\ufffd", re.IGNORECASE)
_REACH = 200  # characters around, in the same line, in which the text may be talking of the character itself


class ReplacementCharacter:
    """U+FFFD where a character could not be decoded."""

    info = RuleInfo(
        code="TXT007",
        name="replacement-character",
        severity="info",
        summary="A character was lost in decoding: U+FFFD stands in its place.",
        why="Text in one encoding was decoded in another with errors replaced; what stood there can only be looked up in the original.",
        wrong=("It\ufffds ready.",),
        right=("It’s ready.", "The replacement character \ufffd shows where decoding failed."),
        sources=(SourceLink("The Unicode Standard, U+FFFD", "https://www.unicode.org/faq/utf_bom"),),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a run."""
        yield from told(self.info, document, self._places(document))

    def _places(self, document: Document) -> Iterator[Place]:
        for match in _LOST.finditer(document.text):
            line = document.lines[document.position(match.start()).line - 1]
            start, end = max(match.start() - _REACH, line.start), min(match.end() + _REACH, line.end)
            if not _NAMED.search(document.text, start, end):
                yield Place(Span(match.start(), match.end()), "A character was lost in decoding: look it up in the original and write it.")
