"""What the records of facts say themselves: their own sentences known again word by word, and what has many words of a true one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from corpus.meaning.contrast import analyse
from corpus.records import Fact
from linter.detect.lexical import words

__all__ = ["Written"]

_ALIKE = (
    0.25  # common stems, of all of both, from which nearness to a true wording is worth knowing (all of 14 plain truths in eight texts)
)


class Written:
    """The sentences of facts, by number of the fact; read where first asked for."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = facts
        self._stems: dict[int, list[frozenset[str]]] = {}
        self._sides: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def is_false(self, number: int, text: str) -> bool:
        """Whether `text` is, word by word, a false wording of the fact."""
        return _plain(text) in self._written(number)[0]

    def is_true(self, number: int, text: str) -> bool:
        """Whether `text` is, word by word, what the record calls true: its statement, a true wording, a near miss."""
        return _plain(text) in self._written(number)[1]

    def likeness(self, number: int, text: str) -> float:
        """How many of the stems of `text` and of the likest of the fact's statement and true wordings they share, of all of both; 0 to 1."""
        if number not in self._stems:
            fact = self._facts[number]
            self._stems[number] = [frozenset(analyse(one).stems) for one in (fact.statement, *fact.true_wordings)]
        mine = _stems(text)
        return max(len(mine & true) / max(len(mine | true), 1) for true in self._stems[number])

    def _written(self, number: int) -> tuple[frozenset[str], frozenset[str]]:
        if number not in self._sides:
            fact = self._facts[number]
            true = (fact.statement, *fact.true_wordings, *fact.near_misses)
            self._sides[number] = frozenset(map(_words_of, fact.false_wordings)), frozenset(map(_words_of, true))
        return self._sides[number]


def _words_of(text: str) -> str:
    """The words of a sentence without its marks."""
    return " ".join(word for word in words(text) if word[-1].isalnum())


@lru_cache(maxsize=256)  # a piece is held against several facts in a row
def _plain(text: str) -> str:
    return _words_of(text)


@lru_cache(maxsize=256)
def _stems(text: str) -> frozenset[str]:
    return frozenset(analyse(text).stems)
