"""What a rule is: a record that feeds `rules`, `explain`, the reports and the documentation."""

from __future__ import annotations

from dataclasses import dataclass

from corpus import Fact
from linter.finding import Severity, SourceLink

__all__ = ["RuleInfo", "rule_of"]


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
        sources=tuple(SourceLink(f"{s.title}, {s.section}" if s.section not in ("", s.title) else s.title, s.url) for s in fact.sources),
    )
