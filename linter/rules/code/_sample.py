"""Samples of code in a document: which language each is in, made plain, with the way back to the exact place."""

from __future__ import annotations

import ast
import bisect
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from corpus.text import Document, Segment, SegmentKind, Span
from corpus.text.cleaning import Clean
from linter.rules.code._guess import Language, guess, is_command, language_of_fence
from linter.rules.code._lines import Line, dedented, lines_of, text_of, without_prompts
from linter.rules.code._program import Program
from linter.rules.code._reader import is_fragment, read_program

__all__ = ["Sample", "samples"]

_FENCE = re.compile(
    r"[\s>]{0,20}(?:`{3,}|~{3,})[ \t]*\{?\.?(?P<info>[\w+#-]{0,30})|\s*\.\. (?:code|code-block|sourcecode)::\s*(?P<rst>[\w+-]{0,30})"
)
_CALL = re.compile(r"@?[A-Za-z_][\w.]{0,60}\(")
# The functions that a rule asks about when a sentence calls them; most calls in prose are none of these and are not parsed.
_ASKED = frozenset(
    "run run_simple route get getlist post put patch delete head request execute executemany raw text decode CORS cross_origin add_middleware".split()
)
_MAX_CALL = 240
_MAX_INLINE = 20  # calls in one sentence
_CONTINUED = 2  # samples before, from which one may go on
_BESIDE = 3  # pieces of prose above a sample that may speak of it
_MAX_GAP = 2  # blank lines inside one sample


@dataclass(frozen=True)
class Sample:
    """One sample, or one call in a sentence (`inline`).

    `context` is the question it stands under, `around` the prose before and after it, or the sentence it stands in.
    """

    language: Language
    lines: tuple[Line, ...]
    context: str
    around: str
    inline: bool = False
    fenced: bool = False
    earlier: frozenset[str] = frozenset()  # names that the samples just before it, under the same question, bind
    followed: bool = False  # text goes on in the very next line, so the end of the sample may be a mistake of ours

    @cached_property
    def text(self) -> str:
        """The code, made plain."""
        return text_of(self.lines)

    @cached_property
    def program(self) -> Program:
        """The sample as Python; one without a tree where it is none."""
        return read_program(self.lines) if self.language is Language.PYTHON else Program(self.lines, None, ())

    @cached_property
    def told(self) -> str:
        """What is said of the sample: question, prose beside it, comments."""
        return f"{self.context}\n{self.around}\n{self.program.comments()}"

    @cached_property
    def fragment(self) -> bool:
        """Whether it does not claim to be whole."""
        return is_fragment(self.lines)

    def span(self, start: int, end: int) -> Span:
        """The raw span of `text[start:end]`, for rules that read text and not the tree."""
        starts = self._starts
        row, end_row = bisect.bisect_right(starts, start) - 1, bisect.bisect_right(starts, max(end - 1, start)) - 1
        first, last = self.lines[row], self.lines[end_row]
        begin = first.raw + min(start - starts[row], first.size)
        return Span(begin, max(last.raw + min(end - starts[end_row], last.size), begin + 1))

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line.text) + 1
        return starts


# Rules are asked one after the other about the same document: its samples are read once. Only the last one is kept.
_last: tuple[Document, Sequence[Segment], tuple[Sample, ...]] | None = None


def samples(document: Document, found: Sequence[Segment]) -> tuple[Sample, ...]:
    """The samples of a document in order, those in sentences too."""
    global _last  # noqa: PLW0603 - one slot, set in one step; a race only reads twice
    held = _last
    if held is None or held[0] is not document or held[1] is not found:
        held = (document, found, tuple(_read(document, found)))
        _last = held
    return held[2]


def _read(document: Document, found: Sequence[Segment]) -> Iterator[Sample]:
    before: list[Sample] = []
    for first, end in _groups(document, found):
        if found[first].kind is not SegmentKind.CODE:
            yield from _calls(found[first])
            continue
        for sample in _block(document, found, first, end):
            names = frozenset(name for one in before[-_CONTINUED:] if one.context == sample.context for name in one.program.imports)
            before = [*before[-_CONTINUED:], sample]
            yield replace(sample, earlier=names)


