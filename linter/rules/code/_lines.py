"""Lines of a sample: plain text, with the offset in the document at which each begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.text import Span
from corpus.text.cleaning import Clean

__all__ = ["Line", "dedented", "indent_of", "lines_of", "span_between", "text_of", "without_prompts"]

# Blanks that Python does not take for blanks; each stands for one plain blank, so that offsets stay.
_BLANKS = {
    ord(c): " " for c in "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200b\ufeff"
}
_BLANKS |= {ord("\u2028"): " ", ord("\u2029"): " ", ord("\x0c"): " ", ord("\x0b"): " ", ord("\x85"): " ", ord("\r"): " ", 0: " "}
_CAPTION = re.compile(r"[a-z]{2,12}Copy(?=[A-Za-z#@<$])")  # the caption and the button of a code box
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)|(?:In \[\d{1,4}\]:|\s{0,8}\.{3}:) ?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line; its first `size` characters stand in the document at `raw`, what follows was added to make it readable."""

    text: str
    raw: int
    size: int

    def cut(self, n: int) -> Line:
        """The line without its first `n` characters."""
        return Line(self.text[n:], self.raw + min(n, self.size), max(self.size - n, 0))

    def changed(self, text: str) -> Line:
        """The same place with another text, of which no more than the old length is in the document."""
        return replace(self, text=text)


def lines_of(clean: Clean) -> list[Line]:
    """The lines of cleaned code."""
    lines, at = [], 0
    for text in clean.text.split("\n"):
        raw = clean.raw(min(at, max(len(clean.text) - 1, 0))) if clean.text else 0
        lines.append(Line(text.translate(_BLANKS).rstrip(), raw, len(text.rstrip())))
        at += len(text) + 1
    if lines and (caption := _CAPTION.match(lines[0].text)):
        lines[0] = lines[0].cut(caption.end())
    return lines


def indent_of(text: str) -> int:
    """How many blanks a line begins with."""
    return len(text) - len(text.lstrip(" \t"))


def dedented(lines: Sequence[Line]) -> list[Line]:
    """The lines without the indentation they share."""
    shared = min((indent_of(line.text) for line in lines if line.text.strip()), default=0)
    return [line.cut(min(shared, len(line.text))) for line in lines] if shared else list(lines)


def without_prompts(lines: Sequence[Line]) -> list[Line]:
    """Of an interactive session what was typed; what was answered goes."""
    if not any(line.text.startswith((">>> ", "In [")) for line in lines):
        return list(lines)
    typed = []
    for line in lines:
        match = _PROMPT.match(line.text)
        typed.append(line.cut(match.end()) if match else line.changed(""))
    return typed


def text_of(lines: Sequence[Line]) -> str:
    """The text the lines make together."""
    return "\n".join(line.text for line in lines)


def span_between(lines: Sequence[Line], first: tuple[int, int], last: tuple[int, int]) -> Span:
    """The raw span from (row, column) to (row, column), rows from 0, the end not included; never empty."""
    start = _raw(lines, *first)
    end = _raw(lines, *last)
    return Span(start, max(end, start + 1))


def _raw(lines: Sequence[Line], row: int, column: int) -> int:
    line = lines[min(max(row, 0), len(lines) - 1)]
    return line.raw + min(max(column, 0), line.size)
