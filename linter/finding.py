"""What the linter reports: one finding, at exact words, with the truth and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corpus.text import Span

__all__ = ["SEVERITIES", "Finding", "Fix", "Severity", "SourceLink"]

Severity = Literal["error", "warning", "info"]
SEVERITIES: dict[Severity, int] = {"info": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class SourceLink:
    """Where the truth is written."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement of the code points [start, end); `safe` where meaning is kept for sure."""

    start: int
    end: int
    text: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `span` counts code points of the document, end exclusive; `text` is the exact words there. `confidence` is the
    calibrated probability in [0, 1] that the words are wrong. `truth` is None where a rule has no statement to oppose.
    """

    code: str
    name: str
    severity: Severity
    message: str
    path: str
    span: Span
    text: str
    truth: str | None = None
    sources: tuple[SourceLink, ...] = ()
    confidence: float = 1.0
    fix: Fix | None = None
