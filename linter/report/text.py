"""For people: the line of the source with the words underlined, the truth, and where it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from corpus.text import Document
from linter.engine import Result
from linter.finding import Finding
from linter.report.base import region, rows
from linter.rule import RuleInfo

__all__ = ["concise", "text"]

_HIDDEN = frozenset({"Cc", "Cf", "Cs"})  # could steer the terminal or turn the direction of writing
_WINDOW = 110  # code points of a long line that are shown


def text(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """One block a finding."""
    del rules
    for document, finding in rows(results):
        line, column, _, _ = region(document, finding)
        yield f"{finding.path}:{line}:{column}: {finding.code} {finding.severity}: {finding.message}\n"
        yield from _excerpt(document, finding, line, column)
        if finding.sources:
            source = finding.sources[0]
            yield f"   = source: {source.title}, {source.url}\n"
        yield f"   = `linter explain {finding.code}` tells more\n\n"


def concise(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """One line a finding."""
    del rules
    for document, finding in rows(results):
        line, column, _, _ = region(document, finding)
        yield f"{finding.path}:{line}:{column}: {finding.code} {finding.message}\n"


def _excerpt(document: Document, finding: Finding, line: int, column: int) -> Iterator[str]:
    """The words in their line, cut to a window, tabs and odd spaces shown as one space each so that the marks
    stand right, and characters that steer a terminal made visible."""
    raw = document.line_text(line)
    length = min(len(finding.text), len(raw) - column + 1)
    start = 0 if len(raw) <= _WINDOW else max(0, min(column - 1 - 20, len(raw) - _WINDOW))
    end = max(start + _WINDOW, min(len(raw), column - 1 + length)) if length <= 3 * _WINDOW else start + _WINDOW
    shown = "".join(" " if c.isspace() else "\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in raw[start:end])
    head, tail = ("…" if start else ""), ("…" if end < len(raw) else "")
    number = str(line)
    before = _width(head + shown[: column - 1 - start])
    under = max(1, _width(shown[column - 1 - start : column - 1 - start + length]))
    pad = " " * len(number)
    yield f" {pad} |\n {number} | {head}{shown}{tail}\n {pad} | {' ' * before}{'^' * under}\n"


def _width(shown: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)
