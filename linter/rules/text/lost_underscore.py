"""TXT012: a name whose underscores became blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.text import Document, Segment, Span
from linter.finding import Finding, Fix
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told
from linter.rules.text._prose import Piece, pieces

__all__ = ["LostUnderscore"]

_NAME = re.compile(r"(?<![A-Za-z0-9_])[a-z]{2,30}(?:_[a-z]{2,30}){1,3}(?![A-Za-z0-9_])")
_CALLED = re.compile(r"(?<![\w.])[a-z]{2,30}(?P<more>(?: [a-z]{2,30}){1,3})\(\)")


class LostUnderscore:
    """`get user()` in prose where the document's own code says `get_user`."""

    info = RuleInfo(
        code="TXT012",
        name="lost-underscore",
        severity="info",
        summary="A name has lost its underscores: the document spells it with them elsewhere.",
        why="Underscores are marks of emphasis to some converters, and rewriting tools take a name for two words.",
        wrong=("Call the load users() function.\n\n    users = load_users()\n    print(users)",),
        right=("Call the load_users() function.\n\n    users = load_users()\n    print(users)", "Then call print()."),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a name, with the name as the fix."""
        called = [(piece, match) for piece in pieces(document, found) if "()" in piece.text for match in _CALLED.finditer(piece.text)]
        if called:  # the names of the whole document are looked up only where something asks for them
            yield from told(self.info, document, _places(called, set(_NAME.findall(document.text))))


def _places(called: Iterable[tuple[Piece, re.Match[str]]], names: set[str]) -> Iterator[Place]:
    for piece, match in called:
        words = match.group()[:-2].split(" ")
        start = next((n for n in range(len(words) - 1) if "_".join(words[n:]) in names), None)
        if start is None:
            continue
        name = "_".join(words[start:])
        end = match.end() - 2
        span = Span(end - len(name), end).shift(piece.start)
        yield Place(span, f"The underscores are lost: write {name}.", Fix(span.start, span.end, name, safe=True))
