"""What two places say of one thing, compared while documents stream by: one short line is kept of each thing, no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.text import Document, Span
from linter.finding import Finding
from linter.rule import RuleInfo

__all__ = ["Claim", "ClaimRule", "ClaimTable"]

MAX_THINGS = 50_000  # things remembered in one run; of more, only what is known already is compared


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

    def message(self, here: Claim, other: str, where: str) -> str:
        """What to say at `here` when the side `other` was taken at `where`."""

    def worse(self, here: Claim) -> bool:
        """Whether, of two sides in one document, this is the one to report."""


class ClaimTable:
    """The claims met so far. A pair is told once a document and thing, where its second place is met."""

    def __init__(self, rules: Sequence[ClaimRule]) -> None:
        self._rules = {rule.info.code: rule for rule in rules}
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def compare(self, document: Document, claims: Sequence[Claim]) -> Iterator[Finding]:
        """The contradictions of one document in itself and with those before it, then remember what it says."""
        things: dict[tuple[str, str], list[Claim]] = {}
        for claim in sorted(claims, key=lambda one: one.span):
            things.setdefault((claim.code, claim.key), []).append(claim)
        for thing, said in things.items():
            rule = self._rules[thing[0]]
            pair = self._pair(document, thing, said, rule)
            if pair:
                here, other, where = pair
                truth = here.note if rule.info.code == here.code and here.note.endswith(".") else None
                yield rule.info.finding(document, here.span, rule.message(here, other, where), truth=truth)
            if thing not in self._known and len(self._known) < MAX_THINGS:
                self._known[thing] = (said[0].side, _where(document, said[0]))

    def _pair(self, document: Document, thing: tuple[str, str], said: Sequence[Claim], rule: ClaimRule) -> tuple[Claim, str, str] | None:
        first = said[0]
        against = next((claim for claim in said if claim.side != first.side), None)
        if against:
            here, other = (first, against) if rule.worse(first) else (against, first)
            return here, other.side, _where(document, other)
        side, where = self._known.get(thing, (first.side, ""))
        return (first, side, where) if side != first.side else None


def _where(document: Document, claim: Claim) -> str:
    return f"{document.path}:{document.position(claim.span.start).line}"
