"""Table rows whose cells ran together (`rapid developmentDjango is built`) or are parted by tabs."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.text.document import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cells"]

_JOINT = re.compile(r"(?<=[a-z)])([A-Z][a-z]+)(?=[\s'’-])")
_TOKEN_JOINT = re.compile(r"(?<=\s)[a-z]{4,}([A-Z][a-z]*)(?=\s[a-z])")
_SPLITTER = re.compile(r"\t+|\s\|\s")
_FEWEST = 2


def cells(lines: Sequence[str]) -> list[tuple[Span, ...]]:
    """Return for each of the lines that stand together its cells, or () where it is no row.

    A run-together row splits at a word that opens the second cell of two lines at least, or at the
    one joint each of two neighbouring lines has.
    """
    parted = [_parted(line) for line in lines]
    if sum(bool(spans) for spans in parted) >= _FEWEST:
        return parted
    opener = _common_opener(lines)
    if opener:
        return [_at_opener(line, opener) for line in lines]
    single = [_at_joint(line) for line in lines]
    pairs = [bool(one) and bool(two) for one, two in pairwise(single)]
    return [spans if (n > 0 and pairs[n - 1]) or (n < len(pairs) and pairs[n]) else () for n, spans in enumerate(single)]


def _parted(line: str) -> tuple[Span, ...]:
    if not line.strip() or line[0] in " \t":
        return ()
    spans, start = [], 0
    for match in _SPLITTER.finditer(line):
        spans.append(Span(start, match.start()))
        start = match.end()
    spans.append(Span(start, len(line)))
    filled = tuple(span for span in spans if line[span.start : span.end].strip())
    return filled if len(filled) >= _FEWEST else ()


def _common_opener(lines: Sequence[str]) -> str:
    """Return the word that is glued on in most lines, twice at least."""
    if len(lines) < _FEWEST:
        return ""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update({match[1] for match in _JOINT.finditer(line) if _glued_to_word(line, match.start())})
    word, count = max(counts.items(), key=lambda pair: pair[1], default=("", 0))
    return word if count >= _FEWEST and count * 2 >= len(lines) else ""


def _glued_to_word(line: str, at: int) -> bool:
    """Tell whether what stands before the joint is a plain lower-case word, not the half of a name."""
    start = at
    while start > 0 and at - start < 40 and line[start - 1].isalpha():
        start -= 1
    return line[start:at].islower() or (start == at and line[at - 1] == ")")


def _at_opener(line: str, opener: str) -> tuple[Span, ...]:
    match = re.search(rf"(?<=[A-Za-z)]){opener}(?=[\s'’-])", line)
    return (Span(0, match.start()), Span(match.start(), len(line))) if match else ()


def _at_joint(line: str) -> tuple[Span, ...]:
    joints = [match.start(1) for match in _TOKEN_JOINT.finditer(line)]
    if len(joints) != 1 or not line[:1].isupper():
        return ()
    return (Span(0, joints[0]), Span(joints[0], len(line)))
