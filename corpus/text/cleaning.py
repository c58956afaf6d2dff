"""Clean text for judging, with the way back to the exact raw place."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.text.document import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["WRAP", "Clean", "Cut", "clean_code", "clean_prose"]

WRAP = "[Text Wrapping Break]"
_PIECE = re.compile(r"(?P<gap>(?:\[Text Wrapping Break\]|\s)+)|(?P<void>[\u00ad\u200b-\u200d\u2060\ufeff]+)")
_CODE_PIECE = re.compile(r"(?P<newline>\r\n|\r|\[Text Wrapping Break\])|(?P<space>\u00a0)")
_INDENT = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Cut:
    """A raw range to leave out; with `space` it stands for one blank."""

    start: int
    end: int
    space: bool = False


@dataclass(frozen=True, slots=True)
class Clean:
    """Cleaned text and its runs: (offset in `text`, raw offset), in step until the next run."""

    text: str
    runs: tuple[tuple[int, int], ...]

    def raw(self, index: int) -> int:
        """Return the raw offset of the character `text[index]`."""
        run = self.runs[bisect.bisect_right(self.runs, index, key=lambda pair: pair[0]) - 1]
        return run[1] + index - run[0]

    def index(self, raw: int) -> int:
        """Return the first index whose raw offset is `raw` or later."""
        at = bisect.bisect_right(self.runs, raw, key=lambda pair: pair[1]) - 1
        if at < 0:
            return 0
        limit = self.runs[at + 1][0] if at + 1 < len(self.runs) else len(self.text)
        return min(limit, self.runs[at][0] + raw - self.runs[at][1])

    def locate(self, start: int, end: int) -> Span:
        """Return the raw span of `text[start:end]`.

        Raises:
            ValueError: the range is empty, backward, or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"range must lie in 0..{len(self.text)} and not be empty, got {start}..{end}")
        return Span(self.raw(start), self.raw(end - 1) + 1)

    def part(self, start: int, end: int) -> Clean:
        """Return the cleaned text of `text[start:end]` alone."""
        first = max(bisect.bisect_right(self.runs, start, key=lambda pair: pair[0]) - 1, 0)
        last = bisect.bisect_left(self.runs, end, key=lambda pair: pair[0])
        runs = [(max(at - start, 0), raw + max(start - at, 0)) for at, raw in self.runs[first:last]]
        return Clean(self.text[start:end], tuple(runs))


def _kept(span: Span, cuts: Sequence[Cut]) -> Iterator[tuple[Span, int | None]]:
    """Yield what lies between the cuts, and where a cut that stands for a blank begins."""
    at = span.start
    for cut in cuts:
        if cut.start < at:
            continue
        if cut.start > at:
            yield Span(at, cut.start), None
        if cut.space:
            yield Span(cut.start, cut.end), cut.start
        at = cut.end
    if at < span.end:
        yield Span(at, span.end), None


class _Builder:
    """Collects characters and runs; blanks collapse, none stands first or last."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[tuple[int, int]] = []
        self.size = 0
        self.blank: int | None = None

    def gap(self, raw: int) -> None:
        """Note a blank at `raw`; it is written only when something follows."""
        if self.size and self.blank is None:
            self.blank = raw

    def add(self, text: str, raw: int) -> None:
        """Append `text` that stands at `raw`."""
        if not text:
            return
        if self.blank is not None:
            self._write(" ", self.blank)
            self.blank = None
        self._write(text, raw)

    def _write(self, text: str, raw: int) -> None:
        if not self.runs or self.runs[-1][1] + self.size - self.runs[-1][0] != raw:
            self.runs.append((self.size, raw))
        self.parts.append(text)
        self.size += len(text)

    def built(self) -> Clean:
        """Return the result."""
        return Clean("".join(self.parts), tuple(self.runs))


def clean_prose(text: str, span: Span, cuts: Sequence[Cut] = ()) -> Clean:
    """Return the prose of `text` within `span`: blanks and wrap marks collapsed, `cuts` (sorted) left out."""
    out = _Builder()
    for piece, blank in _kept(span, cuts):
        if blank is not None:
            out.gap(blank)
            continue
        at = piece.start
        for match in _PIECE.finditer(text, piece.start, piece.end):
            out.add(text[at : match.start()], at)
            if match["gap"]:
                out.gap(match.start())
            at = match.end()
        out.add(text[at : piece.end], at)
    return out.built()


def clean_code(text: str, lines: Sequence[Span]) -> Clean:
    """Return code with its lines and indentation: wrap marks become line breaks, shared indent goes."""
    filled = [line for line in lines if text[line.start : line.end].strip()]
    indents = [_indent(text, line) for line in filled]
    shared = min(indents, default=0)
    out = _Builder()
    for line, after in pairwise([*lines, None]):
        if line is None:
            continue
        start = min(line.start + shared, line.end)
        for match in _CODE_PIECE.finditer(text, start, line.end):
            out.add(text[start : match.start()], start)
            out.add("\n" if match["newline"] else " ", match.start())
            start = match.end()
        out.add(text[start : line.end], start)
        if after is not None:
            out.add("\n", line.end)
    return out.built()


def _indent(text: str, line: Span) -> int:
    match = _INDENT.match(text, line.start, line.end)
    return match.end() - match.start() if match else 0