def _groups(document: Document, found: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    """Code segments that are pieces of one sample, together; every other segment alone."""
    n = 0
    while n < len(found):
        end = n + 1
        while (
            end < len(found) and found[n].kind is found[end].kind is SegmentKind.CODE and _one_sample(document, found[end - 1], found[end])
        ):
            end += 1
        yield n, end
        n = end


def _one_sample(document: Document, above: Segment, below: Segment) -> bool:
    """Only blank lines stand between, few of them, and the two are not a command and a program."""
    between = document.text[above.span.end : below.span.start]
    if between.strip() or len(re.findall(r"\r\n|\r|\n", between)) > _MAX_GAP + 1:
        return False
    return guess(above.text.split("\n")) is guess(below.text.split("\n"))


def _block(document: Document, found: Sequence[Segment], first: int, end: int) -> Iterator[Sample]:
    lines: list[Line] = []
    for segment in found[first:end]:
        lines += lines_of(Clean(segment.text, segment.runs))
    near = [found[n] for n in (*range(max(first - _BESIDE, 0), first), end) if n < len(found)]
    beside = [one.text for one in near if one.kind is not SegmentKind.CODE and one.context == found[first].context]
    named = _named(document, found[first].span.start)
    fenced = named is not None and document.path.lower().endswith(
        (".md", ".markdown")
    )  # in plain text a directive names, but bounds nothing
    followed = not fenced and _goes_on(document, found[end - 1].span.end)
    for part in _parted(dedented(lines), named):
        language = named or guess([line.text for line in part])
        plain = tuple(dedented(without_prompts(part)))
        yield Sample(language, plain, found[first].context, "\n".join(beside), fenced=fenced, followed=followed)


def _named(document: Document, start: int) -> Language | None:
    """The language that a fence or directive above names."""
    row = document.position(start).line - 1
    for above in range(row - 1, max(row - 4, -1), -1):
        text = document.text[document.lines[above].start : document.lines[above].start + 120].split("\n")[0]
        if match := _FENCE.match(text):
            return language_of_fence(match["info"] or match["rst"] or "")
        if text.strip() and not text.strip().startswith(":"):
            return None
    return None


def _goes_on(document: Document, end: int) -> bool:
    """Whether the line after next to the end has words, without a blank line between."""
    row = document.position(end).line
    return row < len(document.lines) and bool(
        document.text[document.lines[row].start : document.lines[row].start + 200].split("\n")[0].strip()
    )


def _parted(lines: Sequence[Line], named: Language | None) -> Iterator[list[Line]]:
    """Commands that come before a program are a sample of their own."""
    rows = [n for n, line in enumerate(lines) if line.text.strip()]
    head = 0
    if named in (None, Language.PYTHON):
        for row in rows:
            if not is_command(lines[row].text):
                break
            head = row + 1
    for part in (list(lines[:head]), list(lines[head:])):
        if any(line.text.strip() for line in part):
            yield part


def _calls(segment: Segment) -> Iterator[Sample]:
    """Calls that a sentence names, such as `app.run(debug=True)`."""
    if "(" not in segment.text:
        return
    clean, at, count = Clean(segment.text, segment.runs), 0, 0
    while count < _MAX_INLINE and (match := _CALL.search(segment.text, at)):
        end = _closing(segment.text, match.end() - 1)
        at = max(end, match.end())
        text = segment.text[match.start() : end].lstrip("@")
        asked = match[0].lstrip("@").rstrip("(").rpartition(".")[2] in _ASKED
        if asked and end and len(text) > text.index("(") + 2:
            start = end - len(text)
            count += 1
            span = clean.locate(start, end)
            if len(span) == len(text) and _is_expression(text):
                yield Sample(Language.PYTHON, (Line(text, span.start, len(text)),), segment.context, segment.text, inline=True)


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed; 0 where it is not, nearby."""
    depth = 0
    for at in range(start, min(start + _MAX_CALL, len(text))):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at + 1
    return 0


def _is_expression(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
