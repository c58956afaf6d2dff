"""Suppressions in the text itself, and the rule that reports those which suppress nothing.

`viva: ignore[FLK012] reason` holds for its own line and the next line that has words; `viva: ignore-file[FLK012]` for
the document. It may stand in a Markdown comment (`<!-- viva: ignore[FLK012] -->`), a YAML comment or plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.text import Document, Span
from linter.finding import Finding
from linter.rule import RuleInfo

__all__ = ["MARK", "UNUSED", "apply", "excused"]

UNUSED = RuleInfo(
    code="SUP001",
    name="unused-suppression",
    severity="warning",
    summary="A suppression that suppresses nothing is removed, so that it does not hide the next error.",
    why="Text is mended and the comment stays behind; the error it once excused can come back unseen.",
    wrong=("<!-- viva: ignore[FLK012] --> Flask keeps the session in a signed cookie.",),
    right=("<!-- viva: ignore[FLK012] quoting the myth --> Flask sessions are stored on the server.",),
    sources=(),
)
MARK = re.compile(r"viva:\s*(ignore(?:-file)?)\[([A-Za-z0-9_, -]{1,400})\]")


@dataclass(slots=True)
class _Suppression:
    span: Span
    code: str
    lines: range | None
    used: bool = False


def apply(document: Document, findings: Sequence[Finding], active: frozenset[str], codes: Mapping[str, str]) -> list[Finding]:
    """Drop suppressed findings; add one SUP001 for each code that suppressed nothing.

    `active` are the codes that ran; `codes` maps every known code and name (lower case) to its code. Of a rule that is
    known but did not run nothing can be said.
    """
    suppressions = _suppressions(document, codes)
    kept = [f for f in findings if not _covered(document, f, suppressions)]
    if UNUSED.code in active:
        known = set(codes.values())
        kept += [_unused(document, s) for s in suppressions if not s.used and (s.code in active or s.code not in known)]
    return kept


def excused(document: Document, findings: Sequence[Finding], codes: Mapping[str, str]) -> list[Finding]:
    """Those findings that the text suppresses; `codes` as for `apply`."""
    suppressions = _suppressions(document, codes)
    return [f for f in findings if _covered(document, f, suppressions)]


def _suppressions(document: Document, codes: Mapping[str, str]) -> list[_Suppression]:
    found = []
    for match in MARK.finditer(document.text):
        line = document.position(match.start()).line
        reach = None if match[1] == "ignore-file" else range(line, _next_worded(document, match.end()) + 1)
        for code in re.finditer(r"[A-Za-z0-9-]+", match[2]):
            start = match.start(2) + code.start()
            key = codes.get(code[0].lower(), code[0])
            found.append(_Suppression(Span(start, start + len(code[0])), key, reach))
    return found


def _next_worded(document: Document, offset: int) -> int:
    """The line of the first word after the mark's own line; the mark's line where the document ends."""
    own = document.position(offset).line
    below = range(own + 1, len(document.lines) + 1)
    return next((n for n in below if document.line_text(n).strip()), own)


def _covered(document: Document, finding: Finding, suppressions: Sequence[_Suppression]) -> bool:
    covered = False
    for one in suppressions:
        if one.code == finding.code:
            first = document.position(finding.span.start).line
            last = document.position(max(finding.span.start, finding.span.end - 1)).line
            if one.lines is None or any(line in one.lines for line in range(first, last + 1)):
                one.used = covered = True
    return covered


def _unused(document: Document, one: _Suppression) -> Finding:
    return Finding(
        code=UNUSED.code,
        name=UNUSED.name,
        severity=UNUSED.severity,
        message=f"This suppression of {one.code} suppresses nothing; remove it.",
        path=document.path,
        span=one.span,
        text=document.text[one.span.start : one.span.end],
    )
