"""`Library`: the facts behind the grades, to browse, and the linter on a pasted text."""

from __future__ import annotations

from corpus.records import Fact
from grader.interviews.records import Record, User
from grader.records import SourceRef

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
    """Facts and linting."""

    def facts(self, actor: User, *, q: str = "", area: str | None = None, limit: int = 50, offset: int = 0) -> FactPage:
        """Facts by code whose code, name or statement has all words of `q`; `area` is the letters of the code (FLK)."""
        raise NotImplementedError

    def fact(self, actor: User, key: str) -> Fact:
        """One fact by code or name; UnknownFactError (of corpus.errors) names near ones."""
        raise NotImplementedError

    def areas(self, actor: User) -> list[tuple[str, int]]:
        """(letters of the code, number of facts), by letters."""
        raise NotImplementedError

    def lint(self, actor: User, text: str, *, context: str = "") -> tuple[Flaw, ...]:
        """What the facts object to in a text of at most 20,000 characters, in its order."""
        raise NotImplementedError

    def flaws_of_question(self, actor: User, question_id: str) -> dict[str, tuple[Flaw, ...]]:
        """The lint state of a question: place (reference_answers[0], key_points[k2]) -> flaws; {} where it is clean."""
        raise NotImplementedError
