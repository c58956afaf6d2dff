"""`Library`: the facts behind the grades, to browse, and the linter on a pasted text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from corpus.records import Fact, Question
from grader.interviews.desk import prose
from grader.interviews.records import Record, User
from grader.records import MAX_ANSWER, SourceRef

if TYPE_CHECKING:
    from grader.interviews.grading import Examiner
    from linter.finding import Finding

__all__ = ["FactPage", "Flaw", "Library"]


class FactPage(Record):
    """Facts by code, and how many there are in all."""

    total: int
    items: tuple[Fact, ...]


class Flaw(Record):
    """Words of a text that a rule objects to; start and end are code points of the text, end exclusive."""

    code: str
    name: str
    severity: str
    message: str
    start: int
    end: int
    text: str
    truth: str
    sources: tuple[SourceRef, ...]
    confidence: float


class Library:
    """Facts and linting. BusyError while the model is being loaded."""

    def __init__(self, grader: Callable[[], Examiner]) -> None:
        self._grader = grader

    def facts(self, actor: User, *, q: str = "", area: str | None = None, limit: int = 50, offset: int = 0) -> FactPage:
        """Facts by code whose code, name or statement has all words of `q`; `area` is the letters of the code (FLK)."""
        words = q.casefold().split()
        found = [
            fact
            for fact in self._grader().corpus.facts
            if (area is None or fact.code.rstrip("0123456789") == area)
            and all(word in f"{fact.code} {fact.name} {fact.statement}".casefold() for word in words)
        ]
        return FactPage(total=len(found), items=tuple(found[offset : offset + limit]))

    def fact(self, actor: User, key: str) -> Fact:
        """One fact by code or name; UnknownFactError (of corpus.errors) names near ones."""
        return self._grader().corpus.fact(key)

    def areas(self, actor: User) -> list[tuple[str, int]]:
        """(letters of the code, number of facts), by letters."""
        return sorted(Counter(fact.code.rstrip("0123456789") for fact in self._grader().corpus.facts).items())

    def lint(self, actor: User, text: str, *, context: str = "") -> tuple[Flaw, ...]:
        """What the facts object to in a text of at most 20,000 characters, in its order."""
        prose("text", text, MAX_ANSWER, empty=True)
        return tuple(_flaw(finding) for finding in self._grader().checker.check_text(text, context))

    def flaws_of_question(self, actor: User, question: Question) -> dict[str, tuple[Flaw, ...]]:
        """The lint state of a question: place (reference_answers[0], key_points[k2]) -> flaws; {} where it is clean."""
        places = {f"reference_answers[{i}]": text for i, text in enumerate(question.reference_answers)}
        places |= {f"key_points[{point.id}]": point.text for point in question.key_points}
        found = {place: self.lint(actor, text, context=question.question) for place, text in places.items()}
        return {place: flaws for place, flaws in found.items() if flaws}


def _flaw(finding: Finding) -> Flaw:
    return Flaw(
        code=finding.code,
        name=finding.name,
        severity=finding.severity,
        message=finding.message,
        start=finding.span.start,
        end=finding.span.end,
        text=finding.text,
        truth=finding.truth or "",
        sources=tuple(SourceRef(title=s.title, url=s.url) for s in finding.sources),
        confidence=round(finding.confidence, 4),
    )
