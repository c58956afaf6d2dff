"""What the rules of this folder share: places with a message, and how many of one kind are told in one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from corpus.text import Document, Span
from linter.finding import Finding, Fix
from linter.rule import RuleInfo

__all__ = ["Place", "is_quoted", "told"]

_APART = 10  # so many places of one kind are told one by one; of more, one line tells where they are
_QUOTES = frozenset("`\"'“‘")
_NAMED = 20  # lines that such a line names
_MOST = 10_000  # places looked at: a document of nothing but damage is told in bounded time


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is damaged and what to do about it there."""

    span: Span
    message: str
    fix: Fix | None = None


def is_quoted(text: str, at: int) -> bool:
    """Whether a quotation mark or back-tick stands right before: then it is spoken of, and no damage."""
    return at > 0 and text[at - 1] in _QUOTES


def told(info: RuleInfo, document: Document, places: Iterable[Place]) -> Iterator[Finding]:
    """One finding a place; where a document holds more than ten, one finding at the first that names the lines of all.

    Damage comes in dozens, from one cause; told one by one it would drown the false statements beside it.
    """
    found = sorted(islice(places, _MOST), key=lambda place: (place.span.start, place.span.end))
    if len(found) <= _APART:
        for place in found:
            yield info.finding(document, place.span, place.message, fix=place.fix)
        return
    lines = list(dict.fromkeys(document.position(place.span.start).line for place in found))
    named = ", ".join(map(str, lines[:_NAMED])) + (", …" if len(lines) > _NAMED else "")
    yield info.finding(document, found[0].span, f"{found[0].message} {len(found)} such places in this document, in lines {named}.")
