"""Sentences that take their matter from the one before: "The string converter is the default. It accepts slashes." """

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.text import Segment

__all__ = ["antecedents"]

_PRONOUN = re.compile(r"(?:It|Its|This|That|They|Their|These|Those|Both|Such)\b")
_CONDITION = re.compile(r"(?:Until|Unless|If|When|Without|By default|Otherwise|In (?:that|this) case|Whoever|Where|After|Before|Once)\b")
_MAX_BACK = 3  # sentences; "It ... It ... It ..." still speaks of what stands before the first
_NEXT = 1  # letters between two sentences of one paragraph


def antecedents(prose: Sequence[Segment]) -> list[str]:
    """For each segment the sentence of its paragraph that names what it speaks of, "" where it begins as if it names that itself."""
    return [_before(prose, n) if _open(segment.text) else "" for n, segment in enumerate(prose)]


def _open(text: str) -> bool:
    """Whether a sentence begins with a pronoun, or with a condition of something that was named already."""
    return bool(_PRONOUN.match(text) or _CONDITION.match(text))


def _before(prose: Sequence[Segment], number: int) -> str:
    """The nearest sentence before this one, in its paragraph, that does not begin with a pronoun itself."""
    found = ""
    for n in range(number, max(0, number - _MAX_BACK), -1):
        now, last = prose[n], prose[n - 1]
        if last.kind is not now.kind or not 0 <= now.span.start - last.span.end <= _NEXT:
            break
        found = last.text
        if not _PRONOUN.match(found):
            break
    return found
