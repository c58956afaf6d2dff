"""What the linter's facts say about an answer and about what it is held against, in the grader's records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.meaning.contrast import analyse
from corpus.records import KeyPoint
from grader.key_points import Entry, Piece, pieces
from grader.records import FalseClaim, ReferenceIssue, SourceRef

if TYPE_CHECKING:
    from linter.finding import Finding

__all__ = ["claim", "issue", "refuted", "touched"]

_SAME_MATTER = 0.5  # share of a point's content words that a truth or a wrong sentence must hold


def claim(finding: Finding) -> FalseClaim:
    """A finding in the answer."""
    return FalseClaim(
        code=finding.code,
        name=finding.name,
        start=finding.span.start,
        end=finding.span.end,
        text=finding.text,
        truth=finding.truth or "",
        sources=_sources(finding),
        confidence=round(finding.confidence, 4),
    )


def issue(finding: Finding, where: str) -> ReferenceIssue:
    """A finding in a reference answer or key point."""
    return ReferenceIssue(
        code=finding.code, name=finding.name, where=where, text=finding.text, truth=finding.truth or "", sources=_sources(finding)
    )


def _sources(finding: Finding) -> tuple[SourceRef, ...]:
    return tuple(SourceRef(title=s.title, url=s.url) for s in finding.sources)


def touched(reference: str, finding: Finding, points: Sequence[KeyPoint]) -> list[KeyPoint]:
    """The points that rest on the wrong words of a reference: they share half of their content words with the sentence or the truth."""
    around = " ".join(p.text for p in pieces(reference) if p.start < finding.span.end and finding.span.start < p.end)
    matter = [set(analyse(text).stems) for text in (around or finding.text, finding.truth or "")]
    return [p for p in points if any(_held_share(set(analyse(p.text).stems), words) >= _SAME_MATTER for words in matter)]


def _held_share(need: set[str], have: set[str]) -> float:
    return len(need & have) / len(need) if need else 0.0


def refuted(entries: tuple[Entry, ...], claims: Sequence[FalseClaim]) -> tuple[Entry, ...]:
    """A point whose evidence is a false claim is contradicted, not stated."""
    return tuple(_refute(entry, claims) for entry in entries)


def _refute(entry: Entry, claims: Sequence[FalseClaim]) -> Entry:
    piece = entry.evidence
    if entry.state != "stated" or piece is None:
        return entry
    hit = max((c.confidence for c in claims if _covers(c, piece)), default=0.0)
    return replace(entry, state="contradicted", confidence=hit, credit=0.0, blame=hit) if hit else entry


def _covers(false: FalseClaim, piece: Piece) -> bool:
    """At least half of the evidence lies in the false words, or they in it and make up half of it."""
    shared = min(false.end, piece.end) - max(false.start, piece.start)
    return shared * 2 >= piece.end - piece.start
