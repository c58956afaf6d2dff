"""TXT003: a hole where a name stood: empty quotes, empty brackets, a command without its object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, SegmentKind, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told
from linter.rules.text._prose import pieces

__all__ = ["MissingWord"]

_HOLES = re.compile(
    r"(?P<quotes>“[ \u00a0]?”|‘[ \u00a0]?’)"  # straight ones are how code writes an empty string
    r"|(?<=[a-z] )(?P<brackets>\(\))(?=[\s,.;])"
    r"|(?P<commas>,[ \u00a0]+,)(?=\s)"
    r"|\b(?P<before>(?:the|an|of|with|using|via|called|named)[ \u00a0]+[,.;:])(?=\s|$)"
    r"|(?P<command>[$][ \u00a0]+(?:touch|mkdir|rm|cp|mv|cat|source|git (?:add|clone|checkout)|pip3? install))[ \u00a0]*(?=$|[,$\n])"
)
# Of an empty string or an empty pair of brackets one may well speak.
_MEANT = re.compile(r"empty|blank|quot|string|parenthes|bracket|return|default|operator|tuple|call", re.IGNORECASE)
_REACH = 60
_EMPTY_LIST = re.compile(r"\[\s*(?:''|\"\")(?:\s*,\s*(?:''|\"\"))+\s*\]")
_ADDRESS = re.compile(r"\b(?:sender|recipients?|from_email|recipient_list|to_addrs?|bcc)\s*=\s*(?P<void>\[?(?:''|\"\")\]?)(?=\s*[,)\]])")
_MESSAGE = {
    "quotes": "Nothing stands between the quotes: write the name that was lost.",
    "brackets": "Nothing stands before or between these brackets that they could belong to: write what was lost.",
    "commas": "Nothing stands between the commas: write the word that was lost.",
    "before": "A word is lost before this mark: write it.",
    "command": "The command has lost what it is about: write it.",
}


class MissingWord:
    """A place that held a word and holds none."""

    info = RuleInfo(
        code="TXT003",
        name="missing-word",
        severity="info",
        summary="A word is lost: empty quotes, empty brackets, two commas in a row, a command without its object.",
        why="Filters take out what looks like an address (`app.py`, `setup.py`, mail addresses) or is set in another font.",
        wrong=("Save the file as “” and run it.", "Use the () method of the client.", "It supports lists, , and sets."),
        right=("Save the file as “main.py” and run it.", "An empty string “” is false.", "Call run() once."),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """In prose by the hole itself; in code only where a list or an address holds nothing. One place a line."""
        places: dict[int, Place] = {}
        for place in self._places(document, found):
            places.setdefault(document.position(place.span.start).line, place)
        yield from told(self.info, document, places.values())

    def _places(self, document: Document, found: Sequence[Segment]) -> Iterator[Place]:
        for piece in pieces(document, found):
            for match in _HOLES.finditer(piece.text):
                kind = match.lastgroup or "quotes"
                near = piece.text[max(match.start() - _REACH, 0) : match.end() + _REACH]
                if kind not in ("quotes", "brackets") or not _MEANT.search(near):
                    yield Place(Span(*match.span(kind)).shift(piece.start), _MESSAGE[kind])
        for segment in found:
            if segment.kind is SegmentKind.CODE:
                for void in (*_EMPTY_LIST.finditer(segment.text), *_ADDRESS.finditer(segment.text)):
                    yield Place(segment.locate(*void.span()), "Every value here is empty: write the names or addresses that were lost.")
