"""Reader of Markdown: blocks from markdown-it-py, places from the source itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from corpus.text.cleaning import Clean, clean_code, clean_prose
from corpus.text.document import Span
from corpus.text.inline import inline_cuts, tag_cuts
from corpus.text.segment import Segment, SegmentKind, segment_of
from corpus.text.sentences import sentence_bounds
from corpus.text.shapes import asks_alone, is_heading, is_question, number_end, question_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from corpus.text.document import Document

__all__ = ["markdown_segments"]

_FENCE = re.compile(r"[\s>]*(?:[-*+]|\d+[.)])?\s*(?:`{3,}|~{3,})")
_SILENT_HTML = re.compile(r"\s*<(?:!--|script|style|pre|svg|\?)", re.IGNORECASE)
_BOLD = re.compile(r"\s*(?:\*\*|__|<(?:b|strong)>)(?:(?!\*\*|__|</).)+(?:\*\*|__|</(?:b|strong)>)\s*:?\s*", re.IGNORECASE)
_TITLE = re.compile(r"\s*(?:<details\b[^<>]{0,200}>\s*)?<(?:h[1-6]|summary|dt)\b", re.IGNORECASE)
_CELLS = ("th", "td")
_PIPE = re.compile(r"(?<!\\)\|")


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


def _front_matter(document: Document) -> int:
    """Return the number of lines of the front matter, 0 where there is none."""
    if document.line_text(1).rstrip() not in ("---", "+++"):
        return 0
    fence = document.line_text(1).rstrip()
    ends = (n for n in range(2, len(document.lines) + 1) if document.line_text(n).rstrip() in (fence, "..."))
    return next(ends, 0)


def markdown_segments(document: Document) -> Iterator[Segment]:
    """Yield the segments of a Markdown text in order; their context is still empty."""
    skipped = _front_matter(document)
    if skipped:
        yield from _code(document, 0, skipped)
    body = [document.slice(line) for line in document.lines[skipped:]]
    stack: list[str] = []
    column, edges = -1, [0]
    tokens = _parser().parse("\n" * skipped + "\n".join(body))
    for n, token in enumerate(tokens):
        if token.nesting > 0:
            stack.append(token.type.removesuffix("_open"))
            column = -1 if stack[-1] == "tr" else column + (stack[-1] in _CELLS)
        elif token.nesting < 0:
            stack.pop()
        elif token.map and stack and stack[-1] in _CELLS:
            if column == 0:  # once for all cells of a row
                edges = _edges(document.slice(document.lines[token.map[0]]))
            yield from _cell(document, token.map[0], column, edges)
        elif token.map:
            alone = tokens[min(n + 2, len(tokens) - 1)].type == "list_item_close"
            yield from _leaf(document, token, stack, alone=alone)


def _leaf(document: Document, token: Token, stack: Sequence[str], *, alone: bool) -> Iterator[Segment]:
    first, last = token.map or (0, 0)
    last = min(last, len(document.lines))
    if token.type in ("fence", "code_block"):
        yield from _fenced(document, token, first, last)
    elif token.type == "html_block":
        yield from _html(document, first, last)
    elif token.type == "inline":
        yield from _prose(document, _pieces(document, token, first, last), stack, alone=alone)


def _code(document: Document, first: int, last: int) -> Iterator[Segment]:
    clean = clean_code(document.text, document.lines[first:last])
    if clean.text.strip():
        yield segment_of(SegmentKind.CODE, clean)


def _fenced(document: Document, token: Token, first: int, last: int) -> Iterator[Segment]:
    if token.type == "fence":
        first += 1
        if last > first and _FENCE.match(document.slice(document.lines[last - 1])):
            last -= 1
    contents = token.content.split("\n")
    lines = []
    for n, line in enumerate(document.lines[first:last]):
        shown = contents[n].rstrip() if n < len(contents) else ""
        at = document.slice(line).rstrip().rfind(shown) if shown else len(line)
        lines.append(Span(line.start + max(at, 0), line.end))
    while lines and not document.slice(lines[-1]).strip():
        lines.pop()
    clean = clean_code(document.text, lines)
    if clean.text.strip():
        yield segment_of(SegmentKind.CODE, clean)


def _html(document: Document, first: int, last: int) -> Iterator[Segment]:
    span = Span(document.lines[first].start, document.lines[last - 1].end)
    if _SILENT_HTML.match(document.text, span.start, span.end):
        yield from _code(document, first, last)
        return
    clean = clean_prose(document.text, span, tag_cuts(document.text, span))
    if clean.text and _TITLE.match(document.text, span.start, span.end) and (asks_alone(clean.text) or is_heading(clean.text)):
        yield from _heading(clean, lead=True)
        return
    for start, end in sentence_bounds(clean.text):
        yield segment_of(SegmentKind.SENTENCE, clean.part(start, end))


def _pieces(document: Document, token: Token, first: int, last: int) -> list[Span]:
    """Return where the lines of a block's content stand, without quote marks, bullets and hashes."""
    pieces = []
    for n, shown in enumerate(token.content.split("\n")):
        if first + n >= last:
            break
        line, text = document.lines[first + n], shown.strip()
        raw = document.slice(line)
        at = raw.rfind(text) if n or not raw.lstrip().startswith("#") else raw.find(text)
        pieces.append(Span(line.start + at, line.start + at + len(text)) if at >= 0 else line)
    return [piece for piece in pieces if len(piece)]


