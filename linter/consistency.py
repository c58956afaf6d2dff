"""What two places say of one thing, compared while documents stream by: one short line is kept of each thing, no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.text import Document, Span
from linter.finding import Finding
from linter.rule import RuleInfo

__all__ = ["MAX_SIDES", "Claim", "ClaimRule", "ClaimTable", "place_of"]

MAX_THINGS = 50_000  # things remembered in one run; of more, only what is known already is compared
MAX_SIDES = 4  # places remembered of one thing


@dataclass(frozen=True, slots=True)
class Claim:
    """At `span` the document says `side` of the thing `key`; `code` is the rule that compares, `note` what is true or what is compared."""

    code: str
    key: str
    side: str
    span: Span
    note: str = ""


class ClaimRule(Protocol):
    """A rule over claims of several documents: two sides of one thing contradict each other."""

    @property
    def info(self) -> RuleInfo:
        """What `rules`, `explain` and the documentation tell of it."""

    def pair(self, document: Document, here: Claim, other: str, where: str) -> Finding:
        """The finding at `here` when the side `other` is taken at `where` (path:line)."""

    def worse(self, here: Claim) -> bool:
        """Whether, of two sides in one document, this is the one to report."""


class ClaimTable:
    """The claims met so far. A pair is told once a document and thing, where its second place is met."""

    def __init__(self, rules: Sequence[ClaimRule]) -> None:
        self._rules = {rule.info.code: rule for rule in rules}
        self._known: dict[tuple[str, str], dict[str, str]] = {}  # thing to side to the first place that took it

    def remember(self, claim: Claim, where: str) -> None:
        """Note what an earlier document claims, which was looked for only now."""
        self._known.setdefault((claim.code, claim.key), {}).setdefault(claim.side, where)

    def compare(self, document: Document, claims: Sequence[Claim]) -> Iterator[Finding]:
        """The contradictions of one document in itself and with those before it, then remember what it says."""
        things: dict[tuple[str, str], list[Claim]] = {}
        for claim in sorted(claims, key=lambda one: one.span):
            things.setdefault((claim.code, claim.key), []).append(claim)
        for thing, said in things.items():
            rule = self._rules[thing[0]]
            known = self._known.get(thing, {})
            pair = _inside(document, said, rule) or _with_known(said, known)
            if pair:
                yield rule.pair(document, *pair)
            if known or len(self._known) < MAX_THINGS:
                for claim in said[:MAX_SIDES]:
                    if len(known) < MAX_SIDES:
                        known.setdefault(claim.side, place_of(document, claim.span))
                self._known[thing] = known


def _inside(document: Document, said: Sequence[Claim], rule: ClaimRule) -> tuple[Claim, str, str] | None:
    """Two places of one document: the worse, the other's side, the other's place."""
    first = said[0]
    against = next((claim for claim in said if claim.side != first.side), None)
    if against is None:
        return None
    here, other = (first, against) if rule.worse(first) else (against, first)
    return here, other.side, place_of(document, other.span)


def _with_known(said: Sequence[Claim], known: dict[str, str]) -> tuple[Claim, str, str] | None:
    """A place of this document and one of an earlier document."""
    for claim in said:
        for side, where in known.items():
            if side != claim.side:
                return claim, side, where
    return None


def place_of(document: Document, span: Span) -> str:
    """`path:line` of what stands there."""
    return f"{document.path}:{document.position(span.start).line}"
