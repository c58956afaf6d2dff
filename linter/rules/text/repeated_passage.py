"""TXT008: a passage that stands twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.text import Document, Segment, SegmentKind, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told

__all__ = ["RepeatedPassage"]

_PROSE = re.compile(r"[\"“‘(]?[A-Z][^|│<>]*[.!?][\"”’)]?$")  # a whole sentence, no cell and no output of a program
_WORD = re.compile(r"\w+")
_SAME_WORDS = 8  # a sentence of so many words does not come twice in one line
_LONG_WORDS, _LONG_RUN = 40, 2  # so many words in so many sentences are a repetition wherever they stand; less is a refrain


@dataclass(slots=True)
class _Run:
    """Sentences that stood in the same order before: from `first` to `last`, said before from `origin` on."""

    origin: int
    first: int
    last: int
    words: int


class RepeatedPassage:
    """Sentences that were pasted twice."""

    info = RuleInfo(
        code="TXT008",
        name="repeated-passage",
        severity="info",
        summary="The same sentences stand twice in the document, close together or at length.",
        why="Text is assembled from pieces, and a piece is pasted again.",
        wrong=("The pool opens a connection for each worker process. It waits. The pool opens a connection for each worker process.",),
        right=("The pool opens a connection for each worker process. The pool closes it when the worker ends.",),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a passage, at its second occurrence."""
        prose = [segment for segment in found if segment.kind is SegmentKind.SENTENCE and _PROSE.match(segment.text)]
        runs = (run for run in _runs(prose) if _counts(document, prose, run))
        yield from told(self.info, document, (_place(document, prose, run) for run in runs))


def _runs(prose: Sequence[Segment]) -> Iterator[_Run]:
    """Runs of repeated sentences, in order."""
    seen: dict[str, int] = {}
    run: _Run | None = None
    for n, segment in enumerate(prose):
        words = _WORD.findall(segment.text.casefold())
        key = " ".join(words)
        origin = seen.get(key) if len(words) > 3 else None
        if run and origin is not None and origin == run.origin + n - run.first:
            run.last, run.words = n, run.words + len(words)
        else:
            if run:
                yield run
            run = _Run(origin, n, n, len(words)) if origin is not None else None
        seen[key] = n
    if run:
        yield run


def _counts(document: Document, prose: Sequence[Segment], run: _Run) -> bool:
    if run.words >= _LONG_WORDS and run.last - run.first + 1 >= _LONG_RUN:
        return True
    lines = {document.position(prose[n].span.start).line for n in (run.origin, run.first)}
    return run.words >= _SAME_WORDS and len(lines) == 1


def _place(document: Document, prose: Sequence[Segment], run: _Run) -> Place:
    line = document.position(prose[run.origin].span.start).line
    return Place(Span(prose[run.first].span.start, prose[run.last].span.end), f"This stands in line {line} already: keep one of the two.")