def _cell(document: Document, row: int, column: int, edges: Sequence[int]) -> Iterator[Segment]:
    """Yield a table cell; the column is found by counting bars, as the parser did; `edges` are those of its row."""
    line = document.lines[row]
    if column >= len(edges):
        return
    end = edges[column + 1] if column + 1 < len(edges) else len(line)
    span = Span(line.start + edges[column] + 1, line.start + end)
    clean = clean_prose(document.text, span, inline_cuts(document.text, [span])[0])
    if clean.text:
        yield segment_of(SegmentKind.ROW, clean)


def _edges(row: str) -> list[int]:
    """Where the cells of a row begin: at their bars."""
    bars = [match.start() for match in _PIPE.finditer(row)]
    return bars if row.strip().startswith("|") else [-1, *bars]


def _prose(document: Document, pieces: Sequence[Span], stack: Sequence[str], *, alone: bool) -> Iterator[Segment]:
    """Yield the segments of a block of prose; `alone` where it is all that its list item holds."""
    if not pieces:
        return
    cuts, atoms = inline_cuts(document.text, pieces)
    clean = clean_prose(document.text, Span(pieces[0].start, pieces[-1].end), cuts)
    if not clean.text:
        return
    if "heading" in stack:
        yield from _heading(clean)
        return
    listed = "list_item" in stack
    led = 0 if listed and alone and len(pieces) == 1 else _lead_end(document, clean, pieces)
    if led:
        yield from _heading(clean.part(0, led), lead=True)
        led = len(clean.text) - len(clean.text[led:].lstrip())
        if led == len(clean.text):
            return
        clean = clean.part(led, len(clean.text))
    ordered = list(stack[-3:]) == ["ordered_list", "list_item", "paragraph"]
    shielded = [(clean.index(span.start), clean.index(span.end)) for span in atoms if span.start >= clean.raw(0)]
    yield from _sentences(clean, shielded, SegmentKind.ITEM if listed else SegmentKind.SENTENCE, may_ask=not led, ordered=ordered)


def _sentences(clean: Clean, shielded: Sequence[tuple[int, int]], kind: SegmentKind, *, may_ask: bool, ordered: bool) -> Iterator[Segment]:
    """Yield the sentences of a block; one that is numbered, or an entry of an ordered list, may begin with a question."""
    bounds = list(sentence_bounds(clean.text, shielded))
    start = number_end(clean.text)
    asked = 0
    if may_ask and (start or ordered) and is_question(clean.text[start:]):
        bounds = [(max(first, start), last) for first, last in bounds if last > start]  # "Q2." may be a sentence of its own
        asked = question_end([clean.text[first:last] for first, last in bounds])
        yield segment_of(SegmentKind.QUESTION, clean.part(start, bounds[asked - 1][1]))
    for first, last in bounds[asked:]:
        yield segment_of(kind, clean.part(first, last))


def _lead_end(document: Document, clean: Clean, pieces: Sequence[Span]) -> int:
    """Where the first line of a block ends in `clean` if it is set off as a question or, in bold, as a heading; else 0."""
    end = clean.index(pieces[1].start) if len(pieces) > 1 else len(clean.text)
    line = clean.text[:end].strip()
    if asks_alone(line):
        return end
    if not _BOLD.fullmatch(document.slice(pieces[0])):
        return 0
    rest = line[number_end(line) :]
    return end if is_question(rest) or is_heading(rest.rstrip(":")) else 0


def _heading(clean: Clean, *, lead: bool = False) -> Iterator[Segment]:
    """Yield a heading or the question it asks; the `lead` of a block asks without number or mark too ("Explain ...")."""
    number, end = number_end(clean.text), len(clean.text.rstrip())
    start = number if number < end else 0
    asks = is_question(clean.text[start:end]) and (lead or number > 0 or clean.text.endswith("?"))
    yield segment_of(SegmentKind.QUESTION if asks else SegmentKind.HEADING, clean.part(start, end))
