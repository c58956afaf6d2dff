"""What a rule is: a record that feeds `rules`, `explain`, the reports and the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus import Fact
from corpus.text import Document, Segment, SegmentKind, Span
from linter.finding import Finding, Fix, Severity, SourceLink

__all__ = ["PROSE", "DocumentRule", "RuleInfo", "rule_of"]

PROSE = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM, SegmentKind.ROW})  # what rules in prose read: no code, no heading


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """One rule, as users see it."""

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    wrong: tuple[str, ...]
    right: tuple[str, ...]
    sources: tuple[SourceLink, ...]

    def finding(
        self, document: Document, span: Span, message: str, *, truth: str | None = None, confidence: float = 1.0, fix: Fix | None = None
    ) -> Finding:
        """A finding of this rule at the raw words of `span`."""
        text = document.slice(span)
        return Finding(self.code, self.name, self.severity, message, document.path, span, text, truth, self.sources, confidence, fix)


class DocumentRule(Protocol):
    """A rule that is code and no fact: one in a file under `linter/rules/`. It keeps no state and asks nobody but the document."""

    @property
    def info(self) -> RuleInfo:
        """What `rules`, `explain` and the documentation tell of it."""

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Yield findings; `found` are the document's segments in order (for our own YAML: the sentences of its records)."""


def rule_of(fact: Fact) -> RuleInfo:
    """The rule a fact is: code and name are the fact's own."""
    return RuleInfo(
        code=fact.code,
        name=fact.name,
        severity=fact.severity,
        summary=fact.statement,
        why=fact.explanation,
        wrong=fact.false_wordings,
        right=(*fact.true_wordings, *fact.near_misses),
        sources=tuple(SourceLink(s.label, s.url) for s in fact.sources),
    )
