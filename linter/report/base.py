"""What all formats share: the contract's record of a finding, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from corpus.text import Document
from linter.engine import Result
from linter.finding import Finding
from linter.rule import RuleInfo

__all__ = ["Format", "record", "region", "rows"]

Format = Callable[[Iterable[Result], dict[str, RuleInfo]], Iterator[str]]


def rows(results: Iterable[Result]) -> Iterator[tuple[Document, Finding]]:
    """Every finding with its document."""
    for result in results:
        for finding in result.findings:
            yield result.document, finding


def region(document: Document, finding: Finding) -> tuple[int, int, int, int]:
    """(line, column, end line, end column) from 1, in code points, end exclusive."""
    start, end = document.position(finding.span.start), document.position(finding.span.end)
    return start.line, start.column, end.line, end.column


def record(document: Document, finding: Finding) -> dict[str, Any]:
    """The record of section 4.3 of the design; other tools rely on its fields."""
    line, column, end_line, end_column = region(document, finding)
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "start": {"line": line, "column": column},
        "end": {"line": end_line, "column": end_column},
        "span": finding.text,
        "truth": finding.truth,
        "sources": [{"title": s.title, "url": s.url} for s in finding.sources],
        "confidence": finding.confidence,
        "fix": {"start": fix.start, "end": fix.end, "text": fix.text, "safe": fix.safe} if fix else None,
    }
