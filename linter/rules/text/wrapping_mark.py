"""TXT001: marks that a converter wrote where a line ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, is_quoted, told

__all__ = ["WrappingMark"]

_MARKS = re.compile(r"(?:\[(?:Text Wrapping|Page|Column|Section) Break\]|_x000[Dd]_)+")


class WrappingMark:
    """A converter's mark for the end of a line, left in the text."""

    info = RuleInfo(
        code="TXT001",
        name="wrapping-mark",
        severity="info",
        summary="A mark of the converter stands where a line ended; a line break belongs there.",
        why="Editors of office documents write soft line breaks out as words when a page is saved as text. Code that held them is one long line that does not run.",
        wrong=("import json[Text Wrapping Break]print(json.dumps({}))", "one cell_x000D_ another"),
        right=("import json\nprint(json.dumps({}))", "The converter writes `[Text Wrapping Break]` for a soft break."),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a line."""
        yield from told(self.info, document, self._places(document))

    def _places(self, document: Document) -> Iterator[Place]:
        for line in document.lines:
            raw = document.slice(line)
            if "[" not in raw and "_" not in raw:
                continue
            marks = [m for m in _MARKS.finditer(raw) if not is_quoted(raw, m.start())]
            if marks:
                span = Span(marks[0].start(), marks[0].end()).shift(line.start)
                yield Place(span, "A mark of the converter: put line breaks in place of the marks of this line.")
