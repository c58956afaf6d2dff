"""A document as it was read, and places in it.

Offsets count Unicode code points of the text exactly as decoded: CRLF, lone CR, tabs and
no-break spaces stay; only a byte order mark is taken off.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "Document", "Position", "Span", "UnreadableError", "document_of", "read_document"]

MAX_BYTES = 10_000_000
_BREAK = re.compile(r"\r\n|\r|\n")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of code points: `start` included, `end` excluded."""

    start: int
    end: int

    def shift(self, n: int) -> Span:
        """Return the span moved by `n` code points."""
        return Span(self.start + n, self.end + n)

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place as an editor shows it: line and column from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A text with the path it is shown under.

    `path` is what the user sees; `text` is never altered after decoding.
    """

    path: str
    text: str

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Spans of all lines without their breaks; a text that ends in a break has no extra line."""
        spans, start = [], 0
        for match in _BREAK.finditer(self.text):
            spans.append(Span(start, match.start()))
            start = match.end()
        if start < len(self.text) or not spans:
            spans.append(Span(start, len(self.text)))
        return tuple(spans)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where each line starts, the empty one behind a last break included."""
        return (0, *(match.end() for match in _BREAK.finditer(self.text)))

    def position(self, offset: int) -> Position:
        """Return line and column of an offset; the end of the text is a valid offset.

        Raises:
            ValueError: the offset lies outside the text.
        """
        if not 0 <= offset <= len(self.text):
            raise ValueError(f"offset must be in 0..{len(self.text)}, got {offset}")
        line = bisect.bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def line_text(self, n: int) -> str:
        """Return line `n` (from 1) without its break.

        Raises:
            ValueError: there is no such line.
        """
        if not 1 <= n <= len(self.lines):
            raise ValueError(f"line must be in 1..{len(self.lines)}, got {n}")
        return self.slice(self.lines[n - 1])

    def slice(self, span: Span) -> str:
        """Return the exact text of a span."""
        return self.text[span.start : span.end]


def _decode(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = len(_BREAK.findall(data[: error.start].decode("utf-8"))) + 1
        problem = f"is not UTF-8: bad byte 0x{data[error.start]:02x} at byte offset {error.start}, line {line}"
        raise UnreadableError(shown, problem) from error


def document_of(data: bytes, shown: str) -> Document:
    """The document of bytes from anywhere; one byte over `MAX_BYTES` is enough to refuse a longer stream.

    Raises:
        UnreadableError: over `MAX_BYTES`, binary, or broken UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(shown, f"is too large: over {MAX_BYTES:,} bytes")
    nul = data.find(b"\0")
    if nul >= 0:
        raise UnreadableError(shown, f"is binary: NUL at byte offset {nul}")
    return Document(shown, _decode(data, shown))


def read_document(path: Path, shown: str) -> Document:
    """Read a UTF-8 file; `shown` is the path for messages and findings.

    Raises:
        UnreadableError: not a file, unreadable, over `MAX_BYTES`, binary, or broken UTF-8.
    """
    if not path.exists():
        raise UnreadableError(shown, "does not exist")
    if not path.is_file():
        raise UnreadableError(shown, "is not a file")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(shown, f"cannot be read: {error.strerror}") from error
    return document_of(data, shown)
