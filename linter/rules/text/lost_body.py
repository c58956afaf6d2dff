"""TXT005: blocks of code that lost their body, or the line that opened them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._code import CodeLine, code_lines, samples
from linter.rules.text._places import Place, told

__all__ = ["LostBody"]

_HEADER = re.compile(
    r"(?:(?:async\s+)?def\s+\w+\s*\(.*\)[^:]*|class\s+\w+\s*(?:\(.*\))?|(?:if|elif|while|with|for)\s.+|try|else|finally|except\b.*):\s*(?:#.*)?$"
)
_CATCHES = re.compile(r"(?:except\b[^:]*|finally)\s*:")
_OPENS_TRY = re.compile(r"(?:try|except\b.*|else|for\b.*|while\b.*)\s*:")
_PYTHON = re.compile(r"(?:from\s+\S+\s+import\b|import\s+\w|def\s+\w+\s*\(|class\s+\w+.*:$|if __name__)")
_LONG = 300  # characters of a line that are looked at


class LostBody:
    """A header without the lines it announces, or an `except` whose `try` is gone."""

    info = RuleInfo(
        code="TXT005",
        name="lost-body",
        severity="info",
        summary="A block of a sample has lost its body, or the line that opens it.",
        why="Filters drop lines that look like addresses (`app.run()`) or that hold little besides a word (`try:`).",
        wrong=(
            "def half(n):\n    return n / 2\n\nif __name__ == '__main__':",
            "def half(n):\n        return n / 2\n    except ValueError:\n        return 0",
        ),
        right=("import sys\n\nif __name__ == '__main__':\n    sys.exit(main())", "def later():\n    # ...\n\nprint('more')"),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a sample: its other holes have the same cause, and are mended in the same go."""
        yield from told(self.info, document, self._places(found))

    def _places(self, found: Sequence[Segment]) -> Iterator[Place]:
        for segment in samples(found):
            lines = code_lines(segment)
            if len(lines) < 2 or not any(_PYTHON.match(line.text) for line in lines) or not any(line.indent for line in lines):
                continue  # one line is a quotation; without any indentation it is that which was lost
            if any(line.text[0] in "+->|" or "``" in line.text for line in lines):
                continue  # a difference, a traceback, markup around a sample: what is no program has no blocks
            holes = list(_holes(lines))
            if holes:
                line, message = holes[0]
                others = f" The same in {len(holes) - 1} more of its lines." if len(holes) > 1 else ""
                yield Place(line.span(segment), message + others)


def _holes(lines: Sequence[CodeLine]) -> Iterator[tuple[CodeLine, str]]:
    opened: dict[int, bool] = {}  # indentation to whether a `try` is open there
    for n, line in enumerate(lines):
        text = line.text[:_LONG]
        if text.startswith("#"):
            continue
        for deeper in [indent for indent in opened if indent > line.indent]:
            del opened[deeper]
        if _CATCHES.match(text) and not opened.get(line.indent):
            yield line, "The line that opens this block (`try:`) is lost: put it back."
        opened[line.indent] = bool(_OPENS_TRY.match(text))
        after = lines[n + 1] if n + 1 < len(lines) else None
        if _HEADER.match(text) and (after is None or after.indent <= line.indent):
            yield line, "The body of this block is lost: put it back."
