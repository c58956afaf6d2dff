"""Reader of plain text: prose, bullets, questions, table rows and code, as extraction left them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.text.cleaning import clean_code, clean_prose
from corpus.text.document import Span
from corpus.text.masking import code_mask
from corpus.text.rows import cells
from corpus.text.segment import Segment, SegmentKind, segment_of
from corpus.text.sentences import sentence_bounds
from corpus.text.shapes import asks_alone, is_heading, is_question, number_end, question_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.text.document import Document

__all__ = ["plain_segments"]

_BULLET = re.compile(r"\s*(?:[•▪◦‣●○·*–—-]\s+|\(?[a-z][.)]\s+)")
_UNDERLINE = re.compile(r"\s*([=~^\"'+#*-])\1{2,}\s*$")
_LABEL = re.compile(r"[\s\d.]*$")
_TERMINAL = (".", "!", "?", ":", ";")
_WRAPPED_FROM = 45  # a shorter line is not wrapped but ends
_TITLE_WORDS = 16


def plain_segments(document: Document) -> Iterator[Segment]:
    """Yield the segments of a plain text in order; their context is still empty."""
    lines = document.lines
    code = code_mask([document.slice(line) for line in lines])
    at = 0
    while at < len(lines):
        if code[at]:
            end = _code_end(document, code, at)
            clean = clean_code(document.text, lines[at:end])
            if clean.text.strip():
                yield segment_of(SegmentKind.CODE, clean)
        else:
            end = at
            while end < len(lines) and not code[end] and document.slice(lines[end]).strip():
                end += 1
            yield from _block(document, lines[at:end], at)
            end = max(end, at + 1)
        at = end


def _code_end(document: Document, code: Sequence[bool], at: int) -> int:
    """Return the line behind the code that starts at `at`; the mask holds blank lines inside a sample too."""
    end = at
    while end < len(code) and code[end]:
        end += 1
    return end


def _block(document: Document, lines: Sequence[Span], at: int) -> Iterator[Segment]:
    """Yield the segments of lines that stand together."""
    table = cells([document.slice(line) for line in lines])
    n = 0
    while n < len(lines):
        if table[n]:
            for cell in table[n]:
                clean = clean_prose(document.text, cell.shift(lines[n].start))
                if clean.text:
                    yield segment_of(SegmentKind.ROW, clean)
            n += 1
            continue
        last = n
        while last + 1 < len(lines) and not table[last + 1] and _continues(document, lines[last], lines[last + 1]):
            last += 1
        span = Span(lines[n].start, lines[last].end)
        below = document.slice(lines[last + 1]) if last + 1 < len(lines) else ""
        if _UNDERLINE.match(below) and last == n:
            yield from _titled(document, span)
            last += 1
        elif last == n and _leads(document.slice(span), below):
            yield from _titled(document, span)
        else:
            yield from _paragraph(document, span, alone=len(lines) == last - n + 1, first=at + n == 0)
        n = last + 1


def _continues(document: Document, line: Span, following: Span) -> bool:
    """Tell whether a hard-wrapped paragraph goes on: a long line without end, then a lower-case word."""
    head, tail = document.slice(line).rstrip(), document.slice(following).lstrip()
    if len(head) < _WRAPPED_FROM or head.endswith(_TERMINAL) or not tail:
        return False
    return tail[0].islower() and not _BULLET.match(tail)


def _leads(raw: str, below: str) -> bool:
    """Tell whether a line is the question or the numbered heading of the lines right below it."""
    if not below.strip():
        return False
    number = number_end(raw)
    if not number:
        return asks_alone(raw)
    rest = raw[number:]
    return is_heading(rest) and not is_question(rest) and not number_end(below) and not _BULLET.match(below)


def _titled(document: Document, span: Span) -> Iterator[Segment]:
    """Yield a line that is set off as a question or heading."""
    number = number_end(document.slice(span))
    body = Span(span.start + number, span.end)
    asks = (is_question if number else asks_alone)(document.slice(body))
    yield from _whole(document, body, SegmentKind.QUESTION if asks else SegmentKind.HEADING)


def _paragraph(document: Document, span: Span, *, alone: bool, first: bool) -> Iterator[Segment]:
    raw = document.slice(span)
    if _LABEL.match(raw):
        return
    number, bullet = number_end(raw), _BULLET.match(raw)
    if number:
        body = Span(span.start + number, span.end)
        if is_question(document.slice(body)):
            yield from _question(document, body)
        else:
            yield from _sentences(document, body, SegmentKind.ITEM)
    elif bullet:
        yield from _sentences(document, Span(span.start + bullet.end(), span.end), SegmentKind.ITEM)
    elif alone and asks_alone(raw):
        yield from _whole(document, span, SegmentKind.QUESTION)
    elif (first and _is_title(raw)) or (alone and is_heading(raw)):
        yield from _whole(document, span, SegmentKind.HEADING)
    else:
        yield from _sentences(document, span, SegmentKind.SENTENCE)


def _is_title(raw: str) -> bool:
    """Tell whether a document's first line is its title rather than the begin of its prose."""
    line = raw.strip()
    return len(line.split()) <= _TITLE_WORDS and not line.endswith(_TERMINAL) and ". " not in line


def _whole(document: Document, span: Span, kind: SegmentKind) -> Iterator[Segment]:
    clean = clean_prose(document.text, span)
    if clean.text:
        yield segment_of(kind, clean)


def _sentences(document: Document, span: Span, kind: SegmentKind) -> Iterator[Segment]:
    clean = clean_prose(document.text, span)
    for start, end in sentence_bounds(clean.text):
        yield segment_of(kind, clean.part(start, end))


def _question(document: Document, span: Span) -> Iterator[Segment]:
    """Yield the question and the sentences of an answer that stands on its line."""
    clean = clean_prose(document.text, span)
    bounds = list(sentence_bounds(clean.text))
    asked = question_end([clean.text[start:end] for start, end in bounds])
    yield segment_of(SegmentKind.QUESTION, clean.part(0, bounds[asked - 1][1]))
    for start, end in bounds[asked:]:
        yield segment_of(SegmentKind.SENTENCE, clean.part(start, end))
